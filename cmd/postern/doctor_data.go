package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"postern/store"
)

const (
	// soundTime is how long reading the database through may take.
	soundTime = 20 * time.Second
	// stuck is how long nothing happens, though something is due and a daemon runs, before that is odd.
	stuck = 30 * time.Minute
	// manyWaiting is where counting ends.
	manyWaiting = 1000
)

const remedyDamaged = "stop postern, keep a copy of the file, and put the last backup back with `postern restore FILE`"

// database says whether it can be opened and read, and whether the key opens what is sealed in it.
func (d *doctor) database(ctx context.Context) []store.Finding {
	const check = "database"
	path := d.app.cfg.DatabasePath()
	switch err := d.openErr; {
	case errors.Is(err, fs.ErrNotExist):
		return []store.Finding{ill(check,
			"start `postern serve`, which makes it; or put a backup back with `postern restore FILE`",
			"there is none yet: %s", path)}
	case errors.Is(err, fs.ErrPermission):
		return []store.Finding{ill(check, "ask as the user that runs postern, such as `sudo -u postern postern doctor`",
			"%s cannot be read: permission denied", path)}
	case errors.Is(err, store.ErrOlder):
		return []store.Finding{ill(check,
			"start `postern serve` of this version once, it brings the database up to date",
			"it was made by an older version")}
	case errors.Is(err, store.ErrNewer):
		return []store.Finding{ill(check, "use that version, or restore a backup",
			"it was written by a newer version of postern")}
	case errors.Is(err, store.ErrDamaged):
		return []store.Finding{ill(check, remedyDamaged, "%s is damaged", path)}
	case err != nil:
		return []store.Finding{ill(check,
			"let it be a file of postern on a local disk, which you may read; or restore a backup", "%s",
			oneLine(err.Error()))}
	}
	return []store.Finding{d.sound(ctx), d.key()}
}

func (d *doctor) sound(ctx context.Context) store.Finding {
	const check = "database"
	size := ""
	if info, err := os.Stat(d.app.cfg.DatabasePath()); err == nil {
		bytes := info.Size()
		if log, err := os.Stat(d.app.cfg.DatabasePath() + "-wal"); err == nil { // what is new is there at first
			bytes = max(bytes, log.Size())
		}
		size = fmt.Sprintf(", %.1f MB,", float64(bytes)/(1<<20))
	}
	limited, cancel := context.WithTimeout(ctx, soundTime)
	defer cancel()
	switch wrong, err := d.app.store.Sound(limited); {
	case limited.Err() != nil:
		return remark(check, "run PRAGMA quick_check on a backup to read it all",
			"%s%s can be opened; reading it through takes longer than %s and was left", d.app.cfg.DatabasePath(),
			size, soundTime)
	case err != nil:
		return ill(check, "mend that, and ask again", "it cannot be read: %s", oneLine(err.Error()))
	case wrong != "":
		return ill(check, remedyDamaged, "%s is damaged: %s", d.app.cfg.DatabasePath(), short(oneLine(wrong), 300))
	}
	return well(check, "%s%s is of this version, and nothing in it is damaged", d.app.cfg.DatabasePath(), size)
}

func (d *doctor) key() store.Finding {
	const check = "secrets key"
	ring := d.app.cfg.Keyring()
	if d.keyErr != nil {
		return ill(check,
			"put the right key back from your copy; without one, start with a new data directory and connect the "+
				"accounts again", "%s", oneLine(d.keyErr.Error()))
	}
	if _, err := os.Stat(ring.File); ring.KeepsOwn() && d.secrets == 0 && errors.Is(err, fs.ErrNotExist) {
		return well(check, "there is none yet; it is made at the first start")
	}
	return well(check, "%s opens what is stored: %d %s", ring.Where(), d.secrets,
		either(d.secrets == 1, "secret", "secrets"))
}

// feeds asks every feed.
func (d *doctor) feeds(ctx context.Context) []store.Finding {
	feeds, err := d.app.store.Feeds(ctx)
	switch {
	case err != nil:
		return []store.Finding{ill("feeds", "check the database", "they cannot be read: %s", oneLine(err.Error()))}
	case len(feeds) == 0:
		return []store.Finding{remark("feeds", "postern feed add URL", "there are none yet")}
	}
	unrouted, err := d.app.store.FeedsWithoutAccount(ctx, len(feeds))
	if err != nil {
		return []store.Finding{ill("feeds", "check the database", "they cannot be read: %s", oneLine(err.Error()))}
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
		resume := fmt.Sprintf("postern feed resume %d", f.ID)
		if f.IsPausedByPostern() {
			return []store.Finding{ill(check, resume, "%s is paused: %s", f.Name(), f.Problem)}
		}
		if f.Paused {
			return []store.Finding{remark(check, resume, "%s is paused and was not asked", f.Name())}
		}
		if ctx.Err() != nil {
			return []store.Finding{remark(check, fmt.Sprintf("postern feed check %d", f.ID),
				"%s was not asked: %s were over", f.Name(), doctorTime)}
		}
		found := condense(check, f.Name(), d.app.poller.Check(ctx, f))
		if nobody[f.ID] {
			found = append(found, remark(check, fmt.Sprintf("postern feed route %d ACCOUNT", f.ID),
				"%s: no account takes it", f.Name()))
		}
		return found
	})
}

// accounts asks Instagram about every account.
func (d *doctor) accounts(ctx context.Context) []store.Finding {
	all, err := d.app.store.Accounts(ctx)
	switch {
	case err != nil:
		return []store.Finding{ill("accounts", "check the database", "they cannot be read: %s", oneLine(err.Error()))}
	case len(all) == 0:
		return []store.Finding{remark("accounts",
			"postern account add (--sandbox: a simulated one, to try things out), or connect one on the pages",
			"there are none yet")}
	}
	var paused []store.Finding
	for _, a := range all {
		if a.Paused {
			paused = append(paused, remark(fmt.Sprintf("account %d: pause", a.ID),
				fmt.Sprintf("postern account resume %d", a.ID), "%s is paused: nothing new goes out there", a.Name()))
		}
	}
	return append(paused, each(ctx, all, func(ctx context.Context, a store.Account) []store.Finding {
		check := fmt.Sprintf("account %d", a.ID)
		switch {
		case a.API == store.Sandbox:
			return []store.Finding{well(check,
				"%s is one of the simulated Instagram: there is nobody to ask", a.Name())}
		case d.keyErr != nil:
			return []store.Finding{remark(check, "mend the key of the stored secrets",
				"%s was not asked for: its access token cannot be opened", a.Name())}
		case ctx.Err() != nil:
			return []store.Finding{remark(check, fmt.Sprintf("postern account check %d", a.ID),
				"%s was not asked for: %s were over", a.Name(), doctorTime)}
		}
		return condense(check, a.Name(), d.app.accounts.Look(ctx, a.ID))
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
		f.Check, f.Detail = check+": "+f.Check, name+": "+f.Detail
		out = append(out, f)
	}
	if len(out) == 0 {
		out = append(out, well(check, "%s: %s", name, strings.Join(good, "; ")))
	}
	return out
}

// queue says who works, what waits, and who is told.
func (d *doctor) queue(ctx context.Context) []store.Finding {
	out := []store.Finding{d.daemon(ctx)}
	for _, w := range []struct {
		state  store.State
		words  string
		remedy string
		bad    bool
	}{
		{store.Unconfirmed, "may be live, and nobody knows",
			"look at the profile; `postern confirm ID` if it is there, `postern retry ID --not-live` if not", true},
		{store.Failed, "failed",
			"`postern publications --state failed` says why; `postern retry ID`, or `postern skip ID`", true},
		{store.Held, "held back until you decide",
			"`postern publications --state held` says why; `postern approve ID`, `postern publish ID`, or " +
				"`postern skip ID`", false},
	} {
		check := "publications " + string(w.state)
		n, err := d.app.store.CountUpTo(ctx, manyWaiting, w.state)
		switch {
		case err != nil:
			return append(out, ill(check, "check the database", "they cannot be counted: %s", oneLine(err.Error())))
		case n == 0:
			out = append(out, well(check, "none"))
			continue
		}
		out = append(out, store.Finding{Check: check, OK: !w.bad, Remedy: w.remedy,
			Detail: fmt.Sprintf("%d%s %s", n, either(n == manyWaiting, " or more", ""), w.words)})
	}
	return append(out, d.told(ctx)...)
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
		return ill(check, "check the database", "what is due cannot be read: %s", oneLine(err.Error()))
	case d.holder == "" && !due.IsZero():
		return ill(check, "start `postern serve`; or let cron run `postern sync`",
			"none is running, and something is due for publishing since %s", when(due, now))
	case d.holder == "":
		return remark(check, "start `postern serve`; or let cron run `postern sync`",
			"none is running; nothing is due for publishing")
	case !due.IsZero() && now.Sub(due) > stuck && now.Sub(last) > stuck:
		return ill(check, "look into its log, and start it again",
			"%s is running, but nothing happened since %s though something is due since %s", d.holder, when(last, now),
			when(due, now))
	}
	return well(check, "%s is running", d.holder)
}

// told says whether notices arrive.
func (d *doctor) told(ctx context.Context) []store.Finding {
	addresses, err := d.app.store.Addresses(ctx)
	if err != nil {
		return []store.Finding{ill("notices", "check the database", "where they are sent cannot be read: %s",
			oneLine(err.Error()))}
	}
	if len(addresses) == 0 {
		return []store.Finding{remark("notices", "postern notify add, for mail, ntfy, Telegram and others",
			"they are on the pages only: nobody is told when something goes wrong")}
	}
	var out []store.Finding
	for _, a := range addresses {
		check := fmt.Sprintf("notices to %s", a.Label)
		switch {
		case a.Problem != "":
			out = append(out, ill(check, "correct the address; `postern notify test` tries it",
				"the last message did not arrive: %s", a.Problem))
		case a.ToldAt.IsZero():
			out = append(out, remark(check, "postern notify test", "nothing was sent there yet"))
		default:
			out = append(out, well(check, "the last message arrived %s", when(a.ToldAt, time.Now())))
		}
	}
	return out
}
