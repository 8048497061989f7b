package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// How often it is asked which feeds are due. Their schedules are data, so a restart neither forgets nor
	// repeats one.
	pollTick = "@every 2s"
	// Tokens live for 60 days and are renewed daily: asked hourly, one that failed is tried again soon.
	refreshTick = "@every 1h"
	// How often files that nobody needs any more are removed.
	pruneTick = "@every 24h"
	// How often a full media folder is cleaned of what was published or skipped, and how long ago that is at
	// least: Instagram has fetched it by then.
	roomTick = "@every 1m"
	roomAge  = time.Hour
	// How soon what is wrong is noticed and told.
	noticeTick = "@every 10s"
)

// tick starts the regular work. cron only ticks: what is due is in the database.
func (a *App) tick(ctx context.Context) (*cron.Cron, error) {
	log := cronLogger{a.log}
	// In this order: with Recover outside, one panic would leave a job "still running" for good (robfig/cron v3.0.1).
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(log),
		cron.WithChain(cron.SkipIfStillRunning(log), cron.Recover(log)))
	for _, job := range []struct {
		what, spec string
		run        func(context.Context) error
	}{
		{"noting the place of the database", beatTick, a.place.beat},
		{"polling feeds", pollTick, a.poller.PollDue},
		{"refreshing tokens", refreshTick, a.accounts.RefreshDue},
		{"cleaning the media folder", pruneTick, a.pruneMedia},
		{"making room in the media folder", roomTick, a.makeRoom},
		{"noticing what is wrong", noticeTick, a.notices.Look},
		{"telling notices", noticeTick, a.notices.Tell},
		{"forgetting old notices", pruneTick, a.notices.Clean},
	} {
		id, err := c.AddFunc(job.spec, func() {
			if err := job.run(ctx); err != nil && ctx.Err() == nil {
				a.log.Error(job.what, slog.Any("error", err))
			}
		})
		if err != nil {
			return nil, err
		}
		// The first time is now. Scheduled like this it is among the jobs that Stop waits for.
		c.Schedule(&once{}, c.Entry(id).WrappedJob)
	}
	c.Start()
	return c, nil
}

// pruneMedia removes prepared files that nothing has needed for media.keep_days, here and in the bucket.
func (a *App) pruneMedia(ctx context.Context) error {
	old := time.Now().Add(-time.Duration(a.cfg.Media.KeepDays) * 24 * time.Hour)
	keep, err := a.pruneFolder(ctx, old)
	if err != nil {
		return err
	}
	files, err := a.public.Prune(ctx, keep, old)
	if files > 0 {
		a.log.Info("bucket cleaned", slog.Int("files", files))
	}
	return err
}

// makeRoom does so here, and earlier, when something waits for room.
func (a *App) makeRoom(ctx context.Context) error {
	if !a.media.Full() {
		return nil
	}
	_, err := a.pruneFolder(ctx, time.Now().Add(-roomAge))
	return err
}

// pruneFolder removes what nothing has needed since then; keep says what that is.
func (a *App) pruneFolder(ctx context.Context, old time.Time) (keep func(name string) bool, err error) {
	needed, err := a.store.NeededAssets(ctx, old)
	if err != nil {
		return nil, err
	}
	keep = func(name string) bool { return needed[name] }
	files, bytes, err := a.media.Prune(keep, old)
	if files > 0 {
		a.log.Info("media folder cleaned", slog.Int("files", files), slog.Int64("bytes", bytes))
	}
	return keep, err
}

// once is a schedule with one time: as soon as possible.
type once struct{ done bool }

// Next returns the zero time, which cron takes for never, from the second call on.
func (o *once) Next(now time.Time) time.Time {
	if o.done {
		return time.Time{}
	}
	o.done = true
	return now
}

// cronLogger keeps cron's own chatter at debug level.
type cronLogger struct{ log *slog.Logger }

// Info is called at every tick.
func (l cronLogger) Info(msg string, args ...any) { l.log.Debug("cron: "+msg, args...) }

// Error is called when a job panicked.
func (l cronLogger) Error(err error, msg string, args ...any) {
	l.log.Error("cron: "+msg, append(args, slog.Any("error", err))...)
}
