package publisher

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/media"
	"postern/store"
)

// TestPictureIsPreferredToAPage checks that the picture shown in the post is sent if its best URL returns a web page,
// and never another picture.
func TestPictureIsPreferredToAPage(t *testing.T) {
	t.Parallel()
	picture := landscape(1).jpeg(600, 400, 88)
	page := []byte("<!DOCTYPE html><title>A lightbox</title>")
	const full, shown, small = "https://a.example.org/full/fog.jpg", "https://a.example.org/fog.jpg",
		"https://a.example.org/s/fog.jpg"
	for name, c := range map[string]struct {
		serves  map[string][]byte
		instead map[string][]string
		from    string // URL whose file is sent, "" for none
	}{
		"a lightbox page": {map[string][]byte{full: page, shown: picture},
			map[string][]string{full: {shown, small}}, shown},
		"a page, and another page": {map[string][]byte{full: page, shown: page, small: picture},
			map[string][]string{full: {shown, small}}, small},
		"a format that cannot be read": {map[string][]byte{full: []byte("%PDF-1.7 a print"), shown: picture},
			map[string][]string{full: {shown}}, shown},
		"a file that is a picture": {map[string][]byte{full: landscape(2).jpeg(600, 400, 88), shown: picture},
			map[string][]string{full: {shown}}, full},
		"a page without an alternative": {map[string][]byte{full: page, shown: picture}, nil, ""},
		"a page with the alternative of another picture": {map[string][]byte{full: page, shown: picture},
			map[string][]string{small: {shown}}, ""},
		"not deployed yet": {map[string][]byte{shown: picture}, map[string][]string{full: {shown}}, ""},
		"only pages": {map[string][]byte{full: page, shown: page},
			map[string][]string{full: {shown}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := &byHost{theSite{gone: map[string]bool{full: c.serves[full] == nil}}}
			for address, body := range c.serves {
				site.add(address, body)
			}
			l, err := media.NewLibrary(t.TempDir(), &http.Client{Transport: site}, media.Limits{FFmpeg: media.NoFFmpeg})
			require.NoError(t, err)
			post := store.Post{Media: []store.Media{{Type: store.Image, URL: full, Alt: "fog"}}}
			post.Markup.Instead = c.instead
			d, err := draft.Plan(post, store.Edits{})
			require.NoError(t, err)
			for _, public := range []string{"https://postern.example.org", ""} {
				p := draft.Prepare(t.Context(), l, d, public, nil)
				_, fault := p.Fault()
				if c.from == "" {
					require.Error(t, fault)
					continue
				}
				require.NoError(t, fault)
				require.Equal(t, c.from, p.Files[0].SourceURL)
				require.Equal(t, full, p.Items[0].SourceURL, "the item keeps the URL of the post")
				require.Equal(t, "fog", p.Items[0].Alt)
				if public == "" {
					require.Equal(t, c.from, p.Items[0].SentURL)
				}
				require.Equal(t, c.from != full,
					slices.ContainsFunc(p.Checks, func(c store.Check) bool { return c.ID == "media.instead" }))
			}
		})
	}
}
