package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"strings"

	"postern/accounts"
	"postern/address"
	"postern/feed"
	"postern/media"
	"postern/notices"
	"postern/owner"
	"postern/publisher"
	"postern/store"
	"postern/web/access"
	"postern/web/api"
	"postern/web/page"
	"postern/webhook"
)

// Options configures New.
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

// Server is the web face: the pages, the API, the hooks, the public files, and the guards before them. Its Handler is
// safe for concurrent use.
type Server struct {
	store    *store.Store
	gate     *access.Gate
	pages    *page.Server
	programs *api.Server
	media    http.Handler
	metrics  http.Handler
	log      *slog.Logger
	origins  *http.CrossOriginProtection
}

// New returns a server. It fails when the public address is none.
func New(o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = http.NotFoundHandler()
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	gate, err := access.New(access.Options{Store: o.Store, PublicURL: o.PublicURL, SetupCode: o.SetupCode,
		TrustedProxies: o.TrustedProxies, Open: o.Open, Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	s := &Server{store: o.Store, gate: gate, media: o.Media.Handler(), metrics: o.Metrics, log: o.Logger}
	if s.origins, err = newOrigins(gate.Origin(), s.crossOrigin); err != nil {
		return nil, err
	}
	orders := &owner.Orders{
		Store: o.Store, Poller: o.Poller, Accounts: o.Accounts, Publisher: o.Publisher,
		CheckAddress: func(ctx context.Context) []store.Finding { return o.Address.Check(ctx) },
		Notices:      o.Notices, Webhooks: o.Webhooks, By: store.Visitor, AskTime: page.AskTime,
	}
	inTurn := newTurns(runtime.GOMAXPROCS(0)).limit
	if s.pages, err = page.New(page.Options{
		Store: o.Store, Gate: gate, Orders: orders, Publisher: o.Publisher, Poller: o.Poller, Accounts: o.Accounts,
		Media: o.Media, Address: o.Address, PublicURL: o.PublicURL, AddSandbox: o.AddSandbox,
		SandboxPages: o.SandboxPages, Open: o.Open, ProfileURL: o.ProfileURL, Version: o.Version, Logger: o.Logger,
		InTurn: inTurn,
	}); err != nil {
		return nil, err
	}
	s.programs = api.New(api.Options{
		Store: o.Store, Orders: orders, Media: o.Media, Address: o.Address, PublicURL: o.PublicURL, Version: o.Version,
		Logger: o.Logger, Checks: s.pages.Checks, Local: gate.Local, Bearer: s.bearer, InTurn: inTurn,
	})
	return s, nil
}

// newOrigins refuses forms of other sites. origin is that of web.base_url, "" for none: a proxy may send another Host
// than the one in the browser's address bar.
func newOrigins(origin string, deny http.HandlerFunc) (*http.CrossOriginProtection, error) {
	origins := http.NewCrossOriginProtection()
	if origin != "" {
		if err := origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("reading the public address: %w", err)
		}
	}
	// What is done there needs a token, which no browser adds by itself to what another site sends.
	origins.AddInsecureBypassPattern("/api/")
	origins.SetDenyHandler(deny)
	return origins, nil
}
