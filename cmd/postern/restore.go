package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"postern/daemon"
	"postern/store"
	"postern/words"
)

type restoreCmd struct {
	File    string `arg:"" optional:"" help:"help_restore_file" placeholder:"FILE"`
	InPlace bool   `help:"help_restore_in_place"`
}

// Run puts the copy in the place of the database, marked as an older one before anybody can use it.
func (c *restoreCmd) Run(in *invocation) error {
	switch {
	case c.File == "" && !c.InPlace:
		return usage(words.RestoreNeedsFile)
	case c.File != "" && c.InPlace:
		return usage(words.RestoreFileOrInPlace)
	}
	cfg, err := in.loadConfigWithRisks()
	if err != nil {
		return err
	}
	if c.InPlace {
		if err := hasDatabase(cfg); err != nil {
			return err
		}
	}
	if err := daemon.MakeDataDir(cfg.DataDir); err != nil {
		return err
	}
	l, err := daemon.TakeLock(cfg.DataDir, "restore", daemon.LockPatience)
	if err != nil {
		return err
	}
	defer l.Release()
	if c.InPlace {
		return in.restoreInPlace(cfg.DatabasePath())
	}
	return in.restoreFrom(c.File, cfg.DatabasePath())
}

// restoreInPlace marks the database at path, which somebody else put back.
func (in *invocation) restoreInPlace(path string) error {
	if _, err := store.Purge(in.ctx, path, false); err != nil {
		return &statedError{words.RestoreInPlaceRefused(err.Error()), err}
	}
	m, err := markRestored(in.ctx, path, nil)
	if err != nil {
		return err
	}
	return in.restored(path, "", m)
}

// restoreFrom puts a marked copy of the file in the place of the database at path. The copy is made, checked, migrated
// and marked beside the database; then one rename puts it in its place.
func (in *invocation) restoreFrom(file, path string) error {
	fresh := path + ".restoring"
	for _, old := range []string{fresh, fresh + "-wal", fresh + "-shm"} {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	defer func() {
		left, _ := filepath.Glob(fresh + "*")
		for _, name := range left {
			_ = os.Remove(name)
		}
	}()
	m, err := in.prepareCopy(file, fresh, path)
	if err != nil {
		return err
	}
	kept, err := keepDatabase(in.ctx, path, time.Now())
	if err != nil {
		return &statedError{words.RestoreNotKept(err.Error()), err}
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return in.restored(path, kept, m)
}

// prepareCopy copies the file of a backup to fresh and marks it as older than the database at path.
func (in *invocation) prepareCopy(file, fresh, path string) (marked, error) {
	if err := copyDatabase(file, fresh); err != nil {
		return marked{}, &statedError{words.RestoreUnreadable(err.Error()), err}
	}
	dropped, err := store.Purge(in.ctx, fresh, true)
	if err != nil {
		return marked{}, &statedError{words.RestoreRefused(file, err.Error()), err}
	}
	// What cannot be read tells nothing.
	later, _ := store.OpenReadOnly(in.ctx, path)
	m, err := markRestored(in.ctx, fresh, later)
	if later != nil {
		err = errors.Join(err, later.Close())
	}
	if errors.Is(err, store.ErrForeign) { // what is said about the copy in the data directory would mislead
		return marked{}, errors.New(words.RestoreForeign(file))
	}
	if err != nil {
		return marked{}, &statedError{words.RestoreFailed(file, err.Error()), err}
	}
	m.dropped = dropped
	return m, nil
}

func (in *invocation) restored(path, kept string, m marked) error {
	text := words.RestoreDone(words.Restoring{
		Since: m.since, Held: m.held, Kept: kept, Tokens: m.tokens, Dropped: m.dropped,
		PasswordKept: m.password == passwordKept, PasswordOld: m.password == passwordOld,
	})
	return in.answer(struct {
		Database string `json:"database"`
		Kept     string `json:"kept"`
		Held     int    `json:"held"`
		Tokens   int    `json:"tokens"`
		// kept: the one that was set last; old: the one of the copy; "" there is none
		Password string   `json:"password"`
		Dropped  []string `json:"dropped"` // tables of the copy that are not Postern's
	}{path, kept, m.held, m.tokens, m.password, append([]string{}, m.dropped...)}, text)
}

// marked is what is to be said of an older copy.
type marked struct {
	since  time.Time // the last thing it knows
	held   int
	tokens int // that open again, though they may have been removed since

	dropped []string // tables of the copy that are not Postern's

	password string // passwordKept, passwordOld or "" for none
}

// Whose web password opens after a restore.
const (
	passwordKept = "kept" // of the database that was replaced
	passwordOld  = "old"  // of the copy: what was there since is lost or unreadable
)

// markRestored opens a database, brings it up to date, checks it and marks it as an older copy of later, which is
// nil when that is lost.
func markRestored(ctx context.Context, path string, later *store.Store) (m marked, err error) {
	s, err := store.Open(ctx, path, store.Options{Migrate: true, Existing: true})
	if err != nil {
		return marked{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Check(ctx); err != nil {
		return marked{}, err
	}
	known, err := s.KeepAccess(ctx, later, store.CLI)
	if err != nil {
		return marked{}, err
	}
	if password, err := s.PasswordHash(ctx); err != nil {
		return marked{}, err
	} else if password != "" {
		m.password = ifElse(known, passwordKept, passwordOld)
	}
	if !known {
		left, err := s.Tokens(ctx)
		if err != nil {
			return marked{}, err
		}
		m.tokens = len(left)
	}
	m.since, m.held, err = s.Restored(ctx, store.CLI)
	return m, err
}

// keepDatabase gives the database a second name, its write-ahead log folded in; "" when there is none. A log that
// cannot be folded in, because the file is damaged, is moved along: beside another database it would be taken for
// that one's.
func keepDatabase(ctx context.Context, path string, now time.Time) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if s, err := store.Open(ctx, path, store.Options{}); err == nil {
		if err := s.Close(); err != nil {
			return "", err
		}
	}
	kept, err := freeName(path + ".replaced-" + now.UTC().Format("20060102T150405Z"))
	if err != nil {
		return "", err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, kept+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := os.Link(path, kept); err != nil {
		return kept, copyDatabase(path, kept) // not every file system knows links
	}
	return kept, nil
}

// freeName is the name itself, or with a number after it when another database was set aside in the same second.
func freeName(name string) (string, error) {
	free := name
	for n := 2; ; n++ {
		switch _, err := os.Lstat(free); {
		case errors.Is(err, fs.ErrNotExist):
			return free, nil
		case err != nil:
			return "", err
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}

// copyDatabase copies for the owner's eyes only, and onto the disk.
func copyDatabase(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
