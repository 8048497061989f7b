package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postern/words"
)

// Webhook is where the build of a site is told that a post is live. Address and secret are sealed: only package webhook
// opens them.
type Webhook struct {
	ID        int64
	AccountID int64
	FeedID    int64  // 0: every feed of the account that has none of its own
	Host      string // of the address; nothing secret. "" for nobody is told
	Address   []byte
	Secret    []byte    // what messages are signed with; nil when nobody is told
	Problem   string    // why the last message did not arrive; "" when it did
	SentAt    time.Time // when one arrived last; zero for never
	StoppedAt time.Time // when the receiver said that it wants no more; zero while messages are sent
	CreatedAt time.Time
}

// Off says that nobody is told, although the account may have a webhook.
func (w Webhook) Off() bool { return w.Host == "" }

const webhookColumns = `id, account_id, coalesce(feed_id, 0), host, address, secret, problem, told_at, stopped_at,
	created_at`

func scanWebhook(row scanner) (Webhook, error) {
	var w Webhook
	return w, row.Scan(&w.ID, &w.AccountID, &w.FeedID, &w.Host, &w.Address, &w.Secret, &w.Problem,
		instant{&w.SentAt}, instant{&w.StoppedAt}, instant{&w.CreatedAt})
}

// Webhooks returns every one, the accounts' own before those of their feeds.
func (s *Store) Webhooks(ctx context.Context) ([]Webhook, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+webhookColumns+` FROM webhooks ORDER BY account_id, coalesce(feed_id, 0)`)
	return collect(rows, err, scanWebhook)
}

// Webhook returns the one of an account (feed 0), or of a feed on it. ErrNotFound when it has none of its own.
func (s *Store) Webhook(ctx context.Context, account, feed int64) (Webhook, error) {
	w, err := scanWebhook(s.r.QueryRowContext(ctx,
		`SELECT `+webhookColumns+` FROM webhooks WHERE account_id = $1 AND coalesce(feed_id, 0) = $2`, account, feed))
	return w, notFound(err, webhookOf(account, feed))
}

func webhookOf(account, feed int64) string {
	if feed == 0 {
		return words.WebhookOfAccount(account)
	}
	return words.WebhookOfFeed(feed, account)
}

// nearestWebhook asks for the one that counts for the posts of a feed on an account.
const nearestWebhook = `SELECT ` + webhookColumns +
	` FROM webhooks WHERE account_id = $1 AND coalesce(feed_id, 0) IN (0, $2) ORDER BY coalesce(feed_id, 0) DESC
		LIMIT 1`

// WebhookFor returns the one that counts for the posts of a feed on an account. found is false when nobody is told.
func (s *Store) WebhookFor(ctx context.Context, account, feed int64) (w Webhook, found bool, err error) {
	return nearest(s.r.QueryRowContext(ctx, nearestWebhook, account, feed))
}

func nearest(row scanner) (w Webhook, found bool, err error) {
	w, err = scanWebhook(row)
	if errors.Is(err, sql.ErrNoRows) {
		return Webhook{}, false, nil
	}
	return w, err == nil && !w.Off(), err
}

// SetWebhook keeps the webhook of w's account and feed over the one that is there, whose problems are forgotten.
// seal is called inside the transaction with the row as it stands (its ID, and the sealed secret it has, if any),
// because secrets are bound to their row; it returns address and secret. With no host it is not called, and
// nobody is told. ErrNotFound: there is no such account or feed.
func (s *Store) SetWebhook(ctx context.Context, w Webhook, by Actor,
	seal func(Webhook) (address, secret []byte, err error)) (Webhook, error) {
	err := s.write(ctx, func(tx *transaction) error {
		a, err := accountIn(ctx, tx, w.AccountID)
		if err == nil && !a.RemovedAt.IsZero() {
			err = fmt.Errorf("account %d was removed: %w", a.ID, ErrNotFound)
		}
		if err == nil && w.FeedID != 0 {
			_, err = scanFeed(tx.QueryRowContext(ctx,
				`SELECT `+feedColumns+` FROM feeds WHERE id = $1 AND removed_at IS NULL`, w.FeedID))
			err = notFound(err, fmt.Sprintf("feed %d", w.FeedID))
		}
		if err != nil {
			return err
		}
		feed := ifElse[any](w.FeedID == 0, nil, w.FeedID)
		if _, err := tx.ExecContext(ctx,
			`INSERT INTO webhooks (account_id, feed_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			w.AccountID, feed, millis(time.Now())); err != nil {
			return fmt.Errorf("keeping the webhook: %w", err)
		}
		there, err := scanWebhook(
			tx.QueryRowContext(ctx, `SELECT `+webhookColumns+
				` FROM webhooks WHERE account_id = $1 AND coalesce(feed_id, 0) = $2`, w.AccountID, w.FeedID))
		if err != nil {
			return err
		}
		w.Address, w.Secret = nil, nil
		if !w.Off() {
			if err := s.sameKey(ctx, tx); err != nil {
				return err
			}
			if w.Address, w.Secret, err = seal(there); err != nil {
				return err
			}
		}
		w, err = scanWebhook(tx.QueryRowContext(ctx,
			`UPDATE webhooks SET host = $2, address = $3, secret = $4, problem = '', stopped_at = NULL
			WHERE id = $1 RETURNING `+webhookColumns, there.ID, w.Host, w.Address, w.Secret))
		if err != nil {
			return fmt.Errorf("keeping the webhook: %w", err)
		}
		said := ifElse(w.Off(), words.HistoryWebhookOff, words.HistoryWebhookSet(w.Host))
		return addEvent(ctx, tx, Event{AccountID: w.AccountID, FeedID: w.FeedID, Actor: by, Kind: "webhook",
			Message: said})
	})
	return w, err
}

// RemoveWebhook forgets one with its secrets. ErrNotFound when there is none.
func (s *Store) RemoveWebhook(ctx context.Context, account, feed int64, by Actor) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM webhooks WHERE account_id = $1 AND coalesce(feed_id, 0) = $2`,
			account, feed)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%s: %w", webhookOf(account, feed), ErrNotFound))
		}
		return addEvent(ctx, tx, Event{AccountID: account, FeedID: feed, Actor: by, Kind: "webhook",
			Message: words.HistoryWebhookRemoved})
	})
}

// WebhookAnswered records how the last message went: problem is "" when it arrived. gone: the receiver wants no
// more, until one that a person sent arrives.
func (s *Store) WebhookAnswered(ctx context.Context, id int64, problem string, gone bool) error {
	now := millis(time.Now())
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE webhooks SET problem = $2, told_at = CASE WHEN $2 = '' THEN $3 ELSE told_at END,
			stopped_at = CASE WHEN $4 THEN $3 WHEN $2 = '' THEN NULL ELSE stopped_at END WHERE id = $1`, id, problem,
			now, gone)
		return err
	})
}

// TellAgain owes the webhook's message about a publication once more, with all its tries. ErrIllegal: there is
// nothing to tell, or nobody; the text says which.
func (s *Store) TellAgain(ctx context.Context, publicationID int64) error {
	return s.write(ctx, func(tx *transaction) error {
		p, err := publicationIn(ctx, tx, publicationID)
		switch {
		case err != nil:
			return err
		case p.State != Published || p.Permalink == "":
			return tell(ErrIllegal, words.NotLiveWithAddress(p.ID))
		}
		owed, err := oweWebhook(ctx, tx, p, time.Now())
		if err == nil && !owed {
			err = tell(ErrIllegal, words.PublicationWithoutWebhook(p.ID))
		}
		return err
	})
}

// oweWebhook writes down that the site's build is to be told, if somebody listens.
func oweWebhook(ctx context.Context, tx *transaction, p Publication, now time.Time) (owed bool, err error) {
	w, found, err := nearest(tx.QueryRowContext(ctx, `SELECT `+webhookColumns+` FROM webhooks
		WHERE account_id = $1 AND (feed_id IS NULL OR feed_id = (SELECT feed_id FROM posts WHERE id = $2))
			ORDER BY coalesce(feed_id, 0) DESC LIMIT 1`, p.AccountID, p.PostID))
	if err != nil || !found || !w.StoppedAt.IsZero() {
		return false, err
	}
	tx.changesDue()
	_, err = tx.ExecContext(ctx,
		`INSERT INTO follow_ups (publication_id, kind, state, due_at) VALUES ($1, $2, 'due', $3)
		ON CONFLICT (publication_id, kind) DO UPDATE SET state = 'due', due_at = excluded.due_at, tries = 0,
			leased_by = '', version = follow_ups.version + 1`, p.ID, FollowWebhook, millis(now))
	return true, err
}
