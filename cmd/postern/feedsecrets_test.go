package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/shape"
	"postern/store"
)

// privateBlog shows its feed and pictures to one reader, by a name and password or by a key, and repeats what it
// was asked with where a feed can: in its own address, in links, in pictures.
type privateBlog struct {
	url           string
	password, key string
	mu            sync.Mutex
	entries       int
	broken        int
}

func newPrivateBlog(t *testing.T, password, key string) *privateBlog {
	b := &privateBlog{password: password, key: key, entries: 1}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		_, password, _ := r.BasicAuth()
		if password != b.password && r.URL.Query().Get("key") != b.key {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if b.broken != 0 {
			w.WriteHeader(b.broken)
			return
		}
		if strings.HasSuffix(r.URL.Path, ".jpg") {
			_, _ = w.Write(landscapeJPEG(uint64(len(r.URL.Path))))
			return
		}
		inside, query := b.url, "?key="+url.QueryEscape(b.key)
		if password == b.password {
			inside, query = strings.Replace(b.url, "://", "://reader:"+url.PathEscape(b.password)+"@", 1), ""
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		w.Header().Add("Link", "<"+b.url+"/hub>; rel=hub")
		fmt.Fprintf(w,
			`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Private%s</title>`+
				`<atom:link rel="self" href="%s/feed%s"/>`, r.URL.Path, b.url, query)
		for i := range b.entries {
			fmt.Fprintf(w,
				`<item><link>%[1]s%[2]s/%[3]d%[4]s</link><title>Entry %[3]d of %[2]s</title>`+
					`<description>Words %[3]d &lt;img src="/%[5]s%[3]d.jpg%[4]s"&gt;</description></item>`,
				inside, r.URL.Path, i, query, strings.Repeat("x", i+len(r.URL.Path)))
		}
		fmt.Fprint(w, `</channel></rss>`)
	}))
	t.Cleanup(s.Close)
	b.url = s.URL
	return b
}

func (b *privateBlog) change(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// Private feeds are added, read, published, broken, moved to a new key, removed and added again, by every way there is,
// and then everything that was written is searched for what lets their reader in.
func TestFeedSecretsAreWrittenNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `log.level = "debug"`, `feeds.og_image = true`)
	at := doors.Port(t)
	w.configure("web.listen", at)
	w.configure("web.base_url", "http://"+at)
	h := &haul{wrote: map[string][]byte{}}
	secrets := map[string]string{"password of the feed": "hush-feed-password-61 & more",
		"key of the feed": "key-of-the-feed-62/+x"}
	secrets["log-in at the feed"] = "reader:" + secrets["password of the feed"]
	blog := newPrivateBlog(t, secrets["password of the feed"], secrets["key of the feed"])
	byPassword := strings.Replace(blog.url, "://", "://reader:"+url.PathEscape(blog.password)+"@", 1) + "/by-password"
	byKey := blog.url + "/by-key?lang=de&key=" + url.QueryEscape(blog.key)
	say := func(stdin string, args ...string) result {
		t.Helper()
		cmd := w.command(args...)
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
		_ = cmd.Run()
		h.add("output of "+strings.Join(args[:min(2, len(args))], " "), append(out.Bytes(), errs.Bytes()...))
		return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	}
	well := func(r result) result {
		t.Helper()
		require.Equal(t, exitWell, r.status, r.stderr)
		return r
	}
	added := func(r result) shape.Feed {
		t.Helper()
		var f struct {
			shape.Feed
			Others      json.RawMessage `json:"others"`
			WillPublish json.RawMessage `json:"will_publish"`
		}
		require.NoError(t, json.Unmarshal([]byte(well(r).stdout), &f))
		return f.Feed
	}
	well(say("", "preview", byPassword))
	well(say("", "preview", byKey, "--json", "--out", filepath.Join(w.dir, "out")))
	require.Equal(t, exitFailed, say("", "preview", strings.Replace(byPassword, "reader:", "reader:wrong", 1)).status)
	well(say(worldToken+"\n", "account", "add", "--label", "Harbour", "--access-token-file", "-"))
	well(say("a long web password\n", "password"))
	first := added(say("", "feed", "add", byPassword, "--json"))
	second := added(say("", "feed", "add", byKey, "--start", "all", "--json"))
	require.Equal(t, strings.Replace(blog.url, "://", "://…@", 1)+"/by-password", first.URL)
	require.Equal(t, blog.url+"/by-key?lang=de&key=…", second.URL)
	require.Equal(t, exitFailed, say("", "feed", "add", byKey).status)
	require.Equal(t, exitFailed,
		say("", "feed", "add", strings.Replace(byKey, "http://", "http://me:"+url.PathEscape(blog.password)+"@no.",
			1)).status)
	token := strings.TrimSpace(well(say("", "token", "add", "--label", "build", "--write")).stdout)

	var log bytes.Buffer
	serve := func() (base string, stop func()) {
		cmd := w.command("serve")
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		cmd.Stderr = &log
		require.NoError(t, cmd.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		h.add("standard output of serve", []byte(line))
		return strings.TrimSuffix(regexp.MustCompile(`http://\S+`).FindString(line), "/"), func() {
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			_ = cmd.Wait()
		}
	}
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	var base string
	page := func(path string, form url.Values) *goquery.Document {
		t.Helper()
		return h.page(t, browser, base, path, form)
	}
	ask := func(method, path, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		answered, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		h.add("answer of "+path, append(answered, fmt.Sprint(res.Header)...))
	}
	look := func() {
		t.Helper()
		for _, path := range []string{"/", "/feeds", "/feeds/new", "/posts", "/activity", "/notices", "/accounts",
			"/publications/1", "/publications/2", "/publications/3"} {
			page(path, nil)
		}
		for _, path := range []string{"/api/v1/feeds", "/api/v1/feeds/1", "/api/v1/feeds/2", "/api/v1/publications",
			"/api/v1/publications/1", "/api/v1/notices", "/api/crossposts", "/api/crossposts?status=all", "/metrics"} {
			ask(http.MethodGet, path, "")
		}
		for _, args := range [][]string{
			{"feed", "list"}, {"feed", "list", "--json"}, {"feed", "check", "1"}, {"feed", "check", "2", "--json"},
			{"publications", "--json"}, {"doctor", "--json"}, {"notices", "--json"},
			{"feed", "pause", "1"}, {"feed", "resume", "1", "--json"},
		} {
			say("", args...)
		}
	}
	base, stop := serve()
	page("/login", url.Values{"password": {"a long web password"}})
	// The pages: a preview of an address with a password in it holds a form that adds it.
	doc := page("/feeds/preview", url.Values{"address": {strings.Replace(byPassword, "/by-password", "/third", 1)}})
	drawn := 0
	doc.Find(`img[src^="/pictures/"]`).Each(func(_ int, img *goquery.Selection) {
		r, err := browser.Get(base + img.AttrOr("src", ""))
		require.NoError(t, err)
		r.Body.Close()
		require.Equal(t, http.StatusOK, r.StatusCode, "the picture of a private blog is shown before its feed is added")
		drawn++
	})
	require.Positive(t, drawn)
	kept, _ := doc.Find(`form input[name="address"]`).Last().Attr("value")
	require.Contains(t, kept, "…@")
	page("/feeds", url.Values{"address": {kept}, "start": {"now"}})
	require.Contains(t, well(say("", "feed", "list")).stdout, "/third")
	// is there already
	page("/feeds", url.Values{"address": {byKey}, "start": {"now"}})
	// is refused
	page("/feeds/preview", url.Values{"address": {strings.Replace(byPassword, "reader:", "reader:wrong", 1)}})
	// is nowhere
	page("/feeds", url.Values{"address": {strings.Replace(byKey, "http://127.0.0.1", "http://no.invalid", 1)}})
	// is filled in wrongly
	page("/feeds", url.Values{"address": {byPassword}, "start": {"last"}, "last": {"x"}})
	// is there already
	ask(http.MethodPost, "/api/v1/feeds", fmt.Sprintf(`{"url": %q}`, byKey))
	// another one
	ask(http.MethodPost, "/api/v1/feeds", fmt.Sprintf(`{"url": %q, "start": "all"}`, byPassword+"?fourth=1"))
	// refused
	ask(http.MethodPost, "/api/v1/feeds", fmt.Sprintf(`{"url": %q}`, "http://me:"+blog.password+"@127.0.0.1:1/x"))
	published := func(n int) {
		t.Helper()
		require.Eventually(t, func() bool {
			list := w.publications(say("", "publications", "--json"))
			live := 0
			for _, p := range list {
				if p.State == store.Published {
					live++
				}
			}
			return live >= n
		}, 4*time.Minute, 500*time.Millisecond)
	}
	published(1)
	blog.change(func() { blog.entries = 2 })
	published(3)
	look()
	blog.change(func() { blog.broken = http.StatusBadGateway })
	say("", "sync", "--wait", "2s", "--json")
	look()
	blog.change(func() { blog.broken = 0 })
	well(say("", "backup", filepath.Join(w.dir, "data", "copy-1.db")))
	stop()

	// In the middle the key of the installation changes.
	well(say("", "key", "rotate"))
	well(say("", "feed", "remove", fmt.Sprint(second.ID), "--json"))
	require.Equal(t, second.ID, added(say("", "feed", "add", byKey, "--json")).ID, "the row lives again")
	well(say("", "feed", "remove", fmt.Sprint(first.ID)))
	well(say("", "key", "rotate", "--json"))
	require.Equal(t, first.ID, added(say("", "feed", "add", byPassword, "--json")).ID,
		"also when the key changed meanwhile")
	base, stop = serve()
	page("/login", url.Values{"password": {"a long web password"}})
	blog.change(func() { blog.entries = 3 })
	published(5)
	look()
	stop()
	h.add("log of serve", log.Bytes())
	say("", "sync", "--wait", "1s", "--json")
	well(say("", "backup", filepath.Join(w.dir, "copy-2.db")))
	h.folder(t, w.dir)
	require.NotEmpty(t, h.wrote[filepath.Join(w.dir, "data", "postern.db")])
	require.NotEmpty(t, h.wrote[filepath.Join(w.dir, "data", "copy-1.db")])

	require.Empty(t, h.find(secrets))
	for place, leak := range map[string]string{
		"in clear": byPassword, "decoded": "key=" + blog.key, "escaped": byKey,
		"in base64":   base64.StdEncoding.EncodeToString([]byte(blog.password)),
		"as a log-in": "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("reader:"+blog.password)),
	} {
		planted := &haul{wrote: map[string][]byte{place: []byte("before " + leak + " after")}}
		require.NotEmpty(t, planted.find(secrets), place)
	}
}
