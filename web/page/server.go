package page

//go:generate go tool templ generate

import (
	"context"
	"log/slog"
	"net/http"

	"postern/accounts"
	"postern/address"
	"postern/docs"
	"postern/draft"
	"postern/feed"
	"postern/media"
	"postern/owner"
	"postern/publisher"
	"postern/store"
	"postern/web/access"
)

// Options configures New. Every field is required unless its comment says otherwise.
type Options struct {
	Store     *store.Store
	Gate      *access.Gate
	Orders    *owner.Orders
	Publisher *publisher.Publisher
	Poller    *feed.Poller
	Accounts  *accounts.Accounts
	Media     *media.Library
	Address   *address.Public // public URL from which Instagram fetches our files; nil for none
	PublicURL string          // web.base_url without a trailing slash; "" for none
	// AddSandbox creates a simulated account, and SandboxPages serves its profile at /sandbox/. Both are nil when
	// there is no simulator.
	AddSandbox   func(ctx context.Context, label string) (store.Account, error)
	SandboxPages http.Handler
	Open         bool   // the demo: no log-in required
	ProfileURL   string // the demo: URL of the simulated profile; otherwise ""
	Version      string
	Logger       *slog.Logger

	// InTurn is middleware that limits how many pages are rendered at once.
	InTurn func(http.Handler) http.Handler
}

// Server serves the pages. It is safe for concurrent use.
type Server struct {
	store     *store.Store
	gate      *access.Gate
	orders    *owner.Orders
	publisher *publisher.Publisher
	poller    *feed.Poller
	accounts  *accounts.Accounts
	media     *media.Library
	address   *address.Public
	public    string // web.base_url
	simulate  func(ctx context.Context, label string) (store.Account, error)
	sandbox   http.Handler
	open      bool
	profile   string
	version   string
	log       *slog.Logger
	inTurn    func(http.Handler) http.Handler

	pictures *pictures
	kept     keptAddresses
	assets   assets
	guide    string // the setup guide as HTML
}

// New creates the pages of an installation.
func New(o Options) (*Server, error) {
	s := &Server{
		store: o.Store, gate: o.Gate, orders: o.Orders, publisher: o.Publisher, poller: o.Poller, accounts: o.Accounts,
		media: o.Media, address: o.Address, public: o.PublicURL, simulate: o.AddSandbox, sandbox: o.SandboxPages,
		open: o.Open, profile: o.ProfileURL, version: o.Version, log: o.Logger, inTurn: o.InTurn,
		pictures: newPictures(o.Media),
	}
	s.pictures.letIn, s.pictures.fetched, s.pictures.demo = s.letIn, s.fileFetched, o.Open
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.guide, err = renderGuide(docs.InstagramSetup); err != nil {
		return nil, err
	}
	return s, nil
}

// Checks returns the preflight findings of a publication, the most serious first. plan is what would be published;
// fault says why there is no plan.
func (s *Server) Checks(ctx context.Context, l store.Listed, plan draft.Draft, fault error) ([]store.Check, error) {
	return s.checks(ctx, publicationData{listed: l, draft: plan, fault: fault})
}
