package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postern/reason"
)

// Change describes what a step found out about a publication. Zero fields change nothing.
type Change struct {
	To     State
	Actor  Actor // System when empty
	Reason reason.Reason
	// DueAt is when the next step may run. It is required for queued, staged and publishing unless Keep is set.
	DueAt time.Time
	// Keep leaves the lease and the due time unchanged, because the same worker continues with the next part of its
	// step.
	Keep bool

	Try        bool   // Instagram answered with an error about this post; counts one more try
	NewRound   bool   // the containers of this round cannot be used; the next round starts without any
	Expedite   bool   // a person chose "publish now"
	Approve    bool   // a person approved it
	Recall     bool   // a person withdrew "publish now" or the approval
	Restart    bool   // a person chose "retry": tries and rounds start from zero
	NotLive    bool   // a person checked the profile and confirmed that the post is not live
	Verified   bool   // the profile was compared after a restore
	DateAsked  bool   // → held: only because of the post's date
	Missing    string // → failed: URL of the picture or video that the site did not serve
	Seen       Seen   // what the site served at Missing instead: a damaged file
	Unanswered bool   // publish was requested, Instagram did not answer, and the post has not been found
	AskDead    bool   // publish a container in status ERROR, only to learn its error

	LooksLike int64 // id of the post that this one seems to be a copy of

	Freeze     *Frozen     // queued → staged: the content to send
	Containers []Container // created or read in this step, in the current round
	MediaID    string
	Permalink  string

	Code, Subcode int // Meta's error codes, for the history
	TraceID       string
	Note          string // message for the history; replaces the reason
	Answer        bool   // this change records Instagram's answer to publish; see PublishAnswer

	// Left is the minimum time for which the lease must still be valid. If it is set, Advance returns ErrConflict
	// unless this Store has the lease for at least that long.
	Left time.Duration

	owner string // name of the Store that makes the change
}

// Frozen is the content of a publication as fixed when it is staged.
type Frozen struct {
	Kind    Kind
	Caption string
	Items   []Item
	Extras  Extras
}

// eventAnswer is the kind of the events that record Instagram's answer to a publish call.
const eventAnswer = "publish-answer"

// Advance changes the state of a publication; there is no other way to change it. It checks that the move is legal
// and that its evidence is complete, compares p.Version, and appends to the history in the same transaction. It
// returns the changed publication. If a publication would become queued or staged again but its account or feed was
// removed meanwhile, it is skipped instead.
//
// It returns ErrConflict if the version or the lease has changed, and ErrIllegal if the move is not allowed.
func (s *Store) Advance(ctx context.Context, p Publication, c Change) (Publication, error) {
	var out Publication
	err := s.write(ctx, func(tx *transaction) error {
		var err error
		c.owner = s.owner
		out, err = advance(ctx, tx, p.ID, p.Version, c)
		// The publisher looks for more work by itself when its step ends.
		if c.Actor == "" || c.Actor == System {
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
	tx.changesDue() // the publication itself, its follow-ups, or the account's next publication may be due now
	if err := followAdvance(ctx, tx, p, was, now); err != nil {
		return p, err
	}
	// Add to the history only what a person can see: a container status that is read every few seconds is not
	// recorded.
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

// apply makes the change in the columns of p. Its only error is ErrIllegal.
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

// saveAdvance writes the row. It returns ErrConflict if the row no longer has the given version.
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

// followAdvance makes the changes that follow from a state change, in the same transaction: it adds the follow-ups
// of a post that went live, and deletes the secrets of a removed account once none of its publications is in
// publishing.
func followAdvance(ctx context.Context, tx *transaction, p, was Publication, now time.Time) error {
	if p.State == Published && was.State != Published {
		if err := oweFollowUps(ctx, tx, p, now); err != nil {
			return err
		}
	}
	if p.Permalink != "" && was.Permalink == "" { // no matter how the permalink became known
		if _, err := oweWebhook(ctx, tx, p, now); err != nil {
			return err
		}
	}
	if was.State == Publishing && p.State != Publishing {
		return wipeIfRemoved(ctx, tx, p.AccountID)
	}
	return nil
}

// oweFollowUps adds the follow-ups of a publication that went live, in the transaction that records that it is live.
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

// skipIfRemoved skips a publication that turned out not to be live after its account or feed had been removed.
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

// expected returns ErrConflict if an update changed no row, because the row is no longer as the caller expected it.
func expected(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrConflict)
	}
	return nil
}

// taken turns a violation of one of the two unique indexes that a move can violate into an error that callers can
// act on.
func taken(err error, p Publication) error {
	switch {
	case !isTaken(err):
		return err
	case p.State == Staged:
		return fmt.Errorf("another publication of the account is in flight: %w", ErrConflict)
	}
	return fmt.Errorf("media %s belongs to another publication: %w", p.MediaID, ErrIllegal)
}

// advanceParts updates the items and containers of a publication to match its new state.
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
	// A publication that goes back to queued or held follows its post again: its frozen content is deleted, and no
	// later round may use a container of this one.
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

// checkEvidence returns ErrIllegal if the move lacks the evidence that its target state requires. It also sets the
// times that the move determines.
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
		return fmt.Errorf("a container may not be created again in the round in which it was published: %w", ErrIllegal)
	case p.State == Queued && from == Unconfirmed && !c.NotLive:
		return fmt.Errorf("it may be live: look first, then say so: %w", ErrIllegal)
	case p.State == Published && from != Published:
		p.PublishedAt = now
		if p.AskedAt.IsZero() {
			// Postern had concluded that this publish did not take effect, but it did, late. The media id is still
			// to be found, and until then other publications must know that a post on the profile may be this one.
			p.AskedAt = now
		}
	case from == Publishing && p.State != Publishing && p.State != Unconfirmed:
		p.AskedAt = time.Time{} // it is proven that the post is not live
	}
	return nil
}
