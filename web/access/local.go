package access

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"postern/words"
)

// Local keeps the pages without log-in to visitors on this machine, by its own names: a page elsewhere whose name
// suddenly points to 127.0.0.1 must not get in either.
func (g *Gate) Local(next http.Handler) http.Handler {
	if !g.open {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.RemoteAddr) || !loopback(r.Host) {
			http.Error(w, words.PageThisMachineOnly,
				http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopback reports whether a host, with or without a port, is this machine.
func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
