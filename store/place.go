package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/words"
)

const (
	// settingCopied marks a file that Backup wrote. It is treated as a restored backup when it is opened.
	settingCopied = "copied"
	// settingPlace is the key of the setting that stores a Place.
	settingPlace = "place"
	// beatTime is the maximum age of the last heartbeat at a start. A disk that was reset to a snapshot shows no
	// other trace of it.
	beatTime = 10 * time.Minute
	// maxEarlier is the maximum number of former places that are kept.
	maxEarlier = 4
)

// Place identifies the location of a database file. It contains no host or device name, because those change with
// every container and every move.
type Place struct {
	Path      string    `json:"path"`  // "" in a restored database: it accepts any place
	Inode     uint64    `json:"inode"` // 0 if the system has no inodes
	ID        string    `json:"id"`    // id of the data directory; see Mark
	At        time.Time `json:"at"`    // time of the last heartbeat
	Instagram time.Time `json:"instagram,omitzero"`
	Earlier   []DataDir `json:"earlier,omitempty"` // places from which it was copied, the newest last
}

// DataDir identifies a data directory by its id and the path of the database in it.
type DataDir struct {
	Path string `json:"path"`
	ID   string `json:"id"`
}

// places returns all places where the database has been, including this one.
func (p Place) places() []DataDir {
	if p.ID == "" {
		return p.Earlier
	}
	return append(slices.Clone(p.Earlier), DataDir{p.Path, p.ID})
}

// Mark is the content of a file next to the database. It shows if the database was replaced by an older one.
type Mark struct {
	ID string `json:"id"` // random; "" if there is no file
	// Event and EventAt are those of the newest event in the database when the file was written; or Event is
	// ForeignEvent.
	Event   int64     `json:"event"`
	EventAt time.Time `json:"event_at,omitzero"`
	At      time.Time `json:"at"`
	By      string    `json:"by,omitempty"` // with ForeignEvent: path of the database that the writer used

	Touched bool `json:"-"` // another process has written the file since
}

// ForeignEvent as Mark.Event says that a copy of the database in another place has been used. No database has an
// event with this id.
const ForeignEvent = -1

// Arrival is the result of Arrive.
type Arrival struct {
	Kind  ArrivalKind
	Place Place     // the place from now on
	Since time.Time // last moment known to the database, by our clock; zero for InPlace
	Held  int       // for Copied: the number of publications that were held
}

// ArrivalKind says what Arrive found out about a database.
type ArrivalKind string

// The possible values of ArrivalKind.
const (
	InPlace   ArrivalKind = "in-place"
	Copied    ArrivalKind = "copied"    // the file was written by Backup; treated as a restore
	Elsewhere ArrivalKind = "elsewhere" // another file than the one used last
	Behind    ArrivalKind = "behind"    // the same file, with older contents
	Late      ArrivalKind = "late"      // unused for a while; another copy may have been used
)

// Arrive compares the place of the database, and the file next to it, with what the database says about them. If
// they differ, every publication that is not published yet is compared with the profile before it is published, and
// so are the posts that the feeds bring until each feed has been read once. Nothing is held because of this. Only
// the holder of the lock on the data directory may call Arrive.
//
// With stay the new place is not recorded, because another process uses the database; the next call after that
// process has ended then compares everything again.
func (s *Store) Arrive(ctx context.Context, here Place, mark Mark, stay bool) (Arrival, error) {
	if copied, err := s.Setting(ctx, settingCopied); err != nil {
		return Arrival{}, err
	} else if copied != "" {
		since, held, err := s.Restored(ctx, System)
		if err != nil {
			return Arrival{}, err
		}
		a, err := s.Arrive(ctx, here, mark, stay)
		a.Kind, a.Since, a.Held = Copied, since, held
		return a, err
	}
	a := Arrival{Kind: InPlace}
	err := s.write(ctx, func(tx *transaction) error {
		was, known, err := placeIn(ctx, tx)
		if err != nil {
			return err
		}
		ours, theirs, err := lastKnown(ctx, tx)
		if err != nil {
			return err
		}
		now := time.Now()
		if a.Kind, err = kindOf(ctx, tx, was, known, here, mark, ours, now); err != nil {
			return err
		}
		a.Place = here
		a.Place.At, a.Place.ID, a.Place.Instagram, a.Place.Earlier = now, mark.ID, was.Instagram, was.Earlier
		if a.Kind == Elsewhere || mark.ID == "" {
			a.Place.ID = rand.Text()
		}
		if a.Kind == Elsewhere {
			a.Place.Earlier = was.places()
		}
		a.Place.Earlier = slices.DeleteFunc(slices.Clone(a.Place.Earlier),
			func(l DataDir) bool { return l.Path == here.Path })
		a.Place.Earlier = a.Place.Earlier[max(len(a.Place.Earlier)-maxEarlier, 0):]
		if a.Kind != InPlace {
			a.Since = ours
			if err := compareSince(ctx, tx, s.owner, a.Kind, ours, theirs, now); err != nil {
				return err
			}
		}
		if stay {
			return nil
		}
		return keepPlace(ctx, tx, a.Place)
	})
	if err != nil {
		return Arrival{}, fmt.Errorf("comparing the place of the database: %w", err)
	}
	return a, nil
}

func kindOf(ctx context.Context, tx *transaction, was Place, known bool, here Place, mark Mark,
	last, now time.Time) (ArrivalKind, error) {
	switch {
	case last.IsZero(), known && was.Path == "":
		return InPlace, nil // the database has no events, or it was restored, which was handled already
	case known && (was.Path != here.Path || was.Inode != here.Inode || was.ID != mark.ID):
		return Elsewhere, nil
	case !known && mark.ID != "": // a database of an older version was put next to the file
		return Elsewhere, nil
	}
	if mark.Event != 0 {
		var knows bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM events WHERE id = $1 AND at = $2)`, mark.Event,
			millis(mark.EventAt)).Scan(&knows)
		if err != nil || !knows {
			return Behind, err
		}
	}
	if mark.Touched || now.Sub(last).Abs() > beatTime {
		return Late, nil
	}
	return InPlace, nil
}

// compareSince makes Postern compare every publication that is not live with the profile before publishing it. If
// another copy of the database may still be in use, later publications are compared too.
func compareSince(ctx context.Context, tx *transaction, owner string, kind ArrivalKind, ours, theirs,
	now time.Time) error {
	for _, flag := range []string{
		`UPDATE publications SET verify_since = $1 WHERE state <> 'published' AND (verify_since IS NULL
			OR verify_since > $1)`,
		`UPDATE feeds SET compare_since = $1 WHERE removed_at IS NULL AND (compare_since IS NULL OR compare_since > $1)`,
	} {
		if _, err := tx.ExecContext(ctx, flag, millis(theirs)); err != nil {
			return err
		}
	}
	// A running step does not know about the comparison, so its lease ends.
	err := tx.wake(ctx,
		`UPDATE publications SET version = version + 1, `+overtaken+
			` WHERE leased = 1 AND leased_by = $1 AND state IN ('queued', 'staged')`, owner, millis(now))
	if err != nil {
		return err
	}
	if kind == Late {
		return nil // a process that is started by a timer is often late, so this is not worth an event
	}
	if kind == Elsewhere {
		if err := keepRestored(ctx, tx, theirs); err != nil {
			return err
		}
	}
	what := ifElse(kind == Elsewhere, words.HistoryMoved, words.HistoryPutBackDatabase)
	return addEvent(ctx, tx, Event{Kind: "compared", Message: what(ours)})
}

// Beat records that the program is using the database now. theirs is the time by Instagram's clock; zero if unknown.
// It returns the recorded place, and what the file next to the database should contain.
func (s *Store) Beat(ctx context.Context, here Place, theirs time.Time) (Place, Mark, error) {
	here.At = time.Now()
	if !theirs.IsZero() {
		here.Instagram = theirs
	}
	var mark Mark
	err := s.write(ctx, func(tx *transaction) error {
		if err := keepPlace(ctx, tx, here); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, `SELECT id, at FROM events ORDER BY id DESC LIMIT 1`).Scan(&mark.Event,
			instant{&mark.EventAt})
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	mark.ID, mark.At = here.ID, here.At
	return here, mark, err
}

// Newest returns the id and the time of the newest event; zero values if there is none.
func (s *Store) Newest(ctx context.Context) (id int64, at time.Time, err error) {
	err = s.w.QueryRowContext(ctx, `SELECT id, at FROM events ORDER BY id DESC LIMIT 1`).Scan(&id, instant{&at})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, at, err
}

// placeIn returns the recorded place of the database. known is false if there is none, as in a database of an older
// version.
func placeIn(ctx context.Context, tx *transaction) (p Place, known bool, err error) {
	var value string
	err = tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, settingPlace).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return Place{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), &p)
	}
	return p, true, err
}

func keepPlace(ctx context.Context, tx *transaction, p Place) error {
	return keepSetting(ctx, tx, settingPlace, mustJSON(p))
}

func keepSetting(ctx context.Context, tx *transaction, key, value string) error {
	_, err := tx.ExecContext(ctx,
		`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		key, value)
	return err
}

// lastKnown returns the last moment up to which the database knows everything, by our clock and by Instagram's; zero
// if the database has no events.
func lastKnown(ctx context.Context, tx *transaction) (ours, theirs time.Time, err error) {
	err = tx.QueryRowContext(ctx,
		`SELECT max(at) FROM (SELECT max(at) AS at FROM events UNION ALL SELECT max(last_polled_at)
			FROM feeds) AS known`).Scan(instant{&ours})
	if err != nil || ours.IsZero() {
		return time.Time{}, time.Time{}, err
	}
	if now := time.Now(); ours.After(now) { // a wrong clock wrote that event
		ours = now
	}
	theirs = ours
	was, known, err := placeIn(ctx, tx)
	if err != nil || !known || was.At.IsZero() {
		return ours, theirs, err
	}
	// An event that a command wrote after the last heartbeat does not mean that the program has read the profile
	// since.
	ours, theirs = was.At, was.At
	if !was.Instagram.IsZero() {
		theirs = was.Instagram
	}
	return ours, theirs, nil
}

// ClearUntil records that the profile shows no post between since and until that the database does not know: waiting
// publications of the account need only be compared with later posts.
func (s *Store) ClearUntil(ctx context.Context, account int64, since, until time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE publications SET verify_since = $3 WHERE account_id = $1 AND state <> 'published'
				AND verify_since >= $2 AND verify_since < $3`,
			account, millis(since), millis(until))
		return err
	})
}
