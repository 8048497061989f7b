package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// verifyFor is how long after a restore every new publication is compared with the profile: a feed that was added
// after the backup has to be added again, and its posts may be live already.
const verifyFor = 30 * 24 * time.Hour

// settingRestored is the key of the setting that records a restore of this database.
const settingRestored = "restored"

func restoredReason(since time.Time) reason.Reason {
	return reason.New(reason.Restored, since.Format("2 January 2006 15:04 MST"))
}

// Restored marks the database as an older copy, so that anything may have happened since the newest event in it.
// Publications that are queued or staged are held, the feeds are read again completely, and each publication that is
// not live is compared with the profile before it is published. All sessions end, because some may have been ended
// since. Only the holder of the lock on the data directory may call it.
//
// Publications in publishing are reconciled by their container, as after a crash. Restored returns the time of the
// newest event and the number of publications that it held.
func (s *Store) Restored(ctx context.Context, by Actor) (since time.Time, held int, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		var theirs time.Time
		if since, theirs, err = lastKnown(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM settings WHERE key = $1`, settingCopied); err != nil {
			return err
		}
		was, _, err := placeIn(ctx, tx)
		if err != nil {
			return err
		}
		// Accept any place to which the database is restored.
		if err := keepPlace(ctx, tx, Place{Earlier: was.places()}); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE sessions SET data = $1`, []byte{}); err != nil {
			return err
		}
		if since.IsZero() {
			return nil // the database has no events yet
		}
		// After a second restore the earlier of the two times applies.
		for _, flag := range []string{
			`UPDATE publications SET verify_since = CASE WHEN verify_since < $1 THEN verify_since ELSE $1 END
				WHERE state <> 'published'`,
			`UPDATE feeds SET verify_since = CASE WHEN verify_since < $1 THEN verify_since ELSE $1 END, etag = '',
				last_modified = '' WHERE removed_at IS NULL`,
		} {
			if _, err := tx.ExecContext(ctx, flag, millis(theirs)); err != nil {
				return err
			}
		}
		if held, err = holdAll(ctx, tx, since, by); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx,
			`UPDATE publications SET expedited = 0, approved = 0 WHERE state = 'held'`); err != nil {
			return err
		}
		if err := keepRestored(ctx, tx, theirs); err != nil {
			return err
		}
		return addEvent(ctx, tx, Event{Actor: by, Kind: "restored",
			Message: words.HistoryRestored(since, held)})
	})
	if err != nil {
		return time.Time{}, 0, fmt.Errorf("marking the restored database: %w", err)
	}
	return since, held, nil
}

// holdAll holds all queued and staged publications and returns their number.
func holdAll(ctx context.Context, tx *transaction, since time.Time, by Actor) (int, error) {
	rows, err := tx.QueryContext(ctx,
		`SELECT id, version FROM publications WHERE state IN ('queued', 'staged') ORDER BY id`)
	open, err := collect(rows, err, func(row scanner) (p Publication, err error) {
		return p, row.Scan(&p.ID, &p.Version)
	})
	if err != nil {
		return 0, err
	}
	for _, p := range open {
		if _, err := advance(ctx, tx, p.ID, p.Version,
			Change{To: Held, Reason: restoredReason(since), Actor: by}); err != nil {
			return 0, fmt.Errorf("publication %d: %w", p.ID, err)
		}
	}
	return len(open), nil
}

// KeepAccess copies the access settings of later, the newer database that a restored backup replaces, into the
// backup: tokens that were removed stay removed, and the password and the hook's address are the newest ones. The
// owner had a reason for changing them. If later is nil or does not continue the history of this database,
// KeepAccess does nothing and returns false.
func (s *Store) KeepAccess(ctx context.Context, later *Store, by Actor) (known bool, err error) {
	if known, err = s.continuedBy(ctx, later); err != nil || !known {
		return false, err
	}
	tokens, err := s.Tokens(ctx)
	if err != nil {
		return false, err
	}
	for _, t := range tokens {
		var there bool
		// The id of a removed token may be used again, but not with the same creation time.
		err := later.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tokens WHERE id = $1 AND created_at = $2)`,
			t.ID, millis(t.CreatedAt)).Scan(&there)
		if err == nil && !there {
			_, err = s.RemoveToken(ctx, t.ID, by)
		}
		if err != nil {
			return false, fmt.Errorf("comparing the tokens: %w", err)
		}
	}
	password, err := later.PasswordHash(ctx)
	if err == nil && password != "" {
		err = s.SetPasswordHash(ctx, password)
	}
	if err != nil {
		return false, fmt.Errorf("comparing the passwords: %w", err)
	}
	hook, err := later.Setting(ctx, HookSetting)
	if err == nil && hook != "" {
		err = s.SetSetting(ctx, HookSetting, hook)
	}
	if err != nil {
		return false, fmt.Errorf("comparing the hooks: %w", err)
	}
	return true, nil
}

// continuedBy reports whether later contains the newest event of this database.
func (s *Store) continuedBy(ctx context.Context, later *Store) (known bool, err error) {
	if later == nil {
		return false, nil
	}
	var last Event
	err = s.r.QueryRowContext(ctx, `SELECT id, at, kind, message FROM events ORDER BY id DESC LIMIT 1`).Scan(&last.ID,
		instant{&last.At}, &last.Kind, &last.Message)
	if err == nil {
		err = later.r.QueryRowContext(ctx,
			`SELECT EXISTS (SELECT 1 FROM events WHERE id = $1 AND at = $2 AND kind = $3 AND message = $4)`,
			last.ID, millis(last.At), last.Kind, last.Message).Scan(&known)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("comparing the histories: %w", err)
	}
	return known, nil
}

// keepRestored makes Postern compare all publications of the next verifyFor with the profile back to since.
func keepRestored(ctx context.Context, tx *transaction, since time.Time) error {
	before, err := verifySince(ctx, tx)
	if err != nil {
		return err
	}
	if !before.IsZero() && before.Before(since) {
		since = before
	}
	return keepSetting(ctx, tx, settingRestored,
		since.Format(time.RFC3339Nano)+" "+time.Now().UTC().Format(time.RFC3339Nano))
}

// verifySince returns how far back the profile is read for a new publication; zero if it is not read.
func verifySince(ctx context.Context, q querier) (time.Time, error) {
	var value string
	err := q.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, settingRestored).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	since, at, _ := strings.Cut(value, " ")
	when, err := time.Parse(time.RFC3339Nano, at)
	if err != nil || time.Since(when) > verifyFor {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, since)
}

// Check reads the whole database file and returns an error if it is damaged.
func (s *Store) Check(ctx context.Context) error {
	result, err := integrity(ctx, s.w)
	if err != nil {
		return fmt.Errorf("checking the database: %w", err)
	}
	if result != "ok" {
		return errors.New(words.DatabaseDamagedBecause(result))
	}
	return nil
}
