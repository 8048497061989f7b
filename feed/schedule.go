package feed

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"postern/words"
)

// longest is the maximum backoff, and the maximum time for which a server or feed can postpone a poll.
const longest = 24 * time.Hour

// Hints are what a poll found out about the time of the next one.
type Hints struct {
	Failures   int           // consecutive failed polls, including this one
	RetryAfter time.Duration // requested by the server
	TTL        time.Duration // requested by the feed
	MaxAge     time.Duration // Cache-Control: max-age of the answer
}

// ParseSchedule returns an error if a schedule is not valid: it must be a cron expression of five fields, @every
// with a duration of at least a second such as 5m or 2d, or a macro such as @hourly. The error is one line for people.
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
		// cron.ParseStandard panics if nothing follows the time zone (robfig/cron v3.0.1).
		return nil, errors.New(words.ScheduleZone(spec))
	}
	if every, ok := strings.CutPrefix(spec, "@every "); ok {
		d, err := words.ParseSpan(every)
		switch {
		case err != nil:
			return nil, errors.New(words.ScheduleNoSpan(spec))
		case d < time.Second:
			return nil, errors.New(words.ScheduleTooOften(spec))
		}
		return cron.Every(d), nil
	}
	s, err := cron.ParseStandard(spec)
	if err != nil {
		return nil,
			fmt.Errorf(
				"schedule %q is not understood: %w; use \"@every 5m\" or a cron expression such as \"*/10 * * * *\"",
				spec, err)
	}
	if s.Next(time.Unix(0, 0)).IsZero() {
		return nil, errors.New(words.ScheduleNever(spec))
	}
	return s, nil
}

// NextPoll returns when to poll again. After a successful poll that is the next time in the schedule, or later if
// ttl, Cache-Control or Retry-After ask for it, but at most a day. After failures the interval doubles each time, up
// to a day. An invalid schedule counts as one hour; it is rejected where a person enters it.
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
		// Caches in front of a site often promise a day or a year. That applies to the file, not to new posts.
		later(min(h.MaxAge, time.Hour))
	}
	later(h.RetryAfter)
	return next
}
