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
	"postern/web/hooks"
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
	// SetupCode is the one-time code printed on the console; choosing the first password needs it. "" when a password is
	// set already, or with Open.
	SetupCode      string
	TrustedProxies []netip.Prefix // web.trusted_proxies: whose word about their visitors is believed; nil: egress.Loopback
	Open           bool           // the demo: pages without log-in, for visitors on this machine only
	ProfileURL     string         // the demo: address of the simulated profile, "" otherwise
	// AddSandbox makes an account of the simulated Instagram, and SandboxPages shows its profiles, at /sandbox/. nil: there
	// is none.
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
		store: o.Store, publisher: o.Publisher, poller: o.Poller, accounts: o.Accounts, media: o.Media, notices: o.Notices, webhooks: o.Webhooks, address: o.Address,
		public: strings.TrimRight(o.PublicURL, "/"), sandbox: o.SandboxPages, simulate: o.AddSandbox,
		open: o.Open, profile: o.ProfileURL, version: o.Version, log: o.Logger, code: strings.TrimSpace(o.SetupCode),
		origins: http.NewCrossOriginProtection(), pictures: newPictures(o.Media),
		turns: make(chan struct{}, runtime.GOMAXPROCS(0)), comparing: make(chan struct{}, 1), comparingKnown: make(chan struct{}, 1),
		proxies: o.TrustedProxies,
	}
	s.pictures.letIn, s.pictures.demo = s.letIn, o.Open
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

// Handler returns every route there is.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	guest := func(h handler) http.Handler { return s.local(s.withSession(s.page(h))) }
	owner := func(h handler) http.Handler { return s.local(s.withSession(s.ownerOnly(s.page(h)))) }
	look := func(h handler) http.Handler { return s.inTurn(owner(s.watched(h))) } // asks nobody but the database

	calls := hooks.New(s.store, s.log)

	// For anybody. None of these ever redirects to the log-in.
	mux.Handle("/media/", s.media.Handler())
	mux.HandleFunc("/media", http.NotFound) // else ServeMux redirects it to /media/
	mux.HandleFunc("GET /robots.txt", robots)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /assets/{name}", s.assets.serve)
	mux.Handle("GET /metrics", s.local(s.bearer(store.ReadScope, s.metrics)))
	mux.HandleFunc("POST /hooks/poll/{token}", calls.Poll)
	mux.HandleFunc("GET /hooks/websub/{token}", calls.ConfirmHub)
	mux.HandleFunc("POST /hooks/websub/{token}", calls.HubCalls)

	// The way in and out.
	mux.Handle("GET /setup", guest(s.setupPage))
	mux.Handle("POST /setup", guest(s.setup))
	mux.Handle("GET /login", guest(s.loginPage))
	mux.Handle("POST /login", guest(s.login))
	mux.Handle("GET /login/{token}", guest(s.loginByLink))
	mux.Handle("POST /logout", owner(s.logout))

	mux.Handle("POST /theme", guest(s.chooseTheme))

	mux.Handle("GET /{$}", look(s.homePage))
	mux.Handle("GET /events", guest(s.eventStream))
	if s.open {
		mux.Handle("GET /styleguide", owner(s.styleguide))
	}
	mux.Handle("GET /posts", look(s.postsPage))
	mux.Handle("POST /posts/back", owner(s.putBack))
	mux.Handle("GET /posts/{id}", look(s.postPage))
	mux.Handle("GET /activity", look(s.activityPage))
	mux.Handle("GET /pictures/{key}", owner(s.pictures.serve))

	mux.Handle("GET /publications/{id}", look(s.publicationPage))
	mux.Handle("POST /publications/{id}/publish", owner(s.command(store.CommandPublish)))
	mux.Handle("POST /publications/{id}/approve", owner(s.command(store.CommandApprove)))
	mux.Handle("POST /publications/{id}/hold", owner(s.command(store.CommandHold)))
	mux.Handle("POST /publications/{id}/skip", owner(s.command(store.CommandSkip)))
	mux.Handle("POST /publications/{id}/retry", owner(s.command(store.CommandRetry)))
	mux.Handle("POST /publications/{id}/confirm", owner(s.command(store.CommandConfirm)))
	mux.Handle("POST /publications/{id}/check", owner(s.checkAgain))
	mux.Handle("POST /publications/{id}/caption", owner(s.saveEdits))
	mux.Handle("POST /publications/{id}/media", owner(s.saveEdits))

	mux.Handle("GET /feeds", look(s.feedsPage))
	mux.Handle("POST /feeds", owner(s.addFeed))
	mux.Handle("GET /feeds/new", look(s.newFeedPage))
	mux.Handle("GET /feeds/preview", owner(s.newFeedPage)) // a preview that is loaded again
	mux.Handle("POST /feeds/preview", owner(s.previewFeed))
	mux.Handle("POST /feeds/{id}/poll", owner(s.pollFeed))
	mux.Handle("POST /feeds/{id}/check", owner(s.checkFeed))
	mux.Handle("POST /feeds/{id}/pause", owner(s.pauseFeed(true)))
	mux.Handle("POST /feeds/{id}/resume", owner(s.pauseFeed(false)))
	mux.Handle("GET /feeds/{id}/remove", look(s.removeFeedPage))
	mux.Handle("POST /feeds/{id}/remove", owner(s.removeFeed))

	mux.Handle("GET /accounts", look(s.accountsPage))
	mux.Handle("POST /accounts", owner(s.addAccount))
	mux.Handle("POST /accounts/sandbox", owner(s.addSandbox))
	mux.Handle("POST /accounts/connect", owner(s.startLogIn))
	mux.Handle("POST /accounts/connect/forget", owner(s.forgetApp))
	mux.Handle("GET /accounts/connect/callback", owner(s.endLogIn))
	mux.Handle("POST /accounts/{id}/check", owner(s.checkAccount))
	mux.Handle("POST /accounts/{id}/pause", owner(s.pauseAccount(true)))
	mux.Handle("POST /accounts/{id}/resume", owner(s.pauseAccount(false)))
	mux.Handle("POST /accounts/{id}/start", owner(s.answerStart))
	mux.Handle("POST /accounts/{id}/approve", owner(s.approveByHand))
	mux.Handle("POST /accounts/{id}/reconnect", owner(s.reconnect))
	mux.Handle("GET /accounts/{id}/settings", look(s.settingsPage))
	mux.Handle("POST /accounts/{id}/settings", owner(s.saveSettings))
	mux.Handle("POST /accounts/{id}/settings/preview", owner(s.previewSettings))
	mux.Handle("GET /accounts/{id}/webhook", look(s.webhookPage))
	mux.Handle("POST /accounts/{id}/webhook", owner(s.setWebhook))
	mux.Handle("POST /accounts/{id}/webhook/test", owner(s.testWebhook))
	mux.Handle("POST /accounts/{id}/webhook/secret", owner(s.showWebhookSecret))
	mux.Handle("POST /accounts/{id}/webhook/remove", owner(s.removeWebhook))
	mux.Handle("GET /accounts/{id}/remove", look(s.removeAccountPage))
	mux.Handle("POST /accounts/{id}/remove", owner(s.removeAccount))

	mux.Handle("GET /notices", look(s.noticesPage))
	mux.Handle("POST /notices/addresses", owner(s.addAddress))
	mux.Handle("POST /notices/addresses/{id}/test", owner(s.testAddress))
	mux.Handle("POST /notices/addresses/{id}/remove", owner(s.removeAddress))
	mux.Handle("GET /help/instagram", look(s.guidePage))
	mux.Handle("GET /help/pictures/{name}", owner(s.guidePicture))
	mux.Handle("GET /sandbox/", owner(s.sandboxPages))
	mux.Handle("GET /settings", look(s.installationPage))
	mux.Handle("POST /settings/address", owner(s.checkAddress))
	mux.Handle("POST /settings/password", owner(s.changePassword))
	mux.Handle("POST /settings/sessions", owner(s.endSession))
	mux.Handle("POST /settings/tokens", owner(s.addToken))
	mux.Handle("POST /settings/tokens/{id}/remove", owner(s.removeToken))

	s.programs().Register(mux)

	mux.Handle("/", owner(func(http.ResponseWriter, *http.Request) error { return store.ErrNotFound }))

	return cutOff(s.logged(s.recovered(headers(cleanPath(s.origins.Handler(limited(mux)))))))
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
