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
	// lookingAhead stands for the look ahead in hand among the busy accounts.
	lookingAhead int64 = -2
	// lookPause is how long nobody asks whether there is something to look at after there was nothing.
	lookPause = 15 * time.Second
	// lookLease is when a look that the program did not survive is tried again.
	lookLease = time.Hour
	// maxLooks without all files; then the publication's turn will tell.
	maxLooks = 6
)

// ahead is a look at a publication's media before its turn.
type ahead struct {
	id     int64
	cancel context.CancelFunc
	done   chan struct{}
}

// lookAhead begins to look at the media of one publication that waits, so that what is wrong is known, and the bytes
// can be seen, before anything goes out. It gives way: one at a time, none while due work prepares media, and none that
// would take the second half of the media folder from what is due.
func (p *Publisher) lookAhead(ctx context.Context, wg *sync.WaitGroup) {
	p.mu.Lock()
	wait := p.ahead != nil || p.preparing > 0 || time.Now().Before(p.aheadAt)
	p.mu.Unlock()
	if wait {
		return
	}
	if p.media == nil || !p.media.Roomy() {
		p.lookAheadFrom(time.Now().Add(lookPause))
		return
	}
	id, err := p.store.Unlooked(ctx, p.public.Folder(), p.public.For(store.Sandbox).Folder())
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) && ctx.Err() == nil {
			p.log.Error("not looking ahead", slog.Any("error", err))
		}
		p.lookAheadFrom(time.Now().Add(lookPause))
		return
	}
	looks, cancel := context.WithTimeout(ctx, p.lookTime)
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
	p.spawn(wg, lookingAhead, func() {
		defer func() {
			cancel()
			p.mu.Lock()
			p.ahead = nil
			p.mu.Unlock()
			close(a.done)
		}()
		if err := p.lookAt(looks, id); err != nil && looks.Err() == nil {
			p.lookAheadFrom(time.Now().Add(lookPause))
			p.log.Error("look ahead not recorded", slog.Int64("publication", id), slog.Any("error", err))
		}
	})
}

// lookAheadFrom says from when on it is worth asking for something to look at.
func (p *Publisher) lookAheadFrom(at time.Time) {
	p.mu.Lock()
	p.aheadAt = at
	p.mu.Unlock()
}

// mediaTurn lets due work prepare media undisturbed until release: a look ahead at the same publication comes to its
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

// lookAt looks at one publication ahead of its turn. It costs no try; only what nothing can mend ends a queued one.
func (p *Publisher) lookAt(ctx context.Context, id int64) error {
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
	look, err := p.store.BeginPreflight(ctx, id, w.outside.Folder(), in(lookLease))
	if errors.Is(err, store.ErrConflict) {
		return nil // another process is looking
	}
	if err != nil {
		return err
	}
	layers := draft.Layers(w.account, w.route, w.post)
	plan, err := draft.PlanPart(w.post, pub.Part, pub.Parts, pub.Edits, layers...)
	if err != nil || draft.Filtered(w.post, draft.Resolve(layers...)) != (reason.Reason{}) || look.Tries > maxLooks {
		look.AgainAt = time.Time{}
		return p.saveLook(ctx, look)
	}
	made, err := w.prepare(ctx, look, plan)
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
func (w *work) prepared(ctx context.Context, d *draft.Draft) (at int, fault, err error) {
	defer w.p.mediaTurn(ctx, w.pub.ID)()
	look, err := w.p.store.TakePreflight(ctx, w.pub.ID, w.outside.Folder(), in(lookLease))
	if err != nil {
		return 0, nil, err
	}
	// Without an address of ours Instagram fetches the source, which may be another by now. After a round that failed
	// the author may have mended the file.
	seen, err := d.LeaveOut(look.Checks, nil)
	if err == nil && look.Ready && !w.outside.None() && w.pub.Round == 1 && seen.AddFiles(look.Items) &&
		w.p.hasFiles(seen.Items) {
		*d = seen
		look.Tries, look.AgainAt = 0, time.Time{}
		return 0, nil, w.p.saveLook(ctx, look)
	}
	made, err := w.prepare(ctx, look, *d)
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
func (w *work) prepare(ctx context.Context, look store.Preflight, d draft.Draft) (draft.Prepared, error) {
	defer w.p.forget(w.pub.ID)
	from, err := w.p.store.FeedAddress(ctx, w.post.FeedID)
	if err != nil && ctx.Err() == nil { // what is public can be fetched all the same
		w.log.Error("address of the feed not opened", slog.Any("error", err))
	}
	ctx = egress.WithAddress(ctx, from) // the site may show its media to whoever may read the feed
	made := draft.Prepare(ctx, w.p.media, d.Beside(look.Others), w.outside.Folder(), w.telling)
	if _, fault := made.Fault(); leavesNothing(fault) && (w.pub.Expedited || w.pub.Approved) {
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
	look.Items, look.Checks, look.Ready, look.AgainAt = made.Items, made.Checks, fault == nil && ctx.Err() == nil,
		time.Time{}
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // broken off: nothing was learnt
		look.Checks, look.AgainAt, look.Tries = nil, time.Now(), max(look.Tries-1, 0)
	case ctx.Err() != nil: // it takes longer than a step may, and may do so again
		look.AgainAt = in(min(time.Minute<<look.Tries, lookLease))
	case fault == nil:
		look.Tries = 0
	case leavesNothing(fault): // until the post, or its other parts, show other pictures
	case awaitsOperator(fault), !hopeless(fault) && !errors.Is(fault, draft.ErrNoPublicURL):
		look.AgainAt = in(min(time.Minute<<look.Tries, lookLease))
	}
	return made, w.p.saveLook(ctx, look)
}

// saveLook records a look even when the program is being stopped.
func (p *Publisher) saveLook(ctx context.Context, look store.Preflight) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return p.store.SavePreflight(ctx, look)
}

// hopeless says whether only a person can mend it. A site is often read between its feed and its pictures being
// deployed.
func hopeless(err error) bool {
	var e *media.Error
	return errors.As(err, &e) && !e.Temporary && e.Rule != "media.url.not-found" && e.Rule != "media.url.forbidden"
}

// leavesNothing reports whether all pictures of a publication are left out: other parts of the post show them, or they
// are tiny.
func leavesNothing(err error) bool {
	return err != nil && draft.Unfit(err).Is(reason.PartShown, reason.AllTiny)
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
