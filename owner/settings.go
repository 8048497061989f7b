package owner

import (
	"context"
	"errors"
	"slices"

	"postern/draft"
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

// AccountSet is an account with its new settings.
type AccountSet struct {
	Account store.Account
	Consequences
}

// RouteSet is a feed on an account with its new settings.
type RouteSet struct {
	Route store.Route
	Consequences
}

// SetAccount changes settings of an account. The history names those that have another value then. It returns
// *SettingError, and changes nothing, when one is not taken.
func (o *Orders) SetAccount(ctx context.Context, id int64, values []Value) (AccountSet, error) {
	a, err := o.Store.Account(ctx, id)
	if err != nil {
		return AccountSet{}, err
	}
	after := a.Settings
	if err := apply(&after, values); err != nil {
		return AccountSet{}, err
	}
	note := words.HistorySettingsChanged(changed(a.Settings, after))
	return o.setAccount(ctx, id, note, func(layer *store.Settings) error { return apply(layer, values) })
}

// changed returns the titles of the settings that two layers do not share, each with its new value where that is short
// and there is one.
func changed(before, after store.Settings) (all []string) {
	for _, s := range draft.Settings() {
		text := s.TextIn(after)
		switch {
		case text == s.TextIn(before):
		case text == "" || s.Lines || len(text) > shortValue:
			all = append(all, s.Title)
		default:
			all = append(all, words.HistorySettingValue(s.Title, text))
		}
	}
	return all
}

// shortValue is how long a value is that a line of history has a place for.
const shortValue = 30

func (o *Orders) setAccount(ctx context.Context, id int64, note string,
	change func(*store.Settings) error) (done AccountSet, err error) {
	done.Consequences, err = o.following(ctx, id, 0, func() error {
		done.Account, err = o.Store.UpdateAccount(ctx, id, o.By, note, func(a *store.Account) error {
			return change(&a.Settings)
		})
		return err
	})
	return done, err
}

// SetRoute lets an account take a feed, or no longer, and changes settings of the feed on the account. The history names
// those that have another value then. It returns *SettingError, and changes nothing, when one is not taken.
func (o *Orders) SetRoute(ctx context.Context, feed, account int64, takes bool, values []Value) (RouteSet, error) {
	r, err := o.Store.Route(ctx, feed, account)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return RouteSet{}, err
	}
	if _, err := o.Store.Feed(ctx, feed); err != nil { // where both are missing, the error names the first
		return RouteSet{}, err
	}
	a, err := o.Store.Account(ctx, account)
	if err != nil {
		return RouteSet{}, err
	}
	before := r.Settings
	r.FeedID, r.AccountID, r.Enabled = feed, account, takes
	if err := apply(&r.Settings, values); err != nil {
		return RouteSet{}, err
	}
	done := RouteSet{Route: r}
	note := words.HistoryRouteChanged(a.Name(), changed(before, r.Settings))
	done.Consequences, err = o.following(ctx, account, feed, func() error { return o.Store.SetRoute(ctx, r, o.By, note) })
	return done, err
}
