package web_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/store"
)

// maxPage is what a page with its styles and scripts may take on the way, without pictures.
const maxPage = 60 << 10

// Every page stays light, and asks no other host for anything.
func TestPagesAreLightAndAskNobodyElse(t *testing.T) {
	h := furnished(t)
	for range 60 {
		h.entry("A post with a title of ordinary length")
	}
	p := h.bring(h.entry("Quay"), store.Held)
	b := h.owner()
	packed := func(text string) int {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, err := z.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, z.Close())
		return out.Len()
	}
	for _, path := range []string{"/", "/posts", "/feeds", "/feeds/new", "/accounts", "/accounts/1/settings",
		"/activity", "/notices", "/settings", "/help/instagram", "/help/states", "/schedule",
		publicationPath(p)} {
		page := b.get(path)
		require.Equal(t, http.StatusOK, page.Status, path)
		size := packed(page.Body)
		page.Find("link[rel=stylesheet], script").Each(func(_ int, s *goquery.Selection) {
			size += packed(b.get(s.AttrOr("href", s.AttrOr("src", ""))).Body)
		})
		require.Less(t, size, maxPage, path)
		page.Find("link, script, img, source, video, iframe, form").Each(func(_ int, s *goquery.Selection) {
			for _, a := range []string{"src", "href", "srcset", "poster", "action"} {
				address := s.AttrOr(a, "")
				require.True(t, address == "" || strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//"),
					"%s: %s", path, address)
			}
		})
		t.Logf("%-24s %5d bytes", path, size)
	}
}
