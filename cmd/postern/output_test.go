package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A time to come is said exactly to the minute and never too early, with its clock; one that is over in the same words.
func TestWhen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 30, 0, time.UTC)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "now"}, {45 * time.Second, "in 45 s (12:02 UTC)"}, {time.Minute, "in 1 min (12:02 UTC)"},
		{9*time.Minute + 30*time.Second, "in 10 min (12:10 UTC)"}, {2 * time.Hour, "in 2 h (14:01 UTC)"},
		{2*time.Hour + 49*time.Minute + time.Second, "in 2 h 50 min (14:50 UTC)"},
		{23*time.Hour + 59*time.Minute, "in 23 h 59 min (1 December 12:00 UTC)"},
		{48 * time.Hour, "2026-12-02 12:01 UTC"},
		{-50 * time.Minute, "50 min ago"}, {-170 * time.Minute, "2 h 50 min ago"}, {-48 * time.Hour, "2026-11-28 12:00 UTC"},
	} {
		require.Equal(t, c.want, whenIn(now.Add(c.after), now, time.UTC), c.after)
	}
	require.Empty(t, whenIn(time.Time{}, now, time.UTC))
}
