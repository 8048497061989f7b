package main

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/address"
	"postern/doors"
	"postern/instagram/simulator"
	"postern/shape"
	"postern/store"
)

// picturesOfASite are what people publish and Instagram does not take.
func picturesOfASite(t *testing.T) map[string][]byte {
	t.Helper()
	var sunrise, wide bytes.Buffer
	require.NoError(t, png.Encode(&sunrise, landscape(640, 640, 1)))
	require.NoError(t, jpeg.Encode(&wide, landscape(1200, 400, 2), nil))
	// An Exif block whose only entry leads to where the picture was taken.
	const exif = "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08" +
		"\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00" +
		"\x00\x01\x00\x01\x00\x02\x00\x00\x00\x02N\x00\x00\x00\x00\x00\x00\x00"
	located := append([]byte("\xff\xd8\xff\xe1"), byte((len(exif)+2)>>8), byte(len(exif)+2))
	located = append(append(located, exif...), wide.Bytes()[2:]...)
	harbour, err := os.ReadFile("../../media/testdata/lossy.webp")
	require.NoError(t, err)
	files := map[string][]byte{"sunrise.png": sunrise.Bytes(), "wide.jpg": located, "harbour.webp": harbour}
	if ffmpeg, err := exec.LookPath("ffmpeg"); err == nil {
		film := filepath.Join(t.TempDir(), "film.mkv")
		out, err := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-f", "lavfi", "-i",
			"testsrc=duration=4:size=320x320:rate=30", film).CombinedOutput()
		require.NoError(t, err, string(out))
		files["film.mkv"], err = os.ReadFile(film)
		require.NoError(t, err)
	}
	return files
}

// smallSite has one entry for each file.
func smallSite(t *testing.T, files map[string][]byte) (feed string, add func(name string)) {
	t.Helper()
	var mu sync.Mutex
	var entries string
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	add = func(name string) {
		mu.Lock()
		defer mu.Unlock()
		tag := "img"
		if strings.HasSuffix(name, ".mkv") {
			tag = "video"
		}
		entries += fmt.Sprintf(
			`<item><title>%[2]s</title><guid>%[1]s/%[2]s/</guid><pubDate>%[3]s</pubDate>`+
				`<description>&lt;%[4]s src="%[1]s/%[2]s"&gt;&lt;/%[4]s&gt;</description></item>`,
			s.URL, name, time.Now().UTC().Format(time.RFC1123Z), tag)
	}
	mux.HandleFunc("GET /feed", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Small</title>%s</channel></rss>`, entries)
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		if b, ok := files[strings.TrimLeft(r.PathValue("name"), "0123456789")]; ok {
			_, _ = w.Write(b)
			return
		}
		http.NotFound(w, r)
	})
	return s.URL + "/feed", add
}

// profile is what the simulated Instagram of sandbox accounts shows. Each file is the one that the pages show.
func (w *world) profile() []simulator.Post {
	w.t.Helper()
	state := filepath.Join(w.dir, "data", "sandbox.json")
	posts := simulator.New(simulator.Options{StateFile: state}).Posts("")
	read := func(path ...string) []byte {
		b, err := os.ReadFile(filepath.Join(append([]string{w.dir, "data"}, path...)...))
		require.NoError(w.t, err)
		return b
	}
	for _, p := range posts {
		require.Len(w.t, p.Slides, 1)
		for url, file := range map[string]string{p.Slides[0].URL: p.Slides[0].File,
			p.Slides[0].CoverURL: p.Slides[0].Cover} {
			if url == "" {
				continue
			}
			name, ours := strings.CutPrefix(url, address.Inside+"/")
			require.True(w.t, ours, url)
			require.Equal(w.t, read("media", name), read("sandbox.json.media", file))
		}
	}
	return posts
}

// Who tries Postern with a site and nothing else, neither account nor public address nor configuration, sees
// every post.
func TestSandboxShowsEveryPost(t *testing.T) {
	t.Parallel()
	w := &world{t: t, binary: builtBinary(t), dir: t.TempDir()}
	w.environ = []string{"POSTERN_NETWORK_ALLOW=127.0.0.0/8", "POSTERN_WEB_LISTEN=127.0.0.1:0",
		"POSTERN_FEEDS_SCHEDULE=@every 1s", "POSTERN_PUBLISH_SETTLE=1s"}
	files := picturesOfASite(t)
	feed, add := smallSite(t, files)
	for name := range files {
		add(name)
	}
	w.must(w.run("account", "add", "--sandbox", "--label", "Play"))
	w.must(w.run("feed", "add", feed, "--start", "all"))
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "3m")))
	require.Len(t, list, len(files))
	for _, p := range list {
		require.Equal(t, store.Published, p.State, p.Reason)
	}
	require.Len(t, w.profile(), len(files))

	// The daemon, wherever it listens.
	for n, listen := range []string{"0.0.0.0:0", "[::]:0"} {
		w.environ[1] = "POSTERN_WEB_LISTEN=" + listen
		stop := w.serve()
		add(fmt.Sprintf("%dsunrise.png", n))
		var live []shape.Publication
		for deadline := time.Now().Add(2 * time.Minute); len(live) < len(files)+n+1 &&
			time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
			live = w.publications(w.must(w.run("publications", "--state", "published", "--json")))
		}
		stop()
		require.Len(t, w.profile(), len(files)+n+1, listen)
	}

	// A public address that leads nowhere is not the sandbox's business.
	w.environ = append(w.environ, "POSTERN_WEB_BASE_URL=http://"+doors.Port(t))
	add("9harbour.webp")
	list = w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Len(t, list, 1)
	require.Equal(t, store.Published, list[0].State, list[0].Reason)
	require.Len(t, w.profile(), len(files)+3)
	require.Contains(t, w.must(w.run("account", "check", "1")).stdout, "token")
}
