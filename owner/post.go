package owner

import (
	"context"

	"postern/store"
	"postern/words"
)

// PostError is the error of an order for a post that does not have exactly one publication. Its text is for logs:
// the one who asked is told with the words of shape.
type PostError struct {
	Left store.LeftOut  // the post, with what says why it is skipped when it has no publication
	Of   []store.Listed // its publications, several or none
}

// Error returns what is wrong with the order.
func (e *PostError) Error() string {
	return words.PostNotOne(e.Left.Post.ID, len(e.Of))
}

// PublicationOfPost returns the number of the one publication of a post. It returns store.ErrNotFound when there is no
// such post and *PostError when it has no publication, or several.
func (o *Orders) PublicationOfPost(ctx context.Context, post int64) (int64, error) {
	p, err := o.Store.Post(ctx, post)
	if err != nil {
		return 0, err
	}
	all, err := o.Store.PublicationsOfPost(ctx, post)
	switch {
	case err != nil:
		return 0, err
	case len(all) == 1:
		return all[0].ID, nil
	}
	f, err := o.Store.Feed(ctx, p.FeedID)
	if err != nil {
		return 0, err
	}
	left, err := o.Store.LeftOut(ctx, p, f)
	if err != nil {
		return 0, err
	}
	return 0, &PostError{Left: left, Of: all}
}
