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

// API is which interface an account speaks.
type API string

// The interfaces there are.
const (
	Instagram API = "instagram" // Instagram Login, graph.instagram.com
	Facebook  API = "facebook"  // Facebook Login; later
	Sandbox   API = "sandbox"   // the built-in simulator
)

// Trouble is what keeps an account from publishing, besides its owner's pause.
type Trouble string

// The troubles there are; "" is none.
const (
	Reconnect Trouble = "reconnect" // only the owner can help
	Wait      Trouble = "wait"      // until WaitUntil
)

// Account is one Instagram account we post to. Secrets are sealed: only package accounts can open them.
type Account struct {
	// of AddAccount alone: which of the posts that are there go out; "" is the feed's rule for the first account,
	// none for others
	StartRule      string
	AskStart       bool // of AddAccount alone: hold those posts until AnswerStart
	ID             int64
	API            API
	UserID         string // Instagram's professional account id, set once
	Username       string
	Label          string
	AppID          string
	Secrets        Secrets
	TokenAt        time.Time // when the token was stored or refreshed
	TokenExpiresAt time.Time // zero until a refresh told it
	Refresh        Refresh
	Settings       Settings
	Paused         bool // by the owner
	Trouble        Trouble
	WaitUntil      time.Time     // with Wait
	Problem        reason.Reason // what is wrong and what to do
	Cause          string        // with Reconnect: why, as an instagram.Cause; "" where that is not known
	QuotaUsed      int
	QuotaTotal     int
	QuotaAt        time.Time // zero: not read yet
	CreatedAt      time.Time
	RemovedAt      time.Time
}

// Refresh is how renewing the token goes. The zero value is well.
type Refresh struct {
	Failures int           // attempts in a row that failed
	Problem  reason.Reason // why the last one failed
	NextAt   time.Time     // not to be tried again before
}

// Secrets are sealed values; nil where there is none.
type Secrets struct {
	AppSecret     []byte
	Token         []byte
	TokenPrevious []byte // kept until the new one answered /me
}

func (s Secrets) equal(o Secrets) bool {
	return bytes.Equal(s.AppSecret, o.AppSecret) && bytes.Equal(s.Token, o.Token) &&
		bytes.Equal(s.TokenPrevious, o.TokenPrevious)
}

// Name is what people call the account.
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

// Account returns one account, removed ones too. ErrNotFound when there is none.
func (s *Store) Account(ctx context.Context, id int64) (Account, error) {
	return accountIn(ctx, s.r, id)
}

// Accounts returns every account that was not removed, oldest first.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) { return accountsIn(ctx, s.r) }

// AddAccount adds the account, or revives a removed one with the same (api, user id), and routes every feed to
// it: from now on, except feeds that no account took yet, whose start rule it inherits. What is revived keeps its
// settings, under those that are given, and its pause: an account that was on approval must not publish by itself
// because it was connected again. seal is called inside the transaction with the row's id, because secrets are
// bound to their row. ErrConflict when the account is already there.
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
			return tell(ErrConflict, words.AccountKnown(old.ID, old.Name()))
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

// ClaimRefresh lets this Store alone refresh the account's token until ReleaseRefresh, or for as long as lease:
// of two who do, one keeps a token that the other has made worthless. ErrConflict: somebody else does.
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

// ReleaseRefresh ends what ClaimRefresh began.
func (s *Store) ReleaseRefresh(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE accounts SET refresh_by = '', refresh_until = NULL WHERE id = $1 AND refresh_by = $2`, id, s.owner)
		return err
	})
}

// UpdateAccount changes one account through f, which gets it as it stands and may change anything but its identity.
// note, when not "", goes into the history. Another pause or other settings wake its work, as WakeAccount does.
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

// WakeAccount makes the account's work due now: what kept it waiting is gone. A step in hand that has read the
// account as it was must not be the one to record that it waits, or to freeze what it would have sent: it is
// overtaken, unless the publish may have been asked for.
func (s *Store) WakeAccount(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error { return wake(ctx, tx, id) })
}

func wake(ctx context.Context, tx *transaction, accountID int64) error {
	tx.changesDue() // other settings, too: files are prepared by them ahead of their turn
	_, err := tx.ExecContext(ctx,
		`UPDATE publications SET due_at = CASE WHEN due_at > $2 THEN $2 ELSE due_at END, leased = 0, leased_by = '',
			started_at = NULL, claims = 0, version = version + 1
		WHERE account_id = $1 AND (state IN ('queued', 'staged') OR due_at > $2 AND leased = 0)`, accountID,
		millis(time.Now()))
	return err
}

// isBlocked is whether this machine or its configuration keeps the media of a publication from being used: network.allow,
// or a missing ffmpeg.
const isBlocked = `(p.reason_args LIKE '%"rule":"media.url.blocked"%' OR p.reason_args LIKE '%"install_ffmpeg"%'
	OR p.reason_code IN ('media_conversion_no_encoder', 'media_cover_no_ffmpeg'))`

// WakeConfigured makes due now what waits for another configuration of the program, which is read at its start.
func (s *Store) WakeConfigured(ctx context.Context) error {
	return s.write(ctx, func(tx *transaction) error {
		return tx.wake(ctx, `UPDATE publications AS p SET due_at = $1, claims = 0, version = version + 1
			WHERE state = 'queued' AND due_at > $1 AND leased = 0 AND (p.reason_code = $2 OR `+isBlocked+`)`,
			millis(time.Now()), reason.NoPublicURL)
	})
}

// RemoveAccount forgets the account and its secrets. What was published stays; what was not yet asked for is skipped. A
// publication that may be live keeps the token until that is resolved.
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

// wipeIfRemoved deletes the secrets of a removed account once nothing of it is in publishing.
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
