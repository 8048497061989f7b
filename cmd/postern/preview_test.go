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
	v := previewOf(feed.Document{Posts: []store.Post{post}})
	library, err := media.NewLibrary(t.TempDir(), site.Client(), media.Limits{})
	require.NoError(t, err)
	out := t.TempDir()
	failed, err := writeFiles(t.Context(), library, out, v.Posts)
	require.NoError(t, err)
	require.NoError(t, failed)
	require.Equal(t, []string{"01-1.jpg: as it is", "01-2.jpg: padded 1:1 to 3:2", "01-3.jpg: as it is", "01.txt"}, v.Posts[0].files)
	f, err := os.Open(filepath.Join(out, "01-2.jpg"))
	require.NoError(t, err)
	defer f.Close()
	cfg, err := jpeg.DecodeConfig(f)
	require.NoError(t, err)
	require.Equal(t, [2]int{600, 400}, [2]int{cfg.Width, cfg.Height})
}
