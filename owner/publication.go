package owner

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"postern/draft"
	"postern/publisher"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// Decision is an order about one publication.
type Decision struct {
	Command   store.Command
	Shown     store.State // the state that the person saw; "" decides about the one it is in
	NotLive   bool        // retry of an unconfirmed one: the person looked at the profile, and it is not there
	Permalink string      // confirm: its address at Instagram; "" when it is not known
	Edit      *Edit       // goes with the command, in one transaction; nil changes nothing
}

var (
	// ErrMayBeLive is the error of a retry of an unconfirmed publication whose owner did not say that it is not live.
	ErrMayBeLive = errors.New(words.MayBeLive)
	// ErrPermalink is the error of a permalink that is no web address.
	ErrPermalink = errors.New(words.PermalinkInvalid)
)

// Check returns what is wrong with the decision whatever publication it is about: ErrMayBeLive or ErrPermalink.
func (d Decision) Check() error {
	switch {
	case d.Command == store.CommandRetry && d.Shown == store.Unconfirmed && !d.NotLive:
		return ErrMayBeLive
	case d.Permalink != "" && !isWebAddress(d.Permalink):
		return ErrPermalink
	}
	return nil
}

func isWebAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Effect is what a decision has changed.
type Effect string

// The effects. All but Held, Skipped and Confirmed leave the publication in the queue.
const (
	Expedited        Effect = "expedited"         // it goes out as soon as its account publishes
	AlreadyExpedited Effect = "already expedited" // as before: it was to go out at once
	Approved         Effect = "approved"          // it goes out in its turn
	AlreadyWaiting   Effect = "already waiting"   // as before: it goes out in its turn
	PutBack          Effect = "put back"          // it was skipped, and goes out in its turn
	Retried          Effect = "retried"           // it is tried again from the start
	Held             Effect = "held"
	Skipped          Effect = "skipped"
	Confirmed        Effect = "confirmed" // kept as published
)

// Decided is the outcome of a decision.
type Decided struct {
	Effect Effect
	Before store.Listed
	After  store.Listed // with its forecast; a running daemon may have taken it further already
	// Blocked is the check that keeps it waiting: its media cannot be taken as they are. The zero value for none.
	Blocked store.Check
	// Stopped is why it does not go out although it was to: it is put on hold in its turn, or a running daemon has done
	// so already. None when there is nothing of that kind.
	Stopped reason.Reason
	// Overrides is the filter that would skip it and no longer does, none when there is none.
	Overrides reason.Reason
	// Unsaved is why the edit of a form was not kept when the post was held or skipped, nil when it was.
	Unsaved error
}

// Decide carries out a decision on a publication.
//
// It returns the error of Check, *EditError when Instagram would not take the edit, store.ErrConflict when the
// publication is no longer as it was shown, and store.ErrIllegal when its state does not allow the command. A form
// that holds or skips is carried out without an edit that Instagram would not take.
func (o *Orders) Decide(ctx context.Context, id int64, d Decision) (Decided, error) {
	if err := d.Check(); err != nil {
		return Decided{}, err
	}
	before, err := o.Store.Listed(ctx, id)
	if err != nil {
		return Decided{}, err
	}
	route, err := o.route(ctx, before)
	if err != nil {
		return Decided{}, err
	}
	order := store.Order{Command: d.Command, By: o.By, Shown: d.Shown, NotLive: d.NotLive, Permalink: d.Permalink}
	var unsaved error
	if d.Edit != nil {
		order.Edits, err = d.Edit.of(before, route)
		switch {
		case err != nil && d.Edit.IsForm && (d.Command == store.CommandHold || d.Command == store.CommandSkip):
			unsaved = err // what stops a post needs no caption
		case err != nil:
			return Decided{}, &EditError{State: before.State, Err: err}
		}
		order.Revision = d.Edit.revision(before)
	}
	if _, err := o.Store.Do(ctx, id, order); err != nil {
		return Decided{}, err
	}
	after, err := o.Store.Listed(ctx, id)
	if err != nil {
		return Decided{}, err
	}
	one := []store.Listed{after}
	if err := publisher.Forecast(ctx, o.Store, one); err != nil {
		return Decided{}, err
	}
	settings := draft.Resolve(draft.Layers(after.Account, route, after.Post)...)
	done := Decided{
		Effect: effect(d.Command, before.Publication, settings.Approve.V), Before: before, After: one[0],
		Unsaved: unsaved,
	}
	if d.Command == store.CommandPublish || d.Command == store.CommandApprove {
		done.Blocked = blockedBy(one[0])
	}
	switch d.Command {
	case store.CommandApprove, store.CommandPublish, store.CommandRetry:
		why := publisher.Why(one[0])
		if after.State == store.Held || publisher.IsUnplanned(why) || why.Is(reason.SettingRefused) {
			done.Stopped = why
		}
	}
	if after.State == store.Queued && !before.Approved && !before.Expedited {
		done.Overrides = draft.Filtered(after.Post, settings)
	}
	return done, nil
}

// effect returns what a command has changed. byHand is whether each of the account's posts waits for approval.
func effect(c store.Command, before store.Publication, byHand bool) Effect {
	waited := before.State == store.Queued
	switch c {
	case store.CommandHold:
		return Held
	case store.CommandSkip:
		return Skipped
	case store.CommandConfirm:
		return Confirmed
	case store.CommandRetry:
		return Retried
	case store.CommandApprove:
		switch {
		case waited && !before.Expedited && (!byHand || before.Approved):
			return AlreadyWaiting
		case before.State == store.Skipped:
			return PutBack
		}
		return Approved
	}
	if waited && before.Expedited {
		return AlreadyExpedited
	}
	return Expedited
}

// blockedBy returns the check for which a queued publication waits until its media can be taken, the zero value for
// none.
func blockedBy(l store.Listed) store.Check {
	c, blocked := publisher.InTheWay(l)
	if rule := l.Reason.Rule(); !blocked && strings.HasPrefix(rule, "media.") {
		c = store.Check{ID: rule, Severity: store.Blocks, Text: l.Reason.String(), Remedy: draft.RuleByID(rule).Remedy}
	}
	if l.State != store.Queued {
		return store.Check{}
	}
	return c
}

// CheckError is the error of a check at Instagram that came to no result.
type CheckError struct{ Err error }

func (e *CheckError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CheckError) Unwrap() error { return e.Err }

// CheckAgain looks once more on the profile for an unconfirmed publication, and returns the publication as it then
// stands: published, or unchanged.
//
// It returns store.ErrConflict when the publication is no longer in the state that was shown, store.ErrIllegal when
// it is not unconfirmed, and *CheckError when Instagram gave no answer.
func (o *Orders) CheckAgain(ctx context.Context, id int64, shown store.State) (store.Publication, error) {
	p, err := o.Store.Publication(ctx, id)
	if err != nil {
		return p, err
	}
	if p.State != shown {
		return p, fmt.Errorf("it is %s by now, not %s: %w", p.State, shown, store.ErrConflict)
	}
	p, err = o.Publisher.CheckAgain(ctx, id, o.By)
	if err != nil && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrIllegal) {
		err = &CheckError{err}
	}
	return p, err
}

// route returns the route of a publication, the zero value for none.
func (o *Orders) route(ctx context.Context, l store.Listed) (store.Route, error) {
	route, err := o.Store.Route(ctx, l.Post.FeedID, l.AccountID)
	if errors.Is(err, store.ErrNotFound) {
		return store.Route{}, nil
	}
	return route, err
}
