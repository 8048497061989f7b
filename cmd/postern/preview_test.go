package main

import (
	"encoding/json"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/feed"
	"postern/media"
	"postern/store"
	"postern/words"
)

// What is written has a carousel's one ratio, as what would be sent.
func TestPreviewWritesOneRatio(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := image.Rect(0, 0, 600, 400)
		if strings.HasSuffix(r.URL.Path, "square.jpg") {
			size = image.Rect(0, 0, 400, 400)
		}
		picture := image.NewGray(size)
		for i := range picture.Pix {
			picture.Pix[i] = r.URL.Path[1] * 8 // equal ones would be sent once
		}
		_ = jpeg.Encode(w, picture, nil)
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
	failed, err := writeFiles(t.Context(), library, out, v.Posts, site.URL, new(atomic.Int64))
	require.NoError(t, err)
	require.NoError(t, failed)
	require.Equal(t, []previewFile{
		{"01-1.jpg", 600, 400, []string{}}, {"01-2.jpg", 600, 400, []string{"padded 1:1 to 3:2"}},
		{"01-3.jpg", 600, 400, []string{}}, {Name: "01.txt", Repairs: []string{}},
	}, v.Posts[0].Files)
	f, err := os.Open(filepath.Join(out, "01-2.jpg"))
	require.NoError(t, err)
	defer f.Close()
	cfg, err := jpeg.DecodeConfig(f)
	require.NoError(t, err)
	require.Equal(t, [2]int{600, 400}, [2]int{cfg.Width, cfg.Height})

	// What was there before is kept, and not taken for a part of it.
	for _, name := range []string{"02-1.mp4", "02-1-cover.jpg", "02.txt", "notes.txt", "1.jpg"} {
		require.NoError(t, os.WriteFile(filepath.Join(out, name), nil, 0o600))
	}
	v.left, err = leftBefore(out, v.Posts)
	require.NoError(t, err)
	require.Equal(t, []string{"02-1-cover.jpg", "02-1.mp4", "02.txt"}, v.left)
	var b strings.Builder
	require.NoError(t, v.write(&b, feed.Document{}))
	require.Contains(t, b.String(),
		"\nFiles of an earlier preview, by their names: 02-1-cover.jpg, 02-1.mp4, 02.txt\n")
	require.FileExists(t, filepath.Join(out, "02.txt"))
}

// Without an address of ours a preview says what would wait for one.
func TestPreviewWithoutPublicAddress(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = jpeg.Encode(w,
			image.NewGray(image.Rect(0, 0, map[bool]int{true: 2000, false: 600}[r.URL.Path == "/wide.jpg"], 400)), nil)
	}))
	defer site.Close()
	doc := feed.Document{}
	for _, name := range []string{"/fine.jpg", "/wide.jpg", "/drawing.png"} {
		doc.Posts = append(doc.Posts,
			store.Post{GUID: name, Decision: store.Publish,
				Media: []store.Media{{Type: store.Image, URL: site.URL + name, Alt: "x"}}})
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
	require.Equal(t, 1, strings.Count(strings.ToLower(b.String()), "set web.base_url"))
	require.True(t, strings.HasSuffix(b.String(),
		"\n"+words.PreviewNotApplied+"\n3 posts: 3 would be published (3 images), of which 1 would wait.\n"), b.String())

	library, err := media.NewLibrary(t.TempDir(), site.Client(), media.Limits{})
	require.NoError(t, err)
	failed, err := writeFiles(t.Context(), library, t.TempDir(), v.Posts, "", new(atomic.Int64))
	require.NoError(t, err)
	require.NoError(t, failed)
	require.Equal(t, []string{"", "blocks media.url.none ", ""}, found(v), "by its bytes the drawing is a JPEG")
	require.Equal(t, "01-1.jpg: unchanged", v.Posts[0].Files[0].String())
	require.Empty(t, found(previewOf(doc, site.URL))[2])
}

func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.blog.add("pier", "The pier", "pier.png")
	w.blog.mu.Lock()
	w.blog.entries = append([]string{
		`<item><title>Words only</title><guid>words</guid><description>Nothing to see.</description></item>`},
		w.blog.entries...)
	w.blog.mu.Unlock()
	out := filepath.Join(t.TempDir(), "out")
	r := w.must(w.run("preview", w.blog.url+"/feed", "--json", "--out", out))
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &got))
	require.Equal(t, map[string]any{"url": w.blog.url + "/feed", "title": "The blog", "format": "rss"}, got["feed"])
	posts := got["posts"].([]any)
	require.Len(t, posts, 3)
	words, pier := posts[0].(map[string]any), posts[1].(map[string]any)
	require.Equal(t, "skip", words["decision"])
	require.NotEmpty(t, words["reason"])
	require.Equal(t, []any{}, words["media"])
	require.Equal(t, "", words["published_at"])
	_, err := time.Parse("2006-01-02T15:04:05Z", pier["published_at"].(string))
	require.NoError(t, err)
	delete(pier, "published_at")
	require.Equal(t, map[string]any{
		"guid": w.blog.url + "/pier", "url": w.blog.url + "/pier", "title": "The pier", "decision": "publish",
		"reason": "", "reason_code": "", "kind": "image",
		"media": []any{map[string]any{"type": "image", "url": w.blog.url + "/pier.png", "alt": "What pier shows",
			"poster_url": ""}},
		"caption": "The pier\n\nWords about pier.\n\nSee the full post at:\n" + w.blog.url + "/pier",
		"checks": []any{
			map[string]any{"id": "media.url.none", "severity": "blocks",
				"remedy": "Set web.base_url so that Instagram can fetch the result, then restart Postern.",
				"text": "pier.png must be repaired (converted from PNG), and the result has no address that " +
					"Instagram could fetch"},
		},
		"files": []any{
			map[string]any{"name": "02-1.jpg", "width": 640.0, "height": 640.0, "repairs": []any{"converted from PNG"}},
			map[string]any{"name": "02.txt", "width": 0.0, "height": 0.0, "repairs": []any{}},
		},
	}, pier)
	caption, err := os.ReadFile(filepath.Join(out, "02.txt"))
	require.NoError(t, err)
	require.Equal(t, pier["caption"], string(caption))
	picture, err := os.Open(filepath.Join(out, "02-1.jpg"))
	require.NoError(t, err)
	defer picture.Close()
	_, err = jpeg.DecodeConfig(picture)
	require.NoError(t, err)
	require.NoDirExists(t, filepath.Join(w.dir, "data"), "no data directory is touched")

	r = w.must(
		w.post(
			`{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "1", "url": "/a", `+
				`"image": "/a.jpg"}]}`,
			"preview", "-", "--base-url", "https://example.org/", "--json"))
	require.Contains(t, r.stdout, `"https://example.org/a.jpg"`)
	require.Contains(t, r.stdout, `"format": "json"`)

	r = w.must(
		w.post(
			`{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "1", "url": "/a", `+
				`"content_html": "<img src='/a.jpg'><img src='/p.gif' width=1 height=1>"}, {"id": "2"}]}`,
			"preview", "-", "--base-url", "https://example.org/"))
	require.Contains(t, r.stdout, "1. publish image: https://example.org/a\n")
	require.Contains(t, r.stdout, "   left out: 1×1 pixel: https://example.org/p.gif\n")
	require.Contains(t, r.stdout, "2. skip: 2 (no picture or video)\n")
	require.Contains(t, r.stdout,
		"   note: a.jpg has no alt text. Describe it in the post, for people who cannot see it. [alt.missing]\n")
}

// The preview says what a post would wait for.
func TestPreviewSaysWhatAPostWaitsFor(t *testing.T) {
	t.Parallel()
	post := func(date time.Time, sensitive string) store.Post {
		return store.Post{
			GUID: "1", Title: "Post", Decision: store.Publish, PublishedAt: date,
			Markup: store.Markup{Sensitive: sensitive},
			Media:  []store.Media{{Type: store.Image, URL: "https://blog.example/a.jpg"}},
		}
	}
	now := time.Now()
	v := previewOf(feed.Document{Ahead: 2 * time.Hour, Posts: []store.Post{
		post(now.Add(-time.Hour), ""), post(now.Add(time.Hour), ""), post(now.Add(100*24*time.Hour), ""),
		post(now.Add(1000*24*time.Hour), ""), post(now, "rated adult"),
	}}, "")
	var reasons []string
	for _, p := range v.Posts {
		require.Equal(t, store.Publish, p.Decision)
		reasons = append(reasons, p.Reason)
	}
	require.Empty(t, reasons[0])
	require.Empty(t, reasons[1], "the site's clock is ahead")
	require.Regexp(t, "^the post waits for its date, .*$", reasons[2])
	require.Contains(t, reasons[3], "check the date")
	require.Contains(t, reasons[4], "rated adult")
}
