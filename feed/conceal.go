package feed

import (
	"net/url"

	"postern/egress"
	"postern/store"
)

// withUser adds the user part of from to an address with the same scheme, host and port: a feed that is found on a
// password-protected site is polled with the same credentials.
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

// conceal removes the credentials of the feed's address from its posts. The HTTP client adds them again when it
// fetches from there; see [egress.WithAddress].
func (d *Document) conceal(address string) {
	if !store.HidesSecrets(address) {
		return
	}
	for i := range d.Posts {
		d.Posts[i].Conceal(address)
	}
}
