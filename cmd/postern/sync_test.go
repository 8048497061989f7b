package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/store"
)

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
	want := fmt.Sprintf(
		`[{"id": %d, "state": "published", "reason": "", "reason_code": "", "remedy": "", "approved": false, "next": "", "attempts": 0, "kind": "image",
		"caption": "The pier\n\nWords about pier.\n\nSee the full post at:\n%s/pier",
		"container_id": %q, "media_id": %q, "permalink": %q,
		"post": {"id": %[1]d, "guid": "%[2]s/pier", "url": "%[2]s/pier", "title": "The pier"},
		"account": {"id": 1, "label": "Harbour", "username": "harbour"}}]`, p.ID, w.blog.url, live[0].ContainerID,
		live[0].ID, live[0].Permalink)
	require.JSONEq(t, want, r.stdout)
	require.Equal(t, "What pier shows", live[0].Slides[0].AltText)
	calls := w.sim.CallCount("create") + w.sim.CallCount("status") + w.sim.CallCount("publish") +
		w.sim.CallCount("permalink")
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
	address := doors.Port(t)
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
	w.fails(r, "publication 2 (“Bad #sim-2207026”) has failed")
	require.Equal(t, store.Failed, w.publications(r)[0].State)
	require.Contains(t, w.must(w.run("publications", "2", "--json")).stdout, `"checks": [`)
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
	w.fails(r, "account 1 (Harbour) needs attention")
	require.Equal(t, store.Queued, w.publications(r)[0].State)
	require.Empty(t, w.publications(r)[0].Next, "nothing happens by itself")
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
	w.blog.add("quay", "The quay", "quay.jpg")
	list = w.publications(w.must(w.run("sync", "--json", "--wait", "0s")))
	require.Len(t, list, 1, "the daemon polls as long as it takes, whatever --wait is for posts")
	require.Equal(t, "The quay", list[0].Post.Title)
	w.must(w.run("sync", "--wait", "2m"))
	require.Equal(t, 0, stop())
	require.Len(t, w.sim.Posts(""), 2)
}

// What a pass finds and no publication shows is said as well: posts that are skipped, and a feed that was read in part.
func TestSyncSaysWhatItSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	require.Equal(t, "Nothing changed.\n", w.must(w.run("sync", "--wait", "2m")).stdout)
	w.blog.add("words", "Only words", "")
	r := w.must(w.run("sync", "--wait", "2m"))
	require.Equal(t, "1 new post is skipped. `postern publications --state skipped` says why.\n", r.stdout)
	require.Contains(t, w.must(w.run("publications", "--state", "skipped")).stdout, "Only words")
	require.Equal(t, "Nothing changed.\n", w.must(w.run("sync", "--wait", "2m")).stdout, "it was said")

	w.must(w.run("account", "set", "1", "exclude_keywords=fog"))
	w.blog.add("more", "More words", "")
	w.blog.add("fog", "Fog", "fog.jpg")
	require.Contains(t, w.must(w.run("sync", "--wait", "2m")).stdout, "\n1 more new post is skipped. ")

	w.blog.cut(true)
	r = w.must(w.run("sync", "--wait", "2m"))
	require.Contains(t, r.stdout, "Feed 1 (Blog) could be read only in part: ")
	require.NotContains(t, r.stdout, "Nothing changed.")
	w.blog.cut(false)
	require.Equal(t, "Nothing changed.\n", w.must(w.run("sync", "--wait", "2m")).stdout)
}

// An answer promises nothing of a daemon that does not run.
func TestAnswersKnowWhetherTheDaemonRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.blog.add("boat", "The boat", "boat.jpg")
	w.must(w.run("account", "set", "1", "approve=true"))
	w.must(w.run("sync", "--wait", "2m"))
	require.Equal(t, "Publication 2 (“The boat”) is waiting. It goes out when `postern serve` or `postern sync` runs.\n",
		w.must(w.run("publish", "2")).stdout)
	w.must(w.run("hold", "2"))
	stop := w.serve()
	require.Equal(t, "Publication 2 (“The boat”) is waiting. The running daemon takes it within seconds.\n",
		w.must(w.run("publish", "2")).stdout)
	require.Equal(t, 0, stop())
}

// A pass without feeds names the next step.
func TestSyncWithoutFeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, "There are no feeds yet. Add one with `postern feed add URL`.\n", w.must(w.run("sync")).stdout)
}
