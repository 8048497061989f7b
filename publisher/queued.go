package publisher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"time"

	"golang.org/x/net/idna"

	"postern/accounts"
	"postern/instagram"
	"postern/media"
	"postern/store"
)

const (
	maxTries = 8
	// missingTries for a picture that the site does not have: about a quarter of a minute.
	missingTries = 4
	maxRounds    = 3
	// maxClaims without a recorded outcome: whatever stops the program is likely to do it again.
	maxClaims = 5
	// A gate that only an event opens is asked again after a day at the latest.
	dayGate = 24 * time.Hour
)

// queued asks the gates, prepares the media and makes the first container.
func (w *work) queued(ctx context.Context) error {
	if w.pub.Claims > maxClaims {
		return w.fail(ctx, "Postern stopped five times while working on this", nil)
	}
	if !w.account.RemovedAt.IsZero() {
		return w.advance(ctx, store.Change{To: store.Skipped, Reason: "the account was removed"})
	}
	if why := Filtered(w.post, Resolve(Layers(w.account, w.route, w.post)...)); why != "" && !w.pub.Expedited {
		return w.advance(ctx, store.Change{To: store.Skipped, Reason: why})
	}
	draft, err := PlanPart(w.post, w.pub.Part, w.pub.Parts, w.pub.Edits, Layers(w.account, w.route, w.post)...)
	if err != nil {
		return w.advance(ctx, store.Change{To: store.Held, Reason: err.Error()})
	}
	if shut, err := w.gate(ctx, draft.Settings); shut || err != nil {
		return err
	}
	client, err := w.accounts.Client(ctx, w.account.ID)
	if err != nil {
		return w.accountTrouble(ctx, err)
	}
	if i, err := w.prepareAll(ctx, &draft); err != nil {
		return w.mediaTrouble(ctx, draft.Items[i], len(draft.Items), err)
	}
	return w.create(ctx, client, &store.Frozen{Kind: draft.Kind, Caption: draft.Caption.Text, Items: draft.Items, Extras: extras(draft.Kind, w.post, draft.Settings)})
}

// gate asks everything that may keep a publication waiting, before anything is created. A closed gate moves the due
// time, writes the reason and costs no try.
func (w *work) gate(ctx context.Context, s Resolved) (shut bool, err error) {
	wait := func(until time.Time, reason string) (bool, error) {
		until = earlier(until, in(dayGate))
		return true, w.advance(ctx, store.Change{To: store.Queued, DueAt: until, Reason: reason})
	}
	a := w.account
	now := time.Now()
	switch {
	case a.Paused:
		return wait(in(dayGate), "the account is paused")
	case a.Trouble == store.Reconnect:
		return wait(in(dayGate), "the account needs reconnecting: "+a.Problem)
	case a.Trouble == store.Wait && now.Before(a.WaitUntil):
		return wait(a.WaitUntil, a.Problem)
	case a.Trouble == store.Wait:
		w.accounts.Well(ctx, a.ID)
	}
	if !w.pub.Expedited {
		if s.Approve.V {
			return true, w.advance(ctx, store.Change{To: store.Held, Reason: "waiting for your approval"})
		}
		until, reason, err := w.opens(ctx, s, now)
		if err != nil {
			return true, err
		}
		if until.After(now) {
			return wait(until, reason)
		}
	}
	// Not knowing the quota keeps nothing waiting, because Instagram refuses by itself. The reserve is for what a person
	// publishes, here or by hand.
	room, err := w.accounts.Room(ctx, a.ID, either(w.pub.Expedited, 0, s.QuotaReserve.V))
	if err != nil {
		w.log.Info("quota not read", slog.Any("error", err))
	} else if !room.FreeAt.IsZero() {
		return wait(room.FreeAt, room.Reason())
	}
	return false, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// errNoPublicURL: a picture was repaired, and Instagram could not fetch our copy from anywhere.
var errNoPublicURL = errors.New("Instagram cannot fetch this: set web.base_url")

// prepareAll makes the files that will be sent; an error is about the item of the returned index. Only what has a public
// address is brought to another ratio for looks: a carousel of several ratios, or a story that fills no canvas, goes from
// its own address rather than not at all.
func (w *work) prepareAll(ctx context.Context, d *Draft) (at int, err error) {
	files := make([]media.File, len(d.Items))
	defer w.forget(w.pub.ID)
	for i := range d.Items {
		item := &d.Items[i]
		ctx := w.telling(ctx, i+1, len(d.Items))
		if item.PosterURL != "" {
			w.cover(ctx, item, CoverRules(d.Settings))
		}
		r := RulesFor(d.Kind, item.Type, d.Settings)
		if w.public == "" {
			r.Ratio = 0
		}
		if files[i], err = w.prepare(ctx, item, r); err != nil {
			return i, err
		}
		if files[i], err = w.film(ctx, d, item, files[i]); err != nil {
			return i, err
		}
		w.frame(ctx, d, item)
	}
	if w.public == "" {
		return 0, nil
	}
	again, r := OneRatio(d.Kind, files, d.Settings)
	for _, i := range again {
		if _, err := w.prepare(w.telling(ctx, i+1, len(d.Items)), &d.Items[i], r); err != nil {
			return i, err
		}
	}
	return 0, nil
}

// prepare makes the file that will be sent, or finds that the source can be sent as it is.
func (w *work) prepare(ctx context.Context, item *store.Item, r media.Rules) (f media.File, err error) {
	src, err := url.Parse(item.SourceURL)
	if err != nil {
		return f, &media.Error{Rule: "media.url.invalid", Detail: "its address cannot be read", Err: err}
	}
	if item.Type == store.Video && w.public == "" {
		item.SentURL = ascii(item.SourceURL) // passed on as it is
		return f, nil
	}
	prepare := w.media.Prepare
	if item.Type == store.Video {
		prepare = w.media.PrepareVideo
	}
	if f, err = prepare(ctx, src, r); err != nil {
		return f, err
	}
	if item.SentURL, err = w.sent(f, item.SourceURL); err != nil {
		return f, err
	}
	item.Asset = f.Name()
	return f, w.saveAsset(ctx, f)
}

// sent is where Instagram fetches a prepared file: our copy, else the source if it would take that.
func (w *work) sent(f media.File, source string) (string, error) {
	switch {
	case w.public != "":
		return w.public + "/media/" + f.Name(), nil
	case f.Acceptable:
		return ascii(source), nil
	}
	return "", errNoPublicURL
}

func (w *work) saveAsset(ctx context.Context, f media.File) error {
	return w.store.SaveAsset(ctx, store.Asset{
		Name: f.Name(), Bytes: f.Bytes, Width: f.Width, Height: f.Height, SourceURL: f.SourceURL, Rules: f.Rules, Repairs: f.Repairs,
	})
}

// cover prepares a reel's cover. One that cannot be offered is left out: the reel matters more.
func (w *work) cover(ctx context.Context, item *store.Item, r media.Rules) {
	src, err := url.Parse(item.PosterURL)
	var f media.File
	if err == nil {
		f, err = w.media.Prepare(ctx, src, r)
	}
	if err == nil {
		item.SentCover, err = w.sent(f, item.PosterURL)
	}
	if err == nil {
		item.CoverAsset, err = f.Name(), w.saveAsset(ctx, f)
	}
	if err != nil {
		item.SentCover = ""
		w.note(ctx, "the cover was left out: "+err.Error())
	}
}

// note adds a line to the history; losing one is no reason to stop.
func (w *work) note(ctx context.Context, message string) {
	err := w.store.AddEvent(ctx, store.Event{AccountID: w.pub.AccountID, PublicationID: w.pub.ID, Kind: "note", From: w.pub.State, To: w.pub.State, Message: message})
	if err != nil {
		w.log.Error("note not recorded", slog.Any("error", err))
	}
}

// ascii is an address in US-ASCII, as the API demands.
func ascii(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil && host != u.Hostname() {
		if port := u.Port(); port != "" {
			host += ":" + port
		}
		u.Host = host
	}
	return u.String()
}

func (w *work) mediaTrouble(ctx context.Context, item store.Item, of int, err error) error {
	if ctx.Err() != nil {
		// One that takes longer than a step may would do so again.
		slow := errors.Is(ctx.Err(), context.DeadlineExceeded)
		return w.postpone(ctx, store.Queued, "interrupted while preparing the media", slow, nil)
	}
	if errors.Is(err, errNoPublicURL) {
		return w.advance(ctx, store.Change{To: store.Queued, DueAt: in(dayGate), Reason: err.Error()})
	}
	reason := err.Error()
	if of > 1 {
		reason = fmt.Sprintf("%s %d of %d: %s", item.Type, item.Position, of, reason)
	}
	var me *media.Error
	if errors.As(err, &me) && me.Rule == "media.library.full" { // nothing of this post is wrong
		return w.postpone(ctx, store.Queued, reason, false, nil)
	}
	if errors.As(err, &me) && !me.Temporary {
		// A site is often read between its feed and its pictures being deployed.
		early := me.Rule == "media.url.not-found" || me.Rule == "media.url.forbidden"
		if !early || w.pub.Tries+1 >= missingTries {
			return w.fail(ctx, reason, nil)
		}
	}
	return w.postpone(ctx, store.Queued, reason, true, nil)
}

// accountTrouble waits for the owner, or for whatever else keeps a client from being made.
func (w *work) accountTrouble(ctx context.Context, err error) error {
	due := in(time.Hour)
	if errors.Is(err, accounts.ErrReconnect) {
		due = in(dayGate) // reconnecting wakes it
	}
	return w.advance(ctx, store.Change{To: w.pub.State, DueAt: due, Reason: err.Error()})
}

// fail ends a publication of which nothing is live.
func (w *work) fail(ctx context.Context, reason string, cause error) error {
	return w.advance(ctx, told(store.Change{To: store.Failed, Reason: reason}, cause))
}

// postpone tries again after a back-off. With try it costs one; the last one fails.
func (w *work) postpone(ctx context.Context, to store.State, reason string, try bool, cause error) error {
	w.memo.errors++
	if try && w.pub.Tries+1 >= maxTries {
		return w.fail(ctx, reason+fmt.Sprintf(" (tried %d times)", maxTries), cause)
	}
	return w.advance(ctx, told(store.Change{To: to, DueAt: in(backoff(w.memo.errors)), Reason: reason, Try: try}, cause))
}

// backoff is about 2 s, doubling, with jitter, at most an hour.
func backoff(n int) time.Duration {
	d := time.Hour
	if n < 12 {
		d = min(d, time.Second<<n)
	}
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// refused acts on an error of any call but publish.
func (w *work) refused(ctx context.Context, err error) error {
	v := instagram.Classify(err)
	w.log.Info("call refused", slog.String("action", string(v.Action)), slog.Any("error", err))
	switch v.Action {
	case instagram.Reject:
		if reason := w.unsuitable(v); reason != "" { // the post is fine, and every other one would be refused as well
			return w.advance(ctx, told(store.Change{To: store.Held, Reason: reason}, err))
		}
		return w.fail(ctx, v.Reason, err)
	case instagram.Reconnect:
		if err := w.accounts.Failed(ctx, w.account.ID, v); err != nil {
			return err
		}
		return w.advance(ctx, told(store.Change{To: w.pub.State, DueAt: in(dayGate), Reason: "the account needs reconnecting: " + v.Reason}, err))
	case instagram.Wait:
		if err := w.accounts.Failed(ctx, w.account.ID, v); err != nil {
			return err
		}
		return w.advance(ctx, told(store.Change{To: w.pub.State, DueAt: in(min(v.After, dayGate)), Reason: v.Reason}, err))
	}
	if v.Account && isAnswer(err) {
		// Calling while throttled extends the block: from the third in a row the whole account waits.
		if w.memo.throttled++; w.memo.throttled >= 3 {
			v.Action, v.After = instagram.Wait, 5*time.Minute
			if err := w.accounts.Failed(ctx, w.account.ID, v); err != nil {
				return err
			}
			return w.advance(ctx, told(store.Change{To: w.pub.State, DueAt: in(v.After), Reason: v.Reason}, err))
		}
	}
	return w.postpone(ctx, w.pub.State, v.Reason, !v.Account, err)
}

// unsuitable says which of the owner's settings Instagram does not take, where it was made, and what to do; "" when the
// refusal is about none.
func (w *work) unsuitable(v instagram.Verdict) string {
	r := Resolve(Layers(w.account, w.route, w.post)...)
	for _, s := range settings {
		if value, origin := s.Effective(r); s.Name == v.Param && origin != fromDefault {
			return fmt.Sprintf("Instagram does not take %s=%s (%s): correct it or leave it empty, then publish. %s", s.Name, value, origin, v.Reason)
		}
	}
	return ""
}

func isAnswer(err error) bool {
	var e *instagram.Error
	return errors.As(err, &e) && e.Code != 0
}
