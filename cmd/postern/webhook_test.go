package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// receiver is the build of a site. It takes what is signed, and lets the first message about a post wait.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	secret  string
	refused int
	ids     []string
	told    []string // permalinks
	hold    chan struct{}
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{hold: make(chan struct{})}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (b *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(b.secret, "whsec_"))
	b.mu.Unlock()
	mac := hmac.New(sha256.New, key)
	id, at := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	sent, err := strconv.ParseInt(at, 10, 64)
	if err != nil || time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute ||
		!hmac.Equal([]byte(r.Header.Get("webhook-signature")),
			[]byte("v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
		b.mu.Lock()
		b.refused++
		b.mu.Unlock()
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var m struct{ Event, Permalink string }
	_ = json.Unmarshal(body, &m)
	if m.Event != "published" {
		return
	}
	b.mu.Lock()
	first := len(b.ids) == 0
	b.ids, b.told = append(b.ids, id), append(b.told, m.Permalink)
	b.mu.Unlock()
	if first {
		select {
		case <-b.hold:
		case <-r.Context().Done():
		}
	}
}

func (b *receiver) messages() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.ids)
}

// The whole way: an address, a secret, a test; a post whose message is out when the program is killed; and the
// same message once more.
func TestWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	build := newReceiver(t)
	defer close(build.hold)
	w.connect()
	w.fails(w.post(build.URL, "webhook", "set", "9", "--address-file", "-"), "account 9")
	w.fails(w.run("webhook", "test", "1"), "account 1 has no webhook", "postern webhook set")
	w.fails(w.post("http://build.example.org/hook", "webhook", "set", "1", "--address-file", "-"),
		"begins with https://")
	require.Equal(t, exitUsage, w.run("webhook", "set", "1").status)
	require.Equal(t, exitUsage, w.run("webhook", "set", "1", "--off", "--address-file", "-").status)
	const address = "/hooks/key-of-the-build?token=another"
	require.Contains(t, w.must(w.post(build.URL+address+"\n", "webhook", "set", "1", "--address-file", "-")).stdout,
		"Postern sends a webhook to 127.0.0.1 when a post is live")
	w.fails(w.run("webhook", "test", "1"), "127.0.0.1 answered 401 (Unauthorized)")
	require.Contains(t, w.must(w.run("webhook", "list")).stdout, "401")
	build.mu.Lock()
	build.secret = strings.TrimSpace(w.must(w.run("webhook", "secret", "1")).stdout)
	build.mu.Unlock()
	require.Equal(t, "127.0.0.1 answered 200\n", w.must(w.run("webhook", "test", "1")).stdout)

	cmd := w.command("serve")
	require.NoError(t, cmd.Start())
	w.blog.add("fog", "Fog", "fog.jpg")
	require.Eventually(t, func() bool { return build.messages() >= 1 }, 3*time.Minute, 100*time.Millisecond)
	require.NoError(t, cmd.Process.Kill()) // perhaps before the answer was recorded: then it is told again
	_ = cmd.Wait()

	stop := w.serve()
	list := w.publications(w.must(w.run("publications", "--json")))
	pub := list[len(list)-1]
	w.must(w.run("webhook", "resend", strconv.FormatInt(pub.ID, 10)))
	require.Eventually(t, func() bool { return build.messages() >= 2 }, 3*time.Minute, 100*time.Millisecond)
	require.Equal(t, store.Published, pub.State)
	require.Eventually(t, func() bool {
		return strings.Contains(w.must(w.run("webhook", "list", "--json")).stdout, `"problem": ""`)
	}, 3*time.Minute, 300*time.Millisecond)
	require.Equal(t, exitWell, stop())
	require.Len(t, slices.Compact(build.ids), 1, "a receiver that asks for the id takes it once")
	require.Equal(t, []string{pub.Permalink}, slices.Compact(build.told))
	require.Equal(t, 1, build.refused)
	require.Len(t, w.sim.Posts(""), 1)

	old := w.must(w.run("webhook", "secret", "1")).stdout
	require.NotEqual(t, old, w.must(w.run("webhook", "secret", "1", "--new")).stdout)
	w.must(w.run("webhook", "set", "1", "--feed", "1", "--off"))
	w.fails(w.run("webhook", "resend", strconv.FormatInt(pub.ID, 10)), "has no webhook")
	w.must(w.run("webhook", "remove", "1", "--feed", "1"))
	w.must(w.run("webhook", "remove", "1"))
	require.Contains(t, w.must(w.run("webhook", "list")).stdout, "there are no webhooks")
}

// What the receiver stopped is among the notices until a test arrives.
func TestNoticeOfAStoppedWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	var gone atomic.Bool
	build := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if gone.Load() {
			rw.WriteHeader(http.StatusGone)
		}
	}))
	t.Cleanup(build.Close)
	w.must(w.post(build.URL, "webhook", "set", "1", "--address-file", "-"))
	noticed := func() string {
		w.must(w.run("sync", "--wait", "5s"))
		return w.must(w.run("notices")).stdout
	}
	gone.Store(true)
	w.fails(w.run("webhook", "test", "1"), "answered 410 (Gone)", "until a test arrives")
	require.Contains(t, noticed(), "error  Postern no longer notifies 127.0.0.1 about posts of Harbour")
	gone.Store(false)
	w.must(w.run("webhook", "test", "1"))
	require.Contains(t, noticed(), "no problems")
}
