package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/address/s3test"
	"postern/instagram/simulator"
	"postern/shape"
	"postern/store"
)

// world is an installation of the built program with a blog and a simulated Instagram around it, all on this machine.
type world struct {
	t      *testing.T
	binary string
	dir    string
	config string
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
	w.sim.AddAccount(simulator.Account{UserID: "17841400000000007", Username: "harbour", Token: worldToken, TokenIssued: time.Now().Add(-time.Hour)})
	api := httptest.NewServer(w.sim)
	t.Cleanup(api.Close)
	w.config = filepath.Join(w.dir, "postern.toml")
	lines := append([]string{
		fmt.Sprintf("data_dir = %q", filepath.Join(w.dir, "data")), `web.listen = "127.0.0.1:0"`, `feeds.schedule = "@every 1s"`,
		`publish.settle = "1s"`, fmt.Sprintf("instagram.api_url = %q", api.URL), `network.allow = ["127.0.0.0/8"]`,
	}, extra...)
	require.NoError(t, os.WriteFile(w.config, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return w
}

// connect adds the account and the blog's feed.
func (w *world) connect() {
	w.t.Helper()
	w.must(w.post(worldToken+"\n", "account", "add", "--label", "Harbour", "--access-token-file", "-"))
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
	cmd := exec.CommandContext(w.t.Context(), w.binary, append(args, "--config", w.config)...)
	cmd.Dir, cmd.Env = w.dir, append(os.Environ(), w.environ...)
	return cmd
}

// withoutWarnings drops what is said about plain http, which every run here uses.
func withoutWarnings(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "postern: warning: ") {
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
	var list []shape.Publication
	d := json.NewDecoder(strings.NewReader(r.stdout))
	d.DisallowUnknownFields()
	require.NoError(w.t, d.Decode(&list), r.stdout)
	require.NotNil(w.t, list)
	return list
}

// serve starts the daemon and waits until it answers.
func (w *world) serve() (stop func() int) {
	w.t.Helper()
	cmd := w.command("serve")
	out, err := cmd.StdoutPipe()
	require.NoError(w.t, err)
	log := &bytes.Buffer{}
	cmd.Stderr = log
	require.NoError(w.t, cmd.Start())
	first := make([]byte, 200)
	n, err := out.Read(first)
	require.NoError(w.t, err, log)
	require.Contains(w.t, string(first[:n]), "Postern's pages: http://127.0.0.1:")
	go func() { _, _ = io.Copy(io.Discard, out) }()
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

// testBlog is a feed that grows.
type testBlog struct {
	url string

	mu      sync.Mutex
	entries []string
	broken  int // status to answer instead
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
		fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>The blog</title><link>%s/</link>%s</channel></rss>`, b.url, strings.Join(b.entries, ""))
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.PathValue("name"), ".txt") {
			fmt.Fprint(w, "no picture")
			return
		}
		img := landscape(640, 640, 3)
		if strings.HasSuffix(r.PathValue("name"), ".png") {
			_ = png.Encode(w, img)
			return
		}
		_ = jpeg.Encode(w, img, nil)
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
		`<description>&lt;p&gt;Words about %[3]s.&lt;/p&gt;&lt;img src="%[2]s/%[5]s" alt="What %[3]s shows"&gt;</description></item>`,
		title, b.url, slug, time.Now().UTC().Format(time.RFC1123Z), picture)
	b.entries = append([]string{entry}, b.entries...)
}

func (b *testBlog) breakWith(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = status
}

func TestSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	r := w.must(w.run("sync", "--json", "--wait", "2m"))
	require.Equal(t, "[]\n", r.stdout, "what was there when the feed was added is not published")

	w.blog.add("pier", "The pier", "pier.jpg")
	r = w.must(w.run("sync", "--json", "--wait", "2m"))
	list := w.publications(r)
	require.Len(t, list, 1)
	p := list[0]
	require.NotEmpty(t, p.ContainerID)
	require.NotEmpty(t, p.MediaID)
	live := w.sim.Posts("")
	require.Len(t, live, 1)
	want := fmt.Sprintf(`[{"id": %d, "state": "published", "reason": "", "next": "", "attempts": 0, "kind": "image",
		"caption": "The pier\n\nWords about pier.\n\nSee the full post at:\n%s/pier",
		"container_id": %q, "media_id": %q, "permalink": %q,
		"post": {"guid": "%[2]s/pier", "url": "%[2]s/pier", "title": "The pier"},
		"account": {"id": 1, "label": "Harbour", "username": "harbour"}}]`, p.ID, w.blog.url, live[0].ContainerID, live[0].ID, live[0].Permalink)
	require.JSONEq(t, want, r.stdout)
	require.Equal(t, "What pier shows", live[0].Slides[0].AltText)
	calls := w.sim.CallCount("create") + w.sim.CallCount("status") + w.sim.CallCount("publish") + w.sim.CallCount("permalink")
	require.Equal(t, 4, calls)

	r = w.must(w.run("sync", "--json", "--wait", "2m"))
	require.Equal(t, "[]\n", r.stdout)
	require.Len(t, w.sim.Posts(""), 1)

	all := w.publications(w.must(w.run("publications", "--json")))
	require.Len(t, all, 2)
	require.Len(t, w.publications(w.must(w.run("publications", "--state", "skipped", "--json"))), 1)
	require.Equal(t, "image", string(all[0].Kind), "what a skipped one would be is told")
}

func TestSyncServesRepairedPictures(t *testing.T) {
	t.Parallel()
	address := freePort(t)
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	w := newWorld(t, fmt.Sprintf("web.base_url = %q", "http://"+address))
	config, err := os.ReadFile(w.config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.config, bytes.Replace(config, []byte("127.0.0.1:0"), []byte(address), 1), 0o600))
	w.connect()
	w.blog.add("drawing", "A drawing", "drawing.png")

	w.fails(w.run("sync", "--wait", "2m"), "port in use", address, "web.listen")
	require.Empty(t, w.sim.Posts(""))
	l.Close()
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Len(t, list, 1)
	require.Equal(t, store.Published, list[0].State)
	require.Contains(t, w.sim.Posts("")[0].Slides[0].URL, address+"/media/")
}

func TestSyncFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.blog.add("bad", "Bad #sim-2207026", "bad.jpg")
	r := w.run("sync", "--json", "--wait", "2m")
	w.fails(r, "publication 2 is failed")
	require.Equal(t, store.Failed, w.publications(r)[0].State)
	w.must(w.run("sync", "--json", "--wait", "2m")) // it failed in an earlier pass

	w.blog.breakWith(http.StatusNotFound)
	w.fails(w.run("sync", "--wait", "2m"), "feed 1 (Blog) could not be read", "404")
	r = w.run("feed", "check", "1")
	w.fails(r, "polling: the last poll failed: ", "the other checks of this feed")
	require.NotContains(t, r.stderr, "below", "nothing follows")
	w.blog.breakWith(0)
	w.must(w.run("sync", "--wait", "2m"))

	w.sim.RevokeTokens("17841400000000007")
	w.blog.add("next", "Next", "next.jpg")
	r = w.run("sync", "--json", "--wait", "2m")
	w.fails(r, "account 1 (Harbour) needs you")
	require.Equal(t, store.Queued, w.publications(r)[0].State)
	require.Empty(t, w.publications(r)[0].Next, "nothing happens by itself")
}

func TestServe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.serve()
	w.connect() // beside the daemon

	w.fails(w.run("serve"), "in use by postern serve (process ", "stop that first")

	w.blog.add("pier", "The pier", "pier.jpg")
	require.Eventually(t, func() bool { return len(w.sim.Posts("")) == 1 }, time.Minute, 100*time.Millisecond)

	require.Equal(t, 0, stop(), "a stop that was asked for is no failure")
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 1)
}

// Beside a daemon, which polls seldom, it has that one poll now and waits until it is done.
func TestSyncBesideADaemon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure("feeds.schedule", "@every 1h")
	w.connect()
	stop := w.serve()
	w.blog.add("boat", "The boat", "boat.jpg")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Len(t, list, 1)
	require.Equal(t, store.Published, list[0].State)
	require.Equal(t, "The boat", list[0].Post.Title)
	require.NotEmpty(t, list[0].Permalink)
	require.Equal(t, 0, stop())
	require.Len(t, w.sim.Posts(""), 1)
}

// The first signal waits for the step in hand, the second one for nothing. What was asked for is settled at the next start.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	release := make(chan struct{})
	defer close(release)
	w.sim.Fault(simulator.Fault{Kind: simulator.Hold, Op: "publish", Until: release})
	w.blog.add("pier", "The pier", "pier.jpg")
	cmd := w.command("serve")
	log, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return w.sim.CallCount("publish") == 1 }, time.Minute, 20*time.Millisecond)

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), "stopping") { // only then is it sure to have had the first
		continue
	}
	time.Sleep(sameSignal)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_, _ = io.Copy(io.Discard, log)
	require.Error(t, cmd.Wait())
	require.Equal(t, 128+int(syscall.SIGTERM), cmd.ProcessState.ExitCode(), "it did not wait for the answer")

	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Published, list[0].State)
	require.Len(t, w.sim.Posts(""), 1)
}

func TestCommandsOnPublications(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "approve=true", `format_string={{title}};\n{{url}}, indeed`))
	w.blog.add("pier", "The pier", "pier.jpg")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Held, list[0].State)
	require.Equal(t, "waiting for your approval", list[0].Reason)
	require.Contains(t, list[0].Caption, "The pier;\n"+w.blog.url+"/pier, indeed")
	id := fmt.Sprint(list[0].ID)

	w.fails(w.run("retry", id), "retry is not possible while it is held")
	w.fails(w.run("confirm", id), "not possible")
	w.must(w.run("skip", id))
	w.must(w.run("publish", id))
	w.must(w.run("hold", id))
	var one shape.Publication
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("publish", id, "--json")).stdout), &one))
	require.Equal(t, store.Queued, one.State)
	require.NotEmpty(t, one.Next)

	w.must(w.run("account", "pause", "1"))
	w.must(w.run("sync", "--wait", "2m"))
	require.Empty(t, w.sim.Posts(""))
	w.must(w.run("account", "resume", "1"))
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 1)
}

func TestSettingsFromOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.fails(w.run("account", "set", "9"), "account 9: not found")
	w.must(w.run("account", "set", "1", "quiet_hours=00:00-23:59", "time_zone=Pacific/Kiritimati", "min_age=100000h", "first_comment=More: {{url}}"))
	for word, want := range map[string]string{"quiet_hours=at night": "quiet_hours: \"at night\" is not a part of the day", "time_zone=Berlin": "not the name of a time zone"} {
		r := w.run("account", "set", "1", "approve=yes", word)
		require.Equal(t, exitUsage, r.status)
		require.Contains(t, r.stderr, want)
		require.Equal(t, exitUsage, w.run("feed", "route", "1", "1", word).status)
	}
	shown := func() (all map[string][2]string) {
		var list []struct{ Setting, Value, Origin string }
		require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "set", "1", "--json")).stdout), &list))
		all = map[string][2]string{}
		for _, s := range list {
			all[s.Setting] = [2]string{s.Value, s.Origin}
		}
		return all
	}
	require.Equal(t, [2]string{"00:00-23:59", "account"}, shown()["quiet_hours"])
	require.Equal(t, [2]string{"no", "default"}, shown()["approve"], "of a wrong command nothing is done")
	require.Contains(t, w.must(w.run("account", "set", "1")).stdout, "Pacific/Kiritimati")

	w.blog.add("pier", "The pier", "pier.jpg")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Queued, list[0].State)
	require.Contains(t, list[0].Reason, "younger than 100000h until")
	w.must(w.run("feed", "route", "1", "1", "quiet_hours=,", "min_age=0s"))
	list = w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Published, list[0].State, "what waited for an old setting of the feed is asked again")
	require.Eventually(t, func() bool {
		w.must(w.run("sync", "--wait", "1s"))
		return len(w.sim.Posts("")[0].Comments) == 1
	}, time.Minute, time.Second)
	require.Equal(t, "More: "+w.blog.url+"/pier", w.sim.Posts("")[0].Comments[0].Text)
}

func TestFeedsAndAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	var feeds, accounts []map[string]any
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("feed", "list", "--json")).stdout), &feeds))
	require.Len(t, feeds, 1)
	for _, k := range []string{"next_poll_at", "last_polled_at"} {
		_, err := time.Parse(time.RFC3339, feeds[0][k].(string))
		require.NoError(t, err, k)
		delete(feeds[0], k)
	}
	require.Equal(t, map[string]any{"id": 1.0, "url": w.blog.url + "/feed", "label": "Blog", "title": "The blog", "failures": 0.0, "problem": ""}, feeds[0])
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "list", "--json")).stdout), &accounts))
	require.Equal(t, []map[string]any{{
		"id": 1.0, "label": "Harbour", "user_id": "17841400000000007", "username": "harbour", "token_expires_at": "", "paused": false, "problem": "",
	}}, accounts)

	var found []store.Finding
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "check", "1", "--json")).stdout), &found))
	require.NotEmpty(t, found)
	w.must(w.run("feed", "check", "1"))
	w.must(w.run("feed", "pause", "1"))
	w.must(w.run("feed", "resume", "1"))
	w.must(w.run("feed", "route", "1", "1", "--off"))
	w.must(w.run("feed", "route", "1", "1", "channel=story"))
	require.Equal(t, exitUsage, w.run("feed", "route", "1", "1", "channel=reel").status)
	w.fails(w.run("feed", "route", "1", "9"), "account 9: not found")

	w.must(w.run("account", "remove", "1"))
	w.must(w.run("feed", "remove", "1"))
	require.Equal(t, "[]\n", w.must(w.run("feed", "list", "--json")).stdout)
	require.Equal(t, "[]\n", w.must(w.run("account", "list", "--json")).stdout)
	w.fails(w.run("feed", "check", "1"), "feed 1 was removed")

	var made shape.Account
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "add", "--sandbox", "--label", "Sand box", "--json")).stdout), &made))
	require.Equal(t, "sand.box", made.Username)
	w.must(w.run("account", "check", fmt.Sprint(made.ID)))
}

func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.blog.add("pier", "The pier", "pier.png")
	w.blog.mu.Lock()
	w.blog.entries = append([]string{`<item><title>Words only</title><guid>words</guid><description>Nothing to see.</description></item>`}, w.blog.entries...)
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
		"guid": w.blog.url + "/pier", "url": w.blog.url + "/pier", "title": "The pier", "decision": "publish", "reason": "", "kind": "image",
		"media":   []any{map[string]any{"type": "image", "url": w.blog.url + "/pier.png", "alt": "What pier shows", "poster_url": ""}},
		"caption": "The pier\n\nWords about pier.\n\nSee the full post at:\n" + w.blog.url + "/pier",
		"checks": []any{
			map[string]any{"id": "media.url.none", "severity": "blocks", "remedy": "Set web.base_url.",
				"text": "pier.png must be repaired (converted from PNG), and the result has no address that Instagram could fetch"},
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

	r = w.must(w.post(`{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "1", "url": "/a", "image": "/a.jpg"}]}`,
		"preview", "-", "--base-url", "https://example.org/", "--json"))
	require.Contains(t, r.stdout, `"https://example.org/a.jpg"`)
	require.Contains(t, r.stdout, `"format": "json"`)

	r = w.must(w.post(`{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "1", "url": "/a", "content_html": "<img src='/a.jpg'><img src='/p.gif' width=1 height=1>"}, {"id": "2"}]}`,
		"preview", "-", "--base-url", "https://example.org/"))
	require.Contains(t, r.stdout, "1. publish image: https://example.org/a\n")
	require.Contains(t, r.stdout, "   left out: 1×1 pixel https://example.org/p.gif\n")
	require.Contains(t, r.stdout, "2. skip: 2 (no picture or video)\n")
	require.Contains(t, r.stdout, "   note: a.jpg has no alt text. Describe it in the post, for those who cannot see it. [alt.missing]\n")
}

// Bad input gets one clear line and loses nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><title>A page</title><p>Hello")
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<?xml version="1.0"?><rss version="2.0"><channel>`)
		for range 40 << 10 {
			if _, err := w.Write(bytes.Repeat([]byte("<item/>"), 1<<10)); err != nil {
				return
			}
		}
	})
	site := httptest.NewServer(mux)
	defer site.Close()
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()
	for address, says := range map[string]string{
		site.URL + "/page": "feed", site.URL + "/none": "404", site.URL + "/gone": "410", secure.URL + "/page": "certificate",
		site.URL + "/endless": "larger", "http://192.168.255.1/feed": "network.allow", "ftp://example.org/feed": "http",
	} {
		r := w.run("feed", "add", address)
		w.fails(r)
		require.Contains(t, strings.ToLower(r.stderr), says, address)
	}
	require.Equal(t, "[]\n", w.must(w.run("feed", "list", "--json")).stdout, "none of them was kept")

	w.fails(w.post("IGwrong\n", "account", "add", "--access-token-file", "-"), "token")
	w.fails(w.post(worldToken, "account", "add", "--access-token-file", "-", "--user-id", "17841499999999999"), "this token belongs to @harbour")
	w.fails(w.post("\n", "account", "add", "--access-token-file", "-"), "empty")
	require.Equal(t, "[]\n", w.must(w.run("account", "list", "--json")).stdout)
}

func TestBadPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, err := os.ReadFile(w.config)
	require.NoError(t, err)
	configure := func(text string) { require.NoError(t, os.WriteFile(w.config, []byte(text), 0o600)) }

	configure(string(good) + "publish.sette = \"3m\"\n")
	w.fails(w.run("serve"), "there is no key publish.sette; did you mean publish.settle?")

	file := filepath.Join(w.dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	configure(strings.Replace(string(good), filepath.Join(w.dir, "data"), filepath.Join(file, "data"), 1))
	w.fails(w.run("serve"), "the data directory", "cannot be written", "set data_dir")
	if os.Getuid() != 0 { // nothing is unwritable for root
		closed := filepath.Join(w.dir, "closed")
		require.NoError(t, os.Mkdir(closed, 0o500))
		configure(strings.Replace(string(good), filepath.Join(w.dir, "data"), closed, 1))
		w.fails(w.run("serve"), "cannot be written (permission denied)")
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	configure(strings.Replace(string(good), "127.0.0.1:0", l.Addr().String(), 1))
	w.fails(w.run("serve"), "port in use", l.Addr().String(), "set web.listen")

	configure(string(good))
	w.must(w.run("token", "add", "--label", "first"))
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "data", "postern.db")+"?_pragma=busy_timeout(60000)")
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (9999, 1, '2030-01-01')`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	w.fails(w.run("serve"), "written by a newer version")
	w.fails(w.run("publications"), "written by a newer version")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("watches the demo, which takes half a minute")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), builtBinary(t), "demo", "--json")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "POSTERN_WEB_LISTEN=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	var told struct{ Pages, Profile, Feed string }
	require.NoError(t, json.NewDecoder(out).Decode(&told))

	get := func(address string) string {
		res, err := http.Get(address)
		if err != nil {
			return err.Error()
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return string(b)
	}
	posts := len(samplePosts) - 2 // one has no pictures, one is a story
	require.Eventually(t, func() bool {
		profile := get(told.Profile)
		return strings.Count(profile, `href="/p/`)+strings.Count(profile, `href="/reel/`) >= posts && strings.Contains(profile, "/stories/")
	},
		3*time.Minute, time.Second, "the sample posts appear on the profile")
	require.Contains(t, get(told.Pages+"publications/1"), "looking whether it is live", "the lost answer is told")
	require.Contains(t, get(told.Pages+"publications/2"), "not ready", "so is the refusal")

	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing is left behind")
}

// timeout(1), which cron lines have, sends its signal to the process and to its group.
func TestDemoLeavesNothingBehindWhenItIsStoppedTwice(t *testing.T) {
	t.Parallel()
	dir, temp := t.TempDir(), t.TempDir()
	cmd := exec.CommandContext(t.Context(), builtBinary(t), "demo", "--json")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "POSTERN_WEB_LISTEN=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	var told struct{ Pages string }
	require.NoError(t, json.NewDecoder(out).Decode(&told))
	left := func() []string {
		names, err := filepath.Glob(filepath.Join(temp, "postern-demo-*"))
		require.NoError(t, err)
		return names
	}
	require.Len(t, left(), 1)
	for range 2 {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	}
	_ = cmd.Wait() // 0, or by the second signal if it came late
	require.Empty(t, left())
}

// Nothing waits for the end of standard input after one Ctrl-C.
func TestOneSignalEndsAReadOfStandardInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cmd := w.command("preview", "-")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	var said bytes.Buffer
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	// More than fits into a pipe: it reads when that was taken.
	_, err = stdin.Write(bytes.Repeat([]byte(" "), 1<<17))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	err = cmd.Wait()
	_ = stdin.Close() // Wait closes it, too
	require.ErrorAs(t, err, new(*exec.ExitError))
	require.Equal(t, exitFailed, cmd.ProcessState.ExitCode())
	require.Equal(t, "postern: interrupted\n", withoutWarnings(said.String()))
}

func TestInterruptible(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	in := &invocation{ctx: ctx, stdin: r}
	go func() { _, _ = w.Write([]byte("half a line")) }()
	b := bufio.NewReader(in.input())
	_, err := b.Peek(11)
	require.NoError(t, err)
	time.AfterFunc(time.Millisecond, cancel)
	_, err = firstLine(b)
	require.ErrorIs(t, err, context.Canceled)
}
