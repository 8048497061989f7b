package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"

	"postern/words"
)

// Errors that callers handle.
var (
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the row was changed since it was read. The caller must read it again and decide again.
	ErrConflict = errors.New(words.ChangedMeanwhile)
	// ErrIllegal says that the operation is not allowed in the current state.
	ErrIllegal = errors.New(words.NotPossibleNow)
	// ErrOlder says that the database needs migrations, which this caller may not run.
	ErrOlder = errors.New(words.DatabaseOlder)
	// ErrForeign says that the file is not a Postern database.
	ErrForeign = errors.New("store: foreign file")
	// ErrNewer says that the database was written by a newer version of the program.
	ErrNewer = errors.New(words.DatabaseNewer)
)

//go:embed migrations/*.sql
var migrations embed.FS

// readers is the number of connections for reading. More would not be faster, and each has its own cache of pages
// and statements.
const readers = 4

// DiskFailed reports whether an error means that the disk is full or has failed.
func DiskFailed(err error) bool {
	return isDiskFault(err) || errors.Is(err, syscall.ENOSPC)
}

// Store is one open database file. Its methods are safe for concurrent use.
type Store struct {
	w    *sql.DB // one connection: with eight, writers waited for each other up to a second
	r    *sql.DB
	path string
	// owner identifies this open Store in the leases that it takes.
	owner string

	seals atomic.Pointer[Sealer] // see SealWith

	onDueLock sync.Mutex
	onDue     []func() // see OnDue
}

// Options are the options of Open.
type Options struct {
	// Migrate creates a missing database and migrates an older one. Only the holder of the lock on the data
	// directory may set it.
	Migrate bool
	// Existing refuses a file that was never a Postern database. Without it, Migrate would turn an empty file into
	// one.
	Existing bool
}

// Open opens the database file. Without Options.Migrate it returns ErrOlder if the file is missing or has an older
// version. It returns ErrNewer for a newer version, and ErrForeign for a file that is not a database.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !o.Migrate {
		return nil, ErrOlder
	}
	// Create the file here, so that its mode does not depend on the umask.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	f.Close()
	s := &Store{path: path, owner: rand.Text()}
	s.w, err = openPool(path,
		"_txlock=immediate&_dqs=0&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&"+inMemory, 1)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o); err != nil {
		s.w.Close()
		return nil, err
	}
	s.r, err = openPool(path, "_dqs=0&_pragma=busy_timeout(5000)&_pragma=query_only(1)&_pragma=foreign_keys(1)",
		readers)
	if err != nil {
		s.w.Close()
		return nil, err
	}
	return s, nil
}

func openPool(path, options string, conns int) (*sql.DB, error) {
	// Escape the path: in a plain path, a question mark would start SQLite's URI parameters.
	c, err := newConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(time.Minute) // many visitors at once are rare, and each connection has its own cache
	return db, nil
}

func (s *Store) prepare(ctx context.Context, o Options) error {
	// SQLite silently ignores a misspelt _pragma, so the important one is checked.
	mode, err := journalMode(ctx, s.w)
	if err != nil {
		if isForeign(err) {
			return withText(ErrForeign, words.FileForeignInTheWay(s.path))
		}
		if isCorrupt(err) {
			return errors.New(words.FileDamaged(s.path))
		}
		return fmt.Errorf("opening the database: %w", err)
	}
	if mode != "wal" {
		return errors.New(words.DatabaseNotLocal(mode))
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.w, dir, goose.WithGoMigrations(goMigrations()...))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	current, err := s.schemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case current == 0 && o.Existing:
		return withText(ErrForeign, words.FileForeign(s.path))
	case current > newest:
		return ErrNewer
	case current == newest:
		return nil
	case !o.Migrate:
		return ErrOlder
	}
	if current > 0 {
		if err := s.Backup(ctx, fmt.Sprintf("%s.before-%d", s.path, newest), true); err != nil {
			return fmt.Errorf("before migrating: %w", err)
		}
	}
	return onDisk(ctx, s.w, func() error {
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrating the database: %w", err)
		}
		return nil
	})
}

// schemaVersion reads goose's table without creating it, because a caller that may not migrate must not write.
func (s *Store) schemaVersion(ctx context.Context) (int64, error) {
	switch migrated, err := hasTable(ctx, s.w, "goose_db_version"); {
	case err != nil:
		return 0, fmt.Errorf("reading the database's version: %w", err)
	case !migrated:
		return 0, nil
	}
	var v int64
	if err := s.w.QueryRowContext(ctx,
		`SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied = 1`).Scan(&v); err != nil {
		return 0, fmt.Errorf("reading the database's version: %w", err)
	}
	return v, nil
}

// Close closes the database. SQLite then moves the write-ahead log into the file.
func (s *Store) Close() error {
	return errors.Join(s.r.Close(), s.w.Close())
}

// Path returns the path of the database file.
func (s *Store) Path() string { return filepath.Clean(s.path) }

// Ping returns an error if the database cannot be read.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.r.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// textError is an error with its own text that still matches another error with errors.Is.
type textError struct {
	text string
	is   error
}

func (t textError) Error() string { return t.text }
func (t textError) Unwrap() error { return t.is }

func withText(is error, text string) error {
	return textError{text, is}
}

// querier is the common interface of *sql.DB and *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// collect reads all rows before it returns. Within a transaction there is only one connection, so a query inside a
// loop over open rows would block forever.
func collect[T any](rows *sql.Rows, err error, scan func(row scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

type scanner interface{ Scan(dest ...any) error }

// notFound turns sql.ErrNoRows into ErrNotFound, with what was not found in the text.
func notFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return err
}

// millis returns a time as it is stored: Unix milliseconds, or NULL for the zero time.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// instant scans a nullable time column.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.t = time.Time{}
	case int64:
		*i.t = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("store: a time is stored as %T", v)
	}
	return nil
}
