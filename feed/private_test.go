package feed

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/egress"
	"postern/reason"
	"postern/store"
)

// privateSite only answers requests with the password of "reader" and the feed's key, and repeats both in its feed
// wherever it can.
type privateSite struct {
	*httptest.Server
	mu    sync.Mutex
	moved string // target of a permanent redirect from /feed
}

func newPrivateSite(t *testing.T) *privateSite {
	p := &privateSite{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if name != "reader" || password != "hush-hush-1" || r.URL.Query().Get("key") != "key-of-the-feed-2" &&
			r.URL.Path != "/4" && r.URL.Path != "/" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		p.mu.Lock()
		moved := p.moved
		p.mu.Unlock()
		if moved != "" && r.URL.Path == "/feed" {
			http.Redirect(w, r, moved, http.StatusMovedPermanently)
			return
		}
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<html><link rel="alternate" type="application/rss+xml" `+
				`href="/feed?key=key-of-the-feed-2"></html>`)
		case "/4":
			fmt.Fprint(w, `<html><head><meta property="og:image" content="/og.jpg?key=key-of-the-feed-2"></head>`+
				`<body></body></html>`)
		case "/a.jpg":
			fmt.Fprint(w, "picture")
		default:
			w.Header().Set("Content-Type", "application/rss+xml")
			w.Header().Add("Link", `<`+p.URL+`/hub>; rel="hub"`)
			inside := strings.Replace(p.URL, "://", "://reader:hush-hush-1@", 1)
			fmt.Fprintf(w, `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Private</title><atom:link rel="self" href="%[1]s/feed?key=key-of-the-feed-2"/>
				<item><link>%[2]s/1?key=key-of-the-feed-2</link><description>one &lt;img src="/a.jpg?key=key-of-the-feed-2"&gt;</description></item>
				<item><guid>2</guid><link>/2</link><description>two &lt;img src="b.jpg"&gt;</description></item>
				<item><guid>3</guid><link>/3</link><description>three &lt;img src="%[2]s/c.jpg"&gt;</description></item>
				<item><guid>4</guid><link>/4</link><description>four</description></item></channel></rss>`, p.URL,
				inside)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// inside returns a URL on the site with the reader's credentials.
func (p *privateSite) inside(path string) string {
	return strings.Replace(p.URL, "://", "://reader:hush-hush-1@", 1) + path
}

func privately(t *testing.T) *fixture {
	w := setup(t)
	key := doors.Key(t, t.TempDir())
	w.store.SealWith(key.Sealer())
	w.o.PagePictures = true
	w.Subscribe("https://postern.example.org")
	return w
}

// The credentials in a feed's address are sent to its site only, and stored nowhere else.
func TestPrivateFeed(t *testing.T) {
	t.Parallel()
	p, w := newPrivateSite(t), privately(t)
	f, saved, err := w.Add(t.Context(), p.inside("/feed?key=key-of-the-feed-2"), "", "all")
	require.NoError(t, err)
	require.Equal(t, 4, saved.New)
	require.Zero(t, f.Hub, "a hub is run by a third party")
	require.Equal(t, strings.Replace(p.URL, "://", "://…@", 1)+"/feed?key=…", f.URL)

	clean := func() {
		t.Helper()
		list, err := w.store.Publications(t.Context(), store.Filter{})
		require.NoError(t, err)
		require.Len(t, list, 4)
		for _, l := range list {
			stored := fmt.Sprintf("%+v %+v", l.Post, l.Feed)
			require.NotContains(t, stored, "hush-hush-1")
			require.NotContains(t, stored, "key-of-the-feed-2")
		}
	}
	clean()
	first, err := w.store.PostByGUID(t.Context(), f.ID, p.URL+"/1?key=…")
	require.NoError(t, err)
	require.Equal(t, p.URL+"/a.jpg?key=…", first.Media[0].URL)
	last, err := w.store.PostByGUID(t.Context(), f.ID, "4")
	require.NoError(t, err)
	require.Equal(t, p.URL+"/og.jpg?key=…", last.Media[0].URL)

	// The feed's media are fetched with the credentials, and errors do not contain them.
	address, err := w.store.FeedAddress(t.Context(), f.ID)
	require.NoError(t, err)
	got, err := Fetch(egress.WithAddress(t.Context(), address), client(t), first.Media[0].URL, "", "", 1<<20)
	require.NoError(t, err)
	require.Equal(t, "picture", string(got.Body))
	_, err = Fetch(t.Context(), client(t), first.Media[0].URL, "", "", 1<<20)
	require.Error(t, err)

	w.again(t)
	clean()
	require.Zero(t, w.feed(t, f.ID).Failures)
	for _, finding := range w.Check(t.Context(), w.feed(t, f.ID)) {
		require.True(t, finding.OK, finding)
		require.NotContains(t, fmt.Sprint(finding), "hush")
	}

	// The feed moves within its site and keeps its credentials.
	p.mu.Lock()
	p.moved = "/rss?key=key-of-the-feed-2"
	p.mu.Unlock()
	w.again(t)
	address, err = w.store.FeedAddress(t.Context(), f.ID)
	require.NoError(t, err)
	require.Equal(t, p.inside("/rss?key=key-of-the-feed-2"), address)
	w.again(t)
	require.Empty(t, w.feed(t, f.ID).Problem)
	clean()

	p.Close()
	w.again(t)
	require.Contains(t, w.feed(t, f.ID).Problem.String(), "refused the connection")
	require.True(t, w.feed(t, f.ID).Problem.Is(reason.NetRefused))
	require.NotContains(t, w.feed(t, f.ID).Problem.String(), "hush")
}

// The page of a private site links to its feed, which is fetched and stored with the credentials of the page.
func TestPrivateFeedIsFound(t *testing.T) {
	t.Parallel()
	p, w := newPrivateSite(t), privately(t)
	f, _, err := w.Add(t.Context(), p.inside("/"), "", "now")
	require.NoError(t, err)
	address, err := w.store.FeedAddress(t.Context(), f.ID)
	require.NoError(t, err)
	require.Equal(t, p.inside("/feed?key=key-of-the-feed-2"), address)
	_, _, err = w.Add(t.Context(), p.inside("/feed?key=key-of-the-feed-2"), "", "now")
	require.ErrorIs(t, err, store.ErrConflict)
	require.NotContains(t, err.Error(), "hush")
}

// Another host, port or scheme gets no credentials, whether the site redirects there or links to it.
func TestPasswordIsSentToItsSiteOnly(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		told = append(told, r.Header.Get("Authorization")+r.URL.String()+r.Referer())
		mu.Unlock()
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(other.Close)
	p, w := newPrivateSite(t), privately(t)
	for _, to := range []string{other.URL + "/feed",
		strings.Replace(other.URL, "127.0.0.1", "localhost", 1) + "/feed"} {
		p.mu.Lock()
		p.moved = to
		p.mu.Unlock()
		_, _, err := w.Add(t.Context(), p.inside("/feed?key=key-of-the-feed-2"), "", "now")
		var fe *FetchError
		require.True(t, errors.As(err, &fe))
		require.Contains(t, err.Error(), "another site, to which Postern does not send the name and password")
		require.NotContains(t, err.Error(), "hush")
		require.NotContains(t, err.Error(), "key-of")
		ctx := egress.WithAddress(t.Context(), p.inside("/feed?key=key-of-the-feed-2"))
		_, err = Fetch(ctx, client(t), to+"?key=…", "", "", 1<<20)
		require.Error(t, err)
	}
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, told, 4)
	require.NotContains(t, strings.Join(told, " "), "Basic")
	require.NotContains(t, strings.Join(told, " "), "key-of")
}

// None of this affects a public feed.
func TestPublicFeedKeepsItsAddresses(t *testing.T) {
	t.Parallel()
	const text = "https://blog.example/a.jpg?token=of-the-picture"
	require.Equal(t, text, store.Conceal(text, "https://blog.example/feed?lang=de"))
	require.Equal(t, text, store.Conceal(text, "https://blog.example/feed?token=another"))
	u, err := url.Parse(text)
	require.NoError(t, err)
	require.Equal(t, text, withUser(text, u.String()))
}
