package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"postern/daemon"
	"postern/publisher"
	"postern/shape"
	"postern/store"
	"postern/words"
)

type syncCmd struct {
	Wait span `help:"help_sync_wait" default:"10m"`
}

// span is a length of time as people write it, such as 90s, 10m or 1d.
type span time.Duration

// UnmarshalText parses a span.
func (s *span) UnmarshalText(text []byte) error {
	d, err := words.ParseSpan(string(text))
	*s = span(d)
	return err
}

// pass is one sync: what was so when it began.
type pass struct {
	app      *App
	began    time.Time
	deadline time.Time
	since    int64 // the last event before it

	polled map[int64]time.Time // feeds whose next poll does not count, or a poll that did not
}

// Run makes one pass.
func (c *syncCmd) Run(in *invocation) error {
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	log := in.logger(cfg, false)
	p := pass{began: time.Now().Truncate(time.Millisecond)} // as the database keeps times
	p.deadline = p.began.Add(time.Duration(c.Wait))
	alone, err := newProgram(in.ctx, cfg, log, "sync")
	for busy := (*daemon.BusyError)(nil); errors.As(err, &busy); {
		if strings.HasPrefix(busy.Holder, "postern serve") {
			alone = nil
			p.app, err = newTools(in.ctx, cfg, log, "sync")
			break
		}
		// Another pass is under way: this one follows it, for what came since.
		if !strings.HasPrefix(busy.Holder, "postern sync") || !time.Now().Before(p.deadline) || in.ctx.Err() != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
		alone, err = newProgram(in.ctx, cfg, log, "sync")
	}
	if err != nil {
		return err
	}
	work := p.beside
	if alone != nil {
		p.app, work = alone.App, alone.once(p.deadline)
		defer alone.Close()
	} else {
		defer p.app.Close()
	}
	if p.since, err = p.app.store.LastEventID(in.ctx); err != nil {
		return err
	}
	stop := in.progress(p.far)
	failed := work(in.ctx)
	stop()
	if in.ctx.Err() != nil {
		return in.ctx.Err()
	}
	views, err := viewsOf(in.ctx, p.app.store, p.changed(), allPosts)
	if err != nil {
		return err
	}
	more, err := p.remarks(in.ctx, views)
	if err != nil {
		return err
	}
	if err := p.print(in, views, more); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	return p.outcome(in.ctx)
}

// print shows the publications that the pass changed, then more of what it found.
func (p *pass) print(in *invocation, views []shape.Publication, more []string) error {
	return in.print(views, func(w io.Writer) error {
		if len(views) > 0 || len(more) == 0 {
			if err := writePublications(w, views, words.SyncNothing); err != nil {
				return err
			}
		}
		for _, remark := range more {
			if _, err := fmt.Fprintln(w, printable(remark)); err != nil {
				return err
			}
		}
		return nil
	})
}

// remarks says what the pass found that no publication shows: new posts that are skipped, and feeds that were read in
// part.
func (p *pass) remarks(ctx context.Context, shown []shape.Publication) (list []string, err error) {
	left, err := leftOut(ctx, p.app.store, store.Filter{})
	if err != nil {
		return nil, err
	}
	skipped := 0
	for _, l := range left {
		if !l.Post.FirstSeenAt.Before(p.began) {
			skipped++
		}
	}
	isMore := slices.ContainsFunc(shown, func(v shape.Publication) bool { return v.State == store.Skipped })
	if skipped > 0 {
		list = append(list, words.SyncSkipped(skipped, isMore))
	}
	feeds, err := p.app.store.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	if len(feeds) == 0 {
		list = append(list, words.NoFeedsYet)
	}
	for _, f := range feeds {
		if f.Paused {
			list = append(list, words.FeedPausedResume(f.ID, f.Name()))
		}
		if f.Failures == 0 && !f.Problem.IsZero() && !f.LastPolledAt.Before(p.began) {
			list = append(list, words.SyncFeedInPart(f.ID, f.Name(), f.Problem.String()))
		}
	}
	return list, nil
}

// far returns how far the pass is: first the feeds are polled, then what is due goes out.
func (p *pass) far() (what string, done, of int64) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	feeds, err := p.app.store.Feeds(ctx)
	if err != nil {
		return "working", 0, 0
	}
	for _, f := range feeds {
		if !f.Paused {
			of++
			done += ifElse(f.LastPolledAt.Before(p.began), int64(0), 1)
		}
	}
	if done < of {
		return "polling feeds", done, of
	}
	sent, err := p.app.store.Publications(ctx, p.changed(store.Published, store.Failed, store.Unconfirmed))
	if err != nil {
		return "publishing", 0, 0
	}
	open, err := p.app.store.Publications(ctx,
		store.Filter{States: []store.State{store.Queued, store.Staged, store.Publishing}})
	if err == nil {
		err = publisher.Forecast(ctx, p.app.store, open)
	}
	if err != nil {
		return "publishing", 0, 0
	}
	if what := waitingWords(open, time.Now(), p.deadline); what != "" {
		return what, 0, 0
	}
	if open, err = p.app.store.Publications(ctx, p.changed(store.Queued, store.Staged, store.Publishing)); err != nil {
		return "publishing", 0, 0
	}
	return "publishing", int64(len(sent)), int64(len(sent) + len(open))
}

// waitingWords says how many publications wait for a time before the deadline and when the first one goes on, ""
// while one is in hand or due.
func waitingWords(open []store.Listed, now, deadline time.Time) string {
	n, first := 0, time.Time{}
	for _, l := range open {
		at := publisher.Next(l.Publication, l.Account)
		switch {
		case at.IsZero(), at.After(deadline):
			continue
		case l.Leased, !at.After(now):
			return ""
		}
		if n++; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if n == 0 {
		return ""
	}
	return words.SyncWaits(n, first.Local().Format("15:04:05"))
}

// once returns the daemon's work, done once: what is due until the deadline.
func (p *program) once(deadline time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		a, err := p.arrive(ctx)
		if err != nil {
			return err
		}
		defer a.place.Leave()
		defer a.place.Depart(ctx)
		stop, err := p.serveMedia(ctx, p.media)
		switch {
		case err == nil:
			defer stop()
		case p.cfg.Web.BaseURL != "" && !p.cfg.Media.S3.Used():
			return err // Instagram is told to fetch from there
		default:
			p.log.Info("media are not served", slog.Any("error", err))
		}
		if err := p.store.CheckFeeds(ctx); err != nil {
			return err
		}
		if err := p.poller.PollDue(ctx); err != nil {
			return err
		}
		if err := p.accounts.RefreshDue(ctx); err != nil { // for those who never run the daemon
			return err
		}
		if err := p.cleaner().Prune(ctx); err != nil { // makes room for what follows
			p.log.Error("cleaning the media folder", slog.Any("error", err))
		}
		err = a.publisher.Drain(ctx, deadline)
		p.tellOnce(ctx)
		return err
	}
}

// pollPatience is how long a daemon may poll without finishing a feed. A poll fetches the pages of entries, too.
const pollPatience = 10 * time.Minute

// beside lets the running daemon do the work, and waits for it: for posts until the deadline, and for feeds as long as
// they take, as a pass without a daemon does.
func (p *pass) beside(ctx context.Context) error {
	due, err := p.app.store.DueFeeds(ctx)
	if err != nil {
		return err
	}
	p.polled = map[int64]time.Time{}
	for _, f := range due {
		p.polled[f.ID] = time.Time{}
	}
	if err := p.app.store.CheckFeeds(ctx); err != nil {
		return err
	}
	quiet, left, progressed := 0, len(due), time.Now()
	for n := 1; ; n++ {
		unread, err := p.unread(ctx)
		if err != nil {
			return err
		}
		if len(unread) < left {
			progressed = time.Now()
		}
		left = len(unread)
		busy, err := p.busy(ctx)
		if err != nil {
			return err
		}
		// Between two steps of the daemon nothing looks due for a moment.
		if quiet++; len(unread) > 0 || busy {
			quiet = 0
		}
		if quiet >= 3 {
			return nil
		}
		if len(unread) == 0 && !time.Now().Before(p.deadline) {
			return nil
		}
		if len(unread) > 0 && time.Since(progressed) > pollPatience {
			return errors.New(words.SyncDaemonSlow(unread, pollPatience))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if n%10 == 0 {
			if l, err := daemon.TakeLock(p.app.cfg.DataDir, "sync", 0); err == nil {
				l.Release()
				return errors.New(words.SyncDaemonStopped)
			}
		}
	}
}

// unread names the feeds that were not polled since the pass began. A feed that was due by then may just have
// been read, with the outcome to come: it is asked for twice.
func (p *pass) unread(ctx context.Context) ([]string, error) {
	feeds, err := p.app.store.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range feeds {
		before, twice := p.polled[f.ID]
		done := f.LastPolledAt
		switch {
		case f.Paused, !twice && !done.Before(p.began), twice && !before.IsZero() && done.After(before):
			continue
		case twice && before.IsZero() && !done.Before(p.began):
			p.polled[f.ID] = done
		}
		names = append(names, f.Name())
		if f.NextPollAt.After(time.Now()) {
			if err := p.app.store.MakeFeedsDue(ctx, f.ID); err != nil {
				return nil, err
			}
		}
	}
	return names, nil
}

// busy says whether the daemon has something in hand, or something to do before the deadline.
func (p *pass) busy(ctx context.Context) (bool, error) {
	_, next, err := p.app.store.Due(ctx)
	if err != nil || (!next.IsZero() && next.Before(p.deadline)) {
		return err == nil, err
	}
	open, err := p.app.store.Publications(ctx,
		store.Filter{States: []store.State{store.Queued, store.Staged, store.Publishing}})
	if err != nil {
		return false, err
	}
	inFlight := map[int64]bool{}
	for _, l := range open {
		inFlight[l.AccountID] = inFlight[l.AccountID] || l.State != store.Queued
	}
	for _, l := range open {
		due := publisher.Next(l.Publication, l.Account)
		if l.Leased {
			return true, nil
		}
		// What is queued behind another publication of its account waits for that one, not for a time.
		if !due.IsZero() && due.Before(p.deadline) && (l.State != store.Queued || !inFlight[l.AccountID]) {
			return true, nil
		}
	}
	return false, nil
}

// changed finds the publications to which something happened in the pass.
func (p *pass) changed(states ...store.State) store.Filter {
	f := store.Filter{States: states, Since: p.since}
	if f.Since == 0 {
		f.Since = -1 // no event is that old; 0 would not narrow
	}
	return f
}

// outcome is the error of a pass in which something went wrong that a person should know.
func (p *pass) outcome(ctx context.Context) error {
	var reasons []string
	changed, err := p.app.store.Publications(ctx, p.changed(store.Failed, store.Unconfirmed))
	if err != nil {
		return err
	}
	for _, l := range changed {
		history, err := p.app.store.EventsOf(ctx, l.ID)
		if err != nil {
			return err
		}
		for _, e := range history {
			if e.ID > p.since && e.To == l.State && e.From != l.State {
				says := ifElse(l.State == store.Failed, words.SyncFailed, words.SyncUnconfirmed)
				reasons = append(reasons, says(l.ID, titleOf(l), l.Reason.String()))
				break
			}
		}
	}
	feeds, err := p.app.store.Feeds(ctx)
	if err != nil {
		return err
	}
	for _, f := range feeds {
		if f.Failures > 0 { // one that is only damaged was read
			reasons = append(reasons, words.SyncFeedUnread(f.ID, f.Name(), f.ProblemWords()))
		}
	}
	all, err := p.app.store.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Trouble == store.Reconnect {
			reasons = append(reasons, words.SyncAccountLost(a.ID, a.Name(), a.Problem.String()))
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return errors.New(strings.Join(reasons, "; "))
}
