package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/reason"
	"postern/words"
)

// API names the Instagram interface that an account uses.
type API string

// The supported interfaces.
const (
	Instagram API = "instagram" // Instagram Login, graph.instagram.com
	Facebook  API = "facebook"  // Facebook Login; not implemented yet
	Sandbox   API = "sandbox"   // the built-in simulator
)

// Trouble is a condition, other than the owner's pause, that keeps an account from publishing.
type Trouble string

// The possible values of Trouble; "" means none.
const (
	Reconnect Trouble = "reconnect" // the owner must connect the account again
	Wait      Trouble = "wait"      // nothing is published before WaitUntil
)

// Account is one Instagram account that Postern publishes to. Its secrets are sealed; only package accounts opens
// them.
type Account struct {
	// StartRule says which of the existing posts AddAccount publishes; see ParseStart. "" applies the feed's own
	// rule for the first account, and publishes none of them for any other. It is only read by AddAccount.
	StartRule      string
	AskStart       bool // only for AddAccount: hold the existing posts until AnswerStart
	ID             int64
	API            API
	UserID         string // Instagram's professional account id; never changes
	Username       string
	Label          string
	AppID          string
	Secrets        Secrets
	TokenAt        time.Time // when the token was stored or refreshed
	TokenExpiresAt time.Time // zero until the first refresh returns it
	Refresh        Refresh
	Settings       Settings
	Paused         bool // whether the owner paused the account
	Trouble        Trouble
	WaitUntil      time.Time     // set if Trouble is Wait
	Problem        reason.Reason // what is wrong and what to do
	Cause          string        // why Trouble is Reconnect, as an instagram.Cause; "" if unknown
	QuotaUsed      int
	QuotaTotal     int
	QuotaAt        time.Time // when the quota was read; zero for never
	CreatedAt      time.Time
	RemovedAt      time.Time
}

// Refresh is the state of the token refresh. The zero value means that the last refresh succeeded.
type Refresh struct {
	Failures int           // consecutive failed attempts
	Problem  reason.Reason // why the last one failed
	NextAt   time.Time     // no attempt is made before this time
}

// Secrets are the sealed secrets of an account; nil where one is not set.
type Secrets struct {
	AppSecret     []byte
	Token         []byte
	TokenPrevious []byte // kept until /me has succeeded with the new token
}

func (s Secrets) equal(o Secrets) bool {
	return bytes.Equal(s.AppSecret, o.AppSecret) && bytes.Equal(s.Token, o.Token) &&
		bytes.Equal(s.TokenPrevious, o.TokenPrevious)
}

// Name returns the display name of the account: the label, else the user name, else the user id.
func (a Account) Name() string {
	switch {
	case a.Label != "":
		return a.Label
	case a.Username != "":
		return a.Username
	}
	return a.UserID
}

const accountColumns = `id, api, user_id, username, label, app_id, app_secret, token, token_previous, token_at,
	token_expires_at,
	refresh_failures, refresh_problem_code, refresh_problem_args, refresh_next_at, settings,
	paused, trouble, wait_until, problem_code, problem_args, cause, quota_used, quota_total, quota_at, created_at,
		removed_at`

func scanAccount(row scanner) (Account, error) {
	var a Account
	var settings string
	err := row.Scan(&a.ID, &a.API, &a.UserID, &a.Username, &a.Label, &a.AppID, &a.Secrets.AppSecret, &a.Secrets.Token,
		&a.Secrets.TokenPrevious,
		instant{&a.TokenAt}, instant{&a.TokenExpiresAt}, &a.Refresh.Failures, &a.Refresh.Problem.Code,
		&a.Refresh.Problem.Args, instant{&a.Refresh.NextAt}, &settings, &a.Paused, &a.Trouble, instant{&a.WaitUntil},
		&a.Problem.Code, &a.Problem.Args, &a.Cause,
		&a.QuotaUsed, &a.QuotaTotal, instant{&a.QuotaAt}, instant{&a.CreatedAt}, instant{&a.RemovedAt})
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(settings), &a.Settings); err != nil {
		return a, fmt.Errorf("settings of account %d: %w", a.ID, err)
	}
	return a, nil
}

func accountIn(ctx context.Context, q querier, id int64) (Account, error) {
	a, err := scanAccount(q.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE id = $1`, id))
	return a, notFound(err, fmt.Sprintf("account %d", id))
}

func accountsIn(ctx context.Context, q querier) ([]Account, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE removed_at IS NULL ORDER BY id`)
	return collect(rows, err, scanAccount)
}

// Account returns one account, even if it was removed. It returns ErrNotFound if there is none with this id.
func (s *Store) Account(ctx context.Context, id int64) (Account, error) {
	return accountIn(ctx, s.r, id)
}

// Accounts returns all accounts that are not removed, oldest first.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) { return accountsIn(ctx, s.r) }

// AddAccount adds an account, or restores a removed one with the same API and user id, and routes every feed to it.
// The account publishes posts that appear from now on; if a feed has no account yet, the account also follows the
// start rule of that feed. A restored account keeps its pause, and keeps its settings except those that a.Settings
// overrides: an account that required approval must not publish automatically just because it was connected again.
//
// AddAccount calls seal inside the transaction with the id of the row, because each secret is bound to its row. It
// returns ErrConflict if the account exists and is not removed.
func (s *Store) AddAccount(ctx context.Context, a Account, seal func(id int64) (Secrets, error)) (Account, error) {
	now := time.Now()
	startRule, askStart := a.StartRule, a.AskStart
	if _, err := ParseStart(startRule); err != nil {
		return a, err
	}
	err := s.write(ctx, func(tx *transaction) error {
		old, err := scanAccount(tx.QueryRowContext(ctx,
			`SELECT `+accountColumns+` FROM accounts WHERE api = $1 AND user_id = $2`, a.API, a.UserID))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			err = tx.QueryRowContext(ctx,
				`INSERT INTO accounts (api, user_id, created_at) VALUES ($1, $2, $3) RETURNING id`,
				a.API, a.UserID, millis(now)).Scan(&a.ID)
		case err != nil:
			return err
		case old.RemovedAt.IsZero():
			return withText(ErrConflict, words.AccountKnown(old.ID, old.Name()))
		default:
			a.ID = old.ID
			given := mustJSON(a.Settings)
			a.Settings = old.Settings
			err = json.Unmarshal([]byte(given), &a.Settings)
		}
		if err != nil {
			return fmt.Errorf("adding the account: %w", err)
		}
		if err := s.sameKey(ctx, tx); err != nil {
			return err
		}
		if a.Secrets, err = seal(a.ID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx,
			`UPDATE accounts SET username = $2, label = $3, app_id = $4, app_secret = $5, token = $6,
				token_previous = NULL,
			token_at = $7, token_expires_at = $8, refresh_failures = 0, refresh_problem_code = '',
				refresh_problem_args = '', refresh_next_at = NULL, settings = $9, trouble = '', wait_until = NULL,
			problem_code = '', problem_args = '', cause = '', removed_at = NULL WHERE id = $1`,
			a.ID, a.Username, a.Label, a.AppID, a.Secrets.AppSecret, a.Secrets.Token, millis(now),
			millis(a.TokenExpiresAt), mustJSON(a.Settings))
		if err != nil {
			return fmt.Errorf("adding the account: %w", err)
		}
		if a, err = accountIn(ctx, tx, a.ID); err != nil {
			return err
		}
		if err := addEvent(ctx, tx,
			Event{AccountID: a.ID, Kind: "account-added",
				Message: words.HistoryAccountAdded(a.Name(), old.ID != 0)}); err != nil {
			return err
		}
		a.StartRule, a.AskStart = startRule, askStart
		return routeAccount(ctx, tx, a, now)
	})
	return a, err
}

// ClaimRefresh gives this Store the exclusive right to refresh the account's token until ReleaseRefresh is called or
// the lease ends. If two processes refreshed it at once, one of them could store a token that the other refresh has
// invalidated. It returns ErrConflict if another Store has the claim.
func (s *Store) ClaimRefresh(ctx context.Context, id int64, lease time.Duration) error {
	now := time.Now()
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx,
			`UPDATE accounts SET refresh_by = $2, refresh_until = $3 WHERE id = $1 AND removed_at IS NULL
				AND (refresh_by IN ('', $2) OR refresh_until <= $4)`,
			id, s.owner, millis(now.Add(lease)), millis(now))
		return expected(res, err)
	})
}

// ReleaseRefresh ends the claim that ClaimRefresh took.
func (s *Store) ReleaseRefresh(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE accounts SET refresh_by = '', refresh_until = NULL WHERE id = $1 AND refresh_by = $2`, id, s.owner)
		return err
	})
}

// UpdateAccount calls f with the current account and stores what f changed. f must not change ID, API or UserID. If
// note is not "", it is added to the history. If the pause or the settings changed, the account's publications
// become due as in WakeAccount. It returns ErrNotFound if the account was removed.
func (s *Store) UpdateAccount(ctx context.Context, id int64, by Actor, note string,
	f func(a *Account) error) (Account, error) {
	var a Account
	err := s.write(ctx, func(tx *transaction) error {
		var err error
		if a, err = accountIn(ctx, tx, id); err != nil {
			return err
		}
		if !a.RemovedAt.IsZero() {
			return fmt.Errorf("account %d was removed: %w", id, ErrNotFound)
		}
		before := a.Secrets
		paused, settings := a.Paused, mustJSON(a.Settings)
		if err := f(&a); err != nil {
			return err
		}
		if !before.equal(a.Secrets) {
			if err := s.sameKey(ctx, tx); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx,
			`UPDATE accounts SET username = $2, label = $3, app_id = $4, app_secret = $5, token = $6,
				token_previous = $7,
			token_at = $8, token_expires_at = $9, settings = $10, paused = $11, trouble = $12, wait_until = $13,
				problem_code = $14, problem_args = $15,
			quota_used = $16, quota_total = $17, quota_at = $18, refresh_failures = $19, refresh_problem_code = $20,
				refresh_problem_args = $21, refresh_next_at = $22, cause = $23 WHERE id = $1`,
			id, a.Username, a.Label, a.AppID, a.Secrets.AppSecret, a.Secrets.Token, a.Secrets.TokenPrevious,
			millis(a.TokenAt), millis(a.TokenExpiresAt),
			mustJSON(a.Settings), a.Paused, a.Trouble, millis(a.WaitUntil), a.Problem.Code, a.Problem.Args, a.QuotaUsed,
			a.QuotaTotal, millis(a.QuotaAt),
			a.Refresh.Failures, a.Refresh.Problem.Code, a.Refresh.Problem.Args, millis(a.Refresh.NextAt), a.Cause)
		if err != nil {
			return fmt.Errorf("changing account %d: %w", id, err)
		}
		if a.Paused != paused || mustJSON(a.Settings) != settings {
			if err := wake(ctx, tx, id); err != nil {
				return err
			}
		}
		if note == "" {
			return nil
		}
		return addEvent(ctx, tx, Event{AccountID: id, Actor: by, Kind: "account", Message: note})
	})
	return a, err
}

// WakeAccount makes the account's publications due now, after the condition that kept them waiting has ended. It
// also ends the leases of queued and staged publications: a step that is running has read the old account, and must
// neither record that the publication waits nor freeze its content. The lease of a publication in publishing stays,
// because its publish call may already have been made.
func (s *Store) WakeAccount(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error { return wake(ctx, tx, id) })
}

func wake(ctx context.Context, tx *transaction, accountID int64) error {
	tx.changesDue() // the settings may have changed, and preflights prepare files according to them
	_, err := tx.ExecContext(ctx,
		`UPDATE publications SET due_at = CASE WHEN due_at > $2 THEN $2 ELSE due_at END, leased = 0, leased_by = '',
			started_at = NULL, claims = 0, version = version + 1
		WHERE account_id = $1 AND (state IN ('queued', 'staged') OR due_at > $2 AND leased = 0)`, accountID,
		millis(time.Now()))
	return err
}

// isBlocked matches publications whose media cannot be used because of this machine or its configuration: the
// setting network.allow, or a missing ffmpeg.
const isBlocked = `(p.reason_args LIKE '%"rule":"media.url.blocked"%' OR p.reason_args LIKE '%"install_ffmpeg"%'
	OR p.reason_args LIKE '%"switch_ffmpeg_on"%'
	OR p.reason_code IN ('media_conversion_no_encoder', 'media_cover_no_ffmpeg', 'media_cover_ffmpeg_off'))`

// WakeConfigured makes publications due now that wait for a change of the program's configuration. The configuration
// is read at the start, so this is called then.
func (s *Store) WakeConfigured(ctx context.Context) error {
	return s.write(ctx, func(tx *transaction) error {
		return tx.wake(ctx, `UPDATE publications AS p SET due_at = $1, claims = 0, version = version + 1
			WHERE state = 'queued' AND due_at > $1 AND leased = 0 AND (p.reason_code = $2 OR `+isBlocked+`)`,
			millis(time.Now()), reason.NoPublicURL)
	})
}

// RemoveAccount marks the account as removed and deletes its secrets. Published posts stay as they are, and
// publications whose publish was not requested are skipped. As long as a publication is in publishing, the token is
// kept, because it is needed to find out whether the post is live. It returns ErrNotFound if there is no such
// account.
func (s *Store) RemoveAccount(ctx context.Context, id int64, by Actor) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `UPDATE accounts SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL`, id,
			millis(time.Now()))
		if err := oneRow(res, err, "account", id); err != nil {
			return err
		}
		if err := skipOpen(ctx, tx, `p.account_id = $1`, id, reason.AccountRemoved, by); err != nil {
			return err
		}
		if err := wipeIfRemoved(ctx, tx, id); err != nil {
			return err
		}
		return addEvent(ctx, tx, Event{AccountID: id, Actor: by, Kind: "account-removed"})
	})
}

// wipeIfRemoved deletes the secrets of a removed account once none of its publications is in publishing.
func wipeIfRemoved(ctx context.Context, tx *transaction, id int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET app_secret = NULL, token = NULL, token_previous = NULL
		WHERE id = $1 AND removed_at IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM publications WHERE account_id = $1 AND state = 'publishing')`, id)
	if err == nil {
		_, err = tx.ExecContext(ctx,
			`DELETE FROM webhooks WHERE account_id = $1 AND EXISTS (SELECT 1 FROM accounts WHERE id = $1
				AND removed_at IS NOT NULL AND token IS NULL)`, id)
	}
	return err
}
