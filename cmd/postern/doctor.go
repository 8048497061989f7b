package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"postern/config"
	"postern/daemon"
	"postern/store"
	"postern/words"
)

const (
	// doctorTime limits the whole run, askTime one request to a server.
	doctorTime = time.Minute
	askTime    = 20 * time.Second
	// askedAtOnce limits how many feeds, and how many accounts, are checked at the same time.
	askedAtOnce = 8
	// namedBad limits how many failed checks are named on stderr.
	namedBad = 5
)

type doctorCmd struct{}

// doctor checks one installation.
type doctor struct {
	in     *invocation
	app    *App   // store is nil if the database cannot be read, accounts is nil if the key cannot open it
	hasDir bool   // the data directory exists
	holder string // describes the process that holds the data directory, "" if none does
	clock  *witness

	openErr error // why app.store is nil
	keyErr  error // why the secrets cannot be opened
	secrets int   // how many secrets the database contains
}

// section is one group of checks. All sections run at once and are printed in order.
type section struct {
	title string
	run   func(context.Context) []store.Finding
	found []store.Finding
	done  chan struct{}
}

// Run runs every check and prints the findings.
func (doctorCmd) Run(in *invocation) error {
	ctx, cancel := context.WithTimeout(in.ctx, doctorTime)
	defer cancel()
	cfg, err := in.readConfig()
	sections := []*section{{title: words.DoctorConfiguration,
		run: func(context.Context) []store.Finding { return configFindings(in, cfg, err) }}}
	if err == nil {
		d := &doctor{in: in, app: &App{cfg: cfg, log: slog.New(slog.DiscardHandler)}, clock: newWitness(time.Now())}
		d.open(ctx)
		defer d.app.Close()
		sections = append(sections, d.sections()...)
	}
	for _, s := range sections {
		s.done = make(chan struct{})
		go func() {
			defer close(s.done)
			defer func() {
				if r := recover(); r != nil {
					s.found = append(s.found, ill(strings.ToLower(s.title), words.DoctorReportBug,
						words.DoctorCrashed(in.hide.Text(fmt.Sprint(r)))))
				}
			}()
			s.found = s.run(ctx)
			for i, f := range s.found {
				s.found[i].Detail, s.found[i].Remedy = in.hide.Text(f.Detail), in.hide.Text(guided(f.Remedy, f.Guide))
			}
		}()
	}
	return in.tell(sections)
}

// tell prints the sections, each as soon as it is done unless the output is JSON. It returns an error if a check
// failed.
func (in *invocation) tell(sections []*section) error {
	all := []store.Finding{}
	var bad []string
	for i, s := range sections {
		<-s.done
		if in.ctx.Err() != nil {
			return in.ctx.Err()
		}
		all = append(all, s.found...)
		for _, f := range s.found {
			if !f.OK {
				bad = append(bad, f.Check)
			}
		}
		if in.json || len(s.found) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(in.stdout, "%s%s\n", ifElse(i > 0, "\n", ""), s.title); err != nil {
			return err
		}
		if err := printFindings(in.stdout, s.found); err != nil {
			return err
		}
	}
	err := in.print(all, func(w io.Writer) error {
		if len(bad) > 0 {
			return nil
		}
		_, err := fmt.Fprintf(w, "\n%s\n", words.DoctorAllPassed)
		return err
	})
	if err == nil && len(bad) > 0 {
		named := min(len(bad), namedBad)
		err = errors.New(words.DoctorFailed(bad[:named], len(bad)-named))
	}
	return err
}

func ifElse[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

func well(check, detail string) store.Finding {
	return store.Finding{Check: check, OK: true, Detail: detail}
}

// remark returns a passed check with something that the owner may still do.
func remark(check, remedy, detail string) store.Finding {
	return store.Finding{Check: check, OK: true, Remedy: remedy, Detail: detail}
}

func ill(check, remedy, detail string) store.Finding {
	return store.Finding{Check: check, Remedy: remedy, Detail: detail}
}

// configFindings returns the mistakes, warnings and risks of the configuration.
func configFindings(in *invocation, cfg config.Config, err error) []store.Finding {
	const remedy = words.DoctorFixConfig
	var out []store.Finding
	var m *config.MistakesError
	switch {
	case errors.As(err, &m):
		for _, mistake := range m.Mistakes {
			out = append(out, ill("configuration", remedy, mistake))
		}
	case err != nil:
		out = append(out, ill("configuration", remedy, oneLine(err.Error())))
	}
	for _, w := range append(cfg.Warnings, cfg.Risks...) {
		out = append(out, well("configuration", w))
	}
	if err == nil {
		name := in.configFile
		if _, statErr := os.Stat(config.DefaultFile); name == "" && statErr == nil {
			name = config.DefaultFile
		}
		out = append(out, well("configuration",
			ifElse(name == "", words.DoctorNoConfig, words.DoctorConfigUsable(name))))
	}
	return out
}

// open opens the database and the key for reading, and creates the clients that make network calls.
func (d *doctor) open(ctx context.Context) {
	info, err := os.Stat(d.app.cfg.DataDir)
	if d.hasDir = err == nil && info.IsDir(); !d.hasDir {
		return
	}
	d.holder, _ = daemon.LockHolder(d.app.cfg.DataDir) // machine reports an error of the folder
	a := d.app
	if a.store, d.openErr = store.OpenReadOnly(ctx, a.cfg.DatabasePath()); d.openErr != nil {
		return
	}
	key, secrets, err := a.cfg.Keyring().Inspect(ctx, a.store)
	d.secrets, d.keyErr = secrets, err
	a.fetch = newFetcher(a.cfg)
	// Only answers of other servers can show that our clock is wrong: our own public URL answers with our clock.
	feeds := *a.fetch
	feeds.Transport = d.clock.watch(feeds.Transport)
	if err := a.outward(key, &feeds, &http.Client{Transport: d.clock.watch(http.DefaultTransport)}, nil); err != nil &&
		d.keyErr == nil {
		d.keyErr = err
	}
}

func (d *doctor) sections() []*section {
	machine := &section{title: words.DoctorMachine, run: d.machine}
	if !d.hasDir {
		return []*section{machine}
	}
	if d.app.store == nil {
		return []*section{machine, {title: words.DoctorDatabase, run: d.database},
			{title: words.DoctorClock, run: d.time}}
	}
	feeds := &section{title: words.DoctorFeeds, run: d.feeds}
	accounts := &section{title: words.DoctorAccounts, run: d.accounts}
	return []*section{
		machine,
		{title: words.DoctorDatabase, run: d.database},
		{title: words.DoctorAddress, run: d.app.checkAddressReadOnly},
		feeds,
		accounts,
		{title: words.DoctorQueue, run: d.queue},
		{title: words.DoctorClock, run: func(ctx context.Context) []store.Finding {
			<-feeds.done
			<-accounts.done
			return d.time(ctx)
		}},
	}
}
