//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/daemon"
)

// One feed is in hand whenever the program dies: its entry's page answers only when the program is gone. Killed
// ten times, nothing counts. When it crashes, the other feeds are read all the same, and after the third time
// without that one.
func TestAFeedThatCrashesTheProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the built binary a dozen times")
	}
	binary := builtBinary(t)
	var poisoned atomic.Bool
	asked := make(chan struct{}, 1)
	var entries atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			select {
			case asked <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		case "/bad":
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Bad</title>`)
			if poisoned.Load() {
				fmt.Fprintf(w, `<item><guid>new</guid><link>http://%s/page</link><title>Its page tells</title></item>`,
					r.Host)
			}
			fmt.Fprint(w, `</channel></rss>`)
		case "/good":
			fmt.Fprintf(w,
				`<rss version="2.0"><channel><title>Good</title><item><guid>%d</guid><title>New</title></item>`+
					`</channel></rss>`, entries.Add(1))
		}
	}))
	t.Cleanup(site.Close)
	t.Cleanup(site.CloseClientConnections)
	dir := t.TempDir()
	config := filepath.Join(dir, "postern.toml")
	require.NoError(t, os.WriteFile(config,
		fmt.Appendf(nil,
			"data_dir = %q\n[web]\nlisten = \"127.0.0.1:0\"\n[feeds]\nog_image = true\n[network]\nallow = "+
				"[\"127.0.0.0/8\"]\n",
			filepath.Join(dir, "data")), 0o600))
	run := func(args ...string) []byte {
		out, err := exec.CommandContext(t.Context(), binary, append(args, "--config", config)...).Output()
		require.NoError(t, err, "%s", out)
		return out
	}
	run("feed", "add", site.URL+"/bad")
	run("feed", "add", site.URL+"/good")
	poisoned.Store(true)

	// die starts a pass and ends it with a signal once the feed is in hand.
	die := func(signal syscall.Signal) string {
		cmd := exec.CommandContext(t.Context(), binary, "sync", "--config", config)
		var log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &log, &log
		select {
		case <-asked: // by the one before
		default:
		}
		require.NoError(t, cmd.Start())
		<-asked
		require.NoError(t, cmd.Process.Signal(signal))
		_ = cmd.Wait()
		return log.String()
	}
	type feed struct {
		NextPollAt string `json:"next_poll_at"` // "" while it is paused
		Problem    string
	}
	bad := func() (f feed) {
		var all []feed
		require.NoError(t, json.Unmarshal(run("feed", "list", "--json"), &all))
		require.Len(t, all, 2)
		require.False(t, all[1].NextPollAt == "")
		return all[0]
	}
	for range 10 {
		die(syscall.SIGKILL)
	}
	require.False(t, bad().NextPollAt == "")

	for n := range 3 {
		require.False(t, bad().NextPollAt == "", "after %d crashes", n)
		log := die(syscall.SIGABRT)
		require.Equal(t, n > 0, strings.Contains(log, "the last run crashed"), log)
	}
	before := entries.Load()
	out := run("sync") // does not ask for the page
	require.Empty(t, asked, "%s", out)
	require.Greater(t, entries.Load(), before, "the other one is read")
	require.True(t, bad().NextPollAt == "")
	require.Contains(t, bad().Problem, "Postern crashed three times")
	require.Contains(t, string(run("notices")), "Postern crashed 3 times while it read the feed Bad")
	require.Contains(t, string(run("notices")), "For more, run `postern feed check ")

	// Resumed and well again, it is as any other.
	poisoned.Store(false)
	run("feed", "resume", "1")
	run("sync")
	require.False(t, bad().NextPollAt == "")
	require.Empty(t, bad().Problem)
	require.NoFileExists(t, filepath.Join(dir, "data", daemon.CrashName))
}
