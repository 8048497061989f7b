//go:build linux

package feed

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/egress"
	"postern/store"
)

// Benchmarks for the figures in docs/performance.md. The site runs in a subprocess, so that only Postern is
// measured.
const (
	siteVariable   = "POSTERN_TEST_SITE"   // set in the subprocess: the folder with the feeds, or "304"
	corpusVariable = "POSTERN_TEST_CORPUS" // a folder with feeds for BenchmarkImport
	loadFeeds      = 1000
)

// loadSite is the main function of the subprocess: it serves until its standard input ends.
func loadSite(what string) {
	var bodies [][]byte
	if what != "304" {
		for _, f := range corpusFiles(what) {
			if b, err := os.ReadFile(f); err == nil {
				bodies = append(bodies, b)
			}
		}
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if bodies == nil {
			w.Header().Set("ETag", `"same"`)
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			_, _ = io.WriteString(w, small)
			return
		}
		n, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		_, _ = w.Write(bodies[n%len(bodies)])
	}))
	fmt.Println(s.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Close()
}

func corpusFiles(dir string) []string {
	var out []string
	for _, pattern := range []string{"*.xml", "*.json", "*.rss", "*.atom"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		out = append(out, found...)
	}
	return out
}

func startSite(b *testing.B, what string) string {
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), siteVariable+"="+what)
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(b, err)
	return strings.TrimSpace(line)
}

func loadPoller(b *testing.B, address string) (*Poller, *store.Store) {
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "postern.db"), store.Options{Migrate: true})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	client := egress.NewClient(
		egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: 30 * time.Second})
	b.Cleanup(client.CloseIdleConnections)
	p, err := NewPoller(Options{Store: s, Client: client, Schedule: "@every 5m", Logger: slog.New(slog.DiscardHandler)})
	require.NoError(b, err)
	_, err = s.AddAccount(b.Context(), store.Account{API: "sandbox", UserID: "17", Username: "me"},
		func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
	require.NoError(b, err)
	for i := range loadFeeds {
		_, err := s.AddFeed(b.Context(), store.Feed{URL: fmt.Sprintf("%s/%d", address, i), StartRule: "now"})
		require.NoError(b, err)
	}
	return p, s
}

// spent returns the user and system time that this process has used.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memory returns a value from /proc/self/status in MiB: VmRSS is the current use, VmHWM the maximum since resetPeak.
func memory(name string) float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

func resetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600)
}

// BenchmarkPoll polls a thousand unchanged feeds.
func BenchmarkPoll(b *testing.B) {
	p, s := loadPoller(b, startSite(b, "304"))
	require.NoError(b, p.PollDue(b.Context()))
	feeds, err := s.Feeds(b.Context())
	require.NoError(b, err)
	for _, f := range feeds {
		require.NotEmpty(b, f.ETag, f.Problem)
	}
	resetPeak()
	idle := memory("VmRSS")
	cpu := time.Duration(0)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		require.NoError(b, s.MakeFeedsDue(b.Context()))
		before := spent()
		b.StartTimer()
		require.NoError(b, p.PollDue(b.Context()))
		cpu += spent() - before
	}
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N*loadFeeds), "cpu-µs/feed")
	b.ReportMetric(memory("VmHWM")-idle, "MiB-above-idle")
}

// BenchmarkImport polls a thousand feeds for the first time. They are copies of the feeds in a folder.
func BenchmarkImport(b *testing.B) {
	dir := os.Getenv(corpusVariable)
	if len(corpusFiles(dir)) == 0 {
		b.Skipf("no feeds: set %s to a folder that holds some", corpusVariable)
	}
	address := startSite(b, dir)
	for range b.N {
		b.StopTimer()
		p, s := loadPoller(b, address)
		resetPeak()
		before := spent()
		b.StartTimer()
		require.NoError(b, p.PollDue(b.Context()))
		b.StopTimer()
		b.ReportMetric((spent() - before).Seconds(), "cpu-s")
		b.ReportMetric(memory("VmHWM"), "MiB-peak")
		feeds, err := s.Feeds(b.Context())
		require.NoError(b, err)
		bad := 0
		for _, f := range feeds {
			if f.Failures > 0 {
				bad++
			}
		}
		b.ReportMetric(float64(bad), "failed")
		b.StartTimer()
	}
}

// BenchmarkPeak measures the memory that parsing one large feed takes, as a multiple of its size.
func BenchmarkPeak(b *testing.B) {
	body := large()
	base, _ := url.Parse("https://large.example/feed.xml")
	for range b.N {
		runtime.GC()
		resetPeak()
		before := memory("VmRSS")
		d, err := Parse(body, "", base)
		require.NoError(b, err)
		b.ReportMetric((memory("VmHWM")-before)*(1<<20)/float64(len(body)), "x-size")
		runtime.KeepAlive(d)
	}
}
