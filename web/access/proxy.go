package access

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"postern/store"
	"postern/words"
)

// DockerRanges returns the private ranges that Docker gives to its networks by default.
const DockerRanges = `"172.16.0.0/12", "192.168.0.0/16"`

// peer returns the address that the connection came from; the zero Addr when there is none.
func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, _ := netip.ParseAddr(host)
	return a.Unmap().WithZone("")
}

// trusted reports whether web.trusted_proxies names the address.
func (g *Gate) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(g.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Visitor returns the address of the person or program that asks, without a port. A trusted proxy is believed
// when it says for whom it asks. Only what trusted proxies added themselves counts: the list is read from its end
// to the first address that is not one of theirs.
func (g *Gate) Visitor(r *http.Request) string {
	at := peer(r)
	if !at.IsValid() {
		return r.RemoteAddr
	}
	if !g.trusted(at) {
		return at.String()
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, one := range slices.Backward(said) {
		a, ok := forwardedAddr(one)
		if !ok {
			break
		}
		if at = a; !g.trusted(a) {
			break
		}
	}
	return at.String()
}

// forwardedAddr parses one address as proxies write it, with a port or without.
func forwardedAddr(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if a, err := netip.ParseAddrPort(s); err == nil {
		return a.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

// neighbourhood returns the visitor as the throttle counts: who has one IPv6 address has its whole /64.
func (g *Gate) neighbourhood(r *http.Request) string {
	v := g.Visitor(r)
	if a, err := netip.ParseAddr(v); err == nil && a.Is6() {
		p, _ := a.Prefix(64)
		return p.Masked().String()
	}
	return v
}

// Secure reports whether the browser speaks https: the request came by TLS, a trusted proxy says that it did, or
// it asks for the host of an https web.base_url, which a proxy in between answers for.
func (g *Gate) Secure(r *http.Request) bool {
	return r.TLS != nil || g.trusted(peer(r)) && ForwardedProto(r) == "https" || g.https && sameHost(r.Host, g.host)
}

// ForwardedProto returns the scheme that the first proxy was asked by, "" if no header says so.
func ForwardedProto(r *http.Request) string {
	if said := r.Header.Get("X-Forwarded-Proto"); said != "" {
		first, _, _ := strings.Cut(said, ",")
		return strings.ToLower(strings.TrimSpace(first))
	}
	// RFC 7239: Forwarded: for=192.0.2.60;proto=https;by=203.0.113.43, for=…
	first, _, _ := strings.Cut(r.Header.Get("Forwarded"), ",")
	for _, pair := range strings.Split(first, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "proto") {
			return strings.ToLower(strings.Trim(value, `"`))
		}
	}
	return ""
}

// sameHost compares the hosts of https addresses, in which ":443" may be written or not.
func sameHost(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, ":443"), strings.TrimSuffix(b, ":443"))
}

// Distrusted returns the proxy that a request came through although web.trusted_proxies does not name it; the
// zero Addr when it came through none, or through a trusted one.
func (g *Gate) Distrusted(r *http.Request) netip.Addr {
	at := peer(r)
	if !at.IsValid() || g.trusted(at) {
		return netip.Addr{}
	}
	for _, h := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Via",
		"X-Real-Ip"} {
		if r.Header.Get(h) != "" {
			return at
		}
	}
	return netip.Addr{}
}

// ProxyAdvice returns what to set for a proxy that is not trusted.
func ProxyAdvice(proxy netip.Addr) string {
	return words.ProxySet(proxy.String(), DockerRanges)
}

const (
	// ProxySetting keeps the last proxy that was not trusted, and when it was seen.
	ProxySetting = "untrusted_proxy"
	proxyKept    = time.Hour
	// ProxyForgotten is how long a proxy that was not trusted is told of after it was last seen.
	ProxyForgotten = 7 * 24 * time.Hour
)

// noteProxy keeps for the doctor that a proxy is not trusted. A stranger may forge the headers, so that only private
// addresses count, which are those of proxies.
func (g *Gate) noteProxy(r *http.Request) {
	at := g.Distrusted(r)
	if !at.IsPrivate() && !at.IsLinkLocalUnicast() && !at.IsLoopback() {
		return
	}
	g.mu.Lock()
	known := g.proxySeen == at && time.Since(g.proxySeenAt) < proxyKept
	g.proxySeen, g.proxySeenAt = at, time.Now()
	g.mu.Unlock()
	if known {
		return
	}
	g.log.WarnContext(r.Context(),
		"a proxy is not trusted: all who come through it count as one visitor; name it in web.trusted_proxies and restart",
		slog.String("proxy", at.String()))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Second)
	defer cancel()
	if err := g.store.SetSetting(ctx, ProxySetting, at.String()+" "+time.Now().UTC().Format(time.RFC3339)); err != nil {
		g.log.WarnContext(ctx, "a proxy that is not trusted was not kept", slog.Any("error", err))
	}
}

// UntrustedProxy returns the proxy that was last seen and is in none of the ranges; the zero Addr for none.
func UntrustedProxy(ctx context.Context, db *store.Store, ranges []netip.Prefix, now time.Time) (netip.Addr, error) {
	v, err := db.Setting(ctx, ProxySetting)
	if err != nil || v == "" {
		return netip.Addr{}, err
	}
	from, at, _ := strings.Cut(v, " ")
	a, err := netip.ParseAddr(from)
	seen, timeErr := time.Parse(time.RFC3339, at)
	if err := cmp.Or(err, timeErr); err != nil || now.Sub(seen) > ProxyForgotten {
		return netip.Addr{}, nil //nolint:nilerr // a value that cannot be read tells of no proxy
	}
	for _, p := range ranges {
		if p.Contains(a) {
			return netip.Addr{}, nil
		}
	}
	return a, nil
}
