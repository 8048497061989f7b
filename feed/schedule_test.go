package feed

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseSchedule(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"@every 5m", "@every 1s", "@every 2d", "@every 1d12h", "*/10 * * * *", "@hourly", "0 6 * * 1-5", " @daily "} {
		require.NoError(t, ParseSchedule(spec), spec)
	}
	for _, spec := range []string{"", "5m", "@every", "@every 5", "@every 0s", "@every -5m", "@every d", "@every -2d", "@every 10ms", "TZ=",
		"CRON_TZ=Europe/Paris 0 6 * * *",
		"TZ=UTC", "0 0 30 2 *", "* * * *", "61 * * * *", "@reboot", "@every 5m\n"} {
		if spec == "@every 5m\n" {
			require.NoError(t, ParseSchedule(spec), "white space around it is ignored")
			continue
		}
		err := ParseSchedule(spec)
		require.Error(t, err, spec)
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestNextPoll(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 6, 8, 30, 0, 0, time.Local)
	tests := map[string]struct {
		schedule string
		hints    Hints
		want     time.Duration
	}{
		"schedule":             {"@every 5m", Hints{}, 5 * time.Minute},
		"cron":                 {"0 9 * * *", Hints{}, 30 * time.Minute},
		"week":                 {"@every 168h", Hints{}, 168 * time.Hour},
		"days":                 {"@every 2d", Hints{}, 48 * time.Hour},
		"ttl":                  {"@every 5m", Hints{TTL: time.Hour}, time.Hour},
		"short ttl":            {"@every 5m", Hints{TTL: time.Minute}, 5 * time.Minute},
		"absurd ttl":           {"@every 5m", Hints{TTL: 1000 * time.Hour}, 24 * time.Hour},
		"max-age":              {"@every 5m", Hints{MaxAge: 10 * time.Minute}, 10 * time.Minute},
		"max-age of a cache":   {"@every 5m", Hints{MaxAge: 8760 * time.Hour}, time.Hour},
		"retry-after":          {"@every 5m", Hints{RetryAfter: 2 * time.Hour}, 2 * time.Hour},
		"first failure":        {"@every 5m", Hints{Failures: 1}, 5 * time.Minute},
		"third failure":        {"@every 5m", Hints{Failures: 3}, 20 * time.Minute},
		"many failures":        {"@every 5m", Hints{Failures: 1000000}, 24 * time.Hour},
		"failure, retry-after": {"@every 5m", Hints{Failures: 1, RetryAfter: time.Hour}, time.Hour},
		"failure, long wait":   {"@every 5m", Hints{Failures: 1, RetryAfter: 1000 * time.Hour}, 24 * time.Hour},
		"failure, weekly":      {"@every 168h", Hints{Failures: 2}, 24 * time.Hour},
		"an invalid schedule":  {"TZ=", Hints{}, time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, now.Add(tt.want), NextPoll(now, tt.schedule, tt.hints))
		})
	}
}
