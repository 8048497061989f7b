package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"postern/accounts"
	"postern/config"
	"postern/daemon"
	"postern/draft"
	"postern/publisher"
	"postern/redact"
	"postern/shape"
	"postern/store"
	"postern/words"
)

// maxSecret is more than any token or secret has.
const maxSecret = 16 << 10

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

type accountAddCmd struct {
	Label           string `help:"help_account_add_label" placeholder:"L"`
	AccessTokenFile string `help:"help_account_add_access_token_file" placeholder:"F"`
	UserID          string `name:"user-id" help:"help_account_add_user_id" placeholder:"ID"`
	AppID           string `name:"app-id" help:"help_account_add_app_id" placeholder:"ID"`
	AppSecretFile   string `help:"help_account_add_app_secret_file" placeholder:"F"`
	Start           string `help:"help_account_add_start" placeholder:"RULE"`
	Daily           bool   `help:"help_account_add_daily"`
	Hold            bool   `help:"help_account_add_hold"`
	Sandbox         bool   `help:"help_account_add_sandbox"`
}

// Run connects an account.
func (c *accountAddCmd) Run(in *invocation) error {
	rule := ""
	switch {
	case c.Start != "":
		rule = store.StartRule(c.Start, c.Daily, c.Hold)
	case c.Daily, c.Hold:
		return usage(words.DailyNeedsStart)
	}
	if _, err := store.ParseStart(rule); err != nil {
		return usage(err.Error())
	}
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	if c.Sandbox {
		return c.addSandbox(in, cfg)
	}
	if c.AccessTokenFile == "-" && c.AppSecretFile == "-" {
		return usage(words.OneSecretFromInput)
	}
	token, err := in.secret(c.AccessTokenFile, config.EnvAccessToken)
	if err != nil {
		return err
	}
	if token == "" {
		return usage(words.AccessTokenNone(config.EnvAccessToken))
	}
	secret, err := in.secret(c.AppSecretFile, config.EnvAppSecret)
	if err != nil {
		return err
	}
	app, err := newTools(in.ctx, cfg, in.logger(cfg, false), "account add")
	if err != nil {
		return err
	}
	defer app.Close()
	done, err := app.orders().AddAccount(in.ctx, accounts.Candidate{
		API: store.Instagram, Label: c.Label, UserID: c.UserID, AppID: c.AppID, AppSecret: secret, Token: token,
		StartRule: rule,
	})
	var no *accounts.Refusal
	if errors.As(err, &no) {
		return errors.New(guided(no.Error(), accounts.GuidePath(no.Step)))
	}
	if err != nil {
		return err
	}
	a := done.Account
	added := addedAccountJSON{shape.AccountOf(a), shape.WillPublishOf(done.Will)}
	notes := slices.DeleteFunc([]string{accounts.OtherID(c.UserID, a), accounts.Kept(a)},
		func(note string) bool { return note == "" })
	return in.answer(added, words.Text(words.AccountConnected(a.ID, a.Name(), a.Username, notes),
		publisher.WillPublishWords(done.Will, time.Now())))
}

// addedAccountJSON is an account that was connected, with what goes out to it.
type addedAccountJSON struct {
	shape.Account
	WillPublish shape.WillPublish `json:"will_publish"`
}

// guided adds to a remedy where the pages show how.
func guided(remedy, path string) string {
	if path == "" {
		return remedy
	}
	return words.RemedyOnPages(remedy, path)
}

// addSandbox holds the lock: the state of the simulated Instagram belongs to one process.
func (c *accountAddCmd) addSandbox(in *invocation, cfg config.Config) error {
	app, err := newProgram(in.ctx, cfg, in.logger(cfg, false), "account add")
	if busy := (*daemon.BusyError)(nil); errors.As(err, &busy) && strings.HasPrefix(busy.Holder, "postern serve") {
		return errors.New(words.SandboxOnPages(busy.Holder))
	}
	if err != nil {
		return err
	}
	defer app.Close()
	a, err := app.addSandbox(in.ctx, c.Label)
	if err != nil {
		return err
	}
	return in.answer(shape.AccountOf(a), words.SandboxAdded(a.ID, a.Name(), app.sandbox.profile(a)))
}

// secret reads a secret from a file, standard input ("-"), or else the environment; "" when there is none.
func (in *invocation) secret(file, variable string) (redact.Secret, error) {
	var b []byte
	var err error
	switch file {
	case "":
		return redact.Secret(strings.TrimSpace(in.variable(variable))), nil
	case "-":
		b, err = io.ReadAll(io.LimitReader(in.input(), maxSecret))
	default:
		return secretFile(file)
	}
	return asSecret(file, b, err)
}

// secretFile reads a secret from a file.
func secretFile(file string) (redact.Secret, error) {
	f, err := os.Open(file)
	if err != nil {
		return asSecret(file, nil, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret))
	return asSecret(file, b, err)
}

func asSecret(file string, b []byte, err error) (redact.Secret, error) {
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) { // without the path: somebody may have given the secret itself
			err = pe.Err
		}
		return "", errors.New(words.SecretFileUnreadable(err.Error()))
	}
	s := strings.TrimSpace(string(b))
	if s == "" && file == "-" {
		return "", errors.New(words.SecretInputEmpty)
	}
	if s == "" {
		return "", errors.New(words.SecretFileEmpty(file))
	}
	return redact.Secret(s), nil
}

type accountListCmd struct{}

// Run lists the accounts.
func (accountListCmd) Run(in *invocation) error {
	return listing[store.Account, shape.Account]{
		command: "account list", nothing: words.NoAccountsYet,
		rows: (*store.Store).Accounts, view: shape.AccountOf,
		head: []string{"ID", "NAME", "USER", "USER ID", "STATE", "TOKEN EXPIRES", "PROBLEM"},
		cells: func(a store.Account, now time.Time) []string {
			state := "publishing"
			switch {
			case a.Paused:
				state = "paused"
			case a.Trouble == store.Reconnect:
				state = "needs attention"
			case a.Trouble == store.Wait:
				state = words.AccountStateWaits(when(a.WaitUntil, now))
			}
			return []string{fmt.Sprint(a.ID), short(a.Name(), 40), "@" + a.Username, a.UserID, state,
				when(a.TokenExpiresAt, now), a.Problem.String()}
		},
	}.run(in)
}

type accountCheckCmd struct {
	ID int64 `arg:"" help:"help_account_id"`
}

// Run looks at everything an account needs.
func (c *accountCheckCmd) Run(in *invocation) error {
	app, err := in.tools("account check")
	if err != nil {
		return err
	}
	defer app.Close()
	_, found, err := app.orders().CheckAccount(in.ctx, c.ID)
	if err != nil {
		return err
	}
	return in.findings(found)
}

type accountSetCmd struct {
	ID       int64    `arg:"" help:"help_account_id"`
	Settings []string `arg:"" optional:"" sep:"none" name:"key=value" help:"help_account_set_settings"`
}

// Run changes an account's settings.
func (c *accountSetCmd) Run(in *invocation) error {
	values, err := settingValues(c.Settings)
	if err != nil {
		return err
	}
	app, err := in.tools("account set")
	if err != nil {
		return err
	}
	defer app.Close()
	if len(c.Settings) == 0 {
		a, err := app.orders().Account(in.ctx, c.ID)
		if err != nil {
			return err
		}
		return showSettings(in, draft.Resolve(draft.Inherited(a, store.Route{})...))
	}
	if err := in.askAboutQuiet(c.Settings); err != nil {
		return err
	}
	a, err := app.orders().SetAccount(in.ctx, c.ID, values)
	if err != nil {
		return err
	}
	return answerStored(in, setAccountJSON{shape.AccountOf(a.Account), consequencesOf(a.Consequences)},
		fmt.Sprintf("%s: %s", a.Account.Name(),
			stored(a.Account.Settings, c.Settings, draft.Resolve(draft.Inherited(a.Account, store.Route{})...))),
		a.Consequences)
}

// showSettings prints every setting with its value and the layer it comes from.
func showSettings(in *invocation, r draft.Resolved) error {
	type settingJSON struct {
		Setting string `json:"setting"`
		Value   string `json:"value"`
		Origin  string `json:"origin"`
	}
	var views []settingJSON
	var rows [][]string
	for _, s := range draft.Settings() {
		value, origin := s.Effective(r)
		views = append(views, settingJSON{s.Name, value, origin})
		rows = append(rows, []string{s.Name, short(printable(strings.ReplaceAll(value, "\n", `\n`)), 60),
			ifElse(origin == "route", words.OriginThisFeed, origin)})
	}
	return in.print(views, func(w io.Writer) error { return table(w, []string{"SETTING", "VALUE", "FROM"}, rows) })
}

type accountPauseCmd struct {
	ID int64 `arg:"" help:"help_account_id"`
}

// Run keeps everything from being published.
func (c *accountPauseCmd) Run(in *invocation) error { return pauseAccount(in, c.ID, true) }

type accountResumeCmd struct {
	ID int64 `arg:"" help:"help_account_id"`
}

// Run lets it publish again.
func (c *accountResumeCmd) Run(in *invocation) error { return pauseAccount(in, c.ID, false) }

func pauseAccount(in *invocation, id int64, paused bool) error {
	app, err := in.tools("account pause")
	if err != nil {
		return err
	}
	defer app.Close()
	a, err := app.orders().PauseAccount(in.ctx, id, paused)
	if err != nil {
		return err
	}
	if paused {
		return in.answer(shape.AccountOf(a), words.PublishingPausedTo(a.Name()))
	}
	return in.answer(shape.AccountOf(a), words.PublishingResumedTo(a.Name()))
}

type accountRemoveCmd struct {
	ID int64 `arg:"" help:"help_account_id"`
}

// Run forgets an account and its secrets.
func (c *accountRemoveCmd) Run(in *invocation) error {
	app, err := in.tools("account remove")
	if err != nil {
		return err
	}
	defer app.Close()
	a, err := app.orders().RemoveAccount(in.ctx, c.ID)
	if err != nil {
		return err
	}
	return in.answer(shape.AccountOf(a), words.AccountForgotten(a.Name()))
}
