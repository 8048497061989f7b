package store_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestFirstPollSettlesWhatWasThere(t *testing.T) {
	t.Parallel()
	was := "skipped (was there when the feed was added"
	for start, want := range map[string][]string{
		"now":    {was + ")", was + ")", was + ")", was + ")"},
		"all":    {"queued", "queued", "queued", "queued"},
		"last:2": {was + ", and not among the newest 2)", was + ", and not among the newest 2)", "queued", "queued"},
		"DATE":   {"skipped (is dated before DATE)", "queued", "queued", was + ", and has no date to compare with DATE)"},
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
				if p.Reason != "" {
					got[guid] += " (" + p.Reason + ")"
				}
			}
			for i, guid := range []string{"oldest", "3", "2", "newest"} {
				expect := want[i]
				if start == "DATE" {
					expect = replace(expect, "DATE", since.Format("2 Jan 2006"))
				}
				require.Equal(t, expect, got[guid], guid)
			}
			require.Zero(t, h.save(f, posts...), "the same again is no news")
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

// The newest is found by date whatever the feed's order, and though an entry between has none.
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
		"": true, "now": true, "all": true, "last:1": true, "last:10": true, "2026-01-31": true, "2026-01-31T10:00:00+02:00": true,
		"last:0": false, "last:-1": false, "last:": false, "last:x": false, "yesterday": false, "31.1.2026": false, "NOW": false,
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
		none.Decision, none.Reason, none.Media = store.Skip, "no picture or video", nil
		saved := h.save(f, post("there", -4*hour), post("new", -time.Minute), post("undated", 0), today, post("backdated", -100*day), none)
		require.Equal(t, store.Saved{New: 5, Queued: 3, Held: 1, Skipped: 1}, saved)
		require.ElementsMatch(t, []string{
			"there alice: skipped (was there when the feed was added)",
			"new alice: queued", "undated alice: queued", "today, without a time alice: queued",
			"backdated alice: held (appeared now but is dated " + time.Now().Add(-100*day).UTC().Format("2 January 2006") + ")",
		}, h.all())
		skipped, err := h.SkippedPosts(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, skipped, 1)
		require.Equal(t, "no picture or video", skipped[0].Reason)

		// It gets its picture later.
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
			require.Equal(t, "11 new entries at once", h.pub("flood0", 1).Reason)
		}
	}
}

// A template of the site changes every entry; that makes the one new entry no flood.
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

func TestOnePostInTwoFeeds(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	blog := h.feed("https://blog.example/feed", "all")
	photos := h.feed("https://blog.example/photos", "all")
	other := h.feed("https://other.example/feed", "all")
	h.save(blog, post("https://blog.example/1", -hour), post("12", -2*hour), post("13", -3*hour))

	sameGUID := post("https://blog.example/1", -hour)
	sameGUID.URL = "https://cdn.example/somewhere"
	sameAddress := post("another guid", -2*hour)
	sameAddress.URL = "http://www.blog.example/12/?utm_source=rss#top"
	shortGUID := post("13", -3*hour)
	shortGUID.URL = "https://blog.example/photos/13"
	different := post("fresh", -hour)
	h.save(photos, sameGUID, sameAddress, shortGUID, different)
	elsewhere := post("13", -hour)
	elsewhere.URL = "https://other.example/13"
	h.save(other, elsewhere)

	states := map[string]string{}
	list, err := h.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	for _, l := range list {
		states[l.Feed.URL+" "+l.Post.GUID] = string(l.State) + l.Reason
	}
	on := "skippedalready on its way from blog.example/feed"
	require.Equal(t, map[string]string{
		"https://blog.example/feed https://blog.example/1": "queued", "https://blog.example/feed 12": "queued", "https://blog.example/feed 13": "queued",
		"https://blog.example/photos https://blog.example/1": on, "https://blog.example/photos another guid": on,
		"https://blog.example/photos 13": on, "https://blog.example/photos fresh": "queued",
		"https://other.example/feed 13": "queued", // a short guid is another one elsewhere
	}, states)
}

func TestAPostThatWasSkippedElsewhereIsTaken(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	blog := h.feed("https://blog.example/feed", "now")
	h.save(blog, post("https://blog.example/1", -hour))
	photos := h.feed("https://blog.example/photos", "all")
	h.save(photos, post("https://blog.example/1", -hour))
	require.Len(t, h.all(), 2)
	require.Equal(t, store.Queued, h.pub2(photos.ID).State)
}

// pub2 is the only publication of a feed.
func (h house) pub2(feedID int64) store.Listed {
	h.t.Helper()
	list, err := h.Publications(h.ctx(), store.Filter{FeedID: feedID})
	require.NoError(h.t, err)
	require.Len(h.t, list, 1)
	return list[0]
}

func TestAChangedPost(t *testing.T) {
	t.Parallel()
	words := "mine"
	changed := post("1", -hour)
	changed.Text = "Other words"
	bare := post("1", -hour)
	bare.Media, bare.Decision, bare.Reason = nil, store.Skip, "no picture or video"
	for name, c := range map[string]struct {
		before func(h house, p store.Publication)
		post   store.Post
		want   string
		same   bool // the publication is not touched
	}{
		"queued follows": {func(house, store.Publication) {}, changed, "queued", false},
		"after an edit": {func(h house, p store.Publication) {
			require.NoError(t, h.Edit(t.Context(), p.ID, 0, store.Edits{Caption: &words}, store.Visitor))
		}, changed, "held (changed on the site since you approved it)", false},
		"after approval":    {func(h house, p store.Publication) { h.do(p.ID, store.CommandPublish) }, changed, "held (changed on the site since you approved it)", false},
		"held stays":        {func(h house, p store.Publication) { h.do(p.ID, store.CommandHold) }, changed, "held (held by you)", true},
		"skipped stays":     {func(h house, p store.Publication) { h.do(p.ID, store.CommandSkip) }, changed, "skipped (skipped by you)", true},
		"staged is frozen":  {func(h house, p store.Publication) { h.bring(p, store.Staged) }, changed, "staged (because)", true},
		"publishing":        {func(h house, p store.Publication) { h.bring(p, store.Publishing) }, changed, "publishing (because)", true},
		"published is told": {func(h house, p store.Publication) { h.bring(p, store.Published) }, changed, "published (because)", true},
		"failed stays":      {func(h house, p store.Publication) { h.bring(p, store.Failed) }, changed, "failed (because)", true},
		"lost its picture":  {func(house, store.Publication) {}, bare, "held (the site removed its pictures and videos)", false},
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
			if c.want == "held (changed on the site since you approved it)" {
				require.False(t, after.Expedited, "the approval was for what it was")
				require.Equal(t, before.Edits, after.Edits, "a person's words are kept")
			}
			got, err := h.Post(t.Context(), after.PostID)
			require.NoError(t, err)
			require.Equal(t, c.post.Text, got.Text)
			require.Equal(t, c.post.Media, got.Media)
			require.False(t, got.ChangedAt.IsZero())
		})
	}
}

func TestGoneAndComeBack(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	old, middle, oldest := post("new", -hour), post("middle", -2*hour), post("oldest", -3*hour)
	h.save(f, old, middle, oldest)
	h.save(f, old, middle)
	require.Equal(t, store.Queued, h.pub("oldest", 1).State, "it fell off the end of the feed")
	h.save(f, middle, oldest)
	p := h.pub("new", 1)
	require.Equal(t, "removed from the site", p.Reason)
	require.Equal(t, store.Held, p.State)
	h.save(f)
	require.Equal(t, store.Queued, h.pub("middle", 1).State, "an empty feed proves nothing")
	_, err := h.SavePosts(t.Context(), f, []store.Post{oldest}, false)
	require.NoError(t, err)
	require.Equal(t, store.Queued, h.pub("middle", 1).State, "a damaged feed proves nothing")
	h.save(f, old, middle, oldest)
	p = h.pub("new", 1)
	require.Equal(t, store.Queued, p.State)
	require.Empty(t, p.Reason)
	h.save(f, middle, oldest)
	require.Equal(t, store.Held, h.pub("new", 1).State, "and gone again")

	h.do(h.pub("middle", 1).ID, store.CommandHold)
	h.save(f, oldest)
	require.Equal(t, "held by you; removed from the site since", h.pub("middle", 1).Reason)
	h.save(f, old, middle, oldest)
	require.Equal(t, "held by you", h.pub("middle", 1).Reason, "a person's hold is not released")
}

// What may be live stays away from the queue, whichever way a person tries; what was shown not to be live does not.
func TestSkippingIsNoWayRoundNotLive(t *testing.T) {
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
	dead = h.advance(dead, store.Change{To: store.Failed, Reason: "shown not to be live"})
	h.do(dead.ID, store.CommandSkip)
	require.Equal(t, store.Queued, h.do(dead.ID, store.CommandPublish).State)
}

func TestARemovedFeedsUnansweredWorkEnds(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("a", -hour))
	p := h.bring(h.pub("a", 1), store.Publishing)
	require.NoError(t, h.RemoveFeed(t.Context(), f.ID, store.Visitor))
	require.Equal(t, store.Publishing, h.pub("a", 1).State)
	p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now()})
	require.Equal(t, store.Skipped, p.State)
}

func TestALateFirstAccountIsNoFlood(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := h.feed("https://blog.example/feed", "now")
	h.save(f)
	h.save(f, flood(12)...)
	h.account("alice")
	counts, err := h.CountStates(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[store.State]int{store.Held: 12}, counts)
}

func TestAChangedIDPublishesNothingAgain(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("1", 0))
	id := h.bring(h.pub("1", 1), store.Published).ID
	renamed := post("1", 0)
	renamed.GUID = "tag:blog.example,2026:1"
	h.save(f, renamed)
	p := h.pub(renamed.GUID, 1)
	require.Equal(t, store.Held, p.State)
	require.Equal(t, fmt.Sprintf("has the address and the media of publication %d, under another id", id), p.Reason)

	update := post("1", 0) // another entry of the same page
	update.GUID, update.Media[0].URL = "2", "https://blog.example/other.jpg"
	h.save(f, update)
	require.Equal(t, store.Queued, h.pub("2", 1).State)
}

func TestOnePageUnderTwoIDsAtTheFirstPoll(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	twin := post("1", -hour)
	twin.GUID, twin.URL = "other", "http://www.blog.example/1/"
	h.save(h.feed("https://blog.example/feed", "all"), post("1", -hour), twin)
	require.Equal(t, store.Queued, h.pub("1", 1).State)
	require.Equal(t, store.Held, h.pub("other", 1).State)
}

// What was skipped unanswered may be live, so no other feed and no other id may bring it again.
func TestSkippedThoughItMayBeLiveStaysTheOnlyOne(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("1", -hour))
	h.bring(h.pub("1", 1), store.Unconfirmed)
	h.do(h.pub("1", 1).ID, store.CommandSkip)

	renamed := post("1", -hour)
	renamed.GUID = "renamed"
	h.save(h.feed("https://blog.example/photos", "all"), renamed)
	require.Equal(t, store.Skipped, h.pub("renamed", 1).State)
	renamed.GUID = "renamed again"
	h.save(f, post("1", -hour), renamed)
	require.NotEqual(t, store.Queued, h.pub("renamed again", 1).State)
}

func TestAPartIsHeldWhenThePostChangedAfterAnotherWasSent(t *testing.T) {
	t.Parallel()
	for state, want := range map[store.State]store.State{
		store.Queued: store.Queued, store.Held: store.Queued, store.Staged: store.Held, store.Publishing: store.Held,
		store.Published: store.Held, store.Unconfirmed: store.Held,
	} {
		h := setup(t)
		split := true
		a := h.account("alice")
		_, err := h.UpdateAccount(t.Context(), a.ID, store.CLI, "", func(a *store.Account) error { a.Settings.Split = &split; return nil })
		require.NoError(t, err)
		f := h.feed("https://blog.example/feed", "all")
		p := post("1", -hour)
		for len(p.Media) < 14 {
			p.Media = append(p.Media, store.Media{Type: store.Image, URL: fmt.Sprintf("https://blog.example/%d.jpg", len(p.Media))})
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

// A step that is in hand has read the old words.
func TestAChangeOvertakesTheStepThatPrepares(t *testing.T) {
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
	require.Equal(t, p.ID, h.claim().ID, "at once")
}

func TestARouteThatWasSwitchedOffStaysOff(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("alice")
	f := h.feed("https://blog.example/feed", "now")
	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: a.ID}, store.CLI))
	require.NoError(t, h.RemoveAccount(t.Context(), a.ID, store.CLI))
	h.account("alice")
	r, err := h.Route(t.Context(), f.ID, a.ID)
	require.NoError(t, err)
	require.False(t, r.Enabled)
	require.NoError(t, h.RemoveFeed(t.Context(), f.ID, store.CLI))
	h.feed(f.URL, "now")
	r, err = h.Route(t.Context(), f.ID, a.ID)
	require.NoError(t, err)
	require.False(t, r.Enabled)
}

func TestAnAccountThatComesLater(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string][]string{
		"now": {"there alice: skipped (was there when the feed was added)", "since alice: queued"},
		"all": {"there alice: queued", "since alice: queued"},
	} {
		h := setup(t)
		f := h.feed("https://blog.example/feed", rule)
		saved := h.save(f, post("there", -hour))
		require.Equal(t, store.Saved{New: 1}, saved)
		h.save(f, post("there", -hour), post("since", 2*time.Second))
		require.Empty(t, h.all(), "no account takes this feed yet")
		posts, err := h.Posts(t.Context(), f.ID, 10)
		require.NoError(t, err)
		require.Len(t, posts, 2)

		alice := h.account("alice")
		require.Equal(t, want, h.all(), "the first inherits the feed's rule")
		r, err := h.Route(t.Context(), f.ID, alice.ID)
		require.NoError(t, err)
		require.Equal(t, store.InitialRule, r.Initial)

		bob := h.account("bob")
		require.Equal(t, "was there before the account was added", h.pub("there", bob.ID).Reason)
		require.Equal(t, store.Skipped, h.pub("since", bob.ID).State)
		edited := post("since", 2*time.Second)
		edited.Text = "changed"
		h.save(f, post("there", -hour), edited, post("new", time.Minute))
		require.Equal(t, store.Queued, h.pub("new", alice.ID).State)
		require.Equal(t, store.Queued, h.pub("new", bob.ID).State)
		require.Equal(t, store.Skipped, h.pub("since", bob.ID).State, "the second takes what is new from now on")
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := setup(t)
	alice, bob := h.account("alice"), h.account("bob")
	f := h.feed("https://blog.example/feed", "all")
	routes, err := h.routes()
	require.NoError(t, err)
	require.Len(t, routes, 2)
	_, err = h.Route(t.Context(), f.ID, 99)
	require.ErrorIs(t, err, store.ErrNotFound)
	story := "story"
	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: alice.ID, Enabled: true, Settings: store.Settings{Channel: &story}}, store.CLI))
	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: bob.ID}, store.CLI))
	h.save(f, post("1", -hour))
	require.Equal(t, []string{"1 alice: queued"}, h.all())
	r, err := h.Route(t.Context(), f.ID, alice.ID)
	require.NoError(t, err)
	require.Equal(t, "story", *r.Settings.Channel)
	require.Equal(t, store.InitialRule, r.Initial, "settings change no start")
	require.True(t, r.StartAt.IsZero())

	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: bob.ID, Enabled: true}, store.CLI))
	require.Equal(t, store.Skipped, h.pub("1", bob.ID).State, "from now on")
	h.save(f, post("1", -hour), post("2", time.Minute))
	require.Equal(t, store.Queued, h.pub("2", bob.ID).State)
	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: bob.ID}, store.CLI))
	require.Equal(t, store.Queued, h.pub("2", bob.ID).State, "what is queued goes on")

	require.ErrorIs(t, h.SetRoute(t.Context(), store.Route{FeedID: 99, AccountID: bob.ID}, store.CLI), store.ErrNotFound)
	require.ErrorIs(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: 99}, store.CLI), store.ErrNotFound)
	require.NoError(t, h.RemoveAccount(t.Context(), bob.ID, store.CLI))
	require.ErrorIs(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: bob.ID}, store.CLI), store.ErrNotFound)
	routes, err = h.routes()
	require.NoError(t, err)
	require.Len(t, routes, 1)
}

func TestRemovedAndRevivedFeed(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("published", -3*hour), post("staged", -2*hour), post("queued", -hour), post("held", -hour))
	h.bring(h.pub("published", 1), store.Published)
	h.bring(h.pub("staged", 1), store.Staged)
	h.do(h.pub("held", 1).ID, store.CommandHold)
	_, err := h.AddFeed(t.Context(), store.Feed{URL: f.URL, StartRule: "now"})
	require.ErrorIs(t, err, store.ErrConflict)

	require.NoError(t, h.RemoveFeed(t.Context(), f.ID, store.CLI))
	require.ErrorIs(t, h.RemoveFeed(t.Context(), f.ID, store.CLI), store.ErrNotFound)
	for _, guid := range []string{"staged", "queued", "held"} {
		p := h.pub(guid, 1)
		require.Equal(t, store.Skipped, p.State)
		require.Equal(t, "the feed was removed", p.Reason)
	}
	require.Equal(t, store.Published, h.pub("published", 1).State)
	feeds, err := h.Feeds(t.Context())
	require.NoError(t, err)
	require.Empty(t, feeds)
	require.Zero(t, h.save(f, post("too late", -hour)), "removed while it was being fetched")
	routes, err := h.routes()
	require.NoError(t, err)
	require.Empty(t, routes)

	again := h.feed(f.URL, "now")
	require.Equal(t, f.ID, again.ID)
	require.True(t, again.FirstPolledAt.IsZero())
	require.Empty(t, again.ETag)
	saved := h.save(again, post("published", -3*hour), post("queued", -hour), post("meanwhile", -time.Minute))
	require.Equal(t, store.Saved{New: 1, Skipped: 1}, saved, "what it shows now was there already")
	require.Equal(t, store.Published, h.pub("published", 1).State)
	h.save(again, post("new", time.Minute))
	require.Equal(t, store.Queued, h.pub("new", 1).State)
}

func TestRemovedAndRevivedAccount(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("published", -3*hour), post("asked", -2*hour), post("queued", -hour))
	h.bring(h.pub("published", a.ID), store.Published)
	asked := h.bring(h.pub("asked", a.ID), store.Publishing)
	_, err := h.AddAccount(t.Context(), store.Account{API: a.API, UserID: a.UserID}, seal)
	require.ErrorIs(t, err, store.ErrConflict)

	require.NoError(t, h.RemoveAccount(t.Context(), a.ID, store.CLI))
	require.ErrorIs(t, h.RemoveAccount(t.Context(), a.ID, store.CLI), store.ErrNotFound)
	require.Equal(t, store.Skipped, h.pub("queued", a.ID).State)
	require.Equal(t, store.Publishing, h.pub("asked", a.ID).State, "what may be live is resolved")
	got, err := h.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.NotEmpty(t, got.Secrets.Token, "for looking")
	require.Equal(t, "asked", h.guid(h.claim()))
	asked, err = h.Publication(t.Context(), asked.ID)
	require.NoError(t, err)
	h.advance(asked, store.Change{To: store.Published, MediaID: "m2"})
	got, err = h.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, store.Secrets{}, got.Secrets)
	h.save(f, post("unheard", time.Minute))
	require.Len(t, h.all(), 3, "no account takes it")
	_, err = h.UpdateAccount(t.Context(), a.ID, store.CLI, "", func(*store.Account) error { return nil })
	require.ErrorIs(t, err, store.ErrNotFound)

	again := h.account("alice")
	require.Equal(t, a.ID, again.ID)
	require.Equal(t, store.Skipped, h.pub("queued", a.ID).State, "from now on")
	require.Equal(t, store.Skipped, h.pub("unheard", a.ID).State)
	require.Equal(t, store.Published, h.pub("published", a.ID).State)
	h.save(f, post("new", time.Minute))
	require.Equal(t, store.Queued, h.pub("new", a.ID).State)
}

// It turned out not to be live after its account was gone: there is nobody left to publish it.
func TestARemovedAccountsUnansweredWorkEnds(t *testing.T) {
	t.Parallel()
	for _, state := range []store.State{store.Staged, store.Queued} {
		h, pubs := many(t, 1)
		p := h.bring(pubs[0], store.Publishing)
		require.NoError(t, h.RemoveAccount(t.Context(), p.AccountID, store.CLI))
		got, err := h.Advance(t.Context(), p, to(store.Publishing, state))
		require.NoError(t, err)
		require.Equal(t, store.Skipped, got.State)
		require.Equal(t, "the account was removed", got.Reason)
		a, err := h.Account(t.Context(), p.AccountID)
		require.NoError(t, err)
		require.Empty(t, a.Secrets.Token)
		h.nothing()
		events, err := h.EventsOf(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, state, events[len(events)-1].From, "the trail has both moves")
	}
}

// The button beside "already on its way from …" must not make the second copy.
func TestPublishOfATwinIsRefused(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	blog, photos := h.feed("https://blog.example/feed", "all"), h.feed("https://blog.example/photos", "all")
	h.save(blog, post("https://blog.example/1", -hour))
	h.save(photos, post("https://blog.example/1", -hour))
	first, twin := h.pub2(blog.ID), h.pub2(photos.ID)
	h.bring(first.Publication, store.Published)
	_, err := h.Do(t.Context(), twin.ID, store.Order{Command: store.CommandPublish})
	require.ErrorIs(t, err, store.ErrIllegal)
	require.ErrorContains(t, err, "already on its way from blog.example/feed")

	// The one that was skipped in favour of the other may be taken instead, and then the first no longer.
	h.save(blog, post("https://blog.example/2", -hour))
	h.save(photos, post("https://blog.example/2", -hour))
	list, err := h.Publications(t.Context(), store.Filter{States: []store.State{store.Queued}})
	require.NoError(t, err)
	require.Len(t, list, 1)
	h.do(list[0].ID, store.CommandSkip)
	skipped, err := h.Publications(t.Context(), store.Filter{FeedID: photos.ID, Newest: true, Limit: 1})
	require.NoError(t, err)
	h.do(skipped[0].ID, store.CommandPublish)
	_, err = h.Do(t.Context(), list[0].ID, store.Order{Command: store.CommandPublish})
	require.ErrorIs(t, err, store.ErrIllegal)
}
