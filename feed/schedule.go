package feed

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"postern/words"
)

// longest is the longest back-off, and the longest a server may put a poll off.
const longest = 24 * time.Hour

// Hints are what a poll taught about when to come again.
type Hints struct {
	Failures   int           // polls in a row that failed, this one included
	RetryAfter time.Duration // what the server asked for
	TTL        time.Duration // what the feed asks for
	MaxAge     time.Duration // how long the server's caches keep the answer
}

// ParseSchedule says whether a schedule can be used: a cron expression of five fields, or @every with a duration of at
// least a second, or @hourly and its like. The error is one line in plain words.
func ParseSchedule(spec string) error {
	_, err := parseSchedule(spec)
	return err
}

func parseSchedule(spec string) (cron.Schedule, error) {
	spec = strings.TrimSpace(spec)
	switch {
	case spec == "":
		return nil, errors.New(words.ScheduleEmpty)
	case strings.Contains(spec, "TZ="):
		// cron.ParseStandard panics on a time zone that is followed by nothing (robfig/cron v3.0.1).
		return nil, errors.New(words.ScheduleZone(spec))
	}
	s, err := cron.ParseStandard(spec)
	if err != nil {
		return nil,
			fmt.Errorf(
				"schedule %q is not understood: %w; use \"@every 5m\" or a cron expression such as \"*/10 * * * *\"",
				spec, err)
	}
	if every, ok := strings.CutPrefix(spec, "@every "); ok {
		if d, err := time.ParseDuration(strings.TrimSpace(every)); err != nil || d < time.Second {
			return nil, errors.New(words.ScheduleTooOften(spec))
		}
	}
	if s.Next(time.Unix(0, 0)).IsZero() {
		return nil, errors.New(words.ScheduleNever(spec))
	}
	return s, nil
}

// NextPoll is when to poll again. A feed that is well goes by its schedule, or later where ttl, Cache-Control or
// Retry-After ask for it, at most a day. After failures the interval doubles, up to a day. A schedule that cannot be
// used counts as an hour; it is refused where it is entered.
func NextPoll(now time.Time, schedule string, h Hints) time.Time {
	next := now.Add(time.Hour)
	if s, err := parseSchedule(schedule); err == nil {
		if t := s.Next(now); !t.IsZero() {
			next = t
		}
	}
	later := func(d time.Duration) {
		if t := now.Add(min(d, longest)); t.After(next) {
			next = t
		}
	}
	if h.Failures > 0 {
		wait := next.Sub(now)
		for i := 1; i < h.Failures && wait < longest; i++ {
			wait *= 2
		}
		next = now.Add(min(wait, longest))
	} else {
		later(h.TTL)
		// Caches in front of a site often promise a day or a year; that is about the file, not about new posts.
		later(min(h.MaxAge, time.Hour))
	}
	later(h.RetryAfter)
	return next
}
