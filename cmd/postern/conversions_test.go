//go:build linux

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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

// turn is a time in which a picture was decoded.
type turn struct {
	pixels     int
	began, end time.Time
}

// turns reads from the log of a program when it decoded what. A line is written while the picture still has its
// turn, so what it says lies inside of it, but for the milliseconds that the log leaves out.
func turns(t *testing.T, log string) (all []turn) {
	t.Helper()
	for _, m := range regexp.MustCompile(
		`(?m)^time=(\S+) level=DEBUG msg="picture decoded" pixels=(\d+) took=(\S+)$`).FindAllStringSubmatch(log, -1) {
		end, err := time.Parse(time.RFC3339Nano, m[1])
		require.NoError(t, err)
		pixels, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		took, err := time.ParseDuration(m[3])
		require.NoError(t, err)
		all = append(all, turn{pixels, end.Add(2*time.Millisecond - took), end.Add(-2 * time.Millisecond)})
	}
	return all
}

// atOnce is the largest number of turns at the same moment.
func atOnce(all []turn) (most int) {
	for _, a := range all {
		n := 0
		for _, b := range all {
			if !b.began.After(a.began) && a.began.Before(b.end) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// Four accounts have their pictures at the same moment, as many as the publisher has workers: two are decoded at
// once, of large ones, and of AVIF and HEIC, one; the others wait, and in the end all are published.
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
		w.sim.AddAccount(simulator.Account{UserID: fmt.Sprintf("1784140000000010%d", i),
			Username: fmt.Sprintf("harbour%d", i), Token: token, TokenIssued: time.Now().Add(-time.Hour)})
		w.must(w.post(token+"\n", "account", "add", "--label", fmt.Sprintf("Harbour %d", i),
			"--access-token-file", "-"))
	}
	w.must(w.run("feed", "add", feed, "--start", "all"))
	config, err := os.ReadFile(w.config)
	require.NoError(t, err)
	loud := filepath.Join(w.dir, "loud.toml")
	require.NoError(t, os.WriteFile(loud, append(config, "log.level = \"debug\"\n"...), 0o600))
	s := startServe(t, w.binary, w.dir, loud)
	converting, seen := 0, map[string]bool{}
	require.Eventually(t, func() bool {
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
	all := turns(t, s.log.String())
	require.Len(t, all, accounts*len(paths))
	large := slices.DeleteFunc(slices.Clone(all), func(d turn) bool { return d.pixels != 4100*4100 })
	require.Len(t, large, accounts)
	t.Logf(
		"at most %d decoded at once, and %d of the large ones; %d converting processes, at most %d at once; peak "+
			"%.0f MiB", atOnce(all), atOnce(large), len(seen), converting, peak)
	require.LessOrEqual(t, atOnce(all), 2)
	require.Equal(t, 1, atOnce(large))
	require.Equal(t, 1, converting)
	require.GreaterOrEqual(t, len(seen), accounts)
}
