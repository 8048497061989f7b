package publisher

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"postern/instagram"
	"postern/store"
	"postern/words"
)

// commentSettle is how long an unanswered comment must be absent before it is sent again.
const commentSettle = 10 * time.Minute

// comment writes the first comment of a live post unless the post already has it. The call has no idempotency key.
// Therefore the intent is recorded before the call, and a retry sends the comment again only after commentSettle.
func (p *Publisher) comment(ctx context.Context, f store.FollowUp) error {
	pub, err := p.store.Publication(ctx, f.PublicationID)
	if err != nil || pub.State != store.Published || pub.Extras.FirstComment == "" {
		return err
	}
	if pub.MediaID == "" && pub.Permalink == "" {
		return errors.New(words.CommentNoID)
	}
	// Load the account before its token: an error about the token must not count against a token stored later.
	account, err := p.store.Account(ctx, pub.AccountID)
	if err != nil {
		return err
	}
	client, err := p.accounts.Client(ctx, pub.AccountID)
	if err != nil {
		return err
	}
	if pub.MediaID == "" {
		if pub, err = p.identify(ctx, client, account, pub, f.Tries == 0); err != nil {
			return err
		}
	}
	existing, err := client.Comments(ctx, pub.MediaID)
	if err != nil {
		return p.commentTrouble(ctx, account, err)
	}
	for _, c := range existing {
		// After the first request, a comment with our text is ours under any user name, because accounts are renamed.
		ours := c.Username == "" || c.Username == account.Username || !f.AskedAt.IsZero()
		if ours && sameCaption(c.Text) == sameCaption(pub.Extras.FirstComment) {
			return p.noteOn(ctx, pub, words.CommentThere)
		}
	}
	if len(existing) >= instagram.MaxComments {
		return permanentError{errors.New(words.CommentTooMany)}
	}
	if !f.AskedAt.IsZero() && time.Since(f.AskedAt) < commentSettle {
		return errors.New(words.CommentAsked)
	}
	var intentErr error
	_, err = client.CommentAfter(ctx, pub.MediaID, pub.Extras.FirstComment, func() error {
		intentErr = p.store.AskFollowUp(ctx, f)
		return intentErr
	})
	switch {
	case intentErr != nil:
		return intentErr
	case err != nil:
		return p.commentTrouble(ctx, account, err)
	}
	return p.noteOn(ctx, pub, words.CommentWritten)
}

// commentTrouble returns a permanent error if only the owner can resolve the problem. A missing permission for
// comments does not stop the account from publishing.
func (p *Publisher) commentTrouble(ctx context.Context, a store.Account, err error) error {
	err = p.accountFault(ctx, a, err)
	if errors.As(err, new(accountError)) {
		return err
	}
	switch v := instagram.Classify(err); {
	case instagram.IsForbidden(err):
		return permanentError{errors.New(words.CommentNoPermission)}
	case v.Action == instagram.Reject:
		return permanentError{errors.New(v.Reason.String())}
	default:
		return errors.New(v.Reason.String())
	}
}

// commentFailed adds the failure to the history of the publication. The post stays live.
func (p *Publisher) commentFailed(ctx context.Context, f store.FollowUp, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	pub, err := p.store.Publication(ctx, f.PublicationID)
	if err == nil {
		err = p.noteOn(ctx, pub, words.CommentFailed(cause.Error()))
	}
	if err != nil {
		p.log.Error("note not recorded", slog.Int64("publication", f.PublicationID), slog.Any("error", err))
	}
}

// noteOn adds a line to the history of a publication.
func (p *Publisher) noteOn(ctx context.Context, pub store.Publication, message string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return p.store.AddEvent(ctx,
		store.Event{AccountID: pub.AccountID, PublicationID: pub.ID, Kind: "note", From: pub.State, To: pub.State,
			Message: message})
}
