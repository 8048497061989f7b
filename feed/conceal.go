package feed

import (
	"net/url"

	"postern/egress"
	"postern/store"
)

// withUser gives an address at the same scheme, host and port the user part of another: a feed that was found there is
// polled with it.
func withUser(address, from string) string {
	u, err := url.Parse(address)
	f, fromErr := url.Parse(from)
	if err != nil || fromErr != nil || f.User == nil || u.User != nil || !egress.SameSite(u, f) {
		return address
	}
	u.User = f.User
	return u.String()
}

// withoutUser returns an address without its user part.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	return public(u).String()
}

// conceal takes what lets somebody in at the address of the feed out of its posts. The client puts it back when
// it fetches from there; see [egress.WithAddress].
func (d *Document) conceal(address string) {
	if !store.HidesSecrets(address) {
		return
	}
	for i := range d.Posts {
		d.Posts[i].Conceal(address)
	}
}
