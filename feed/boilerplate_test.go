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
