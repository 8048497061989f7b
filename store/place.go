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
	// settingCopied marks a file that Backup wrote. Whoever works with it does so as after a restore.
	settingCopied = "copied"
	// settingPlace keeps a Place.
	settingPlace = "place"
	// beatTime is how old the last beat may be at a start. Snapshots of whole disks leave no other trace.
	beatTime = 10 * time.Minute
	// maxEarlier is how many former places are kept.
	maxEarlier = 4
)

// Place is where a database file lies. It holds no name of a host or a device: those change with every container
// and every move.
type Place struct {
	Path      string    `json:"path"`  // "" in a database that was restored: it takes any place
	Inode     uint64    `json:"inode"` // 0 where the system has none
	ID        string    `json:"id"`    // of the data directory; see Mark
	At        time.Time `json:"at"`    // the last beat
	Instagram time.Time `json:"instagram,omitzero"`
	Earlier   []Lair    `json:"earlier,omitempty"` // where it was copied from, the newest last
}

// Lair names a data directory by the path of the database in it and its id.
type Lair struct {
	Path string `json:"path"`
	ID   string `json:"id"`
}

// lairs are all the places where a database lay until now.
func (p Place) lairs() []Lair {
	if p.ID == "" {
		return p.Earlier
	}
	return append(slices.Clone(p.Earlier), Lair{p.Path, p.ID})
}

// Mark is what a file beside the database says, so that a database that is put back is known to be an older one.
type Mark struct {
	ID string `json:"id"` // random; "" when there is no file
	// the newest event of the database when this was written, and its time; ForeignEvent
	Event   int64     `json:"event"`
	EventAt time.Time `json:"event_at,omitzero"`
	At      time.Time `json:"at"`
	By      string    `json:"by,omitempty"` // with ForeignEvent: the database of whoever wrote it

	Touched bool `json:"-"` // somebody else wrote the file since
}

// ForeignEvent in a Mark says that a copy of the database in another place has been at work. No database knows it.
const ForeignEvent = -1

// Arrival is what a database turned out to be.
type Arrival struct {
	Kind  ArrivalKind
	Place Place     // as it is from now on
	Since time.Time // the last moment the database knows, by our clock; zero InPlace
	Held  int       // Copied: how many publications wait for a person
}

// ArrivalKind says how a database was found.
type ArrivalKind string

// The kinds of arrivals.
const (
	InPlace   ArrivalKind = "in-place"
	Copied    ArrivalKind = "copied"    // the file that Backup wrote; treated as by a restore
	Elsewhere ArrivalKind = "elsewhere" // another file than the one that was worked with last
	Behind    ArrivalKind = "behind"    // the same file, with contents of before
	Late      ArrivalKind = "late"      // nobody worked with it for a while: whether another copy did is not known
)

// Arrive compares the place of the database, and what the file beside it says, with what the database knows of
// them. Unless everything agrees, what is not published is compared with the profile before it goes out, and so
// is what the feeds bring until they were read; nothing is held for that. Only the holder of the data directory's
// lock may call it.
//
// With stay the place is not taken: another process works with it, and everything is asked again when that has ended.
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
			a.Place.Earlier = was.lairs()
		}
		a.Place.Earlier = slices.DeleteFunc(slices.Clone(a.Place.Earlier),
			func(l Lair) bool { return l.Path == here.Path })
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
		return InPlace, nil // nothing has happened in it, or what was to be said is said
	case known && (was.Path != here.Path || was.Inode != here.Inode || was.ID != mark.ID):
		return Elsewhere, nil
	case !known && mark.ID != "": // a database of an older version was put beside the file
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

// compareSince lets everything that is not live be compared with the profile before it goes out. Where it is
// possible that another copy goes on, what comes later is compared, too.
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
	// A step in hand does not know of it.
	err := tx.wake(ctx,
		`UPDATE publications SET version = version + 1, `+overtaken+
			` WHERE leased = 1 AND leased_by = $1 AND state IN ('queued', 'staged')`, owner, millis(now))
	if err != nil {
		return err
	}
	if kind == Late {
		return nil // in the ordinary life of a timer
	}
	if kind == Elsewhere {
		if err := keepRestored(ctx, tx, theirs); err != nil {
			return err
		}
	}
	what := ifElse(kind == Elsewhere, words.HistoryMoved, words.HistoryPutBackDatabase)
	return addEvent(ctx, tx, Event{Kind: "compared", Message: what(ours)})
}

// Beat writes down that the program works with the database now. theirs is the time by Instagram's clock; zero
// when that is not known. It returns what the file beside the database should say.
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

// Newest returns the newest event and its time, as a Mark tells them.
func (s *Store) Newest(ctx context.Context) (id int64, at time.Time, err error) {
	err = s.w.QueryRowContext(ctx, `SELECT id, at FROM events ORDER BY id DESC LIMIT 1`).Scan(&id, instant{&at})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, at, err
}

// placeIn returns where the database lay. known is false for one of an older version.
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

// lastKnown returns the last moment of which the database knows everything, by our clock and by Instagram's; zero when
// nothing has happened in it.
func lastKnown(ctx context.Context, tx *transaction) (ours, theirs time.Time, err error) {
	err = tx.QueryRowContext(ctx,
		`SELECT max(at) FROM (SELECT max(at) AS at FROM events UNION ALL SELECT max(last_polled_at)
			FROM feeds) AS known`).Scan(instant{&ours})
	if err != nil || ours.IsZero() {
		return time.Time{}, time.Time{}, err
	}
	if now := time.Now(); ours.After(now) { // by a clock that was wrong
		ours = now
	}
	theirs = ours
	was, known, err := placeIn(ctx, tx)
	if err != nil || !known || was.At.IsZero() {
		return ours, theirs, err
	}
	// What was written since, by a command, does not say that the program had read the profile.
	ours, theirs = was.At, was.At
	if !was.Instagram.IsZero() {
		theirs = was.Instagram
	}
	return ours, theirs, nil
}

// ClearUntil says that the profile, read from since on, shows nothing that the database does not know: what waits
// of the account need not be compared with the posts of before until.
func (s *Store) ClearUntil(ctx context.Context, account int64, since, until time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE publications SET verify_since = $3 WHERE account_id = $1 AND state <> 'published'
				AND verify_since >= $2 AND verify_since < $3`,
			account, millis(since), millis(until))
		return err
	})
}
