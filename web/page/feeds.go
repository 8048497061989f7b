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

// fetchTime limits how long a button that fetches feeds may keep the visitor waiting.
const fetchTime = 2 * time.Minute

// feedsPerPage limits the length of the page.
const feedsPerPage = 25

type feedsView struct {
	frame
	Words      string
	Search     bool
	Feeds      []feedCard
	Next       string // URL of the next page; "" for none
	Add        feedForm
	NoAccounts bool
}

// feedForm is the form to add a feed, with the values that the visitor typed.
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
	Address   string // feed URL without scheme and query
	Whole     string // full feed URL
	Link      string
	Paused    bool
	Problem   string
	Note      string // information that is not a problem
	Failures  string
	Advice    string // advice for a feed that Postern has fetched before; "" for none
	Next      moment
	Last      moment // time of the last successful fetch, including "not modified"
	Tried     moment // time of a later fetch that failed
	Start     string
	Older     string // which posts the start rule left out; "" for none
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
	from, _ := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64) // An invalid number shows the first page.
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
			c.Name = u.Hostname() // the full URL is shown below
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

// keepsADay reports whether the posts of a feed still go out a day apart. Adding the feed set that cool-down, and the
// owner may have changed it since.
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

// startRuleWords describes which older posts the feed's start rule publishes. daily adds that they go out a day
// apart.
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

// olderWords describes which posts the feed's start rule leaves out; "" for none.
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

// rule returns the start rule of the form in the syntax of store.ParseStart.
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

// startWords describes which of the posts that existed when the feed was added will be published.
func startWords(added owner.AddedFeed) string {
	if added.Accounts == 0 {
		return words.StartKept(startRuleWords(added.Feed, true))
	}
	return publisher.WillPublishWords(added.Will, time.Now())
}

// pollFeed fetches one feed now.
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

// checkFeed checks a feed and shows problems with their remedies.
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

// checked returns the findings of a check as a notice.
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

// removeView asks the owner to confirm the removal.
type removeView struct {
	frame
	Heading  string
	Account  bool // an account, not a feed
	Action   string
	Back     string
	Waiting  string // which publications would be skipped; "" for none
	InFlight bool   // whether a publish call is in progress
}

// newRemoveView describes what the removal would do to the open publications.
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

// unsettled lists the states of the publications that the removal of a feed or an account affects.
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

// feedOf returns the feed whose id is in the URL path. It returns store.ErrNotFound for a removed feed.
func (s *Server) feedOf(r *http.Request) (store.Feed, error) {
	id, err := pathID(r)
	if err != nil {
		return store.Feed{}, err
	}
	return s.orders.Feed(r.Context(), id)
}

// formID parses an id in a form.
func formID(r *http.Request, key string) (int64, error) {
	return strconv.ParseInt(r.PostForm.Get(key), 10, 64)
}
