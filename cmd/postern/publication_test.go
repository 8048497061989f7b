package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/shape"
	"postern/store"
)

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

	w.fails(w.run("retry", id), "publication "+id+" is on hold. Publish, approve or skip it")
	w.fails(w.run("confirm", id), "publication "+id+" is on hold. Publish, approve or skip it")
	w.must(w.run("skip", id))
	w.must(w.run("publish", id))
	w.must(w.run("hold", id))
	var one shape.Publication
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("publish", id, "--json")).stdout), &one))
	require.Equal(t, store.Queued, one.State)
	require.NotEmpty(t, one.Next)

	w.must(w.run("account", "pause", "1"))
	w.must(w.run("account", "set", "1", "min_age=8000h"))
	w.must(w.run("hold", id))
	require.Regexp(t,
		"is waiting\\. It goes out after `postern account resume 1`, not before .* \\(younger than 8000h until ",
		w.must(w.run("approve", id)).stdout)
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("approve", id, "--json")).stdout), &one))
	require.Contains(t, one.Reason, "the account is paused; then younger than 8000h until ")
	w.must(w.run("account", "set", "1", "min_age="))
	require.Contains(t, w.must(w.run("publish", id)).stdout, "goes out after `postern account resume 1`")
	w.must(w.run("sync", "--wait", "2m"))
	require.Empty(t, w.sim.Posts(""))
	w.must(w.run("account", "resume", "1"))
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 1)
}

// Approve keeps quiet hours, publish does not; both can change the caption.
func TestApproveOnTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "approve=true", "cool_down=24h"))
	w.blog.add("pier", "The pier", "pier.jpg")
	w.blog.add("quay", "The quay", "quay.jpg")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Len(t, list, 2)
	var one shape.Publication
	require.NoError(t,
		json.Unmarshal(
			[]byte(
				w.must(w.run("approve", fmt.Sprintf("post:%d", list[0].Post.ID), "--caption", "Written here",
					"--json")).stdout), &one))
	require.Equal(t, list[0].ID, one.ID)
	require.True(t, one.Approved)
	require.Equal(t, "Written here", one.Caption)
	w.must(w.run("sync", "--wait", "2m"))
	w.must(w.run("approve", fmt.Sprint(list[1].ID)))
	w.must(w.run("sync", "--wait", "30s"))
	require.Len(t, w.sim.Posts(""), 1, "the second one waits a day")
	require.Equal(t, "Written here", w.sim.Posts("")[0].Caption)
	w.must(w.post("From standard input\n", "publish", fmt.Sprint(list[1].ID), "--caption", "-"))
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 2)
}

func TestPostsThatWereNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.blog.add("words", "Only words", "")
	w.must(w.run("sync", "--wait", "2m"))
	list := w.publications(w.must(w.run("publications", "--json", "--state", "skipped")))
	require.Len(t, list, 2, "the first was there when the feed was added")
	list = list[1:]
	require.Equal(t, shape.Publication{State: store.Skipped, Reason: list[0].Reason, ReasonCode: list[0].ReasonCode,
		Remedy: list[0].Remedy, Post: list[0].Post}, list[0])
	require.NotEmpty(t, list[0].Reason)
	require.Contains(t, list[0].Remedy, "Add a picture on the site")
	name := fmt.Sprintf("post:%d", list[0].Post.ID)
	require.Contains(t, w.must(w.run("publications")).stdout, name)
	require.Empty(t, w.publications(w.must(w.run("publications", "--json", "--state", "queued"))))
	for _, command := range []string{"publish", "approve", "hold", "skip", "retry", "confirm"} {
		w.fails(w.run(command, name), "is skipped", "Add a picture on the site")
	}
	w.fails(w.run("publish", "post:99"), "not found", "`postern publications`")

	// A number that nothing has is an error, and so is a word that looks like one.
	for _, number := range []string{"987654", "post:987654"} { // no port of the test's site holds it
		w.fails(w.run("publications", number), "987654: not found", "see `postern publications`")
		w.fails(w.run("publications", number, "--json"), "not found")
	}
	for _, word := range []string{"post:x", "post:", "post:0"} {
		r := w.run("publications", word)
		require.Equal(t, exitUsage, r.status, word)
		require.Contains(t, r.stderr, "`postern publications` shows both")
	}

	// A post is found by its words and by its number.
	for _, asked := range [][]string{{"only", "WORDS"}, {name}} {
		found := w.publications(w.must(w.run(append([]string{"publications", "--json"}, asked...)...)))
		require.Equal(t, list, found, asked)
	}
	require.Contains(t, w.must(w.run("publications", "before")).stdout, "was there when the feed was added")
	require.NotContains(t, w.must(w.run("publications", "before")).stdout, "Only words")
	require.Len(t, w.publications(w.must(w.run("publications", "--json", "1"))), 1,
		"not those with the number in the address")
	require.Contains(t, w.must(w.run("publications", "only", "before")).stdout, "No post matches.\n")
	require.Empty(t, w.publications(w.must(w.run("publications", "words", "--state", "queued", "--json"))))

	// A number is that of a publication where there is one, else a word.
	w.must(w.run("account", "pause", "1"))
	w.blog.add("late", "1 of 2026", "late.jpg")
	w.must(w.run("sync", "--wait", "30s"))
	found := w.publications(w.must(w.run("publications", "1", "--json")))
	require.Len(t, found, 1)
	require.EqualValues(t, 1, found[0].ID)
	found = w.publications(w.must(w.run("publications", "2026", "--json")))
	require.Len(t, found, 1)
	require.Equal(t, "1 of 2026", found[0].Post.Title)
	require.Equal(t, reason.AccountPaused, found[0].ReasonCode, "also before its turn came")
}

// A post that Postern has not read yet is explained by when its feed is checked next.
func TestSearchNamesTheNextChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, "There are no publications yet. Add a feed with `postern feed add URL`.\n",
		w.run("publications", w.blog.url+"/new").stdout)
	w.configure("feeds.schedule", "@every 1h")
	w.connect()
	w.blog.add("new", "Not read yet", "new.jpg")
	found := w.must(w.run("publications", w.blog.url+"/new")).stdout
	require.Equal(t, "No post matches.\nPostern is not running, so no feed is checked. Run `postern serve`, or "+
		"`postern sync` for one pass.\n", found)
	empty := w.run("publications", w.blog.url+"/new", "--json")
	require.Equal(t, "[]\n", empty.stdout)
	require.Equal(t, "postern: "+strings.ReplaceAll(strings.TrimSpace(found), "\n", "\npostern: ")+"\n", empty.stderr)
	for word, hint := range map[string]string{
		"3,6": "No post matches. Write the numbers alone: `postern publications 3 6`.\n",
		"#3":  "No post matches. Write the numbers alone: `postern publications 3`.\n",
	} {
		require.Equal(t, hint, w.must(w.run("publications", word)).stdout)
	}
	require.Equal(t, "postern: the numbers of publications begin at 1: `postern publications` shows them\n",
		w.run("publications", "0").stderr)
	require.Equal(t, "No post has one of these states: held.\n", w.must(w.run("publications", "--state", "Held")).stdout)
	w.must(w.run("feed", "pause", "1"))
	require.Contains(t, w.must(w.run("publications", "read yet")).stdout,
		"No post matches.\nFeed 1 (Blog) is paused, so Postern does not check it. To resume it, run `postern feed resume 1`.\n")
	const paused = "postern: Feed 1 (Blog) is paused, so Postern does not check it."
	require.Contains(t, w.run("publications", "read yet", "--json").stderr, paused)
	w.must(w.run("feed", "resume", "1"))
	w.blog.breakWith(500)
	w.run("sync")
	unread := w.run("publications", "--state", "held", "--json")
	require.Equal(t, "[]\n", unread.stdout)
	require.Contains(t, unread.stderr, "postern: Feed 1 (Blog) could not be read at its last check")
	require.Contains(t, w.run("publications", "read yet", "--json").stderr,
		"postern: Feed 1 (Blog) could not be read at its last check")
	require.Equal(t, "No post matches in these states.\n",
		w.must(w.run("publications", "read yet", "--state", "held")).stdout)
}

// JSON and the table agree on which publications are held together.
func TestHeldTogetherInJSONToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "approve=yes"))
	for n := range 2 {
		w.blog.add(fmt.Sprintf("careful-%d", n), fmt.Sprintf("Careful %d", n), fmt.Sprintf("f%d.jpg", n))
	}
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Len(t, list, 2)
	for _, p := range list {
		require.Equal(t, store.Held, p.State, p.Reason)
		require.Equal(t, reason.Approval, p.ReasonCode, p.Reason)
		require.Contains(t, p.Remedy, "2 posts are on hold for this reason. Run `postern publications --state held`")
	}
	require.Contains(t, w.must(w.run("publications")).stdout,
		"2 posts of Harbour are on hold, because each post waits for your approval.")
}

// Posts that are held together are released together, each with an answer of its own.
func TestCommandsOnSeveralPublications(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "min_age=24h"))
	for n := range 12 {
		w.blog.add(fmt.Sprintf("flood-%d", n), fmt.Sprintf("Flood %d", n), fmt.Sprintf("f%d.jpg", n))
	}
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "0s")))
	require.Len(t, list, 12)
	require.Equal(t, reason.EntriesMany, list[0].ReasonCode, list[0].Reason)
	require.Contains(t, list[0].Remedy, "12 posts are on hold for this reason")
	var ids []string
	for _, p := range list {
		ids = append(ids, fmt.Sprint(p.ID))
	}
	shown := w.must(w.run("publications", "--state", "held")).stdout
	require.NotContains(t, shown, "`postern publications --state held`", "this is it")
	require.Contains(t, shown,
		"12 posts of Harbour are on hold, because the feed showed many new entries at once. To let all of them go "+
			"out, run `postern approve "+strings.Join(ids, " ")+"`.")

	r := w.run("approve", ids[0], "99", ids[1], "post:98")
	require.Equal(t, exitFailed, r.status)
	const inTurn = "It goes out in its turn, when `postern serve` or `postern sync` runs: younger than 24h until "
	turn := "Publication %s \\(“Flood \\d+”\\) is approved. " + inTurn + ".* UTC\\.\n"
	require.Regexp(t, "^"+fmt.Sprintf(turn+turn, ids[0], ids[1])+"$", r.stdout)
	require.Equal(t,
		"postern: publication 99: not found: see `postern publications`\npostern: post 98: not found: see "+
			"`postern publications`\n", r.stderr)
	require.Contains(t, w.must(w.run("publications")).stdout, "10 posts of Harbour are on hold")

	require.Contains(t, w.must(w.run("approve", ids[0])).stdout,
		"Publication "+ids[0]+" (“"+list[0].Post.Title+"”) is already waiting. "+inTurn)
	require.Regexp(t, "is already waiting\\. .* UTC\\. Its caption was replaced\\.\n$",
		w.must(w.run("approve", ids[0], "--caption", "New words")).stdout)
	require.Equal(t, fmt.Sprintf("Publication %s (“%s”) is skipped.\nPublication %s (“%s”) is skipped.\n", ids[2],
		list[2].Post.Title, ids[3], list[3].Post.Title),
		w.must(w.run("skip", ids[2], ids[3])).stdout)
	require.Contains(t, w.must(w.run("approve", ids[2])).stdout,
		"Publication "+ids[2]+" (“"+list[2].Post.Title+"”) is back in the queue. "+inTurn)
	released := w.publications(w.must(w.run(append([]string{"approve", "--json"}, ids[4:]...)...)))
	require.Len(t, released, 8)
	require.True(t, released[7].Approved)
	require.Equal(t, exitUsage, w.run("approve", ids[4], ids[5], "--caption", "Same").status)
	require.Equal(t, exitUsage, w.run("retry", ids[4], ids[5], "--not-live").status)
	require.NotContains(t, w.must(w.run("publications")).stdout, "posts of Harbour are on hold")
	require.Contains(t, w.must(w.run("publications", ids[4])).stdout,
		"Run `postern publish "+ids[4]+"` to publish it now.")
}

// A publication's number shows what the checks found, with the note about what a simulated account does without;
// and what waits is told that nobody publishes it.
func TestChecksOfAPublication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.run("account", "add", "--sandbox", "--label", "Play"))
	w.must(w.run("feed", "add", w.blog.url+"/feed"))
	w.blog.add("drawing", "A drawing", "drawing.png")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Published, list[0].State)
	id, note := fmt.Sprint(list[0].ID), "a real account would need a public address to send it like this"
	shown := w.must(w.run("publications", id)).stdout
	require.Contains(t, shown, "\nChecks:\n")
	require.Contains(t, shown, note)
	require.Contains(t, shown, "[media.url.sandbox]")
	require.NotContains(t, shown, "not running", "nothing waits")
	require.NotContains(t, w.must(w.run("publications")).stdout, note, "a list has one line for each")
	w.configure("web.base_url", "http://127.0.0.1:9")
	require.NotContains(t, w.must(w.run("publications", id)).stdout, note, "there is one")

	w.must(w.run("account", "set", "1", "min_age=8000h"))
	w.blog.add("pier", "The pier", "pier.jpg")
	w.must(w.run("sync", "--wait", "10s"))
	const idle = "Postern is not running, so nothing is published now."
	require.Contains(t, w.must(w.run("publications", "pier")).stdout, idle)
	w.serve()
	require.NotContains(t, w.must(w.run("publications", "pier")).stdout, idle)
}
