package store_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestFirstPollDecidesAboutExistingEntries(t *testing.T) {
	t.Parallel()
	was := "skipped (was there when the feed was added"
	for start, want := range map[string][]string{
		"now": {was + ")", was + ")", was + ")", was + ")"},
		"all": {"queued", "queued", "queued", "queued"},
		"last:2": {"skipped (older than the newest posts that you chose to publish (2))",
			"skipped (older than the newest posts that you chose to publish (2))", "queued", "queued"},
		"DATE": {"skipped (is dated before DATE)", "queued", "queued",
			was + ", and has no date to compare with DATE)"},
	} {
		t.Run(start, func(t *testing.T) {
			t.Parallel()
			since := time.Now().Add(-2 * 24 * time.Hour).UTC()
			rule := start
			if start == "DATE" {
				rule = since.Format(time.DateOnly)
			}
			h := setup(t)
			h.account("alice")
			f := h.feed("https://blog.example/feed", rule)
			posts := []store.Post{post("newest", 0), post("2", -hour), post("3", -day), post("oldest", -100*day)}
			saved := h.save(f, posts...)
			require.Equal(t, 4, saved.New)
			require.Equal(t, 4, saved.Queued+saved.Skipped)
			got := map[string]string{}
			for _, guid := range []string{"oldest", "3", "2", "newest"} {
				p := h.pub(guid, 1)
				got[guid] = string(p.State)
				if !p.Reason.IsZero() {
					got[guid] += " (" + p.Reason.String() + ")"
				}
			}
			for i, guid := range []string{"oldest", "3", "2", "newest"} {
				expect := want[i]
				if start == "DATE" {
					expect = replace(expect, "DATE", since.Format("2 January 2006"))
				}
				require.Equal(t, expect, got[guid], guid)
			}
			require.Zero(t, h.save(f, posts...), "saving the same entries again changes nothing")
		})
	}
}

func replace(s, old, with string) string {
	for i := 0; i+len(old) <= len(s); i++ {
		if s[i:i+len(old)] == old {
			return s[:i] + with + s[i+len(old):]
		}
	}
	return s
}

// The newest entries are found by date, in whatever order the feed has them, and even if an entry between them has
// no date.
func TestLastNIsByAge(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "last:1")
	h.save(f, post("oldest", -9*day), post("undated", 0), post("newest", -hour), post("older", -8*day))
	require.Equal(t, store.Queued, h.pub("newest", 1).State, "%v", h.all())
	require.Equal(t, store.Skipped, h.pub("oldest", 1).State)
	require.Equal(t, store.Skipped, h.pub("older", 1).State)
	require.Equal(t, store.Skipped, h.pub("undated", 1).State)
}

func TestParseStart(t *testing.T) {
	t.Parallel()
	for rule, ok := range map[string]bool{
		"": true, "now": true, "all": true, "last:1": true, "last:10": true, "2026-01-31": true,
		"2026-01-31T10:00:00+02:00": true,
		"last:0":                    false, "last:-1": false, "last:": false, "last:x": false, "yesterday": false,
		"31.1.2026": false,
		"NOW":       false,
	} {
		_, err := store.ParseStart(rule)
		require.Equal(t, ok, err == nil, "%q: %v", rule, err)
		if !ok {
			_, err = setup(t).AddFeed(t.Context(), store.Feed{URL: "https://blog.example/feed", StartRule: rule})
			require.ErrorContains(t, err, "start")
		}
	}
}

func TestLaterEntries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", "now")
		h.save(f, post("there", -hour))
		time.Sleep(3 * hour)
		today := post("today, without a time", 0)
		today.PublishedAt = time.Now().UTC().Truncate(day)
		none := post("nothing to show", -time.Minute)
		none.Decision, none.Reason, none.Media = store.Skip, reason.New(reason.NoMedia, ""), nil
		saved := h.save(f, post("there", -4*hour), post("new", -time.Minute), post("undated", 0), today,
			post("backdated", -100*day), none)
		require.Equal(t, store.Saved{New: 5, Queued: 3, Held: 1, Skipped: 1}, saved)
		require.ElementsMatch(t, []string{
			"there alice: skipped (was there when the feed was added)",
			"new alice: queued", "undated alice: queued", "today, without a time alice: queued",
			"backdated alice: held (appeared now but is dated " +
				time.Now().Add(-100*day).UTC().Format("2 January 2006") +
				", before Postern began to take the feed; approve it to let it go out)",
		}, h.all())
		skipped, err := h.SkippedPosts(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, skipped, 1)
		require.Equal(t, "no picture or video", skipped[0].Reason.String())

		// Later it gets a picture.
		require.Equal(t, store.Saved{Changed: 1, Queued: 1}, h.save(f, post("nothing to show", -time.Minute)))
	})
}

func flood(n int) []store.Post {
	var posts []store.Post
	for i := range n {
		posts = append(posts, post(fmt.Sprint("flood", i), time.Minute))
	}
	return posts
}

func TestManyNewEntriesAtOnceAskAPerson(t *testing.T) {
	t.Parallel()
	for n, held := range map[int]int{10: 0, 11: 11} {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", "now")
		h.save(f, post("there", -hour))
		saved := h.save(f, flood(n)...)
		require.Equal(t, store.Saved{New: n, Held: held, Queued: n - held}, saved)
		if held > 0 {
			require.Equal(t, "11 new entries at once", h.pub("flood0", 1).Reason.String())
		}
	}
}

// A new template of the site changes every entry. Together with one new entry this is not a flood.
func TestChangedEntriesAreNoFlood(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "now")
	h.save(f, post("there", -hour))
	posts := flood(6)
	h.save(f, posts...)
	h.save(f, append(posts, flood(12)[6:]...)...)
	changed := append(flood(12), post("new", time.Minute))
	for i := range 12 {
		changed[i].Text += ", with a new signature"
	}
	saved := h.save(f, changed...)
	require.Equal(t, store.Saved{New: 1, Changed: 12, Queued: 1}, saved, "%v", h.all())
}

// If a person chose "publish now" and the site then corrects a missing picture, the publication continues. After any
// other change the person is asked again.
func TestACorrectedPictureAfterPublishNow(t *testing.T) {
	t.Parallel()
	words := "mine"
	publish := func(h fixture, p store.Publication) { h.do(p.ID, store.CommandPublish) }
	file := func(p *store.Post) { p.Media[0].URL = "https://blog.example/corrected.jpg" }
	for name, c := range map[string]struct {
		rule   string
		order  func(h fixture, p store.Publication)
		change func(p *store.Post)
		want   store.State
	}{
		"corrected": {"media.url.not-found", publish, file, store.Queued},
		"approved": {"media.url.not-found", func(h fixture, p store.Publication) { h.do(p.ID, store.CommandApprove) },
			file, store.Held},
		"edited": {"media.url.not-found", func(h fixture, p store.Publication) {
			publish(h, p)
			require.NoError(t, h.Edit(t.Context(), p.ID, 0, store.Edits{Caption: &words}, store.Visitor))
		}, file, store.Held},
		"other words too": {"media.url.not-found", publish, func(p *store.Post) { file(p); p.Text = "Other words" },
			store.Held},
		"one more": {"media.url.not-found", publish, func(p *store.Post) {
			p.Media = append(p.Media, p.Media[0])
		}, store.Held},
		"nothing missing": {"", publish, file, store.Held},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.t = t
			h.account("alice")
			f := h.feed("https://blog.example/feed", "all")
			h.save(f, post("1", -hour))
			pub, err := h.Claim(t.Context(), time.Minute)
			require.NoError(t, err)
			pub, err = h.Advance(t.Context(), pub,
				store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour), Try: true,
					Reason: reason.New(reason.Media, "not there").ByRule(c.rule)})
			require.NoError(t, err)
			c.order(h, pub)
			corrected := post("1", -hour)
			corrected.Media = slices.Clone(corrected.Media)
			c.change(&corrected)
			h.save(f, corrected)
			got := h.pub("1", 1)
			require.Equal(t, c.want, got.State)
			if c.want == store.Queued {
				require.True(t, got.Expedited)
				require.False(t, got.DueAt.After(time.Now()))
				require.Zero(t, got.Tries)
			}
		})
	}
}

func TestAChangedPost(t *testing.T) {
	t.Parallel()
	words := "mine"
	changed := post("1", -hour)
	changed.Text = "Other words"
	bare := post("1", -hour)
	bare.Media, bare.Decision, bare.Reason = nil, store.Skip, reason.New(reason.NoMedia, "")
	for name, c := range map[string]struct {
		before func(h fixture, p store.Publication)
		post   store.Post
		want   string
		same   bool // the publication is not changed
	}{
		"queued follows": {func(fixture, store.Publication) {}, changed, "queued", false},
		"after an edit": {func(h fixture, p store.Publication) {
			require.NoError(t, h.Edit(t.Context(), p.ID, 0, store.Edits{Caption: &words}, store.Visitor))
		}, changed, "held (changed on the site since you decided about it)", false},
		"after approval": {func(h fixture, p store.Publication) { h.do(p.ID, store.CommandPublish) }, changed,
			"held (changed on the site since you decided about it)", false},
		"held stays": {func(h fixture, p store.Publication) { h.do(p.ID, store.CommandHold) }, changed,
			"held (held by you)", true},
		"skipped stays": {func(h fixture, p store.Publication) { h.do(p.ID, store.CommandSkip) }, changed,
			"skipped (skipped by you)", true},
		"staged is frozen": {func(h fixture, p store.Publication) { h.bring(p, store.Staged) }, changed,
			"staged (because)", true},
		"publishing": {func(h fixture, p store.Publication) { h.bring(p, store.Publishing) }, changed,
			"publishing (because)", true},
		"published gets a note": {func(h fixture, p store.Publication) { h.bring(p, store.Published) }, changed,
			"published (because)", true},
		"failed stays": {func(h fixture, p store.Publication) { h.bring(p, store.Failed) }, changed,
			"failed (because)", true},
		"without its picture": {func(fixture, store.Publication) {}, bare,
			"held (the site removed its pictures and videos; add one there, then approve it)", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.t = t
			h.account("alice")
			f := h.feed("https://blog.example/feed", "all")
			h.save(f, post("1", -hour))
			c.before(h, h.pub("1", 1))
			before := h.pub("1", 1)
			saved := h.save(f, c.post)
			require.Equal(t, 1, saved.Changed)
			require.Zero(t, saved.Queued)
			require.Equal(t, []string{"1 alice: " + c.want}, h.all())
			after := h.pub("1", 1)
			require.Equal(t, c.same, after.Version == before.Version)
			if before.State == store.Published {
				events, err := h.EventsOf(t.Context(), after.ID)
				require.NoError(t, err)
				require.Contains(t, events[len(events)-1].Message, "was changed on the site")
			}
			if c.want == "held (changed on the site since you decided about it)" {
				require.False(t, after.Expedited, "the approval applied to the old version")
				require.Equal(t, before.Edits, after.Edits, "a person's edits are kept")
			}
			got, err := h.Post(t.Context(), after.PostID)
			require.NoError(t, err)
			require.Equal(t, c.post.Text, got.Text)
			require.Equal(t, c.post.Media, got.Media)
			require.False(t, got.ChangedAt.IsZero())
		})
	}
}

func TestGoneAndBack(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	old, middle, oldest := post("new", -hour), post("middle", -2*hour), post("oldest", -3*hour)
	h.save(f, old, middle, oldest)
	h.save(f, old, middle)
	require.Equal(t, store.Queued, h.pub("oldest", 1).State, "it dropped off the end of the feed")
	h.save(f, middle, oldest)
	p := h.pub("new", 1)
	require.Equal(t, "removed from the site; it continues when the post is back on the site", p.Reason.String())
	require.Equal(t, store.Held, p.State)
	h.save(f)
	require.Equal(t, store.Queued, h.pub("middle", 1).State, "an empty feed proves nothing")
	_, err := h.SavePosts(t.Context(), f, []store.Post{oldest}, false)
	require.NoError(t, err)
	require.Equal(t, store.Queued, h.pub("middle", 1).State, "a damaged feed proves nothing")
	h.save(f, old, middle, oldest)
	p = h.pub("new", 1)
	require.Equal(t, store.Queued, p.State)
	require.Empty(t, p.Reason.String())
	h.save(f, middle, oldest)
	require.Equal(t, store.Held, h.pub("new", 1).State, "gone again")

	h.do(h.pub("middle", 1).ID, store.CommandHold)
	h.save(f, oldest)
	require.Equal(t, "held by you; removed from the site since", h.pub("middle", 1).Reason.String())
	h.save(f, old, middle, oldest)
	require.Equal(t, "held by you", h.pub("middle", 1).Reason.String(), "a person's hold is not released")
}

// A publication that may be live never returns to the queue, whatever a person tries. One that is proven not to be
// live does.
func TestSkippingDoesNotReplaceProof(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	h.save(h.feed("https://blog.example/feed", "all"), post("a", -hour), post("b", -2*hour))
	maybe := h.bring(h.pub("a", 1), store.Unconfirmed)
	h.do(maybe.ID, store.CommandSkip)
	_, err := h.Do(t.Context(), maybe.ID, store.Order{Command: store.CommandPublish})
	require.ErrorIs(t, err, store.ErrIllegal)
	require.ErrorContains(t, err, "may be live")

	dead := h.bring(h.pub("b", 1), store.Publishing)
	dead = h.advance(dead, store.Change{To: store.Failed, Reason: reason.Text("shown not to be live")})
	h.do(dead.ID, store.CommandSkip)
	require.Equal(t, store.Queued, h.do(dead.ID, store.CommandPublish).State)
}

func TestPartIsHeldIfPostChangedAfterAnotherPart(t *testing.T) {
	t.Parallel()
	for state, want := range map[store.State]store.State{
		store.Queued: store.Queued, store.Held: store.Queued, store.Staged: store.Held, store.Publishing: store.Held,
		store.Published: store.Held, store.Unconfirmed: store.Held,
	} {
		h := setup(t)
		split := true
		a := h.account("alice")
		_, err := h.UpdateAccount(t.Context(), a.ID, store.CLI, "",
			func(a *store.Account) error { a.Settings.Split = &split; return nil })
		require.NoError(t, err)
		f := h.feed("https://blog.example/feed", "all")
		p := post("1", -hour)
		for len(p.Media) < 14 {
			p.Media = append(p.Media, store.Media{Type: store.Image,
				URL: fmt.Sprintf("https://blog.example/%d.jpg", len(p.Media))})
		}
		h.save(f, p)
		l, err := h.Publications(t.Context(), store.Filter{})
		require.NoError(t, err)
		h.bring(l[0].Publication, state)
		p.Media = p.Media[:12]
		h.save(f, p)
		got, err := h.Publication(t.Context(), l[1].ID)
		require.NoError(t, err)
		require.Equal(t, want, got.State, "the first part is %s", state)
	}
}

// A step that is running has read the old text.
func TestChangeOvertakesRunningStep(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("1", -hour))
	p := h.claim()
	corrected := post("1", -hour)
	corrected.Text = "corrected"
	h.save(f, corrected)
	_, err := h.Advance(t.Context(), p, to(store.Queued, store.Staged))
	require.ErrorIs(t, err, store.ErrConflict)
	require.Equal(t, p.ID, h.claim().ID, "due again at once")
}
