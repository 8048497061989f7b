package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"postern/words"
)

// SealedPrefix begins the names of settings whose values are sealed, in base64.
const SealedPrefix = "sealed."

// SettingPlace is what a sealed setting is bound to.
func SettingPlace(name string) string { return "setting:" + name }

// KeySetting remembers which key everything is sealed with.
const KeySetting = "key_check"

// ErrKeyChanged says that another process has sealed everything with a new key since this one read its own. Nothing was
// stored.
var ErrKeyChanged = errors.New(words.KeyChangedMeanwhile)

// Sealer is a key of package accounts, as far as the store uses it itself.
type Sealer struct {
	Check string // its check value
	Seal  func(place, secret string) ([]byte, error)
	Open  func(place string, sealed []byte) (string, error)
	Sign  func(text string) string // a keyed hash, in letters and digits
}

// SealWith says with which key this process seals. From then on nothing is stored that the key of the database does not
// open: a rotation in another process may come between reading the key and storing what it sealed.
func (s *Store) SealWith(key Sealer) { s.seals.Store(&key) }

// sameKey is asked in the transaction that stores something sealed.
func (s *Store) sameKey(ctx context.Context, tx *transaction) error {
	mine := s.seals.Load()
	if mine == nil {
		return nil
	}
	var now string
	err := tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, KeySetting).Scan(&now)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // nothing was ever sealed
	case err != nil:
		return fmt.Errorf("reading which key it is: %w", err)
	case now != mine.Check:
		return ErrKeyChanged
	}
	return nil
}

// sealedValue is one value that only the key opens, and how to replace it.
type sealedValue struct {
	place  string // as package accounts and package notices bind it
	b      []byte
	update string
	args   []any
	text   bool  // stored as base64
	feed   int64 // the feed whose address it is; 0: none
}

// feedTable has sealed addresses beside a keyed hash of each.
const feedTable = "feeds"

// sealedIn lists everything sealed in the database, of removed accounts, too. Whoever adds a sealed column adds it
// here.
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

// EachSealed calls f with everything sealed in the database, until f returns an error.
func (s *Store) EachSealed(ctx context.Context, f func(place string, sealed []byte) error) error {
	all, err := sealedIn(ctx, s.r)
	for _, v := range all {
		if err == nil {
			err = f(v.place, v.b)
		}
	}
	return err
}

// Reseal replaces everything sealed by what f makes of it with a new key, whose check value is remembered, and the
// hashes of sealed addresses, all or nothing.
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
