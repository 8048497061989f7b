package address

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"postern/egress"
	"postern/words"
)

// private says that a host is one that nobody outside can reach: an address of a private network, or a name that
// is used in such networks only.
func private(host string) bool {
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		ip = ip.Unmap()
		return !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedSpace.Contains(ip)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !strings.Contains(host, ".") {
		return true
	}
	// RFC 6761, 6762, 8375 and ICANN's .internal; .lan is what routers call theirs.
	for _, end := range []string{".localhost", ".local", ".internal", ".home.arpa", ".lan"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

// sharedSpace is between a provider and its customers, RFC 6598.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// unreached says what it means that nobody answered.
//
// A server behind a home router often cannot reach its own public address though the world can: the router does
// not turn the connection round ("hairpin"), drops it, refuses it, or answers with its own pages and certificate.
// So only what is known to be the owner's own end is certain: an address of this machine or in network.allow, a
// certificate that is made out to our name, a name that DNS does not know. Everything else is told, and keeps
// nothing waiting: if Instagram cannot fetch either, it says so itself.
func (p *Public) unreached(ctx context.Context, u *url.URL, err error) finding {
	why, _ := egress.Explain(err).Parts()
	key := p.pick("web.base_url", "media.s3.public_url")
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return found(shut, ruleUnreachable, words.FixPublicDNS(key), words.PublicUnreachable(p.base, why))
	case certificateFault(err) && (ours(err, u.Hostname()) || p.near(ctx, u.Hostname())):
		return found(shut, ruleTLS, words.FixPublicCertificate(u.Hostname()), words.PublicUntrusted(p.base, why))
	case errors.Is(err, egress.ErrBlocked):
		return found(unsure, ruleHairpin, words.FixPublicLeadsHome(p.files), words.PublicLeadsHome(p.base))
	case p.near(ctx, u.Hostname()):
		return found(shut, ruleUnreachable, words.FixPublicUnreachable(key), words.PublicUnreachable(p.base, why))
	}
	return found(unsure, ruleHairpin, words.FixPublicHairpin(p.files), words.PublicHairpin(p.base, why))
}

// certificateFault says that an encrypted connection failed for its certificate, or because the other end has none.
func certificateFault(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// ours says that the certificate is made out to our name, whatever else is wrong with it: no router has such a one.
func ours(err error, host string) bool {
	var verify *tls.CertificateVerificationError
	if !errors.As(err, &verify) || len(verify.UnverifiedCertificates) == 0 {
		return false
	}
	var name x509.HostnameError
	return !errors.As(err, &name) && verify.UnverifiedCertificates[0].VerifyHostname(host) == nil
}

// inAllow says that a name of the own network leads into network.allow.
func (p *Public) inAllow(ctx context.Context, host string) bool {
	return len(p.allow) > 0 &&
		everyIP(ctx, host, func(ip netip.Addr) bool { return egress.Allowed(ip.String(), p.allow) })
}

// near says that the host is this machine, or in network.allow: there is no router between.
func (p *Public) near(ctx context.Context, host string) bool {
	here, _ := net.InterfaceAddrs()
	return everyIP(ctx, host, func(ip netip.Addr) bool {
		return egress.Allowed(ip.String(), p.allow) || isHere(ip, here)
	})
}

// everyIP is false when DNS knows none.
func everyIP(ctx context.Context, host string, is func(netip.Addr) bool) bool {
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	for _, ip := range ips {
		if !is(ip.Unmap()) {
			return false
		}
	}
	return len(ips) > 0
}

func isHere(ip netip.Addr, here []net.Addr) bool {
	for _, a := range here {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(net.IP(ip.AsSlice())) {
			return true
		}
	}
	return ip.IsLoopback()
}
