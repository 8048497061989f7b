package web_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/address"
)

func (h *house) outside(base string) *address.Public {
	p, err := address.New(address.Options{
		BaseURL: base, Library: h.library, Store: h.store, Client: http.DefaultClient,
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	require.NoError(h.t, err)
	return p
}

// HEAD, ranges, types, lengths, robots.txt, Instagram's user agent: all that is asked of a public address, our
// own server does.
func TestOurOwnServerPassesTheCheck(t *testing.T) {
	h := newHouse(t)
	found := h.outside(h.http.URL).Check(t.Context())
	require.Len(t, found, 2, found)
	require.Equal(t, "media.url.http", found[0].Check, "only because it has no certificate here")
	require.Equal(t, "media.url", found[1].Check)
}

func TestAccountCheckShowsThePublicAddress(t *testing.T) {
	// the blog answers with pictures of its own
	h := furnished(t, func(h *house) { h.options.Address = h.outside(h.site.URL) })
	b := h.owner()
	p := b.get("/accounts").submit(action("accounts", h.account.ID, "check"), nil)
	require.Contains(t, p.notice(), "and found 1 problem.")
	require.Contains(t, p.text(".findings"), "serves another file than ours")
	require.Contains(t, p.text(".findings"), "Make the proxy or tunnel pass /media/ to Postern")
}

func TestAccountCheckWithoutAPublicAddress(t *testing.T) {
	h := furnished(t)
	p := h.owner().get("/accounts").submit(action("accounts", h.account.ID, "check"), nil)
	require.Contains(t, p.notice(), "found no problems")
	require.Contains(t, p.text(".findings"), "there is no public address")
}
