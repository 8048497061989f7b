package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"postern/config"
	"postern/owner"
	"postern/redact"
	"postern/shape"
	"postern/store"
	"postern/words"
)

type webhookJSON struct {
	Account   int64  `json:"account"`
	Feed      int64  `json:"feed"` // 0: every feed that has none of its own
	Host      string `json:"host"` // "" when nobody is told
	SentAt    string `json:"told_at"`
	StoppedAt string `json:"stopped_at"` // when the receiver answered 410
	Problem   string `json:"problem"`
}

func webhookView(w store.Webhook) webhookJSON {
	return webhookJSON{w.AccountID, w.FeedID, w.Host, shape.Time(w.SentAt), shape.Time(w.StoppedAt), w.Problem}
}

// webhookOf names one on the command line.
type webhookOf struct {
	Account int64 `arg:"" help:"help_account_id"`
	Feed    int64 `help:"help_webhook_of_feed" placeholder:"ID"`
}

// named returns its name.
func (c webhookOf) named() owner.Webhook { return owner.Webhook{Account: c.Account, Feed: c.Feed} }

// unset tells of a webhook that is not set how to set it.
func (c webhookOf) unset(err error) error {
	if isNotFound(err) {
		return errors.New(words.WebhookUnset(c.Account, c.Feed))
	}
	return err
}

type webhookSetCmd struct {
	webhookOf
	AddressFile string `help:"help_webhook_set_address_file" placeholder:"F"`
	Off         bool   `help:"help_webhook_set_off"`
}

// Run keeps an address.
func (c *webhookSetCmd) Run(in *invocation) error {
	if c.Off && c.AddressFile != "" {
		return usage(words.WebhookAddressOrOff)
	}
	var address redact.Secret
	var err error
	if !c.Off {
		if address, err = in.secret(c.AddressFile, config.EnvWebhook); err != nil {
			return err
		}
		if address == "" {
			return usage(words.WebhookAddressMissing(config.EnvWebhook))
		}
	}
	app, err := in.tools("webhook set")
	if err != nil {
		return err
	}
	defer app.Close()
	if c.Off {
		w, err := app.orders().StopWebhook(in.ctx, c.named())
		if err != nil {
			return err
		}
		return in.answer(webhookView(w), words.HistoryWebhookOff)
	}
	w, err := app.orders().SetWebhook(in.ctx, c.named(), address)
	if err != nil {
		return err
	}
	return in.answer(webhookView(w), words.WebhookSet(w.Host, c.Account, c.Feed))
}

type webhookListCmd struct{}

// Run lists them, without what is secret in their addresses.
func (webhookListCmd) Run(in *invocation) error {
	return listing[store.Webhook, webhookJSON]{
		command: "webhook list", nothing: words.WebhooksNone,
		rows: (*store.Store).Webhooks, view: webhookView,
		head: []string{"ACCOUNT", "FEED", "HOST", "LAST SENT", "PROBLEM"},
		cells: func(w store.Webhook, now time.Time) []string {
			feed := ifElse(w.FeedID == 0, "every", fmt.Sprint(w.FeedID))
			return []string{fmt.Sprint(w.AccountID), feed, ifElse(w.Off(), "off", w.Host),
				when(w.SentAt, now), w.Problem}
		},
	}.run(in)
}

type webhookTestCmd struct{ webhookOf }

// Run sends a test.
func (c *webhookTestCmd) Run(in *invocation) error {
	app, err := in.tools("webhook test")
	if err != nil {
		return err
	}
	defer app.Close()
	w, status, err := app.orders().TestWebhook(in.ctx, c.named())
	if err != nil {
		return c.unset(err)
	}
	return in.answer(map[string]any{"host": w.Host, "status": status}, words.WebhookAnswered(w.Host, status))
}

type webhookSecretCmd struct {
	webhookOf
	New bool `help:"help_webhook_secret_new"`
}

// Run prints the secret, alone on standard output.
func (c *webhookSecretCmd) Run(in *invocation) error {
	app, err := in.tools("webhook secret")
	if err != nil {
		return err
	}
	defer app.Close()
	secret, err := app.orders().WebhookSecret(in.ctx, c.named(), c.New)
	if err != nil {
		return c.unset(err)
	}
	return in.print(map[string]string{"secret": secret.Reveal()}, func(out io.Writer) error {
		_, err := fmt.Fprintln(out, secret.Reveal())
		return err
	})
}

type webhookResendCmd struct {
	ID int64 `arg:"" help:"help_webhook_resend_id"`
}

// Run leaves the message to whoever publishes.
func (c *webhookResendCmd) Run(in *invocation) error {
	app, err := in.tools("webhook resend")
	if err != nil {
		return err
	}
	defer app.Close()
	p, err := app.orders().ResendWebhook(in.ctx, c.ID)
	if err != nil {
		return err
	}
	views, err := shape.Publications(in.ctx, app.store, []store.Listed{p})
	if err != nil {
		return err
	}
	return in.answer(views[0], words.WebhookResent(c.ID))
}

type webhookRemoveCmd struct{ webhookOf }

// Run forgets an address.
func (c *webhookRemoveCmd) Run(in *invocation) error {
	app, err := in.tools("webhook remove")
	if err != nil {
		return err
	}
	defer app.Close()
	w, err := app.orders().RemoveWebhook(in.ctx, c.named())
	if err != nil {
		return c.unset(err)
	}
	if w.Off() || c.Feed == 0 {
		return in.answer(webhookView(w), words.HistoryWebhookRemoved)
	}
	return in.answer(webhookView(w), words.WebhookOfFeedRemoved(w.Host))
}
