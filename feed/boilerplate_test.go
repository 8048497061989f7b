package feed

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASmallLinkedPicture(t *testing.T) {
	t.Parallel()
	for html, want := range map[string][]string{
		// An entry that says nothing but a picture is about it, wherever it leads.
		`<a href="http://go.example/x1"><img src="https://pics.example/a/s160-c/harbour.jpg" width="160" height="160"></a>`: {"https://pics.example/a/s160-c/harbour.jpg"},

		`<p>Fog.</p><a href="http://go.example/x1"><img src="https://pics.example/a/s160-c/harbour.jpg" width="160" height="160"></a>`:                                     {},
		`<a href="http://shop.example/x1"><img src="https://pics.example/a/s160-c/harbour.jpg" width="160" alt="Buy prints"></a>`:                                          {},
		`<a href="http://shop.example/"><img src="https://pics.example/a/s160-c/harbour.jpg" width="160"></a>`:                                                             {},
		`<a href="http://shop.example/x1"><img src="https://pics.example/a/harbour.gif" width="234" height="40"></a>`:                                                      {},
		`<a href="http://shop.example/x1"><img src="https://pics.example/banners/harbour.jpg" width="160"></a>`:                                                            {},
		`<a href="http://a.example/1"><img src="https://b.example/1.jpg" width="120"></a><a href="http://a.example/2"><img src="https://b.example/2.jpg" width="120"></a>`: {},
	} {
		require.Equal(t, want, shown(mediaIn(t, html)), html)
	}
}

func TestLinesOfPrograms(t *testing.T) {
	t.Parallel()
	trail := `<a href="https://blog.example/">Home</a> / <a href="/photos/">Photos</a> / `
	for html, want := range map[string]string{
		`<p>` + trail + `the Gold Land</p><p>Fog.</p>`:                                         "Fog.",
		`<p>` + trail + `<a href="/gold/">the Gold Land</a></p><p>Fog.</p>`:                    "Fog.",
		`<p>Fog all day. <em>By Ada.</em>[<a href="https://blog.example/post-0">mehr</a>]</p>`: "Fog all day. By Ada.",
		`<p>Fog all day. (<a href="https://blog.example/post-0">lire la suite</a>)</p>`:        "Fog all day.",

		`<p>Home / Photos / the Gold Land</p><p>Fog.</p>`:                                                        "Home / Photos / the Gold Land\n\nFog.",
		`<p><a href="https://ada.example/">Ada</a> / <a href="https://bob.example/">Bob</a> / me</p><p>Fog.</p>`: "Ada / Bob / me\n\nFog.",
		`<p>Fog.</p><p>` + trail + `the Gold Land</p><p>Quay.</p>`:                                               "Fog.\n\nHome / Photos / the Gold Land\n\nQuay.",
		`<p><a href="https://blog.example/">We</a> left at 9 / 10 and walked / ran home.</p>`:                    "We left at 9 / 10 and walked / ran home.",
		`<p>Fog all day. [<a href="https://other.example/fog">more</a>]</p>`:                                     "Fog all day. [more]",
		`<p>Fog all day. [<a href="https://blog.example/post-0">mehr</a>]</p><p>Quay.</p>`:                       "Fog all day. [mehr]\n\nQuay.",
		`<p>Fog (I wrote <a href="https://blog.example/post-0">more about that one day</a>)</p>`:                 "Fog (I wrote more about that one day)",
	} {
		require.Equal(t, want, rssOf(t, inItem(html))[0].Text, html)
	}
}
