package draft

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestWaitNote(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := Resolve()
	for _, test := range []struct {
		post store.Post
		want string
	}{
		{store.Post{PublishedAt: now.Add(-time.Hour)}, ""},
		{store.Post{PublishedAt: now.Add(time.Hour)}, "the post waits for its date, 4 March 13:00 UTC"},
		{store.Post{PublishedAt: now.Add(72 * time.Hour)}, "the post waits for its date, 7 March 12:00 UTC"},
		{store.Post{PublishedAt: now.Add(60 * time.Hour), DayOnly: true}, "the post waits for its date, 7 March"},
		{store.Post{PublishedAt: now.Add(365 * 24 * time.Hour)}, "the post waits for its date, 4 March 2027 12:00 UTC"},
		{store.Post{PublishedAt: now.Add(500 * 24 * time.Hour)}, "dated 17 July 2027: check the date on your site"},
		{store.Post{PublishedAt: now.Add(72 * time.Hour), Decision: store.Skip}, ""},
		{store.Post{Markup: store.Markup{Sensitive: "rated adult"}},
			"held, rated adult: approve it if Instagram's Community Guidelines allow it"},
	} {
		note, code := WaitNote(test.post, s, now, 0)
		require.Equal(t, test.want, note)
		require.Equal(t, note == "", code == "")
	}
}

// A post that is dated in the future waits for its date, and its age is counted from that date.
func TestOpeningOfAPostDatedAhead(t *testing.T) {
	t.Parallel()
	now := when(t, "2026-11-21 20:00 +0100")
	var s store.Settings
	apply(t, &s, "min_age=2m")
	post := store.Post{NotBefore: now.Add(24 * time.Hour)}
	until, why := Opening(post, Resolve(Layer{"account", s}), Pace{}, now)
	require.True(t, post.NotBefore.Add(2*time.Minute).Equal(until), until)
	require.Equal(t, "the post waits for its date, 22 November 19:00 UTC; then younger than 2m until 22 November "+
		"19:02 UTC", why.String())
}

func TestOpening(t *testing.T) {
	t.Parallel()
	now := when(t, "2026-11-21 20:00 +0100")
	for name, tc := range map[string]struct {
		settings string
		last     time.Duration // relative to now, in the past
		today    int
		want     string // expected time
		reason   string
	}{
		"nothing set": {"", time.Minute, 9, "2026-11-21 20:00 +0100", ""},
		"open": {"quiet_hours=22-7 posts_per_day=2 cool_down=2h min_age=1h", 3 * time.Hour, 1,
			"2026-11-21 20:00 +0100", ""},
		"quiet": {"quiet_hours=19:00-21:30", 5 * time.Hour, 0, "2026-11-21 21:30 +0100",
			"quiet hours until 21:30 Europe/Berlin"},
		"the day's posts": {"posts_per_day=2", 0, 2, "2026-11-22 00:00 +0100",
			"2 went out today and the limit is 2 a day; the next day begins at 22 November 00:00 Europe/Berlin"},
		"the day, then the night": {"posts_per_day=2 quiet_hours=22-7", 0, 3, "2026-11-22 07:00 +0100",
			"3 went out today and the limit is 2 a day; the next day begins at 22 November 00:00 Europe/Berlin; then quiet " +
				"hours until 22 November 07:00 Europe/Berlin"},
		"rest": {"cool_down=3h", time.Hour, 0, "2026-11-21 22:00 +0100",
			"the account waits 3h between two posts, until 22:00 Europe/Berlin"},
		"rest into the night": {"cool_down=3h quiet_hours=22-7", time.Hour, 0, "2026-11-22 07:00 +0100",
			"the account waits 3h between two posts, until 22:00 Europe/Berlin; then quiet hours until " +
				"22 November 07:00 Europe/Berlin"},
		"young, and another day": {"min_age=30h", 0, 0, "2026-11-23 00:00 +0100",
			"younger than 30h until 23 November 00:00 Europe/Berlin"},
		"young, and another year": {"min_age=60d", 0, 0, "2027-01-20 18:00 +0100",
			"younger than 1440h until 20 January 2027 18:00 Europe/Berlin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s store.Settings
			for _, word := range append([]string{"time_zone=Europe/Berlin"}, strings.Fields(tc.settings)...) {
				apply(t, &s, word)
			}
			p := Pace{Last: now.Add(-tc.last), Since: func(from time.Time) int {
				if from.After(now) {
					return 0
				}
				return tc.today
			}}
			until, reason := Opening(store.Post{PublishedAt: now.Add(-2 * time.Hour)},
				Resolve(Layer{"account", s}), p, now)
			require.Equal(t, tc.want, until.Format(stamp))
			require.Equal(t, tc.reason, reason.String())
		})
	}
}

// A date is rounded up to the minute, like the other times in the list of publications.
func TestDatedIsRoundedUp(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{
		time.Date(2026, 12, 7, 18, 44, 20, 0, time.UTC):  "18:45 UTC",
		time.Date(2026, 12, 7, 18, 44, 0, 0, time.UTC):   "18:44 UTC",
		time.Date(2026, 12, 31, 23, 59, 30, 0, time.UTC): "00:00 UTC",
	} {
		if got := Dated(at, false, now).String(); !strings.Contains(got, want) {
			t.Errorf("%s: %q does not say %s", at, got, want)
		}
	}
}
