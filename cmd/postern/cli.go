package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"postern/config"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// Exit statuses; scripts rely on them.
const (
	exitWell   = 0
	exitFailed = 1
	exitUsage  = 2
)

// grammar lists every command with its flags. Each command is a type with a Run method, in its own file. A help tag
// contains the name of a text in words.Help.
type grammar struct {
	Config string `help:"help_config" placeholder:"FILE" env:"POSTERN_CONFIG"`
	JSON   bool   `name:"json" help:"help_json"`

	Demo         demoCmd         `cmd:"" help:"help_demo"`
	Serve        serveCmd        `cmd:"" help:"help_serve"`
	Sync         syncCmd         `cmd:"" help:"help_sync"`
	Preview      previewCmd      `cmd:"" help:"help_preview"`
	Feed         feedCmds        `cmd:"" help:"help_feed"`
	Account      accountCmds     `cmd:"" help:"help_account"`
	Publications publicationsCmd `cmd:"" help:"help_publications"`
	Publish      publishCmd      `cmd:"" help:"help_publish"`
	Approve      approveCmd      `cmd:"" help:"help_approve"`
	Hold         holdCmd         `cmd:"" help:"help_hold"`
	Skip         skipCmd         `cmd:"" help:"help_skip"`
	Retry        retryCmd        `cmd:"" help:"help_retry"`
	Confirm      confirmCmd      `cmd:"" help:"help_confirm"`
	Doctor       doctorCmd       `cmd:"" help:"help_doctor"`
	Hook         hookCmd         `cmd:"" help:"help_hook"`
	Backup       backupCmd       `cmd:"" help:"help_backup"`
	Restore      restoreCmd      `cmd:"" help:"help_restore"`
	Notify       notifyCmds      `cmd:"" help:"help_notify"`
	Webhook      webhookCmds     `cmd:"" help:"help_webhook"`
	Notices      noticesCmd      `cmd:"" help:"help_notices"`
	Token        tokenCmds       `cmd:"" help:"help_token"`
	Key          keyCmds         `cmd:"" help:"help_key"`
	Password     passwordCmd     `cmd:"" help:"help_password"`
	Login        loginCmd        `cmd:"" help:"help_login"`
	Version      versionCmd      `cmd:"" help:"help_version"`
	Tell         tellCmd         `cmd:"" hidden:"" help:"help_tell"`
	Convert      convertCmd      `cmd:"" hidden:"" help:"help_convert"`
	Complete     completeCmd     `cmd:"" hidden:"" help:"help_complete"`
}

// invocation is one run of the program with its input, output and environment.
type invocation struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string

	configFile string
	json       bool
	litter     atomic.Value     // string: a directory to be removed even when a second signal ends the process
	hide       *redact.Redactor // nil until the configuration is read
}

// system returns the invocation of a real process. The first signal ends its context, the second ends the process.
func system() *invocation {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	in := &invocation{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ()}
	go func() {
		<-signals
		first := time.Now()
		cancel()
		second := <-signals
		for time.Since(first) < sameSignal {
			second = <-signals
		}
		if dir, ok := in.litter.Load().(string); ok {
			_ = os.RemoveAll(dir)
		}
		if s, ok := second.(syscall.Signal); ok {
			os.Exit(128 + int(s))
		}
		os.Exit(exitFailed)
	}()
	return in
}

// sameSignal is the time within which a second signal counts as a repeat of the first: timeout(1) and some shells send
// one to the process and one to its group. Nobody presses Ctrl-C twice that fast.
const sameSignal = 500 * time.Millisecond

// input returns standard input. A read also ends when in.ctx ends, so that Ctrl-C works while the program waits for
// someone to type.
func (in *invocation) input() io.Reader { return &interruptible{in.ctx, in.stdin} }

type interruptible struct {
	ctx context.Context
	r   io.Reader
}

// Read reads in a goroutine. When the context ends, it returns and leaves that goroutine behind, which has its own
// buffer: the process ends soon.
func (i *interruptible) Read(p []byte) (int, error) {
	type answer struct {
		n   int
		err error
	}
	buffer, done := make([]byte, len(p)), make(chan answer, 1)
	go func() {
		n, err := i.r.Read(buffer)
		done <- answer{n, err}
	}()
	select {
	case a := <-done:
		return copy(p, buffer[:a.n]), a.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}

// usageError is a mistake in how the program was called.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// usage returns the error of a wrong call. sentence says how to call the program.
func usage(sentence string) error { return &usageError{sentence} }

// exited is the exit status that kong asks for, after --help for example. newParser panics with it; run recovers it.
type exited int

// newParser returns the parser of the command line. Where kong would end the process, it panics with exited instead.
func newParser(g *grammar, stdout, stderr io.Writer) *kong.Kong {
	parser, err := kong.New(g,
		kong.Name("postern"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.PostBuild(func(k *kong.Kong) error {
			texts, details := helpTexts()
			return takeHelp(k, texts, details)
		}),
		kong.Vars{"demo_seed": strconv.Itoa(demoSeed)},
	)
	if err != nil {
		panic(err) // the grammar itself is invalid; a test builds it
	}
	return parser
}

// run runs the command that args name and returns the exit status.
func run(args []string, in *invocation) (status int) {
	var g grammar
	parser := newParser(&g, in.stdout, in.stderr)
	defer func() {
		if r := recover(); r != nil {
			code, ok := r.(exited)
			if !ok {
				panic(r)
			}
			status = int(code)
			if len(args) == 0 {
				status = exitUsage
			}
		}
	}()
	if len(args) == 0 { // print the list of commands
		_, _ = parser.Parse([]string{"--help"})
	}
	command, err := parser.Parse(args)
	if err != nil {
		in.complain(misuse(err))
		return exitUsage
	}
	in.configFile, in.json = g.Config, g.JSON
	err = command.Run(in)
	var bad *usageError
	switch {
	case err == nil:
		return exitWell
	case errors.As(err, &bad):
		in.complain(err.Error())
		return exitUsage
	case errors.Is(err, errAnswered):
		return exitFailed
	}
	in.complain(explain(command.Command(), err))
	return exitFailed
}

// complain writes an error to stderr, without secrets.
func (in *invocation) complain(text string) {
	// Only mistakes in the configuration take several lines.
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(printable(in.hide.Text(lines[i])), " ")
	}
	fmt.Fprintln(in.stderr, "postern:", strings.Join(lines, "\n"))
}

// complainEach writes each line of a text to stderr as an error of its own, and nothing for "".
func (in *invocation) complainEach(text string) {
	for line := range strings.Lines(text) {
		in.complain(line)
	}
}

// explain returns the text of an error, with what to do about it where the store cannot know. command is the command
// that was called.
func explain(command string, err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, store.ErrNotFound):
		return words.NotFoundSee(err.Error(), listOf(command))
	case store.DiskFailed(err):
		return words.DiskFails(oneLine(err.Error()))
	}
	var m *config.MistakesError
	if errors.As(err, &m) {
		return m.Error()
	}
	return oneLine(err.Error())
}

// listOf returns a sentence that names the command that lists the missing kind of row.
func listOf(command string) string {
	switch noun, verb, _ := strings.Cut(command, " "); noun {
	case "publications", "publish", "approve", "hold", "skip", "retry", "confirm":
		return words.SeePublications
	case "account", "token", "notify":
		return words.SeeList(noun)
	case "feed":
		if !strings.HasPrefix(verb, "route") {
			return words.SeeList("feed")
		}
	case "webhook":
		if strings.HasPrefix(verb, "resend") {
			return words.SeePublications
		}
	}
	return words.SeeFeedsAndAccounts
}

// systemConfig is the path of a configuration file that is read, if it exists, when no file is named and the working
// directory has none. The linker sets it in programs that are installed for a whole machine:
// -ldflags "-X main.systemConfig=/etc/postern/postern.toml". Without it, a command run beside the daemon would use
// another data directory, which does not contain what was published.
var systemConfig string

// readConfig loads the configuration, and from then on hides its secrets in what the invocation prints. It prints
// nothing itself.
func (in *invocation) readConfig() (config.Config, error) {
	c, err := config.Load(config.Source{File: in.configFile, Machine: systemConfig, Environ: in.environ})
	in.hide = c.Redactor
	return c, err
}

// loadConfig loads the configuration and prints its warnings.
func (in *invocation) loadConfig() (config.Config, error) {
	c, err := in.readConfig()
	in.warn(c.Warnings)
	return c, err
}

// loadConfigWithRisks also prints risky settings. Only long-running commands call it, so that not every command repeats
// them.
func (in *invocation) loadConfigWithRisks() (config.Config, error) {
	c, err := in.loadConfig()
	in.warn(c.Risks)
	return c, err
}

func (in *invocation) warn(about []string) {
	for _, w := range about {
		fmt.Fprintln(in.stderr, "postern: warning:", printable(w))
	}
}

// logger returns a logger that writes to stderr. If stays is false it logs errors only, unless the level is debug: a
// short command prints its own result.
func (in *invocation) logger(c config.Config, stays bool) *slog.Logger {
	level := c.Log.Level
	if !stays && level > slog.LevelDebug {
		level = slog.LevelError
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Log.Format == "json" {
		return slog.New(c.Redactor.Handler(slog.NewJSONHandler(in.stderr, o)))
	}
	return slog.New(c.Redactor.Handler(slog.NewTextHandler(in.stderr, o)))
}

// print writes v as JSON with --json, and otherwise calls people.
func (in *invocation) print(v any, people func(w io.Writer) error) error {
	if in.json {
		return writeJSON(in.stdout, v)
	}
	return people(in.stdout)
}

// answer prints a sentence, or v as JSON.
func (in *invocation) answer(v any, sentence string) error {
	return in.print(v, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, printable(sentence))
		return err
	})
}

// variable returns the value of an environment variable, "" if it is not set.
func (in *invocation) variable(name string) string {
	for _, e := range in.environ {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
