package owner

import (
	"context"
	"errors"
	"fmt"

	"postern/feed"
	"postern/publisher"
	"postern/store"
	"postern/words"
)

// ErrPaused is the error of an order to read a feed that is paused.
var ErrPaused = errors.New(words.FeedPaused)

// NewFeed is a feed to be added.
type NewFeed struct {
	Address string // of the feed, or of its site
	Label   string // the owner's name for it; "" takes the feed's title
	Start   string // which of its posts are published, as store.ParseStart reads it
}

// AddedFeed is a feed that was added, after its first poll.
type AddedFeed struct {
	Feed     store.Feed
	Saved    store.Saved
	Others   []feed.Candidate // other feeds of the site, where its address was given
	Will     publisher.WillPublish
	Accounts int // how many there are
}

// AddFeedError is the error of a feed that was not added.
type AddFeedError struct{ Err error }

func (e *AddFeedError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *AddFeedError) Unwrap() error { return e.Err }

// AddFeed adds a feed and polls it once; nothing is kept when that fails.
//
// It returns *AddFeedError when the feed was not added: it cannot be read, or is there already (store.ErrConflict).
func (o *Orders) AddFeed(ctx context.Context, n NewFeed) (added AddedFeed, err error) {
	added.Feed, added.Saved, added.Others, err = o.Poller.AddFirst(ctx, n.Address, n.Label, n.Start)
	if err != nil {
		return added, &AddFeedError{err}
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return added, err
	}
	added.Accounts = len(accounts)
	added.Will, err = publisher.WillPublishOf(ctx, o.Store, added.Feed.ID, 0)
	return added, err
}

// RemoveFeed forgets a feed and returns it as it was. What was published stays; the rest is skipped.
func (o *Orders) RemoveFeed(ctx context.Context, id int64) (store.Feed, error) {
	f, err := o.Store.Feed(ctx, id)
	if err != nil {
		return f, err
	}
	return f, o.Store.RemoveFeed(ctx, id, o.By)
}

// PauseFeed stops polling a feed, or goes on with it. What is queued goes on.
func (o *Orders) PauseFeed(ctx context.Context, id int64, paused bool) (store.Feed, error) {
	if err := o.Store.PauseFeed(ctx, id, paused, o.By); err != nil {
		return store.Feed{}, err
	}
	return o.Store.Feed(ctx, id)
}

// PollFeed reads a feed now and returns it as it is then: its problem says what was wrong.
//
// It returns ErrPaused for a feed that is paused, and context.DeadlineExceeded when some feed takes too long to
// answer; the feed is returned as it was.
func (o *Orders) PollFeed(ctx context.Context, id int64) (store.Feed, error) {
	f, err := o.Feed(ctx, id)
	switch {
	case err != nil:
		return f, err
	case f.Paused:
		return f, ErrPaused
	}
	if err := o.Store.CheckFeeds(ctx, f.ID); err != nil {
		return f, err
	}
	if err := o.Poller.PollDue(ctx); err != nil {
		return f, err
	}
	return o.Store.Feed(ctx, id)
}

// CheckFeed looks at everything a feed needs, and for pictures that its site did not have, and returns what it found.
func (o *Orders) CheckFeed(ctx context.Context, id int64) (store.Feed, []store.Finding, error) {
	f, err := o.Feed(ctx, id)
	if err != nil {
		return f, nil, err
	}
	found := o.Poller.Check(ctx, f)
	if !f.Paused {
		err = o.Poller.FindMissingNow(ctx, f)
	}
	return f, found, err
}

// Feed returns a feed that was not removed. store.ErrNotFound when there is none.
func (o *Orders) Feed(ctx context.Context, id int64) (store.Feed, error) {
	f, err := o.Store.Feed(ctx, id)
	if err == nil && !f.RemovedAt.IsZero() {
		err = fmt.Errorf("feed %d was removed: %w", id, store.ErrNotFound)
	}
	return f, err
}
