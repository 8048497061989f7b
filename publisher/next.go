package publisher

import (
	"cmp"
	"time"

	"postern/store"
)

// Next returns when the next step of a publication may begin, or when the running step began. It returns the zero
// time when the publication waits for a person or is finished. For a publication behind others in the queue, the time
// is exact only after Forecast.
func Next(p store.Publication, a store.Account) time.Time {
	switch {
	case !p.State.Open():
		return time.Time{}
	case p.State != store.Publishing && Halted(a): // a running step still finishes; no further one starts
		return time.Time{}
	case p.Leased:
		return cmp.Or(p.StartedAt, p.AskedAt, p.CreatedAt) // DueAt is the end of the lease here
	}
	return later(p.DueAt, p.ReadyAt)
}
