package web

//go:generate go tool templ generate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"postern/accounts"
	"postern/address"
	"postern/docs"
	"postern/draft"
	"postern/egress"
	"postern/feed"
	"postern/media"
	"postern/notices"
	"postern/owner"
	"postern/publisher"
	"postern/store"
	"postern/web/api"
	"postern/webhook"
)

// Options of New.
type Options struct {
	Store     *store.Store
	Publisher *publisher.Publisher
	Poller    *feed.Poller
	Accounts  *accounts.Accounts
	Media     *media.Library
	Notices   *notices.Keeper
	Webhooks  *webhook.Keeper
	PublicURL string          // web.base_url, "" for none
	Address   *address.Public // where Instagram fetches our files; nil when there is no such address
	// SetupCode is the one-time code printed on the console; choosing the first password needs it. "" when a password
	// is set already, or with Open.
	SetupCode string
	// web.trusted_proxies: whose word about their visitors is believed; nil: egress.Loopback
	TrustedProxies []netip.Prefix
	Open           bool   // the demo: pages without log-in, for visitors on this machine only
	ProfileURL     string // the demo: address of the simulated profile, "" otherwise
	// AddSandbox makes an account of the simulated Instagram, and SandboxPages shows its profiles, at /sandbox/. nil:
	// there is none.
	AddSandbox   func(ctx context.Context, label string) (store.Account, error)
	SandboxPages http.Handler

	// Metrics answers /metrics, to programs with a token. nil: it is not here.
	Metrics http.Handler

	Version string
	Logger  *slog.Logger // nil discards
}

// Server is the web face. Its Handler is safe for concurrent use.
type Server struct {
	orders    *owner.Orders
	store     *store.Store
	publisher *publisher.Publisher
	poller    *feed.Poller
	accounts  *accounts.Accounts
	media     *media.Library
	notices   *notices.Keeper
	webhooks  *webhook.Keeper
	public    string // web.base_url
	sandbox   http.Handler
	metrics   http.Handler
	simulate  func(ctx context.Context, label string) (store.Account, error)
	address   *address.Public
	open      bool
	profile   string
	version   string
	log       *slog.Logger

	pictures *pictures
	kept     keptAddresses
	assets   assets
	guide    string              // the setup guide, as HTML
	sessions *scs.SessionManager // for both of the next two, which differ in their cookie only
	plain    *scs.SessionManager
	overTLS  *scs.SessionManager
	https    bool   // web.base_url is
	host     string // of web.base_url
	proxies  []netip.Prefix
	origins  *http.CrossOriginProtection
	logins   throttle
	setups   throttle
	tokens   throttle      // wrong ones
	turns    chan struct{} // one for each page that is being made

	comparing      chan struct{} // one password of strangers at a time
	comparingKnown chan struct{} // and one of a browser that logged in before

	mu   sync.Mutex
	code string // the one-time code; "" once it is used

	proxySeen   netip.Addr // the last one that is not trusted
	proxySeenAt time.Time
}

// New returns a server. It fails when the public address is none.
func New(o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		orders: &owner.Orders{
			Store: o.Store, Poller: o.Poller, Accounts: o.Accounts, Publisher: o.Publisher,
			CheckAddress: func(ctx context.Context) []store.Finding { return o.Address.Check(ctx) },
			Notices:      o.Notices, Webhooks: o.Webhooks, By: store.Visitor, AskTime: askTime,
		},
		store: o.Store, publisher: o.Publisher, poller: o.Poller, accounts: o.Accounts, media: o.Media,
		notices: o.Notices, webhooks: o.Webhooks, address: o.Address,
		public: strings.TrimRight(o.PublicURL, "/"), sandbox: o.SandboxPages, simulate: o.AddSandbox,
		open: o.Open, profile: o.ProfileURL, version: o.Version, log: o.Logger, code: strings.TrimSpace(o.SetupCode),
		origins: http.NewCrossOriginProtection(), pictures: newPictures(o.Media),
		turns: make(chan struct{}, runtime.GOMAXPROCS(0)), comparing: make(chan struct{}, 1),
		comparingKnown: make(chan struct{}, 1),
		proxies:        o.TrustedProxies,
	}
	s.pictures.letIn, s.pictures.fetched, s.pictures.demo = s.letIn, s.fileFetched, o.Open
	if s.proxies == nil {
		s.proxies = egress.Loopback()
	}
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err == nil && u.Host == "" {
			err = errors.New("no host")
		}
		if err != nil {
			return nil, fmt.Errorf("reading the public address: %w", err)
		}
		s.https, s.host = u.Scheme == "https", u.Host
		// A proxy may send another Host than the one in the browser's address bar.
		if err := s.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("reading the public address: %w", err)
		}
	}
	// What is done there needs a token, which no browser adds by itself to what another site sends.
	s.origins.AddInsecureBypassPattern("/api/")
	if s.metrics = o.Metrics; s.metrics == nil {
		s.metrics = http.NotFoundHandler()
	}
	s.origins.SetDenyHandler(http.HandlerFunc(s.crossOrigin))
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.guide, err = renderGuide(docs.InstagramSetup); err != nil {
		return nil, err
	}
	s.plain, s.overTLS = s.sessionManagers()
	s.sessions = s.plain
	return s, nil
}

// programs returns the API, behind the guards that it shares with the pages.
func (s *Server) programs() *api.Server {
	return api.New(api.Options{
		Store: s.store, Orders: s.orders, Media: s.media, Address: s.address,
		PublicURL: s.public, Version: s.version, Logger: s.log,
		Checks: func(ctx context.Context, l store.Listed, plan draft.Draft, fault error) ([]store.Check, error) {
			return s.checks(ctx, publicationData{listed: l, draft: plan, fault: fault})
		},
		Local: s.local, Bearer: s.bearer, InTurn: s.inTurn,
	})
}
