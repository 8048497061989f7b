package page

import (
	"context"
	"net/http"
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

// activityPage is the log of everything, newest first.
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

// historyOf returns events with what each is about.
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
	now := time.Now()
	for _, e := range events {
		h := s.pictures.happening(e, accounts[e.AccountID], now)
		switch {
		case e.PublicationID != 0:
			h.About, h.Link = title(posts[e.PublicationID]), publicationLink(e.PublicationID)
		case e.FeedID != 0:
			h.About, h.Link = feedName(feeds[e.FeedID]), feedLink(e.FeedID)
			if a, ok := accounts[e.AccountID]; ok {
				h.What = sayingOfEvent(e, a.Name())
			}
		case e.AccountID != 0:
			h.About, h.Link = accounts[e.AccountID].Name(), accountLink(e.AccountID)
		}
		list = append(list, h)
	}
	return list, nil
}
