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
)

const (
	// doctorTime is how long everything may take together, and askTime one question to a server.
	doctorTime = time.Minute
	askTime    = 20 * time.Second
	// So many feeds and so many accounts are asked at once.
	askedAtOnce = 8
	// So many of what is not well are named on stderr.
	namedBad = 5
)

type doctorCmd struct{}

// Help is shown by --help.
func (doctorCmd) Help() string {
	return `Examples:
  postern doctor
  postern doctor --json

It looks at the configuration, the disk, the database, the key, the public address, every feed and every account, and says
what to do. It changes nothing and publishes nothing, beside a running daemon or without one. The status is 1 when
something is not well.`
}

// doctor looks at one installation.
type doctor struct {
	in     *invocation
	app    *App // with a store when the database can be read, with accounts when the key opens it
	there  bool // the data directory is
	holder string
	clock  *witness

	openErr error // why there is no store
	keyErr  error // why the secrets cannot be opened
	secrets int
}

// section is a part of what is looked at. Sections are looked at all at once and printed in order.
type section struct {
	title string
	look  func(context.Context) []store.Finding
	found []store.Finding
	done  chan struct{}
}

// Run looks at everything.
func (doctorCmd) Run(in *invocation) error {
	ctx, cancel := context.WithTimeout(in.ctx, doctorTime)
	defer cancel()
	cfg, err := in.readConfig()
	sections := []*section{{title: "Configuration",
		look: func(context.Context) []store.Finding { return configFindings(in, cfg, err) }}}
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
					s.found = append(s.found, ill(strings.ToLower(s.title), "report this as a bug of Postern",
						"the check itself failed: %v", in.hide.Text(fmt.Sprint(r))))
				}
			}()
			s.found = s.look(ctx)
			for i, f := range s.found {
				s.found[i].Detail, s.found[i].Remedy = in.hide.Text(f.Detail), in.hide.Text(guided(f.Remedy, f.Guide))
			}
		}()
	}
	return in.tell(sections)
}

// tell prints the sections, for people each as soon as it is there. What is not well makes the command fail.
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
		if _, err := fmt.Fprintf(in.stdout, "%s%s\n", either(i > 0, "\n", ""), s.title); err != nil {
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
		_, err := fmt.Fprintln(w, "\nAll is well.")
		return err
	})
	if err == nil && len(bad) > 0 {
		if more := len(bad) - namedBad; more > 0 {
			bad = append(bad[:namedBad], fmt.Sprintf("and %d more", more))
		}
		err = fmt.Errorf("not well: %s; what to do stands with each", strings.Join(bad, ", "))
	}
	return err
}

func either[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

func well(check, format string, args ...any) store.Finding {
	return store.Finding{Check: check, OK: true, Detail: fmt.Sprintf(format, args...)}
}

// remark is well, with something one may do.
func remark(check, remedy, format string, args ...any) store.Finding {
	return store.Finding{Check: check, OK: true, Remedy: remedy, Detail: fmt.Sprintf(format, args...)}
}

func ill(check, remedy, format string, args ...any) store.Finding {
	return store.Finding{Check: check, Remedy: remedy, Detail: fmt.Sprintf(format, args...)}
}

// configFindings says what is wrong with the configuration, or risky.
func configFindings(in *invocation, cfg config.Config, err error) []store.Finding {
	const remedy = "correct it, and ask again: nothing else was looked at; config.example.toml says what each key means"
	var out []store.Finding
	var m *config.MistakesError
	switch {
	case errors.As(err, &m):
		for _, mistake := range m.Mistakes {
			out = append(out, ill("configuration", remedy, "%s", mistake))
		}
	case err != nil:
		out = append(out, ill("configuration", remedy, "%s", oneLine(err.Error())))
	}
	for _, w := range append(cfg.Warnings, cfg.Risks...) {
		out = append(out, well("configuration", "%s", w))
	}
	if err == nil {
		name := in.configFile
		if _, statErr := os.Stat(config.DefaultFile); name == "" && statErr == nil {
			name = config.DefaultFile
		}
		out = append(out, well("configuration", "%s",
			either(name == "", "there is no file: built-in defaults, and the environment", name+" can be used")))
	}
	return out
}

// open opens the database and the key, and makes what asks the outside. Nothing is written.
func (d *doctor) open(ctx context.Context) {
	info, err := os.Stat(d.app.cfg.DataDir)
	if d.there = err == nil && info.IsDir(); !d.there {
		return
	}
	d.holder, _ = daemon.LockHolder(d.app.cfg.DataDir) // what is wrong with the folder is found below
	a := d.app
	if a.store, d.openErr = store.Look(ctx, a.cfg.DatabasePath()); d.openErr != nil {
		return
	}
	key, secrets, err := a.cfg.Keyring().Look(ctx, a.store)
	d.secrets, d.keyErr = secrets, err
	a.fetch = newFetcher(a.cfg)
	// Answers of our own public address are no witnesses: they tell the time by this clock.
	feeds := *a.fetch
	feeds.Transport = d.clock.watch(feeds.Transport)
	if err := a.outward(key, &feeds, &http.Client{Transport: d.clock.watch(http.DefaultTransport)}); err != nil &&
		d.keyErr == nil {
		d.keyErr = err
	}
}

func (d *doctor) sections() []*section {
	machine := &section{title: "This machine", look: d.machine}
	if !d.there {
		return []*section{machine}
	}
	if d.app.store == nil {
		return []*section{machine, {title: "Database", look: d.database}, {title: "This machine's clock", look: d.time}}
	}
	feeds, accounts := &section{title: "Feeds", look: d.feeds}, &section{title: "Accounts", look: d.accounts}
	return []*section{
		machine,
		{title: "Database", look: d.database},
		{title: "Public address", look: d.app.lookAtAddress},
		feeds,
		accounts,
		{title: "On its way", look: d.queue},
		{title: "This machine's clock", look: func(ctx context.Context) []store.Finding {
			<-feeds.done
			<-accounts.done
			return d.time(ctx)
		}},
	}
}
