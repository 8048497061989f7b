package publisher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"postern/accounts"
	"postern/address"
	"postern/instagram"
	"postern/media"
	"postern/reason"
	"postern/store"
	"postern/webhook"
	"postern/words"
)

const (
	workers = 4
	// stepTime ends a step well before its lease. The next process voids the leases of a dead one when it starts.
	lease    = 15 * time.Minute
	stepTime = 14 * time.Minute
	// leaseLeft is the minimum lease time left when a publish request is sent. It exceeds the time that sending may
	// take.
	leaseLeft = 30 * time.Second
	// stopTime is how long a step may continue after the program was asked to stop.
	stopTime = 10 * time.Second
	// recordTime is the limit for recording an outcome, which is not cancelled by a shutdown.
	recordTime = 5 * time.Second
)

// Options are the dependencies and settings of a Publisher.
type Options struct {
	Store    *store.Store
	Accounts *accounts.Accounts
	Media    *media.Library
	// Public is where Instagram fetches our files; nil if there is no public URL. Sandbox accounts need none.
	Public *address.Public
	// Webhooks sends the webhooks of sites; nil disables them.
	Webhooks *webhook.Keeper
	// Settle is how long a post must be absent after an unanswered publish before the publisher concludes that it is
	// not live.
	Settle time.Duration
	Logger *slog.Logger
	// Shared is true if other publishers may work on the same database. Their leases are not voided then.
	Shared bool
	// OnIntent is called after an intent to publish is recorded and before the request is sent. If it returns an
	// error, nothing is sent. May be nil.
	OnIntent func(context.Context) error
	// Yield returns why publishing must wait for another program, the zero Reason if it need not. May be nil.
	Yield func(context.Context) reason.Reason
	// OnStep and OnFailed are called after each step and each failed publication, for metrics. May be nil.
	OnStep   func(began store.State, took time.Duration)
	OnFailed func(account int64, rule string, code, subcode int)
}

// Publisher takes publications through their steps. Several publishers may share one database.
type Publisher struct {
	store         *store.Store
	accounts      *accounts.Accounts
	media         *media.Library
	public        *address.Public // where Instagram fetches our files; nil if there is no public URL
	webhooks      *webhook.Keeper // nil if webhooks are disabled
	settle        time.Duration
	shared        bool
	idle          time.Duration // interval between checks for rows that another process wrote
	preflightTime time.Duration // limit of one preflight
	log           *slog.Logger
	kick          chan struct{}
	onStep        func(began store.State, took time.Duration)
	onFailed      func(account int64, rule string, code, subcode int)
	onIntent      func(context.Context) error
	yield         func(context.Context) reason.Reason

	mu   sync.Mutex
	busy map[int64]bool  // accounts with a running step
	memo map[int64]*memo // by publication id

	progress    map[int64]Progress // by publication id, while its media are being prepared
	preparing   int                // number of steps preparing media; preflights wait while it is above 0
	preflight   *runningPreflight  // the running preflight
	preflightAt time.Time          // when the next preflight may begin
}

// memo is what this process knows about an open publication. It is lost when the process ends and is then collected
// again. A memo is valid for one intent to publish: observations from before a request by another process prove
// nothing.
type memo struct {
	intents     int64     // number of intents of the publication when the rest was observed
	errors      int       // errors in a row, for the backoff
	throttled   int       // throttled calls in a row
	unreadable  int       // refused reads of the container in a row
	unseen      int       // refused reads of the profile before publishing in a row
	tooEarly    int       // publish requests in a row that Instagram answered with "not ready"
	reads       int       // status reads since the last change of state, for their spacing
	status      string    // container status that all reads since absentSince returned; see reconcile
	absentSince time.Time // time of the first of those reads, with the monotonic clock
	unsure      bool      // the history already says that the public URL cannot be checked from here
}

// New returns a publisher that does nothing until Run or Drain is called.
func New(o Options) *Publisher {
	if o.OnStep == nil {
		o.OnStep = func(store.State, time.Duration) {}
	}
	if o.OnFailed == nil {
		o.OnFailed = func(int64, string, int, int) {}
	}
	if o.OnIntent == nil {
		o.OnIntent = func(context.Context) error { return nil }
	}
	if o.Yield == nil {
		o.Yield = func(context.Context) reason.Reason { return reason.Reason{} }
	}
	p := &Publisher{
		onIntent: o.OnIntent, yield: o.Yield,
		onStep: o.OnStep, onFailed: o.OnFailed,
		store: o.Store, accounts: o.Accounts, media: o.Media, webhooks: o.Webhooks, public: o.Public,
		shared: o.Shared, settle: max(o.Settle, time.Second), idle: 5 * time.Second, preflightTime: stepTime, log: o.Logger,
		kick: make(chan struct{}, 1), busy: map[int64]bool{}, memo: map[int64]*memo{}, progress: map[int64]Progress{},
	}
	p.store.OnDue(p.wake)
	return p
}

// wake makes the loop query for due work again. It never blocks.
func (p *Publisher) wake() {
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns after the running steps are recorded. It waits while the database is locked
// or full. It returns an error only if it could not start.
func (p *Publisher) Run(ctx context.Context) error {
	missing := func(name string) bool {
		_, err := p.media.Path(name)
		return err != nil
	}
	if err := p.store.DropPreflights(ctx, missing); err != nil && ctx.Err() == nil {
		return err
	}
	return p.run(ctx, true, func(time.Time, int) bool { return false })
}

// Drain works until nothing is due before the given time, or until that time has come.
func (p *Publisher) Drain(ctx context.Context, until time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	return p.run(ctx, false, func(next time.Time, working int) bool {
		return working == 0 && (next.IsZero() || next.After(until))
	})
}

// run claims and executes steps until done returns true. If preflights is true, it runs preflights while nothing is
// due.
func (p *Publisher) run(ctx context.Context, preflights bool, done func(next time.Time, working int) bool) error {
	if !p.shared {
		if err := p.store.VoidLeases(ctx); err != nil {
			if ctx.Err() != nil {
				return nil // ctx ended before the first step
			}
			return err
		}
	}
	// Steps continue for up to stopTime after ctx ends, so that they can record what they did.
	steps, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var wg sync.WaitGroup
	defer func() {
		stop := time.AfterFunc(stopTime, cancel)
		wg.Wait()
		stop.Stop()
	}()
	broken := 0
	for ctx.Err() == nil {
		// Count the steps before the query: a step that ends in between may create work that the result does not
		// include.
		p.mu.Lock()
		working := len(p.busy)
		p.mu.Unlock()
		due, next, err := p.store.Due(ctx)
		if err == nil && due {
			due, err = p.start(ctx, steps, &wg)
		}
		switch {
		case err != nil && ctx.Err() == nil:
			broken = min(broken+1, 6)
			p.log.Error("database unavailable; retrying", slog.Any("error", err))
			sleep(ctx, time.Second<<broken/2)
			continue
		case due:
			broken = 0
			continue
		}
		broken = 0
		if done(next, working) {
			return nil
		}
		if preflights {
			p.preflightNext(ctx, &wg)
		}
		wait := p.idle
		if !next.IsZero() {
			wait = min(wait, max(time.Until(next), 0)+time.Millisecond) // due times are whole milliseconds
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-p.kick:
			p.preflightFrom(time.Time{})
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// start begins one step if work is due and a worker is free. It reports whether it did.
func (p *Publisher) start(ctx, steps context.Context, wg *sync.WaitGroup) (bool, error) {
	p.mu.Lock()
	busy := slices.Collect(maps.Keys(p.busy))
	p.mu.Unlock()
	working := len(busy)
	if slices.Contains(busy, preflighting) { // a preflight does not occupy a worker
		working--
	}
	if working >= workers {
		return false, nil
	}
	pub, err := p.store.Claim(ctx, lease, busy...)
	switch {
	case err == nil:
		p.spawn(wg, pub.AccountID, func() { p.step(steps, pub) })
		return true, nil
	case !errors.Is(err, store.ErrNotFound):
		return false, err
	case slices.Contains(busy,
		followingUp): // one follow-up at a time, after the publications, so that a slow answer delays nothing else
		return false, nil
	}
	f, err := p.store.ClaimFollowUp(ctx, lease)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	p.spawn(wg, followingUp, func() { p.followUp(steps, f) })
	return true, nil
}

// followingUp is the key of the running follow-up in the set of busy accounts.
const followingUp int64 = -1

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// spawn runs f in a goroutine and marks its key (an account id, followingUp or preflighting) as busy meanwhile.
func (p *Publisher) spawn(wg *sync.WaitGroup, key int64, f func()) {
	p.mu.Lock()
	p.busy[key] = true
	p.mu.Unlock()
	wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				p.log.Error("step panicked", slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
			}
			p.mu.Lock()
			delete(p.busy, key)
			p.mu.Unlock()
			p.wake()
		}()
		f()
	})
}

// job is one claimed publication with the data that its step needs.
type job struct {
	p          *Publisher // owner of the worker
	pub        store.Publication
	post       store.Post
	account    store.Account
	route      store.Route
	outside    *address.Public // where this account's Instagram fetches our files
	memo       *memo
	log        *slog.Logger
	rule       string  // the media rule that made it fail, "" if none
	missing    string  // URL of the missing picture or video, "" if none
	failedItem itemRef // the carousel item that the last call was about
}

// step takes one claimed publication one step further and records the outcome.
func (p *Publisher) step(ctx context.Context, pub store.Publication) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	defer func(began time.Time) { p.onStep(pub.State, time.Since(began)) }(time.Now())
	log := p.log.With(slog.Int64("publication", pub.ID), slog.Int64("account", pub.AccountID))
	w, err := p.load(ctx, pub)
	if err == nil {
		w.log = log
		p.mu.Lock()
		if m := p.memo[pub.ID]; m == nil || m.intents != pub.Intents {
			p.memo[pub.ID] = w.memo
		}
		w.memo = p.memo[pub.ID]
		p.mu.Unlock()
		defer w.recordPanic(ctx)
		switch pub.State {
		case store.Queued:
			err = w.queued(ctx)
		case store.Staged:
			err = w.staged(ctx)
		case store.Publishing:
			err = w.reconcile(ctx)
		}
	}
	switch {
	case err == nil:
	case errors.Is(err, store.ErrConflict):
		log.Info("publication changed during the step")
	default:
		// Nothing could be recorded. The lease expires and the step is retried.
		log.Error("step not recorded", slog.String("state", string(pub.State)), slog.Any("error", err))
	}
}

// load reads the post, account and route of a publication.
func (p *Publisher) load(ctx context.Context, pub store.Publication) (*job, error) {
	w := &job{p: p, pub: pub, memo: &memo{intents: pub.Intents}}
	var err error
	if w.post, err = p.store.Post(ctx, pub.PostID); err != nil {
		return nil, err
	}
	if w.account, err = p.store.Account(ctx, pub.AccountID); err != nil {
		return nil, err
	}
	w.outside = p.public.For(w.account.API)
	if w.route, err = p.store.Route(ctx, w.post.FeedID, pub.AccountID); err != nil &&
		!errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return w, nil
}

// recordPanic recovers from a panic in a step and records it, so that the publication shows the fault and is retried
// later.
func (w *job) recordPanic(ctx context.Context) {
	r := recover()
	if r == nil {
		return
	}
	w.log.Error("step panicked", slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
	why := reason.New(reason.OwnFault)
	var err error
	if w.pub.State == store.Publishing {
		err = w.reconcileAgain(ctx, why, nil)
	} else {
		err = w.postpone(ctx, w.pub.State, why, true, nil)
	}
	if err != nil {
		w.log.Error("step not recorded", slog.Any("error", err))
	}
}

// advance records the outcome of a step, even when the program is being stopped.
func (w *job) advance(ctx context.Context, c store.Change) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	from := w.pub.State
	pub, err := w.p.store.Advance(ctx, w.pub, c)
	if err != nil {
		return err
	}
	w.pub = pub
	if from != pub.State {
		if pub.State == store.Failed {
			w.p.onFailed(pub.AccountID, w.rule, c.Code, c.Subcode)
		}
		w.memo.reads, w.memo.unreadable, w.memo.status, w.memo.intents = 0, 0, "", pub.Intents
		w.log.Info("publication moved", slog.String("from", string(from)), slog.String("to", string(pub.State)),
			slog.String("reason", pub.Reason.String()))
	}
	if !pub.State.Open() {
		w.p.mu.Lock()
		delete(w.p.memo, pub.ID)
		w.p.mu.Unlock()
	}
	return nil
}

// withAnswer copies Instagram's answer from err into the change, for the publication's history.
func withAnswer(c store.Change, err error) store.Change {
	var e *instagram.Error
	if errors.As(err, &e) {
		c.Code, c.Subcode, c.TraceID = e.Code, e.Subcode, e.TraceID
	}
	return c
}

// in returns the time d from now.
func in(d time.Duration) time.Time { return time.Now().Add(d) }

// CheckAgain searches the profile once more for an unconfirmed publication; it only reads from Instagram. It
// returns the publication as published or unchanged, and store.ErrIllegal if the publication is in another state.
func (p *Publisher) CheckAgain(ctx context.Context, id int64, by store.Actor) (store.Publication, error) {
	pub, err := p.store.Publication(ctx, id)
	if err != nil {
		return pub, err
	}
	if pub.State != store.Unconfirmed {
		return pub, fmt.Errorf("publication %d is %s; only an unconfirmed one can be checked again: %w", id,
			pub.State, store.ErrIllegal)
	}
	w, err := p.load(ctx, pub)
	if err != nil {
		return pub, err
	}
	w.log = p.log.With(slog.Int64("publication", id))
	client, err := p.accounts.Client(ctx, pub.AccountID)
	if err != nil {
		return pub, err
	}
	seen, err := w.evidence(ctx, client)
	if err != nil {
		return pub, fmt.Errorf("searching the profile for publication %d: %w", id, err)
	}
	c := store.Change{To: store.Unconfirmed, Actor: by,
		Note: words.ProfileUnclear}
	if seen.live {
		c = store.Change{To: store.Published, Actor: by, MediaID: seen.mediaID, Permalink: seen.permalink,
			Reason: reason.New(reason.SeenOnProfile)}
	}
	if err := w.advance(ctx, c); err != nil {
		return pub, err
	}
	return w.pub, nil
}
