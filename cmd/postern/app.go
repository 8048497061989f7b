package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
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

// App is the program put together. Only one that holds the lock of the data directory has media, publisher and pages.
type App struct {
	cfg  config.Config
	log  *slog.Logger
	lock *daemon.Lock

	fetch     *http.Client
	store     *store.Store
	accounts  *accounts.Accounts
	sandbox   *sandbox
	media     *media.Library
	public    *address.Public
	publisher *publisher.Publisher
	poller    *feed.Poller
	notices   *notices.Keeper
	metrics   *metrics.Metrics
	webhooks  *webhook.Keeper
	metricsAt net.Listener  // of their own; nil: they are among the pages
	place     *daemon.Place // nil before arrive, as the publisher
	serving   bool          // the pages and the media are to be had
	ended     func()        // says that this run ended well

	// Told to the pages; see web.Options.
	open       bool
	profileURL string
}

// newApp takes the data directory for the named command and opens everything. The caller closes it.
func newApp(ctx context.Context, cfg config.Config, log *slog.Logger, command string) (*App, error) {
	if err := daemon.MakeDataDir(cfg.DataDir); err != nil {
		return nil, err
	}
	l, err := daemon.TakeLock(cfg.DataDir, command, daemon.LockPatience)
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: log, lock: l, ended: func() {}}
	if a.store, err = store.Open(ctx, cfg.DatabasePath(), store.Options{Migrate: true}); err != nil {
		a.Close()
		return nil, err
	}
	if err := a.store.VoidLeases(ctx); err != nil { // what the process before had in hand: feeds and messages, too
		a.Close()
		return nil, err
	}
	if err := a.store.WakeConfigured(ctx); err != nil {
		a.Close()
		return nil, err
	}
	if a.ended, err = daemon.AfterLastRun(ctx, a.store, cfg.DataDir, log); err != nil {
		a.Close()
		return nil, err
	}
	a.metrics = metrics.New(metrics.Options{
		Store: a.store, Version: version(), Commit: commit(), Logger: log,
		Fill: func() (used, limit int64, err error) { return a.media.Fill() },
		Free: func() (bytes int64, known bool) { return freeSpace(cfg.DataDir) },
	})
	if err := a.assemble(ctx); err != nil {
		a.Close()
		return nil, err
	}
	lim := mediaLimits(cfg)
	lim.OnConvert = a.metrics.Converted
	lim.OnDecode = func(pixels int, took time.Duration) {
		log.Debug("picture decoded", slog.Int("pixels", pixels), slog.Duration("took", took))
	}
	if a.media, err = media.NewLibrary(filepath.Join(cfg.DataDir, "media"), a.fetch, lim); err != nil {
		a.Close()
		return nil, err
	}
	if a.public, err = a.publicAddress(a.media); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// assemble makes what every command may use of an open store.
func (a *App) assemble(ctx context.Context) error {
	a.fetch = newFetcher(a.cfg)
	ring := a.cfg.Keyring()
	ring.Log = a.log
	key, err := ring.Key(ctx, a.store, a.lock != nil)
	if err != nil {
		return err
	}
	a.sandbox = &sandbox{app: a}
	a.notices = a.newKeeper(key)
	a.webhooks = webhook.New(webhook.Options{Store: a.store, Key: key, Client: a.fetch, Allow: a.cfg.Network.Allow,
		Redact: a.cfg.Redactor})
	return a.outward(key, a.fetch, nil)
}

// outward makes what speaks with Instagram, by api (nil is a new client), and with feeds.
func (a *App) outward(key vault.Key, feeds, api *http.Client) (err error) {
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
		OnPoll: a.metrics.Polled,
	})
	return err
}

// orders carries out what is ordered on the command line.
func (a *App) orders() *owner.Orders {
	return &owner.Orders{
		Store: a.store, Poller: a.poller, Accounts: a.accounts, Publisher: a.publisher, CheckAddress: a.checkAddress,
		Notices: a.notices, Webhooks: a.webhooks, By: store.CLI,
	}
}

func newFetcher(cfg config.Config) *http.Client {
	return egress.NewClient(egress.Options{Allow: cfg.Network.Allow, UserAgent: userAgent(),
		Timeout: cfg.Feeds.Timeout})
}

// Close gives everything back. It may be called on an App that is half made.
func (a *App) Close() {
	if a.place != nil {
		a.place.Leave()
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.log.Error("closing the database", slog.Any("error", err))
		}
	}
	if a.ended != nil {
		a.ended()
	}
	a.lock.Release()
}

// setupCode is what the first visitor of the pages must know to choose the password; "" when there is one.
func (a *App) setupCode(ctx context.Context) (string, error) {
	hash, err := a.store.PasswordHash(ctx)
	if err != nil || hash != "" || a.open {
		return "", err
	}
	code := rand.Text()
	return code[:4] + "-" + code[4:8], nil
}

// arrive compares the database with what is known of it, before anything is published, and makes the publisher. It may
// be called once.
func (a *App) arrive(ctx context.Context) (err error) {
	a.place, err = daemon.Arrive(ctx, daemon.PlaceOptions{
		Store: a.store, Poller: a.poller, Accounts: a.accounts, DataDir: a.cfg.DataDir, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.publisher = publisher.New(publisher.Options{
		Store: a.store, Accounts: a.accounts, Media: a.media, Public: a.public, Webhooks: a.webhooks,
		Settle: a.cfg.Publish.Settle, Logger: a.log, OnStep: a.metrics.Step, OnFailed: a.metrics.Failed,
		OnIntent: a.place.Intent, Yield: a.place.Yield,
	})
	return nil
}

// cleaner removes prepared files that nobody needs any more.
func (a *App) cleaner() daemon.Cleaner {
	return daemon.Cleaner{Store: a.store, Media: a.media, Public: a.public, KeepDays: a.cfg.Media.KeepDays,
		Logger: a.log}
}

// Run serves the pages on l, polls and publishes until ctx ends, and then lets what is in hand come to its end. ready
// is called with the setup code when requests are answered.
func (a *App) Run(ctx context.Context, l net.Listener, ready func(setupCode string)) error {
	defer l.Close()
	if err := a.arrive(ctx); err != nil {
		return err
	}
	code, err := a.setupCode(ctx)
	if err != nil {
		return err
	}
	figures := a.metrics.Handler()
	pages, err := web.New(web.Options{
		Store: a.store, Publisher: a.publisher, Poller: a.poller, Accounts: a.accounts, Notices: a.notices,
		Webhooks: a.webhooks, Media: a.media, PublicURL: a.cfg.Web.BaseURL, TrustedProxies: a.cfg.Web.TrustedProxies,
		Address: a.public, SetupCode: code, Open: a.open, ProfileURL: a.profileURL, AddSandbox: a.sandbox.add,
		SandboxPages: a.sandbox, Version: version(), Logger: a.log, Metrics: either(a.metricsAt == nil, figures, nil),
	})
	if err != nil {
		return err
	}
	if err := a.notices.Configure(ctx, a.cfg.Notify.Targets); err != nil {
		return err
	}
	if !a.open { // nobody outside reaches a demo
		a.poller.Subscribe(a.cfg.Web.BaseURL)
	}
	d := daemon.Daemon{
		Place: a.place, Publisher: a.publisher, Listener: l, Pages: pages.Handler(), Logger: a.log,
		MetricsAt: a.metricsAt, Metrics: figures,
		Ticks: daemon.Ticks{Place: a.place, Poller: a.poller, Accounts: a.accounts, Notices: a.notices,
			Cleaner: a.cleaner(), Logger: a.log},
	}
	return d.Run(ctx, func() {
		a.serving = true
		ready(code)
	})
}
