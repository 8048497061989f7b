package accounts

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The quota shown counts our own posts since Instagram was asked.
func TestUsed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	ago := func(all ...time.Duration) (times []time.Time) {
		for _, d := range all {
			times = append(times, now.Add(-d))
		}
		return times
	}
	for name, test := range map[string]struct {
		used int
		read time.Duration
		own  []time.Time
		want int
	}{
		"as read":                          {12, 20 * time.Minute, nil, 12},
		"two since":                        {12, 20 * time.Minute, ago(time.Hour, 10*time.Minute, time.Minute), 14},
		"read before Instagram counted":    {0, time.Minute, ago(2*time.Minute, 90*time.Second), 2},
		"a reading of the day before":      {90, 25 * time.Hour, ago(23*time.Hour, time.Hour), 2},
		"never asked":                      {0, now.Sub(time.Time{}), nil, 0},
		"the clock was set back meanwhile": {12, -time.Hour, ago(time.Minute), 12},
	} {
		require.Equal(t, test.want, usedAt(test.used, now.Add(-test.read), test.own, now), name)
	}
}
