package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"postern/words"
)

// SealedPrefix is the prefix of the names of settings whose values are sealed and stored as base64.
const SealedPrefix = "sealed."

// SettingPlace returns the place to which the value of a sealed setting is bound.
func SettingPlace(name string) string { return "setting:" + name }

// KeySetting is the name of the setting that stores the check value of the current key.
const KeySetting = "key_check"

// ErrKeyChanged says that another process has sealed all secrets with a new key since this process read its key.
// Nothing was stored.
var ErrKeyChanged = errors.New(words.KeyChangedMeanwhile)

// Sealer contains the functions of a key that the store needs. Package vault provides them.
type Sealer struct {
	Check string // check value of the key
	Seal  func(place, secret string) ([]byte, error)
	Open  func(place string, sealed []byte) (string, error)
	Sign  func(text string) string // returns a keyed hash in letters and digits
}

// SealWith sets the key with which this process seals. From then on, sealed values are only stored if the database
// still uses the same key, because another process may rotate the key after this process has sealed a value and
// before it stores the value.
func (s *Store) SealWith(key Sealer) { s.seals.Store(&key) }

// sameKey returns ErrKeyChanged if the database uses another key than this process. It must be called in every
// transaction that stores a sealed value.
func (s *Store) sameKey(ctx context.Context, tx *transaction) error {
	mine := s.seals.Load()
	if mine == nil {
		return nil
	}
	var now string
	err := tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, KeySetting).Scan(&now)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // nothing has been sealed yet
	case err != nil:
		return fmt.Errorf("reading the check value of the key: %w", err)
	case now != mine.Check:
		return ErrKeyChanged
	}
	return nil
}

// sealedValue is one sealed value, and how to replace it.
type sealedValue struct {
	place  string // the place to which the value is bound
	b      []byte
	update string
	args   []any
	text   bool  // stored as base64
	feed   int64 // id of the feed if the value is its address; else 0
}

// feedTable is the table that stores a keyed hash next to each sealed address.
const feedTable = "feeds"

// sealedIn returns all sealed values in the database, including those of removed accounts. A new sealed column must
// be added here.
func sealedIn(ctx context.Context, q querier) ([]sealedValue, error) {
	var all []sealedValue
	for _, c := range []struct{ table, column, what string }{
		{"accounts", "app_secret", "account"}, {"accounts", "token", "account"},
		{"accounts", "token_previous", "account"}, {"addresses", "sealed", "address"},
		{"webhooks", "address", "webhook"}, {"webhooks", "secret", "webhook"}, {feedTable, "address", "feed"},
	} {
		rows, err := q.QueryContext(ctx,
			`SELECT id, `+c.column+` FROM `+c.table+` WHERE `+c.column+` IS NOT NULL ORDER BY id`)
		found, err := collect(rows, err, func(row scanner) (sealedValue, error) {
			var id int64
			var v sealedValue
			err := row.Scan(&id, &v.b)
			if c.table == feedTable {
				v.feed = id
			}
			v.place = fmt.Sprintf("%s:%d:%s", c.what, id, c.column)
			v.update, v.args = `UPDATE `+c.table+` SET `+c.column+` = $1 WHERE id = $2`, []any{id}
			return v, err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	rows, err := q.QueryContext(ctx, `SELECT key, value FROM settings WHERE substr(key, 1, $2) = $1 ORDER BY key`,
		SealedPrefix, len(SealedPrefix))
	found, err := collect(rows, err, func(row scanner) (sealedValue, error) {
		var key, text string
		if err := row.Scan(&key, &text); err != nil {
			return sealedValue{}, err
		}
		b, err := base64.StdEncoding.DecodeString(text)
		return sealedValue{place: SettingPlace(key), b: b, update: `UPDATE settings SET value = $1 WHERE key = $2`,
			args: []any{key}, text: true}, err
	})
	return append(all, found...), err
}

// EachSealed calls f with each sealed value in the database. It stops at the first error and returns it.
func (s *Store) EachSealed(ctx context.Context, f func(place string, sealed []byte) error) error {
	all, err := sealedIn(ctx, s.r)
	for _, v := range all {
		if err == nil {
			err = f(v.place, v.b)
		}
	}
	return err
}

// Reseal replaces every sealed value by the result of f, which seals it with the new key fresh. It also updates the
// keyed hashes of sealed addresses and stores the check value of the new key. All of this happens in one
// transaction. It returns the number of replaced values.
func (s *Store) Reseal(ctx context.Context, fresh Sealer, f func(place string, sealed []byte) ([]byte, error)) (n int,
	err error) {
	err = s.write(ctx, func(tx *transaction) error {
		all, err := sealedIn(ctx, tx)
		if err != nil {
			return err
		}
		for _, v := range all {
			b, err := f(v.place, v.b)
			if err != nil {
				return err
			}
			var stored any = b
			if v.text {
				stored = base64.StdEncoding.EncodeToString(b)
			}
			if _, err := tx.ExecContext(ctx, v.update, append([]any{stored}, v.args...)...); err != nil {
				return fmt.Errorf("replacing %s: %w", v.place, err)
			}
			if v.feed == 0 {
				continue
			}
			address, err := fresh.Open(v.place, b)
			if err != nil {
				return fmt.Errorf("reading back %s: %w", v.place, err)
			}
			if _, err := tx.ExecContext(ctx, `UPDATE feeds SET url = $2 WHERE id = $1`, v.feed,
				fresh.stored(address)); err != nil {
				return fmt.Errorf("replacing the hash of %s: %w", v.place, err)
			}
		}
		n = len(all)
		_, err = tx.ExecContext(ctx, `INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE
			SET value = excluded.value`, KeySetting, fresh.Check)
		return err
	})
	return n, err
}
