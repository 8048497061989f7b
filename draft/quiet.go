package draft

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the zones, for machines that have none

	"postern/words"
)

// dayMinutes are those of a day without a change of the clock.
const dayMinutes = 24 * 60

// window is a part of some days of the week, in minutes from midnight by the clock on the wall. from may be after to:
// then it goes over midnight, and belongs to the day on which it begins.
type window struct {
	days     weekdays
	from, to int
}

var windowText = regexp.MustCompile(`^(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?::(\d{2}))?$`)

// parseQuiet reads "mon-fri 22:00-07:00, 12:00-13:00".
func parseQuiet(s string) ([]window, error) {
	var all []window
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		days, hours, ok := cutDays(part)
		m := windowText.FindStringSubmatch(hours)
		if !ok || m == nil {
			return nil, errors.New(words.ValueNoHours(part))
		}
		w := window{days, minute(m[1], m[2]), minute(m[3], m[4])}
		if w.from >= dayMinutes || w.to > dayMinutes || w.from < 0 || w.to < 0 {
			return nil, errors.New(words.ValueNoTime(part))
		}
		if w.from == w.to {
			return nil, errors.New(words.ValueNoLength(part))
		}
		all = append(all, w)
	}
	for _, day := range week {
		for m := range dayMinutes {
			if !slices.ContainsFunc(all, func(w window) bool { return w.has(day, m) }) {
				return all, nil
			}
		}
	}
	return nil, errors.New(words.ValueWholeDay(s))
}

// minute is -1 for what is none.
func minute(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // two digits at most
	m, _ := strconv.Atoi(minute)
	if m > 59 {
		return -1
	}
	return h*60 + m
}

// parseQuietText brings quiet hours to one way of writing. A lone comma is none, which switches off those of the layer
// below.
func parseQuietText(s string) (string, error) {
	all, err := parseQuiet(s)
	text := make([]string, len(all))
	for i, w := range all {
		text[i] = w.days.String() + fmt.Sprintf("%02d:%02d-%02d:%02d", w.from/60, w.from%60, w.to/60, w.to%60)
	}
	return strings.Join(text, ", "), err
}

// SwappedQuiet returns quiet hours as they were probably meant, "" when they look right: ones that begin in the
// day and last for more than half of it look as if their ends were swapped.
func SwappedQuiet(s string) string {
	all, err := parseQuiet(s)
	const morning = 4 * 60
	if err != nil || len(all) != 1 || all[0].days != everyDay || all[0].from < morning || all[0].to-all[0].from <= dayMinutes/2 {
		return ""
	}
	text, _ := parseQuietText(
		fmt.Sprintf("%02d:%02d-%02d:%02d", all[0].to/60%24, all[0].to%60, all[0].from/60, all[0].from%60))
	return text
}

// has reports whether a minute of a day of the week lies in the window.
func (w window) has(day time.Weekday, m int) bool {
	if w.from < w.to {
		return w.days.has(day) && w.from <= m && m < w.to
	}
	return w.days.has(day) && w.from <= m || w.days.has((day+6)%7) && m < w.to
}

// quietUntil is when the quiet hours end in which t lies; t itself when it lies in none. The clock on the wall of t's
// zone decides: an hour that is left out in spring shortens them, one that comes twice in autumn is quiet twice.
func quietUntil(t time.Time, quiet []window) time.Time {
	for range 8 * 4 * len(quiet) { // windows may touch each other all week, and a change of the clock may fall into one
		day, at := t.Weekday(), t.Hour()*60+t.Minute()
		i := slices.IndexFunc(quiet, func(w window) bool { return w.has(day, at) })
		if i < 0 {
			return t
		}
		left := quiet[i].to - at
		if left <= 0 {
			left += dayMinutes
		}
		end := t.Truncate(time.Minute).Add(time.Duration(left) * time.Minute)
		if _, change := t.ZoneBounds(); !change.IsZero() && change.Before(end) {
			end = change
		}
		t = end
	}
	return t
}

// StartOfDay is the first moment of t's calendar day in its zone. There are zones whose clocks change at midnight, so
// that a day begins at one, or has its first hour twice.
func StartOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, t.Location())
	if start.Day() != d { // there is no midnight: the day begins with the change
		_, start = start.ZoneBounds()
		return start
	}
	if change, _ := start.ZoneBounds(); !change.IsZero() {
		if first := change.Add(-time.Nanosecond); first.Format(time.DateOnly) == start.Format(time.DateOnly) {
			// The clock went back to midnight: the first time it showed that lies before the change.
			_, offset := first.Zone()
			return time.Date(y, m, d, 0, 0, 0, 0, time.FixedZone("", offset)).In(t.Location())
		}
	}
	return start
}

// NextDay is the first moment of the day after t's.
func NextDay(t time.Time) time.Time {
	y, m, d := t.Date()
	noon := time.Date(y, m, d+1, 12, 0, 0, 0, t.Location())
	return StartOfDay(noon)
}

func parseZone(s string) (string, error) {
	s = strings.TrimSpace(s)
	loc, err := time.LoadLocation(s)
	if err != nil || s == "" || s == "Local" {
		return "", errors.New(words.ValueNoZone(s))
	}
	return loc.String(), nil
}

// zones has the *time.Location of each name that was asked for: loading one reads a file.
var zones sync.Map

// Zone is the time zone of the settings. Its name was checked when it was set.
func (s Resolved) Zone() *time.Location {
	if loc, known := zones.Load(s.TimeZone.V); known {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(s.TimeZone.V)
	if err != nil {
		return time.UTC
	}
	zones.Store(s.TimeZone.V, loc)
	return loc
}
