package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"postern/reason"
	"postern/words"
)

// Command is a decision by a person about a publication.
type Command string

// The commands that the pages, the API and the command line offer, with the state changes that they cause.
const (
	CommandPublish Command = "publish" // held, skipped, queued → queued, due now; skips gates that a person may skip
	CommandApprove Command = "approve" // held, skipped, queued → queued in order, after quiet hours and the pace
	CommandHold    Command = "hold"    // queued, staged → held
	CommandSkip    Command = "skip"    // queued, held, staged, failed, unconfirmed → skipped
	CommandRetry   Command = "retry"   // failed → queued; unconfirmed → queued with Order.NotLive
	CommandConfirm Command = "confirm" // unconfirmed → published
)

// Order is one command with its arguments.
type Order struct {
	Command   Command
	By        Actor
	NotLive   bool   // for retry of an unconfirmed publication: the person checked that the post is not live
	Permalink string // for confirm: the permalink, if known
	// Shown is the state that the person saw; "" skips the comparison. A form must not decide about a state that it
	// did not show.
	Shown State
	// Edits are stored together with the command, in one transaction; nil leaves the current edits. Revision is the
	// revision that the person saw.
	Edits    *Edits
	Revision int64
}

// isStale reports whether the state that the person saw is no longer current. A hold that follows "publish now" is
// accepted in queued and staged alike, because no publish was requested yet in either state.
func (o Order) isStale(now State) bool {
	if o.Shown == "" || o.Shown == now {
		return false
	}
	underWay := func(s State) bool { return s == Queued || s == Staged }
	return o.Command != CommandHold || !underWay(o.Shown) || !underWay(now)
}

var commandsFrom = map[Command][]State{
	CommandPublish: {Held, Skipped, Queued},
	CommandApprove: {Held, Skipped, Queued},
	CommandHold:    {Queued, Staged},
	CommandSkip:    {Queued, Held, Staged, Failed, Unconfirmed},
	CommandRetry:   {Failed, Unconfirmed},
	CommandConfirm: {Unconfirmed},
}

// Allows reports whether a command is possible in a state.
func (c Command) Allows(s State) bool {
	for _, from := range commandsFrom[c] {
		if s == from {
			return true
		}
	}
	return false
}

// takesOver reports whether a person puts a publication on hold that one of their rules holds already. The person's
// hold then replaces the rule's, so that the publication stays held even if the rule is changed.
func (o Order) takesOver(p Publication) bool {
	return o.Command == CommandHold && p.State == Held &&
		p.Reason.Is(reason.Approval, reason.StartHold, reason.StartAsk, reason.DatedBefore, reason.EntriesMany)
}

// Do carries out a person's command and returns the changed publication.
//
// It returns ErrConflict if the publication is no longer in the state that was shown or has been edited meanwhile,
// and ErrIllegal if the command is not possible in its state; the text of the error says which commands are.
func (s *Store) Do(ctx context.Context, id int64, o Order) (Publication, error) {
	var out Publication
	err := s.write(ctx, func(tx *transaction) error {
		p, err := publicationIn(ctx, tx, id)
		if err != nil {
			return err
		}
		if o.isStale(p.State) {
			return withText(ErrConflict, words.OrderStale(id, string(p.State), string(o.Shown)))
		}
		if !o.Command.Allows(p.State) && !o.takesOver(p) {
			return refusal(p, o.Command)
		}
		if err := o.checkAccount(ctx, tx, p); err != nil {
			return err
		}
		if err := o.checkSkipped(ctx, tx, p); err != nil {
			return err
		}
		same, err := decideTwin(ctx, tx, p, o)
		if err != nil {
			return err
		}
		if o.Command == CommandRetry {
			if p.State == Unconfirmed && !o.NotLive {
				return withText(ErrIllegal, words.RetryMayBeLive(id))
			}
			// The site may have replaced the picture at the same URL.
			if _, err := tx.ExecContext(ctx, `DELETE FROM preflights WHERE publication_id = $1`, id); err != nil {
				return err
			}
		}
		c := o.change(p, same)
		if _, err := tx.ExecContext(ctx, `UPDATE publications SET start_asked = 0 WHERE id = $1 AND start_asked = 1`,
			id); err != nil {
			return err
		}
		if out, err = advance(ctx, tx, id, p.Version, c); err != nil || o.Edits == nil {
			return err
		}
		out, err = edit(ctx, tx, out, o.Revision, *o.Edits, o.By)
		return err
	})
	var inWords textError
	switch {
	case errors.As(err, &inWords):
		return Publication{}, inWords
	case err != nil:
		return Publication{}, fmt.Errorf("publication %d: %w", id, err)
	}
	return out, nil
}

// checkAccount refuses a command that would publish for a removed account.
func (o Order) checkAccount(ctx context.Context, tx *transaction, p Publication) error {
	if o.Command != CommandPublish && o.Command != CommandApprove && o.Command != CommandRetry {
		return nil
	}
	a, err := accountIn(ctx, tx, p.AccountID)
	if err != nil || a.RemovedAt.IsZero() {
		return err
	}
	return withText(ErrIllegal, words.AccountOfPublicationRemoved(p.ID))
}

// checkSkipped refuses to publish a skipped post that may be live already, or that was published from another feed.
func (o Order) checkSkipped(ctx context.Context, tx *transaction, p Publication) error {
	if p.State != Skipped || o.Command != CommandPublish && o.Command != CommandApprove {
		return nil
	}
	// Publish was requested and absence was never proven. Skipping a publication must not become a way around that
	// proof.
	if !p.AskedAt.IsZero() {
		return withText(ErrIllegal, words.SkippedMayBeLive(p.ID, p.AskedAt))
	}
	post, err := postIn(ctx, tx, p.PostID)
	if err != nil {
		return err
	}
	// A post is published once per account, whichever feed it comes from. Check again, because the other feed's post
	// may have been published after this one was skipped.
	others, err := sameElsewhere(ctx, tx, post.FeedID, []*Post{&post}, p.AccountID)
	if err != nil {
		return err
	}
	other, ok := others[post.ID]
	if !ok {
		return nil
	}
	isOpen := other.publication.AskedAt.IsZero() && CommandSkip.Allows(other.publication.State)
	say := ifElse(isOpen, words.SameElsewhereWaits, words.SameElsewhere)
	return withText(ErrIllegal, say(p.ID, other.publication.ID, other.feed, fate(other.publication)))
}

// change returns the Change for an order. If same is not zero, it is the reason for a skip: the person decided that
// the post is the same as an earlier one.
func (o Order) change(p Publication, same reason.Reason) Change {
	c := Change{Actor: o.By, DueAt: time.Now()}
	if p.Reason.Is(reason.SettingRefused) { // the setting refuses the post again unless the owner has changed it
		c.Reason = p.Reason
	}
	switch o.Command {
	case CommandPublish:
		c.To, c.Expedite, c.Restart, c.Note = Queued, true, p.State != Queued, words.HistoryPublishAsked
	case CommandApprove:
		c.To, c.Approve, c.Restart, c.Note = Queued, true, p.State != Queued,
			ifElse(p.State == Skipped, words.HistoryPutBack, words.HistoryApproved)
	case CommandHold:
		c.To, c.Recall, c.Reason = Held, true, reason.New(reason.HeldByOwner)
	case CommandSkip:
		c.To, c.Recall, c.Reason = Skipped, true, ifElse(same.IsZero(), reason.New(reason.SkippedByOwner), same)
	case CommandRetry:
		c.To, c.Expedite, c.Restart, c.NotLive, c.Note = Queued, true, true, o.NotLive, words.HistoryRetryAsked
	case CommandConfirm:
		c.To, c.Permalink, c.Reason = Published, o.Permalink, reason.New(reason.ConfirmedByOwner)
	}
	return c
}

// decideTwin records what a person decided about a publication whose post looks like an earlier one. Publish and
// approve mean that it is a new post, even after it was skipped as the same one; skip means that it is the same
// post. For skip, decideTwin returns the reason to record.
func decideTwin(ctx context.Context, tx *transaction, p Publication, o Order) (same reason.Reason, err error) {
	isBack := p.State == Skipped && p.Reason.Is(reason.SameAsPublication, reason.SameAsPost)
	if p.State != Held && !isBack ||
		o.Command != CommandPublish && o.Command != CommandApprove && o.Command != CommandSkip {
		return same, nil
	}
	post, err := postIn(ctx, tx, p.PostID)
	if err != nil || post.LooksLike == 0 {
		return same, err
	}
	if o.Command == CommandSkip {
		return markSame(ctx, tx, post, p, o.By)
	}
	if err := restoreOwnID(ctx, tx, post); err != nil {
		return same, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE posts SET looks_like = NULL, is_new = 1 WHERE id = $1`, post.ID)
	return same, err
}

// Edit stores a person's changes to a publication that is not staged yet. revision is the revision that the form
// showed.
//
// It returns ErrConflict if the publication was edited meanwhile, and ErrIllegal if its state no longer allows
// edits.
func (s *Store) Edit(ctx context.Context, id, revision int64, e Edits, by Actor) error {
	return s.write(ctx, func(tx *transaction) error {
		p, err := publicationIn(ctx, tx, id)
		if err != nil {
			return err
		}
		_, err = edit(ctx, tx, p, revision, e, by)
		return err
	})
}

// CanEdit reports whether the caption and the pictures can be changed in a state.
func (s State) CanEdit() bool { return s == Queued || s == Held || s == Skipped }

func edit(ctx context.Context, tx *transaction, p Publication, revision int64, e Edits, by Actor) (Publication, error) {
	switch {
	case !p.State.CanEdit():
		return p, finalEdits(p)
	case p.Revision != revision:
		return p, withText(ErrConflict, words.EditStale(p.ID))
	}
	what := p.Edits.difference(e)
	if len(what) == 0 {
		return p, nil
	}
	res, err := tx.ExecContext(ctx, `UPDATE publications SET edits = $3, revision = revision + 1, version = version + 1,
		`+overtaken+` WHERE id = $1 AND version = $4`, p.ID, millis(time.Now()), mustJSON(e), p.Version)
	if err := expected(res, err); err != nil {
		return p, err
	}
	tx.changesDue()
	err = addEvent(ctx, tx, Event{AccountID: p.AccountID, PublicationID: p.ID, Actor: by, Kind: "note", From: p.State,
		To: p.State, Message: words.HistoryEdited(what)})
	if err != nil {
		return p, err
	}
	return publicationIn(ctx, tx, p.ID)
}

// difference names the parts that change from e to the given edits, in words for the history.
func (e Edits) difference(to Edits) []string {
	var parts []string
	switch {
	case e.Caption == nil && to.Caption == nil, e.Caption != nil && to.Caption != nil && *e.Caption == *to.Caption:
	case to.Caption == nil:
		parts = append(parts, words.EditCaptionFollows)
	default:
		parts = append(parts, words.EditCaption)
	}
	switch {
	case reflect.DeepEqual(e.Media, to.Media):
	case to.Media == nil:
		parts = append(parts, words.EditPicturesFollow)
	case onlyAlt(e.Media, to.Media):
		parts = append(parts, words.EditAlternativeText)
	default:
		parts = append(parts, words.EditPictures)
	}
	return parts
}

// onlyAlt reports whether two lists contain the same pictures in the same order, so that only alternative texts can
// differ.
func onlyAlt(a, b *[]EditedMedia) bool {
	return a != nil && b != nil && slices.EqualFunc(*a, *b, func(x, y EditedMedia) bool { return x.URL == y.URL })
}
