package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/address"
	"postern/address/s3test"
	"postern/doors"
	"postern/store"
)

// addressRows are the rows of an account's check that are about the public address.
func (w *world) addressRows(status int) map[string]store.Finding {
	w.t.Helper()
	r := w.run("account", "check", "1", "--json")
	require.Equal(w.t, status, r.status, r.stdout+r.stderr)
	var found []store.Finding
	require.NoError(w.t, json.Unmarshal([]byte(r.stdout), &found))
	rows := map[string]store.Finding{}
	for _, f := range found {
		if strings.HasPrefix(f.Check, "media.") {
			rows[f.Check] = f
		}
	}
	return rows
}

func TestAccountCheckOfThePublicAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	rows := w.addressRows(exitWell)
	require.Contains(t, rows, "media.url.none")
	require.Contains(t, w.must(w.run("account", "check", "1")).stdout, "set web.base_url")

	at := doors.Port(t)
	w.configure("web.listen", at)
	w.configure("web.base_url", "http://"+at)
	rows = w.addressRows(exitWell) // without a daemon the command serves the file itself
	require.Equal(t, "the public address http://"+at+" serves our files", rows["media.url"].Detail)
	require.True(t, rows["media.url.http"].OK)
	w.serve()
	require.Contains(t, w.addressRows(exitWell), "media.url")

	w.configure("web.base_url", "http://"+doors.Port(t))
	rows = w.addressRows(exitFailed)
	require.Contains(t, rows["media.url.unreachable"].Detail, "refused the connection")
	require.NotEmpty(t, rows["media.url.unreachable"].Remedy)
	require.NotContains(t, rows, "media.url")
}

// A site before Postern that lets everybody in but Instagram: nothing is sent until that is mended.
func TestPublicationsWaitBehindAWall(t *testing.T) {
	t.Parallel()
	at := doors.Port(t)
	inside, err := url.Parse("http://" + at)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(inside)
	var up atomic.Bool
	up.Store(true)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if up.Load() && r.UserAgent() == address.Crawler {
			http.Error(w, "go away", http.StatusForbidden)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	w := newWorld(t)
	w.configure("web.listen", at)
	w.configure("web.base_url", front.URL)
	w.connect()
	w.blog.add("drawing", "A drawing", "drawing.png")

	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Len(t, list, 1)
	require.Equal(t, store.Queued, list[0].State)
	require.Contains(t, list[0].Reason, "waiting for the public address")
	require.Contains(t, list[0].Reason, "refuses Instagram's fetcher (facebookexternalhit), though not others")
	require.Zero(t, list[0].Attempts)
	next, err := time.Parse(time.RFC3339, list[0].Next)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), next, 12*time.Minute)
	require.Zero(t, w.sim.CallCount("create"))
	require.Contains(t, w.addressRows(exitFailed), "media.url.wall")

	// Beside a daemon, a check by hand after mending lets the queue go on.
	w.serve()
	up.Store(false)
	require.Contains(t, w.addressRows(exitWell), "media.url")
	require.Eventually(t, func() bool { return len(w.sim.Posts("")) == 1 }, time.Minute, 100*time.Millisecond)
	require.Contains(t, w.sim.Posts("")[0].Slides[0].URL, front.URL+"/media/")
}

// With a bucket nothing of this machine need be reachable, and its keys are shown nowhere.
func TestBucketFromTheConfiguration(t *testing.T) {
	t.Parallel()
	storage := s3test.New()
	s := httptest.NewServer(storage)
	t.Cleanup(s.Close)
	w := newWorld(t)
	keyFile := filepath.Join(w.dir, "s3.secret")
	require.NoError(t, os.WriteFile(keyFile, []byte(s3test.SecretKey+"\n"), 0o600))
	w.configure("media.s3.endpoint", s.URL)
	r := w.run("publications") // all mistakes at once
	require.Equal(t, exitFailed, r.status)
	for _, says := range []string{"media.s3.bucket must name the bucket", "media.s3.public_url",
		"media.s3.access_key_file must name the file", "POSTERN_MEDIA_S3_SECRET_KEY"} {
		require.Contains(t, r.stderr, says)
	}
	w.configure("media.s3.bucket", s3test.Bucket)
	w.configure("media.s3.public_url", s.URL+"/pictures")
	w.configure("media.s3.secret_key_file", keyFile)
	w.environ = []string{"POSTERN_MEDIA_S3_ACCESS_KEY=" + s3test.AccessKey}
	w.connect()
	require.Contains(t, w.addressRows(exitWell), "media.url")
	w.blog.add("drawing", "A drawing", "drawing.png")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Len(t, list, 1)
	require.Equal(t, store.Published, list[0].State)
	keys, err := storage.Keys()
	require.NoError(t, err)
	require.Len(t, keys, 1)
	require.Equal(t, s.URL+"/pictures/"+keys[0], w.sim.Posts("")[0].Slides[0].URL)
	require.True(t, strings.HasPrefix(keys[0], "postern/"), keys[0])

	// A key that the storage does not take: told, without the key.
	require.NoError(t, os.WriteFile(keyFile, []byte("wrong-secret-of-the-tests"), 0o600))
	rows := w.addressRows(exitFailed)
	require.Contains(t, rows["media.url.bucket"].Detail, "does not take the secret key")
	w.blog.add("boat", "The boat", "boat.jpg")
	r = w.run("sync", "--json", "--wait", "2m")
	require.Equal(t, exitWell, r.status, r.stderr)
	require.Contains(t, r.stderr, "the bucket does not take the secret key", "cleaning it told so, too")
	require.Contains(t, w.publications(r)[0].Reason,
		"waiting for the public address: the bucket does not take the secret key")
	require.NoError(t, os.Remove(keyFile))
	w.fails(w.run("sync", "--wait", "2m"), "media.s3.secret_key_file", "no such file")

	entries, err := os.ReadDir(filepath.Join(w.dir, "data"))
	require.NoError(t, err)
	for _, e := range entries {
		if e.Type().IsRegular() {
			b, err := os.ReadFile(filepath.Join(w.dir, "data", e.Name()))
			require.NoError(t, err)
			require.NotContains(t, string(b), s3test.SecretKey, e.Name())
		}
	}
}

// What the publisher goes by is told, once, and a restart neither ends it nor tells it again.
func TestAPublicAddressThatDoesNotWorkIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure("web.base_url", "http://"+doors.Port(t))
	db := filepath.Join(w.dir, "data", "postern.db")
	stop := w.serve()
	report := func() (r address.Report) {
		s, err := store.Open(t.Context(), db, store.Options{})
		require.NoError(t, err)
		defer s.Close()
		text, err := s.Setting(t.Context(), "address.report")
		require.NoError(t, err)
		if text != "" {
			require.NoError(t, json.Unmarshal([]byte(text), &r))
		}
		if r.Shut != "" && time.Since(r.Since) < time.Hour { // as if an hour had passed
			r.Since = r.Since.Add(-time.Hour)
			b, err := json.Marshal(r)
			require.NoError(t, err)
			require.NoError(t, s.SetSetting(t.Context(), "address.report", string(b)))
		}
		return r
	}
	told := func() string { return w.must(w.run("notices", "--json")).stdout }
	require.Eventually(t, func() bool { return report().Shut != "" }, time.Minute, 100*time.Millisecond)
	require.Eventually(t, func() bool { return strings.Contains(told(), "Instagram cannot fetch our files") },
		2*time.Minute, 300*time.Millisecond)
	before := told()
	at := report().At
	stop()
	w.serve()
	require.Eventually(t, func() bool { return report().At.After(at) }, time.Minute, 100*time.Millisecond)
	time.Sleep(2 * time.Second) // the look that asked has ended
	require.Equal(t, before, told())
}
