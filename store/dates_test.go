package store_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestFutureDates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", "now")
		h.save(f, post("there", -day))
		time.Sleep(hour)

		dayOnly := func(guid string, when time.Duration) store.Post {
			p := post(guid, when)
			p.PublishedAt, p.DayOnly = p.PublishedAt.Truncate(day), true
			return p
		}
		next := post("next week", 7*day)
		five := post("in five minutes", 5*time.Minute)
		tomorrow, later := dayOnly("tomorrow", day), dayOnly("in three days", 3*day)
		slip := post("a slip", 800*day)
		all := []store.Post{next, five, tomorrow, later, slip, post("now", -time.Minute)}
		h.save(f, all...)
		notBefore := func(guid string) time.Time {
			p, err := h.PostByGUID(h.ctx(), f.ID, guid)
			require.NoError(t, err)
			return p.NotBefore
		}
		require.WithinDuration(t, next.PublishedAt, notBefore("next week"), 0)
		require.WithinDuration(t, five.PublishedAt, notBefore("in five minutes"), 0)
		require.WithinDuration(t, later.PublishedAt, notBefore("in three days"), 0)
		require.Zero(t, notBefore("now"))
		// Midnight in UTC is the start of a day that began earlier in zones to the east. The tests' clock starts at
		// midnight UTC.
		require.Equal(t, time.Until(tomorrow.PublishedAt) > 14*hour, !notBefore("tomorrow").IsZero())
		require.Equal(t, store.Queued, h.pub("next week", 1).State)
		held := h.pub("a slip", 1)
		require.Equal(t, store.Held, held.State)
		require.Contains(t, held.Reason.String(), "check the date")

		// Saving the same entries again changes nothing; a corrected date moves the publication.
		before := h.pub("next week", 1)
		h.save(f, all...)
		require.Equal(t, before.Version, h.pub("next week", 1).Version)
		all[0].PublishedAt = all[0].PublishedAt.Add(-6 * day)
		all[4].PublishedAt = time.Now().Add(-time.Minute)
		h.save(f, all...)
		moved := h.pub("next week", 1)
		require.WithinDuration(t, all[0].PublishedAt, notBefore("next week"), 0)
		require.False(t, moved.DueAt.After(time.Now()), "the gates are checked again")
		require.Equal(t, store.Queued, h.pub("a slip", 1).State)

		// A waiting post whose date moves far ahead is held. A publication that a person put on hold stays held when
		// the date is corrected.
		all[0].PublishedAt = time.Now().Add(900 * day)
		h.save(f, all...)
		require.Equal(t, store.Held, h.pub("next week", 1).State)
		h.do(h.pub("next week", 1).ID, store.CommandApprove)
		h.do(h.pub("next week", 1).ID, store.CommandHold)
		all[0].PublishedAt = time.Now().Add(-time.Minute)
		h.save(f, all...)
		require.Equal(t, store.Held, h.pub("next week", 1).State)

		// The time of a date-only post stays the same while the post waits for it.
		was := notBefore("in three days")
		time.Sleep(time.Until(was) - 2*hour)
		h.save(f, all...)
		require.Equal(t, was, notBefore("in three days"))
	})
}

func TestDatesByTheClockOfTheSite(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name    string
		dated   time.Duration
		dayOnly bool
		ahead   time.Duration
		wait    time.Duration
	}{
		{"past", -time.Minute, false, 0, 0},
		{"in a week", 7 * day, false, 0, 7 * day},
		{"in five minutes", 5 * time.Minute, false, 0, 5 * time.Minute},
		{"the site's clock is ahead, and it dates by it", 3 * hour, false, 3 * hour, 0},
		{"planned by a clock that is ahead", 5 * hour, false, 3 * hour, 2 * hour},
		{"the site's clock is behind", -hour, false, -3 * hour, 2 * hour},
		{"a day that has begun somewhere", 13 * hour, true, 0, 0},
		{"a day that has begun nowhere", 15 * hour, true, 0, 15 * hour},
	} {
		at := store.NotBefore(store.Post{PublishedAt: now.Add(test.dated), DayOnly: test.dayOnly}, now, test.ahead)
		if test.wait == 0 {
			require.Zero(t, at, test.name)
			continue
		}
		require.Equal(t, test.wait, at.Sub(now), test.name)
	}
	require.Zero(t, store.NotBefore(store.Post{}, now, 0), "undated")
}

// Shows which start rules publish a post that is dated in the future, and that none publishes it before its date.
func TestStartChoicesAndFutureDates(t *testing.T) {
	t.Parallel()
	far := time.Now().Add(30 * day).Format(time.DateOnly)
	for start, want := range map[string]struct {
		state store.State
		code  reason.Code
	}{
		"now": {store.Queued, ""}, "last:1": {store.Queued, ""}, "all": {store.Queued, ""},
		"all daily": {store.Queued, ""}, "2020-01-01": {store.Queued, ""}, far: {store.Skipped, reason.BeforeStart},
		"now hold": {store.Held, reason.Approval}, "all hold": {store.Held, reason.Approval},
	} {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", start)
		p := post("planned", 3*day)
		h.save(f, p, post("older", -day))
		// The second account starts to take the feed when all posts exist.
		for account := int64(1); account <= 2; account++ {
			pub := h.pub("planned", account)
			require.Equal(t, want.state, pub.State, start)
			require.Equal(t, want.code, pub.Reason.Code, start)
			h.account(fmt.Sprint("bob", account))
			if want.state == store.Skipped {
				break
			}
		}
		planned, err := h.PostByGUID(h.ctx(), f.ID, "planned")
		require.NoError(t, err)
		require.WithinDuration(t, p.PublishedAt, planned.NotBefore, 0, start)
	}
}

// Dates only some hours ahead may come from a wrong time zone, for posts that are public already: start rules treat
// them like other existing posts. A post dated more than 14 hours ahead counts as planned.
func TestDatesHoursAheadAreNotPlanned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ahead time.Duration
		start string
		want  store.State
	}{
		{2 * hour, "now", store.Skipped}, {13 * hour, "now", store.Skipped}, {15 * hour, "now", store.Queued},
		{2 * hour, "last:1", store.Queued}, {2 * hour, "all", store.Queued},
	} {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", test.start)
		h.save(f, post("hours ahead", test.ahead), post("older", -day))
		require.Equal(t, test.want, h.pub("hours ahead", 1).State, "%s %s", test.ahead, test.start)
		h.account("bob") // takes only new posts from now on
		later := ifElse(test.ahead > 14*hour, store.Queued, store.Skipped)
		if test.start == "now" {
			require.Equal(t, later, h.pub("hours ahead", 2).State, "%s %s", test.ahead, test.start)
		}
	}
}

func TestWrongZones(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		every time.Duration // time between two polls
		// By how much the entry that appears a minute before each poll is dated ahead of that moment.
		leads []time.Duration
		want  time.Duration
		notes int
	}{
		{"local time taken for UTC", 5 * time.Minute, []time.Duration{2 * hour, 2 * hour, 2 * hour, 2 * hour},
			2 * hour, 1},
		{"polled seldom", hour, []time.Duration{10 * hour, 10 * hour, 10 * hour}, 10 * hour, 1},
		{"half an hour", 5 * time.Minute, []time.Duration{330 * time.Minute, 330 * time.Minute, 330 * time.Minute},
			330 * time.Minute, 1},
		{"twice may be chance", 5 * time.Minute, []time.Duration{2 * hour, 2 * hour}, 0, 0},
		{"planned for different hours", 5 * time.Minute, []time.Duration{2 * hour, 7 * hour, 4 * hour, 9 * hour}, 0, 0},
		{"planned a week ahead each time", 5 * time.Minute, []time.Duration{7 * day, 7 * day, 7 * day, 7 * day}, 0, 0},
		{"right", 5 * time.Minute, []time.Duration{0, 0, 0, 0}, 0, 0},
		{"one planned between right ones", 5 * time.Minute, []time.Duration{2 * hour, 0, 2 * hour, 0, 2 * hour}, 0, 0},
		{"put right", 5 * time.Minute, []time.Duration{2 * hour, 2 * hour, 2 * hour, 0}, 0, 2},
		{"one planned by a wrong zone", 5 * time.Minute,
			[]time.Duration{2 * hour, 2 * hour, 2 * hour, 9 * hour, 2 * hour}, 2 * hour, 1},
		{"one dated back by a wrong zone", 5 * time.Minute,
			[]time.Duration{2 * hour, 2 * hour, 2 * hour, -50 * day, 2 * hour}, 2 * hour, 1},
		{"summer time ends", 5 * time.Minute, []time.Duration{2 * hour, 2 * hour, 2 * hour, hour, hour, hour}, hour, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := setup(t)
				h.account("alice")
				f := h.feed("https://blog.example/feed", "now")
				posts := []store.Post{post("there", -day)}
				h.save(f, posts...)
				for i, lead := range test.leads {
					time.Sleep(test.every)
					posts = append(posts, post(string(rune('a'+i)), lead-time.Minute))
					h.save(f, posts...)
				}
				f, err := h.Feed(h.ctx(), f.ID)
				require.NoError(t, err)
				require.Equal(t, test.want, f.Lead)
				if test.want > 0 {
					time.Sleep(test.every)
					posts = append(posts, post("last", test.want-time.Minute))
					h.save(f, posts...)
					last, err := h.PostByGUID(h.ctx(), f.ID, "last")
					require.NoError(t, err)
					require.False(t, last.NotBefore.After(time.Now()), "it is published at once")
					first, err := h.PostByGUID(h.ctx(), f.ID, "c")
					require.NoError(t, err)
					require.False(t, first.NotBefore.After(time.Now().Add(time.Hour+time.Minute)),
						"waiting publications follow too")
				}
				events, _, err := h.EventPage(h.ctx(), store.EventQuery{Limit: 100})
				require.NoError(t, err)
				notes := 0
				for _, e := range events {
					if e.Kind == "feed-zone" {
						notes++
					}
				}
				require.Equal(t, test.notes, notes)
			})
		})
	}
}
