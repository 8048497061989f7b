package owner

import (
	"context"
	"errors"
	"slices"

	"postern/draft"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// Value is a setting with the text that a person gave it. "" returns the setting to the layer above.
type Value struct{ Setting, Text string }

// SettingError is the error of a value that a setting does not take.
type SettingError struct {
	Setting string
	Unknown bool // there is no such setting
	Err     error
}

func (e *SettingError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *SettingError) Unwrap() error { return e.Err }

// Apply sets values in a layer of settings and returns an error for each that is not taken, in their order.
func Apply(layer *store.Settings, values []Value) (wrong []*SettingError) {
	for _, v := range values {
		if err := draft.Set(layer, v.Setting, v.Text); err != nil {
			unknown := !slices.Contains(draft.SettingNames(), v.Setting)
			wrong = append(wrong, &SettingError{Setting: v.Setting, Unknown: unknown, Err: err})
		}
	}
	return wrong
}

func apply(layer *store.Settings, values []Value) error {
	if wrong := Apply(layer, values); len(wrong) > 0 {
		return wrong[0]
	}
	return nil
}

// SetAccount changes settings of an account. The history names them, unless they are a whole form, which repeats
// most of them as they were. It returns *SettingError, and changes nothing, when one is not taken.
func (o *Orders) SetAccount(ctx context.Context, id int64, values []Value, isForm bool) (store.Account, error) {
	var names []string
	if !isForm { // the names alone: a format string has no place in a line of history
		for _, v := range values {
			names = append(names, v.Setting)
		}
	}
	note := words.HistorySettingsChanged(names)
	return o.Store.UpdateAccount(ctx, id, o.By, note, func(a *store.Account) error {
		return apply(&a.Settings, values)
	})
}

// SetRoute lets an account take a feed, or no longer, and changes settings of the feed on the account. It returns
// *SettingError, and changes nothing, when one is not taken.
func (o *Orders) SetRoute(ctx context.Context, feed, account int64, takes bool, values []Value) (store.Route, error) {
	r, err := o.Store.Route(ctx, feed, account)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return r, err
	}
	r.FeedID, r.AccountID, r.Enabled = feed, account, takes
	if err := apply(&r.Settings, values); err != nil {
		return r, err
	}
	return r, o.Store.SetRoute(ctx, r, o.By)
}

// AwaitingApproval returns the numbers of the publications of an account that are on hold for approval although the
// account no longer asks for it: switching approve off lets nothing out by itself.
func (o *Orders) AwaitingApproval(ctx context.Context, a store.Account) ([]int64, error) {
	if a.Settings.Approve != nil && *a.Settings.Approve {
		return nil, nil
	}
	held, err := o.Store.Publications(ctx, store.Filter{States: []store.State{store.Held}, AccountID: a.ID})
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, l := range held {
		if l.Reason.Is(reason.Approval) {
			ids = append(ids, l.ID)
		}
	}
	return ids, nil
}
