package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"postern/config"
	"postern/daemon"
	"postern/store"
	"postern/words"
)

// errNoDatabase: the data directory has no database, and nobody is making one.
type errNoDatabase struct{ dir string }

func (e *errNoDatabase) Error() string {
	return words.DatabaseNone(e.dir)
}

// tools opens the database for a command that works beside a running daemon. Where there is none it makes none
// and returns *errNoDatabase: the command was probably given in the wrong folder.
func (in *invocation) tools(command string) (*App, error) {
	cfg, err := in.loadConfig()
	if err != nil {
		return nil, err
	}
	if err := hasDatabase(cfg); err != nil {
		return nil, err
	}
	return newTools(in.ctx, cfg, in.logger(cfg, false), command)
}

// firstTools is tools for a command that may be the first one of an installation: it makes what is not there.
func (in *invocation) firstTools(command string) (*App, error) {
	cfg, err := in.loadConfig()
	if err != nil {
		return nil, err
	}
	return newTools(in.ctx, cfg, in.logger(cfg, false), command)
}

// nothing answers a command that lists, and found no database, as an empty one would be answered: scripts ask
// before the first start, too. Another error stays one.
func (in *invocation) nothing(err error, text string) error {
	var none *errNoDatabase
	if !errors.As(err, &none) {
		return err
	}
	in.warn([]string{none.Error()})
	return in.print([]any{}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, text)
		return err
	})
}

// hasDatabase says by *errNoDatabase that there is none. Whatever else is wrong with the directory is left to be
// found by opening it.
func hasDatabase(cfg config.Config) error {
	missing := func() bool {
		_, err := os.Stat(cfg.DatabasePath())
		return errors.Is(err, fs.ErrNotExist)
	}
	if !missing() {
		return nil
	}
	// Whoever holds the directory may be making it just now.
	if holder, err := daemon.LockHolder(cfg.DataDir); holder != "" || err != nil || !missing() {
		return nil
	}
	dir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		dir = cfg.DataDir
	}
	return &errNoDatabase{dir}
}

// newTools opens what commands need that also work beside a running daemon. They take the lock for a moment if
// they can, to make or migrate the database.
func newTools(ctx context.Context, cfg config.Config, log *slog.Logger, command string) (*App, error) {
	a, err := openStore(ctx, cfg, log, command)
	if err != nil {
		return nil, err
	}
	a.fetch = newFetcher(cfg)
	if err := a.assemble(ctx, assembly{}); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// openStore is newTools for a command that opens no secret and needs no key: only the database is to be had.
func openStore(ctx context.Context, cfg config.Config, log *slog.Logger, command string) (*App, error) {
	if err := daemon.MakeDataDir(cfg.DataDir); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: log}
	for deadline := time.Now().Add(daemon.LockPatience); ; time.Sleep(50 * time.Millisecond) {
		l, err := daemon.TakeLock(cfg.DataDir, command, 0)
		var busy *daemon.BusyError
		if err != nil && !errors.As(err, &busy) {
			return nil, err
		}
		a.store, err = store.Open(ctx, cfg.DatabasePath(), store.Options{Migrate: l != nil})
		l.Release()
		if err == nil {
			return a, nil
		}
		// The one who holds the lock may be making the database just now.
		if !errors.Is(err, store.ErrOlder) || !time.Now().Before(deadline) {
			return nil, err
		}
	}
}
