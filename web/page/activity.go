package page

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/store"
	"postern/words"
)

const eventsPerPage = 50

type activityView struct {
	frame
	Words    string
	Kinds    []choice
	Feeds    []choice
	Accounts []choice
	Narrowed bool
	History  []happening
	Pages    pages
}

// activityPage shows the history of the whole installation, newest first.
func (s *Server) activityPage(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	q := store.EventQuery{
		Words: strings.TrimSpace(asked.Get("q")), FeedID: numberIn(asked, "feed"),
		AccountID: numberIn(asked, "account"),
		Trouble:   asked.Get("kind") == "trouble",
		Before:    numberIn(asked, "before"), After: numberIn(asked, "after"), Limit: eventsPerPage,
	}
	events, more, err := s.store.EventPage(r.Context(), q)
	if err != nil {
		return err
	}
	v := activityView{
		Words:    q.Words,
		Kinds:    []choice{{"", "everything", !q.Trouble}, {"trouble", words.ChoiceTrouble, q.Trouble}},
		Narrowed: q.Words != "" || q.FeedID != 0 || q.AccountID != 0 || q.Trouble,
	}
	if v.History, err = s.historyOf(r.Context(), events); err != nil {
		return err
	}
	var first, last int64
	if len(events) > 0 {
		first, last = events[0].ID, events[len(events)-1].ID
	}
	v.Pages = newPages(r.URL, first, last, q.Before, q.After, more)
	if v.Feeds, err = s.feedChoices(r, q.FeedID); err != nil {
		return err
	}
	if v.Accounts, err = s.accountChoices(r, q.AccountID); err != nil {
		return err
	}
	v.frame = s.frame(r, "Activity", "activity")
	return s.render(w, r, http.StatusOK, activityTempl(v))
}

// about names the subject of an event and links to it.
type about struct{ Name, Link string }

// linked returns the names as links, separated by commas: "Quay, Ferry".
func linked(list []about) (s saying) {
	for i, a := range list {
		if i > 0 {
			s = append(s, part{Text: ", "})
		}
		s = append(s, part{Text: a.Name, Link: a.Link})
	}
	return s
}

// withoutRepeats merges successive identical events into one line with a count, for example "the account rests" for
// several posts of one account. Every change of state keeps its own line.
func withoutRepeats(list []happening) (out []happening) {
	times := 1
	for _, h := range list {
		last := len(out) - 1
		if last < 0 || !h.repeats(out[last]) {
			out, times = append(out, h), 1
			continue
		}
		times++
		out[last].Times = words.TimesInARow(times)
		for _, a := range h.About {
			if !slices.Contains(out[last].About, a) {
				out[last].About = append(out[last].About, a)
			}
		}
	}
	return out
}

// repeats reports whether two history lines say the same.
func (h happening) repeats(other happening) bool {
	return !h.Moved && !other.Moved && h.Meta == "" && other.Meta == "" && h.Who == other.Who &&
		h.Account == other.Account && (len(h.About) == 0) == (len(other.About) == 0) &&
		h.What.String() == other.What.String()
}

// historyOf returns events together with their subjects.
func (s *Server) historyOf(ctx context.Context, events []store.Event) (list []happening, err error) {
	var pubs, feedIDs, accountIDs []int64
	for _, e := range events {
		switch {
		case e.PublicationID != 0:
			pubs = append(pubs, e.PublicationID)
		case e.FeedID != 0:
			feedIDs = append(feedIDs, e.FeedID)
		}
		if e.AccountID != 0 {
			accountIDs = append(accountIDs, e.AccountID)
		}
	}
	posts, err := s.store.TitlesOf(ctx, pubs)
	if err != nil {
		return nil, err
	}
	feeds, err := s.store.FeedsByID(ctx, feedIDs)
	if err != nil {
		return nil, err
	}
	accounts, err := s.store.AccountsByID(ctx, accountIDs)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	now := inChosenZone(all, time.Now())
	for _, e := range events {
		h := s.pictures.happening(e, accounts[e.AccountID], now)
		switch {
		case e.PublicationID != 0:
			h.About = []about{{title(posts[e.PublicationID]), publicationLink(e.PublicationID)}}
			if len(all) > 1 || len(accounts) > 1 {
				h.Account = accounts[e.AccountID].Name()
			}
		case e.FeedID != 0:
			h.About = []about{{feedName(feeds[e.FeedID]), feedLink(e.FeedID)}}
			if a, ok := accounts[e.AccountID]; ok {
				h.What = sayingOfEvent(e, a.Name())
			}
		case e.AccountID != 0:
			h.About = []about{{accounts[e.AccountID].Name(), accountLink(e.AccountID)}}
		}
		list = append(list, h)
	}
	return withoutRepeats(list), nil
}
