package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/owner"
	"postern/publisher"
	"postern/store"
	"postern/words"
)

// fetchTime bounds what a visitor waits for when a button reads feeds.
const fetchTime = 2 * time.Minute

// feedsPerPage keeps the page short however many there are.
const feedsPerPage = 25

type feedsView struct {
	frame
	Words      string
	Search     bool
	Feeds      []feedCard
	Next       string // address of the next page, "" for none
	Add        feedForm
	NoAccounts bool
}

// feedForm is the form to add a feed, as it was typed.
type feedForm struct {
	Address, Label string
	Start          string // now, all, last, date or daily
	Last, Date     string
	Open           bool
}

type feedCard struct {
	ID        int64
	Name      string
	Title     string
	Address   string // without its scheme and query
	Whole     string // with them
	Link      string
	Paused    bool
	Problem   string
	Note      string // what is worth knowing and no problem
	Failures  string
	Advice    string // to the owner of a feed that was read before, "" for none
	Next      moment
	Last      moment // when it was read, with or without news
	Tried     moment // of a failed read after that one
	Start     string
	Older     string // which posts the start left out, "" for none
	TakenBy   []string
	TakenOff  []saying
	PauseVerb string // "pause" or "resume"
	PauseWord string
}

func (s *Server) feedsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showFeeds(w, r, http.StatusOK, nil, feedForm{Start: "now"})
}

func (s *Server) showFeeds(w http.ResponseWriter, r *http.Request, status int, n *notice, f feedForm) error {
	search := strings.TrimSpace(r.URL.Query().Get("q"))
	from, _ := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64) // what is none is the beginning
	feeds, more, err := s.store.FeedPage(r.Context(), search, from, feedsPerPage)
	if err != nil {
		return err
	}
	accounts, err := s.store.Accounts(r.Context())
	if err != nil {
		return err
	}
	var ids []int64
	for _, f := range feeds {
		ids = append(ids, f.ID)
	}
	routes, err := s.store.RoutesOf(r.Context(), ids...)
	if err != nil {
		return err
	}
	v := newFeedsView(feeds, accounts, routes, inChosenZone(accounts, time.Now()))
	v.frame, v.Add = s.frame(r, "Feeds", "feeds"), f
	v.Words, v.Search, v.Here = search, more || search != "" || from > 0, "/feeds"
	if more {
		q := url.Values{"from": {strconv.FormatInt(feeds[len(feeds)-1].ID+1, 10)}}
		if search != "" {
			q.Set("q", search)
		}
		v.Next = "/feeds?" + q.Encode()
	}
	v.Add.Open = f.Open || len(feeds) == 0 && search == ""
	if n != nil {
		v.Notice = n
	}
	return s.render(w, r, status, feedsTempl(v))
}

func newFeedsView(feeds []store.Feed, accounts []store.Account, routes []store.Route, now time.Time) feedsView {
	v := feedsView{NoAccounts: len(accounts) == 0}
	names := map[int64]string{}
	for _, a := range accounts {
		names[a.ID] = a.Name()
	}
	for _, f := range feeds {
		c := feedCard{
			ID: f.ID, Name: feedName(f), Address: shortAddress(f.URL), Whole: shown(f.URL), Link: webLink(shown(f.URL)),
			Paused:  f.Paused,
			Problem: sentence(f.ProblemWords()),
			Last:    newMoment(f.ReadAt, now), Start: startRuleWords(f, keepsADay(f, accounts, routes)),
			Older: olderWords(f), PauseVerb: "pause",
			PauseWord: "Pause",
		}
		if f.Title != c.Name {
			c.Title = f.Title
		}
		if f.Lead > 0 {
			c.Note = sentence(store.LeadNote(f.Lead))
		}
		if u, err := url.Parse(f.URL); err == nil && f.Label == "" && f.Title == "" {
			c.Name = u.Hostname() // the address stands below
		}
		if f.Paused {
			c.PauseVerb, c.PauseWord = "resume", "Resume"
		} else {
			c.Next = nextCheck(f.NextPollAt, now)
		}
		if !f.Problem.IsZero() && f.LastPolledAt.After(f.ReadAt) {
			c.Tried = newMoment(f.LastPolledAt, now)
		}
		if f.Failures > 1 {
			c.Failures = words.PageFeedFailures(f.Failures)
		}
		if f.MayBeDown() {
			c.Advice = sentence(words.FixFeedMayBeDown)
		}
		for _, r := range routes {
			switch name := names[r.AccountID]; {
			case r.FeedID != f.ID || name == "":
			case r.Enabled:
				c.TakenBy = append(c.TakenBy, name)
			default:
				c.TakenOff = append(c.TakenOff, saying{{Text: name, Link: settingsLink(r.AccountID, f.ID)}})
			}
		}
		v.Feeds = append(v.Feeds, c)
	}
	return v
}

// keepsADay reports whether the posts of a feed still go out a day apart: adding it set a cool-down that its owner
// may have changed since.
func keepsADay(f store.Feed, accounts []store.Account, routes []store.Route) bool {
	taken := false
	for _, a := range accounts {
		for _, r := range routes {
			if r.FeedID != f.ID || r.AccountID != a.ID || !r.Enabled {
				continue
			}
			taken = true
			rest := ifElse(r.Settings.CoolDown != nil, r.Settings.CoolDown, a.Settings.CoolDown)
			if rest != nil && *rest >= store.Duration(24*time.Hour) {
				return true
			}
		}
	}
	return !taken
}

// startRuleWords says which posts a feed's start lets go out. daily: they go out a day apart, where the start says so.
func startRuleWords(f store.Feed, daily bool) string {
	start, err := store.ParseStart(f.StartRule)
	switch {
	case err != nil:
		return f.StartRule
	case start.All && start.Daily && daily:
		return words.StartsWithDaily
	case start.All:
		return words.StartsWithAll
	case start.Last > 0:
		return words.StartsWithNewest(start.Last)
	case !start.Since.IsZero():
		return words.StartsFrom(start.Since)
	}
	return words.StartsWhenAdded(f.CreatedAt.Local())
}

// olderWords says which posts the feed's start leaves out, "" when it leaves out none.
func olderWords(f store.Feed) string {
	start, err := store.ParseStart(f.StartRule)
	switch {
	case err != nil || start.All:
		return ""
	case start.Last > 0:
		return words.OlderThanNewest(start.Last)
	case !start.Since.IsZero():
		return words.OlderThan(start.Since)
	}
	return words.OlderSkipped
}

// rule is the start rule of the form, as store.ParseStart reads it.
func (f feedForm) rule() (string, error) {
	switch f.Start {
	case "last":
		n, err := strconv.Atoi(strings.TrimSpace(f.Last))
		if err != nil || n < 1 {
			return "", errors.New(words.StartNeedsNumber)
		}
		return "last:" + strconv.Itoa(n), nil
	case "date":
		if _, err := time.Parse(time.DateOnly, strings.TrimSpace(f.Date)); err != nil {
			return "", errors.New(words.StartNeedsDate)
		}
		return strings.TrimSpace(f.Date), nil
	case "daily":
		return store.StartRule("all", true, false), nil
	case "all":
		return "all", nil
	case "now", "":
		return "now", nil
	}
	return "", errors.New(words.StartNeedsChoice)
}

func (s *Server) addFeed(w http.ResponseWriter, r *http.Request) error {
	f, err := readFeedForm(r)
	if err != nil {
		return err
	}
	again := func(err error) error {
		f.Address = s.kept.hide(f.Address)
		return s.showFeeds(w, r, http.StatusUnprocessableEntity,
			&notice{Bad: true, Text: words.PageFeedNotAdded(sentence(err.Error()))}, f)
	}
	if f.Address == "" {
		return again(errors.New(words.PageFeedNoAddress))
	}
	if f.Address, err = s.kept.reveal(f.Address); err != nil {
		return again(err)
	}
	rule, err := f.rule()
	if err != nil {
		return again(err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), fetchTime)
	defer cancel()
	added, err := s.orders.AddFeed(ctx, owner.NewFeed{Address: f.Address, Label: f.Label, Start: rule})
	var refused *owner.AddFeedError
	switch {
	case errors.As(err, &refused):
		return again(err)
	case err != nil:
		return err
	}
	return s.done(w, r, "/feeds",
		notice{Text: words.PageFeedAdded(feedName(added.Feed), added.Saved.New, startWords(added))})
}

func readFeedForm(r *http.Request) (feedForm, error) {
	if err := r.ParseForm(); err != nil {
		return feedForm{}, err
	}
	typed := func(key string) string { return strings.TrimSpace(r.PostForm.Get(key)) }
	return feedForm{Address: typed("address"), Label: typed("label"), Start: typed("start"), Last: typed("last"),
		Date: typed("date"), Open: true}, nil
}

// startWords says what goes out of the posts that were there when the feed was added.
func startWords(added owner.AddedFeed) string {
	if added.Accounts == 0 {
		return words.StartKept(startRuleWords(added.Feed, true))
	}
	return publisher.WillPublishWords(added.Will, time.Now())
}

// pollFeed reads one feed now.
func (s *Server) pollFeed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), fetchTime)
	defer cancel()
	f, err := s.orders.PollFeed(ctx, id)
	switch {
	case errors.Is(err, owner.ErrPaused):
		return s.done(w, r, "/feeds", notice{Bad: true, Text: words.PageFeedIsPausedResume(feedName(f))})
	case errors.Is(err, context.DeadlineExceeded):
		return s.done(w, r, "/feeds",
			notice{Bad: true, Text: words.PageFeedTakesLong})
	case err != nil:
		return err
	}
	if !f.Problem.IsZero() {
		return s.done(w, r, "/feeds",
			notice{Bad: true, Text: words.PageFeedUnread(feedName(f), sentence(f.ProblemWords()))})
	}
	return s.done(w, r, "/feeds", notice{Text: words.PageFeedChecked(feedName(f))})
}

// checkFeed says what is wrong with a feed, and what to do.
func (s *Server) checkFeed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), fetchTime)
	defer cancel()
	f, found, err := s.orders.CheckFeed(ctx, id)
	if err != nil {
		return err
	}
	return s.done(w, r, "/feeds", checked(feedName(f), found))
}

// checked is what a check found, as a notice.
func checked(name string, found []store.Finding) notice {
	bad, shown := 0, []finding{}
	for _, f := range found {
		if !f.OK {
			bad++
		}
		shown = append(shown, finding{f.Check, f.Detail, f.Remedy, f.Guide, f.OK})
	}
	if bad > 0 {
		return notice{Bad: true, Text: words.CheckedBad(name, bad),
			Findings: shown}
	}
	return notice{Text: words.CheckedWell(name), Findings: shown}
}

func (s *Server) pauseFeed(paused bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		f, err := s.orders.PauseFeed(r.Context(), id, paused)
		if err != nil {
			return err
		}
		if paused {
			return s.done(w, r, "/feeds", notice{Text: words.PageFeedNowPaused(feedName(f))})
		}
		return s.done(w, r, "/feeds", notice{Text: words.PageFeedNowResumed(feedName(f))})
	}
}

// removeView asks once more.
type removeView struct {
	frame
	Heading  string
	Account  bool // not a feed
	Action   string
	Back     string
	Waiting  string // what would be skipped, "" for nothing
	InFlight bool   // something is being asked for at this moment
}

// newRemoveView says what removing would do to the publications that are not settled.
func newRemoveView(open []store.Listed) removeView {
	var v removeView
	n := 0
	for _, l := range open {
		if l.State == store.Publishing {
			v.InFlight = true
			continue
		}
		n++
	}
	if n > 0 {
		v.Waiting = words.RemoveSkips(n)
	}
	return v
}

// unsettled are the states that removing a feed or an account touches.
var unsettled = []store.State{store.Queued, store.Held, store.Staged, store.Publishing}

func (s *Server) removeFeedPage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.feedOf(r)
	if err != nil {
		return err
	}
	open, err := s.store.Publications(r.Context(), store.Filter{States: unsettled, FeedID: f.ID})
	if err != nil {
		return err
	}
	v := newRemoveView(open)
	v.Heading = words.RemoveFeedAsk(feedName(f))
	v.frame, v.Back = s.frame(r, words.RemoveFeedTitle, "feeds"), "/feeds"
	v.Action = fmt.Sprintf("/feeds/%d/remove", f.ID)
	return s.render(w, r, http.StatusOK, removeTempl(v))
}

func (s *Server) removeFeed(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := s.orders.RemoveFeed(r.Context(), id)
	if err != nil {
		return err
	}
	return s.done(w, r, "/feeds", notice{Text: words.PageFeedNowRemoved(feedName(f))})
}

// feedOf is the feed in the address. One that was removed is not there any more.
func (s *Server) feedOf(r *http.Request) (store.Feed, error) {
	id, err := pathID(r)
	if err != nil {
		return store.Feed{}, err
	}
	return s.orders.Feed(r.Context(), id)
}

// formID reads a number of a form.
func formID(r *http.Request, key string) (int64, error) {
	return strconv.ParseInt(r.PostForm.Get(key), 10, 64)
}
