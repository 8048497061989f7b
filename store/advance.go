package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postern/reason"
)

// Change is what a step learnt about a publication. Zero fields leave what is there.
type Change struct {
	To     State
	Actor  Actor // System when empty
	Reason reason.Reason
	// DueAt is when the next step may be taken; needed for queued, staged and publishing unless Keep.
	DueAt time.Time
	// Keep leaves lease and due time as they are: the same worker goes on with the next part of its step.
	Keep bool

	Try        bool   // an answer was an error of this post: one more try
	NewRound   bool   // the set of containers is dead: the next one starts with none
	Expedite   bool   // a person said publish
	Approve    bool   // a person said approve
	Recall     bool   // a person took publish or approve back
	Restart    bool   // a person said retry: tries and rounds are counted anew
	NotLive    bool   // a person looked and says that it is not live
	Verified   bool   // the profile was compared, after a restore
	DateAsked  bool   // → held: because of the post's date alone
	Missing    string // → failed: the picture or video that the site did not hand out
	Seen       Seen   // what it handed out instead of Missing: a damaged file
	Unanswered bool   // publish was asked for, no answer says what happened, and nothing is seen of it
	AskDead    bool   // publishing a container that is ERROR, to be told why; only when no further one could be made

	LooksLike int64 // the post seems to be this one under another name

	Freeze     *Frozen     // queued → staged: what is sent
	Containers []Container // made or read in this step, of the current round
	MediaID    string
	Permalink  string

	Code, Subcode int // Meta's answer, for the history
	TraceID       string
	Note          string // for the history, instead of the reason
	Answer        bool   // it is the answer to publish; see PublishAnswer

	// Left is how long the lease has to go on at least. With it the change is refused unless this Store holds the
	// lease.
	Left time.Duration

	owner string // of the Store that makes the change
}

// Frozen is what is sent, as composed when the publication is staged.
type Frozen struct {
	Kind    Kind
	Caption string
	Items   []Item
	Extras  Extras
}

// eventAnswer is the kind of event that keeps what Instagram answered to publish.
const eventAnswer = "publish-answer"

// Advance is the only way a state changes. It checks the move and its evidence, compares p.Version, and appends to the
// history in the same transaction. It returns the publication as it then stands: skipped, where it would be staged or
// queued again and its account was removed meanwhile.
//
// ErrConflict: someone else was faster. ErrIllegal: the states do not allow the move.
func (s *Store) Advance(ctx context.Context, p Publication, c Change) (Publication, error) {
	var out Publication
	err := s.write(ctx, func(tx *transaction) error {
		var err error
		c.owner = s.owner
		out, err = advance(ctx, tx, p.ID, p.Version, c)
		if c.Actor == "" || c.Actor == System { // a step: its publisher looks for more work when it ends
			tx.due = false
		}
		return err
	})
	if err != nil {
		return Publication{}, fmt.Errorf("publication %d, %s → %s: %w", p.ID, p.State, c.To, err)
	}
	return out, nil
}

func advance(ctx context.Context, tx *transaction, id, version int64, c Change) (Publication, error) {
	p, err := publicationIn(ctx, tx, id)
	if err != nil {
		return p, err
	}
	if p.Version != version {
		return p, ErrConflict
	}
	now := time.Now()
	if c.Left > 0 && (!p.Leased || p.LeasedBy != c.owner || p.DueAt.Before(now.Add(c.Left))) {
		return p, ErrConflict
	}
	was := p
	if !legal(was.State, c.To) {
		return p, ErrIllegal
	}
	if err := c.apply(&p); err != nil {
		return p, err
	}
	if err := advanceParts(ctx, tx, &p, was.State, c); err != nil {
		return p, err
	}
	if err := checkEvidence(&p, was.State, c, now); err != nil {
		return p, err
	}
	if err := saveAdvance(ctx, tx, p, version, c, now); err != nil {
		return p, err
	}
	tx.changesDue() // this one, what follows from it, or the next of its account, which may go now
	if err := followAdvance(ctx, tx, p, was, now); err != nil {
		return p, err
	}
	// One line per visible change: a status that is read every few seconds is none.
	if was.State == p.State && was.Reason == p.Reason && !c.Try && c.Code == 0 && c.Note == "" && c.Permalink == "" {
		return p, nil
	}
	err = addEvent(ctx, tx, Event{
		AccountID: p.AccountID, PublicationID: p.ID, Actor: c.Actor,
		Kind: ifElse(c.Answer, eventAnswer, ifElse(was.State == p.State, "note", "state")),
		From: was.State, To: p.State, Code: c.Code, Subcode: c.Subcode, TraceID: c.TraceID,
		Message: ifElse(c.Note != "", c.Note, p.Reason.String()), Reason: p.Reason.Code,
	})
	if err != nil || was.State != Publishing || p.State != Staged && p.State != Queued {
		return p, err
	}
	return skipIfRemoved(ctx, tx, p)
}

// apply makes the change in the row's own columns. Only ErrIllegal is returned.
func (c Change) apply(p *Publication) error {
	if !c.Reason.IsZero() || c.To != p.State {
		p.Reason = c.Reason
	}
	p.State, p.Version, p.Claims = c.To, p.Version+1, 0
	switch {
	case !c.To.Open():
		p.DueAt, p.Leased, p.LeasedBy, p.StartedAt = time.Time{}, false, "", time.Time{}
	case c.Keep:
	case c.DueAt.IsZero():
		return fmt.Errorf("no due time for %s: %w", c.To, ErrIllegal)
	default:
		p.DueAt, p.Leased, p.LeasedBy, p.StartedAt = c.DueAt, false, "", time.Time{}
	}
	p.MissingURL = c.Missing
	p.DateAsked = c.To == Held && (c.DateAsked || p.DateAsked)
	if c.Try {
		p.Tries++
	}
	switch {
	case c.Recall:
		p.Expedited, p.Approved = false, false
	case c.Expedite:
		p.Expedited = true
	case c.Approve:
		p.Expedited, p.Approved = false, true
	}
	if c.Restart {
		p.Tries, p.Unanswered = 0, 0
	}
	if c.Unanswered {
		p.Unanswered++
	}
	if c.Verified {
		p.VerifySince = time.Time{}
	}
	if c.MediaID != "" {
		p.MediaID = c.MediaID
	}
	if c.Permalink != "" {
		p.Permalink = c.Permalink
	}
	return nil
}

// saveAdvance writes the row if it still has the version.
func saveAdvance(ctx context.Context, tx *transaction, p Publication, version int64, c Change, now time.Time) error {
	res, err := tx.ExecContext(ctx,
		`UPDATE publications SET kind = $2, state = $3, reason_code = $4, reason_args = $28, caption = $5, version = $6,
		leased = $7, expedited = $8, tries = $9, round = $10, claims = $11, due_at = $12, asked_at = $13,
			media_id = $14,
		permalink = $15, published_at = $16, extras = $17, verify_since = $18, leased_by = $19, started_at = $20,
		intents = $21, approved = $23, unanswered = $24, date_asked = $25, missing_url = $26, missing_at = $27,
		missing_seen = $29
		WHERE id = $1 AND version = $22`,
		p.ID, p.Kind, p.State, p.Reason.Code, p.Caption, p.Version, p.Leased, p.Expedited, p.Tries, p.Round, p.Claims,
		millis(p.DueAt), millis(p.AskedAt), p.MediaID, p.Permalink, millis(p.PublishedAt), mustJSON(p.Extras),
		millis(p.VerifySince), p.LeasedBy, millis(p.StartedAt), p.Intents, version, p.Approved, p.Unanswered,
		p.DateAsked, p.MissingURL, millis(ifElse(p.MissingURL == "", time.Time{}, now)), p.Reason.Args, c.Seen.column())
	if err := expected(res, taken(err, p)); err != nil || c.LooksLike == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE posts SET looks_like = $2 WHERE id = $1 AND id <> $2`, p.PostID, c.LooksLike)
	return err
}

// followAdvance does what follows from a change, in its transaction: what is owed once a post is live, and what of a
// removed account can go once nothing of it is being published.
func followAdvance(ctx context.Context, tx *transaction, p, was Publication, now time.Time) error {
	if p.State == Published && was.State != Published {
		if err := oweFollowUps(ctx, tx, p, now); err != nil {
			return err
		}
	}
	if p.Permalink != "" && was.Permalink == "" { // by whichever way it became known
		if _, err := oweWebhook(ctx, tx, p, now); err != nil {
			return err
		}
	}
	if was.State == Publishing && p.State != Publishing {
		return wipeIfRemoved(ctx, tx, p.AccountID)
	}
	return nil
}

// oweFollowUps writes down what is left to do, in the transaction that knows that the post is live.
func oweFollowUps(ctx context.Context, tx *transaction, p Publication, now time.Time) error {
	for _, f := range []struct {
		kind string
		owed bool
	}{{FollowPermalink, p.Permalink == "" || p.MediaID == "" && p.Extras.FirstComment == ""},
		{FollowComment, p.Extras.FirstComment != ""}} {
		if !f.owed {
			continue
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO follow_ups (publication_id, kind, state, due_at)
			VALUES ($1, $2, 'due', $3)
			ON CONFLICT DO NOTHING`, p.ID, f.kind, millis(now))
		if err != nil {
			return err
		}
	}
	return nil
}

// skipIfRemoved ends what turned out not to be live after its account or feed was removed: nobody wants it any more.
func skipIfRemoved(ctx context.Context, tx *transaction, p Publication) (Publication, error) {
	var account, feed bool
	err := tx.QueryRowContext(ctx, `SELECT accounts.removed_at IS NOT NULL, feeds.removed_at IS NOT NULL
		FROM accounts, posts JOIN feeds ON feeds.id = posts.feed_id
		WHERE accounts.id = $1 AND posts.id = $2`, p.AccountID, p.PostID).Scan(&account, &feed)
	if err != nil || !account && !feed {
		return p, err
	}
	return advance(ctx, tx, p.ID, p.Version,
		Change{To: Skipped, Reason: reason.New(ifElse(account, reason.AccountRemoved, reason.FeedRemoved))})
}

// expected returns ErrConflict for an update that found no row as it expected it to be.
func expected(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrConflict)
	}
	return nil
}

// taken turns the refusals of the two unique indexes that moves can meet into errors that callers act on.
func taken(err error, p Publication) error {
	switch {
	case !isTaken(err):
		return err
	case p.State == Staged:
		return fmt.Errorf("another publication of the account is in flight: %w", ErrConflict)
	}
	return fmt.Errorf("media %s belongs to another publication: %w", p.MediaID, ErrIllegal)
}

// advanceParts keeps items and containers in step with the state.
func advanceParts(ctx context.Context, tx *transaction, p *Publication, from State, c Change) error {
	if c.Freeze != nil {
		p.Kind, p.Caption, p.Items, p.Extras = c.Freeze.Kind, c.Freeze.Caption, c.Freeze.Items, c.Freeze.Extras
		if err := replaceItems(ctx, tx, p.ID, p.Items); err != nil {
			return err
		}
	}
	for _, k := range c.Containers {
		_, err := tx.ExecContext(ctx, `INSERT INTO containers (publication_id, round, position, id, created_at, status)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (publication_id, round, position) DO UPDATE SET id = excluded.id,
				created_at = excluded.created_at, status = excluded.status`,
			p.ID, p.Round, k.Position, k.ID, millis(k.CreatedAt), k.Status)
		if err != nil {
			return err
		}
	}
	// Back to where it follows the post again: what was frozen no longer binds, and no container of this round may be
	// used by a later one.
	if (from == Staged || from == Publishing) && (p.State == Queued || p.State == Held) {
		p.Kind, p.Caption, p.Extras = "", "", Extras{}
		if err := replaceItems(ctx, tx, p.ID, nil); err != nil {
			return err
		}
		if !c.NewRound {
			if _, err := tx.ExecContext(ctx, `DELETE FROM containers WHERE publication_id = $1 AND round = $2`, p.ID,
				p.Round); err != nil {
				return err
			}
		}
	}
	if c.NewRound {
		p.Round++
	}
	if c.Restart {
		if _, err := tx.ExecContext(ctx, `DELETE FROM containers WHERE publication_id = $1`, p.ID); err != nil {
			return err
		}
		p.Round, p.AskedAt, p.Kind, p.Caption, p.Extras = 1, time.Time{}, "", "", Extras{}
		if err := replaceItems(ctx, tx, p.ID, nil); err != nil {
			return err
		}
	}
	return loadParts(ctx, tx, p)
}

func replaceItems(ctx context.Context, tx *transaction, id int64, items []Item) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM items WHERE publication_id = $1`, id); err != nil {
		return err
	}
	for n, i := range items {
		_, err := tx.ExecContext(ctx, `INSERT INTO items (publication_id, position, type, source_url, alt, poster_url,
			asset, cover_asset, sent_url, sent_cover_url)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id, n+1, i.Type, i.SourceURL, i.Alt, i.PosterURL,
			i.Asset, i.CoverAsset, i.SentURL, i.SentCover)
		if err != nil {
			return err
		}
	}
	return nil
}

// checkEvidence demands of a move what the state it leads to claims to know.
func checkEvidence(p *Publication, from State, c Change, now time.Time) error {
	switch {
	case p.State == Staged && from == Queued:
		if len(p.Containers) == 0 || c.Freeze == nil {
			return fmt.Errorf("staged without a container: %w", ErrIllegal)
		}
	case p.State == Publishing && from == Staged:
		k, ok := p.Container(0)
		if !ok || k.Status != ifElse(c.AskDead, "ERROR", "FINISHED") {
			return fmt.Errorf("publishing without a finished container: %w", ErrIllegal)
		}
		p.AskedAt, p.Intents = now, p.Intents+1
	case p.State == Queued && from == Publishing && !c.NewRound:
		return fmt.Errorf("a container that was asked for cannot be made again in its round: %w", ErrIllegal)
	case p.State == Queued && from == Unconfirmed && !c.NotLive:
		return fmt.Errorf("it may be live: look first, then say so: %w", ErrIllegal)
	case p.State == Published && from != Published:
		p.PublishedAt = now
		if p.AskedAt.IsZero() {
			// A publish that was taken not to have happened did, late. Its media is still to be found, and until then
			// others must know that what they see on the profile may be this one.
			p.AskedAt = now
		}
	case from == Publishing && p.State != Publishing && p.State != Unconfirmed:
		p.AskedAt = time.Time{} // absence is proven
	}
	return nil
}
