package store

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// Start is the rule that decides which of the entries that exist when a feed is added are published.
type Start struct {
	All   bool
	Last  int       // number of the newest entries; 0 for no such rule
	Since time.Time // entries dated at or after this time; zero for no such rule
	Daily bool      // publish one per day
	Hold  bool      // hold for the owner's approval
}

// ParseStart reads a start rule: "now" (no existing entry), "all", "last:N", or a date
// ("2026-01-31" or RFC 3339). " daily" and " hold" may follow.
func ParseStart(rule string) (Start, error) {
	base, rest, _ := strings.Cut(rule, " ")
	s, err := parseBase(base)
	for _, word := range strings.Fields(rest) {
		switch word {
		case "daily":
			s.Daily = true
		case "hold":
			s.Hold = true
		default:
			return Start{}, errors.New(words.StartAdditionUnknown(rule))
		}
	}
	return s, err
}

// StartRule returns a rule that ParseStart accepts. An empty base means "now".
func StartRule(base string, daily, hold bool) string {
	return ifElse(base == "", "now", base) + ifElse(daily, " daily", "") + ifElse(hold, " hold", "")
}

// Takes reports whether the feed's start rule publishes a post that existed when the feed was added.
func (f Feed) Takes(p Post) bool {
	start, err := ParseStart(f.StartRule)
	take, _ := start.takes(p)
	return err == nil && take
}

func parseBase(rule string) (Start, error) {
	switch {
	case rule == "now" || rule == "":
		return Start{}, nil
	case rule == "all":
		return Start{All: true}, nil
	case strings.HasPrefix(rule, "last:"):
		n, err := strconv.Atoi(strings.TrimPrefix(rule, "last:"))
		if err != nil || n < 1 {
			return Start{}, errors.New(words.StartNumberInvalid(rule))
		}
		return Start{Last: n}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, rule); err == nil {
			return Start{Since: t}, nil
		}
	}
	return Start{}, errors.New(words.StartUnknown(rule))
}

// From returns the date from which new entries are published without asking, for a feed that is added at the given
// time; the zero time for no limit.
func (s Start) From(added time.Time) time.Time {
	switch {
	case s.All:
		return time.Time{}
	case !s.Since.IsZero():
		return s.Since
	}
	return added
}

// takesNone reports whether the rule publishes no existing entry.
func (s Start) takesNone() bool { return !s.All && s.Last == 0 && s.Since.IsZero() }

// takes reports whether an entry of the first poll is published, and if not, why. An entry that is planned for the
// future does not count as an older post: it is published at its date, unless that is before the date that the owner
// chose.
func (s Start) takes(p Post) (bool, reason.Reason) {
	switch {
	case s.All, s.Since.IsZero() && p.isPlanned():
		return true, reason.Reason{}
	case s.Last > 0:
		if p.Rank < s.Last {
			return true, reason.Reason{}
		}
		return false, reason.New(reason.BeforeFeedNewest, s.Last)
	case !s.Since.IsZero():
		if p.PublishedAt.IsZero() {
			return false, reason.New(reason.BeforeFeedUndated, s.Since.Format("2 January 2006"))
		}
		if !p.PublishedAt.Before(s.Since) {
			return true, reason.Reason{}
		}
		return false, reason.New(reason.BeforeStart, s.Since.Format("2 January 2006"))
	}
	return false, reason.New(reason.BeforeFeed)
}
