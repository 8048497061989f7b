package publisher

import (
	"context"
	"errors"

	"postern/draft"
	"postern/store"
)

// WithCaption returns the edits of a publication with another caption, and the revision they belong to. An error
// says why Instagram would not take the caption. store.ErrNotFound: there is no such publication.
func WithCaption(ctx context.Context, s *store.Store, id int64, caption string) (*store.Edits, int64, error) {
	l, err := s.Listed(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	route, err := s.Route(ctx, l.Post.FeedID, l.AccountID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, 0, err
	}
	edits := l.Edits
	edits.Caption = &caption
	l.Edits, l.Kind = edits, "" // what is frozen does not bind a publication that is held again
	_, err = draft.Of(l, route)
	return &edits, l.Revision, err
}
