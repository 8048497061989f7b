//go:build linux

package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"postern/store"
)

// page is SQLite's.
const page = 4096

// doctor runs it both ways, which must agree, and returns what it found by its name.
func (w *world) doctor() (status int, found map[string]store.Finding) {
	w.t.Helper()
	r := w.run("doctor", "--json")
	var list []store.Finding
	d := json.NewDecoder(strings.NewReader(r.stdout))
	d.DisallowUnknownFields()
	require.NoError(w.t, d.Decode(&list), r.stdout)
	require.NotNil(w.t, list)
	found = map[string]store.Finding{}
	bad := 0
	for _, f := range list {
		require.NotEmpty(w.t, f.Check)
		require.NotEmpty(w.t, f.Detail, f.Check)
		require.NotContains(w.t, f.Detail+f.Remedy, "\n")
		found[f.Check] = f
		if !f.OK {
			require.NotEmpty(w.t, f.Remedy, f.Check)
			require.Contains(w.t, r.stderr, f.Check)
			bad++
		}
	}
	if bad == 0 {
		require.Empty(w.t, r.stderr)
	} else {
		w.fails(r, "failed: ")
	}
	people := w.run("doctor")
	require.Equal(w.t, r.status, people.status, people.stdout)
	require.Equal(w.t, bad, strings.Count("\n"+people.stdout, "\nFAIL  "), people.stdout)
	require.Equal(w.t, bad == 0, strings.Contains(people.stdout, "All checks passed."))
	return r.status, found
}

// ill demands that just these are not well, and that each says its words.
func (w *world) ill(want map[string]string) map[string]store.Finding {
	w.t.Helper()
	status, found := w.doctor()
	for check, f := range found {
		words, expected := want[check]
		require.Equal(w.t, expected, !f.OK, "%s: %s", check, f.Detail)
		if expected {
			require.Contains(w.t, f.Detail+"; "+f.Remedy, words, check)
		}
	}
	for check := range want {
		require.Contains(w.t, found, check)
	}
	require.Equal(w.t, ifElse(len(want) > 0, exitFailed, exitWell), status)
	return found
}

// change writes into the database what cannot be brought about otherwise in a test.
func (w *world) change(statement string, args ...any) {
	w.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "data", "postern.db")+"?_pragma=busy_timeout(60000)")
	require.NoError(w.t, err)
	defer db.Close()
	_, err = db.ExecContext(w.t.Context(), statement, args...)
	require.NoError(w.t, err)
}

// newDoctorWorld is a world in which doctor does not start ffmpeg, which takes most of its time. What doctor says about
// ffmpeg has tests of its own.
func newDoctorWorld(t *testing.T, extra ...string) *world {
	t.Helper()
	return newWorld(t, append(extra, `media.ffmpeg = "off"`)...)
}

func (w *world) contents() map[string]string {
	w.t.Helper()
	all := map[string]string{}
	require.NoError(w.t, filepath.WalkDir(filepath.Join(w.dir, "data"),
		func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "-shm") {
				return err
			}
			b, err := os.ReadFile(path)
			if len(b) > 0 { // an empty log says nothing
				all[path] = string(b)
			}
			return err
		}))
	return all
}

func TestDoctorInAnEmptyFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ill(map[string]string{"data directory": "start `postern serve`"})
	require.NoDirExists(t, filepath.Join(w.dir, "data"), "it makes nothing")

	require.NoError(t, os.Mkdir(filepath.Join(w.dir, "data"), 0o700))
	w.ill(map[string]string{"database": "does not exist yet"})
	require.Empty(t, w.contents())
}

func TestDoctorOfABrokenConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `feeds.shedule = "@every 1m"`, `web.base_url = "posse.example.org"`)
	r := w.run("doctor", "--json")
	require.Equal(t, exitFailed, r.status)
	require.Contains(t, r.stdout, "did you mean feeds.schedule")
	require.Contains(t, r.stdout, "web.base_url must be an address")

	require.NoError(t, os.WriteFile(w.config, []byte("data_dir = \n"), 0o600))
	w.ill(map[string]string{"configuration": "it checked nothing else"})
}

// Beside a daemon and without one, nothing is written and nothing published, and all is well.
func TestDoctorOfAWellInstallation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	before := w.contents()
	found := w.ill(nil)
	require.Equal(t, before, w.contents())
	require.Contains(t, found["feed 1"].Detail, `Blog: the server answers`)
	require.Contains(t, found["feed 1"].Detail, `RSS "The blog"`)
	require.Contains(t, found["account 1"].Detail,
		"Harbour: the stored secrets can be opened; Instagram answers as @harbour")
	require.Contains(t, found["account 1"].Detail, "0 of ")
	require.Contains(t, found["secrets key"].Detail, "opens 1 stored secret")
	require.Contains(t, found["clock"].Detail, "agrees")
	require.Contains(t, found["daemon"].Remedy, "postern serve")
	require.Contains(t, found["database"].Detail, "and not damaged")
	if ffmpeg, err := exec.LookPath("ffmpeg"); err == nil {
		require.Regexp(t, "^"+regexp.QuoteMeta(ffmpeg)+`.* version \S+`, found["ffmpeg"].Detail)
		require.NotContains(t, found["ffmpeg"].Detail, "without")
	}
	stop := w.serve()
	found = w.ill(nil)
	require.Regexp(t, `^postern serve \(process \d+\) is running$`, found["daemon"].Detail)
	require.Zero(t, stop())
	require.Empty(t, w.sim.Posts(""))
}

func TestDoctorOfTheKey(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	w.connect()
	key := filepath.Join(w.dir, "data", "secret.key")
	right, err := os.ReadFile(key)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(key, []byte(strings.Repeat("k", 32)), 0o600))
	found := w.ill(map[string]string{"secrets key": "is not the key"})
	require.Contains(t, found["account 1"].Detail, "its access token cannot be opened")
	require.NoError(t, os.Remove(key))
	w.ill(map[string]string{"secrets key": "is missing"})
	require.NoFileExists(t, key)
	require.NoError(t, os.WriteFile(key, []byte("short"), 0o600))
	w.ill(map[string]string{"secrets key": "is not a key"})
	require.NoError(t, os.WriteFile(key, right, 0o600))
	require.NoError(t, os.Chmod(key, 0o644))
	w.ill(map[string]string{"secrets key": "Run chmod 600"})
	require.NoError(t, os.Chmod(key, 0o600))
	w.ill(nil)

	require.NoError(t, os.Remove(key))
	w.environ = append(w.environ, fmt.Sprintf("POSTERN_SECRET_KEY=%x", right))
	found = w.ill(nil)
	require.Contains(t, found["secrets key"].Detail, "the key in the environment opens 1 stored secret")
}

func TestDoctorOfADamagedDatabase(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	w.connect()
	path := filepath.Join(w.dir, "data", "postern.db")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Greater(t, len(whole), 12*page)
	for name, b := range map[string][]byte{
		"pages in the middle": append(append(append([]byte{}, whole[:3*page]...), make([]byte, 6*page)...),
			whole[9*page:]...),
		"cut":         whole[:len(whole)/2],
		"no database": []byte(strings.Repeat("Dear diary. ", 1000)),
	} {
		require.NoError(t, os.WriteFile(path, b, 0o600), name)
		_, found := w.doctor()
		require.False(t, found["database"].OK, name)
		require.Contains(t, found["database"].Detail, "damaged", name)
		require.Contains(t, found["database"].Remedy, "postern restore FILE", name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, b, after, name)
	}
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	w.ill(nil)
	w.change(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	w.ill(map[string]string{"database": "newer version"})
	w.change(
		`DELETE FROM goose_db_version WHERE version_id >= (SELECT max(version_id) FROM goose_db_version
			WHERE version_id < 9999) AND version_id > 1`)
	if status, found := w.doctor(); status != exitWell { // there is only one version so far
		require.Contains(t, found["database"].Remedy, "start `postern serve`")
	}
}

// mount gives the world's data directory a small disk of its own.
func (w *world) mount(flags uintptr, more string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, "data")
	if err := unix.Mount("tmpfs", dir, "tmpfs", flags, more); err != nil {
		w.t.Skipf("disks cannot be mounted here: %v", err)
	}
	w.t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
}

func TestDoctorOfAFullDisk(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	require.NoError(t, os.Mkdir(filepath.Join(w.dir, "data"), 0o700))
	w.mount(0, "size=4m,mode=700")
	w.connect()
	w.ill(map[string]string{"disk": "the disk is full"}) // of which there are few megabytes in all
	for _, beside := range []string{"-wal", "-shm"} {    // and they cannot be made again
		require.NoError(t, os.Remove(filepath.Join(w.dir, "data", "postern.db"+beside)))
	}
	fill, err := os.Create(filepath.Join(w.dir, "data", "filler"))
	require.NoError(t, err)
	for err == nil {
		_, err = fill.Write(make([]byte, page))
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, fill.Close())
	found := w.ill(map[string]string{"disk": "the disk is full: 0 MB", "data directory": "no space left"})
	require.Contains(t, found["account 1"].Detail, "@harbour", "the database is read all the same")

	require.NoError(t, unix.Mount("", filepath.Join(w.dir, "data"), "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	found = w.ill(map[string]string{"disk": "the disk is full: 0 MB", "data directory": "mount that disk for writing"})
	require.Contains(t, found["account 1"].Detail, "@harbour")
}

func TestDoctorOfAFullMediaFolder(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t, "media.max_bytes = 2097152")
	w.connect()
	folder := filepath.Join(w.dir, "data", "media")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, strings.Repeat("a", 64)+".jpg"), make([]byte, 1<<20), 0o644))
	require.Contains(t, w.ill(nil)["disk"].Detail, "has 1 of 2 MB")
	require.NoError(t, os.WriteFile(filepath.Join(folder, strings.Repeat("b", 64)+".jpg"), make([]byte, 1<<20), 0o644))
	w.ill(map[string]string{"disk": "2 of 2 MB; "})
}

func TestDoctorOfPermissions(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	w.connect()
	data := filepath.Join(w.dir, "data")
	require.NoError(t, os.Chmod(data, 0o777))
	w.ill(map[string]string{"permissions": "chmod go-w"})
	require.NoError(t, os.Chmod(data, 0o700))
	require.NoError(t, os.Chmod(filepath.Join(data, "postern.db"), 0o640))
	w.ill(map[string]string{"permissions": "chmod 600"})
	require.NoError(t, os.Chmod(filepath.Join(data, "postern.db"), 0o600))
	w.ill(nil)
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	// The daemon's own user, after somebody has run a command as root.
	for _, name := range []string{".", "postern.db", "lock", "secret.key"} {
		require.NoError(t, os.Chown(filepath.Join(data, name), 65534, 65534))
	}
	w.ill(nil)
	require.NoError(t, os.Chown(filepath.Join(data, "secret.key"), 0, 0))
	w.ill(map[string]string{"permissions": "chown -R nobody"})
	require.NoError(t, os.Chown(filepath.Join(data, "secret.key"), 65534, 65534))

	// Somebody else than the daemon's user asks.
	for dir := w.dir; dir != filepath.Dir(os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	require.NoError(t, os.Chmod(data, 0o755))
	require.NoError(t, os.Chmod(w.config, 0o644))
	binary := filepath.Join(w.dir, "postern")
	b, err := os.ReadFile(w.binary)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(binary, b, 0o755))
	cmd := exec.CommandContext(t.Context(), binary, "doctor", "--config", w.config)
	cmd.Dir = w.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1, Gid: 1}}
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "FAIL  database: ")
	require.Contains(t, string(out), "permission denied\n      run doctor as the user that runs Postern")
}

func TestDoctorOfTheClock(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	off := -3 * time.Hour
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
		fmt.Fprint(rw,
			`<rss version="2.0"><channel><title>Late</title><item><guid>1</guid><title>x</title>`+
				`<description>&lt;img src="/a.jpg"&gt;</description></item></channel></rss>`)
	}))
	t.Cleanup(site.Close)
	w.must(w.run("feed", "add", site.URL+"/feed"))
	found := w.ill(map[string]string{"clock": "ahead of the clock of " + strings.TrimPrefix(site.URL, "http://")})
	require.Regexp(t, `, (2h5\dm\d+s|3h0m0s) ahead`, found["clock"].Detail)
	require.Contains(t, found["clock"].Remedy, "set-ntp")

	// One server whose clock is right is enough.
	w.addAccount()
	found = w.ill(nil)
	require.Contains(t, found["clock"].Detail, "agrees")

	w.change(`INSERT INTO events (at, actor, kind) VALUES ($1, 'system', 'note')`,
		time.Now().Add(time.Hour).UnixMilli())
	w.ill(map[string]string{"clock": "history goes to"})
}

func TestDoctorOfFeedsAndAccounts(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	w.connect()
	w.blog.breakWith(http.StatusNotFound)
	w.ill(map[string]string{"feed 1: reachable": "Blog: there is nothing at this address (404"})
	w.must(w.run("feed", "pause", "1"))
	found := w.ill(nil)
	require.Contains(t, found["feed 1"].Detail, "is paused, so doctor did not check it")
	w.blog.breakWith(0)
	w.must(w.run("feed", "resume", "1"))
	w.must(w.run("feed", "route", "1", "1", "--off"))
	found = w.ill(nil)
	require.Contains(t, found["feed 1"].Detail, "no account publishes the posts of Blog")
	w.must(w.run("account", "pause", "1"))
	require.Contains(t, w.ill(nil)["account 1: pause"].Detail, "Harbour is paused")
	w.must(w.run("account", "resume", "1"))

	w.sim.RevokeTokens("17841400000000007")
	found = w.ill(map[string]string{"account 1: instagram": "Harbour: "})
	require.NotContains(t, fmt.Sprint(found), worldToken)
	list := w.must(w.run("account", "list", "--json"))
	require.Contains(t, list.stdout, `"problem": ""`, "looking changes nothing")

	w.change(`UPDATE accounts SET token_expires_at = $1`, time.Now().Add(-48*time.Hour).UnixMilli())
	w.ill(map[string]string{"account 1: instagram": "", "account 1: access token": "it expired on"})
}

// What does not answer is given up, and holds up nothing else.
func TestDoctorOfASiteThatHangs(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t, `feeds.timeout = "10s"`)
	w.connect()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(hangs.CloseClientConnections)
	w.change(`INSERT INTO feeds (url, label, next_poll_at, created_at) VALUES ($1, 'Slow', $2, 1)`, hangs.URL+"/feed",
		time.Now().Add(time.Hour).UnixMilli())
	w.ill(map[string]string{"feed 2: reachable": "Slow: "})
}

func TestDoctorOfThePublicAddress(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t, `web.base_url = "http://127.0.0.1:1"`)
	w.connect()
	before := w.contents()
	w.ill(map[string]string{"media.url.unreachable": "http://127.0.0.1:1"})
	require.Equal(t, before, w.contents())
}

func TestDoctorOfWhatWaits(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	w.addAccount()
	w.must(w.run("feed", "add", w.blog.url+"/feed", "--label", "Blog", "--start", "all"))
	w.ill(map[string]string{"daemon": "and a post was due"})
	w.must(w.run("account", "pause", "1"))
	require.Contains(t, w.ill(nil)["daemon"].Detail, "no post is due", "it waits for the account to be resumed")
	w.must(w.run("account", "resume", "1"))
	w.ill(map[string]string{"daemon": "and a post was due"})
	w.must(w.run("hold", "1"))
	found := w.ill(nil)
	require.Contains(t, found["publications held"].Detail, "1 publication is on hold")
	w.change(`UPDATE publications SET state = 'failed', reason_code = 'own_fault'`)
	w.ill(map[string]string{"publications failed": "postern retry ID"})
	w.change(`UPDATE publications SET state = 'unconfirmed'`)
	w.ill(map[string]string{"publications unconfirmed": "check the profile"})
	w.change(`UPDATE publications SET state = 'skipped'`)
	w.ill(nil)

	w.change(
		`INSERT INTO addresses (origin, label, problem, created_at)
			VALUES ('page', 'ntfy.example.org', 'it answered 403', 1)`)
	w.ill(map[string]string{"notices to ntfy.example.org": "it answered 403"})
}

func TestDoctorOfFFmpeg(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	bin := t.TempDir()
	off := newDoctorWorld(t)
	off.connect()
	found := off.ill(nil)
	require.Contains(t, found["ffmpeg"].Remedy, "switch media.ffmpeg on")
	w.environ = append(w.environ, "PATH="+bin)
	found = w.ill(nil)
	require.Contains(t, found["ffmpeg"].Detail, "not installed")
	require.NoError(t, os.WriteFile(filepath.Join(bin, "ffmpeg"),
		[]byte("#!/bin/sh\necho 'ffmpeg version 9.9-poor Copyright'\n"), 0o755))
	found = w.ill(nil)
	require.Contains(t, found["ffmpeg"].Detail, "version 9.9-poor, was built without libx264")
}

func TestDoctorLeavesTheSimulatedInstagramAlone(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	w.must(w.run("account", "add", "--sandbox", "--label", "Play"))
	before := w.contents()
	found := w.ill(nil)
	require.Contains(t, found["account 1"].Detail, "simulated Instagram")
	require.Equal(t, before, w.contents())
}
