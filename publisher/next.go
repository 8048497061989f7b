package publisher

import (
	"cmp"
	"time"

	"postern/store"
)

// Next returns when the next step of a publication may begin, and when it began while a step is in hand; the zero
// time when nothing happens by itself. It is exact for what waits behind others only after Forecast.
func Next(p store.Publication, a store.Account) time.Time {
	switch {
	case !p.State.Open():
		return time.Time{}
	case p.State != store.Publishing && Halted(a): // a step in hand is the last one until then
		return time.Time{}
	case p.Leased:
		return cmp.Or(p.StartedAt, p.AskedAt, p.CreatedAt) // never DueAt, which is the end of the lease
	}
	return later(p.DueAt, p.ReadyAt)
}
