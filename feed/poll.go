package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	pollsAtOnce    = 4
	pollLease      = 10 * time.Minute // after that, another process may poll the feeds that are still waiting
	pollsPerHost   = 2                // of pollsAtOnce; a small server may host many blogs
	defaultTimeout = 60 * time.Second
	// recordTimeout limits the write after a poll. The write is made even if the context of the poll has ended.
	recordTimeout = 5 * time.Second
)

// Options are the options of NewPoller.
type Options struct {
	Store    *store.Store
	Client   *http.Client
	Schedule string        // for feeds without a schedule of their own: cron expression or @every
	Logger   *slog.Logger  // nil for slog.Default()
	MaxBytes int64         // maximum size of a feed; 0 for DefaultMaxBytes
	Timeout  time.Duration // limit for fetching one feed; 0 for 60 s
	// OnPoll is called after each poll with its outcome, "read", "unchanged" or "failed", and its duration, for
	// metrics. It may be nil.
	OnPoll func(outcome string, took time.Duration)
	// PagePictures uses the picture that the page of an entry declares if the entry has none.
	PagePictures bool
}

// Poller fetches feeds and saves new posts.
type Poller struct {
	o Options

	mu        sync.Mutex
	publicURL string // see Subscribe

	alone sync.RWMutex // read-locked while parsing; locked while parsing the body of a suspect

	busy map[int64]bool // feeds that are being polled; a tick and a button may coincide
}

// NewPoller returns a Poller, or an error if the schedule is not valid.
func NewPoller(o Options) (*Poller, error) {
	if err := ParseSchedule(o.Schedule); err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.OnPoll == nil {
		o.OnPoll = func(string, time.Duration) {}
	}
	return &Poller{o: o, busy: map[int64]bool{}}, nil
}

// Recover makes feeds due now whose next poll is further ahead than their schedule and any request of a site allow.
// A clock that was ahead has set such times.
func (p *Poller) Recover(ctx context.Context) error {
	feeds, err := p.o.Store.Feeds(ctx)
	if err != nil {
		return fmt.Errorf("looking for feeds that a wrong clock put off: %w", err)
	}
	var late []int64
	now := time.Now()
	for _, f := range feeds {
		if far := f.NextPollAt.Sub(now); far > longest+time.Minute &&
			f.NextPollAt.After(NextPoll(now, p.schedule(f), Hints{}).Add(longest)) && !f.Paused {
			late = append(late, f.ID)
		}
	}
	if len(late) == 0 {
		return nil
	}
	return p.o.Store.MakeFeedsDue(ctx, late...)
}

// PollDue polls all feeds that are due, a few at a time, and returns when all are done. A problem with a feed is
// recorded in its row and does not affect others. PollDue returns only errors of the database or of ctx. Feeds that
// may have crashed the program are polled last, one at a time.
func (p *Poller) PollDue(ctx context.Context) error {
	feeds, err := p.o.Store.ClaimFeeds(ctx, pollLease)
	if err != nil {
		return fmt.Errorf("looking for feeds to poll: %w", err)
	}
	var suspects, others []store.Feed
	for _, f := range feeds {
		if f.Suspect() {
			suspects = append(suspects, f)
		} else {
			others = append(others, f)
		}
	}
	err = errors.Join(p.pollAll(ctx, others, pollsAtOnce), p.pollAll(ctx, suspects, 1))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// pollAll polls the feeds, at most atOnce at a time.
func (p *Poller) pollAll(ctx context.Context, feeds []store.Feed, atOnce int) error {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
		q    = newHostQueue(feeds)
	)
	for range min(atOnce, len(feeds)) {
		wg.Go(func() {
			for f, ok := q.next(); ok; f, ok = q.next() {
				if ctx.Err() == nil && p.take(f.ID) {
					err := p.pollSafely(ctx, f)
					p.release(f.ID)
					if err != nil && ctx.Err() == nil {
						mu.Lock()
						errs = append(errs, fmt.Errorf("polling feed %d: %w", f.ID, err))
						mu.Unlock()
					}
				}
				q.done(f)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// hostQueue hands out feeds so that at most pollsPerHost feeds of one host are polled at a time. Feeds of other
// hosts go first.
type hostQueue struct {
	mu    sync.Mutex
	freed sync.Cond
	hosts []*hostFeeds // hosts with feeds that are waiting
	of    map[string]*hostFeeds
}

type hostFeeds struct {
	waiting []store.Feed
	busy    int
}

func newHostQueue(feeds []store.Feed) *hostQueue {
	q := &hostQueue{of: map[string]*hostFeeds{}}
	q.freed.L = &q.mu
	for _, f := range feeds {
		host := hostOf(f.URL)
		if q.of[host] == nil {
			q.of[host] = &hostFeeds{}
			q.hosts = append(q.hosts, q.of[host])
		}
		q.of[host].waiting = append(q.of[host].waiting, f)
	}
	return q
}

// next blocks until a feed can be polled and returns it. It returns false if no feeds are left.
func (q *hostQueue) next() (store.Feed, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.hosts) > 0 {
		for i, h := range q.hosts {
			if h.busy < pollsPerHost {
				f := h.waiting[0]
				h.busy++
				if h.waiting = h.waiting[1:]; len(h.waiting) == 0 {
					q.hosts = slices.Delete(q.hosts, i, i+1)
				}
				return f, true
			}
		}
		q.freed.Wait()
	}
	return store.Feed{}, false
}

func (q *hostQueue) done(f store.Feed) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.of[hostOf(f.URL)].busy--
	q.freed.Broadcast()
}

func hostOf(address string) string {
	u, err := url.Parse(strings.Replace(address, "//"+store.Masked+"@", "//", 1))
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host)
}

func (p *Poller) take(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy[id] {
		return false
	}
	p.busy[id] = true
	return true
}

func (p *Poller) release(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, id)
}

// pollSafely recovers from a panic while a feed is polled, so that it does not end the program.
func (p *Poller) pollSafely(ctx context.Context, f store.Feed) (err error) {
	f.DueAt = f.NextPollAt
	defer func() {
		if r := recover(); r != nil {
			p.o.Logger.Error("poll panicked", slog.Int64("feed_id", f.ID), slog.Any("panic", r),
				slog.String("stack", string(debug.Stack())))
			f.Failures++
			f.Problem, f.LastPolledAt = reason.New(reason.FeedFault), time.Now()
			f.NextPollAt = NextPoll(f.LastPolledAt, p.schedule(f), Hints{Failures: f.Failures})
			err = p.o.Store.SavePoll(context.WithoutCancel(ctx), f)
		}
	}()
	return p.poll(ctx, f)
}

// poll fetches one feed and records the result.
func (p *Poller) poll(ctx context.Context, f store.Feed) error {
	started := time.Now()
	fetched, err := p.fetch(ctx, f)
	var doc Document
	if err == nil && !fetched.NotModified {
		end, begun := p.begin(ctx, f)
		if begun != nil {
			return begun
		}
		defer end()
		doc, err = p.parse(f, &fetched)
	}
	if ctx.Err() != nil {
		return ctx.Err() // stopping the program is not a problem of the feed
	}
	// Record the outcome even if the program is being stopped now.
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	now := time.Now()
	f.LastPolledAt = now
	log := p.o.Logger.With(slog.Int64("feed_id", f.ID), slog.Duration("took", now.Sub(started)))
	switch {
	case err != nil:
		p.o.OnPoll("failed", now.Sub(started))
		if err := p.saveFailure(record, &f, err, log); err != nil || f.Paused {
			return err
		}
		return p.FindMissing(ctx, f)
	case fetched.NotModified:
		p.o.OnPoll("unchanged", now.Sub(started))
		if err := p.saveUnchanged(record, &f, fetched, log); err != nil {
			return err
		}
		return p.FindMissing(ctx, f)
	}
	p.o.OnPoll("read", now.Sub(started))
	if err := p.morePictures(ctx, f, doc.Posts); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	fetched.Body = nil
	var saved store.Saved
	oneAtATime(fetched.Size/3, func() { saved, err = p.save(ctx, f, fetched, doc, now) })
	if err != nil {
		return err
	}
	log.Info("feed read", slog.Int("entries", len(doc.Posts)), slog.Int("new", saved.New),
		slog.Int("changed", saved.Changed),
		slog.Int("queued", saved.Queued), slog.Int("held", saved.Held))
	return p.FindMissing(ctx, f)
}

// saveFailure records that a feed could not be read and schedules the next attempt. It pauses a feed that is
// permanently gone.
func (p *Poller) saveFailure(ctx context.Context, f *store.Feed, problem error, log *slog.Logger) error {
	f.Failures++
	f.Problem = problemOf(problem)
	f.NextPollAt = NextPoll(f.LastPolledAt, p.schedule(*f), failureHints(*f, problem))
	var fe *FetchError
	f.Paused = errors.As(problem, &fe) && fe.Gone()
	log.Warn("feed not read", slog.String("problem", f.Problem.String()), slog.Int("failures", f.Failures),
		slog.Time("next", f.NextPollAt))
	return p.o.Store.SavePoll(ctx, *f)
}

// saveUnchanged records that a feed has not changed.
func (p *Poller) saveUnchanged(ctx context.Context, f *store.Feed, fetched Fetched, log *slog.Logger) error {
	f.Failures, f.Problem = 0, reason.Reason{}
	if err := p.move(ctx, f, fetched.MovedTo); err != nil {
		return err
	}
	f.NextPollAt = NextPoll(f.LastPolledAt, p.schedule(*f),
		Hints{RetryAfter: fetched.RetryAfter, MaxAge: fetched.MaxAge, TTL: f.TTL})
	log.Debug("feed not modified", slog.Time("next", f.NextPollAt))
	p.hub(ctx, *f)
	return p.o.Store.SavePoll(ctx, *f)
}

// morePictures looks for pictures of entries that contain none: first files that the entry itself names, then
// pictures of its page.
func (p *Poller) morePictures(ctx context.Context, f store.Feed, posts []store.Post) error {
	if err := p.untyped(ctx, f, posts); err != nil {
		return err
	}
	return p.pagePictures(ctx, f, posts)
}

func failureHints(f store.Feed, err error) Hints {
	h := Hints{Failures: f.Failures}
	var fe *FetchError
	if errors.As(err, &fe) {
		h.RetryAfter = fe.RetryAfter
	}
	return h
}

// begin records that a body of the feed is about to be parsed, so that the feed becomes a suspect if the program
// crashes. While a suspect is parsed, no other body is. The caller must call end when the poll is finished, even if
// it failed.
func (p *Poller) begin(ctx context.Context, f store.Feed) (end func(), err error) {
	unlock := p.alone.RUnlock
	if f.Suspect() {
		p.alone.Lock()
		unlock = p.alone.Unlock
	} else {
		p.alone.RLock()
	}
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err := p.o.Store.BeginReading(record, f.ID); err != nil {
		unlock()
		return nil, err
	}
	return func() {
		unlock()
		record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
		defer cancel()
		if err := p.o.Store.EndReading(record, f.ID); err != nil {
			p.o.Logger.Error("recording the end of a poll", slog.Int64("feed_id", f.ID), slog.Any("error", err))
		}
	}, nil
}

// read fetches a feed with its validators and parses it.
func (p *Poller) read(ctx context.Context, f store.Feed) (Fetched, Document, error) {
	fetched, err := p.fetch(ctx, f)
	if err != nil || fetched.NotModified {
		return fetched, Document{}, err
	}
	doc, err := p.parse(f, &fetched)
	return fetched, doc, err
}

func (p *Poller) fetch(ctx context.Context, f store.Feed) (Fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	address, err := p.address(ctx, f)
	if err != nil {
		return Fetched{}, err
	}
	fetched, err := Fetch(ctx, p.o.Client, address, f.ETag, f.LastModified, p.o.MaxBytes)
	fetched.asked = address
	return fetched, err
}

func (p *Poller) parse(f store.Feed, fetched *Fetched) (Document, error) {
	base, err := url.Parse(fetched.FinalURL)
	if err != nil {
		return Document{}, &FetchError{Why: reason.New(reason.FeedRedirects)}
	}
	doc, err := fetched.parse(base)
	var not *NotAFeedError
	if f.Format == FormatPage && errors.As(err, &not) && not.HTML {
		// Only read a page if the feed has been one from the beginning: a page that replaces a lost feed contains
		// other entries.
		doc, err = ParsePage(fetched.Body, fetched.ContentType, base)
	}
	doc.conceal(fetched.asked)
	return doc, err
}

// move stores the address to which permanent redirects lead. If another feed has that address, the old address stays
// and the feed gets a problem.
func (p *Poller) move(ctx context.Context, f *store.Feed, to string) error {
	if to == "" {
		return nil
	}
	from, err := p.address(ctx, *f)
	if err != nil || to == from {
		return err
	}
	err = p.o.Store.MoveFeed(ctx, f.ID, to, words.FeedMoved(publicURL(to)))
	if taken, ok := errors.AsType[*store.TakenError](err); ok {
		removed := ""
		if taken.Removed {
			removed = words.FeedWasRemoved
		}
		f.Problem = reason.New(reason.FeedMoved, publicURL(to), taken.FeedID, removed)
		return nil
	}
	if err == nil {
		f.URL = store.MaskAddress(to)
		f.Hidden = f.URL != to
	}
	return err
}

// address returns the whole address of a feed, including secrets that people do not see.
func (p *Poller) address(ctx context.Context, f store.Feed) (string, error) {
	if !f.Hidden {
		return f.URL, nil
	}
	return p.o.Store.FeedAddress(ctx, f.ID)
}

func (p *Poller) save(ctx context.Context, f store.Feed, fetched Fetched, doc Document,
	now time.Time) (store.Saved, error) {
	f.Title = firstOf(doc.Title, f.Title)
	f.ETag, f.LastModified = "", ""
	if doc.Complete {
		f.ETag, f.LastModified = fetched.ETag, fetched.LastModified
	}
	f.Failures, f.Problem = 0, reason.Reason{}
	if !doc.Complete {
		f.Problem = first(doc.Problems)
	}
	if err := p.move(context.WithoutCancel(ctx), &f, fetched.MovedTo); err != nil {
		return store.Saved{}, err
	}
	f.LastPolledAt, f.Format, f.TTL, f.Ahead = now, doc.Format, doc.TTL, fetched.Ahead
	f.NextPollAt = NextPoll(now, p.schedule(f),
		Hints{RetryAfter: fetched.RetryAfter, MaxAge: fetched.MaxAge, TTL: doc.TTL})
	saved, err := p.o.Store.SavePosts(ctx, f, doc.Posts, doc.Complete)
	if err != nil {
		return saved, err
	}
	if h := hubOf(f, fetched, doc); p.publicURL != "" && (h != f.Hub || h.URL != "") {
		if h != f.Hub {
			if err := p.o.Store.SaveHub(context.WithoutCancel(ctx), f.ID, h); err != nil &&
				!errors.Is(err, store.ErrNotFound) {
				return saved, err
			}
		}
		f.Hub = h
		p.hub(ctx, f)
	}
	return saved, nil
}

func (p *Poller) schedule(f store.Feed) string { return firstOf(f.Schedule, p.o.Schedule) }

// Inspect reads a feed, or the feed of a site, without storing anything.
func (p *Poller) Inspect(ctx context.Context, address string) (Document, error) {
	address, err := webAddress(address)
	if err != nil {
		return Document{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	fetched, doc, err := find(ctx, p.o.Client, address, p.o.MaxBytes, nil)
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", publicURL(address), err)
	}
	doc.Ahead = fetched.Ahead
	return doc, nil
}

// Add adds a feed, or the feed of a site, and polls it for the first time. It fetches the feed first: if the feed
// cannot be read, nothing is added. start is a start rule; see [store.ParseStart]. Add returns store.ErrConflict if
// the feed exists already.
func (p *Poller) Add(ctx context.Context, address, label, start string) (store.Feed, store.Saved, error) {
	f, saved, _, err := p.AddFirst(ctx, address, label, start)
	return f, saved, err
}

// AddFirst is like Add for an address for which nobody has chosen a feed yet. If it is the address of a site,
// AddFirst also returns the other feeds of the site.
func (p *Poller) AddFirst(ctx context.Context,
	address, label, start string) (store.Feed, store.Saved, []Candidate, error) {
	nothing := func(err error) (store.Feed, store.Saved, []Candidate, error) {
		return store.Feed{}, store.Saved{}, nil, err
	}
	if _, err := store.ParseStart(start); err != nil {
		return nothing(err)
	}
	address, err := webAddress(address)
	if err != nil {
		return nothing(err)
	}
	fctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	fetched, doc, err := find(fctx, p.o.Client, address, p.o.MaxBytes, nil)
	if err != nil {
		return nothing(fmt.Errorf("%s: %w", publicURL(address), err))
	}
	fetched.Body = nil
	f, err := p.o.Store.AddFeed(ctx, store.Feed{URL: doc.URL, Label: label, StartRule: firstOf(start, "now")})
	if err != nil {
		return nothing(err)
	}
	// A tick may have started to poll the new row already. Then both save the same posts, and the second finds
	// nothing new.
	if p.take(f.ID) {
		defer p.release(f.ID)
	}
	if err := p.morePictures(ctx, f, doc.Posts); err != nil {
		return f, store.Saved{}, nil, err
	}
	var saved store.Saved
	oneAtATime(fetched.Size/3, func() { saved, err = p.save(ctx, f, fetched, doc, time.Now()) })
	if err != nil {
		return f, saved, nil, err
	}
	f, err = p.o.Store.Feed(ctx, f.ID)
	return f, saved, doc.Others, err
}
