package main

import (
	"bufio"
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
		return usage(err.Error())
	}
	app, err := in.firstTools("feed add")
	if err != nil {
		return err
	}
	defer app.Close()
	stop := in.progress(func() (string, int64, int64) { return words.ReadingFeed, 0, 0 })
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
		in.warn([]string{words.FirstOfFeeds(len(a.Others)+1, a.Feed.URL, a.Feed.ID, names)})
	}
	return in.print(added, func(w io.Writer) error {
		goesOut := publisher.WillPublishWords(a.Will, time.Now())
		if a.Accounts == 0 {
			goesOut = words.NoAccountTakesFeed
			if c.Start != "now" {
				goesOut = words.Text(goesOut, words.ChosenStartLater(c.Start))
			}
		}
		_, err := fmt.Fprintf(w, "%s\n%s\n%s\n", printable(words.FeedAdded(a.Feed.ID, a.Feed.Name())),
			words.FoundPosts(a.Saved.New, a.Accounts, a.Saved.Queued, a.Saved.Held, a.Saved.Skipped), goesOut)
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

type feedListCmd struct{}

// Run lists the feeds.
func (feedListCmd) Run(in *invocation) error {
	return listing[store.Feed, shape.Feed]{
		command: "feed list", nothing: words.NoFeedsYet,
		rows: (*store.Store).Feeds, view: shape.FeedOf,
		head: []string{"ID", "NAME", "ADDRESS", "LAST POLL", "NEXT POLL", "PROBLEM"},
		cells: func(f store.Feed, now time.Time) []string {
			next := ifElse(f.Paused, "paused", when(f.NextPollAt, now))
			return []string{fmt.Sprint(f.ID), short(f.Name(), 40), f.URL, when(f.LastPolledAt, now), next,
				ifElse(f.Failures > 0, words.MoreAboutFeed(f.ProblemWords(), f.ID), f.ProblemWords())}
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
		return in.answer(shape.FeedOf(f), words.PollingPaused(f.Name()))
	}
	return in.answer(shape.FeedOf(f), words.PollingResumed(f.Name()))
}

type feedRouteCmd struct {
	Feed     int64    `arg:"" help:"help_feed_id"`
	Account  int64    `arg:"" help:"help_account_id"`
	Settings []string `arg:"" optional:"" sep:"none" name:"key=value" help:"help_feed_route_settings"`
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
		older = words.OlderPostsSkipped
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
		return in.answer(v, words.FeedNotRouted(c.Account, c.Feed))
	}
	with := ""
	if len(c.Settings) > 0 {
		a, err := app.orders().Account(in.ctx, c.Account)
		if err != nil {
			return err
		}
		with = stored(r.Settings, c.Settings, draft.Resolve(draft.Inherited(a, r)...))
	}
	return answerStored(in, v, words.Text(words.FeedRouted(c.Account, c.Feed, with), older), set.Consequences)
}

// askAboutQuiet asks about quiet hours whose ends look swapped, on a terminal; elsewhere it warns and takes them
// as they are.
func (in *invocation) askAboutQuiet(settings []string) error {
	for _, word := range settings {
		value, ok := strings.CutPrefix(word, "quiet_hours=")
		meant := draft.SwappedQuiet(value)
		if !ok || meant == "" {
			continue
		}
		f, isFile := in.stdin.(*os.File)
		if !isFile || !term.IsTerminal(int(f.Fd())) {
			in.warn([]string{words.QuietHoursSwapped(value, meant)})
			continue
		}
		fmt.Fprint(in.stderr, "postern: ", printable(words.KeepQuietHours(value, meant)))
		answer, err := bufio.NewReader(in.input()).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
			return errors.New(words.QuietHoursNotKept(meant))
		}
	}
	return nil
}

// settingValues returns the settings that KEY=VALUE words name. It refuses a word that no layer of settings takes.
func settingValues(settings []string) (values []owner.Value, err error) {
	given := map[string]bool{}
	for _, word := range settings {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return nil, usage(words.SettingNotPair(word))
		}
		if given[name] {
			return nil, usage(words.SettingTwice(name))
		}
		given[name] = true
		v := owner.Value{Setting: name, Text: value}
		for _, wrong := range owner.Apply(&store.Settings{}, []owner.Value{v}) {
			if wrong.Unknown {
				return nil, usage(words.SettingNameUnknown(name, config.Closest(name, draft.SettingNames())))
			}
			return nil, usage(wrong.Error())
		}
		values = append(values, v)
	}
	return values, nil
}

// stored returns the settings that KEY=VALUE words changed, with their values as they are stored. One that is no longer
// set there has the value of the layer below, which applies has.
func stored(s store.Settings, changed []string, applies draft.Resolved) string {
	texts := map[string]string{}
	for _, known := range draft.Settings() {
		text := known.TextIn(s)
		if text != "" {
			texts[known.Name] = known.Name + "=" + strings.ReplaceAll(text, "\n", `\n`)
			continue
		}
		value, origin := known.Effective(applies)
		value = strings.ReplaceAll(value, "\n", `\n`)
		texts[known.Name] = words.SettingToOrigin(known.Name, reason.Origin(origin), value)
		if origin == "default" {
			texts[known.Name] = words.SettingToDefault(known.Name, value)
		}
	}
	var all []string
	for _, word := range changed {
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
	return in.answer(shape.FeedOf(f), words.FeedForgotten(f.Name()))
}
