package egress

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"postern/reason"
	"postern/words"
)

// ErrAddress is matched by the errors of [Possible].
var ErrAddress = errors.New("egress: impossible address")

type addressError string

func (e addressError) Error() string { return reason.New(reason.NetImpossible, string(e)).String() }

func (e addressError) Is(target error) bool { return target == ErrAddress }

// Possible returns an error that matches [ErrAddress] if no server can ever answer at u, because its host or port is
// invalid. It makes no network call: nil does not mean that a server answers there.
func Possible(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return addressError(words.AddressNamesNoServer)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return addressError(words.AddressPortInvalid(port))
		}
	}
	if strings.Contains(host, ":") {
		if _, err := netip.ParseAddr(host); err != nil {
			return addressError(words.AddressNotIPv6(host))
		}
		return nil
	}
	name, err := idna.Lookup.ToASCII(host)
	if err != nil {
		if name = host; strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
			return addressError(words.AddressNotServerName(host))
		} // an ASCII name may contain what IDNA refuses and DNS allows, such as an underscore
	}
	name = strings.TrimSuffix(name, ".")
	if len(name) > 253 || strings.ContainsAny(name, " \"#%/<>?@[\\]^`{|}") {
		return addressError(words.AddressNotServerName(host))
	}
	labels := strings.Split(name, ".")
	for _, label := range labels { // RFC 1035, 2.3.4
		if label == "" || len(label) > 63 {
			return addressError(words.AddressNotServerName(host))
		}
	}
	// A host that ends in a number must be an IPv4 address: no top-level domain is numeric (RFC 3696, 2).
	if _, err := strconv.ParseUint(labels[len(labels)-1], 10, 64); err == nil {
		if _, err := netip.ParseAddr(name); err != nil {
			return addressError(words.AddressNotIPv4(host))
		}
	}
	return nil
}
