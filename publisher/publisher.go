// Package publisher turns publications into posts: what they look like (settings, caption, plan), when they may go
// (gates), and the steps that bring each one to Instagram exactly once.
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
	// A step ends well before its lease does, and the leases of a dead process are void as soon as the next one starts.
	lease    = 15 * time.Minute
	stepTime = 14 * time.Minute
	// The lease that is left when Instagram is asked to publish: more than the request may take to be sent.
	leaseLeft = 30 * time.Second
	// How long a step may go on after the program was told to stop.
	stopTime = 10 * time.Second
	// The write after a call must not be lost to a shutdown.
	recordTime = 5 * time.Second
)

// Options of New.
type Options struct {
	Store    *store.Store
	Accounts *accounts.Accounts
	Media    *media.Library
	// Public is where Instagram fetches our files; nil when there is no such address. Sandbox accounts need none.
	Public *address.Public
	// Webhooks sends what sites are told; nil: they are told nothing.
	Webhooks *webhook.Keeper
	// Settle is how long nothing must be seen of an unanswered publish before it is concluded that it did not happen.
	Settle time.Duration
	Logger *slog.Logger
	// Shared says that other publishers may work on the same database: their leases are left alone.
	Shared bool
	// OnIntent is called when an intent to publish is recorded, before anything is sent; an error keeps it from
	// being sent. May be nil.
	OnIntent func(context.Context) error
	// Yield says why nothing may be published now, zero when it may. May be nil.
	Yield func(context.Context) reason.Reason
	// OnStep and OnFailed are told what happens, for figures. May be nil.
	OnStep   func(began store.State, took time.Duration)
	OnFailed func(account int64, rule string, code, subcode int)
}

// Publisher works publications off. Several may do so on one database.
type Publisher struct {
	store         *store.Store
	accounts      *accounts.Accounts
	media         *media.Library
	public        *address.Public // where Instagram fetches our files; nil for nowhere
	webhooks      *webhook.Keeper // nil: none are sent
	settle        time.Duration
	shared        bool
	idle          time.Duration // how often to look for rows that another process wrote
	preflightTime time.Duration // limit of one preflight
	log           *slog.Logger
	kick          chan struct{}
	onStep        func(began store.State, took time.Duration)
	onFailed      func(account int64, rule string, code, subcode int)
	onIntent      func(context.Context) error
	yield         func(context.Context) reason.Reason

	mu   sync.Mutex
	busy map[int64]bool  // accounts with a running step
	memo map[int64]*memo // by publication

	progress  map[int64]Progress // by publication, while its media are prepared
	preparing int                // steps that prepare media; preflights give way to them
	ahead     *ahead             // the running preflight
	aheadAt   time.Time          // when the next preflight may begin
}

// memo is what this process knows about a publication in work. It is lost with the process, and then learnt anew.
// It counts for one intent to publish: what was seen before another process asked again tells nothing.
type memo struct {
	intents    int64     // of the publication when the rest was learnt
	errors     int       // in a row, for the back-off
	throttled  int       // refusals of the application's rate in a row
	unreadable int       // reads of its container that were refused in a row
	unseen     int       // reads of the profile before publishing that were refused in a row
	notReady   int       // publishes in a row that came too early, by Instagram's word
	reads      int       // status reads since the last change of state, for their spacing
	sight      string    // what the looks since quiet had in common; see look
	quiet      time.Time // first of them, with the monotonic clock
	unsure     bool      // it was noted that the public address cannot be checked from here
}

// New returns a publisher that does nothing until Run.
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

// wake lets the loop ask again what is due. It never blocks.
func (p *Publisher) wake() {
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

// Run works until ctx ends; the step in hand is recorded before it returns. A database that is locked or full for
// a while is waited for; an error means that not even the start was possible.
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

// Drain works until nothing more is due before the given time, or that time has come.
func (p *Publisher) Drain(ctx context.Context, until time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	return p.run(ctx, false, func(next time.Time, working int) bool {
		return working == 0 && (next.IsZero() || next.After(until))
	})
}

// run claims and carries out steps until done returns true. While nothing is due it runs preflights.
func (p *Publisher) run(ctx context.Context, looks bool, done func(next time.Time, working int) bool) error {
	if !p.shared {
		if err := p.store.VoidLeases(ctx); err != nil {
			if ctx.Err() != nil {
				return nil // stopped before it began
			}
			return err
		}
	}
	// Steps outlive ctx for a moment, so that they can record what they did.
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
		// Counted before the question: a step that ends in between may have left work that the answer does not know.
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
			p.log.Error("the database cannot be used; trying again", slog.Any("error", err))
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
		if looks {
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

// start begins one step if there is something to be had and a worker free.
func (p *Publisher) start(ctx, steps context.Context, wg *sync.WaitGroup) (bool, error) {
	p.mu.Lock()
	busy := slices.Collect(maps.Keys(p.busy))
	p.mu.Unlock()
	working := len(busy)
	if slices.Contains(busy, preflighting) { // holds up nothing
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
		followingUp): // one at a time, after the publications: an answer that hangs holds up nothing else
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

// followingUp stands for the follow-up in hand among the busy accounts.
const followingUp int64 = -1

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// spawn runs f with its key (an account, or followingUp) marked busy.
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

// job is one publication that a worker has claimed, with what its step needs.
type job struct {
	p       *Publisher // whose worker has it
	pub     store.Publication
	post    store.Post
	account store.Account
	route   store.Route
	outside *address.Public // where this account's Instagram fetches our files
	memo    *memo
	log     *slog.Logger
	rule    string // that the media break, if that is why it fails
	missing string // the picture or video that this step asked for, "" for none
	asked   place  // which picture of a carousel the call was about
}

// step does the next thing for one claimed publication and records how it ended.
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
		defer w.caught(ctx)
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
		log.Info("step overtaken", slog.String("by", "a person or a change of the site"))
	default:
		// Nothing could be recorded; the lease runs out and the step is taken again.
		log.Error("step not recorded", slog.String("state", string(pub.State)), slog.Any("error", err))
	}
}

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

// caught records a step that panicked, so that the publication says so and does not come again at once.
func (w *job) caught(ctx context.Context) {
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

// advance records what the step learnt. It does so even when the program is being stopped.
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
		w.memo.reads, w.memo.unreadable, w.memo.sight, w.memo.intents = 0, 0, "", pub.Intents
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

func in(d time.Duration) time.Time { return time.Now().Add(d) }

// CheckAgain looks once more for an unconfirmed publication. It only reads. The publication is returned as it then
// stands: published, or unchanged.
func (p *Publisher) CheckAgain(ctx context.Context, id int64, by store.Actor) (store.Publication, error) {
	pub, err := p.store.Publication(ctx, id)
	if err != nil {
		return pub, err
	}
	if pub.State != store.Unconfirmed {
		return pub, fmt.Errorf("publication %d is %s; only an unconfirmed one is looked for: %w", id, pub.State,
			store.ErrIllegal)
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
		return pub, fmt.Errorf("looking for publication %d: %w", id, err)
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
