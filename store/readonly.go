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

// ErrDamaged says that SQLite finds that the file is no whole database.
var ErrDamaged = errors.New(words.DatabaseDamaged)

// OpenReadOnly opens the database for reading only, beside a daemon or without one, on a disk that is full or
// takes no writing, too. What would write returns an error. It returns fs.ErrNotExist when there is no file,
// fs.ErrPermission when it cannot be read, ErrOlder and ErrNewer as Open does, and ErrDamaged.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	f, err := os.Open(path) // its errors say more than SQLite's
	if err != nil {
		return nil, err
	}
	f.Close()
	s, err := openReadOnly(ctx, path, "")
	if isDriverError(err) && !isCorrupt(err) {
		// The log's index cannot be made beside the database. Where no log waits to be read, the file alone is the
		// database.
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

// newestVersion is the one that this program's migrations lead to.
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

// Sound reads the whole file and says what SQLite finds wrong with it; "" for nothing. A large one takes long: the
// error is ctx's own when that ended first.
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

// What waits for its owner to resume the account, or to connect it again, is not late. What was begun goes on.
const oldestDue = `SELECT due_at FROM publications WHERE due_at IS NOT NULL AND leased = 0
	AND (state <> 'queued' OR account_id NOT IN (SELECT id FROM accounts WHERE paused = 1 OR trouble = 'reconnect'))
	ORDER BY due_at LIMIT 1`

// OldestDue is since when something waits that is to be done by now; zero when nothing does.
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

// LastEventAt is when something happened last; zero for never.
func (s *Store) LastEventAt(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx, `SELECT at FROM events ORDER BY id DESC LIMIT 1`).Scan(instant{&at})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return at, err
}
