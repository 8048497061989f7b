package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestSuspects(t *testing.T) {
	t.Parallel()
	h := setup(t)
	bad, good := h.feed("https://bad.example/feed", "now"), h.feed("https://good.example/feed", "now")
	read := func(feeds ...store.Feed) {
		for _, f := range feeds {
			require.NoError(t, h.BeginReading(h.ctx(), f.ID))
		}
	}
	crash := func(crashed bool) (ids []int64) {
		suspects, err := h.RecordCrash(h.ctx(), crashed)
		require.NoError(t, err)
		for _, f := range suspects {
			ids = append(ids, f.ID)
		}
		return ids
	}
	now := func(f store.Feed) store.Feed {
		f, err := h.Feed(h.ctx(), f.ID)
		require.NoError(t, err)
		return f
	}
	for range 10 { // kill -9, power failures, time-outs of cron
		read(bad, good)
		require.Empty(t, crash(false))
	}
	require.False(t, now(bad).Suspect())

	read(bad, good)
	require.Equal(t, []int64{bad.ID, good.ID}, crash(true))
	require.True(t, now(bad).Suspect() && now(good).Suspect())
	require.Empty(t, crash(true), "no feed was read meanwhile")

	// A poll that is completed, even with an error, clears it.
	read(good)
	f := now(good)
	f.Failures, f.Problem, f.LastPolledAt, f.NextPollAt = 1, reason.Text("the site answers with 502"), time.Now(),
		time.Now().Add(hour)
	require.NoError(t, h.SavePoll(h.ctx(), f))
	require.False(t, now(good).Suspect())
	require.Empty(t, crash(true))

	read(bad)
	require.Empty(t, crash(false), "a killed process proves nothing")
	read(bad)
	crash(true)
	require.False(t, now(bad).Paused)
	read(bad)
	crash(true)
	require.True(t, now(bad).Paused)
	require.Equal(t, reason.New(reason.FeedCrashed), now(bad).Problem)
	due, err := h.DueFeeds(h.ctx())
	require.NoError(t, err)
	for _, f := range due {
		require.NotEqual(t, bad.ID, f.ID)
	}

	require.NoError(t, h.PauseFeed(h.ctx(), bad.ID, false, store.CLI))
	require.True(t, now(bad).Suspect(), "the feed is still polled alone")
	require.Less(t, now(bad).Crashes, store.MaxCrashes)
	read(bad)
	h.save(bad, post("1", -hour))
	require.False(t, now(bad).Suspect())
	require.Empty(t, crash(true))
}
