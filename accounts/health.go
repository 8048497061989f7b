package accounts

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// waitUnknown is how long to wait when Instagram does not say.
const waitUnknown = 5 * time.Minute

const (
	// mostWait is how far ahead anything is put off that only an event ends.
	mostWait = 24 * time.Hour
	// renewed is when to try again with a token that took the place of the one that was refused.
	renewed = 5 * time.Second
)

// Failed records an error that is about the account and not about a post: it waits, or only its owner can help.
// Other verdicts change nothing, and neither does saying the same again. acc is the account as it was read before
// the call: an answer that speaks against its token says nothing about one that was stored meanwhile.
//
// It returns when what was refused is worth another try. In doubt that is soon: asking shows what holds.
func (a *Accounts) Failed(ctx context.Context, acc store.Account, v instagram.Verdict) (again time.Time, err error) {
	action := v.Action
	if action == instagram.Ambiguous {
		action = v.IfNotLive // what it says about the account holds whether the post is live or not
	}
	if v.Owner && action != instagram.Reconnect {
		action = instagram.Wait
	}
	now := time.Now()
	switch action {
	case instagram.Wait:
		return now.Add(min(v.After, mostWait)), a.wait(ctx, acc.ID, v)
	case instagram.Reconnect:
		lost, err := a.lost(ctx, acc, v)
		if lost {
			return now.Add(mostWait), err // reconnecting wakes it
		}
	}
	return now.Add(renewed), err
}

func (a *Accounts) wait(ctx context.Context, id int64, v instagram.Verdict) error {
	after := v.After
	if after <= 0 {
		after = waitUnknown
	}
	until := time.Now().Add(after)
	ctx, cancel := outcome(ctx)
	defer cancel()
	acc, err := a.store.Account(ctx, id)
	if err != nil || !acc.RemovedAt.IsZero() || acc.Trouble == store.Reconnect {
		return err
	}
	note := words.AccountWaits(v.Reason.String())
	if acc.Trouble == store.Wait && acc.Problem == v.Reason {
		note = ""
	}
	changed, err := a.update(ctx, id, note, func(x *store.Account) error {
		if x.Trouble == store.Reconnect {
			return errSuperseded
		}
		x.Trouble, x.Problem = store.Wait, v.Reason
		if until.After(x.WaitUntil) { // one answer must not shorten what another one asked for
			x.WaitUntil = until
		}
		return nil
	})
	if changed && note != "" {
		a.log.WarnContext(ctx, "account waits", slog.Int64("account_id", id), slog.Time("until", until),
			slog.String("reason", v.Reason.String()))
	}
	return err
}

// lost notes that the token the account had no longer works, and says whether that leaves it without one that
// may. It does not when another one was stored meanwhile, or when this is one that was not tried yet and the one
// before it still works.
func (a *Accounts) lost(ctx context.Context, had store.Account, v instagram.Verdict) (lost bool, err error) {
	record, cancel := outcome(ctx)
	defer cancel()
	acc, err := a.store.Account(record, had.ID)
	if err != nil || !acc.RemovedAt.IsZero() {
		return err == nil, err
	}
	if acc.Trouble != store.Reconnect && !sameToken(acc, had) {
		return false, nil
	}
	if len(acc.Secrets.TokenPrevious) > 0 {
		a.refreshing.Lock()
		err := a.verify(ctx, acc)
		a.refreshing.Unlock()
		if err != nil {
			return false, err
		}
		// That took as long as Instagram did.
		record, cancel = outcome(ctx)
		defer cancel()
		if acc, err = a.store.Account(record, had.ID); err != nil ||
			acc.Trouble == "" && len(acc.Secrets.TokenPrevious) == 0 {
			return false, err
		}
	}
	if acc.Trouble == store.Reconnect {
		return true, nil
	}
	return true, a.needsReconnecting(ctx, acc, v.Reason, v.Cause)
}

func (a *Accounts) needsReconnecting(ctx context.Context, acc store.Account, why reason.Reason,
	cause instagram.Cause) error {
	ctx, cancel := outcome(ctx)
	defer cancel()
	changed, err := a.update(ctx, acc.ID, words.AccountLost(why.String()),
		func(x *store.Account) error {
			if !sameToken(*x, acc) {
				return errSuperseded // it was about a token that is not used any more
			}
			x.Trouble, x.WaitUntil, x.Problem, x.Cause = store.Reconnect, time.Time{}, why, string(cause)
			return nil
		})
	if changed {
		a.log.WarnContext(ctx, "account needs reconnecting", slog.Int64("account_id", acc.ID),
			slog.String("reason", why.String()))
	}
	return err
}

// Well ends a wait whose time is over.
func (a *Accounts) Well(ctx context.Context, id int64) {
	over := func(x store.Account) bool { return x.Trouble == store.Wait && !time.Now().Before(x.WaitUntil) }
	acc, err := a.store.Account(ctx, id)
	if err == nil && over(acc) {
		_, err = a.update(ctx, id, words.AccountWell, func(x *store.Account) error {
			if !over(*x) {
				return errSuperseded
			}
			x.Trouble, x.WaitUntil, x.Problem = "", time.Time{}, reason.Reason{}
			return nil
		})
	}
	if err != nil {
		a.log.ErrorContext(ctx, "ending an account's wait", slog.Int64("account_id", id), slog.Any("error", err))
	}
}

// errSuperseded leaves a change undone because the account changed meanwhile.
var errSuperseded = errors.New("superseded")

// update changes an account. One that was removed or changed meanwhile is left as it is; changed says which it was.
func (a *Accounts) update(ctx context.Context, id int64, note string,
	f func(x *store.Account) error) (changed bool, err error) {
	_, err = a.store.UpdateAccount(ctx, id, store.System, note, f)
	if errors.Is(err, errSuperseded) || errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
