package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"postern/doors"
	"postern/egress"
	"postern/redact"
	"postern/store"
	"postern/vault"
	"postern/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type house struct {
	*webhook.Keeper
	t       *testing.T
	store   *store.Store
	key     vault.Key
	hide    *redact.Redactor
	account store.Account
}

func setup(t *testing.T, allow ...string) *house {
	t.Helper()
	h := &house{t: t, hide: redact.New()}
	dir := t.TempDir()
	var err error
	h.store = doors.Store(t, dir)
	h.key = doors.Key(t, dir)
	h.key = h.key.Hiding(h.hide)
	var prefixes []netip.Prefix
	for _, a := range allow {
		prefixes = append(prefixes, netip.MustParsePrefix(a))
	}
	client := egress.NewClient(egress.Options{Allow: prefixes})
	t.Cleanup(client.CloseIdleConnections)
	h.Keeper = webhook.New(webhook.Options{Store: h.store, Key: h.key, Client: client, Allow: prefixes, Redact: h.hide})
	h.account, err = h.store.AddAccount(t.Context(),
		store.Account{API: store.Instagram, UserID: "1784", Username: "harbour", Label: "Harbour"},
		func(int64) (store.Secrets, error) { return store.Secrets{Token: []byte("x")}, nil })
	require.NoError(t, err)
	return h
}

func (h *house) listen(address string) store.Webhook {
	h.t.Helper()
	w, err := h.Set(h.t.Context(), h.account.ID, 0, redact.Secret(address), store.CLI)
	require.NoError(h.t, err)
	return w
}

func (h *house) secret(w store.Webhook) string {
	h.t.Helper()
	s, err := h.Secret(w)
	require.NoError(h.t, err)
	return s.Reveal()
}

// The specification's own example, and the arithmetic done once more by hand.
func TestSign(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	at, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	got, err := webhook.Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
	require.NoError(t, err)
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", got)
	for _, bad := range []redact.Secret{"", "whsec_", "whsec_!!"} {
		_, err := webhook.Sign(bad, "msg_1", at, body)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "!!")
	}
}

// A real receiver checks what arrives as any library would.
func TestSend(t *testing.T) {
	t.Parallel()
	h := setup(t, "127.0.0.0/8")
	var secret atomic.Value
	status := http.StatusNoContent
	got := make(chan webhook.Message, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Load().(string), "whsec_"))
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), body)
		if r.Method != http.MethodPost || r.URL.RequestURI() != "/base/hooks/key-4711?token=0815-secret" ||
			r.Header.Get("Content-Type") != "application/json" ||
			r.Header.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var m webhook.Message
		_ = json.Unmarshal(body, &m)
		got <- m
		w.WriteHeader(status)
		_, _ = w.Write([]byte(strings.Repeat("x", 1<<20)))
	}))
	t.Cleanup(receiver.Close)
	w := h.listen(receiver.URL + "/base/hooks/key-4711?token=0815-secret")
	require.Equal(t, "127.0.0.1", w.Host)
	require.Regexp(t, `^whsec_[A-Za-z0-9+/]{43}=$`, h.secret(w))
	secret.Store(h.secret(w))

	message := webhook.NewMessage(
		store.Publication{ID: 7, Permalink: "https://www.instagram.com/p/ABC/", PublishedAt: time.Unix(1767366245, 0)},
		store.Post{GUID: "g", URL: "https://blog.example.org/fog", Title: "Fog & <mist>"}, h.account)
	b, err := json.Marshal(message)
	require.NoError(t, err)
	require.JSONEq(t,
		`{"event": "published", "id": 7, "post": {"guid": "g", "url": "https://blog.example.org/fog", "title": "Fog & <mist>"},
		"account": {"id": 1, "label": "Harbour", "username": "harbour"}, "platform": "instagram",
		"permalink": "https://www.instagram.com/p/ABC/", "media_id": "", "published_at": "2026-01-02T15:04:05Z"}`,
		string(b))
	answered, err := h.Send(t.Context(), w, "msg_1", message)
	require.NoError(t, err)
	require.Equal(t, 204, answered)
	require.Equal(t, message, <-got)

	test := webhook.NewTest(h.account)
	b, err = json.Marshal(test)
	require.NoError(t, err)
	require.JSONEq(t,
		`{"event": "test", "account": {"id": 1, "label": "Harbour", "username": "harbour"}, "platform": "instagram"}`,
		string(b))

	// Another address keeps the secret; a new secret counts at once.
	w = h.listen(receiver.URL + "/base/hooks/key-4711?token=0815-secret")
	require.Equal(t, secret.Load(), h.secret(w))
	_, err = h.Renew(t.Context(), w, store.CLI)
	require.NoError(t, err)
	w, err = h.store.Webhook(t.Context(), h.account.ID, 0)
	require.NoError(t, err)
	require.NotEqual(t, secret.Load(), h.secret(w))
	answered, err = h.Send(t.Context(), w, "msg_2", test)
	require.Error(t, err, "it knows the old secret")
	require.Equal(t, 401, answered)
	secret.Store(h.secret(w))

	status = http.StatusGone
	_, err = h.Send(t.Context(), w, "msg_2", test)
	var f *webhook.Failure
	require.ErrorAs(t, err, &f)
	require.True(t, f.Gone)
	<-got
	w, err = h.store.Webhook(t.Context(), h.account.ID, 0)
	require.NoError(t, err)
	require.False(t, w.StoppedAt.IsZero())
	require.False(t, w.SentAt.IsZero())
	w = h.listen(receiver.URL)
	require.True(t, w.StoppedAt.IsZero(), "setting it is wanting it again")
	require.Empty(t, w.Problem)

	// In the database is nothing of it, and what passed is known to whatever writes logs.
	var file []byte
	for _, ending := range []string{"", "-wal"} {
		b, err := os.ReadFile(h.store.Path() + ending)
		require.NoError(t, err)
		file = append(file, b...)
	}
	for _, s := range []string{"key-4711", "0815-secret", secret.Load().(string), h.secret(w)} {
		require.NotContains(t, string(file), s)
		require.NotContains(t, h.hide.Text("on "+s+"!"), s)
	}
	require.Equal(t, "sealed with [secret]", new(redact.Redactor).Text("sealed with "+h.secret(w)),
		"by its shape alone")
}

// What does not arrive is told in one line without the address, and makes no call that the owner did not name.
func TestSendFails(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(target.Close)
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "redirect"):
			http.Redirect(w, r, target.URL+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		case strings.Contains(r.URL.Path, "found"):
			http.Redirect(w, r, target.URL+r.URL.RequestURI(), http.StatusFound)
		case strings.Contains(r.URL.Path, "cut"):
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, r.URL)
		}
	}))
	t.Cleanup(echo.Close)
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()

	const secret = "/hooks/key-4711-redirect?token=0815-secret"
	h := setup(t, "127.0.0.0/8")
	for name, tc := range map[string]struct{ address, want string }{
		"an error": {echo.URL + strings.Replace(secret, "redirect", "x", 1),
			`^127\.0\.0\.1 answered 502 \(Bad Gateway\)$`},
		"a redirect": {echo.URL + secret,
			`^127\.0\.0\.1 answered 307 \(Temporary Redirect\), a redirect, which Postern does not follow. Set the ` +
				`address that it leads to$`},
		"another redirect": {echo.URL + strings.Replace(secret, "redirect", "found", 1),
			`^127\.0\.0\.1 answered 302 \(Found\), a redirect`},
		"cut": {echo.URL + strings.Replace(secret, "redirect", "cut", 1),
			`^127\.0\.0\.1: the connection ended before the answer was complete; check that the server is running$`},
		"nobody there": {closed.URL + secret,
			`^127\.0\.0\.1: the server refused the connection at 127\.0\.0\.1:\d+; check the address, and that the server is running$`},
		"a stranger's signature": {tls.URL + secret,
			`^127\.0\.0\.1: the server's certificate is signed by an authority this machine does not know; give the server`},
		"a private address": {"https://10.0.0.1" + secret, `^10\.0\.0\.1: .*(private|network\.allow)`},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.listen(tc.address)
			_, err := h.Send(t.Context(), w, "msg_1", webhook.NewTest(h.account))
			var f *webhook.Failure
			require.ErrorAs(t, err, &f)
			require.Regexp(t, tc.want, err.Error())
			w, err = h.store.Webhook(t.Context(), h.account.ID, 0)
			require.NoError(t, err)
			require.Equal(t, f.Text, w.Problem)
			require.NotContains(t, f.Text, "4711")
			require.NotContains(t, f.Text, "0815")
		})
	}
	require.Zero(t, elsewhere.Load(), "redirects are not followed")

	// The range was allowed when the address was set, and is not any more.
	w := h.listen(target.URL)
	strict := webhook.New(webhook.Options{Store: h.store, Key: h.key, Client: egress.NewClient(egress.Options{}),
		Redact: h.hide})
	_, err := strict.Send(t.Context(), w, "msg_1", webhook.NewTest(h.account))
	require.ErrorContains(t, err, "https://")
	require.Zero(t, elsewhere.Load())
}

// A name that leads into the owner's own network is stopped when it is dialled.
func TestPrivateAddress(t *testing.T) {
	t.Parallel()
	asked := false
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(receiver.Close)
	h := setup(t)
	w := h.listen(strings.Replace(receiver.URL, "127.0.0.1", "localhost", 1))
	_, err := h.Send(t.Context(), w, "msg_1", webhook.NewTest(h.account))
	require.ErrorContains(t, err, "network.allow")
	require.False(t, asked)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	h := setup(t, "127.0.0.0/8")
	for _, bad := range []string{"", "build.example.org/secret-hook", "http://build.example.org/secret-hook",
		"http://10.0.0.1/secret-hook", "ftp://x/secret-hook", "https:///secret-hook", "https://x/secret-hook y",
		"https://[::1/secret-hook"} {
		_, err := h.Set(t.Context(), h.account.ID, 0, redact.Secret(bad), store.CLI)
		require.ErrorIs(t, err, webhook.ErrAddress, bad)
		require.NotContains(t, err.Error(), "secret-hook")
	}
	for good, host := range map[string]string{"https://build.example.org/x#y": "build.example.org",
		"http://127.0.0.1:8080/": "127.0.0.1", " http://localhost/\n": "localhost",
		"https://me:pass@[2001:db8::1]:8443/x": "2001:db8::1"} {
		require.Equal(t, host, h.listen(good).Host)
	}
	_, err := h.Set(t.Context(), 99, 0, "https://build.example.org", store.CLI)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = h.Set(t.Context(), h.account.ID, 99, "https://build.example.org", store.CLI)
	require.ErrorIs(t, err, store.ErrNotFound)

	w, err := h.Off(t.Context(), h.account.ID, 0, store.CLI)
	require.NoError(t, err)
	require.Empty(t, w.Address, "secrets go")
	require.Empty(t, w.Secret)
	_, err = h.Secret(w)
	require.ErrorContains(t, err, "there is no webhook. Set its address first")
	_, err = h.Send(t.Context(), w, "msg_1", webhook.Message{})
	require.ErrorContains(t, err, "there is no webhook. Set its address first")
}

// The id tells messages apart, and stays the same for one.
func TestMessageID(t *testing.T) {
	t.Parallel()
	pub, post, a := store.Publication{ID: 1, Part: 1, Permalink: "https://www.instagram.com/p/A/"},
		store.Post{GUID: "g"}, store.Account{API: store.Instagram, UserID: "1784"}
	id := webhook.MessageID(pub, post, a)
	require.Regexp(t, `^msg_[0-9a-f]{32}$`, id)
	pub.ID, pub.MediaID = 9, "178"
	require.Equal(t, id, webhook.MessageID(pub, post, a), "from a restored database, and with more known")
	other := pub
	other.Part = 2
	require.NotEqual(t, id, webhook.MessageID(other, post, a))
	require.NotEqual(t, id, webhook.MessageID(pub, store.Post{GUID: "h"}, a))
	require.NotEqual(t, id, webhook.MessageID(pub, post, store.Account{API: store.Instagram, UserID: "1785"}))
}
