package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
	"postern/store"
)

// moment is when the program is killed.
type moment struct {
	name   string
	op     instagram.Op // when the first call of this kind arrives
	fault  *simulator.Fault
	after  time.Duration // so long after the start, or after the call arrived
	asking bool          // it lies between the intent to publish and the answer
}

// moments are fifty, from the first instruction to after the end.
func moments(release <-chan struct{}) []moment {
	var ms []moment
	for i := range 6 {
		after := time.Duration(i) * 20 * time.Millisecond
		ms = append(ms,
			moment{name: "asked, live, answer held", op: "publish", after: after, asking: true,
				fault: &simulator.Fault{Kind: simulator.Hold, Op: "publish", Until: release}},
			moment{name: "asked, nothing happened yet", op: "publish", after: after, asking: true,
				fault: &simulator.Fault{Kind: simulator.Drop, Op: "publish", Until: release}},
			moment{name: "asked, happens after the death", op: "publish", after: after, asking: true,
				fault: &simulator.Fault{Kind: simulator.Late, Op: "publish", After: 500 * time.Millisecond}},
			moment{name: "container made, answer held", op: "create", after: after,
				fault: &simulator.Fault{Kind: simulator.Hold, Op: "create", Until: release}},
			moment{name: "status read, answer held", op: "status", after: after,
				fault: &simulator.Fault{Kind: simulator.Hold, Op: "status", Until: release}},
			moment{name: "about when publish is answered", op: "publish", after: after / 4},
		)
	}
	for i := range 4 {
		ms = append(ms, moment{name: "permalink being read", op: "permalink",
			after: time.Duration(i) * 5 * time.Millisecond})
	}
	for i := range 10 {
		ms = append(ms, moment{name: "any time",
			after: time.Duration(i)*300*time.Millisecond + time.Duration(rand.IntN(200))*time.Millisecond})
	}
	return ms
}

// The program is killed at fifty moments and started again. Each time exactly one post is live in the end, and the
// program knows that.
func TestKilledAtFiftyMoments(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills the program fifty times, which takes a minute")
	}
	binary := builtBinary(t)
	release := make(chan struct{})
	defer close(release)
	ms := moments(release)
	require.Len(t, ms, 50)

	site := httptest.NewServer(photoBlog())
	defer site.Close()
	template := crashTemplate(t, binary, site.URL)

	var mu sync.Mutex
	landed := map[string]int{}
	asking := 0
	slots := make(chan struct{}, 10)
	var wg sync.WaitGroup
	for i, m := range ms {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			state := crashOnce(t, binary, template, i, m)
			mu.Lock()
			defer mu.Unlock()
			landed[state]++
			if m.asking && state == string(store.Publishing) {
				asking++
			}
		})
	}
	wg.Wait()
	var lines []string
	for state, n := range landed {
		lines = append(lines, fmt.Sprintf("%s %d", state, n))
	}
	sort.Strings(lines)
	t.Logf("killed at %d moments; state found afterwards: %s; between intent and answer: %d", len(ms),
		strings.Join(lines, ", "), asking)
	require.GreaterOrEqual(t, asking, 10, "too few moments lay between intent and answer")
}

// crashOnce kills one program once, starts it again, and returns the state that the dead one had left.
func crashOnce(t *testing.T, binary, template string, n int, m moment) (state string) {
	label := fmt.Sprintf("moment %d (%s, %s)", n, m.name, m.after)
	arrived := make(chan struct{})
	var once sync.Once
	sim := simulator.New(simulator.Options{Seed: int64(n + 1), Kind: true,
		OnCall: func(op instagram.Op, _ *http.Request) {
			if m.op != "" && op == m.op {
				once.Do(func() { close(arrived) })
			}
		}})
	sim.AddAccount(crashAccount)
	if m.fault != nil {
		sim.Fault(*m.fault)
	}
	api := httptest.NewServer(sim)
	defer api.CloseClientConnections() // one may still hold its answer to the dead
	dir := t.TempDir()
	if !copied(t, template, dir) {
		return "not started"
	}
	config := crashConfig(t, dir, api.URL)

	first := startServe(t, binary, dir, config)
	if m.op != "" {
		select {
		case <-arrived:
		case <-time.After(60 * time.Second):
			t.Errorf("%s: the call never came\n%s", label, first.log.String())
		}
	}
	time.Sleep(m.after)
	_ = first.cmd.Process.Kill()
	_ = first.cmd.Wait()
	state = crashState(t, binary, config)

	second := startServe(t, binary, dir, config)
	end := ""
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline) &&
		end != string(store.Published); time.Sleep(500 * time.Millisecond) {
		end = crashState(t, binary, config)
	}
	// Not an interrupt: a program that has only begun leaves that ignored where its parent does, as what shells run
	// behind.
	_ = second.cmd.Process.Signal(syscall.SIGTERM)
	_ = second.cmd.Wait()
	if end != string(store.Published) {
		t.Errorf("%s: ended %s\n%s", label, end, second.log.String())
	}
	if live := len(sim.Posts("")); live != 1 {
		t.Errorf("%s: %d posts are live\n%s\n%s", label, live, first.log.String(), second.log.String())
	}
	return state
}

var crashAccount = simulator.Account{UserID: "17841400000000042", Username: "harbour",
	Token: "IGAA-made-up-for-the-crash-test"}

// photoBlog is a site with one entry with one picture.
func photoBlog() http.Handler {
	var picture bytes.Buffer
	_ = jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 640, 640)), nil)
	mux := http.NewServeMux()
	mux.HandleFunc("/a.jpg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write(picture.Bytes())
	})
	mux.HandleFunc("/feed", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Harbour</title><link>http://%s/</link>
			<item><guid>one</guid><title>Fog</title><link>http://%s/one</link><description>&lt;img src="/a.jpg"&gt; Fog at six.</description></item></channel></rss>`, r.Host, r.Host)
	})
	return mux
}

// crashTemplate is a data directory with one account and one post that is due.
func crashTemplate(t *testing.T, binary, site string) string {
	sim := simulator.New(simulator.Options{Seed: 1, Kind: true})
	sim.AddAccount(crashAccount)
	api := httptest.NewServer(sim)
	defer api.Close()
	dir := t.TempDir()
	config := crashConfig(t, dir, api.URL)
	secret := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(secret, []byte(crashAccount.Token+"\n"), 0o600))
	for _, args := range [][]string{
		{"account", "add", "--label", "Harbour", "--access-token-file", secret},
		{"feed", "add", site + "/feed", "--start", "all"},
	} {
		out, err := exec.CommandContext(t.Context(), binary, append(args, "--config", config)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	return filepath.Join(dir, "data")
}

func crashConfig(t *testing.T, dir, api string) string {
	path := filepath.Join(dir, "postern.toml")
	text := fmt.Sprintf("data_dir = %q\n[web]\nlisten = \"127.0.0.1:0\"\n[publish]\nsettle = \"2s\"\n[instagram]\napi_url = %q\n[network]\nallow = [\"127.0.0.0/8\"]\n",
		filepath.Join(dir, "data"), api)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
	return path
}

func copied(t *testing.T, from, to string) bool {
	err := os.CopyFS(filepath.Join(to, "data"), os.DirFS(from))
	if err == nil { // the key must not be readable by others, whatever the umask
		err = os.Chmod(filepath.Join(to, "data", "secret.key"), 0o600)
	}
	if err != nil {
		t.Error(err)
	}
	return err == nil
}

type served struct {
	cmd *exec.Cmd
	log *bytes.Buffer
}

func startServe(t *testing.T, binary, dir, config string) served {
	s := served{cmd: exec.CommandContext(t.Context(), binary, "serve", "--config", config), log: &bytes.Buffer{}}
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Error(err)
	}
	return s
}

// crashState asks the program itself, in another process, as a person would.
func crashState(t *testing.T, binary, config string) string {
	out, err := exec.CommandContext(t.Context(), binary, "publications", "--json", "--config", config).Output()
	if err != nil {
		return "unreadable: " + err.Error()
	}
	var list []struct{ State string }
	if err := json.Unmarshal(out, &list); err != nil || len(list) != 1 {
		return fmt.Sprintf("unreadable: %s", out)
	}
	return list[0].State
}
