package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/reason"
	"postern/shape"
	"postern/store"
)

// What is said of a feed after a search without a hit is true of it: whether it can be read, whether it is checked at
// all, and which command helps.
func TestNextChecks(t *testing.T) {
	t.Parallel()
	now := time.Now()
	well := store.Feed{ID: 1, Label: "Blog", LastPolledAt: now.Add(-time.Minute), NextPollAt: now.Add(4 * time.Minute)}
	missing, gone, paused, due := well, well, well, well
	missing.Failures, missing.Problem = 2, reason.New(reason.FeedNotFound)
	gone.Paused, gone.Problem = true, reason.New(reason.FeedGone)
	paused.Paused = true
	due.NextPollAt = now.Add(-time.Second)
	damaged := well
	damaged.Problem = reason.New(reason.FeedNotUTF)
	clock := draft.Clock(well.NextPollAt.Local(), now)
	const (
		unread = "Feed 1 (Blog) could not be read at its last check, 1 min ago: "
		check  = ". For more, run `postern feed check 1`.\n"
		idle   = "Postern is not running, so no feed is checked. Run `postern serve`, or `postern sync` for one pass."
		resume = "Feed 1 (Blog) is paused, so Postern does not check it. To resume it, run `postern feed resume 1`."
	)
	next := "A new post appears after the next check of its feed. Next checks: feed 1 (Blog) in 4 min (" + clock + "). To check now, " +
		"run `postern sync`."
	for name, c := range map[string]struct {
		feed    store.Feed
		running bool
		want    string
	}{
		"well":            {well, true, next},
		"well, no daemon": {well, false, idle},
		"due": {due, true,
			"A new post appears after the next check of its feed. Next checks: feed 1 (Blog) now. To check now, run `postern sync`."},
		"damaged, but read": {damaged, true, next},
		"not found": {missing, true, unread + reason.New(reason.FeedNotFound).String() +
			". Next try: in 4 min (" + clock + ")" + check + next},
		"not found, no daemon": {missing, false, unread + reason.New(reason.FeedNotFound).String() +
			". Next try: when `postern serve` or `postern sync` runs" + check + idle},
		"gone": {gone, true, unread + reason.New(reason.FeedGone).String() +
			". Postern paused it. To resume it, run `postern feed resume 1`" + check + resume},
		"paused":            {paused, true, resume},
		"paused, no daemon": {paused, false, resume},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, nextChecks([]store.Feed{c.feed}, c.running, now))
		})
	}
	require.Equal(t, "There are no feeds yet. Add one with `postern feed add URL`.", nextChecks(nil, true, now))
}

// One row tells one time: rounded as its reason rounds it, and in the zone of its settings.
func TestNextAsTheReasonTellsIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 9, 30, 0, time.UTC)
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	v := shape.Publication{State: store.Queued, ReasonCode: reason.MinAge, Zone: zone}
	v.Next = shape.Time(now.Add(10 * time.Second))
	require.Equal(t, "in 30 s (07:10 America/New_York)", nextOf(v, now), "the reason says 12:10")
	v.Next = shape.Time(now.Add(26 * time.Hour))
	require.Equal(t, "1 December 09:10 America/New_York", nextOf(v, now))
	v.ReasonCode, v.Next = reason.Unreachable, shape.Time(now.Add(10*time.Second))
	require.Equal(t, "in 10 s (07:10 America/New_York)", nextOf(v, now))
	v.Next = shape.Time(now.Add(-time.Hour))
	require.Equal(t, "now", nextOf(v, now))
	require.Empty(t, nextOf(shape.Publication{}, now))
}
