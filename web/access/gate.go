package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"postern/egress"
	"postern/store"
)

// Options configures New.
type Options struct {
	Store     *store.Store
	PublicURL string // web.base_url, "" for none
	// SetupCode is the one-time code printed on the console; choosing the first password needs it. "" when a password
	// is set already, or with Open.
	SetupCode string
	// TrustedProxies is web.trusted_proxies: whose word about their visitors is believed; nil: egress.Loopback.
	TrustedProxies []netip.Prefix
	Open           bool // the demo: no log-in, for visitors on this machine only
	Logger         *slog.Logger
}

// Gate knows who asks. It is safe for concurrent use.
type Gate struct {
	store   *store.Store
	public  string
	https   bool   // web.base_url is
	host    string // of web.base_url
	proxies []netip.Prefix
	open    bool
	log     *slog.Logger

	sessions *scs.SessionManager // for both of the next two, which differ in their cookie only
	plain    *scs.SessionManager
	overTLS  *scs.SessionManager

	logins throttle
	setups throttle
	tokens throttle // wrong ones

	comparing      chan struct{} // one password of strangers at a time
	comparingKnown chan struct{} // and one of a browser that logged in before

	mu   sync.Mutex
	code string // the one-time code; "" once it is used

	proxySeen   netip.Addr // the last one that is not trusted
	proxySeenAt time.Time
}

// New returns a gate. It fails when the public address is none.
func New(o Options) (*Gate, error) {
	g := &Gate{
		store: o.Store, public: strings.TrimRight(o.PublicURL, "/"), proxies: o.TrustedProxies, open: o.Open,
		log: o.Logger, code: strings.TrimSpace(o.SetupCode),
		comparing: make(chan struct{}, 1), comparingKnown: make(chan struct{}, 1),
	}
	if g.proxies == nil {
		g.proxies = egress.Loopback()
	}
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err == nil && u.Host == "" {
			err = errors.New("no host")
		}
		if err != nil {
			return nil, fmt.Errorf("reading the public address: %w", err)
		}
		g.https, g.host = u.Scheme == "https", u.Host
	}
	g.plain, g.overTLS = g.sessionManagers()
	g.sessions = g.plain
	return g, nil
}

// Origin returns scheme and host of web.base_url, "" for none: a proxy may send another Host than the one in the
// browser's address bar.
func (g *Gate) Origin() string {
	if g.host == "" {
		return ""
	}
	if g.https {
		return "https://" + g.host
	}
	return "http://" + g.host
}

// AttemptToken counts a token that is not known, and returns how long its sender has to wait; 0 for not at all.
func (g *Gate) AttemptToken(r *http.Request) (wait time.Duration) {
	return g.tokens.take(time.Now(), g.neighbourhood(r))
}

// Put keeps a value in the visitor's session.
func (g *Gate) Put(ctx context.Context, key string, value []byte) { g.sessions.Put(ctx, key, value) }

// Take returns a value of the visitor's session and removes it; nil where there is none.
func (g *Gate) Take(ctx context.Context, key string) []byte { return g.sessions.PopBytes(ctx, key) }
