//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"postern/doors"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mediaWorld is an installation with a public address of its own, an account, and a feed with one entry for each
// file of a site. It is told apart by its path; what ends in .mp4 is a video.
func mediaWorld(t *testing.T, site http.Handler, paths []string, extra ...string) *world {
	t.Helper()
	w, feed := filesWorld(t, site, paths, extra...)
	w.addAccount()
	w.must(w.run("feed", "add", feed, "--start", "all"))
	return w
}

// filesWorld is that without the account, and before the feed is added.
func filesWorld(t *testing.T, site http.Handler, paths []string, extra ...string) (w *world, feed string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", site)
	mux.HandleFunc("GET /feed", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Files</title><link>http://%s/</link>`, r.Host)
		for i, p := range paths {
			media := fmt.Sprintf(`<description>&lt;img src="http://%s/%s"&gt;</description>`, r.Host, p)
			if strings.HasSuffix(p, ".mp4") {
				media = fmt.Sprintf(`<enclosure url="http://%s/%s" type="video/mp4" length="1"/>`, r.Host, p)
			}
			fmt.Fprintf(w, `<item><title>%s</title><guid>%[1]s</guid><link>http://%s/post-%d</link>%s</item>`, p,
				r.Host, i, media)
		}
		fmt.Fprint(w, `</channel></rss>`)
	})
	files := httptest.NewServer(mux)
	t.Cleanup(files.Close)
	address := doors.Port(t)
	w = newWorld(t, append(extra, fmt.Sprintf("web.base_url = %q", "http://"+address))...)
	config, err := os.ReadFile(w.config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.config, bytes.Replace(config, []byte("127.0.0.1:0"), []byte(address), 1), 0o600))
	return w, files.URL + "/feed"
}

// slowFilm must be converted, and is five minutes long.
func slowFilm(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.mp4")
	out, err := exec.CommandContext(t.Context(), doors.FFmpeg(t), "-v", "error", "-f", "lavfi", "-i",
		"testsrc=duration=300:size=64x64:rate=12",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart",
		path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

// gone reports whether a process has ended, be it that nobody has asked how.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z")
}

// The program is killed while ffmpeg converts: ffmpeg dies with it, and what both left is gone after the next start.
func TestKilledWhileConverting(t *testing.T) {
	t.Parallel()
	film := slowFilm(t)
	bin := t.TempDir()
	pidFile, wrapper := filepath.Join(bin, "pid"), filepath.Join(bin, "ffmpeg-in-real-time")
	// As slow as the film is, and under the number that is written down.
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%[1]s.part && mv %[1]s.part %[1]s\nexec %s -re \"$@\"\n", pidFile,
		doors.FFmpeg(t))
	require.NoError(t, os.WriteFile(wrapper, []byte(script), 0o700))
	w := mediaWorld(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(film) }),
		[]string{"film.mp4"},
		fmt.Sprintf("media.ffmpeg = %q", wrapper))
	ffmpeg := func() int {
		var pid int
		require.Eventually(t, func() bool {
			b, err := os.ReadFile(pidFile)
			if err == nil {
				pid, err = strconv.Atoi(strings.TrimSpace(string(b)))
			}
			return err == nil
		}, time.Minute, 20*time.Millisecond)
		require.NoError(t, os.Remove(pidFile))
		return pid
	}
	parts := func() []string {
		names, err := filepath.Glob(filepath.Join(w.dir, "data", "media", ".part-*"))
		require.NoError(t, err)
		return names
	}
	first := startServe(t, w.binary, w.dir, w.config)
	pid := ffmpeg()
	require.False(t, gone(pid))
	left := parts()
	require.Len(t, left, 2, "the download, and what is made of it")
	require.NoError(t, first.cmd.Process.Kill())
	_ = first.cmd.Wait()
	require.Eventually(t, func() bool { return gone(pid) }, time.Minute, 20*time.Millisecond,
		"ffmpeg outlived the program")
	require.Equal(t, left, parts())

	second := startServe(t, w.binary, w.dir, w.config)
	pid = ffmpeg() // it is at it again
	for _, name := range left {
		require.NoFileExists(t, name)
	}
	// A stop that is asked for takes it along, too.
	require.NoError(t, second.cmd.Process.Signal(os.Interrupt))
	_ = second.cmd.Wait()
	require.True(t, gone(pid), second.log.String())
	require.Empty(t, parts())
}
