package owner

import (
	"context"
	"crypto/rand"
	"errors"

	"postern/redact"
	"postern/store"
	"postern/webhook"
	"postern/words"
)

// ErrConfigured is the error of an order to remove a notification target that the configuration names.
var ErrConfigured = errors.New(words.AddressConfigured)

// TestError is the error of a test message that did not arrive.
type TestError struct{ Err error }

func (e *TestError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *TestError) Unwrap() error { return e.Err }

// AddTarget stores, sealed, where notices are sent to from now on.
func (o *Orders) AddTarget(ctx context.Context, address redact.Secret) (store.Address, error) {
	return o.Notices.Add(ctx, store.FromPage, address)
}

// TestTarget sends a test message to a notification target. It returns *TestError when the message did not arrive.
func (o *Orders) TestTarget(ctx context.Context, id int64) (store.Address, error) {
	a, err := o.Store.Address(ctx, id)
	if err != nil {
		return a, err
	}
	if err := o.Notices.Test(ctx, id); err != nil {
		return a, &TestError{err}
	}
	return a, nil
}

// RemoveTarget forgets a notification target and returns it as it was. It returns ErrConfigured for one that the
// configuration names.
func (o *Orders) RemoveTarget(ctx context.Context, id int64) (store.Address, error) {
	a, err := o.Store.Address(ctx, id)
	if err != nil {
		return a, err
	}
	if a.Origin == store.FromConfig {
		return a, ErrConfigured
	}
	return a, o.Store.RemoveAddress(ctx, id)
}

// Webhook names a webhook by its account and feed; Feed is 0 for all feeds that have none of their own.
type Webhook struct{ Account, Feed int64 }

// SetWebhook stores, sealed, the URL that is called when a post is live. It returns webhook.ErrAddress for an address
// that is none.
func (o *Orders) SetWebhook(ctx context.Context, w Webhook, address redact.Secret) (store.Webhook, error) {
	return o.Webhooks.Set(ctx, w.Account, w.Feed, address, o.By)
}

// StopWebhook stores that nobody is called, whatever the account says. Its secrets are deleted.
func (o *Orders) StopWebhook(ctx context.Context, w Webhook) (store.Webhook, error) {
	return o.Webhooks.Off(ctx, w.Account, w.Feed, o.By)
}

// TestWebhook sends a test message and returns the status of the answer. It returns store.ErrNotFound when none is set
// there, and *TestError when the message did not arrive.
func (o *Orders) TestWebhook(ctx context.Context, w Webhook) (hook store.Webhook, status int, err error) {
	if hook, err = o.Store.Webhook(ctx, w.Account, w.Feed); err != nil {
		return hook, 0, err
	}
	a, err := o.Store.Account(ctx, w.Account)
	if err != nil {
		return hook, 0, err
	}
	if status, err = o.Webhooks.Send(ctx, hook, "msg_test_"+rand.Text(), webhook.NewTest(a)); err != nil {
		return hook, status, &TestError{err}
	}
	return hook, status, nil
}

// WebhookSecret returns what the messages of a webhook are signed with; renewed, it is another one from now on. It
// returns store.ErrNotFound when none is set there.
func (o *Orders) WebhookSecret(ctx context.Context, w Webhook, renew bool) (redact.Secret, error) {
	hook, err := o.Store.Webhook(ctx, w.Account, w.Feed)
	switch {
	case err != nil:
		return "", err
	case renew:
		return o.Webhooks.Renew(ctx, hook, o.By)
	}
	return o.Webhooks.Secret(hook)
}

// RemoveWebhook forgets a webhook with its secret and returns it as it was. It returns store.ErrNotFound when none is
// set there.
func (o *Orders) RemoveWebhook(ctx context.Context, w Webhook) (store.Webhook, error) {
	hook, err := o.Store.Webhook(ctx, w.Account, w.Feed)
	if err != nil {
		return hook, err
	}
	return hook, o.Store.RemoveWebhook(ctx, w.Account, w.Feed, o.By)
}

// ResendWebhook lets the site be called again about a publication, by whoever publishes.
func (o *Orders) ResendWebhook(ctx context.Context, publication int64) (store.Listed, error) {
	if err := o.Store.ResendWebhook(ctx, publication); err != nil {
		return store.Listed{}, err
	}
	return o.Store.Listed(ctx, publication)
}

// AddToken makes a token for a program, which may only read, or write as well, and returns its value, of which
// only a hash is stored. It returns store.ErrLabel for a label that is none.
func (o *Orders) AddToken(ctx context.Context, label string, write bool) (t store.Token, value string, err error) {
	scope := store.ReadScope
	if write {
		scope = store.WriteScope
	}
	return o.Store.AddToken(ctx, label, scope, o.By)
}

// RemoveToken revokes a token at once and returns it as it was.
func (o *Orders) RemoveToken(ctx context.Context, id int64) (store.Token, error) {
	return o.Store.RemoveToken(ctx, id, o.By)
}
