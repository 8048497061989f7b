package publisher

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"postern/accounts"
	"postern/draft"
	"postern/instagram"
	"postern/media"
	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	maxTries = 8
	// missingTries for a picture that the site of an older post does not have: about a quarter of a minute.
	missingTries = 4
	// missingTime is how long a new post's picture is asked for: many sites show a post before its files are
	// everywhere.
	missingTime = 24 * time.Hour
	maxRounds   = 3
	// maxClaims without a recorded outcome: whatever stops the program is likely to do it again.
	maxClaims = 5
	// A gate that only an event opens is asked again after a day at the latest.
	dayGate = 24 * time.Hour
	// One that another program keeps shut.
	yieldGate = 30 * time.Second
)

// queued asks the gates, prepares the media and makes the first container.
func (w *job) queued(ctx context.Context) error {
	if w.pub.Claims > maxClaims {
		return w.fail(ctx, reason.New(reason.StoppedOften), nil)
	}
	if !w.account.RemovedAt.IsZero() {
		return w.advance(ctx, store.Change{To: store.Skipped, Reason: reason.New(reason.AccountRemoved)})
	}
	plan, to, why := judge(w.pub, w.post, draft.Layers(w.account, w.route, w.post))
	if to != store.Queued && !why.Is(reason.Approval) { // a halted account asks for no approval yet
		return w.advance(ctx, store.Change{To: to, Reason: why})
	}
	if shut, err := w.gate(ctx, plan.Settings); shut || err != nil {
		return err
	}
	if shut, err := w.addressGate(ctx); shut || err != nil {
		return err
	}
	client, err := w.p.accounts.Client(ctx, w.account.ID)
	if err != nil {
		return w.accountTrouble(ctx, err)
	}
	at, fault, err := w.prepared(ctx, &plan)
	switch {
	case err != nil && ctx.Err() == nil:
		return err
	case draft.LeavesNothing(fault):
		return w.advance(ctx, store.Change{To: store.Skipped, Reason: draft.Unfit(fault)})
	case err != nil || fault != nil:
		return w.mediaTrouble(ctx, plan.Items[at], len(plan.Items), fault)
	}
	if out, err := w.filter(ctx, plan.Shown()); out || err != nil { // it has fewer pictures than it seemed to have
		return err
	}
	if held, err := w.holdTwin(ctx, plan.Kind, plan.Items); held || err != nil {
		return err
	}
	if err := w.offer(ctx, plan.Items); err != nil {
		why := reason.New(reason.OfferFailed, err.Error())
		if e, ok := errors.AsType[*media.Error](err); ok {
			why = e.Why
		}
		return w.postpone(ctx, store.Queued, why, false, nil)
	}
	if shut, err := w.sourceGate(ctx, plan.Kind, plan.Items); shut || err != nil {
		return err
	}
	return w.create(ctx, client, plan.Frozen())
}

// filter skips a publication that the owner's filters are against, unless a person wants it.
func (w *job) filter(ctx context.Context, post store.Post) (out bool, err error) {
	why := draft.Filtered(post, draft.Resolve(draft.Layers(w.account, w.route, w.post)...))
	if why.IsZero() || w.pub.Expedited || w.pub.Approved {
		return false, nil
	}
	return true, w.advance(ctx, store.Change{To: store.Skipped, Reason: why})
}

// gate asks everything that may keep a publication waiting, before anything is created. A closed gate moves the due
// time, writes the reason and costs no try.
func (w *job) gate(ctx context.Context, s draft.Resolved) (shut bool, err error) {
	wait := func(until time.Time, why reason.Reason) (bool, error) {
		until = earlier(until, in(dayGate))
		return true, w.advance(ctx, store.Change{To: store.Queued, DueAt: until, Reason: why})
	}
	a := w.account
	now := time.Now()
	if why := w.p.yield(ctx); !why.IsZero() {
		return wait(in(yieldGate), why)
	}
	switch {
	case a.Paused:
		return wait(in(dayGate), reason.New(reason.AccountPaused))
	case a.Trouble == store.Reconnect:
		return wait(in(dayGate), reason.New(reason.AccountReconnect, a.Problem))
	case a.Trouble == store.Wait && now.Before(a.WaitUntil):
		return wait(a.WaitUntil, reason.New(reason.AccountWaits, a.Problem))
	case a.Trouble == store.Wait:
		w.p.accounts.Well(ctx, a.ID)
	}
	if !w.pub.Expedited {
		if s.Approve.V && !w.pub.Approved {
			return true, w.advance(ctx, store.Change{To: store.Held,
				Reason: reason.New(reason.Approval).BySetting("approve", s.Approve.Origin)})
		}
		until, why, err := w.opens(ctx, s, now)
		if err != nil {
			return true, err
		}
		if until.After(now) {
			return wait(until, why)
		}
	}
	// Not knowing the quota keeps nothing waiting, because Instagram refuses by itself. The reserve is for what a
	// person publishes, here or by hand.
	room, err := w.p.accounts.Room(ctx, a.ID, ifElse(w.pub.Expedited, 0, s.QuotaReserve.V))
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

// note adds a line to the history; losing one is no reason to stop.
func (w *job) note(ctx context.Context, message string) {
	err := w.p.store.AddEvent(ctx, store.Event{AccountID: w.pub.AccountID, PublicationID: w.pub.ID, Kind: "note",
		From: w.pub.State, To: w.pub.State, Message: message})
	if err != nil {
		w.log.Error("note not recorded", slog.Any("error", err))
	}
}

func (w *job) mediaTrouble(ctx context.Context, item store.Item, of int, err error) error {
	if ctx.Err() != nil {
		// One that takes longer than a step may would do so again.
		slow := errors.Is(ctx.Err(), context.DeadlineExceeded)
		return w.postpone(ctx, store.Queued, reason.New(reason.MediaInterrupted), slow, nil)
	}
	if errors.Is(err, draft.ErrNoPublicURL) {
		return w.advance(ctx, store.Change{To: store.Queued, DueAt: in(dayGate),
			Reason: reason.New(reason.NoPublicURL).ByRule("media.url.none")})
	}
	why := reasonOf(item, of, err)
	w.missing = item.SourceURL
	var me *media.Error
	switch early := errors.As(err, &me) && !me.Temporary && !hopeless(err); {
	case me != nil && (me.Rule == "media.library.full" || me.Rule == "media.library"): // nothing of this post is wrong
		return w.postpone(ctx, store.Queued, why, false, nil)
	case early && time.Since(w.post.FirstSeenAt) < missingTime:
		until := w.post.FirstSeenAt.Add(missingTime).In(draft.Resolve(draft.Layers(w.account, w.route,
			w.post)...).Zone())
		return w.postpone(ctx, store.Queued, why.AskedUntil(draft.DayClock(until, time.Now())), false, err)
	case awaitsOperator(err): // nothing of this post is wrong
		again := ifElse(isBlocked(me), sourceWait, machineWait)
		return w.advance(ctx, store.Change{To: store.Queued, DueAt: in(again), Reason: why})
	case hopeless(err), early && w.pub.Tries+1 >= missingTries:
		return w.fail(ctx, why, err)
	}
	return w.postpone(ctx, store.Queued, why, true, err)
}

// isMissing reports whether a site did not hand out a picture or video, which it may do later: a look at the first
// bytes of its address shows whether it does. Of a damaged picture all bytes show whether there is another one.
func isMissing(err error) bool {
	e, ok := errors.AsType[*media.Error](err)
	if !ok {
		return false
	}
	switch e.Rule {
	case "media.url.not-found", "media.url.forbidden", "media.url.unreachable", "media.url.refused",
		"media.url.redirects":
		return true
	}
	return e.Why.Is(reason.MediaPage, reason.MediaEmpty) || e.Seen.SHA256 != ""
}

// accountTrouble waits for the owner, or for whatever else keeps a client from being made.
func (w *job) accountTrouble(ctx context.Context, err error) error {
	due := in(time.Hour)
	if errors.Is(err, accounts.ErrReconnect) {
		due = in(dayGate) // reconnecting wakes it
	}
	return w.advance(ctx, store.Change{To: w.pub.State, DueAt: due,
		Reason: reason.New(reason.AccountUnusable, accounts.Explain(err))})
}

// fail ends a publication of which nothing is live.
func (w *job) fail(ctx context.Context, why reason.Reason, cause error) error {
	if me, ok := errors.AsType[*media.Error](cause); ok {
		w.rule = me.Rule
	}
	c := store.Change{To: store.Failed, Reason: why}
	if until := w.pub.CreatedAt.AddDate(0, 0, store.MissingDays); w.missing != "" && isMissing(cause) &&
		until.After(time.Now()) {
		c.Missing, c.Reason = w.missing, why.LookedForUntil(words.Day(until, time.Now()))
		if me, ok := errors.AsType[*media.Error](cause); ok {
			c.Seen = store.Seen(me.Seen)
		}
	}
	return w.advance(ctx, withAnswer(c, cause))
}

// postpone tries again after a back-off. With try it costs one; the last one fails.
func (w *job) postpone(ctx context.Context, to store.State, why reason.Reason, try bool, cause error) error {
	w.memo.errors++
	if try && w.pub.Tries+1 >= maxTries {
		return w.fail(ctx, why.Tried(maxTries), cause)
	}
	return w.advance(ctx, withAnswer(store.Change{To: to, DueAt: in(backoff(w.memo.errors)), Reason: why, Try: try}, cause))
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
func (w *job) refused(ctx context.Context, err error) error {
	v := instagram.Classify(err)
	why := v.Reason
	if w.asked.of > 0 && !v.Account { // what is about the account is not about the picture
		why = w.asked.about(why)
	}
	w.doubt(ctx, withAnswer(store.Change{}, err).Subcode)
	w.log.Info("call refused", slog.String("action", string(v.Action)), slog.Any("error", err))
	switch v.Action {
	case instagram.Reject:
		if held := w.unsuitable(v); !held.IsZero() { // the post is fine, and every other one would be refused as well
			return w.advance(ctx, withAnswer(store.Change{To: store.Held, Reason: held}, err))
		}
		return w.fail(ctx, why, err)
	case instagram.Reconnect, instagram.Wait:
		return w.accountFailed(ctx, v, reason.New(ifElse(v.Action == instagram.Reconnect, reason.AccountReconnect,
			reason.AccountWaits), v.Reason), err)
	}
	if v.Account && isAnswer(err) {
		// Calling while throttled extends the block: from the third in a row the whole account waits.
		if w.memo.throttled++; w.memo.throttled >= 3 {
			v.Action, v.After = instagram.Wait, 5*time.Minute
			return w.accountFailed(ctx, v, reason.New(reason.AccountWaits, v.Reason), err)
		}
	}
	return w.postpone(ctx, w.pub.State, why, !v.Account, err)
}

// accountFailed notes what an answer said about the account; the publication waits as long.
func (w *job) accountFailed(ctx context.Context, v instagram.Verdict, why reason.Reason, cause error) error {
	again, err := w.p.accounts.Failed(ctx, w.account, v)
	if err != nil {
		return err
	}
	return w.advance(ctx, withAnswer(store.Change{To: w.pub.State, DueAt: again, Reason: why}, cause))
}

// unsuitable says which of the owner's settings Instagram does not take, where it was made, and what to do; none when
// the refusal is about none.
func (w *job) unsuitable(v instagram.Verdict) reason.Reason {
	r := draft.Resolve(draft.Layers(w.account, w.route, w.post)...)
	for _, s := range draft.Changed(r) {
		if s.Name == v.Param {
			return reason.New(reason.SettingRefused, s.Name, s.Value, s.Origin, v.Reason)
		}
	}
	return reason.Reason{}
}

func isAnswer(err error) bool {
	var e *instagram.Error
	return errors.As(err, &e) && e.Code != 0
}
