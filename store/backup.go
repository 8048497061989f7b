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

// Backup writes a consistent copy of the database to path while the database is in use. The copy appears completely
// or not at all: Backup writes a temporary file in the same directory, syncs it and renames it. The copy is marked
// as one; see [Store.Arrive]. An existing file is replaced only if replace is set; otherwise the error is
// fs.ErrExist.
func (s *Store) Backup(ctx context.Context, path string, replace bool) error {
	dir := filepath.Dir(path)
	// Create the file first, because SQLite would make it readable for other users. SQLite accepts an empty file.
	f, err := os.CreateTemp(dir, ".backup-*")
	if err != nil {
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			err = pe.Err // drop the random name of the temporary file
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
		// os.Link fails if the file exists, in one atomic step. Some file systems do not support links.
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
	if d, err := os.Open(dir); err == nil { // sync the new name too; not every system can sync a directory
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// markCopied marks the database at path as a copy.
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
