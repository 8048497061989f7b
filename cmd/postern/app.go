package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/robfig/cron/v3"

	"postern/accounts"
	"postern/address"
	"postern/egress"
	"postern/feed"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/media"
	"postern/metrics"
	"postern/notices"
	"postern/publisher"
	"postern/store"
	"postern/web"
	"postern/webhook"
)

const (
	// How often it is asked which feeds are due. Their schedules are data, so a restart neither forgets nor repeats one.
	pollTick = "@every 2s"
	// Tokens live for 60 days and are renewed daily: asked hourly, one that failed is tried again soon.
	refreshTick = "@every 1h"
	// How often files that nobody needs any more are removed.
	pruneTick = "@every 24h"
	// How often a full media folder is cleaned of what was published or skipped, and how long ago that is at least: Instagram
	// has fetched it by then.
	roomTick = "@every 1m"
	roomAge  = time.Hour
	// How soon what is wrong is noticed and told.
	noticeTick = "@every 10s"
	// What requests may still take when everything else has stopped.
	shutdownTime = 5 * time.Second
)

// App is the program put together. Only one that holds the lock of the data directory has media, publisher and pages.
type App struct {
	cfg  Config
	log  *slog.Logger
	lock *lock

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
	metricsAt net.Listener // of their own; nil: they are among the pages
	serving   bool         // the pages and the media are to be had

	// Told to the pages; see web.Options.
	open       bool
	profileURL string
}

// newApp takes the data directory for the named command and opens everything. The caller closes it.
func newApp(ctx context.Context, cfg Config, log *slog.Logger, command string) (*App, error) {
	if err := makeDataDir(cfg.DataDir); err != nil {
		return nil, err
	}
	l, err := takeLock(cfg.DataDir, command, lockPatience)
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: log, lock: l}
	if a.store, err = store.Open(ctx, cfg.databasePath(), store.Options{Migrate: true}); err != nil {
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
	if a.media, err = media.NewLibrary(filepath.Join(cfg.DataDir, "media"), a.fetch, lim); err != nil {
		a.Close()
		return nil, err
	}
	if a.public, err = a.publicAddress(a.media); err != nil {
		a.Close()
		return nil, err
	}
	a.publisher = publisher.New(publisher.Options{
		Store: a.store, Accounts: a.accounts, Media: a.media, Public: a.public, Webhooks: a.webhooks, Settle: cfg.Publish.Settle, Logger: log,
		OnStep: a.metrics.Step, OnFailed: a.metrics.Failed,
	})
	return a, nil
}

// assemble makes what every command may use of an open store.
func (a *App) assemble(ctx context.Context) error {
	a.fetch = newFetcher(a.cfg)
	key, err := a.cfg.keyring().Key(ctx, a.store, a.lock != nil)
	if err != nil {
		return err
	}
	a.sandbox = &sandbox{app: a}
	a.notices = a.newKeeper(key)
	a.webhooks = webhook.New(webhook.Options{Store: a.store, Key: key, Client: a.fetch, Allow: a.cfg.Network.Allow, Redact: a.cfg.hide})
	return a.outward(key, a.fetch, nil)
}

// outward makes what speaks with Instagram, by api (nil is a new client), and with feeds.
func (a *App) outward(key accounts.Key, feeds, api *http.Client) (err error) {
	o := accounts.Options{
		Store: a.store, Key: key, BaseURL: a.cfg.Instagram.APIURL, Version: a.cfg.Instagram.APIVersion, Timeout: a.cfg.Instagram.Timeout, HTTP: api,
		AuthorizeURL: a.cfg.Instagram.AuthorizeURL, TokenURL: a.cfg.Instagram.TokenURL, Logger: a.log,
	}
	if a.sandbox != nil {
		o.Sandbox = a.sandbox
	}
	a.accounts = accounts.New(o)
	a.poller, err = feed.NewPoller(feed.Options{
		Store: a.store, Client: feeds, Schedule: a.cfg.Feeds.Schedule, Wake: a.wake, Logger: a.log,
		MaxBytes: a.cfg.Feeds.MaxBytes, Timeout: a.cfg.Feeds.Timeout, PagePictures: a.cfg.Feeds.OGImage,
		OnPoll: a.metrics.Polled,
	})
	return err
}

// wake is called when posts were saved.
func (a *App) wake() {
	if a.publisher != nil {
		a.publisher.Kick()
	}
}

func newFetcher(cfg Config) *http.Client {
	return egress.NewClient(egress.Options{Allow: cfg.Network.Allow, UserAgent: userAgent(), Timeout: cfg.Feeds.Timeout})
}

// Close gives everything back. It may be called on an App that is half made.
func (a *App) Close() {
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.log.Error("closing the database", slog.Any("error", err))
		}
	}
	a.lock.release()
}

// sandbox is the simulated Instagram of sandbox accounts, which is made when it is first asked for anything.
type sandbox struct {
	app  *App
	once sync.Once
	sim  *simulator.Server
}

// sandboxPath is where the pages of the simulated Instagram are among ours.
const sandboxPath = "/sandbox"

func (s *sandbox) server() *simulator.Server {
	s.once.Do(func() {
		cfg := s.app.cfg
		base := cfg.Web.BaseURL
		if base == "" {
			base = strings.TrimSuffix(localURL(cfg.Web.Listen), "/")
		}
		s.sim = simulator.New(simulator.Options{
			StateFile: filepath.Join(cfg.DataDir, "sandbox.json"), Fetch: s.app.fetch, Logger: s.app.log, Prefix: sandboxPath, PublicURL: base + sandboxPath,
		})
	})
	return s.sim
}

// RoundTrip answers calls of the API in process.
func (s *sandbox) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.server().Transport().RoundTrip(r)
}

// ServeHTTP shows the pages.
func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.StripPrefix(sandboxPath, s.server().Pages()).ServeHTTP(w, r)
}

// add makes an account there, or finds it again, and connects it.
func (s *sandbox) add(ctx context.Context, label string) (store.Account, error) {
	made := s.server().AddAccount(simulator.Account{Username: userName(label)})
	return s.app.accounts.Add(ctx, accounts.Candidate{API: store.Sandbox, Label: label, Token: instagram.Secret(made.Token)})
}

// userName makes of a label what stands in the address of a profile; "" for one without letters.
func userName(label string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '.'
	}, strings.ToLower(strings.Join(strings.Fields(label), "."))), ".")
}

// listen binds an address; the error says what to do.
func listen(ctx context.Context, key, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port in use: another program listens on %s; stop it, or set %s to a free address", address, key)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("not allowed to listen on %s: set %s to a port above 1023", address, key)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return nil, fmt.Errorf("cannot listen on %s (%w): set %s to an address of this machine", address, err, key)
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

// Run serves the pages on l, polls and publishes until ctx ends, and then lets what is in hand come to its end. ready is
// called with the setup code when requests are answered.
func (a *App) Run(ctx context.Context, l net.Listener, ready func(setupCode string)) error {
	defer l.Close()
	code, err := a.setupCode(ctx)
	if err != nil {
		return err
	}
	figures := a.metrics.Handler()
	pages, err := web.New(web.Options{
		Store: a.store, Publisher: a.publisher, Poller: a.poller, Accounts: a.accounts, Notices: a.notices, Webhooks: a.webhooks, Media: a.media, PublicURL: a.cfg.Web.BaseURL, Address: a.public,
		SetupCode: code, Open: a.open, ProfileURL: a.profileURL, AddSandbox: a.sandbox.add, SandboxPages: a.sandbox, Version: version(), Logger: a.log,
		Metrics: either(a.metricsAt == nil, figures, nil),
	})
	if err != nil {
		return err
	}
	if err := a.notices.Configure(ctx, a.cfg.notifyAddresses()); err != nil {
		return err
	}
	if !a.open { // nobody outside reaches a demo
		a.poller.Subscribe(a.cfg.Web.BaseURL)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	server := a.serveHTTP(l, pages.Handler(), stop)
	if a.metricsAt != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", figures)
		defer a.serveHTTP(a.metricsAt, mux, stop).stop()
		a.log.Info("metrics are served without a token", slog.String("at", a.metricsAt.Addr().String()))
	}
	a.serving = true
	ready(code)

	published := make(chan struct{})
	go func() {
		defer close(published)
		if err := a.publisher.Run(ctx); err != nil {
			stop(fmt.Errorf("publishing: %w", err))
		}
	}()
	ticks, err := a.tick(ctx)
	if err != nil {
		stop(err)
	}

	<-ctx.Done()
	a.log.Info("stopping")
	if ticks != nil {
		<-ticks.Stop().Done()
	}
	<-published // Instagram may be fetching our media until then
	server.stop()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// httpServer is a server with the goroutine it runs in.
type httpServer struct {
	*http.Server
	end  context.CancelFunc // of the requests' contexts
	done chan struct{}
}

// serveHTTP answers requests on l; failed is told when that ends by itself.
func (a *App) serveHTTP(l net.Listener, h http.Handler, failed context.CancelCauseFunc) *httpServer {
	base, end := context.WithCancel(context.Background())
	s := &httpServer{end: end, done: make(chan struct{}), Server: &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}}
	go func() {
		defer close(s.done)
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serving the pages: %w", err))
		}
	}()
	return s
}

// stop ends event streams first, then waits for the other requests.
func (s *httpServer) stop() {
	s.end()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		_ = s.Close()
	}
	<-s.done
}

// tick starts the regular work. cron only ticks: what is due is in the database.
func (a *App) tick(ctx context.Context) (*cron.Cron, error) {
	log := cronLogger{a.log}
	// In this order: with Recover outside, one panic would leave a job "still running" for good (robfig/cron v3.0.1).
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(log), cron.WithChain(cron.SkipIfStillRunning(log), cron.Recover(log)))
	for _, job := range []struct {
		what, spec string
		run        func(context.Context) error
	}{
		{"polling feeds", pollTick, a.poller.PollDue},
		{"refreshing tokens", refreshTick, a.accounts.RefreshDue},
		{"cleaning the media folder", pruneTick, a.pruneMedia},
		{"making room in the media folder", roomTick, a.makeRoom},
		{"noticing what is wrong", noticeTick, a.notices.Look},
		{"telling notices", noticeTick, a.notices.Tell},
		{"forgetting old notices", pruneTick, a.notices.Clean},
	} {
		id, err := c.AddFunc(job.spec, func() {
			if err := job.run(ctx); err != nil && ctx.Err() == nil {
				a.log.Error(job.what, slog.Any("error", err))
			}
		})
		if err != nil {
			return nil, err
		}
		// The first time is now. Scheduled like this it is among the jobs that Stop waits for.
		c.Schedule(&once{}, c.Entry(id).WrappedJob)
	}
	c.Start()
	return c, nil
}

// pruneMedia removes prepared files that nothing has needed for media.keep_days, here and in the bucket.
func (a *App) pruneMedia(ctx context.Context) error {
	old := time.Now().Add(-time.Duration(a.cfg.Media.KeepDays) * 24 * time.Hour)
	keep, err := a.pruneFolder(ctx, old)
	if err != nil {
		return err
	}
	files, err := a.public.Prune(ctx, keep, old)
	if files > 0 {
		a.log.Info("bucket cleaned", slog.Int("files", files))
	}
	return err
}

// makeRoom does so here, and earlier, when something waits for room.
func (a *App) makeRoom(ctx context.Context) error {
	if !a.media.Full() {
		return nil
	}
	_, err := a.pruneFolder(ctx, time.Now().Add(-roomAge))
	return err
}

// pruneFolder removes what nothing has needed since then; keep says what that is.
func (a *App) pruneFolder(ctx context.Context, old time.Time) (keep func(name string) bool, err error) {
	needed, err := a.store.NeededAssets(ctx, old)
	if err != nil {
		return nil, err
	}
	keep = func(name string) bool { return needed[name] }
	files, bytes, err := a.media.Prune(keep, old)
	if files > 0 {
		a.log.Info("media folder cleaned", slog.Int("files", files), slog.Int64("bytes", bytes))
	}
	return keep, err
}

// once is a schedule with one time: as soon as possible.
type once struct{ done bool }

// Next returns the zero time, which cron takes for never, from the second call on.
func (o *once) Next(now time.Time) time.Time {
	if o.done {
		return time.Time{}
	}
	o.done = true
	return now
}

// cronLogger keeps cron's own chatter at debug level.
type cronLogger struct{ log *slog.Logger }

// Info is called at every tick.
func (l cronLogger) Info(msg string, args ...any) { l.log.Debug("cron: "+msg, args...) }

// Error is called when a job panicked.
func (l cronLogger) Error(err error, msg string, args ...any) {
	l.log.Error("cron: "+msg, append(args, slog.Any("error", err))...)
}
