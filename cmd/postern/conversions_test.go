//go:build linux

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// transparentPNG is large enough to be decoded for a while.
func transparentPNG(t *testing.T, side int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = byte(i>>8), byte(i>>16), byte(i/4*7), 255-byte(i>>18)
	}
	var b bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m))
	return b.Bytes()
}

// children are the processes that a program has now and that run it anew as the given command.
func children(pid int, command string) (pids []string) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		b, _ := os.ReadFile(task) // the thread may have ended
		for _, child := range strings.Fields(string(b)) {
			args, err := os.ReadFile("/proc/" + child + "/cmdline")
			if err == nil && bytes.HasSuffix(args, []byte("\x00"+command+"\x00")) {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// downloads are the files of that size that a program has fetched and still holds, and whether each is read to its end. That
// is how it stands when it was just written, and again while it is decoded; in between, while it waits, only its beginning
// was looked at.
func downloads(pid int, bytes int64) map[string]bool {
	found := map[string]bool{}
	open, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range open {
		name, err := os.Readlink(fd)
		if err != nil || !strings.HasPrefix(filepath.Base(name), ".part-") {
			continue
		}
		file, err := os.Stat(fd)
		if err != nil || file.Size() != bytes {
			continue
		}
		b, _ := os.ReadFile(strings.Replace(fd, "/fd/", "/fdinfo/", 1))
		found[name] = strings.HasPrefix(string(b), fmt.Sprintf("pos:\t%d\n", bytes))
	}
	return found
}

// decodedAtOnce is the largest number of downloads that were decoded at the same moment.
func decodedAtOnce(moments []map[string]bool) (most int) {
	waits := map[string]bool{} // later
	for _, moment := range slices.Backward(moments) {
		n := 0
		for name, whole := range moment {
			if !whole {
				waits[name] = true
			} else if !waits[name] {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// Four accounts have their pictures at the same moment, as many as the publisher has workers: two are decoded at once, of
// large ones, and of AVIF and HEIC, one; the others wait, and in the end all are published.
func TestConversionsAtOnce(t *testing.T) {
	t.Parallel()
	const accounts = 4
	bodies := map[string][]byte{"small.png": transparentPNG(t, 2600), "large.png": transparentPNG(t, 4100)}
	heic, err := os.ReadFile("../../media/testdata/plain.heic")
	require.NoError(t, err)
	// Nobody gets anything until everybody has asked.
	together := func(body []byte) http.HandlerFunc {
		var mu sync.Mutex
		asked, all := 0, make(chan struct{})
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			if asked++; asked == accounts {
				close(all)
			}
			mu.Unlock()
			select {
			case <-all:
				_, _ = w.Write(body)
			case <-r.Context().Done():
			}
		}
	}
	mux := http.NewServeMux()
	for name, body := range bodies {
		mux.HandleFunc("GET /"+name, together(body))
	}
	mux.HandleFunc("GET /plain.heic", together(heic))
	paths := []string{"plain.heic", "small.png", "large.png"} // the last is the oldest, and goes first
	w, feed := filesWorld(t, mux, paths)
	for i := range accounts {
		token := fmt.Sprintf("%s%d", worldToken, i)
		w.sim.AddAccount(simulator.Account{UserID: fmt.Sprintf("1784140000000010%d", i), Username: fmt.Sprintf("harbour%d", i), Token: token, TokenIssued: time.Now().Add(-time.Hour)})
		w.must(w.post(token+"\n", "account", "add", "--label", fmt.Sprintf("Harbour %d", i), "--access-token-file", "-"))
	}
	w.must(w.run("feed", "add", feed, "--start", "all"))
	s := startServe(t, w.binary, w.dir, w.config)
	moments := map[string][]map[string]bool{}
	converting, seen := 0, map[string]bool{}
	require.Eventually(t, func() bool {
		for name, body := range bodies {
			// Twice: what is handed over while it is looked at is not there any more.
			now := downloads(s.cmd.Process.Pid, int64(len(body)))
			after := downloads(s.cmd.Process.Pid, int64(len(body)))
			maps.DeleteFunc(now, func(name string, whole bool) bool { return whole && !after[name] })
			if len(now) > 0 {
				moments[name] = append(moments[name], now)
			}
		}
		processes := children(s.cmd.Process.Pid, "convert")
		converting = max(converting, len(processes))
		for _, pid := range processes {
			seen[pid] = true
		}
		return len(w.sim.Posts("")) == accounts*len(paths)
	}, 5*time.Minute, 5*time.Millisecond, s.log)
	peak := peakMiB(t, s.cmd.Process.Pid)
	require.NoError(t, s.cmd.Process.Signal(os.Interrupt))
	_ = s.cmd.Wait()
	for _, p := range w.publications(w.must(w.run("publications", "--json"))) {
		require.Equal(t, store.Published, p.State, p.Reason)
	}
	small, large := decodedAtOnce(moments["small.png"]), decodedAtOnce(moments["large.png"])
	t.Logf("at most %d small and %d large decoded at once; %d converting processes, at most %d at once; peak %.0f MiB", small, large, len(seen), converting, peak)
	require.Equal(t, 2, small)
	require.Equal(t, 1, large)
	require.Equal(t, 1, converting)
	require.GreaterOrEqual(t, len(seen), accounts)
}
