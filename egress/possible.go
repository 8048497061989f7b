package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"postern/reason"
)

// ErrAddress is matched by the errors of [Possible].
var ErrAddress = errors.New("an address that cannot exist")

type addressError string

func (e addressError) Error() string { return reason.New(reason.NetImpossible, string(e)).String() }

func (e addressError) Is(target error) bool { return target == ErrAddress }

func impossible(format string, args ...any) error {
	return addressError(fmt.Sprintf(format, args...))
}

// Possible says why there is nothing that u could lead to, whoever is asked and however often: a port or a name that
// cannot be. It asks nobody; nil says nothing about whether anything is there. Errors match [ErrAddress].
func Possible(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return impossible("it names no server")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return impossible("ports go from 1 to 65535, and this one is %.20s", port)
		}
	}
	if strings.Contains(host, ":") {
		if _, err := netip.ParseAddr(host); err != nil {
			return impossible("%.80q is no IPv6 address", host)
		}
		return nil
	}
	name, err := idna.Lookup.ToASCII(host)
	if err != nil {
		if name = host; strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
			return impossible("%.80q is no name of a server", host)
		} // of plain letters the network takes more than that table does: underscores
	}
	name = strings.TrimSuffix(name, ".")
	if len(name) > 253 || strings.ContainsAny(name, " \"#%/<>?@[\\]^`{|}") {
		return impossible("%.80q is no name of a server", host)
	}
	labels := strings.Split(name, ".")
	for _, label := range labels { // RFC 1035, 2.3.4
		if label == "" || len(label) > 63 {
			return impossible("%.80q is no name of a server", host)
		}
	}
	// What ends in a number is an address of four, or nothing: there is no such top-level domain (RFC 3696, 2).
	if _, err := strconv.ParseUint(labels[len(labels)-1], 10, 64); err == nil {
		if _, err := netip.ParseAddr(name); err != nil {
			return impossible("%.80q is no IPv4 address", host)
		}
	}
	return nil
}
