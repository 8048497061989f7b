package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"postern/daemon"
	"postern/notices"
	"postern/shape"
	"postern/store"
	"postern/words"
)

// tellCmd is not for people: the program runs itself like this for one message.
type tellCmd struct{}

// Run needs neither configuration nor data directory.
func (*tellCmd) Run(in *invocation) error { return notices.SendMain(in.stdin, in.stdout) }

type addressJSON struct {
	ID      int64  `json:"id"`
	Service string `json:"service"`
	Origin  string `json:"origin"`
	SentAt  string `json:"told_at"`
	Waiting int    `json:"waiting"`
	Problem string `json:"problem"`
}

func addressView(a store.Address) addressJSON {
	return addressJSON{ID: a.ID, Service: a.Label, Origin: string(a.Origin), SentAt: shape.Time(a.SentAt),
		Waiting: a.Waiting, Problem: a.Problem}
}

type notifyListCmd struct{}

// Run lists the addresses, without what is secret in them.
func (notifyListCmd) Run(in *invocation) error {
	return listing[store.Address, addressJSON]{
		command: "notify list",
		nothing: words.TargetsOnlyPages,
		rows:    (*store.Store).Addresses, view: addressView,
		head: []string{"ID", "SERVICE", "FROM", "LAST SENT", "PROBLEM"},
		cells: func(a store.Address, now time.Time) []string {
			return []string{fmt.Sprint(a.ID), a.Label, string(a.Origin), when(a.SentAt, now), a.Problem}
		},
	}.run(in)
}

type notifyAddCmd struct {
	AddressFile string `arg:"" optional:"" help:"help_notify_add_address_file" default:"-" placeholder:"F"`
}

// Run keeps an address.
func (c *notifyAddCmd) Run(in *invocation) error {
	if strings.Contains(c.AddressFile, ":/") {
		return usage(words.TargetFromFile)
	}
	if f, ok := in.stdin.(*os.File); c.AddressFile == "-" && ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintln(in.stderr, words.TargetPrompt)
	}
	address, err := in.secret(c.AddressFile, "")
	if err != nil {
		return err
	}
	if address == "" {
		return usage(words.TargetMissing)
	}
	app, err := in.firstTools("notify add")
	if err != nil {
		return err
	}
	defer app.Close()
	a, err := app.orders().AddTarget(in.ctx, address)
	if err != nil {
		return err
	}
	return in.answer(addressView(a), words.TargetAdded(a.Label, a.ID))
}

type notifyRemoveCmd struct {
	ID int64 `arg:"" help:"help_notify_remove_id"`
}

// Run forgets an address.
func (c *notifyRemoveCmd) Run(in *invocation) error {
	app, err := in.tools("notify remove")
	if err != nil {
		return err
	}
	defer app.Close()
	a, err := app.orders().RemoveTarget(in.ctx, c.ID)
	if err != nil {
		return err
	}
	return in.answer(addressView(a), words.TargetRemoved(a.Label))
}

type notifyTestCmd struct {
	ID int64 `arg:"" optional:"" help:"help_notify_test_id"`
}

// Run sends tests.
func (c *notifyTestCmd) Run(in *invocation) error {
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	if len(cfg.Notify.Targets) == 0 { // those of the configuration are tried before the first start, too
		if err := hasDatabase(cfg); err != nil {
			return err
		}
	}
	app, err := newTools(in.ctx, cfg, in.logger(cfg, false), "notify test")
	if err != nil {
		return err
	}
	defer app.Close()
	if err := app.notices.Configure(in.ctx, app.cfg.Notify.Targets); err != nil {
		return err
	}
	all, err := app.store.Addresses(in.ctx)
	if err != nil {
		return err
	}
	var found []store.Finding
	for _, a := range all {
		if c.ID != 0 && a.ID != c.ID {
			continue
		}
		f := store.Finding{Check: a.Label, OK: true, Detail: words.TargetTested}
		if _, err := app.orders().TestTarget(in.ctx, a.ID); err != nil {
			f.OK, f.Detail, f.Remedy = false, oneLine(err.Error()), words.FixTargetTested
		}
		found = append(found, f)
	}
	switch {
	case len(all) > 0 && len(found) == 0:
		return errors.New(words.TargetNone(c.ID))
	case len(found) == 0:
		return errors.New(words.TargetsNone)
	}
	return in.findings(found)
}

type noticesCmd struct{}

// Run shows what is wrong. Beside a daemon it is what that one noticed.
func (noticesCmd) Run(in *invocation) error {
	const nothing = words.NoticesNone
	app, err := in.tools("notices")
	if err != nil {
		return in.nothing(err, nothing)
	}
	defer app.Close()
	open, err := app.store.OpenNotices(in.ctx)
	if err != nil {
		return err
	}
	pending, err := pendingNotices(in.ctx, app, open)
	if err != nil {
		return err
	}
	open = append(open, pending...)
	views := []shape.Notice{}
	for _, n := range open {
		views = append(views, shape.NoticeOf(n))
	}
	return in.print(views, func(w io.Writer) error {
		if len(open) == 0 {
			fmt.Fprintln(w, nothing)
		}
		for _, n := range open {
			fmt.Fprintf(w, "%s  %s\n  %s\n", n.Severity, printable(n.Text), printable(guided(n.Remedy, n.Guide)))
			if command := commandAbout(n); command != "" {
				fmt.Fprintf(w, "  %s\n", command)
			}
		}
		return nil
	})
}

// pendingNotices returns what is wrong with feeds that have no open notice.
func pendingNotices(ctx context.Context, app *App, open []store.Notice) ([]store.Notice, error) {
	feeds, err := app.store.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	holder, err := daemon.LockHolder(app.cfg.DataDir)
	return notices.Pending(feeds, open, holder != "", time.Now()), err
}

// commandAbout names the command that shows more about what a notice is about; "" for none.
func commandAbout(n store.Notice) string {
	switch {
	case n.PublicationID != 0:
		return words.NoticeCommandPublication(n.PublicationID)
	case n.FeedID != 0:
		return words.NoticeCommandFeed(n.FeedID)
	case n.AccountID != 0:
		return words.NoticeCommandAccount(n.AccountID)
	case strings.HasPrefix(n.Cause, notices.WebhookCause):
		return words.NoticeCommandWebhook
	}
	return ""
}
