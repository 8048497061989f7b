package publisher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"postern/draft"
	"postern/egress"
	"postern/media"
	"postern/reason"
	"postern/store"
)

const (
	// preflighting stands for the running preflight in the set of busy accounts.
	preflighting int64 = -2
	// preflightPause is how long the store is not asked again after it had no publication to prepare.
	preflightPause = 15 * time.Second
	// preflightLease is after what time a preflight that the program did not survive is tried again.
	preflightLease = time.Hour
	// maxPreflights is how many preflights may end without all files. After that the publication waits for its turn.
	maxPreflights = 6
)

// ahead is a look at a publication's media before its turn.
type ahead struct {
	id     int64
	cancel context.CancelFunc
	done   chan struct{}
}

// preflightNext begins the preflight of one waiting publication: its media are prepared before their turn, so that what is wrong is known, and the bytes
// can be seen, before anything goes out. It gives way: one at a time, none while due work prepares media, and none that
// would take the second half of the media folder from what is due.
func (p *Publisher) preflightNext(ctx context.Context, wg *sync.WaitGroup) {
	p.mu.Lock()
	wait := p.ahead != nil || p.preparing > 0 || time.Now().Before(p.aheadAt)
	p.mu.Unlock()
	if wait {
		return
	}
	if p.media == nil || !p.media.Roomy() {
		p.preflightFrom(time.Now().Add(preflightPause))
		return
	}
	id, err := p.store.WithoutPreflight(ctx, p.public.Folder(), p.public.For(store.Sandbox).Folder())
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) && ctx.Err() == nil {
			p.log.Error("cannot ask for the next preflight", slog.Any("error", err))
		}
		p.preflightFrom(time.Now().Add(preflightPause))
		return
	}
	preflightCtx, cancel := context.WithTimeout(ctx, p.preflightTime)
	a := &ahead{id: id, cancel: cancel, done: make(chan struct{})}
	p.mu.Lock()
	wait = p.preparing > 0 // a step may have begun to while the database was asked
	if !wait {
		p.ahead = a
	}
	p.mu.Unlock()
	if wait {
		cancel()
		return
	}
	p.spawn(wg, preflighting, func() {
		defer func() {
			cancel()
			p.mu.Lock()
			p.ahead = nil
			p.mu.Unlock()
			close(a.done)
		}()
		if err := p.preflightOne(preflightCtx, id); err != nil && preflightCtx.Err() == nil {
			p.preflightFrom(time.Now().Add(preflightPause))
			p.log.Error("preflight not recorded", slog.Int64("publication", id), slog.Any("error", err))
		}
	})
}

// preflightFrom sets the time from which the next preflight is worth asking the store for.
func (p *Publisher) preflightFrom(at time.Time) {
	p.mu.Lock()
	p.aheadAt = at
	p.mu.Unlock()
}

// mediaTurn lets due work prepare media undisturbed until release: a preflight of the same publication comes to its
// end first, one at another is broken off.
func (p *Publisher) mediaTurn(ctx context.Context, id int64) (release func()) {
	p.mu.Lock()
	p.preparing++
	a := p.ahead
	p.mu.Unlock()
	switch {
	case a == nil:
	case a.id == id:
		select {
		case <-a.done:
		case <-ctx.Done():
		}
	default:
		a.cancel()
	}
	return func() {
		p.mu.Lock()
		p.preparing--
		p.mu.Unlock()
	}
}

// preflightOne prepares one publication before its turn. It costs no try, and a queued publication fails only if
// nothing can ever make its media usable.
func (p *Publisher) preflightOne(ctx context.Context, id int64) error {
	pub, err := p.store.Publication(ctx, id)
	if err != nil {
		return err
	}
	if pub.State != store.Queued && pub.State != store.Held {
		return nil
	}
	w, err := p.load(ctx, pub)
	if err != nil {
		return err
	}
	w.log = p.log.With(slog.Int64("publication", id))
	preflight, err := p.store.BeginPreflight(ctx, id, w.outside.Folder(), in(preflightLease))
	if errors.Is(err, store.ErrConflict) {
		return nil // another process is looking
	}
	if err != nil {
		return err
	}
	layers := draft.Layers(w.account, w.route, w.post)
	plan, err := draft.PlanPart(w.post, pub.Part, pub.Parts, pub.Edits, layers...)
	if err != nil || draft.Filtered(w.post, draft.Resolve(layers...)) != (reason.Reason{}) || preflight.Tries > maxPreflights {
		preflight.AgainAt = time.Time{}
		return p.saveLook(ctx, preflight)
	}
	made, err := w.prepare(ctx, preflight, plan)
	if err != nil {
		return err
	}
	at, err := made.Fault()
	switch {
	case ctx.Err() != nil || pub.State != store.Queued || err != nil && (!hopeless(err) || awaitsOperator(err)):
		return nil
	case err == nil:
		_, err = w.holdTwin(ctx, made.Kind, made.Items)
		if errors.Is(err, store.ErrConflict) {
			return nil // its turn has come, or a person was here
		}
		return err
	}
	w.missing = made.Draft.Items[at].SourceURL
	err = w.fail(ctx, reasonOf(made.Draft.Items[at], len(made.Items), err), err)
	if errors.Is(err, store.ErrConflict) {
		return nil // its turn has come, or a person was here
	}
	return err
}

// prepared gives a draft the files that will be sent: those of an earlier look, if it still holds, so that what was
// seen is what goes out; else they are made now. A fault is that of the item of the returned index.
func (w *job) prepared(ctx context.Context, d *draft.Draft) (at int, fault, err error) {
	defer w.p.mediaTurn(ctx, w.pub.ID)()
	preflight, err := w.p.store.TakePreflight(ctx, w.pub.ID, w.outside.Folder(), in(preflightLease))
	if err != nil {
		return 0, nil, err
	}
	// Without an address of ours Instagram fetches the source, which may be another by now. After a round that failed
	// the author may have mended the file.
	seen, err := d.LeaveOut(preflight.Checks, nil)
	if err == nil && preflight.Ready && !w.outside.None() && w.pub.Round == 1 && seen.AddFiles(preflight.Items) &&
		w.p.hasFiles(seen.Items) {
		*d = seen
		preflight.Tries, preflight.AgainAt = 0, time.Time{}
		return 0, nil, w.p.saveLook(ctx, preflight)
	}
	made, err := w.prepare(ctx, preflight, *d)
	if err != nil {
		return 0, nil, err
	}
	*d = made.Draft
	d.Kind, d.Items = made.Kind, made.Items
	at, fault = made.Fault()
	return at, fault, nil
}

// hasFiles reports whether the files of all items are in the library, and keeps them there: of a publication that was
// skipped until a moment ago pruning may think that nobody needs them.
func (p *Publisher) hasFiles(items []store.Item) bool {
	for _, item := range items {
		for _, name := range []string{item.Asset, item.CoverAsset} {
			if name != "" && !p.media.Renew(name) {
				return false
			}
		}
	}
	return true
}

// prepare makes the files of a draft, and records what that showed.
func (w *job) prepare(ctx context.Context, preflight store.Preflight, d draft.Draft) (draft.Prepared, error) {
	defer w.p.forget(w.pub.ID)
	from, err := w.p.store.FeedAddress(ctx, w.post.FeedID)
	if err != nil && ctx.Err() == nil { // what is public can be fetched all the same
		w.log.Error("address of the feed not opened", slog.Any("error", err))
	}
	ctx = egress.WithAddress(ctx, from) // the site may show its media to whoever may read the feed
	made := draft.Prepare(ctx, w.p.media, d.Beside(preflight.Others), w.outside.Folder(), w.telling)
	if _, fault := made.Fault(); draft.LeavesNothing(fault) && (w.pub.Expedited || w.pub.Approved) {
		made = draft.Prepare(ctx, w.p.media, d.Whole(), w.outside.Folder(), w.telling)
	}
	for _, f := range append(append([]media.File{}, made.Files...), made.Covers...) {
		if f.SHA256 == "" {
			continue
		}
		err := w.p.store.SaveAsset(ctx, store.Asset{
			Name: f.Name(), Bytes: f.Bytes, Width: f.Width, Height: f.Height, SourceURL: f.SourceURL, Rules: f.Rules,
			Repairs:     f.Words(),
			Fingerprint: w.fingerprint(ctx, f.Name()), Source: f.Source,
		})
		if err == nil {
			err = w.p.store.FileFetched(ctx, f.SourceURL)
		}
		if err != nil && ctx.Err() == nil {
			return made, err
		}
	}
	for _, c := range made.Checks {
		if c.ID == "media.cover" || c.ID == "media.image.animation" && c.Severity == store.Noted {
			w.note(ctx, c.Text)
		}
	}
	_, fault := made.Fault()
	if fault == nil && ctx.Err() == nil {
		if err := w.noteRepeated(ctx, &made); err != nil && ctx.Err() == nil {
			return made, err
		}
	}
	preflight.Items, preflight.Checks, preflight.Ready, preflight.AgainAt = made.Items, made.Checks, fault == nil && ctx.Err() == nil,
		time.Time{}
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // broken off: nothing was learnt
		preflight.Checks, preflight.AgainAt, preflight.Tries = nil, time.Now(), max(preflight.Tries-1, 0)
	case ctx.Err() != nil: // it takes longer than a step may, and may do so again
		preflight.AgainAt = in(min(time.Minute<<preflight.Tries, preflightLease))
	case fault == nil:
		preflight.Tries = 0
	case draft.LeavesNothing(fault): // until the post, or its other parts, show other pictures
	case awaitsOperator(fault), !hopeless(fault) && !errors.Is(fault, draft.ErrNoPublicURL):
		preflight.AgainAt = in(min(time.Minute<<preflight.Tries, preflightLease))
	}
	return made, w.p.saveLook(ctx, preflight)
}

// saveLook records a look even when the program is being stopped.
func (p *Publisher) saveLook(ctx context.Context, preflight store.Preflight) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return p.store.SavePreflight(ctx, preflight)
}

// hopeless says whether only a person can mend it. A site is often read between its feed and its pictures being
// deployed.
func hopeless(err error) bool {
	var e *media.Error
	return errors.As(err, &e) && !e.Temporary && e.Rule != "media.url.not-found" && e.Rule != "media.url.forbidden"
}

// awaitsOperator reports whether this machine or its configuration keeps a file from being used: network.allow, or a
// missing ffmpeg. Both are read at the start, so that what waits may find others before its turn.
func awaitsOperator(err error) bool {
	var e *media.Error
	return errors.As(err, &e) && (e.Machine || isBlocked(e))
}

// isBlocked reports whether network.allow keeps a file from being fetched.
func isBlocked(e *media.Error) bool { return e.Rule == "media.url.blocked" }

// which names one of several items, to stand before a note about it; "" where there is only one.
func which(item store.Item, position, of int) string {
	if of < 2 {
		return ""
	}
	return fmt.Sprintf("%s %d of %d: ", item.Type, position, of)
}

// place is which one of several items a reason is about.
type place struct {
	item         store.Item
	position, of int
}

func (p place) about(why reason.Reason) reason.Reason {
	return why.About(string(p.item.Type), p.position, p.of)
}

// reasonOf is what is wrong with one of so many items, with the rule's id.
func reasonOf(item store.Item, of int, err error) reason.Reason {
	why := reason.New(reason.Media, err.Error())
	if e, ok := errors.AsType[*media.Error](err); ok {
		why = e.Why.ByRule(e.Rule)
	}
	return place{item, item.Position, of}.about(why)
}
