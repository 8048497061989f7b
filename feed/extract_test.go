package feed

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// FuzzExtract passes arbitrary HTML to the code that extracts pictures, videos and text.
func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		`<img src="a.jpg" srcset="a.jpg 1x, b.jpg 2x" alt="A"><a href="/full.jpg"><img data-src="/t.jpg" width=3></a>`,
		`<picture><source srcset="a.avif 300w" type="image/avif"><img src="//h/a.jpg"></picture><noscript>` +
			`<img src=/n.jpg></noscript>`,
		`<video poster=/p.jpg><source src=/v.mp4 type=video/mp4></video><figure><img src=x.png>` +
			`<figcaption>c</figcaption></figure>`,
		`<figure data-post-type="reels"><img src="/v" data-media-type="video" data-cover-url="/c.jpg">` +
			`<figcaption>x</figcaption></figure>`,
		`<a class="u-photo" href="https://i0.wp.com/h/a.jpg?resize=3%2C4">x</a><data class=u-video value=/v.mp4>`,
		`<p>The post <a href="/x">X</a> appeared first on <a href="/">Y</a>.</p>[…]`,
	} {
		f.Add(s, "https://h.example/a/b.jpg", "image/jpeg", `{media: [{url: "/x.jpg"}]}`)
	}
	base, err := url.Parse("https://blog.example/2026/post/")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text, enclosure, mime, posse string) {
		e := entry{guid: "1", title: "T", body: text, enclosures: []file{{url: enclosure, mime: mime, alt: "x"}},
			featured: []file{{url: enclosure}},
			media: []file{{url: enclosure, mime: mime, width: 300, height: 200},
				{url: enclosure + "2", medium: "image", group: 1}}}
		if strings.HasPrefix(posse, "{") {
			e.posse = []string{posse}
		}
		b := e.build(base)
		again := e.build(base)
		post := b.finish()
		require.Equal(t, post, again.finish(), "the same entry gives the same post")
		seen := map[string]bool{}
		for _, m := range post.Media {
			require.True(t, isWebAddress(m.URL), m.URL)
			require.Contains(t, []store.MediaType{store.Image, store.Video}, m.Type)
			require.NotContains(t, m.Alt, "\n")
			if !post.Markup.Posse {
				require.False(t, seen[string(m.Type)+m.URL], "no medium twice: %s", m.URL)
			}
			seen[string(m.Type)+m.URL] = true
		}
		for _, n := range post.Markup.Notes {
			require.NotContains(t, n, "\n")
		}
		if utf8.ValidString(text) {
			require.True(t, utf8.ValidString(post.Text))
		}
		require.Equal(t, post.Decision == store.Skip || post.Markup.Problem != "", post.Reason.String() != "")
	})
}
