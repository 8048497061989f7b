package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"postern/words"
)

// ErrDamaged says that the file is not an intact SQLite database.
var ErrDamaged = errors.New(words.DatabaseDamaged)

// OpenReadOnly opens the database for reading only, whether a daemon is running or not, even on a full or read-only
// disk. Methods that write return an error. OpenReadOnly returns fs.ErrNotExist if there is no file,
// fs.ErrPermission if it cannot be read, ErrOlder and ErrNewer as Open does, and ErrDamaged.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	f, err := os.Open(path) // for better errors than SQLite's
	if err != nil {
		return nil, err
	}
	f.Close()
	s, err := openReadOnly(ctx, path, "")
	if isDriverError(err) && !isCorrupt(err) {
		// SQLite cannot create the index of the write-ahead log next to the database. If the log is missing or
		// empty, the file alone is the whole database, so it can be opened as immutable.
		if log, statErr := os.Stat(path + "-wal"); errors.Is(statErr, fs.ErrNotExist) || statErr == nil &&
			log.Size() == 0 {
			if alone, err := openReadOnly(ctx, path, "&immutable=1"); err == nil {
				return alone, nil
			}
		}
	}
	if err != nil && !errors.Is(err, ErrOlder) && !errors.Is(err, ErrNewer) {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	return s, err
}

func openReadOnly(ctx context.Context, path, more string) (*Store, error) {
	db, err := openPool(path, "mode=ro&_dqs=0&_pragma=busy_timeout(5000)&_pragma=query_only(1)"+more, readers)
	if err != nil {
		return nil, err
	}
	s := &Store{r: db, w: db, path: path}
	newest, err := newestVersion()
	var current int64
	if err == nil {
		current, err = s.schemaVersion(ctx)
	}
	switch {
	case damaged(err):
		err = ErrDamaged
	case err != nil:
	case current == 0:
		err = errors.New(words.FileForeign(path))
	case current > newest:
		err = ErrNewer
	case current < newest:
		err = ErrOlder
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

func damaged(err error) bool { return isCorrupt(err) || isForeign(err) }

// newestVersion returns the schema version after all migrations of this program.
func newestVersion() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, f := range files {
		var v int64
		if _, err := fmt.Sscanf(f, "migrations/%d_", &v); err != nil {
			return 0, fmt.Errorf("reading the migrations: %w", err)
		}
		newest = max(newest, v)
	}
	for _, m := range goMigrations() {
		newest = max(newest, m.Version)
	}
	return newest, nil
}

// Sound reads the whole file and returns what SQLite finds wrong with it; "" if nothing. This takes long for a large
// file. If ctx ends first, Sound returns its error.
func (s *Store) Sound(ctx context.Context) (wrong string, err error) {
	lines, err := quickCheck(ctx, s.r)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case damaged(err):
		return words.DatabaseNotToEnd, nil
	case err != nil:
		return "", err
	}
	if wrong = strings.Join(lines, "; "); wrong == "ok" {
		wrong = ""
	}
	return wrong, nil
}

// oldestDue selects the work that is longest overdue. Queued publications of an account that is paused or must be
// connected again are not overdue, because they wait for the owner. Staged and publishing ones still count.
const oldestDue = `SELECT due_at FROM publications WHERE due_at IS NOT NULL AND leased = 0
	AND (state <> 'queued' OR account_id NOT IN (SELECT id FROM accounts WHERE paused = 1 OR trouble = 'reconnect'))
	ORDER BY due_at LIMIT 1`

// OldestDue returns when the longest overdue work became due; zero if no work is due.
func (s *Store) OldestDue(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx, oldestDue).Scan(instant{&at})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil || at.After(time.Now()) {
		at = time.Time{}
	}
	return at, err
}

// LastEventAt returns the time of the newest event; zero if there is none.
func (s *Store) LastEventAt(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx, `SELECT at FROM events ORDER BY id DESC LIMIT 1`).Scan(instant{&at})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return at, err
}
