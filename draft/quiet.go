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
	_ "time/tzdata" // time zone data, for machines without it

	"postern/words"
)

// dayMinutes is the number of minutes of a day without a clock change.
const dayMinutes = 24 * 60

// window is a part of some days of the week, in minutes after midnight, local time. If from is after to, the window
// extends past midnight and belongs to the day on which it begins.
type window struct {
	days     weekdays
	from, to int
}

var windowText = regexp.MustCompile(`^(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?::(\d{2}))?$`)

// parseQuiet parses "mon-fri 22:00-07:00, 12:00-13:00".
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

// minute returns the minutes after midnight; -1 if the minute is not valid.
func minute(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // at most two digits
	m, _ := strconv.Atoi(minute)
	if m > 59 {
		return -1
	}
	return h*60 + m
}

// parseQuietText validates quiet hours and returns them in canonical form. A lone comma means none, and overrides
// the layers below.
func parseQuietText(s string) (string, error) {
	all, err := parseQuiet(s)
	text := make([]string, len(all))
	for i, w := range all {
		text[i] = w.days.String() + fmt.Sprintf("%02d:%02d-%02d:%02d", w.from/60, w.from%60, w.to/60, w.to%60)
	}
	return strings.Join(text, ", "), err
}

// SwappedQuiet returns quiet hours with start and end exchanged if they look swapped: they begin during the day and
// last for more than half of it. Otherwise it returns "".
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

// has reports whether the window contains a minute of a day of the week.
func (w window) has(day time.Weekday, m int) bool {
	if w.from < w.to {
		return w.days.has(day) && w.from <= m && m < w.to
	}
	return w.days.has(day) && w.from <= m || w.days.has((day+6)%7) && m < w.to
}

// quietUntil returns the end of the quiet hours that contain t, or t itself if there are none. It uses local time in
// t's zone: an hour that is skipped in spring shortens quiet hours, and one that occurs twice in autumn is quiet
// twice.
func quietUntil(t time.Time, quiet []window) time.Time {
	// Windows may touch each other throughout the week, and the clock may change within one.
	for range 8 * 4 * len(quiet) {
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

// StartOfDay returns the first moment of t's calendar day in its zone. In some zones the clock changes at midnight,
// so that a day begins at one o'clock or has its first hour twice.
func StartOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, t.Location())
	if start.Day() != d { // midnight does not exist: the day begins with the change
		_, start = start.ZoneBounds()
		return start
	}
	if change, _ := start.ZoneBounds(); !change.IsZero() {
		if first := change.Add(-time.Nanosecond); first.Format(time.DateOnly) == start.Format(time.DateOnly) {
			// The clock went back to midnight, so the first midnight was before the change.
			_, offset := first.Zone()
			return time.Date(y, m, d, 0, 0, 0, 0, time.FixedZone("", offset)).In(t.Location())
		}
	}
	return start
}

// NextDay returns the first moment of the day after t's.
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

// zones caches the *time.Location of each name, because loading one reads a file.
var zones sync.Map

// Zone returns the time zone of the settings. Its name was validated when it was set.
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
