package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"postern/daemon"
	"postern/notices"
	"postern/store"
	"postern/vault"
	"postern/words"
)

const (
	diskLow  = 512 << 20 // bytes free, from which the owner is told
	diskFull = 64 << 20  // … and from which nothing more can be done
	// The media folder has a limit of its own; from this share on it is told of.
	folderFull = 0.95
)

// probe looks at what is not in the database, and returns what is wrong now.
type probe = func(context.Context) []store.Notice

// newKeeper makes the keeper of the notices, with this program as its sending process.
func (a *App) newKeeper(key vault.Key, more []probe) *notices.Keeper {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return notices.New(notices.Options{
		Store: a.store, Key: key, PublicURL: a.cfg.Web.BaseURL, Send: notices.Through(exe, "tell"),
		Redact: a.cfg.Redactor, Logger: a.log,
		Probes: append([]probe{a.diskProbe, a.keyProbe, a.clockProbe}, more...),
	})
}

// tellOnce notices and tells for whoever never runs the daemon. What does not arrive is tried again by the next pass.
func (a *App) tellOnce(ctx context.Context) {
	err := a.notices.Configure(ctx, a.cfg.Notify.Targets)
	if err == nil {
		err = a.notices.Refresh(ctx)
	}
	if err == nil {
		err = a.notices.Tell(ctx)
	}
	if err != nil && ctx.Err() == nil {
		a.log.Error("telling notices", slog.Any("error", err))
	}
}

func (a *App) keyProbe(context.Context) []store.Notice {
	text := a.keyTrouble()
	if text == "" {
		return nil
	}
	return []store.Notice{{Cause: "key", Level: 1, Severity: store.Bad, Text: text,
		Remedy: words.FixKeyUnreadable}}
}

func (a *App) diskProbe(context.Context) []store.Notice {
	if free, ok := freeSpace(a.cfg.DataDir); ok && free < diskLow {
		n := store.Notice{Cause: "disk", Level: 1, Severity: store.Warning,
			Text: words.NoticeDiskLow(a.cfg.DataDir, free < diskFull), Remedy: words.FixDiskLow}
		if free < diskFull {
			n.Level, n.Severity = 2, store.Bad
		}
		return []store.Notice{n}
	}
	return nil
}

// mediaProbe tells of a folder of prepared media that is unusable, or nearly full. A full disk, which the disk's probe
// tells of, is the reason for both.
func (p *program) mediaProbe(context.Context) []store.Notice {
	if free, ok := freeSpace(p.cfg.DataDir); ok && free < diskLow {
		return nil
	}
	if err := p.media.Usable(); err != nil { // what waits for it waits without end
		if path := (*fs.PathError)(nil); errors.As(err, &path) {
			err = path.Err // its name is another one each time
		}
		return []store.Notice{{Cause: "media", Level: 2, Severity: store.Bad,
			Text: words.NoticeMediaUnusable(err.Error()), Remedy: words.FixMediaUnusable}}
	}
	used, limit, err := p.media.Fill()
	if err != nil || limit <= 0 || float64(used) < folderFull*float64(limit) {
		return nil
	}
	return []store.Notice{{Cause: "media", Level: 1, Severity: store.Warning,
		Text: words.NoticeMediaFull(used>>20, limit>>20), Remedy: words.FixMediaFull}}
}

// addressProbe tells of the public address what the publisher goes by. What cannot be found out from here, because some
// routers do not lead back to themselves, is only shown; Instagram's word makes it a warning.
func (p *program) addressProbe(ctx context.Context) []store.Notice {
	if p.demo || p.public.None() { // nobody outside reaches a demo
		return nil
	}
	ask := p.public.Last
	if p.serving.Load() { // only then does it lead anywhere for certain
		ask = p.public.Ready
	}
	r, err := ask(ctx)
	if err != nil { // it could not be asked; what was known has not changed
		if r, err = p.public.Last(ctx); err != nil {
			return nil
		}
	}
	switch {
	case r.Persists(time.Now()):
		return []store.Notice{{Cause: "public", Level: 2, Severity: store.Warning,
			Text: words.NoticePublicFails(r.Shut), Remedy: words.FixInstagramCannotFetch}}
	case r.Unsure == "":
		return nil
	}
	n := store.Notice{Cause: "public", Level: 1, Severity: store.Info, Remedy: words.FixPublicUnsure}
	count, err := p.store.Unfetched(ctx, time.Now().Add(-24*time.Hour))
	refused := err == nil && count > 0
	if refused {
		n.Level, n.Severity = 2, store.Warning
	}
	n.Text = words.NoticePublicUnsure(r.Unsure, refused)
	return []store.Notice{n}
}

// clockFor is how long a clock that was wrong is told of.
const clockFor = time.Hour

func (a *App) clockProbe(ctx context.Context) []store.Notice {
	f, err := a.store.LastClockFault(ctx)
	if since := time.Since(f.At); err != nil || f.At.IsZero() || since.Abs() > clockFor {
		return nil
	}
	return []store.Notice{{Cause: "clock", Level: 1, Severity: store.Warning,
		Text: words.NoticeClockWrong(f.Ahead.Round(time.Second), f.At, time.Now()), Remedy: words.FixClockWrong}}
}

// copyProbe tells of a copy of the database that is at work on this machine.
func copyProbe(place *daemon.Place) probe {
	return func(ctx context.Context) []store.Notice {
		why := place.Yield(ctx)
		if why.IsZero() {
			return nil
		}
		return []store.Notice{{Cause: "copy", Level: 1, Severity: store.Bad,
			Text: words.NoticeCopyRuns(why.String()), Remedy: words.FixCopyRuns}}
	}
}
