package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"postern/store"
	"postern/words"
)

const (
	// soundTime is how long reading the database through may take.
	soundTime = 20 * time.Second
	// stuck is how long nothing happens, though something is due and a daemon runs, before that is odd.
	stuck = 30 * time.Minute
	// manyWaiting is where counting ends.
	manyWaiting = 1000
)

// database says whether it can be opened and read, and whether the key opens what is sealed in it.
func (d *doctor) database(ctx context.Context) []store.Finding {
	const check = "database"
	path := d.app.cfg.DatabasePath()
	switch err := d.openErr; {
	case errors.Is(err, fs.ErrNotExist):
		return []store.Finding{ill(check, words.DoctorCreateDatabase, words.DoctorMissing(path))}
	case errors.Is(err, fs.ErrPermission):
		return []store.Finding{ill(check, words.DoctorAskAsUser,
			words.DoctorUnreadable(path, fs.ErrPermission.Error()))}
	case errors.Is(err, store.ErrOlder):
		return []store.Finding{ill(check, words.DoctorUpdateDatabase, words.DoctorDatabaseOlder)}
	case errors.Is(err, store.ErrNewer):
		return []store.Finding{ill(check, words.DoctorUseNewer, words.DoctorDatabaseNewer)}
	case errors.Is(err, store.ErrDamaged):
		return []store.Finding{ill(check, words.DoctorDamaged, words.DoctorDatabaseDamaged(path, ""))}
	case err != nil:
		return []store.Finding{ill(check, words.DoctorDatabaseOther, oneLine(err.Error()))}
	}
	return []store.Finding{d.sound(ctx), d.key()}
}

func (d *doctor) sound(ctx context.Context) store.Finding {
	const check = "database"
	path := d.app.cfg.DatabasePath()
	size := max(fileSize(path), fileSize(path+"-wal")) // what is new is in the log at first
	limited, cancel := context.WithTimeout(ctx, soundTime)
	defer cancel()
	switch wrong, err := d.app.store.Sound(limited); {
	case limited.Err() != nil:
		return remark(check, words.DoctorReadRest, words.DoctorDatabaseLarge(path, size, soundTime))
	case err != nil:
		return ill(check, words.DoctorFixAndAsk, words.DoctorUnreadable(path, oneLine(err.Error())))
	case wrong != "":
		return ill(check, words.DoctorDamaged, words.DoctorDatabaseDamaged(path, short(oneLine(wrong), 300)))
	}
	return well(check, words.DoctorDatabaseOK(path, size))
}

func (d *doctor) key() store.Finding {
	const check = "secrets key"
	ring := d.app.cfg.Keyring()
	if d.keyErr != nil {
		return ill(check, words.DoctorPutKeyBack, oneLine(d.keyErr.Error()))
	}
	if _, err := os.Stat(ring.File); ring.KeepsOwn() && d.secrets == 0 && errors.Is(err, fs.ErrNotExist) {
		return well(check, words.DoctorKeyNotYet)
	}
	return well(check, words.DoctorKeyOpens(ring.Where(), d.secrets))
}

// feeds asks every feed.
func (d *doctor) feeds(ctx context.Context) []store.Finding {
	feeds, err := d.app.store.Feeds(ctx)
	switch {
	case err != nil:
		return []store.Finding{ill("feeds", words.CheckDatabase, words.DoctorFeedsUnreadable(oneLine(err.Error())))}
	case len(feeds) == 0:
		return []store.Finding{remark("feeds", words.DoctorAddFeed, words.DoctorNoFeeds)}
	}
	unrouted, err := d.app.store.FeedsWithoutAccount(ctx, len(feeds))
	if err != nil {
		return []store.Finding{ill("feeds", words.CheckDatabase, words.DoctorFeedsUnreadable(oneLine(err.Error())))}
	}
	accounts, err := d.app.store.Accounts(ctx)
	if err != nil || len(accounts) == 0 { // which is said once, below
		unrouted = nil
	}
	nobody := map[int64]bool{}
	for _, f := range unrouted {
		nobody[f.ID] = true
	}
	return each(ctx, feeds, func(ctx context.Context, f store.Feed) []store.Finding {
		check := fmt.Sprintf("feed %d", f.ID)
		resume := words.FixFeedPaused(f.ID)
		if f.IsPausedByPostern() {
			return []store.Finding{ill(check, resume, words.DoctorFeedPausedByPostern(f.Name(), f.ProblemWords()))}
		}
		if f.Paused {
			return []store.Finding{remark(check, resume, words.DoctorFeedPaused(f.Name()))}
		}
		if ctx.Err() != nil {
			return []store.Finding{remark(check, words.DoctorCheckFeed(f.ID),
				words.DoctorNoTime(f.Name(), doctorTime))}
		}
		found := condense(check, f.Name(), d.app.poller.Check(ctx, f))
		if nobody[f.ID] {
			found = append(found, remark(check, words.DoctorRouteFeed(f.ID), words.DoctorFeedUnused(f.Name())))
		}
		return found
	})
}

// accounts asks Instagram about every account.
func (d *doctor) accounts(ctx context.Context) []store.Finding {
	all, err := d.app.store.Accounts(ctx)
	switch {
	case err != nil:
		return []store.Finding{ill("accounts", words.CheckDatabase,
			words.DoctorAccountsUnreadable(oneLine(err.Error())))}
	case len(all) == 0:
		return []store.Finding{remark("accounts", words.DoctorAddAccount, words.DoctorNoAccounts)}
	}
	var paused []store.Finding
	for _, a := range all {
		if a.Paused {
			paused = append(paused, remark(words.DoctorPauseCheck(a.ID), words.DoctorResumeAccount(a.ID),
				words.DoctorAccountPaused(a.Name())))
		}
	}
	return append(paused, each(ctx, all, func(ctx context.Context, a store.Account) []store.Finding {
		check := fmt.Sprintf("account %d", a.ID)
		switch {
		case a.API == store.Sandbox:
			return []store.Finding{well(check, words.DoctorAccountSimulated(a.Name()))}
		case d.keyErr != nil:
			return []store.Finding{remark(check, words.DoctorFixKey, words.DoctorAccountSealed(a.Name()))}
		case ctx.Err() != nil:
			return []store.Finding{remark(check, words.DoctorCheckAccount(a.ID),
				words.DoctorNoTime(a.Name(), doctorTime))}
		}
		return condense(check, a.Name(), d.app.accounts.CheckReadOnly(ctx, a.ID))
	})...)
}

// each asks some at once, and gives each question its time; ctx has ended for what there is no time left for.
func each[T any](ctx context.Context, all []T, ask func(context.Context, T) []store.Finding) []store.Finding {
	answers := make([][]store.Finding, len(all))
	turns := make(chan struct{}, askedAtOnce)
	var wg sync.WaitGroup
	for i, v := range all {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			limit := askTime
			if end, ok := ctx.Deadline(); ok && time.Until(end) < limit {
				limit = 0
			}
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			answers[i] = ask(ctx, v)
		})
	}
	wg.Wait()
	var out []store.Finding
	for _, a := range answers {
		out = append(out, a...)
	}
	return out
}

// condense makes one line of all that is well, and leaves the rest as it is, with its name.
func condense(check, name string, found []store.Finding) []store.Finding {
	var out []store.Finding
	var good []string
	for _, f := range found {
		if f.OK && f.Remedy == "" {
			good = append(good, f.Detail)
			continue
		}
		f.Check, f.Detail = check+": "+f.Check, words.DoctorOf(name, f.Detail)
		out = append(out, f)
	}
	if len(out) == 0 {
		out = append(out, well(check, words.DoctorAllOf(name, good)))
	}
	return out
}

// queue says who works, what waits, and who is told.
func (d *doctor) queue(ctx context.Context) []store.Finding {
	out := []store.Finding{d.daemon(ctx)}
	for _, w := range []struct {
		state  store.State
		detail func(n int, orMore bool) string
		remedy string
		bad    bool
	}{
		{store.Unconfirmed, words.DoctorUnconfirmed, words.DoctorFixUnconfirmed, true},
		{store.Failed, words.DoctorFailedPublications, words.DoctorFixFailed, true},
		{store.Held, words.DoctorHeld, words.DoctorFixHeld, false},
	} {
		check := "publications " + string(w.state)
		n, err := d.app.store.CountUpTo(ctx, manyWaiting, w.state)
		switch {
		case err != nil:
			return append(out, ill(check, words.CheckDatabase, words.DoctorUncounted(oneLine(err.Error()))))
		case n == 0:
			out = append(out, well(check, words.DoctorNone))
			continue
		}
		out = append(out, store.Finding{Check: check, OK: !w.bad, Remedy: w.remedy,
			Detail: w.detail(n, n == manyWaiting)})
	}
	return append(out, d.notifications(ctx)...)
}

func (d *doctor) daemon(ctx context.Context) store.Finding {
	const check = "daemon"
	due, err := d.app.store.OldestDue(ctx)
	var last time.Time
	if err == nil {
		last, err = d.app.store.LastEventAt(ctx)
	}
	now := time.Now()
	switch {
	case err != nil:
		return ill(check, words.CheckDatabase, words.DoctorDueUnreadable(oneLine(err.Error())))
	case d.holder == "" && !due.IsZero():
		return ill(check, words.DoctorStartServe, words.DoctorDaemonMissing(when(due, now)))
	case d.holder == "":
		return remark(check, words.DoctorStartServe, words.DoctorDaemonIdle)
	case !due.IsZero() && now.Sub(due) > stuck && now.Sub(last) > stuck:
		return ill(check, words.DoctorRestart, words.DoctorDaemonStuck(d.holder, when(last, now), when(due, now)))
	}
	return well(check, words.DoctorDaemonRuns(d.holder))
}

// notifications checks whether notices arrive at their targets.
func (d *doctor) notifications(ctx context.Context) []store.Finding {
	addresses, err := d.app.store.Addresses(ctx)
	if err != nil {
		return []store.Finding{ill("notices", words.CheckDatabase,
			words.DoctorTargetsUnreadable(oneLine(err.Error())))}
	}
	if len(addresses) == 0 {
		return []store.Finding{remark("notices", words.DoctorAddTarget, words.DoctorNoTargets)}
	}
	var out []store.Finding
	for _, a := range addresses {
		check := words.DoctorTargetCheck(a.Label)
		switch {
		case a.Problem != "":
			out = append(out, ill(check, words.DoctorFixTarget, words.DoctorTargetFails(a.Problem)))
		case a.SentAt.IsZero():
			out = append(out, remark(check, words.DoctorTestTarget, words.DoctorTargetUnused))
		default:
			out = append(out, well(check, words.DoctorTargetWorks(when(a.SentAt, time.Now()))))
		}
	}
	return out
}
