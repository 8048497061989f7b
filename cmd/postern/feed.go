package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"postern/config"
	"postern/draft"
	"postern/feed"
	"postern/owner"
	"postern/publisher"
	"postern/reason"
	"postern/shape"
	"postern/store"
	"postern/words"
)

type feedAddCmd struct {
	URL   string `arg:"" help:"help_feed_add_url"`
	Label string `help:"help_feed_add_label" placeholder:"L"`
	Start string `help:"help_feed_add_start" default:"now"`
	Daily bool   `help:"help_feed_add_daily"`
	Hold  bool   `help:"help_feed_add_hold"`
}

// Run adds a feed and polls it once; nothing is kept when that fails.
func (c *feedAddCmd) Run(in *invocation) error {
	if _, err := store.ParseStart(c.Start); err != nil {
		return usage("%s", err)
	}
	app, err := in.firstTools("feed add")
	if err != nil {
		return err
	}
	defer app.Close()
	stop := in.progress(func() (string, int64, int64) { return "reading the feed and the pages of its entries", 0, 0 })
	a, err := app.orders().AddFeed(in.ctx,
		owner.NewFeed{Address: c.URL, Label: c.Label, Start: store.StartRule(c.Start, c.Daily, c.Hold)})
	stop()
	if err != nil {
		return withNextStep(err)
	}
	added := addedJSON{Feed: shape.FeedOf(a.Feed), Others: []otherJSON{}, WillPublish: shape.WillPublishOf(a.Will)}
	var names []string
	for _, o := range a.Others {
		added.Others = append(added.Others, otherJSON{URL: store.MaskAddress(o.URL), Title: o.Title})
		names = append(names, strings.TrimSpace(store.MaskAddress(o.URL)+" "+o.Title))
	}
	if len(names) > 0 {
		fmt.Fprintln(in.stderr, "postern: warning:",
			printable(
				fmt.Sprintf(
					"the site has %d feeds, and this is the first, %s; to take another instead, remove feed %d "+
						"and add that one's address: %s",
					len(a.Others)+1, a.Feed.URL, a.Feed.ID, strings.Join(names, ", "))))
	}
	return in.print(added, func(w io.Writer) error {
		goesOut := publisher.WillPublishWords(a.Will, time.Now())
		if a.Accounts == 0 {
			goesOut = "no account takes it yet: add one with `postern account add`, or on the pages"
			if c.Start != "now" {
				goesOut += "; the start you chose, " + c.Start + ", applies then"
			}
		}
		_, err := fmt.Fprintf(w, "feed %d added: %s\n%s\n%s\n", a.Feed.ID, printable(a.Feed.Name()),
			foundWords(a.Saved, a.Accounts), goesOut)
		return err
	})
}

// withNextStep returns the error of an address that could not be fetched, with what to do where it does not say that.
func withNextStep(err error) error {
	e, ok := errors.AsType[*feed.FetchError](err)
	if !ok {
		return err
	}
	if _, remedy := e.Why.Parts(); remedy != "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, words.FixUnreached)
}

// addedJSON is a feed that was added, with the other feeds of the site that was named.
type addedJSON struct {
	shape.Feed
	Others      []otherJSON       `json:"others"`
	WillPublish shape.WillPublish `json:"will_publish"`
}

type otherJSON struct {
	URL   string `json:"url"`
	Title string `json:"title"`
}

// foundWords counts entries, and what becomes of each on each account.
func foundWords(s store.Saved, accounts int) string {
	words := []string{fmt.Sprintf("%d %s", s.New, either(s.New == 1, "entry", "entries"))}
	if accounts > 1 {
		words[0] += fmt.Sprintf(", on %d accounts", accounts)
	}
	for _, part := range []struct {
		n    int
		what string
	}{{s.Queued, "to be published"}, {s.Held, "held for you to decide"}, {s.Skipped, "skipped"}} {
		if part.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(words, ", ")
}

type feedListCmd struct{}

// Run lists the feeds.
func (feedListCmd) Run(in *invocation) error {
	return listing[store.Feed, shape.Feed]{
		command: "feed list", nothing: "no feeds yet: add one with `postern feed add URL`",
		rows: (*store.Store).Feeds, view: shape.FeedOf,
		head: []string{"ID", "NAME", "ADDRESS", "LAST POLL", "NEXT POLL", "PROBLEM"},
		cells: func(f store.Feed, now time.Time) []string {
			next := either(f.Paused, "paused", when(f.NextPollAt, now))
			return []string{fmt.Sprint(f.ID), short(f.Name(), 40), f.URL, when(f.LastPolledAt, now), next,
				f.Problem.String() + either(f.Failures > 0,
					fmt.Sprintf(". For more, run `postern feed check %d`", f.ID), "")}
		},
	}.run(in)
}

type feedCheckCmd struct {
	ID int64 `arg:"" help:"help_feed_id"`
}

// Run looks at everything a feed needs.
func (c *feedCheckCmd) Run(in *invocation) error {
	app, err := in.tools("feed check")
	if err != nil {
		return err
	}
	defer app.Close()
	_, found, err := app.orders().CheckFeed(in.ctx, c.ID)
	if err != nil {
		return err
	}
	return in.findings(found)
}

// findings prints a check. One that is not well makes the command fail.
func (in *invocation) findings(found []store.Finding) error {
	if found == nil {
		found = []store.Finding{}
	}
	for i, f := range found {
		found[i].Remedy = guided(f.Remedy, f.Guide)
	}
	err := in.print(found, func(w io.Writer) error { return printFindings(w, found) })
	if err != nil {
		return err
	}
	for _, f := range found {
		if !f.OK {
			return fmt.Errorf("%s: %s: %s", f.Check, f.Detail, f.Remedy)
		}
	}
	return nil
}

// printFindings is one line each, and one more for what to do.
func printFindings(w io.Writer, found []store.Finding) error {
	for _, f := range found {
		mark := "ok  "
		if !f.OK {
			mark = "FAIL"
		}
		if _, err := fmt.Fprintf(w, "%s  %s: %s\n", mark, printable(f.Check), printable(f.Detail)); err != nil {
			return err
		}
		if f.Remedy != "" {
			if _, err := fmt.Fprintf(w, "      %s\n", printable(f.Remedy)); err != nil {
				return err
			}
		}
	}
	return nil
}

type feedPauseCmd struct {
	ID int64 `arg:"" help:"help_feed_id"`
}

// Run stops polling.
func (c *feedPauseCmd) Run(in *invocation) error { return pauseFeed(in, c.ID, true) }

type feedResumeCmd struct {
	ID int64 `arg:"" help:"help_feed_id"`
}

// Run polls again.
func (c *feedResumeCmd) Run(in *invocation) error { return pauseFeed(in, c.ID, false) }

func pauseFeed(in *invocation, id int64, paused bool) error {
	app, err := in.tools("feed pause")
	if err != nil {
		return err
	}
	defer app.Close()
	f, err := app.orders().PauseFeed(in.ctx, id, paused)
	if err != nil {
		return err
	}
	if paused {
		return in.say(shape.FeedOf(f), "%s is no longer polled; what is queued goes on", f.Name())
	}
	return in.say(shape.FeedOf(f), "%s is polled again", f.Name())
}

type feedRouteCmd struct {
	Feed     int64    `arg:"" help:"help_feed_id"`
	Account  int64    `arg:"" help:"help_account_id"`
	Settings []string `arg:"" optional:"" sep:"none" placeholder:"KEY=VALUE" name:"key=value" help:"help_feed_route_settings"`
	Off      bool     `help:"help_feed_route_off"`
}

// Run changes a route.
func (c *feedRouteCmd) Run(in *invocation) error {
	app, err := in.tools("feed route")
	if err != nil {
		return err
	}
	defer app.Close()
	r, err := app.store.Route(in.ctx, c.Feed, c.Account)
	if err != nil && !isNotFound(err) {
		return err
	}
	older := ""
	if !r.Enabled && !c.Off {
		older = ". Posts that are there already are skipped: `postern publications --state skipped` lists them"
	}
	if len(c.Settings) == 0 && !c.Off && err == nil && r.Enabled {
		a, err := app.orders().Account(in.ctx, c.Account)
		if err != nil {
			return err
		}
		return showSettings(in, draft.Resolve(draft.Inherited(a, r)...))
	}
	if err := in.askAboutQuiet(c.Settings); err != nil {
		return err
	}
	values, err := settingValues(c.Settings)
	if err != nil {
		return err
	}
	set, err := app.orders().SetRoute(in.ctx, c.Feed, c.Account, !c.Off, values)
	if err != nil {
		return err
	}
	r = set.Route
	v := setRouteJSON{routeJSON{Feed: r.FeedID, Account: r.AccountID, Enabled: r.Enabled, Settings: r.Settings},
		consequencesOf(set.Consequences)}
	if c.Off {
		return in.say(v, "account %d no longer takes feed %d; what is queued goes on", c.Account, c.Feed)
	}
	with := ""
	if len(c.Settings) > 0 {
		a, err := app.orders().Account(in.ctx, c.Account)
		if err != nil {
			return err
		}
		with = " with " + stored(r.Settings, c.Settings, draft.Resolve(draft.Inherited(a, r)...))
	}
	return sayStored(in, v, fmt.Sprintf("account %d takes feed %d%s%s", c.Account, c.Feed, with, older),
		set.Consequences)
}

// askAboutQuiet asks about quiet hours whose ends look swapped, on a terminal; elsewhere it warns and takes them
// as they are.
func (in *invocation) askAboutQuiet(words []string) error {
	for _, word := range words {
		value, ok := strings.CutPrefix(word, "quiet_hours=")
		meant := draft.SwappedQuiet(value)
		if !ok || meant == "" {
			continue
		}
		text := fmt.Sprintf("quiet_hours=%s publishes nothing for most of the day; %s would be the night", value, meant)
		f, isFile := in.stdin.(*os.File)
		if !isFile || !term.IsTerminal(int(f.Fd())) {
			in.complain("warning: " + text)
			continue
		}
		fmt.Fprintf(in.stderr, "postern: %s. Keep quiet_hours=%s? [y/N] ", printable(text), printable(value))
		answer, err := bufio.NewReader(in.input()).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
			return fmt.Errorf("nothing was changed: give quiet_hours=%s for the night", meant)
		}
	}
	return nil
}

// settingValues returns the settings that KEY=VALUE words name. It refuses a word that no layer of settings takes.
func settingValues(words []string) (values []owner.Value, err error) {
	given := map[string]bool{}
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return nil, usage("%q is not KEY=VALUE, such as approve=yes. Run `postern account set --help` for the list",
				word)
		}
		if given[name] {
			return nil, usage("%s is given twice: give it once", name)
		}
		given[name] = true
		v := owner.Value{Setting: name, Text: value}
		for _, wrong := range owner.Apply(&store.Settings{}, []owner.Value{v}) {
			if wrong.Unknown {
				return nil, usage("there is no setting %q%s Run `postern account set --help` for the list", name,
					cmp.Or(config.Suggestion(name, draft.SettingNames()), "."))
			}
			return nil, usage("%s", wrong)
		}
		values = append(values, v)
	}
	return values, nil
}

// stored returns the settings that KEY=VALUE words changed, with their values as they are stored. One that is no longer
// set there has the value of the layer below, which applies has.
func stored(s store.Settings, words []string, applies draft.Resolved) string {
	texts := map[string]string{}
	for _, known := range draft.Settings() {
		text := known.Said(s)
		if text != "" {
			texts[known.Name] = known.Name + "=" + strings.ReplaceAll(text, "\n", `\n`)
			continue
		}
		value, origin := known.Effective(applies)
		texts[known.Name] = fmt.Sprintf("%s back to its %s (%s)", known.Name,
			either(origin == "default", "default", "value from the "+reason.Origin(origin)),
			strings.ReplaceAll(value, "\n", `\n`))
	}
	var all []string
	for _, word := range words {
		name, _, _ := strings.Cut(word, "=")
		all = append(all, texts[name])
	}
	return strings.Join(all, ", ")
}

type feedRemoveCmd struct {
	ID int64 `arg:"" help:"help_feed_id"`
}

// Run forgets a feed.
func (c *feedRemoveCmd) Run(in *invocation) error {
	app, err := in.tools("feed remove")
	if err != nil {
		return err
	}
	defer app.Close()
	f, err := app.orders().RemoveFeed(in.ctx, c.ID)
	if err != nil {
		return err
	}
	return in.say(shape.FeedOf(f), "%s was removed; what it had not published yet is skipped", f.Name())
}
