package feed

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestPagePictures(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.o.PagePictures = true
	var pages atomic.Int64
	var entries atomic.Value
	entries.Store("")
	down := atomic.Bool{}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/feed", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `<rss version="2.0"><channel><title>F</title>`+entries.Load().(string)+
			`</channel></rss>`)
	})
	mux.HandleFunc("/p/{name}", func(w http.ResponseWriter, r *http.Request) {
		pages.Add(1)
		meta := `<meta property="og:image" content="/` + r.PathValue("name") +
			`.jpg"><meta property="og:image:alt" content="What it shows">`
		switch {
		case down.Load():
			w.WriteHeader(500)
			return
		case r.PathValue("name") == "none":
			meta = ""
		case strings.HasPrefix(r.PathValue("name"), "logo"):
			meta = `<meta name="og:image" content="/logo.png">`
		}
		_, _ = io.WriteString(w, "<!doctype html><html><head>"+meta+
			"</head><body><meta property='og:image' content='/body.jpg'></body></html>")
	})
	words := func(names ...string) {
		list := ""
		for _, n := range names {
			list += fmt.Sprintf(
				`<item><guid isPermaLink="false">%s</guid><title>%s</title><link>%s/p/%s</link>`+
					`<description>Words.</description></item>`, n, n, server.URL, n)
		}
		entries.Store(list)
	}
	post := func(f store.Feed, guid string) store.Post {
		p, err := w.store.PostByGUID(t.Context(), f.ID, guid)
		require.NoError(t, err)
		return p
	}

	words("old")
	f, _, err := w.Add(t.Context(), server.URL+"/feed", "", "now")
	require.NoError(t, err)
	require.Zero(t, pages.Load(), "the pages of existing entries are not fetched")
	words("old", "fog", "none", "logo1", "logo2")
	for range 2 {
		w.again(t)
		require.EqualValues(t, 4, pages.Load(), "each page is fetched once")
	}
	require.Equal(t, store.Skip, post(f, "old").Decision, "no old post is published")
	fog := post(f, "fog")
	require.Equal(t, []store.Media{{Type: store.Image, URL: server.URL + "/fog.jpg", Alt: "What it shows"}}, fog.Media)
	require.Equal(t, "queued", w.states(t)["fog"])
	require.True(t, fog.ChangedAt.IsZero())
	require.Equal(t, "no picture or video", post(f, "none").Reason.String())
	require.Contains(t, strings.Join(post(f, "logo1").Markup.Notes, ""), "because other pages name it too")
	require.Empty(t, post(f, "logo2").Media)

	down.Store(true)
	words("fog", "late")
	w.again(t)
	require.Equal(t, store.Skip, post(f, "late").Decision)
	down.Store(false)
	w.again(t)
	require.Equal(t, server.URL+"/late.jpg", post(f, "late").Media[0].URL,
		"a page that could not be read is fetched again")
	require.Equal(t, "queued", w.states(t)["late"])
}
