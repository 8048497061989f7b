package words

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longestSpan is the longest time that [ParseSpan] accepts: a hundred years. People write such a time to mean "never".
const longestSpan = 36500 * 24 * time.Hour

var leadingDays = regexp.MustCompile(`^([0-9]{1,5})d`)

// ParseSpan parses a length of time as people write it in settings, in the configuration and after flags: "90s", "90m",
// "24h", "2d" and "1d12h". A day has 24 hours. A negative time is an error. The error is a sentence for people.
func ParseSpan(s string) (time.Duration, error) {
	text := strings.TrimSpace(s)
	var d, rest time.Duration
	m := leadingDays.FindStringSubmatch(text)
	if m != nil {
		n, _ := strconv.Atoi(m[1])
		text, d = text[len(m[0]):], time.Duration(n)*24*time.Hour
	}
	if m == nil || text != "" {
		var err error
		if rest, err = time.ParseDuration(text); err != nil || rest < 0 {
			return 0, errors.New(valueNoDuration(s))
		}
	}
	if d += min(rest, longestSpan+1); d > longestSpan {
		return 0, errors.New(valueTooLongTime(s, int(longestSpan/(24*time.Hour))))
	}
	return d, nil
}

// valueNoDuration tells that a value is not a length of time.
func valueNoDuration(value string) string {
	return fmt.Sprintf("%q is not a length of time such as 90m, 24h or 2d", value)
}

// valueTooLongTime tells the most days that a length of time may be.
func valueTooLongTime(value string, days int) string {
	return fmt.Sprintf("%q is too long: give at most %s", value, countDays(days))
}
