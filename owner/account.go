package owner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"postern/accounts"
	"postern/publisher"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// ConnectError is the error of an account that was not connected; *accounts.Refusal where its owner can fix that.
type ConnectError struct{ Err error }

func (e *ConnectError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *ConnectError) Unwrap() error { return e.Err }

// Connected is an account that was connected.
type Connected struct {
	Account store.Account
	Known   bool                  // it was there already, and has new secrets
	Will    publisher.WillPublish // what goes out of the posts that are there
}

// AddAccount connects an account, or gives one that is there already new secrets. It returns *ConnectError when that
// was not done.
func (o *Orders) AddAccount(ctx context.Context, c accounts.Candidate) (Connected, error) {
	return o.connect(ctx, func(ctx context.Context) (store.Account, error) { return o.Accounts.Add(ctx, c) })
}

// LogIn connects the account whose log-in at Instagram ended with a code: the one with this id, or any for 0. It
// returns *ConnectError when that was not done.
func (o *Orders) LogIn(ctx context.Context, id int64, redirect, code string) (Connected, error) {
	return o.connect(ctx, func(ctx context.Context) (store.Account, error) {
		return o.Accounts.LogIn(ctx, id, redirect, code)
	})
}

func (o *Orders) connect(ctx context.Context,
	how func(context.Context) (store.Account, error)) (done Connected, err error) {
	before, err := o.Store.Accounts(ctx)
	if err != nil {
		return done, err
	}
	asking, cancel := o.asking(ctx)
	defer cancel()
	if done.Account, err = how(asking); err != nil {
		return done, &ConnectError{err}
	}
	done.Known = slices.ContainsFunc(before, func(a store.Account) bool { return a.ID == done.Account.ID })
	done.Will, err = publisher.WillPublishOf(ctx, o.Store, 0, done.Account.ID)
	return done, err
}

// Reconnect gives an account a new access token, and returns the account as it was. It returns *ConnectError when that
// was not done.
func (o *Orders) Reconnect(ctx context.Context, id int64, token redact.Secret) (store.Account, error) {
	a, err := o.Account(ctx, id)
	if err != nil {
		return a, err
	}
	ctx, cancel := o.asking(ctx)
	defer cancel()
	if _, err := o.Accounts.Reconnect(ctx, id, token); err != nil {
		return a, &ConnectError{err}
	}
	return a, nil
}

// CheckAccount looks at everything an account needs, and returns what it found.
func (o *Orders) CheckAccount(ctx context.Context, id int64) (store.Account, []store.Finding, error) {
	a, err := o.Account(ctx, id)
	if err != nil {
		return a, nil, err
	}
	found := o.checkAtInstagram(ctx, id)
	if a.API != store.Sandbox { // that one needs no public URL
		found = append(found, o.CheckAddress(ctx)...)
	}
	return a, found, nil
}

func (o *Orders) checkAtInstagram(ctx context.Context, id int64) []store.Finding {
	ctx, cancel := o.asking(ctx)
	defer cancel()
	return o.Accounts.Check(ctx, id)
}

// PauseAccount stops publishing on an account, or goes on with it. What Instagram was asked for is still looked after.
func (o *Orders) PauseAccount(ctx context.Context, id int64, paused bool) (store.Account, error) {
	note := words.HistoryAccountResumed
	if paused {
		note = words.HistoryAccountPaused
	}
	return o.Store.UpdateAccount(ctx, id, o.By, note, func(a *store.Account) error {
		a.Paused = paused
		return nil
	})
}

// RequireApproval lets each post of an account wait for approval, or returns that to the default. What is on hold
// stays there.
func (o *Orders) RequireApproval(ctx context.Context, id int64, required bool) (AccountSet, error) {
	var approve *bool
	note := words.HistoryApprovalOff
	if required {
		approve, note = &required, words.HistoryApprovalOn
	}
	return o.setAccount(ctx, id, note, func(layer *store.Settings) error {
		layer.Approve = approve
		return nil
	})
}

// RemoveAccount forgets an account and its secrets, and returns it as it was. What was published stays; the rest is
// skipped.
func (o *Orders) RemoveAccount(ctx context.Context, id int64) (store.Account, error) {
	a, err := o.Store.Account(ctx, id)
	if err != nil {
		return a, err
	}
	return a, o.Store.RemoveAccount(ctx, id, o.By)
}

// ErrStartAnswer is the error of an answer that is none of the three.
var ErrStartAnswer = errors.New(words.StartAnswerMissing)

// AnswerStart does what the owner says about the posts that are older than their account, and returns their number.
// It returns ErrStartAnswer for an answer that is none of store.StartPublish, store.StartHold and store.StartSkip.
func (o *Orders) AnswerStart(ctx context.Context, id int64, answer store.StartAnswer) (int, error) {
	if _, err := o.Account(ctx, id); err != nil {
		return 0, err
	}
	if !slices.Contains([]store.StartAnswer{store.StartPublish, store.StartHold, store.StartSkip}, answer) {
		return 0, ErrStartAnswer
	}
	return o.Store.AnswerStart(ctx, id, answer, o.By)
}

// Account returns an account that was not removed. store.ErrNotFound when there is none.
func (o *Orders) Account(ctx context.Context, id int64) (store.Account, error) {
	a, err := o.Store.Account(ctx, id)
	if err == nil && !a.RemovedAt.IsZero() {
		err = fmt.Errorf("account %d was removed: %w", id, store.ErrNotFound)
	}
	return a, err
}

// asking returns a context for an order that asks Instagram.
func (o *Orders) asking(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.AskTime == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, o.AskTime)
}
