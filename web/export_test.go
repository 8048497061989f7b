package web

import (
	"net/http"
	"time"

	"postern/store"
)

// What tests see of the inside.

type Throttle struct{ throttle }

func NewThrottle() *Throttle                                      { return &Throttle{} }
func (t *Throttle) Take(now time.Time, from string) time.Duration { return t.take(now, from) }
func (t *Throttle) Clear(from string)                             { t.clear(from) }
func Limited(h http.Handler) http.Handler                         { return limited(h) }
func Moment(t, now time.Time) (iso, at, ago string) {
	m := newMoment(t, now)
	return m.ISO, m.At, m.Ago
}
func WebLink(address string) string { return webLink(address) }

// LogInIs asks a log-in begun with state, good until then, whether it is the one that came back.
func LogInIs(state string, until time.Time, came string, now time.Time) bool {
	return logIn{State: hashed(state), Until: until}.is(came, now)
}

// Bearer guards a handler of a test's own.
func (s *Server) Bearer(needed store.Scope, h http.Handler) http.Handler { return s.bearer(needed, h) }

// InTurn lets n at once take their turns.
func InTurn(n int, h http.Handler) http.Handler {
	return (&Server{turns: make(chan struct{}, n)}).inTurn(h)
}
