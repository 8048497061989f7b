package main

import (
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/feed"
	"postern/media"
	"postern/store"
)

// What is written has a carousel's one ratio, as what would be sent.
func TestPreviewWritesOneRatio(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := image.Rect(0, 0, 600, 400)
		if strings.HasSuffix(r.URL.Path, "square.jpg") {
			size = image.Rect(0, 0, 400, 400)
		}
		_ = jpeg.Encode(w, image.NewGray(size), nil)
	}))
	defer site.Close()
	post := store.Post{GUID: "1", URL: site.URL, Decision: store.Publish}
	for _, name := range []string{"/a.jpg", "/square.jpg", "/c.jpg"} {
		post.Media = append(post.Media, store.Media{Type: store.Image, URL: site.URL + name})
	}
	v := previewOf(feed.Document{Posts: []store.Post{post}}, site.URL)
	library, err := media.NewLibrary(t.TempDir(), site.Client(), media.Limits{})
	require.NoError(t, err)
	out := t.TempDir()
	failed, err := writeFiles(t.Context(), library, out, v.Posts, site.URL)
	require.NoError(t, err)
	require.NoError(t, failed)
	require.Equal(t, []previewFile{
		{"01-1.jpg", 600, 400, []string{}}, {"01-2.jpg", 600, 400, []string{"padded 1:1 to 3:2"}}, {"01-3.jpg", 600, 400, []string{}}, {Name: "01.txt", Repairs: []string{}},
	}, v.Posts[0].Files)
	f, err := os.Open(filepath.Join(out, "01-2.jpg"))
	require.NoError(t, err)
	defer f.Close()
	cfg, err := jpeg.DecodeConfig(f)
	require.NoError(t, err)
	require.Equal(t, [2]int{600, 400}, [2]int{cfg.Width, cfg.Height})
}

// Without an address of ours a preview says what would wait for one.
func TestPreviewWithoutPublicAddress(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = jpeg.Encode(w, image.NewGray(image.Rect(0, 0, map[bool]int{true: 2000, false: 600}[r.URL.Path == "/wide.jpg"], 400)), nil)
	}))
	defer site.Close()
	doc := feed.Document{}
	for _, name := range []string{"/fine.jpg", "/wide.jpg", "/drawing.png"} {
		doc.Posts = append(doc.Posts, store.Post{GUID: name, Decision: store.Publish, Media: []store.Media{{Type: store.Image, URL: site.URL + name, Alt: "x"}}})
	}
	found := func(v previewJSON) (all []string) {
		for _, p := range v.Posts {
			line := ""
			for _, c := range p.Checks {
				line += string(c.Severity) + " " + c.ID + " "
			}
			all = append(all, line)
		}
		return all
	}
	v := previewOf(doc, "")
	require.Equal(t, []string{"note media.url.none ", "note media.url.none ", "blocks media.url.none "}, found(v))
	var b strings.Builder
	require.NoError(t, v.write(&b, doc))
	require.Equal(t, 1, strings.Count(b.String(), "web.base_url is not set"))

	library, err := media.NewLibrary(t.TempDir(), site.Client(), media.Limits{})
	require.NoError(t, err)
	failed, err := writeFiles(t.Context(), library, t.TempDir(), v.Posts, "")
	require.NoError(t, err)
	require.NoError(t, failed)
	require.Equal(t, []string{"", "blocks media.url.none ", ""}, found(v), "by its bytes the drawing is a JPEG")
	require.Equal(t, "01-1.jpg: as it is", v.Posts[0].Files[0].String())
	require.Empty(t, found(previewOf(doc, site.URL))[2])
}
