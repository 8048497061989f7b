//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/shape"
	"postern/store"
)

// pngOf is a picture of a header alone.
func pngOf(w, h uint32) []byte {
	ihdr := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func answer(contentType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	}
}

// forever writes the beginning, and then goes on until the other side has enough.
func forever(beginning, more []byte, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(beginning)
		for r.Context().Err() == nil {
			if _, err := w.Write(more); err != nil {
				return
			}
			if pause > 0 {
				w.(http.Flusher).Flush()
				select {
				case <-time.After(pause):
				case <-r.Context().Done():
				}
			}
		}
	}
}

// One running daemon meets everything that a hostile or broken site can hand out. Each ends with a reason that a person
// understands, within bounds of time and memory, and what is well is published.
func TestHostileSite(t *testing.T) {
	t.Parallel()
	var thin bytes.Buffer
	jpg := landscapeJPEG(3)
	require.NoError(t, png.Encode(&thin, image.NewGray(image.Rect(0, 0, 100000, 1))))
	reel, err := os.ReadFile("sample/reel.mp4")
	require.NoError(t, err)
	long := bytes.Clone(reel)
	binary.BigEndian.PutUint32(long, 1<<31)
	mux := http.NewServeMux()
	files := map[string]struct {
		answer http.HandlerFunc
		says   string // "": it is published
	}{
		"good.jpg":      {answer("image/jpeg", jpg), ""},
		"thin.png":      {answer("image/png", thin.Bytes()), "smaller than 32 pixels"},
		"wrong.jpg":     {answer("image/jpeg", landscapePNG(4)), ""},
		"truncated.jpg": {answer("image/jpeg", jpg[:len(jpg)/2]), "cut off or damaged"},
		"garbage.jpg": {answer("image/jpeg",
			append(bytes.Clone(jpg[:300]), bytes.Repeat([]byte{0xff, 0xc4}, 5000)...)), "damaged"},
		"bomb.png":  {answer("image/png", pngOf(50000, 50000)), "more than the 50 million that are decoded"},
		"lying.png": {answer("image/png", pngOf(1<<31-1, 1<<31-1)), "is damaged (PNG)"},
		"bomb.gif": {answer("image/gif",
			[]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08\x01\x00;")),
			"more than the 50 million"},
		"bomb.webp": {answer("image/webp",
			[]byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff")),
			"is damaged (WebP)"},
		"page.jpg": {answer("image/jpeg", []byte("<!doctype html><title>Not found</title>")),
			"answers with a web page where a picture should be"},
		"empty.jpg": {answer("image/jpeg", nil), "is an empty file"},
		"random.jpg": {answer("image/jpeg", []byte("certainly no picture at all")),
			"is not a picture in a known format"},
		"cut.heic": {answer("image/heic",
			[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic\x00\x00\x00\x10meta\x00\x00\x00\x00")), "HEIC"},
		"huge.jpg": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			_, _ = w.Write(jpg)
		}, "is larger than 64 MiB"},
		// too large, or too slow on a slow machine
		"endless.jpg": {forever(jpg[:300], make([]byte, 1<<20), 0), "endless.jpg"},
		"drip.jpg":    {forever(jpg[:300], []byte{0}, 50*time.Millisecond), "could not be fetched"},
		"silent.jpg": {func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
		}, "could not be fetched"},
		"loop.jpg": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/loop.jpg", http.StatusFound)
		}, "redirect"},
		"private.jpg": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://10.1.2.3/a.jpg", http.StatusFound)
		}, "private"},
		"cut.mp4":      {answer("video/mp4", reel[:len(reel)-100]), "cut off or damaged"},
		"long-box.mp4": {answer("video/mp4", long), "cut off or damaged"},
		"picture.mp4":  {answer("video/mp4", jpg), "is a picture (JPEG) where a video should be"},
		"page.mp4":     {answer("video/mp4", []byte("<html>")), "web page where a video should be"},
	}
	for name, f := range files {
		mux.HandleFunc("GET /"+name, f.answer)
	}
	w := mediaWorld(t, mux, slices.Sorted(maps.Keys(files)), `media.timeout = "2s"`)
	s := startServe(t, w.binary, w.dir, w.config)
	// On a slow machine a file may take too long at first; it is fetched again then. One in a private network waits for
	// the setting that lets Postern fetch it.
	ended := func(p shape.Publication) bool {
		if p.Post.GUID == "private.jpg" {
			return strings.Contains(p.Reason, "network.allow")
		}
		slow := p.State == store.Queued &&
			(p.Attempts == 0 || !strings.Contains(p.Reason, files[p.Post.GUID].says) || files[p.Post.GUID].says == "")
		return !slow && p.State != store.Staged && p.State != store.Publishing
	}
	var list []shape.Publication
	defer func() {
		if t.Failed() {
			t.Logf("%+v", list)
		}
	}()
	require.Eventually(t, func() bool {
		list = w.publications(w.must(w.run("publications", "--json")))
		return len(list) == len(files) &&
			!slices.ContainsFunc(list, func(p shape.Publication) bool { return !ended(p) })
	}, 4*time.Minute, time.Second)
	for _, p := range list {
		want := files[p.Post.GUID].says
		t.Logf("%-14s %-9s %s", p.Post.GUID, p.State, p.Reason)
		if want == "" {
			require.Equal(t, store.Published, p.State, "%s: %s", p.Post.GUID, p.Reason)
			continue
		}
		require.NotEqual(t, store.Published, p.State, p.Post.GUID)
		require.Contains(t, p.Reason, want, p.Post.GUID)
		require.NotContains(t, p.Reason, "\n")
	}
	require.Len(t, w.sim.Posts(""), 2)
	peak := peakMiB(t, s.cmd.Process.Pid)
	t.Logf("peak %.0f MiB", peak)
	require.LessOrEqual(t, peak, 256.)

	require.NoError(t, s.cmd.Process.Signal(os.Interrupt), "it goes on until it is asked to end")
	_ = s.cmd.Wait()
	require.Equal(t, 0, s.cmd.ProcessState.ExitCode(), s.log)
	require.NotContains(t, s.log.String(), "panic")
	left, err := filepath.Glob(filepath.Join(w.dir, "data", "media", ".part-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// What a server says beyond its answer is told nowhere: it could be anything.
func TestServerThatSaysMore(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /a.jpg", func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		require.NoError(t, err)
		body := noisePicture(t, 0)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		_, _ = c.Write(bytes.Repeat([]byte("words of a stranger "), 1000))
		_ = c.Close()
	})
	w, feed := filesWorld(t, mux, []string{"a.jpg", "a.jpg?2", "a.jpg?3"})
	w.must(w.run("preview", feed, "--out", filepath.Join(w.dir, "out"))) // nothing is on standard error
}
