package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"postern/words"
)

// Webhook is a URL of a site that is notified when a post is live, for example to start a build. Address and Secret
// are sealed; only package webhook can open them.
type Webhook struct {
	ID        int64
	AccountID int64
	FeedID    int64  // 0: for all feeds of the account without a webhook of their own
	Host      string // host of the URL; not secret; "" if notifications are switched off
	Address   []byte
	Secret    []byte    // signs the messages; nil if notifications are switched off
	Problem   string    // why the last message was not delivered; "" if it was
	SentAt    time.Time // when a message was last delivered; zero for never
	StoppedAt time.Time // when the receiver answered that it wants no more messages; zero otherwise
	CreatedAt time.Time
}

// Off reports whether notifications are switched off here, even if the account has a webhook.
func (w Webhook) Off() bool { return w.Host == "" }

const webhookColumns = `id, account_id, coalesce(feed_id, 0), host, address, secret, problem, told_at, stopped_at,
	created_at`

func scanWebhook(row scanner) (Webhook, error) {
	var w Webhook
	return w, row.Scan(&w.ID, &w.AccountID, &w.FeedID, &w.Host, &w.Address, &w.Secret, &w.Problem,
		instant{&w.SentAt}, instant{&w.StoppedAt}, instant{&w.CreatedAt})
}

// Webhooks returns all webhooks, that of an account before those of its feeds.
func (s *Store) Webhooks(ctx context.Context) ([]Webhook, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+webhookColumns+` FROM webhooks ORDER BY account_id, coalesce(feed_id, 0)`)
	return collect(rows, err, scanWebhook)
}

// Webhook returns the webhook of an account (feed 0), or of one feed on it. It returns ErrNotFound if that has none
// of its own.
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

// nearestWebhook selects the webhook for the posts of a feed on an account: that of the feed, else that of the
// account.
const nearestWebhook = `SELECT ` + webhookColumns +
	` FROM webhooks WHERE account_id = $1 AND coalesce(feed_id, 0) IN (0, $2) ORDER BY coalesce(feed_id, 0) DESC
		LIMIT 1`

// WebhookFor returns the webhook for the posts of a feed on an account. found is false if there is none or it is
// off.
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

// SetWebhook stores the webhook of w's account and feed. It replaces the existing one and clears its problem. It
// calls seal inside the transaction with the existing row (its ID, and its sealed secret if it has one), because
// secrets are bound to their row; seal returns the sealed address and secret. If w.Host is "", seal is not called
// and notifications are switched off. SetWebhook returns ErrNotFound if there is no such account or feed.
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
			return fmt.Errorf("storing the webhook: %w", err)
		}
		existing, err := scanWebhook(
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
			if w.Address, w.Secret, err = seal(existing); err != nil {
				return err
			}
		}
		w, err = scanWebhook(tx.QueryRowContext(ctx,
			`UPDATE webhooks SET host = $2, address = $3, secret = $4, problem = '', stopped_at = NULL
			WHERE id = $1 RETURNING `+webhookColumns, existing.ID, w.Host, w.Address, w.Secret))
		if err != nil {
			return fmt.Errorf("storing the webhook: %w", err)
		}
		message := ifElse(w.Off(), words.HistoryWebhookOff, words.HistoryWebhookSet(w.Host))
		return addEvent(ctx, tx, Event{AccountID: w.AccountID, FeedID: w.FeedID, Actor: by, Kind: "webhook",
			Message: message})
	})
	return w, err
}

// RemoveWebhook deletes a webhook with its secrets. It returns ErrNotFound if there is none.
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

// WebhookAnswered records the outcome of the last message: problem is "" if it was delivered. gone says that the
// receiver wants no more messages. Then none are sent until a message that a person sends is delivered.
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

// ResendWebhook schedules the webhook's message about a publication again, with all its tries. It returns ErrIllegal
// if the publication is not live with a permalink or there is no webhook; the text says which.
func (s *Store) ResendWebhook(ctx context.Context, publicationID int64) error {
	return s.write(ctx, func(tx *transaction) error {
		p, err := publicationIn(ctx, tx, publicationID)
		switch {
		case err != nil:
			return err
		case p.State != Published || p.Permalink == "":
			return withText(ErrIllegal, words.NotLiveWithAddress(p.ID))
		}
		owed, err := oweWebhook(ctx, tx, p, time.Now())
		if err == nil && !owed {
			err = withText(ErrIllegal, words.PublicationWithoutWebhook(p.ID))
		}
		return err
	})
}

// oweWebhook schedules the notification of the site if it has an active webhook, and reports whether it does.
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
