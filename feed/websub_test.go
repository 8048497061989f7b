package feed

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestWebSub(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.Subscribe("https://posse.example.org/")
	var asked []url.Values
	status := http.StatusAccepted
	hub := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		require.NoError(t, r.ParseForm())
		asked = append(asked, r.PostForm)
		rw.WriteHeader(status)
	}))
	t.Cleanup(hub.Close)
	blog := &site{
		body: `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>` +
			`<atom:link rel="hub" href="` + hub.URL + `/hub"/>` +
			`<atom:link rel="self" href="https://blog.example/feed"/>` + item("1", time.Time{}, "one") +
			`</channel></rss>`}
	f, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "now")
	require.NoError(t, err)
	require.Len(t, asked, 1)
	require.Equal(t, "subscribe", asked[0].Get("hub.mode"))
	require.Equal(t, "https://blog.example/feed", asked[0].Get("hub.topic"))
	token, ok := strings.CutPrefix(asked[0].Get("hub.callback"), "https://posse.example.org/hooks/websub/")
	require.True(t, ok, asked[0])
	got, err := w.store.FeedByHub(t.Context(), HookHash(token))
	require.NoError(t, err)
	require.Equal(t, f.ID, got.ID)
	_, err = w.store.FeedByHub(t.Context(), "")
	require.ErrorIs(t, err, store.ErrNotFound)

	w.again(t)
	require.Len(t, asked, 1, "at most one request a day")
	got.Hub.AskAt = time.Now().Add(-time.Minute)
	require.NoError(t, w.store.SaveHub(t.Context(), f.ID, got.Hub))
	status = 500
	w.again(t) // a 304: renewing a subscription does not need a new entry
	require.Len(t, asked, 2)
	require.Empty(t, w.feed(t, f.ID).Problem, "a failing hub is not a problem of the feed")

	other := setup(t)
	_, _, err = other.Add(t.Context(), serve(t, blog.ServeHTTP), "", "now")
	require.NoError(t, err)
	require.Len(t, asked, 2, "without a public URL there is no subscription")
}

func TestHubOf(t *testing.T) {
	t.Parallel()
	f := store.Feed{URL: "https://blog.example/feed.xml"}
	require.Equal(t, store.Hub{URL: "https://hub.example/", Topic: "https://blog.example/feed.xml"},
		hubOf(f, Fetched{Links: []string{`<https://hub.example/>; rel="hub", </feed.xml>; rel=self`}}, Document{}))
	f.Hub = store.Hub{URL: "https://hub.example/", Topic: "https://blog.example/feed.xml", Hash: "x"}
	require.Equal(t, f.Hub, hubOf(f, Fetched{}, Document{HubURL: "https://hub.example/"}))
	require.Empty(t, hubOf(f, Fetched{}, Document{}).URL, "the feed no longer names it")
	f = store.Feed{URL: "https://reader:s3cretword@blog.example/feed.xml"}
	for _, self := range []string{"", "/feed.xml"} {
		require.Equal(t, "https://blog.example/feed.xml",
			hubOf(f, Fetched{}, Document{HubURL: "https://hub.example/", Self: self}).Topic,
			"the hub gets no password")
	}
}
