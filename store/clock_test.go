package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// RightClock moves back the times that a clock wrote while it was ahead, and leaves other times alone.
func TestRightClock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	s, err := store.Open(t.Context(), path, store.Options{Migrate: true})
	require.NoError(t, err)
	defer s.Close()
	feed, err := s.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "now"})
	require.NoError(t, err)
	ahead, err := s.RightClock(t.Context())
	require.NoError(t, err)
	require.Zero(t, ahead, "the clock is right")

	polled := time.Now().Add(50 * time.Hour).Truncate(time.Millisecond)
	feed.LastPolledAt, feed.NextPollAt, feed.ReadAt = polled, polled.Add(10*time.Minute), polled
	require.NoError(t, s.SavePoll(t.Context(), feed))
	ahead, err = s.RightClock(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 50, ahead.Hours(), 0.1)
	feed, err = s.Feed(t.Context(), feed.ID)
	require.NoError(t, err)
	require.WithinDuration(t, polled.Add(-ahead), feed.LastPolledAt, time.Second)
	require.WithinDuration(t, polled.Add(10*time.Minute-ahead), feed.NextPollAt, time.Second,
		"it is due when it would have been with a right clock")
	f, err := s.LastClockFault(t.Context())
	require.NoError(t, err)
	require.Equal(t, ahead, f.Ahead)
	ahead, err = s.RightClock(t.Context())
	require.NoError(t, err)
	require.Zero(t, ahead, "once")
}
