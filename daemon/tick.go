package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"postern/accounts"
	"postern/address"
	"postern/feed"
	"postern/media"
	"postern/notices"
	"postern/store"
	"postern/words"
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

// Ticks are what regular work is done with.
type Ticks struct {
	Place    *Place
	Poller   *feed.Poller
	Accounts *accounts.Accounts
	Notices  *notices.Keeper
	Cleaner  Cleaner
	Logger   *slog.Logger
}

// Start begins the regular work. cron only ticks: what is due is in the database. The returned function ends it and
// waits for what is in hand; with an error it does nothing.
func (t Ticks) Start(ctx context.Context) (stop func(), err error) {
	log := cronLogger{t.Logger}
	// In this order: with Recover outside, one panic would leave a job "still running" for good (robfig/cron v3.0.1).
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(log),
		cron.WithChain(cron.SkipIfStillRunning(log), cron.Recover(log)))
	for _, job := range []struct {
		what, spec string
		run        func(context.Context) error
	}{
		{words.TickPlace, beatTick, t.Place.Beat},
		{words.TickPolls, pollTick, t.Poller.PollDue},
		{words.TickTokens, refreshTick, t.Accounts.RefreshDue},
		{words.TickMedia, pruneTick, t.Cleaner.Prune},
		{words.TickRoom, roomTick, t.Cleaner.MakeRoom},
		{words.TickNotices, noticeTick, t.Notices.Refresh},
		{words.TickMessages, noticeTick, t.Notices.Tell},
		{words.TickForgetNotices, pruneTick, t.Notices.Clean},
	} {
		id, err := c.AddFunc(job.spec, func() {
			if err := job.run(ctx); err != nil && ctx.Err() == nil {
				t.Logger.Error(job.what, slog.Any("error", err))
			}
		})
		if err != nil {
			return func() {}, err
		}
		// The first time is now. Scheduled like this it is among the jobs that Stop waits for.
		c.Schedule(&once{}, c.Entry(id).WrappedJob)
	}
	c.Start()
	return func() { <-c.Stop().Done() }, nil
}

// Cleaner removes prepared files that nobody needs any more.
type Cleaner struct {
	Store    *store.Store
	Media    *media.Library
	Public   *address.Public // knows the bucket; may be nil
	KeepDays int64
	Logger   *slog.Logger
}

// Prune removes prepared files that nothing has needed for KeepDays, here and in the bucket.
func (c Cleaner) Prune(ctx context.Context) error {
	old := time.Now().Add(-time.Duration(c.KeepDays) * 24 * time.Hour)
	keep, err := c.pruneFolder(ctx, old)
	if err != nil {
		return err
	}
	files, err := c.Public.Prune(ctx, keep, old)
	if files > 0 {
		c.Logger.Info("bucket cleaned", slog.Int("files", files))
	}
	return err
}

// MakeRoom does so here, and earlier, when something waits for room.
func (c Cleaner) MakeRoom(ctx context.Context) error {
	if !c.Media.Full() {
		return nil
	}
	_, err := c.pruneFolder(ctx, time.Now().Add(-roomAge))
	return err
}

// pruneFolder removes what nothing has needed since then; keep says what that is.
func (c Cleaner) pruneFolder(ctx context.Context, old time.Time) (keep func(name string) bool, err error) {
	needed, err := c.Store.NeededAssets(ctx, old)
	if err != nil {
		return nil, err
	}
	keep = func(name string) bool { return needed[name] }
	files, bytes, err := c.Media.Prune(keep, old)
	if files > 0 {
		c.Logger.Info("media folder cleaned", slog.Int("files", files), slog.Int64("bytes", bytes))
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
