package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/shape"
	"postern/store"
)

// noisePicture goes out as it is, and has some 570 KiB.
func noisePicture(t *testing.T, seed uint64) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 760, 760))
	noise := rand.New(rand.NewPCG(seed, 0))
	for i := range m.Pix {
		m.Pix[i] = byte(noise.Uint32())
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

// A folder that may hold two of three pictures. What is not published yet stays in it however old it is; what is
// due waits without losing a try, says why, and goes on when more is allowed.
func TestMediaFolderIsFull(t *testing.T) {
	t.Parallel()
	paths := []string{"a.jpg", "b.jpg", "c.jpg"}
	mux, files := http.NewServeMux(), map[string]string{}
	for i, p := range paths {
		body := noisePicture(t, uint64(i))
		mux.HandleFunc("GET /"+p, answer("image/jpeg", body))
		files[p] = fmt.Sprintf("%x.jpg", sha256.Sum256(body))
	}
	const limit = "media.max_bytes = "
	w, feed := filesWorld(t, mux, paths, limit+"1400000")
	there := func() (names []string) {
		for _, p := range paths {
			if _, err := os.Stat(filepath.Join(w.dir, "data", "media", files[p])); err == nil {
				names = append(names, p)
			}
		}
		return names
	}
	post := func(name string) shape.Publication {
		list := w.publications(w.must(w.run("publications", "--json")))
		at := slices.IndexFunc(list, func(p shape.Publication) bool { return p.Post.GUID == name })
		require.GreaterOrEqual(t, at, 0)
		return list[at]
	}
	becomes := func(s served, is func() bool) {
		t.Helper()
		require.Eventually(t, is, time.Minute, 200*time.Millisecond, s.log)
	}
	stop := func(s served) {
		require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
		_ = s.cmd.Wait()
	}
	w.addAccount()
	w.must(w.run("account", "set", "1", "approve=true"))
	w.must(w.run("feed", "add", feed, "--start", "all"))

	first := startServe(t, w.binary, w.dir, w.config)
	becomes(first, func() bool { return len(there()) == 2 }) // prepared by the preflight, while it is held
	held := there()
	due := paths[slices.IndexFunc(paths, func(p string) bool { return !slices.Contains(held, p) })]
	id := fmt.Sprint(post(due).ID)
	full := func() bool {
		p := post(due)
		return p.State == store.Queued && p.Attempts == 0 && p.Next != "" &&
			strings.Contains(p.Reason, "the media folder is full: 1.1") &&
			strings.Contains(p.Reason, "MiB of 1.34 MiB are used by what is not published yet")
	}
	w.must(w.run("publish", id))
	becomes(first, full)
	require.Equal(t, held, there())
	stop(first)

	// A month later, by all that tells the time.
	old := time.Now().Add(-30 * 24 * time.Hour)
	for _, p := range held {
		require.NoError(t, os.Chtimes(filepath.Join(w.dir, "data", "media", files[p]), old, old))
	}
	nobodys := filepath.Join(w.dir, "data", "media", strings.Repeat("0", 64)+".jpg")
	require.NoError(t, os.WriteFile(nobodys, []byte("a picture"), 0o600))
	require.NoError(t, os.Chtimes(nobodys, old, old))
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "data", "postern.db")+"?_pragma=busy_timeout(60000)")
	require.NoError(t, err)
	_, err = db.Exec(`UPDATE assets SET last_used_at = ?`, old.UnixMilli())
	require.NoError(t, err)
	require.NoError(t, db.Close())
	second := startServe(t, w.binary, w.dir, w.config)
	becomes(second, func() bool { _, err := os.Stat(nobodys); return os.IsNotExist(err) }) // it was cleaned
	w.must(w.run("publish", id))
	becomes(second, full)
	require.Equal(t, held, there())
	require.Empty(t, w.sim.Posts(""))
	stop(second)

	config, err := os.ReadFile(w.config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.config,
		bytes.Replace(config, []byte(limit+"1400000"), []byte(limit+"2800000"), 1), 0o600))
	third := startServe(t, w.binary, w.dir, w.config)
	w.must(w.run("publish", id))
	becomes(third, func() bool { return len(w.sim.Posts("")) == 1 })
	require.Equal(t, paths, there())
	stop(third)
}

// A disk that is full, or not there, is nothing that is wrong with a post: it waits, says why, and costs no try.
func TestMediaFolderIsGone(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /a.jpg", answer("image/jpeg", noisePicture(t, 0)))
	w, feed := filesWorld(t, mux, []string{"a.jpg"})
	config, err := os.ReadFile(w.config)
	require.NoError(t, err)
	// Without a public address, which is tried with a file in the folder.
	require.NoError(t, os.WriteFile(w.config,
		regexp.MustCompile(`(?m)^web\.base_url.*$`).ReplaceAll(config, nil), 0o600))
	w.addAccount()
	s := startServe(t, w.binary, w.dir, w.config)
	folder := filepath.Join(w.dir, "data", "media")
	require.Eventually(t, func() bool { return os.Rename(folder, folder+".away") == nil }, time.Minute,
		20*time.Millisecond, s.log)
	w.must(w.run("feed", "add", feed, "--start", "all"))
	post := func() shape.Publication { return w.publications(w.must(w.run("publications", "--json")))[0] }
	for range 3 {
		w.must(w.run("publish", "1"))
		require.Eventually(t, func() bool {
			return post().State == store.Queued && strings.Contains(post().Reason, "the media folder could not be used")
		}, time.Minute, 200*time.Millisecond, s.log)
	}
	require.Zero(t, post().Attempts)
	const told = "error  Postern cannot use the media folder: "
	notice := func() bool { return strings.Contains(w.must(w.run("notices")).stdout, told) }
	require.Eventually(t, notice, 2*time.Minute, 500*time.Millisecond, "it waits without end, so its owner is told")
	require.NoError(t, os.Rename(folder+".away", folder))
	w.run("publish", "1") // unless it went on by itself
	require.Eventually(t, func() bool { return len(w.sim.Posts("")) == 1 }, 2*time.Minute, 200*time.Millisecond, s.log)
	require.Eventually(t, func() bool { return !notice() }, 2*time.Minute, 500*time.Millisecond, s.log)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	_ = s.cmd.Wait()
}
