package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/address/s3test"
	"postern/doors"
	"postern/instagram/simulator"
	"postern/shape"
)

// world is an installation of the built program with a blog and a simulated Instagram around it, all on this machine.
type world struct {
	t      *testing.T
	binary string
	dir    string
	config string // "" is none
	blog   *testBlog
	sim    *simulator.Server

	environ []string // besides ours
}

const worldToken = "IGworldtoken0123456789"

// newWorld has no account and no feed yet. extra is more configuration, as lines "table.key = value".
func newWorld(t *testing.T, extra ...string) *world {
	t.Helper()
	w := &world{t: t, binary: builtBinary(t), dir: t.TempDir(), blog: newTestBlog(t)}
	w.sim = simulator.New(simulator.Options{Seed: 7, Kind: true, Fetch: http.DefaultClient})
	w.sim.AddAccount(simulator.Account{UserID: "17841400000000007", Username: "harbour", Token: worldToken,
		TokenIssued: time.Now().Add(-time.Hour)})
	api := httptest.NewServer(w.sim)
	t.Cleanup(api.Close)
	w.config = filepath.Join(w.dir, "postern.toml")
	lines := append([]string{
		fmt.Sprintf("data_dir = %q", filepath.Join(w.dir, "data")), `web.listen = "127.0.0.1:0"`,
		`feeds.schedule = "@every 1s"`,
		`publish.settle = "1s"`, fmt.Sprintf("instagram.api_url = %q", api.URL), `network.allow = ["127.0.0.0/8"]`,
	}, extra...)
	require.NoError(t, os.WriteFile(w.config, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return w
}

// addAccount adds the account. Where there is no database yet, it first copies one of the newest schema, which spares
// the migrations of an empty one. Tests that call `account add` themselves run these, too.
func (w *world) addAccount() {
	w.t.Helper()
	data := filepath.Join(w.dir, "data")
	if _, err := os.Stat(filepath.Join(data, "postern.db")); errors.Is(err, fs.ErrNotExist) {
		require.NoError(w.t, os.MkdirAll(data, 0o700))
		require.NoError(w.t, doors.Open(w.t, filepath.Join(data, "postern.db")).Close())
	}
	w.must(w.post(worldToken+"\n", "account", "add", "--label", "Harbour", "--access-token-file", "-"))
}

// connect adds the account and the blog's feed.
func (w *world) connect() {
	w.t.Helper()
	w.addAccount()
	w.must(w.run("feed", "add", w.blog.url+"/feed", "--label", "Blog"))
}

type result struct {
	status         int
	stdout, stderr string
}

func (w *world) run(args ...string) result { return w.post("", args...) }

func (w *world) post(stdin string, args ...string) result {
	w.t.Helper()
	cmd := w.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if err != nil {
		require.ErrorAs(w.t, err, new(*exec.ExitError))
	}
	for _, secret := range []string{worldToken, s3test.SecretKey, s3test.AccessKey} {
		require.NotContains(w.t, out.String()+errs.String(), secret)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), withoutWarnings(errs.String())}
}

func (w *world) command(args ...string) *exec.Cmd {
	if w.config != "" {
		args = append(args, "--config", w.config)
	}
	cmd := exec.CommandContext(w.t.Context(), w.binary, args...)
	cmd.Dir, cmd.Env = w.dir, append(os.Environ(), w.environ...)
	return cmd
}

// withoutWarnings drops what is said about plain http, which every run here uses.
func withoutWarnings(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "postern: warning: ") && !strings.HasPrefix(line, "postern: progress: ") {
			out.WriteString(line)
		}
	}
	return out.String()
}

func (w *world) must(r result) result {
	w.t.Helper()
	require.Equal(w.t, 0, r.status, r.stderr)
	require.Empty(w.t, r.stderr)
	return r
}

// fails demands status 1 and one line that says each of the words.
func (w *world) fails(r result, words ...string) {
	w.t.Helper()
	require.Equal(w.t, exitFailed, r.status, r.stdout+r.stderr)
	require.Equal(w.t, 1, strings.Count(r.stderr, "\n"), "one line: %q", r.stderr)
	require.True(w.t, strings.HasPrefix(r.stderr, "postern: "), r.stderr)
	for _, word := range words {
		require.Contains(w.t, r.stderr, word)
	}
}

func (w *world) publications(r result) []shape.Publication {
	w.t.Helper()
	var shown []checkedPublication // one that is asked for by its number has its checks, too
	d := json.NewDecoder(strings.NewReader(r.stdout))
	d.DisallowUnknownFields()
	require.NoError(w.t, d.Decode(&shown), r.stdout)
	require.NotNil(w.t, shown)
	list := []shape.Publication{}
	for _, p := range shown {
		list = append(list, p.Publication)
	}
	return list
}

// serve starts the daemon and waits until it answers.
func (w *world) serve() (stop func() int) {
	w.t.Helper()
	cmd := w.command("serve")
	log := started(w.t, cmd)
	stopped := false
	stop = func() int {
		if !stopped {
			stopped = true
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait()
			require.NotContains(w.t, log.String(), worldToken)
		}
		return cmd.ProcessState.ExitCode()
	}
	w.t.Cleanup(func() { stop() })
	return stop
}

// started starts a daemon, waits until it has printed where its pages are, and returns its log.
func started(t *testing.T, cmd *exec.Cmd) *bytes.Buffer {
	t.Helper()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	log := &bytes.Buffer{}
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	first := make([]byte, 200)
	n, err := out.Read(first)
	require.NoError(t, err, log)
	require.Contains(t, string(first[:n]), "Postern's pages: http://127.0.0.1:")
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return log
}

// landscapeJPEG returns a landscape of 640 × 640 pixels as a JPEG file.
func landscapeJPEG(seed uint64) []byte {
	return landscapeFile(seed, "jpg", func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) })
}

// landscapePNG returns a landscape of 640 × 640 pixels as a PNG file.
func landscapePNG(seed uint64) []byte { return landscapeFile(seed, "png", png.Encode) }

// landscapeFiles contains the files of landscapeFile. Each is drawn once, because to draw one takes longer than to
// publish it.
var landscapeFiles sync.Map

func landscapeFile(seed uint64, form string, encode func(io.Writer, image.Image) error) []byte {
	key := fmt.Sprint(seed, form)
	if file, ok := landscapeFiles.Load(key); ok {
		return file.([]byte)
	}
	var b bytes.Buffer
	if err := encode(&b, landscape(640, 640, seed)); err != nil {
		panic(err)
	}
	landscapeFiles.Store(key, b.Bytes())
	return b.Bytes()
}

// testBlog is a feed that grows.
type testBlog struct {
	url string

	mu      sync.Mutex
	entries []string
	broken  int  // status to answer instead
	isCut   bool // the end of the feed is missing
}

func newTestBlog(t *testing.T) *testBlog {
	b := &testBlog{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /feed", func(w http.ResponseWriter, _ *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.broken != 0 {
			http.Error(w, "no", b.broken)
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		end := "</channel></rss>"
		if b.isCut {
			end = "<item><title>Half"
		}
		fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>The blog</title><link>%s/</link>%s%s`,
			b.url, strings.Join(b.entries, ""), end)
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.PathValue("name"), ".txt") {
			fmt.Fprint(w, "no picture")
			return
		}
		if strings.HasSuffix(r.PathValue("name"), ".png") {
			_, _ = w.Write(landscapePNG(3))
			return
		}
		_, _ = w.Write(landscapeJPEG(3))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	b.url = s.URL
	b.add("old", "Was there before", "old.jpg")
	return b
}

func (b *testBlog) add(slug, title, picture string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	entry := fmt.Sprintf(`<item><title>%s</title><link>%s/%s</link><guid>%[2]s/%[3]s</guid><pubDate>%s</pubDate>`+
		`<description>&lt;p&gt;Words about %[3]s.&lt;/p&gt;&lt;img src="%[2]s/%[5]s" alt="What %[3]s `+
		`shows"&gt;</description></item>`,
		title, b.url, slug, time.Now().UTC().Format(time.RFC1123Z), picture)
	if picture == "" {
		entry = regexp.MustCompile(`&lt;img.*"&gt;`).ReplaceAllString(entry, "")
	}
	b.entries = append([]string{entry}, b.entries...)
}

// drop takes an entry out of the feed.
func (b *testBlog) drop(slug string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = slices.DeleteFunc(b.entries,
		func(entry string) bool { return strings.Contains(entry, "/"+slug+"</guid>") })
}

// cut takes the end of the feed away, or gives it back.
func (b *testBlog) cut(isCut bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.isCut = isCut
}

func (b *testBlog) breakWith(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = status
}

// builtBinary builds the program once, as users do. The race detector does not see into it: its tests belong to
// the long run.
func builtBinary(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("left out: the built program is tried in the long run")
	}
	path, err := buildOnce()
	require.NoError(t, err)
	return path
}

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "postern-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "postern")
	cmd := exec.Command("go", "build", "-tags", "nodynamic", "-o", path, ".") // as it is released
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// configure sets one line of the configuration.
func (w *world) configure(key, value string) {
	w.t.Helper()
	config, err := os.ReadFile(w.config)
	require.NoError(w.t, err)
	var lines []string
	for line := range strings.Lines(string(config)) {
		if !strings.HasPrefix(line, key+" = ") {
			lines = append(lines, line)
		}
	}
	require.NoError(w.t, os.WriteFile(w.config,
		[]byte(strings.Join(append(lines, fmt.Sprintf("%s = %q\n", key, value)), "")), 0o600))
}
