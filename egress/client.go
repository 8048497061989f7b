package egress

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/publicsuffix"

	"postern/reason"
)

// AcceptPictures is the Accept header of a request for a picture. The same one is sent whenever the bytes are compared,
// because a site may choose by it. AVIF is left out: servers that choose by this header then send what can be read.
// WebP has a lower weight as well, but many servers only search for its name: it stands in "image/*" alone.
const AcceptPictures = "image/jpeg, image/png;q=0.9, image/gif;q=0.9, image/*;q=0.3, */*;q=0.1"

const (
	defaultTimeout = 30 * time.Second
	maxRedirects   = 10
)

// Options says how the client behaves. The zero value is a client that reaches
// public addresses only.
type Options struct {
	Allow     []netip.Prefix // private ranges that may be reached all the same
	UserAgent string         // sent with every request that has none of its own; empty: Go's
	Timeout   time.Duration  // longest wait for a connection, and again for the head of an answer; 0: 30 s
}

// NewClient returns a client that connects to public addresses and to those in
// o.Allow, on any port, directly (proxy settings of the environment are not
// used: the check would be made on the proxy instead of the target). It speaks
// http and https, follows at most ten redirects, and keeps cookies no longer than
// one chain of redirects. It decompresses gzip, deflate and Brotli.
//
// Timeout ends with the head of the answer; how long a body may take is for the
// caller's context to say, because a video takes longer than a feed. Bodies are
// to be read through [ReadAll] or another limit.
//
// Errors are *url.Error around [ErrBlocked], [ErrTooManyRedirects],
// [ErrScheme] or [ErrAddress] where these apply; [Describe] puts any of them in plain words.
func NewClient(o Options) *http.Client {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	dialer := &net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second, Control: guard(o.Allow)}
	return &http.Client{
		Transport: &transport{
			userAgent: o.UserAgent,
			next: &http.Transport{
				DisableCompression:     true, // see decode
				Proxy:                  nil,
				DialContext:            dialer.DialContext,
				ForceAttemptHTTP2:      true, // a DialContext of one's own switches it off otherwise
				TLSHandshakeTimeout:    o.Timeout,
				ResponseHeaderTimeout:  o.Timeout,
				MaxResponseHeaderBytes: 256 << 10,
				MaxIdleConns:           32,
				MaxIdleConnsPerHost:    2,
				IdleConnTimeout:        30 * time.Second,
			},
		},
		CheckRedirect: checkRedirect,
	}
}

// Loopback returns the address ranges of this machine itself.
func Loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// Allowed reports whether host, an IP literal (brackets of IPv6 may stay) or
// "localhost", lies inside the allowed ranges. Other names are never allowed:
// what they resolve to is known at dial time only. It serves to accept plain
// http between programs on one machine.
func Allowed(host string, allow []netip.Prefix) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return contains(allow, netip.AddrFrom4([4]byte{127, 0, 0, 1})) || contains(allow, netip.IPv6Loopback())
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && contains(allow, ip.Unmap().WithZone(""))
}

func contains(allow []netip.Prefix, ip netip.Addr) bool {
	for _, p := range allow {
		if unmap(p).Contains(ip) {
			return true
		}
	}
	return false
}

// unmap turns ::ffff:10.0.0.0/104 into 10.0.0.0/8, since addresses are compared
// as the dialer uses them, IPv4 as IPv4.
func unmap(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked()
	}
	return p.Masked()
}

func guard(allow []netip.Prefix) func(network, address string, c syscall.RawConn) error {
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		switch p = unmap(p); {
		case !p.IsValid():
		case p.Addr().Is4():
			v4 = append(v4, p)
		default:
			v6 = append(v6, p)
		}
	}
	g := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	return func(network, address string, c syscall.RawConn) error {
		if err := g.Safe(network, address, c); err != nil {
			return blocked(address)
		}
		return nil
	}
}

type transport struct {
	userAgent string
	next      *http.Transport
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if s := r.URL.Scheme; s != "http" && s != "https" {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper closes the body, on errors too
		}
		return nil, fmt.Errorf("%w, not %q", ErrScheme, s)
	}
	if err := Possible(r.URL); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	// net/http decompresses only what it asked for, and trusts the header.
	compressed := r.Method != http.MethodHead && r.Header.Get("Accept-Encoding") == "" && r.Header.Get("Range") == ""
	r = r.Clone(r.Context())
	if compressed {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	letIn(r)
	if t.userAgent != "" && r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", t.userAgent)
	}
	res, err := t.next.RoundTrip(r)
	if err == nil && compressed {
		decode(res)
	}
	return res, err
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] reach through.
func (t *transport) CloseIdleConnections() { t.next.CloseIdleConnections() }

func checkRedirect(r *http.Request, via []*http.Request) error {
	// net/http fills in the address before, with its query, which may hold a
	// token that is none of the next server's business.
	r.Header.Del("Referer")
	if len(via) >= maxRedirects {
		return ErrTooManyRedirects
	}
	return carryCookies(r, via)
}

// carryCookies gives a redirected request the cookies that the answers before it have set. Some servers redirect to the
// same address until they see their cookie. The cookies end with the chain of redirects.
func carryCookies(r *http.Request, via []*http.Request) error {
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return err
	}
	for i, from := range via {
		to := r
		if i+1 < len(via) {
			to = via[i+1]
		}
		if to.Response != nil {
			jar.SetCookies(from.URL, to.Response.Cookies())
		}
	}
	cookies := jar.Cookies(r.URL)
	if len(cookies) == 0 {
		return nil
	}
	r.Header.Del("Cookie")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return nil
}

var _ interface{ CloseIdleConnections() } = (*transport)(nil)

// Errors of the client, matched with errors.Is. [Describe] has the words for people.
var (
	ErrBlocked          = errors.New("egress: address not allowed")
	ErrTooLarge         = errors.New("egress: answer too large")
	ErrTooManyRedirects = errors.New("egress: too many redirects")
	ErrScheme           = errors.New("egress: neither http nor https")
)

// blockedError is an ErrBlocked that names the address.
type blockedError struct{ addr string }

func blocked(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	return &blockedError{addr: host}
}

func (e *blockedError) Error() string { return e.why().String() }

func (e *blockedError) why() reason.Reason {
	ip, err := netip.ParseAddr(e.addr)
	if err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()) {
		return reason.New(reason.NetPrivate, e.addr, around(ip).String())
	}
	return reason.New(reason.NetNotPublic, e.addr)
}

// around is a range that a private address is likely to be of.
func around(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := 64
	switch {
	case ip.IsLoopback() && ip.Is4():
		bits = 8
	case ip.IsLoopback():
		bits = 128
	case ip.Is4():
		bits = 24
	}
	p, _ := ip.Prefix(bits) // so many bits each has
	return p
}

func (e *blockedError) Is(target error) bool { return target == ErrBlocked }
