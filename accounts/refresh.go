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

// Instagram refreshes a token from a day after it was made. By our clock and by theirs that day can differ.
//
// https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
const (
	refreshAge = 24 * time.Hour
	youngAge   = 48 * time.Hour
	// refreshLease is more than the calls of one refresh take.
	refreshLease = 10 * time.Minute
)

// RefreshDue renews every token that is at least a day old, and ends waits that are over. It is called at least
// daily; a token lives for 60 days. What goes wrong is kept as the account's problem and tried again at the next
// call. The error is the database's only.
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
		a.Well(ctx, acc.ID) // nothing may be queued that would end a wait which is over
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
		return nil // another process does it
	case err != nil:
		return err
	}
	defer func() {
		after, cancel := outcome(ctx)
		defer cancel()
		err = errors.Join(err, a.store.ReleaseRefresh(after, id))
	}()
	// Another process may have done it a moment ago.
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

// refreshIsDue reports whether the account's token is old enough to be refreshed and no failure has to be waited out.
func refreshIsDue(acc store.Account) bool {
	// A token from the future was stored under a wrong clock: its age is not known.
	if age := time.Since(acc.TokenAt); acc.Trouble == store.Reconnect || age >= 0 && age < refreshAge {
		return false
	}
	wait := time.Until(acc.Refresh.NextAt)
	return wait <= 0 || wait > refreshLater // longer: a clock was wrong
}

// refused sorts out why there is no new token. The refusal itself does not tell a dead token from a young one: a call
// that works with the token does.
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

// keep stores a new token with the one before it, and only then tries it: whatever happens in between, both are there.
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

// verify tries a token that was refreshed. The one before it is dropped when the new one answers as the same user, and
// used again when it is another's or dead. The caller holds refreshing.
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
			// What was said about the token before does not hold for this one.
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

// fallBack uses the token before the refresh again, and asks whether that one is still good.
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
		// a day until the next attempt; when this one ends is not known
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

// note keeps what is wrong with a token that still works, for the owner to see, and when to try again; a trouble
// says more and stays.
func (a *Accounts) note(ctx context.Context, acc store.Account, why reason.Reason) error {
	if ctx.Err() != nil {
		return nil // we were told to stop: that is not the account's problem
	}
	a.log.WarnContext(ctx, "token not refreshed", slog.Int64("account_id", acc.ID), slog.String("reason", why.String()))
	event := why.String()
	if acc.Refresh.Problem == why {
		event = "" // told already
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

// sameToken says whether two readings of an account hold the same tokens. Sealing the same token twice gives two
// values, so equal means that nobody stored one in between.
func sameToken(x, y store.Account) bool {
	return bytes.Equal(x.Secrets.Token, y.Secrets.Token) &&
		bytes.Equal(x.Secrets.TokenPrevious, y.Secrets.TokenPrevious)
}
