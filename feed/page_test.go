package feed

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

const page = `<!doctype html><html><head><title>A site</title></head><body>
<div class="h-feed"><h1 class="p-name">Notes</h1>
<article class="h-entry"><a class="p-author h-card" href="/"><img class="u-photo" src="/me.jpg" alt="">Ada</a>
 <h2 class="p-name">Fog</h2><a class="u-url" href="/fog"><time class="dt-published" datetime="2026-03-01T10:00:00+01:00">1 March</time></a>
 <div class="e-content"><p>Fog at <b>six</b>.</p><img class="u-photo" src="/fog.jpg" alt="The quay"></div><a class="p-category" href="/tag/sea">sea</a></article>
<article class="h-entry"><img class="u-photo" src="/alone.jpg" alt="Alone"><a class="u-url u-uid" href="/2"></a><video class="u-video" src="/v.mp4"></video><p class="p-content e-content">Two.</p></article>
<article class="h-entry"><a class="u-url" href="/3"></a><p class="e-content p-name">Words only.</p></article>
</div></body></html>`

func TestParsePage(t *testing.T) {
	t.Parallel()
	base, _ := url.Parse("https://site.example/notes/")
	d, err := ParsePage([]byte(page), "text/html", base)
	require.NoError(t, err)
	require.Equal(t, "Notes", d.Title)
	require.Equal(t, FormatPage, d.Format)
	require.Len(t, d.Posts, 3)
	fog := d.Posts[0]
	require.Equal(t, "Fog", fog.Title)
	require.Equal(t, "https://site.example/fog", fog.URL)
	require.Equal(t, "https://site.example/fog", fog.GUID)
	require.Equal(t, "Fog at six.", fog.Text)
	require.Equal(t, []string{"sea"}, fog.Categories)
	require.Equal(t, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), fog.PublishedAt)
	require.Equal(t, []store.Media{{Type: store.Image, URL: "https://site.example/fog.jpg", Alt: "The quay"}},
		fog.Media)
	require.Equal(t, "Ada", fog.Markup.Fields["author_name"])
	require.Len(t, d.Posts[1].Media, 2)
	require.Equal(t, "no picture or video", d.Posts[2].Reason.String())

	for _, none := range []string{"<!doctype html><p>x", `<div class="hentry"><img class="photo" src="/x.jpg"></div>`,
		`<p>h-entry`} {
		_, err := ParsePage([]byte(none), "", base)
		require.ErrorIs(t, err, ErrNotAFeed)
	}
}

func TestPollingPage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	feeds := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, page)
		case r.URL.Path == "/feed" && feeds:
			_, _ = io.WriteString(w, `<rss version="2.0"><channel><title>F</title></channel></rss>`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	site := server.URL + "/"
	f, saved, err := w.Add(t.Context(), site, "", "now")
	require.NoError(t, err)
	require.Equal(t, 3, saved.New)
	require.Equal(t, FormatPage, w.feed(t, f.ID).Format)
	w.again(t)
	require.Empty(t, w.feed(t, f.ID).Problem)

	feeds = true
	w = setup(t)
	f, _, err = w.Add(t.Context(), site, "", "now")
	require.NoError(t, err)
	require.Equal(t, "rss", w.feed(t, f.ID).Format, "a feed takes precedence over a page")
	require.Contains(t, f.URL, "/feed")
}

func TestParsePageHidesPassword(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("https://reader:s3cret%20word@blog.example/")
	require.NoError(t, err)
	d, err := ParsePage([]byte(
		`<div class="h-feed"><div class="h-entry"><a class="u-url p-name" href="/a">A</a><img class="u-photo" src="/a.jpg"><img class="u-featured" src="/c.jpg">
		<div class="e-content">See <a href="/r">r</a> <img src="/b.jpg"></div></div></div>`), "text/html", base)
	require.NoError(t, err)
	require.Len(t, d.Posts, 1)
	require.Equal(t, "https://blog.example/a", d.Posts[0].URL)
	require.Len(t, d.Posts[0].Media, 3)
	require.Contains(t, d.Posts[0].GUID, "s3cret", "the id must not change, or the post would be published again")
	d.Posts[0].GUID = ""
	require.NotContains(t, fmt.Sprintf("%+v", d.Posts), "s3cret")
}
