package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"postern/words"
)

// Scope says what a token allows.
type Scope string

// The possible scopes.
const (
	ReadScope  Scope = "read"
	WriteScope Scope = "write" // includes reading
)

// Covers reports whether a token of this scope may do what requires the needed scope.
func (s Scope) Covers(needed Scope) bool { return s == needed || s == WriteScope }

// Token is an API token without its secret value.
type Token struct {
	ID         int64
	Label      string // the owner's name for the program that uses it
	Scope      Scope
	CreatedAt  time.Time
	LastUsedAt time.Time // to the minute; zero for never
}

// TokenPrefix is the prefix of every token, by which people, package redact and secret scanners recognize it. 26
// base32 characters follow.
const TokenPrefix = "postern_"

const maxTokenLabel = 80

// ErrLabel says that the label of a token is empty or too long. Its text explains which labels are allowed.
var ErrLabel = errors.New(words.TokenLabelInvalid(maxTokenLabel))

// tokenUse is the resolution of Token.LastUsedAt. A write for every request would be too expensive.
const tokenUse = time.Minute

const tokenColumns = `id, label, scope, created_at, last_used_at`

func scanToken(row scanner) (Token, error) {
	var t Token
	return t, row.Scan(&t.ID, &t.Label, &t.Scope, instant{&t.CreatedAt}, instant{&t.LastUsedAt})
}

// tokenHash returns the hash of a token. A token has 130 random bits, so a plain hash is sufficient, and the time of
// a lookup by hash reveals nothing about other tokens.
func tokenHash(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// AddToken creates a token. value is its secret, which is not stored and must be shown now. It returns ErrLabel if
// the label is not valid.
func (s *Store) AddToken(ctx context.Context, label string, scope Scope, by Actor) (t Token, value string, err error) {
	label = strings.TrimSpace(label)
	if n := utf8.RuneCountInString(label); n == 0 || n > maxTokenLabel {
		return Token{}, "", ErrLabel
	}
	value = TokenPrefix + rand.Text()
	t = Token{Label: label, Scope: scope, CreatedAt: time.UnixMilli(time.Now().UnixMilli()).UTC()}
	err = s.write(ctx, func(tx *transaction) error {
		err := tx.QueryRowContext(ctx, `INSERT INTO tokens (label, hash, scope, created_at) VALUES ($1, $2, $3, $4)
			RETURNING id`,
			t.Label, tokenHash(value), t.Scope, millis(t.CreatedAt)).Scan(&t.ID)
		if err != nil {
			return fmt.Errorf("storing the token: %w", err)
		}
		return addEvent(ctx, tx, Event{Actor: by, Kind: "token-added",
			Message: words.HistoryTokenMade(t.Label, t.Scope == WriteScope)})
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, value, nil
}

// Tokens returns all tokens, the oldest first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+tokenColumns+` FROM tokens ORDER BY id`)
	return collect(rows, err, scanToken)
}

// TokenOf returns the token with this value; found is false if there is none.
func (s *Store) TokenOf(ctx context.Context, value string) (t Token, found bool, err error) {
	if random, ok := strings.CutPrefix(value, TokenPrefix); !ok || len(random) != 26 {
		return Token{}, false, nil // the value cannot be a token of ours
	}
	t, err = scanToken(s.r.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE hash = $1`,
		tokenHash(value)))
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, false, nil
	}
	return t, err == nil, err
}

// TokenUsed records that a token was used, unless that was recorded less than a minute ago.
func (s *Store) TokenUsed(ctx context.Context, t Token, now time.Time) error {
	if now.Sub(t.LastUsedAt).Abs() < tokenUse {
		return nil
	}
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, `UPDATE tokens SET last_used_at = $2 WHERE id = $1`, t.ID, millis(now))
		return err
	})
}

// RemoveToken deletes a token and returns it. It returns ErrNotFound if there is none with this id.
func (s *Store) RemoveToken(ctx context.Context, id int64, by Actor) (Token, error) {
	var t Token
	err := s.write(ctx, func(tx *transaction) (err error) {
		t, err = scanToken(tx.QueryRowContext(ctx, `DELETE FROM tokens WHERE id = $1 RETURNING `+tokenColumns, id))
		if err != nil {
			return notFound(err, fmt.Sprintf("token %d", id))
		}
		return addEvent(ctx, tx, Event{Actor: by, Kind: "token-removed",
			Message: words.HistoryTokenRemoved(t.Label)})
	})
	return t, err
}
