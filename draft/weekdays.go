package draft

import (
	"regexp"
	"strings"
	"time"
)

// weekdays is a set of days of the week: bit n is time.Weekday n.
type weekdays uint8

// everyDay has all seven days.
const everyDay weekdays = 1<<7 - 1

// week lists the days from Monday on, as people and the settings write them.
var week = [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday,
	time.Sunday}

func (d weekdays) has(day time.Weekday) bool { return d&(1<<day) != 0 }

var daysText = regexp.MustCompile(`^((?:[a-z]+(?:\s*[-–]\s*[a-z]+)?\s+)*)(\d.*)$`)

// cutDays parts "mon-fri sun 18:00" into its days and the times behind them. A text without days means every day; ok is
// false if a word in front of the times is not a day of the week.
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

// weekday reads the name of a day, of which three letters suffice.
func weekday(name string) (time.Weekday, bool) {
	for _, day := range week {
		if full := strings.ToLower(day.String()); len(name) >= 3 && strings.HasPrefix(full, name) {
			return day, true
		}
	}
	return 0, false
}

// String returns the days as the settings write them, with a space at the end: "mon-fri sun ". It is empty for every
// day.
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

// wallTime returns the moment at which the clock of a zone shows a time of a day, which is given in minutes from
// midnight. A time that the clock leaves out in spring is the moment at which it jumps; of a time that it shows twice in
// autumn, the first counts.
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
