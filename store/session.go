package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// PasswordHash returns the owner's encoded password hash; "" if no password has been chosen.
func (s *Store) PasswordHash(ctx context.Context) (string, error) {
	var h string
	err := s.r.QueryRowContext(ctx, `SELECT password_hash FROM users WHERE name = 'owner'`).Scan(&h)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return h, err
}

// SetPasswordHash stores the owner's password hash. It ends all sessions and revokes the login link.
func (s *Store) SetPasswordHash(ctx context.Context, hash string) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO users (name, password_hash, created_at) VALUES ('owner', $1, $2)
			ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash`, hash, millis(time.Now()))
		if err != nil {
			return fmt.Errorf("storing the password: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM settings WHERE key = $1`, linkSetting); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE sessions SET data = $1`, []byte{})
		return err
	})
}

// sessionKey returns the hash under which a session is stored. The cookie's value grants access, so it is not stored
// itself.
func sessionKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// SessionFind returns a session's data; found is false if there is none or it has ended.
func (s *Store) SessionFind(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.r.QueryRowContext(ctx,
		`SELECT data FROM sessions WHERE token_hash = $1 AND expires_at > $2 AND length(data) > 0`, sessionKey(token),
		millis(time.Now())).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// SessionCommit stores a session. A session that was ended stays ended, because a slow request may finish after the
// log-out.
func (s *Store) SessionCommit(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (token_hash, data, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at
				WHERE length(sessions.data) > 0`, sessionKey(token), data, millis(expires))
		return err
	})
}

// SessionDelete ends a session. Its row stays without data until it would have expired.
func (s *Store) SessionDelete(ctx context.Context, token string) error {
	return s.write(ctx, func(tx *transaction) error {
		if _, err := tx.ExecContext(ctx, `UPDATE sessions SET data = $2 WHERE token_hash = $1`, sessionKey(token),
			[]byte{}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= $1`, millis(time.Now()))
		return err
	})
}

// Settings with names beginning with browserSetting store a hash of the cookie of a browser that has logged in, and
// linkSetting stores a hash of the one-time login link. The values are expiry times in milliseconds; for the link
// the hash precedes the time.
const (
	browserSetting = "browser."
	linkSetting    = "login_link"
	mostBrowsers   = 100
)

// RememberBrowser records for the duration keep that a browser has logged in, by the hash of its cookie. Only the
// newest mostBrowsers are kept.
func (s *Store) RememberBrowser(ctx context.Context, cookie string, now time.Time, keep time.Duration) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
			browserSetting+sessionKey(cookie), fmt.Sprintf("%013d", now.Add(keep).UnixMilli()))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM settings WHERE substr(key, 1, $1) = $2 AND key NOT IN
			(SELECT key FROM settings WHERE substr(key, 1, $1) = $2 ORDER BY value DESC LIMIT $3)`, len(browserSetting),
			browserSetting, mostBrowsers)
		return err
	})
}

// KnowsBrowser reports whether a browser with this cookie has logged in before.
func (s *Store) KnowsBrowser(ctx context.Context, cookie string, now time.Time) (bool, error) {
	v, err := s.Setting(ctx, browserSetting+sessionKey(cookie))
	return v > fmt.Sprintf("%013d", now.UnixMilli()), err
}

// SetLoginLink stores the hash of a token that allows one login before it expires. It replaces the previous one.
func (s *Store) SetLoginLink(ctx context.Context, token string, expires time.Time) error {
	return s.SetSetting(ctx, linkSetting, fmt.Sprintf("%s %013d", sessionKey(token), expires.UnixMilli()))
}

// TakeLoginLink uses up the login link with this token. It returns ErrNotFound if there is none or it has expired.
func (s *Store) TakeLoginLink(ctx context.Context, token string, now time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx,
			`DELETE FROM settings WHERE key = $1 AND substr(value, 1, 64) = $2 AND substr(value, 66) > $3`,
			linkSetting, sessionKey(token), fmt.Sprintf("%013d", now.UnixMilli()))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("log-in link: %w", ErrNotFound))
		}
		return nil
	})
}

// Session is a session that has not ended.
type Session struct {
	ID        string // identifies the session, but grants no access
	Data      []byte
	ExpiresAt time.Time
}

// SessionID returns the id of the session with a token.
func SessionID(token string) string { return sessionKey(token)[:16] }

// Sessions returns the sessions that have not ended, the latest expiry first, at most 200.
func (s *Store) Sessions(ctx context.Context) ([]Session, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT substr(token_hash, 1, 16), data, expires_at FROM sessions WHERE expires_at > $1 AND length(data) > 0
			ORDER BY expires_at DESC LIMIT 200`, millis(time.Now()))
	return collect(rows, err, func(row scanner) (Session, error) {
		var x Session
		return x, row.Scan(&x.ID, &x.Data, instant{&x.ExpiresAt})
	})
}

// EndSession ends the session with an id. It returns ErrNotFound if there is none.
func (s *Store) EndSession(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx,
			`UPDATE sessions SET data = $2 WHERE substr(token_hash, 1, 16) = $1 AND length(data) > 0`, id, []byte{})
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("session: %w", ErrNotFound))
		}
		return nil
	})
}

// Size returns the size of the database in bytes.
func (s *Store) Size(ctx context.Context) (int64, error) {
	var n int64
	return n,
		s.r.QueryRowContext(ctx, `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`).Scan(&n)
}
