package page

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"postern/draft"
	"postern/publisher"
	"postern/store"
	"postern/words"
)

const (
	// Limits of each list on the home page. The rest is counted, with a link to the list of posts.
	fewPublications = 13 // the large card of the latest one takes the place of four
	fewSkipped      = 5
	fewFeeds        = 5
	// mostCounted caps every count on the page.
	mostCounted = 1000
)

// homeData holds everything that the home page needs.
type homeData struct {
	accounts  []store.Account
	hasFeed   bool
	polls     time.Time
	broken    []store.Feed    // feeds that cannot be fetched
	untaken   []store.Feed    // feeds that no account publishes
	routes    []store.Route   // routes of the untaken feeds
	unchecked []store.Feed    // paused feeds without another known problem
	paused    []store.Account // paused accounts with waiting publications
	open      []store.Listed
	asking    []store.Listed
	published []store.Listed
	skipped   []store.Listed
	leftOut   []store.Post // posts skipped before they became publications
	feeds     map[int64]store.Feed
	opens     int
	asks      int
	pictures  *pictures
	profile   string
}

type homeView struct {
	frame
	Start      []startStep // setup steps that are still missing
	Simulate   bool        // whether the owner can create a simulated account in the meantime
	Next       *row
	NextPoll   moment
	Polls      bool
	Ask        []ask
	Asking     []row
	Open       []row
	Published  []card
	Skipped    []skip
	MoreAsking string
	MoreOpen   string
	Needs      string   // what keeps anything from being published
	Quiet      bool     // no work in progress and nothing needs the owner
	Unchecked  []saying // names the paused feeds
}

// startStep is one step of the first setup.
type startStep struct {
	Text, Link, Word string
	Done             bool
}

// ask is a feed or an account that needs the owner.
type ask struct {
	Who, Problem, Link, Word string

	Last, Next moment // last and next fetch of a feed
}

// row is a publication in a list.
type row struct {
	ID      int64
	Choose  bool // whether it has a checkbox
	Link    string
	Title   string
	Thumb   thumb
	Account string
	Feed    string
	Badge   badge
	Reason  saying
	InWay   string // preflight finding that would keep it from being published
	Then    string // what Postern does next
	Others  string // that other publications go out before it; "" when none do
	Due     moment
	Sharing []about // the accounts that share this row, each with a link to its publication; nil for a single account
}

// card is a published post.
type card struct {
	Link      string
	Title     string
	Thumb     thumb
	Account   string
	Permalink string
	Instagram string // name of the service it is on
	At        moment
}

type skip struct {
	Title, Link string
	Reason      saying
	From        string
}

func (s *Server) homePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d := homeData{pictures: s.pictures, profile: s.profile}
	var err error
	if d.accounts, err = s.store.Accounts(ctx); err != nil {
		return err
	}
	if err = s.feedsOfHome(ctx, &d); err != nil {
		return err
	}
	if d.paused, err = s.pausedWithWork(ctx, d.accounts); err != nil {
		return err
	}
	lists, err := s.store.Overview(ctx, fewPublications)
	if err != nil {
		return err
	}
	d.open, d.asking, d.published, d.skipped = lists.Next, lists.Asking, lists.Published, lists.Skipped
	if d.leftOut, err = s.store.SkippedPosts(ctx, fewSkipped); err != nil {
		return err
	}
	var ids []int64
	for _, p := range d.leftOut {
		ids = append(ids, p.FeedID)
	}
	if d.feeds, err = s.store.FeedsByID(ctx, ids); err != nil {
		return err
	}
	if d.opens, err = s.store.CountUpTo(ctx, mostCounted, open...); err != nil {
		return err
	}
	if d.asks, err = s.store.CountUpTo(ctx, mostCounted, asking...); err != nil {
		return err
	}
	for _, list := range [][]store.Listed{d.open, d.asking, d.skipped, d.published} {
		if err := publisher.Forecast(ctx, s.store, list); err != nil {
			return err
		}
	}
	now := inZoneOf(d.accounts, time.Now())
	if zone := zoneOf(slices.Concat(d.open, d.asking, d.published)); zone != nil {
		now = now.In(zone)
	}
	v := newHomeView(d, now)
	v.Simulate = s.simulate != nil && len(d.accounts) == 0
	v.frame = s.frame(r, "Home", "home")
	return s.render(w, r, http.StatusOK, homeTempl(v))
}

// feedsOfHome loads the feeds that the home page mentions.
func (s *Server) feedsOfHome(ctx context.Context, d *homeData) error {
	some, _, err := s.store.FeedPage(ctx, "", 0, 1)
	if err != nil {
		return err
	}
	d.hasFeed = len(some) > 0
	if d.polls, err = s.store.NextPoll(ctx); err != nil {
		return err
	}
	if d.broken, err = s.store.FeedsInTrouble(ctx, fewFeeds); err != nil {
		return err
	}
	if d.unchecked, err = s.pausedFeeds(ctx); err != nil || len(d.accounts) == 0 {
		return err
	}
	if d.untaken, err = s.store.FeedsWithoutAccount(ctx, fewFeeds); err != nil {
		return err
	}
	var ids []int64
	for _, f := range d.untaken {
		ids = append(ids, f.ID)
	}
	d.routes, err = s.store.RoutesOf(ctx, ids...)
	return err
}

// pausedFeeds returns the paused feeds whose last check found no problem.
func (s *Server) pausedFeeds(ctx context.Context) ([]store.Feed, error) {
	paused, err := s.store.PausedFeeds(ctx, feedChoices)
	return slices.DeleteFunc(paused, func(f store.Feed) bool { return !f.Problem.IsZero() }), err
}

// pausedWithWork returns the paused accounts that have waiting publications.
func (s *Server) pausedWithWork(ctx context.Context, accounts []store.Account) (paused []store.Account, err error) {
	for _, a := range accounts {
		if !a.Paused {
			continue
		}
		some, err := s.store.Publications(ctx,
			store.Filter{States: []store.State{store.Queued, store.Staged}, AccountID: a.ID, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(some) > 0 {
			paused = append(paused, a)
		}
	}
	return paused, nil
}

var (
	open   = []store.State{store.Queued, store.Staged, store.Publishing}
	asking = []store.State{store.Held, store.Failed, store.Unconfirmed}
)

func newHomeView(d homeData, now time.Time) homeView {
	var v homeView
	if !d.hasFeed || len(d.accounts) == 0 {
		v.Start = []startStep{
			{words.StartNoFeed, "/feeds/new", words.StartAddFeed, d.hasFeed},
			{words.StartNoAccount, "/accounts", words.StartConnect, len(d.accounts) > 0},
		}
		switch {
		case d.hasFeed && len(d.broken) > 0:
			v.Start[0].Text = words.StartFeedBroken
		case d.hasFeed && len(d.unchecked) > 0:
			v.Start[0].Text = words.StartFeedPaused
		case d.hasFeed:
			v.Start[0].Text = words.StartFeedRead
		}
		if len(d.accounts) > 0 {
			v.Start[1].Text = words.StartConnected
		}
	}
	v.NextPoll, v.Polls = nextCheck(d.polls, now), !d.polls.IsZero()
	v.addAsks(d, now)
	for _, l := range d.asking {
		v.Asking = append(v.Asking, d.pictures.row(l, now))
	}
	v.Open = newOpen(d, now)
	if len(v.Open) > 0 && v.Open[0].Due.ISO != "" {
		v.Next = &v.Open[0]
		v.Open = v.Open[1:]
	}
	for _, l := range d.published {
		v.Published = append(v.Published, d.pictures.card(l, now))
	}
	v.Skipped = newSkips(d)
	v.MoreAsking, v.MoreOpen = moreOf(d.asks, len(d.asking), words.PageMoreAsking), moreOf(d.opens, len(d.open), words.PageMoreOpen)
	v.Needs = needsWords(d)
	v.Quiet = v.Next == nil && len(v.Open) == 0 && len(v.Asking) == 0 && len(v.Ask) == 0
	return v
}

// addAsks adds the feeds and accounts that need the owner, and the paused feeds.
func (v *homeView) addAsks(d homeData, now time.Time) {
	about := map[string]int{} // where a feed or an account stands, which stands there once
	add := func(kind string, id int64, a ask) {
		key := fmt.Sprintf("%s %d", kind, id)
		if at, known := about[key]; known {
			v.Ask[at].Problem = words.Text(v.Ask[at].Problem, a.Problem)
			return
		}
		about[key] = len(v.Ask)
		v.Ask = append(v.Ask, a)
	}
	for _, f := range d.broken {
		add("feed", f.ID, feedAsk(f, now))
	}
	for _, f := range d.untaken {
		add("feed", f.ID, untakenAsk(f, d.accounts, d.routes))
	}
	for _, f := range d.unchecked[:min(len(d.unchecked), fewFeeds)] {
		v.Unchecked = append(v.Unchecked, saying{{Text: words.PausedFeed(feedName(f))}, {Text: " "},
			{Text: words.SeeFeed, Link: feedLink(f.ID)}})
	}
	for _, a := range d.accounts {
		switch {
		case !a.Problem.IsZero():
			add("account", a.ID, ask{Who: words.NamedAccount(a.Name()), Problem: sentence(a.Problem.String()),
				Link: accountLink(a.ID), Word: accountWord(a)})
		case a.Trouble == store.Reconnect:
			add("account", a.ID, ask{Who: words.NamedAccount(a.Name()), Problem: words.AskReconnect,
				Link: accountLink(a.ID), Word: accountWord(a)})
		}
	}
	for _, a := range d.paused {
		add("account", a.ID, ask{Who: words.NamedAccount(a.Name()), Problem: words.AskPausedWaiting,
			Link: accountLink(a.ID), Word: words.ResumeOnAccounts})
	}
}

// feedAsk describes why a feed cannot be fetched, and since when.
func feedAsk(f store.Feed, now time.Time) ask {
	a := ask{Who: words.NamedFeed(feedName(f)), Problem: sentence(f.ProblemWords()), Link: feedLink(f.ID),
		Word: words.SeeFeed, Last: newMoment(f.ReadAt, now)}
	if !f.Paused {
		a.Next = nextCheck(f.NextPollAt, now)
	}
	return a
}

// nextCheck returns when a feed is fetched next.
func nextCheck(t, now time.Time) moment {
	m := newMoment(t, now)
	if !t.IsZero() && !t.After(now) {
		m.Ago, m.Plain = "any moment", false
	}
	return m
}

// untakenAsk describes why no account publishes a feed.
func untakenAsk(f store.Feed, accounts []store.Account, routes []store.Route) ask {
	who := words.NamedFeed(feedName(f))
	off := switchedOff(f.ID, accounts, routes)
	if len(off) == 0 {
		return ask{Who: who, Problem: words.AskFeedUntaken, Link: feedLink(f.ID), Word: words.SeeFeed}
	}
	return ask{Who: who, Problem: words.FeedSwitchedOffForAll(namesOf(off)),
		Link: settingsLink(off[0].ID, f.ID), Word: words.PageSettingsOfTheFeed}
}

// namesOf returns the names of accounts.
func namesOf(accounts []store.Account) (names []string) {
	for _, a := range accounts {
		names = append(names, a.Name())
	}
	return names
}

// switchedOff returns the accounts for which a feed is switched off.
func switchedOff(feed int64, accounts []store.Account, routes []store.Route) (off []store.Account) {
	for _, a := range accounts {
		if slices.ContainsFunc(routes, func(r store.Route) bool {
			return r.FeedID == feed && r.AccountID == a.ID && !r.Enabled
		}) {
			off = append(off, a)
		}
	}
	return off
}

// needsWords describes how many things need the owner.
func needsWords(d homeData) string {
	feeds, accounts := map[int64]bool{}, map[int64]bool{}
	for _, f := range slices.Concat(d.broken, d.untaken) {
		feeds[f.ID] = true
	}
	for _, a := range d.accounts {
		if !a.Problem.IsZero() || a.Trouble == store.Reconnect {
			accounts[a.ID] = true
		}
	}
	for _, a := range d.paused {
		accounts[a.ID] = true
	}
	return words.NeedsAttention(d.asks, len(feeds), len(accounts))
}

// newSkips returns the most recently found skipped posts, with and without publications, newest first.
func newSkips(d homeData) (list []skip) {
	found := map[string]time.Time{} // by permalink
	for _, l := range d.skipped {
		list = append(list, skip{title(l.Post), publicationLink(l.ID),
			d.pictures.ofSimulated(l.Account, sayingFor(l, publisher.Why(l))), l.Account.Name()})
		found[publicationLink(l.ID)] = l.CreatedAt
	}
	for _, p := range d.leftOut {
		list = append(list, newSkip(p, d.feeds[p.FeedID]))
		found[postLink(p.ID)] = p.FirstSeenAt
	}
	slices.SortStableFunc(list, func(a, b skip) int { return found[b.Link].Compare(found[a.Link]) })
	return list[:min(len(list), fewSkipped)]
}

// newOpen sorts the open publications by their next step.
func newOpen(d homeData, now time.Time) (list []row) {
	flying := map[int64]store.Listed{} // publications in progress, by account
	for _, l := range d.open {
		if l.State != store.Queued {
			flying[l.AccountID] = l
		}
	}
	slices.SortStableFunc(d.open, func(a, b store.Listed) int { return byDue(a, b, flying) })
	for _, l := range d.open {
		r := d.pictures.row(l, now)
		if ahead, ok := flying[l.AccountID]; ok && ahead.ID != l.ID {
			r.Then = d.pictures.nextWords(l, title(ahead.Post), inZone(l, now))
		}
		list = append(list, r)
	}
	return list
}

// inZoneOf returns now in the time zone that all accounts share, or unchanged when they have different ones.
func inZoneOf(accounts []store.Account, now time.Time) time.Time {
	zones := map[string]*time.Location{}
	for _, a := range accounts {
		zone := draft.Resolve(draft.Inherited(a, store.Route{})...).Zone()
		zones[zone.String()] = zone
	}
	if len(zones) != 1 {
		return now
	}
	for _, zone := range zones {
		now = now.In(zone)
	}
	return now
}

// inChosenZone is inZoneOf when the owner chose a time zone for every account. Otherwise it returns now unchanged,
// and the browser shows the visitor's own time zone.
func inChosenZone(accounts []store.Account, now time.Time) time.Time {
	for _, a := range accounts {
		if a.Settings.TimeZone == nil {
			return now
		}
	}
	return inZoneOf(accounts, now)
}

// zoneOf returns the time zone that all publications share; nil for different zones or an empty list.
func zoneOf(listed []store.Listed) (zone *time.Location) {
	for _, l := range listed {
		if l.Zone == nil || zone != nil && l.Zone.String() != zone.String() {
			return nil
		}
		zone = l.Zone
	}
	return zone
}

// moreOf describes how many items are not shown; "" for none. says returns the words for a number, with 0 for "many".
func moreOf(n, shown int, says func(posts int) string) string {
	switch {
	case n >= mostCounted:
		return says(0)
	case n > shown:
		return says(n - shown)
	}
	return ""
}

// byDue compares publications by their next step. A publication comes after the one its account has in progress, and
// those that wait for a person come last.
func byDue(a, b store.Listed, flying map[int64]store.Listed) int {
	at := func(l store.Listed) time.Time {
		t := publisher.Next(l.Publication, l.Account)
		if ahead, ok := flying[l.AccountID]; ok && !t.IsZero() {
			if begins := publisher.Next(ahead.Publication, ahead.Account); begins.After(t) {
				t = begins
			}
		}
		return t
	}
	x, y := at(a), at(b)
	switch {
	case x.IsZero() != y.IsZero():
		return ifElse(x.IsZero(), 1, -1)
	case !x.Equal(y):
		return x.Compare(y)
	}
	return ifElse(a.State == store.Queued, 1, 0) - ifElse(b.State == store.Queued, 1, 0)
}

func ifElse[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

// inZone returns now in the time zone of the publication's reasons: the zone in its settings, if Forecast computed
// them, or else the account's zone.
func inZone(l store.Listed, now time.Time) time.Time {
	if l.Zone == nil {
		return inZoneOf([]store.Account{l.Account}, now)
	}
	return now.In(l.Zone)
}

func (p *pictures) row(l store.Listed, now time.Time) row {
	now = inZone(l, now)
	return row{
		ID: l.ID, Link: publicationLink(l.ID), Title: title(l.Post), Thumb: p.first(l), Account: l.Account.Name(),
		Feed:  feedName(l.Feed),
		Badge: newBadge(l.State), Reason: p.ofSimulated(l.Account, sayingFor(l, publisher.Why(l))), InWay: obstacle(l),
		Then:   p.nextWords(l, "", now),
		Others: ifElse(l.InTurn, words.PageOthersGoFirst, ""), Due: nextMoment(l, now),
	}
}

func (p *pictures) card(l store.Listed, now time.Time) card {
	now = inZone(l, now)
	return card{
		Link: publicationLink(l.ID), Title: title(l.Post), Thumb: p.first(l), Account: l.Account.Name(),
		Permalink: webLink(l.Permalink), At: newMoment(l.PublishedAt, now), Instagram: p.instagram(l.Account),
	}
}

// first returns the picture of the first medium: its prepared file if there is one.
func (p *pictures) first(l store.Listed) thumb {
	switch {
	case len(l.Items) > 0:
		t := p.thumb(l.Items[0])
		t.Many = len(l.Items) > 1
		return t
	case l.Preflight.Valid && len(l.Preflight.Items) > 0:
		t := p.thumb(l.Preflight.Items[0])
		t.Many = len(l.Preflight.Items) > 1
		return t
	case len(l.Post.Media) > 0:
		return p.ofPost(l.Post.Media)
	}
	return thumb{}
}

func (p *pictures) ofPost(list []store.Media) thumb {
	if len(list) == 0 {
		return thumb{}
	}
	t := p.thumb(store.Item{Type: list[0].Type, SourceURL: list[0].URL, PosterURL: list[0].PosterURL})
	t.Many = len(list) > 1
	return t
}

func accountWord(a store.Account) string {
	if a.Trouble == store.Reconnect {
		return words.ConnectAccountAgain
	}
	return words.SeeAccount
}

func publicationLink(id int64) string { return "/publications/" + strconv.FormatInt(id, 10) }
func feedLink(id int64) string        { return fmt.Sprintf("/feeds?from=%d#feed-%d", id, id) }
func accountLink(id int64) string     { return "/accounts#account-" + strconv.FormatInt(id, 10) }
