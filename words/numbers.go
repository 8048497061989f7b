package words

import (
	"fmt"
	"strings"
	"time"
)

// count returns a number with its noun: "1 day", "2 days".
func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func countDays(n int) string { return count(n, "day", "days") }

// times returns "once" or "5 times".
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// TimesInARow tells how often something happened one time after another.
func TimesInARow(n int) string { return fmt.Sprintf("%d times in a row", n) }

// dayOf returns the day of a time in UTC: "2 January 2006".
func dayOf(t time.Time) string { return t.UTC().Format("2 January 2006") }

// Day returns the day of a time in its zone: "2 January", and "2 January 2027" where that is not the year of now.
func Day(t, now time.Time) string {
	if t.Year() != now.In(t.Location()).Year() {
		return t.Format("2 January 2006")
	}
	return t.Format("2 January")
}

// Clock returns a time to come in UTC, rounded up to the minute so that nothing happens earlier: "15:04 UTC, 2
// January".
func Clock(t, now time.Time) string {
	t = t.UTC().Add(time.Minute - 1).Truncate(time.Minute)
	return t.Format("15:04 MST, ") + Day(t, now)
}

// ago returns how many days ago something was.
func ago(d time.Duration) string {
	switch days := int(d / (24 * time.Hour)); {
	case days > 1:
		return fmt.Sprintf("%d days ago", days)
	case days == 1:
		return "a day ago"
	}
	return "less than a day ago"
}

// inWords returns numbers as they are read: "4", "4 and 5", "4, 5 and 6".
func inWords(numbers []int64) string {
	list := strings.ReplaceAll(arguments(numbers), " ", ", ")
	if i := strings.LastIndex(list, ", "); i >= 0 {
		return list[:i] + " and " + list[i+2:]
	}
	return list
}

// arguments returns numbers as a command takes them: "4 5 6".
func arguments(numbers []int64) string { return strings.Trim(fmt.Sprint(numbers), "[]") }

func countPosts(n int) string { return count(n, "post", "posts") }

// Span tells how long something takes: "45 s", "20 min", "2 h", "2 h 50 min".
func Span(d time.Duration) string {
	hours, minutes := int(d.Hours()), int(d.Minutes())%60
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d h %d min", hours, minutes)
}
