package page

import "time"

// What tests see of the inside.

func Moment(t, now time.Time) (iso, at, ago string) {
	m := newMoment(t, now)
	return m.ISO, m.At, m.Ago
}

func WebLink(address string) string { return webLink(address) }
