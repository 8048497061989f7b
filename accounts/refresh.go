package accounts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// Instagram refreshes a token once it is a day old. Its clock and ours may disagree about that day.
//
// https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
const (
	refreshAge = 24 * time.Hour
	youngAge   = 48 * time.Hour
	// refreshLease is longer than the calls of one refresh take.
	refreshLease = 10 * time.Minute
)

// RefreshDue refreshes every token that is at least a day old, and ends waits that are over. Call it at least daily: a
// token is valid for 60 days. If a refresh fails, RefreshDue saves the cause as the account's problem and tries again
// at a later call. It returns only errors of the database.
func (a *Accounts) RefreshDue(ctx context.Context) error {
	all, err := a.store.Accounts(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, acc := range all {
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		a.Well(ctx, acc.ID) // with an empty queue, no publication would end a wait that is over
		if acc.API == store.Sandbox && a.sandbox == nil {
			continue
		}
		if err := a.refreshOne(ctx, acc.ID); err != nil {
			errs = append(errs, fmt.Errorf("refreshing the token of account %d: %w", acc.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (a *Accounts) refreshOne(ctx context.Context, id int64) (err error) {
	a.refreshing.Lock()
	defer a.refreshing.Unlock()
	acc, err := a.store.Account(ctx, id)
	if err != nil || !acc.RemovedAt.IsZero() || len(acc.Secrets.Token) == 0 ||
		len(acc.Secrets.TokenPrevious) == 0 && !refreshIsDue(acc) {
		return err
	}
	switch err := a.store.ClaimRefresh(ctx, id, refreshLease); {
	case errors.Is(err, store.ErrConflict):
		return nil // another process is refreshing it
	case err != nil:
		return err
	}
	defer func() {
		after, cancel := outcome(ctx)
		defer cancel()
		err = errors.Join(err, a.store.ReleaseRefresh(after, id))
	}()
	// Another process may have refreshed it a moment ago.
	if acc, err = a.store.Account(ctx, id); err != nil || !acc.RemovedAt.IsZero() || len(acc.Secrets.Token) == 0 {
		return err
	}
	// The last refresh ended before its token was tried.
	if len(acc.Secrets.TokenPrevious) > 0 {
		if err := a.verify(ctx, acc); err != nil {
			return err
		}
		if acc, err = a.store.Account(ctx, id); err != nil || len(acc.Secrets.TokenPrevious) > 0 {
			return err
		}
	}
	if !refreshIsDue(acc) {
		return nil
	}
	client, err := a.stored(acc)
	if err != nil {
		return a.note(ctx, acc, Explain(err))
	}
	fresh, err := client.RefreshToken(ctx)
	if err != nil {
		return a.refused(ctx, acc, client, err)
	}
	return a.keep(ctx, acc, client.Token, fresh)
}

// refreshIsDue reports whether the account's token is old enough to be refreshed, and no wait after a failure is left.
func refreshIsDue(acc store.Account) bool {
	// A token dated in the future was stored while the clock was wrong, so its age is unknown and it is refreshed.
	if age := time.Since(acc.TokenAt); acc.Trouble == store.Reconnect || age >= 0 && age < refreshAge {
		return false
	}
	wait := time.Until(acc.Refresh.NextAt)
	return wait <= 0 || wait > refreshLater // a longer wait was set while the clock was wrong
}

// refused records why there is no new token. The refusal does not show whether the token is dead or only too young, so
// refused tries the token with another call.
func (a *Accounts) refused(ctx context.Context, acc store.Account, client *instagram.Client, cause error) error {
	var answer *instagram.Error
	verdict := instagram.Classify(cause)
	if errors.As(cause, &answer) && (verdict.Action == instagram.Reconnect || verdict.Action == instagram.Reject) {
		p, err := client.Me(ctx)
		switch {
		case err != nil && instagram.Classify(err).Action == instagram.Reconnect:
			return a.needsReconnecting(ctx, acc, Explain(err), instagram.CauseOf(err))
		case err == nil && same(p, acc.UserID) && time.Since(acc.TokenAt) < youngAge:
			a.log.DebugContext(ctx, "token is too young to refresh", slog.Int64("account_id", acc.ID))
			return nil
		}
	}
	if !acc.TokenExpiresAt.IsZero() && !time.Now().Before(acc.TokenExpiresAt) {
		return a.needsReconnecting(ctx, acc, reason.New(reason.RefreshTooLate, Explain(cause)),
			instagram.CauseTokenExpired)
	}
	return a.note(ctx, acc, reason.New(reason.RefreshFailed, Explain(cause)))
}

// keep stores a new token beside the previous one and then tries it. A crash in between loses neither.
func (a *Accounts) keep(ctx context.Context, acc store.Account, old redact.Secret, fresh instagram.Token) error {
	token, err := a.seal(acc.ID, columnToken, fresh.Token)
	if err != nil {
		return err
	}
	previous, err := a.seal(acc.ID, columnPrevious, old)
	if err != nil {
		return err
	}
	after, cancel := outcome(ctx)
	defer cancel()
	changed, err := a.update(after, acc.ID, "", func(x *store.Account) error {
		if !sameToken(*x, acc) {
			return errSuperseded
		}
		x.Secrets.Token, x.Secrets.TokenPrevious = token, previous
		x.TokenAt = time.Now()
		x.TokenExpiresAt = x.TokenAt.Add(fresh.ExpiresIn)
		return nil
	})
	if err != nil || !changed {
		return err
	}
	if acc, err = a.store.Account(after, acc.ID); err != nil {
		return err
	}
	return a.verify(ctx, acc)
}

// verify tries a refreshed token. If it belongs to the same user, verify drops the previous token. If it is dead or
// belongs to another user, verify goes back to the previous one. The caller holds a.refreshing.
func (a *Accounts) verify(ctx context.Context, acc store.Account) error {
	client, err := a.stored(acc)
	if err != nil {
		return a.note(ctx, acc, Explain(err))
	}
	p, err := client.Me(ctx)
	switch {
	case err == nil && same(p, acc.UserID):
		return a.approve(ctx, acc, p)
	case err == nil:
		return a.fallBack(ctx, acc,
			reason.New(reason.TokenOfOther, at(p.Username, userID(p)), at(acc.Username, acc.UserID)))
	case instagram.Classify(err).Action == instagram.Reconnect:
		return a.fallBack(ctx, acc, Explain(err))
	}
	return a.note(ctx, acc, reason.New(reason.RefreshUntried, Explain(err)))
}

func (a *Accounts) approve(ctx context.Context, acc store.Account, p instagram.Profile) error {
	ctx, cancel := outcome(ctx)
	defer cancel()
	woken := false
	changed, err := a.update(ctx, acc.ID, words.TokenRefreshed(acc.TokenExpiresAt),
		func(x *store.Account) error {
			if !sameToken(*x, acc) {
				return errSuperseded
			}
			x.Secrets.TokenPrevious = nil
			x.Refresh = store.Refresh{}
			// An earlier problem of the previous token does not apply to this one.
			woken = x.Trouble == store.Reconnect
			if x.Trouble != store.Wait {
				x.Trouble, x.Problem = "", reason.Reason{}
			}
			if p.Username != "" {
				x.Username = p.Username
			}
			return nil
		})
	if err != nil || !changed {
		return err
	}
	a.log.InfoContext(ctx, "token refreshed", slog.Int64("account_id", acc.ID),
		slog.Time("expires_at", acc.TokenExpiresAt))
	if woken {
		return a.store.WakeAccount(ctx, acc.ID)
	}
	return nil
}

// fallBack restores the token from before the refresh, and asks Instagram whether it is still valid.
func (a *Accounts) fallBack(ctx context.Context, acc store.Account, why reason.Reason) error {
	old, err := a.open(acc.ID, columnPrevious, acc.Secrets.TokenPrevious)
	if err != nil {
		return a.note(ctx, acc, Explain(err))
	}
	token, err := a.seal(acc.ID, columnToken, old)
	if err != nil {
		return err
	}
	client, err := a.client(acc.API, acc.UserID, old)
	if err != nil {
		return err
	}
	p, oldErr := client.Me(ctx)
	ctx, cancel := outcome(ctx)
	defer cancel()
	unusable, woken := reason.New(reason.RefreshUnusable, why), false
	changed, err := a.update(ctx, acc.ID, unusable.String(), func(x *store.Account) error {
		if !sameToken(*x, acc) {
			return errSuperseded
		}
		x.Secrets.Token, x.Secrets.TokenPrevious = token, nil
		x.Refresh.Failures++
		x.Refresh.Problem = unusable
		// the next attempt is in a day; the expiry of this token is unknown
		x.TokenAt, x.TokenExpiresAt = time.Now(), time.Time{}
		switch {
		case oldErr == nil && same(p, acc.UserID):
			woken = x.Trouble == store.Reconnect
			if x.Trouble != store.Wait {
				x.Trouble, x.Problem = "", unusable
			}
		case oldErr == nil, instagram.Classify(oldErr).Action == instagram.Reconnect:
			x.Trouble, x.WaitUntil, x.Cause = store.Reconnect, time.Time{}, string(instagram.CauseTokenUnknown)
			x.Problem = reason.New(reason.TokensUnusable, why)
		case x.Trouble == "":
			x.Problem = unusable
		}
		return nil
	})
	if err != nil || !changed {
		return err
	}
	a.log.WarnContext(ctx, "refreshed token not usable", slog.Int64("account_id", acc.ID),
		slog.String("reason", why.String()))
	if woken {
		return a.store.WakeAccount(ctx, acc.ID)
	}
	return nil
}

// note saves why a refresh failed, for the owner to see, and when to try again. It does not replace the problem of an
// account that is already in trouble.
func (a *Accounts) note(ctx context.Context, acc store.Account, why reason.Reason) error {
	if ctx.Err() != nil {
		return nil // Postern is stopping: that is not the account's problem
	}
	a.log.WarnContext(ctx, "token not refreshed", slog.Int64("account_id", acc.ID), slog.String("reason", why.String()))
	event := why.String()
	if acc.Refresh.Problem == why {
		event = "" // the history already contains it
	}
	_, err := a.update(ctx, acc.ID, event, func(x *store.Account) error {
		if !sameToken(*x, acc) {
			return errSuperseded
		}
		x.Refresh.Failures++
		x.Refresh.Problem, x.Refresh.NextAt = why, time.Now().Add(refreshAgain(x.Refresh.Failures))
		if x.Trouble == "" {
			x.Problem = why
		}
		return nil
	})
	return err
}

// sameToken reports whether two copies of an account contain the same sealed tokens. Sealing a token twice gives two
// different values, so equal ones mean that no token was stored in between.
func sameToken(x, y store.Account) bool {
	return bytes.Equal(x.Secrets.Token, y.Secrets.Token) &&
		bytes.Equal(x.Secrets.TokenPrevious, y.Secrets.TokenPrevious)
}
