package egress

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPossible(t *testing.T) {
	t.Parallel()
	for address, possible := range map[string]bool{
		"https://example.org/a.jpg":                       true,
		"https://example.org:65535/":                      true,
		"https://example.org:/":                           true,
		"https://example.org./":                           true,
		"http://my_nas.local/":                            true,
		"http://-odd-.example.org/":                       true,
		"http://localhost/":                               true,
		"http://192.0.2.1:80/":                            true,
		"http://[2001:db8::1]:80/":                        true,
		"http://[fe80::1%25eth0]/":                        true,
		"https://bücher.example/":                         true,
		"https://" + strings.Repeat("a", 63) + ".org/":    true,
		"https://example.org:65536/":                      false,
		"https://example.org:0/":                          false,
		"https://example.org:99999999999999999999/":       false,
		"https://:443/":                                   false,
		"https:///a.jpg":                                  false,
		"https://example..org/":                           false,
		"https://.example.org/":                           false,
		"http://192.0.2.256/":                             false,
		"http://192.0.2/":                                 false,
		"http://2130706433/":                              false,
		"https://" + strings.Repeat("a", 64) + ".org/":    false,
		"https://" + strings.Repeat("ab.", 90) + "org/":   false,
		"https://b\u00fccher\u2028.example/":              false,
		"https://exa%20mple.org/":                         false,
		"https://" + strings.Repeat("ü", 60) + ".example": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			require.False(t, possible, "%s: %v", address, err)
			continue
		}
		err = Possible(u)
		if possible {
			require.NoError(t, err, address)
			continue
		}
		require.ErrorIs(t, err, ErrAddress, address)
		require.Equal(t, err.Error(), Describe(err))
	}
	require.ErrorIs(t, Possible(&url.URL{Scheme: "http", Host: "[::zz]"}), ErrAddress)
}

// A redirect to such an address ends there, too, with the same words.
func TestRedirectToNowhere(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:70000/a.jpg?secret=1", http.StatusFound))
	defer s.Close()
	c := NewClient(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer c.CloseIdleConnections()
	res, err := c.Get(s.URL)
	if err == nil {
		res.Body.Close()
	}
	require.ErrorIs(t, err, ErrAddress)
	require.Equal(t, "the address cannot exist: ports go from 1 to 65535, and this one is 70000", Describe(err))
}
