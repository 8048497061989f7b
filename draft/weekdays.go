package draft

import (
	"regexp"
	"strings"
	"time"
)

// weekdays is a set of days of the week: bit n is time.Weekday n.
type weekdays uint8

// everyDay contains all seven days.
const everyDay weekdays = 1<<7 - 1

// week lists the days in the order in which people and the settings write them, from Monday.
var week = [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday,
	time.Sunday}

func (d weekdays) has(day time.Weekday) bool { return d&(1<<day) != 0 }

var daysText = regexp.MustCompile(`^((?:[a-z]+(?:\s*[-–]\s*[a-z]+)?\s+)*)(\d.*)$`)

// cutDays splits "mon-fri sun 18:00" into its days and the times after them. Without days it returns every day; ok
// is false if a word before the times is not a day of the week.
func cutDays(text string) (days weekdays, times string, ok bool) {
	m := daysText.FindStringSubmatch(strings.ToLower(text))
	switch {
	case m == nil:
		return 0, "", false
	case m[1] == "":
		return everyDay, m[2], true
	}
	for _, word := range strings.Fields(dayRange.ReplaceAllString(m[1], "$1-$2")) {
		from, to, isRange := strings.Cut(word, "-")
		first, known := weekday(from)
		if !known {
			return 0, "", false
		}
		last := first
		if isRange {
			if last, known = weekday(to); !known {
				return 0, "", false
			}
		}
		for day := first; ; day = (day + 1) % 7 {
			days |= 1 << day
			if day == last {
				break
			}
		}
	}
	return days, m[2], true
}

var dayRange = regexp.MustCompile(`([a-z]+)\s*[-–]\s*([a-z]+)`)

// weekday parses the name of a day, which may be abbreviated to three letters or more.
func weekday(name string) (time.Weekday, bool) {
	for _, day := range week {
		if full := strings.ToLower(day.String()); len(name) >= 3 && strings.HasPrefix(full, name) {
			return day, true
		}
	}
	return 0, false
}

// String returns the days in the format of the settings, followed by a space: "mon-fri sun ". It returns "" for
// every day.
func (d weekdays) String() string {
	if d == everyDay {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(week); i++ {
		if !d.has(week[i]) {
			continue
		}
		last := i
		for last+1 < len(week) && d.has(week[last+1]) {
			last++
		}
		b.WriteString(shortDay(week[i]))
		if last > i {
			b.WriteString("-" + shortDay(week[last]))
		}
		b.WriteByte(' ')
		i = last
	}
	return b.String()
}

func shortDay(day time.Weekday) string { return strings.ToLower(day.String()[:3]) }

// wallTime returns when the clock in a zone shows a time of a day, given in minutes after midnight. For a time that
// is skipped in spring it returns the moment of the change; of a time that occurs twice in autumn it returns the
// first.
func wallTime(day time.Time, minutes int) time.Time {
	y, m, d := day.Date()
	t := time.Date(y, m, d, minutes/60, minutes%60, 0, 0, day.Location())
	start, end := t.ZoneBounds()
	if t.Hour()*60+t.Minute() != minutes { // time.Date chose one of the two sides of the gap
		if !end.IsZero() && (start.IsZero() || end.Sub(t) < t.Sub(start)) {
			return end
		}
		return start
	}
	if start.IsZero() {
		return t
	}
	_, now := t.Zone()
	_, before := start.Add(-time.Second).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); first.Before(start) {
		return first
	}
	return t
}
