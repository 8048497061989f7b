package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Backup writes a consistent copy of the database to path, while others read and write. The copy appears whole or
// not at all: it is written beside path, synced, and renamed. It is marked as a copy: see [Store.Arrive]. An
// existing file is replaced only when the caller says so; otherwise the error is fs.ErrExist.
func (s *Store) Backup(ctx context.Context, path string, replace bool) error {
	dir := filepath.Dir(path)
	// Made here, because SQLite would make it readable for others; it takes an empty file.
	f, err := os.CreateTemp(dir, ".backup-*")
	if err != nil {
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			err = pe.Err // without the name that was made up
		}
		return fmt.Errorf("the backup cannot be written into %s: %w", dir, err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	defer f.Close()
	if err := copyInto(ctx, s.w, f.Name()); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	if err := markCopied(ctx, f.Name()); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	if replace {
		err = os.Rename(f.Name(), path)
	} else {
		// A link fails where a file is, in one step; some file systems know no links.
		if err = os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
			if _, err = os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
				err = os.Rename(f.Name(), path)
			} else if err == nil {
				err = fs.ErrExist
			}
		}
	}
	if err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	if d, err := os.Open(dir); err == nil { // the name itself; not every system can sync a directory
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// markCopied writes into a copy that it is one.
func markCopied(ctx context.Context, path string) (err error) {
	db, err := openPool(path, "_txlock=immediate&_dqs=0&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)", 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx,
		`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		settingCopied, time.Now().UTC().Format(time.RFC3339))
	return err
}
