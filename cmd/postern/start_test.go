package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/shape"
	"postern/store"
)

// The start choice belongs to the feed: the first account takes it, whenever it comes; every later one takes what
// is new.
func TestTheStartBelongsToTheFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 4 {
		w.blog.add(fmt.Sprintf("post-%d", n), fmt.Sprintf("Post number %d of the blog", n), fmt.Sprintf("p%d.jpg", n))
	}
	w.blog.add("words", "Only words", "")
	refused := w.run("account", "add", "--hold")
	require.Equal(t, exitUsage, refused.status)
	require.Contains(t, refused.stderr, "need --start")
	var added struct {
		WillPublish *shape.WillPublish `json:"will_publish"`
	}
	read := func(r result) shape.WillPublish {
		t.Helper()
		added.WillPublish = nil
		require.NoError(t, json.Unmarshal([]byte(w.must(r).stdout), &added))
		require.NotNil(t, added.WillPublish)
		return *added.WillPublish
	}
	require.Equal(t, shape.WillPublish{},
		read(w.run("feed", "add", w.blog.url+"/feed", "--start", "last:3", "--daily", "--json")))
	connect := func(name string, more ...string) result {
		file := filepath.Join(t.TempDir(), "token")
		require.NoError(t, os.WriteFile(file, []byte("IGAA-"+name), 0o600))
		w.sim.AddAccount(simulator.Account{Username: name, Token: "IGAA-" + name})
		return w.run(append([]string{"account", "add", "--label", name, "--access-token-file", file, "--json"},
			more...)...)
	}
	first := read(connect("first"))
	require.Equal(t, 3, first.Count, "last counts posts that can be published")
	require.Equal(t, "24h", first.Every)
	require.NotEmpty(t, first.FirstAt)
	require.Equal(t, shape.WillPublish{}, read(connect("second")), "a later account takes what is new")
	require.Equal(t, 5, read(connect("third", "--start", "all")).Count)
	require.Equal(t, shape.WillPublish{}, read(connect("fourth", "--start", "last:2", "--hold")))
	held := w.publications(w.must(w.run("publications", "--json", "--state", "held")))
	require.Len(t, held, 2)
	for _, p := range held {
		require.Equal(t, "fourth", p.Account.Label)
		require.Equal(t, store.Held, p.State)
	}
}

// What is told about older posts counts what the account's settings then do with each of them.
func TestWhatWillBePublishedFollowsTheSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addAccount()
	for n := range 3 {
		w.blog.add(fmt.Sprintf("post-%d", n), fmt.Sprintf("Post number %d of the blog", n), fmt.Sprintf("p%d.jpg", n))
	}
	w.must(w.run("account", "set", "1", "exclude_keywords=number 1", "approve=true"))
	r := w.must(w.run("feed", "add", w.blog.url+"/feed", "--label", "Blog", "--start", "all"))
	require.Contains(t, r.stdout, "3 posts wait for your approval. 1 post is skipped by your filters.")
	require.NotContains(t, r.stdout, "will be published")
	filtered := w.must(w.run("publications", "post-1")).stdout
	require.Contains(t, filtered, "exclude_keywords", "before the pass, too")
	require.Contains(t, filtered, "When its turn comes, Postern skips it.")
	require.NotContains(t, filtered, "postern approve")
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.publications(w.must(w.run("publications", "--json", "--state", "held"))), 3)
	require.Len(t, w.publications(w.must(w.run("publications", "--json", "--state", "skipped"))), 1)
	require.Empty(t, w.sim.Posts(""))

	w.must(w.run("feed", "remove", "1"))
	w.must(w.run("account", "set", "1", "approve=false"))
	w.blog.url += "/"
	r = w.must(w.run("feed", "add", w.blog.url+"feed", "--label", "Again", "--start", "all"))
	require.Contains(t, r.stdout, "will be published")
	require.NotContains(t, r.stdout, "approval")
}

// zoneAtNoon returns the name of a time zone in which it is between 11:30 and 12:30.
func zoneAtNoon(now time.Time) string {
	return fmt.Sprintf("Etc/GMT%+d", now.UTC().Add(30*time.Minute).Hour()-12) // west of Greenwich is positive
}

// What is told about a waiting publication holds with all that is in its way: a setting that will stop it, and others
// that go out before it.
func TestWhatWaitsIsToldWithAllThatIsInItsWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addAccount()
	for n := range 3 {
		w.blog.add(fmt.Sprintf("post-%d", n), fmt.Sprintf("Post number %d of the blog", n), fmt.Sprintf("p%d.jpg", n))
	}
	// In a zone in which it is about noon, so no new day begins while the test runs.
	w.must(w.run("account", "set", "1", "posts_per_day=1", "time_zone="+zoneAtNoon(time.Now())))
	w.must(w.run("feed", "add", w.blog.url+"/feed", "--label", "Blog", "--start", "all"))
	w.must(w.run("sync", "--wait", "2m"))
	queue := w.publications(w.must(w.run("publications", "--json", "--state", "queued")))
	slices.SortFunc(queue, func(a, b shape.Publication) int { return strings.Compare(a.Next, b.Next) })
	require.Len(t, queue, 3)
	require.Contains(t, queue[0].Remedy, "Postern publishes it after that.")
	require.Contains(t, queue[2].Remedy, "Others go out before it. Postern publishes it at about ")
	require.NotContains(t, queue[2].Remedy, "after that")

	told := func() string { return w.must(w.run("publications", fmt.Sprint(queue[2].ID))).stdout }
	w.must(w.run("account", "set", "1", "posts_per_day=", "syndicate=false"))
	require.Contains(t, told(), "When its turn comes, Postern puts it on hold. Switch `syndicate` on")
	require.Contains(t, told(), "`postern account set 1 syndicate=true`")
	w.must(w.run("account", "set", "1", "syndicate="))
	require.NotContains(t, told(), "syndicate")

	w.must(w.run("account", "set", "1", "truncate=no", "format_string="+strings.Repeat("long ", 500)))
	number := fmt.Sprint(queue[2].ID)
	for _, order := range []string{"approve", "publish"} {
		answer := w.must(w.run(order, number)).stdout
		require.Contains(t, answer, "does not go out: the caption has ")
		require.Contains(t, answer, "Shorten the caption with `postern approve "+number+" --caption TEXT`.")
	}
	require.Contains(t, w.must(w.run("approve", number, "--caption", "Low tide")).stdout, "goes out in its turn")
}
