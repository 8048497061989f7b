package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"postern/accounts"
	"postern/address"
	"postern/config"
	"postern/daemon"
	"postern/egress"
	"postern/feed"
	"postern/media"
	"postern/metrics"
	"postern/notices"
	"postern/owner"
	"postern/publisher"
	"postern/store"
	"postern/vault"
	"postern/web"
	"postern/webhook"
)

// App is what every command may use beside a running daemon. newTools makes it whole; openStore opens its store alone.
type App struct {
	cfg config.Config
	log *slog.Logger

	fetch    *http.Client
	store    *store.Store
	accounts *accounts.Accounts
	sandbox  *sandbox
	poller   *feed.Poller
	notices  *notices.Keeper
	webhooks *webhook.Keeper
}

// program has the data directory to itself, so that it may poll and publish.
type program struct {
	*App
	lock    *daemon.Lock
	media   *media.Library
	public  *address.Public
	metrics *metrics.Metrics
	demo    bool        // pages without log-in, for this machine alone
	serving atomic.Bool // the pages and the media are to be had
	ended   func()      // says that this run ended well
}

// arrived is a program that knows whether its database is the one that was worked with last: it may publish.
type arrived struct {
	*program
	place     *daemon.Place
	publisher *publisher.Publisher
}

// newProgram takes the data directory for the named command and opens everything. The caller closes it.
func newProgram(ctx context.Context, cfg config.Config, log *slog.Logger, command string) (*program, error) {
	if err := daemon.MakeDataDir(cfg.DataDir); err != nil {
		return nil, err
	}
	l, err := daemon.TakeLock(cfg.DataDir, command, daemon.LockPatience)
	if err != nil {
		return nil, err
	}
	p := &program{App: &App{cfg: cfg, log: log}, lock: l, demo: command == "demo", ended: func() {}}
	if err := p.open(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// open opens the database, and makes what the program works with.
func (p *program) open(ctx context.Context) (err error) {
	if p.store, err = store.Open(ctx, p.cfg.DatabasePath(), store.Options{Migrate: true}); err != nil {
		return err
	}
	if err := p.store.VoidLeases(ctx); err != nil { // what the process before had in hand: feeds and messages, too
		return err
	}
	if err := p.store.WakeConfigured(ctx); err != nil {
		return err
	}
	if p.ended, err = daemon.AfterLastRun(ctx, p.store, p.cfg.DataDir, p.log); err != nil {
		return err
	}
	p.metrics = metrics.New(metrics.Options{
		Store: p.store, Version: version(), Commit: commit(), Logger: p.log,
		Fill: func() (used, limit int64, err error) { return p.media.Fill() },
		Free: func() (bytes int64, known bool) { return freeSpace(p.cfg.DataDir) },
	})
	p.fetch = newFetcher(p.cfg)
	lim := mediaLimits(p.cfg)
	lim.OnConvert = p.metrics.Converted
	lim.OnDecode = func(pixels int, took time.Duration) {
		p.log.Debug("picture decoded", slog.Int("pixels", pixels), slog.Duration("took", took))
	}
	if p.media, err = media.NewLibrary(filepath.Join(p.cfg.DataDir, "media"), p.fetch, lim); err != nil {
		return err
	}
	if p.public, err = p.publicAddress(p.media); err != nil {
		return err
	}
	return p.assemble(ctx, assembly{makeKey: true, library: p.media, onPoll: p.metrics.Polled,
		probes: []probe{p.mediaProbe, p.addressProbe}})
}

// assembly is what a program adds to the parts that every command has. The zero value is nothing.
type assembly struct {
	makeKey bool // where there is none yet
	library *media.Library
	onPoll  func(outcome string, took time.Duration)
	probes  []probe
}

// assemble makes what every command may use of an open store.
func (a *App) assemble(ctx context.Context, with assembly) error {
	ring := a.cfg.Keyring()
	ring.Log = a.log
	key, err := ring.Key(ctx, a.store, with.makeKey)
	if err != nil {
		return err
	}
	a.sandbox = &sandbox{cfg: a.cfg, log: a.log, library: with.library}
	a.notices = a.newKeeper(key, with.probes)
	a.webhooks = webhook.New(webhook.Options{Store: a.store, Key: key, Client: a.fetch, Allow: a.cfg.Network.Allow,
		Redact: a.cfg.Redactor})
	return a.outward(key, a.fetch, nil, with.onPoll)
}

// outward makes what speaks with Instagram, by api (nil is a new client), and with feeds.
func (a *App) outward(key vault.Key, feeds, api *http.Client,
	onPoll func(outcome string, took time.Duration)) (err error) {
	o := accounts.Options{
		Store: a.store, Key: key, BaseURL: a.cfg.Instagram.APIURL, Version: a.cfg.Instagram.APIVersion,
		Timeout: a.cfg.Instagram.Timeout, HTTP: api,
		AuthorizeURL: a.cfg.Instagram.AuthorizeURL, TokenURL: a.cfg.Instagram.TokenURL, Logger: a.log,
	}
	if a.sandbox != nil {
		o.Sandbox = a.sandbox
	}
	a.accounts = accounts.New(o)
	a.poller, err = feed.NewPoller(feed.Options{
		Store: a.store, Client: feeds, Schedule: a.cfg.Feeds.Schedule, Logger: a.log,
		MaxBytes: a.cfg.Feeds.MaxBytes, Timeout: a.cfg.Feeds.Timeout, PagePictures: a.cfg.Feeds.OGImage,
		OnPoll: onPoll,
	})
	return err
}

// orders carries out what is ordered on the command line.
func (a *App) orders() *owner.Orders {
	return &owner.Orders{
		Store: a.store, Poller: a.poller, Accounts: a.accounts, CheckAddress: a.checkAddress, Notices: a.notices,
		Webhooks: a.webhooks, By: store.CLI,
	}
}

func newFetcher(cfg config.Config) *http.Client {
	return egress.NewClient(egress.Options{Allow: cfg.Network.Allow, UserAgent: userAgent(),
		Timeout: cfg.Feeds.Timeout})
}

// Close closes the database. It may be called on an App that is half made.
func (a *App) Close() {
	if a.store == nil {
		return
	}
	if err := a.store.Close(); err != nil {
		a.log.Error("closing the database", slog.Any("error", err))
	}
}

// Close gives everything back. It may be called on a program that is half made.
func (p *program) Close() {
	p.App.Close()
	p.ended()
	p.lock.Release()
}

// setupCode returns what the first visitor of the pages must know to choose the password; "" when there is one.
func (p *program) setupCode(ctx context.Context) (string, error) {
	hash, err := p.store.PasswordHash(ctx)
	if err != nil || hash != "" || p.demo {
		return "", err
	}
	code := rand.Text()
	return code[:4] + "-" + code[4:8], nil
}

// arrive compares the database with what is known of it, before anything is published, and makes the publisher. It may
// be called once. The caller leaves the place before the program is closed.
func (p *program) arrive(ctx context.Context) (*arrived, error) {
	place, err := daemon.Arrive(ctx, daemon.PlaceOptions{
		Store: p.store, Poller: p.poller, Accounts: p.accounts, DataDir: p.cfg.DataDir, Logger: p.log,
	})
	if err != nil {
		return nil, err
	}
	p.notices.AddProbe(copyProbe(place))
	return &arrived{program: p, place: place, publisher: publisher.New(publisher.Options{
		Store: p.store, Accounts: p.accounts, Media: p.media, Public: p.public, Webhooks: p.webhooks,
		Settle: p.cfg.Publish.Settle, Logger: p.log, OnStep: p.metrics.Step, OnFailed: p.metrics.Failed,
		OnIntent: place.Intent, Yield: place.Yield,
	})}, nil
}

// cleaner removes prepared files that nobody needs any more.
func (p *program) cleaner() daemon.Cleaner {
	return daemon.Cleaner{Store: p.store, Media: p.media, Public: p.public, KeepDays: p.cfg.Media.KeepDays,
		Logger: p.log}
}

// listeners are where a running program answers, and what it says at first.
type listeners struct {
	pages   net.Listener
	metrics net.Listener // of their own; nil: they are among the pages
	profile string       // the demo: address of the simulated profile
}

// Run serves the pages, polls and publishes until ctx ends, and then lets what is in hand come to its end. ready is
// called with the setup code when requests are answered.
func (p *program) Run(ctx context.Context, at listeners, ready func(setupCode string)) error {
	defer at.pages.Close()
	a, err := p.arrive(ctx)
	if err != nil {
		return err
	}
	defer a.place.Leave()
	code, err := p.setupCode(ctx)
	if err != nil {
		return err
	}
	figures := p.metrics.Handler()
	pages, err := web.New(web.Options{
		Store: p.store, Publisher: a.publisher, Poller: p.poller, Accounts: p.accounts, Notices: p.notices,
		Webhooks: p.webhooks, Media: p.media, PublicURL: p.cfg.Web.BaseURL, TrustedProxies: p.cfg.Web.TrustedProxies,
		Address: p.public, SetupCode: code, Open: p.demo, ProfileURL: at.profile, AddSandbox: p.addSandbox,
		SandboxPages: p.sandbox, Version: version(), Logger: p.log, Metrics: ifElse(at.metrics == nil, figures, nil),
	})
	if err != nil {
		return err
	}
	if err := p.notices.Configure(ctx, p.cfg.Notify.Targets); err != nil {
		return err
	}
	if !p.demo { // nobody outside reaches a demo
		p.poller.Subscribe(p.cfg.Web.BaseURL)
	}
	d := daemon.Daemon{
		Place: a.place, Publisher: a.publisher, Listener: at.pages, Pages: pages.Handler(), Logger: p.log,
		MetricsAt: at.metrics, Metrics: figures,
		Ticks: daemon.Ticks{Place: a.place, Poller: p.poller, Accounts: p.accounts, Notices: p.notices,
			Cleaner: p.cleaner(), Logger: p.log},
	}
	return d.Run(ctx, func() {
		p.serving.Store(true)
		ready(code)
	})
}
