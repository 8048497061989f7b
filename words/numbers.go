package words

import (
	"fmt"
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

// dayOf returns the day of a time in UTC: "2 January 2006".
func dayOf(t time.Time) string { return t.UTC().Format("2 January 2006") }
