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
	// missingTries is the number of tries for a missing picture of an older post. They take about 15 seconds in all.
	missingTries = 4
	// missingTime is how long a missing picture of a new post is requested again: many sites show a post before they
	// have deployed its files everywhere.
	missingTime = 24 * time.Hour
	maxRounds   = 3
	// maxClaims is how many claims may end without a recorded outcome. After that many crashes, another try would
	// probably crash again.
	maxClaims = 5
	// dayGate is the longest wait before a closed gate is checked again.
	dayGate = 24 * time.Hour
	// yieldGate is the wait before checking again whether another program still prevents publishing.
	yieldGate = 30 * time.Second
)

// queued checks the gates, prepares the media and creates the first container.
func (w *job) queued(ctx context.Context) error {
	if w.pub.Claims > maxClaims {
		return w.fail(ctx, reason.New(reason.StoppedOften), nil)
	}
	if !w.account.RemovedAt.IsZero() {
		return w.advance(ctx, store.Change{To: store.Skipped, Reason: reason.New(reason.AccountRemoved)})
	}
	plan, to, why := judge(w.pub, w.post, draft.Layers(w.account, w.route, w.post))
	if to != store.Queued && !why.Is(reason.Approval) { // while the account is halted, no approval is requested
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
	if out, err := w.filter(ctx, plan.Shown()); out || err != nil { // preparing may have left out pictures
		return err
	}
	if held, err := w.holdDuplicate(ctx, plan.Kind, plan.Items); held || err != nil {
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

// filter skips a publication that the owner's filters exclude, unless a person approved or requested it.
func (w *job) filter(ctx context.Context, post store.Post) (out bool, err error) {
	why := draft.Filtered(post, draft.Resolve(draft.Layers(w.account, w.route, w.post)...))
	if why.IsZero() || w.pub.Expedited || w.pub.Approved {
		return false, nil
	}
	return true, w.advance(ctx, store.Change{To: store.Skipped, Reason: why})
}

// gate checks everything that may keep a publication waiting before a container exists. A closed gate moves the due
// time and records the reason; it does not count as a try.
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
	// An unknown quota does not keep the publication waiting, because Instagram enforces the quota itself. The
	// reserve is for posts that a person publishes, here or by hand.
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

// note adds a line to the publication's history. A failure is only logged, because the step does not depend on it.
func (w *job) note(ctx context.Context, message string) {
	err := w.p.store.AddEvent(ctx, store.Event{AccountID: w.pub.AccountID, PublicationID: w.pub.ID, Kind: "note",
		From: w.pub.State, To: w.pub.State, Message: message})
	if err != nil {
		w.log.Error("note not recorded", slog.Any("error", err))
	}
}

// mediaTrouble records that preparing the media failed: it tries again later, waits for the operator, or fails the
// publication.
func (w *job) mediaTrouble(ctx context.Context, item store.Item, of int, err error) error {
	if ctx.Err() != nil {
		// Preparation that exceeded stepTime would probably exceed it again, so it counts as a try.
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
	switch early := errors.As(err, &me) && !me.Temporary && !isPermanent(err); {
	// The library is at fault, not this post.
	case me != nil && (me.Rule == "media.library.full" || me.Rule == "media.library"):
		return w.postpone(ctx, store.Queued, why, false, nil)
	case early && time.Since(w.post.FirstSeenAt) < missingTime:
		until := w.post.FirstSeenAt.Add(missingTime).In(draft.Resolve(draft.Layers(w.account, w.route,
			w.post)...).Zone())
		return w.postpone(ctx, store.Queued, why.AskedUntil(draft.DayClock(until, time.Now())), false, err)
	case awaitsOperator(err): // the machine is the problem, not this post
		again := ifElse(isBlocked(me), sourceWait, machineWait)
		return w.advance(ctx, store.Change{To: store.Queued, DueAt: in(again), Reason: why})
	case isPermanent(err), early && w.pub.Tries+1 >= missingTries:
		return w.fail(ctx, why, err)
	}
	return w.postpone(ctx, store.Queued, why, true, err)
}

// isMissing reports whether the site did not deliver a picture or video but may do so later. Fetching the first bytes
// of its URL shows whether it does. A damaged file must be fetched completely to see whether it was replaced.
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

// accountTrouble postpones a step because no client could be made for the account.
func (w *job) accountTrouble(ctx context.Context, err error) error {
	due := in(time.Hour)
	if errors.Is(err, accounts.ErrReconnect) {
		due = in(dayGate) // reconnecting wakes the publication
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

// postpone schedules a retry after a backoff. If try is true it counts as a try, and the last try fails the
// publication.
func (w *job) postpone(ctx context.Context, to store.State, why reason.Reason, try bool, cause error) error {
	w.memo.errors++
	if try && w.pub.Tries+1 >= maxTries {
		return w.fail(ctx, why.Tried(maxTries), cause)
	}
	c := store.Change{To: to, DueAt: in(backoff(w.memo.errors)), Reason: why, Try: try}
	return w.advance(ctx, withAnswer(c, cause))
}

// backoff returns the delay before retry n: two seconds for n = 1, doubling up to an hour, with 20% jitter either
// way.
func backoff(n int) time.Duration {
	d := time.Hour
	if n < 12 {
		d = min(d, time.Second<<n)
	}
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// refused handles an error of any call to Instagram except publish.
func (w *job) refused(ctx context.Context, err error) error {
	v := instagram.Classify(err)
	why := v.Reason
	if w.failedItem.of > 0 && !v.Account { // an error about the account says nothing about the picture
		why = w.failedItem.about(why)
	}
	w.recheckAddress(ctx, withAnswer(store.Change{}, err).Subcode)
	w.log.Info("call refused", slog.String("action", string(v.Action)), slog.Any("error", err))
	switch v.Action {
	case instagram.Reject:
		if held := w.settingRefused(v); !held.IsZero() { // the setting is at fault, not the post
			return w.advance(ctx, withAnswer(store.Change{To: store.Held, Reason: held}, err))
		}
		return w.fail(ctx, why, err)
	case instagram.Reconnect, instagram.Wait:
		return w.accountFailed(ctx, v, reason.New(ifElse(v.Action == instagram.Reconnect, reason.AccountReconnect,
			reason.AccountWaits), v.Reason), err)
	}
	if v.Account && isAnswer(err) {
		// Calling while throttled extends the block, so the third throttled call in a row makes the whole account
		// wait.
		if w.memo.throttled++; w.memo.throttled >= 3 {
			v.Action, v.After = instagram.Wait, 5*time.Minute
			return w.accountFailed(ctx, v, reason.New(reason.AccountWaits, v.Reason), err)
		}
	}
	return w.postpone(ctx, w.pub.State, why, !v.Account, err)
}

// accountFailed records what an answer said about the account, and postpones the publication until the account works.
func (w *job) accountFailed(ctx context.Context, v instagram.Verdict, why reason.Reason, cause error) error {
	again, err := w.p.accounts.Failed(ctx, w.account, v)
	if err != nil {
		return err
	}
	return w.advance(ctx, withAnswer(store.Change{To: w.pub.State, DueAt: again, Reason: why}, cause))
}

// settingRefused returns a reason that names the owner's setting which Instagram refused, its value and where it was
// made. It returns the zero Reason if the refusal is not about a setting.
func (w *job) settingRefused(v instagram.Verdict) reason.Reason {
	r := draft.Resolve(draft.Layers(w.account, w.route, w.post)...)
	for _, s := range draft.Changed(r) {
		if s.Name == v.Param {
			return reason.New(reason.SettingRefused, s.Name, s.Value, s.Origin, v.Reason)
		}
	}
	return reason.Reason{}
}

// isAnswer reports whether err is an error that Instagram itself returned.
func isAnswer(err error) bool {
	var e *instagram.Error
	return errors.As(err, &e) && e.Code != 0
}
