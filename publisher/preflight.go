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
	// preflighting is the key of the running preflight in the set of busy accounts.
	preflighting int64 = -2
	// preflightPause is the delay before the store is queried again after it had no publication to prepare.
	preflightPause = 15 * time.Second
	// preflightLease is the delay after which a preflight that the end of the program interrupted is retried.
	preflightLease = time.Hour
	// maxPreflights is how many preflights may end without all files. After that the publication waits for its turn.
	maxPreflights = 6
)

// runningPreflight is a preflight in progress.
type runningPreflight struct {
	id     int64
	cancel context.CancelFunc
	done   chan struct{}
}

// preflightNext starts the preflight of one waiting publication. A preflight prepares the media before the
// publication is due, so that the owner sees problems and the exact files before anything goes out. Due work has
// priority: only one preflight runs at a time, none starts while a step prepares media, and none starts when the
// media folder is half full.
func (p *Publisher) preflightNext(ctx context.Context, wg *sync.WaitGroup) {
	p.mu.Lock()
	wait := p.preflight != nil || p.preparing > 0 || time.Now().Before(p.preflightAt)
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
			p.log.Error("next preflight not read", slog.Any("error", err))
		}
		p.preflightFrom(time.Now().Add(preflightPause))
		return
	}
	preflightCtx, cancel := context.WithTimeout(ctx, p.preflightTime)
	a := &runningPreflight{id: id, cancel: cancel, done: make(chan struct{})}
	p.mu.Lock()
	wait = p.preparing > 0 // a step may have begun preparing media during the query
	if !wait {
		p.preflight = a
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
			p.preflight = nil
			p.mu.Unlock()
			close(a.done)
		}()
		if err := p.preflightOne(preflightCtx, id); err != nil && preflightCtx.Err() == nil {
			p.preflightFrom(time.Now().Add(preflightPause))
			p.log.Error("preflight not recorded", slog.Int64("publication", id), slog.Any("error", err))
		}
	})
}

// preflightFrom sets the time from which the store is queried for the next preflight.
func (p *Publisher) preflightFrom(at time.Time) {
	p.mu.Lock()
	p.preflightAt = at
	p.mu.Unlock()
}

// mediaTurn gives a step priority for preparing media until release is called. It waits for a running preflight of
// the same publication, and cancels one of another publication.
func (p *Publisher) mediaTurn(ctx context.Context, id int64) (release func()) {
	p.mu.Lock()
	p.preparing++
	a := p.preflight
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

// preflightOne prepares the media of one publication before it is due. This does not count as a try. A queued
// publication fails only if its media can never become usable.
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
		return nil // another process runs this preflight
	}
	if err != nil {
		return err
	}
	layers := draft.Layers(w.account, w.route, w.post)
	plan, err := draft.PlanPart(w.post, pub.Part, pub.Parts, pub.Edits, layers...)
	if err != nil || draft.Filtered(w.post, draft.Resolve(layers...)) != (reason.Reason{}) ||
		preflight.Tries > maxPreflights {
		preflight.AgainAt = time.Time{}
		return p.savePreflight(ctx, preflight)
	}
	made, err := w.prepare(ctx, preflight, plan)
	if err != nil {
		return err
	}
	at, err := made.Fault()
	switch {
	case ctx.Err() != nil || pub.State != store.Queued || err != nil && (!isPermanent(err) || awaitsOperator(err)):
		return nil
	case err == nil:
		_, err = w.holdDuplicate(ctx, made.Kind, made.Items)
		if errors.Is(err, store.ErrConflict) {
			return nil // a step or a person changed the publication meanwhile
		}
		return err
	}
	w.missing = made.Draft.Items[at].SourceURL
	err = w.fail(ctx, reasonOf(made.Draft.Items[at], len(made.Items), err), err)
	if errors.Is(err, store.ErrConflict) {
		return nil // a step or a person changed the publication meanwhile
	}
	return err
}

// prepared adds the files to a draft. It uses the files of a valid preflight, so that the previewed bytes are
// published; otherwise it prepares them now. If an item cannot be prepared, it returns the item's index and its
// fault.
func (w *job) prepared(ctx context.Context, d *draft.Draft) (at int, fault, err error) {
	defer w.p.mediaTurn(ctx, w.pub.ID)()
	preflight, err := w.p.store.TakePreflight(ctx, w.pub.ID, w.outside.Folder(), in(preflightLease))
	if err != nil {
		return 0, nil, err
	}
	// Without a public URL Instagram fetches the source, which may have changed since the preflight. In later rounds
	// the author may have replaced the file that Instagram refused.
	seen, err := d.LeaveOut(preflight.Checks, nil)
	if err == nil && preflight.Ready && !w.outside.None() && w.pub.Round == 1 && seen.AddFiles(preflight.Items) &&
		w.p.hasFiles(seen.Items) {
		*d = seen
		preflight.Tries, preflight.AgainAt = 0, time.Time{}
		return 0, nil, w.p.savePreflight(ctx, preflight)
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

// hasFiles reports whether the library contains the files of all items, and renews them, because a prune may regard
// the files of a publication that was skipped until now as unused.
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

// prepare makes the files of a draft and saves the result as the publication's preflight.
func (w *job) prepare(ctx context.Context, preflight store.Preflight, d draft.Draft) (draft.Prepared, error) {
	defer w.p.forget(w.pub.ID)
	from, err := w.p.store.FeedAddress(ctx, w.post.FeedID)
	if err != nil && ctx.Err() == nil { // public media can be fetched without it
		w.log.Error("feed URL not decrypted", slog.Any("error", err))
	}
	ctx = egress.WithAddress(ctx, from) // a site may allow its media to readers of a private feed only
	made := draft.Prepare(ctx, w.p.media, d.Beside(preflight.Others), w.outside.Folder(), w.withProgress)
	if _, fault := made.Fault(); draft.LeavesNothing(fault) && (w.pub.Expedited || w.pub.Approved) {
		made = draft.Prepare(ctx, w.p.media, d.Whole(), w.outside.Folder(), w.withProgress)
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
	preflight.Items, preflight.Checks = made.Items, made.Checks
	preflight.Ready, preflight.AgainAt = fault == nil && ctx.Err() == nil, time.Time{}
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // cancelled, so there is no result
		preflight.Checks, preflight.AgainAt, preflight.Tries = nil, time.Now(), max(preflight.Tries-1, 0)
	case ctx.Err() != nil: // it exceeded the limit and may exceed it again
		preflight.AgainAt = in(min(time.Minute<<preflight.Tries, preflightLease))
	case fault == nil:
		preflight.Tries = 0
	case draft.LeavesNothing(fault): // no retry until the pictures of the post or its other parts change
	case awaitsOperator(fault), !isPermanent(fault) && !errors.Is(fault, draft.ErrNoPublicURL):
		preflight.AgainAt = in(min(time.Minute<<preflight.Tries, preflightLease))
	}
	return made, w.p.savePreflight(ctx, preflight)
}

// savePreflight saves a preflight, even when the program is being stopped.
func (p *Publisher) savePreflight(ctx context.Context, preflight store.Preflight) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return p.store.SavePreflight(ctx, preflight)
}

// isPermanent reports whether only a person can fix a media error. A 404 or 403 response is not permanent: the feed is
// often read before the site has deployed its pictures.
func isPermanent(err error) bool {
	var e *media.Error
	return errors.As(err, &e) && !e.Temporary && e.Rule != "media.url.not-found" && e.Rule != "media.url.forbidden"
}

// awaitsOperator reports whether this machine or its configuration prevents the use of a file: network.allow excludes
// its host, or ffmpeg is missing. Both are read at the start of the program and may differ after a restart.
func awaitsOperator(err error) bool {
	var e *media.Error
	return errors.As(err, &e) && (e.Machine || isBlocked(e))
}

// isBlocked reports whether network.allow keeps a file from being fetched.
func isBlocked(e *media.Error) bool { return e.Rule == "media.url.blocked" }

// itemPrefix returns a prefix such as "image 2 of 3: " for a note about one of several items; "" if there is only one.
func itemPrefix(item store.Item, position, of int) string {
	if of < 2 {
		return ""
	}
	return fmt.Sprintf("%s %d of %d: ", item.Type, position, of)
}

// itemRef identifies the item of a carousel that a reason is about.
type itemRef struct {
	item         store.Item
	position, of int
}

func (p itemRef) about(why reason.Reason) reason.Reason {
	return why.About(string(p.item.Type), p.position, p.of)
}

// reasonOf returns what is wrong with one of several items, with the id of the media rule.
func reasonOf(item store.Item, of int, err error) reason.Reason {
	why := reason.New(reason.Media, err.Error())
	if e, ok := errors.AsType[*media.Error](err); ok {
		why = e.Why.ByRule(e.Rule)
	}
	return itemRef{item, item.Position, of}.about(why)
}
