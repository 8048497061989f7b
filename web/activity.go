package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"postern/store"
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
	ctx, asked := r.Context(), r.URL.Query()
	number := func(key string) int64 {
		n, _ := strconv.ParseInt(asked.Get(key), 10, 64) // what is none narrows nothing
		return max(n, 0)
	}
	q := store.EventQuery{
		Words: strings.TrimSpace(asked.Get("q")), FeedID: number("feed"), AccountID: number("account"), Trouble: asked.Get("kind") == "trouble",
		Before: number("before"), After: number("after"), Limit: eventsPerPage,
	}
	events, more, err := s.store.EventPage(ctx, q)
	if err != nil {
		return err
	}
	v := activityView{
		Words: q.Words, Kinds: []choice{{"", "everything", !q.Trouble}, {"trouble", "what went wrong or waits", q.Trouble}},
		Narrowed: q.Words != "" || q.FeedID != 0 || q.AccountID != 0 || q.Trouble,
	}
	var pubs, feeds, accounts []int64
	for _, e := range events {
		switch {
		case e.PublicationID != 0:
			pubs = append(pubs, e.PublicationID)
		case e.FeedID != 0:
			feeds = append(feeds, e.FeedID)
		}
		if e.AccountID != 0 {
			accounts = append(accounts, e.AccountID)
		}
	}
	posts, err := s.store.TitlesOf(ctx, pubs)
	if err != nil {
		return err
	}
	feedsByID, err := s.store.FeedsByID(ctx, feeds)
	if err != nil {
		return err
	}
	accountsByID, err := s.store.AccountsByID(ctx, accounts)
	if err != nil {
		return err
	}
	now := time.Now()
	var first, last int64
	for i, e := range events {
		if i == 0 {
			first = e.ID
		}
		last = e.ID
		h := s.pictures.happening(e, accountsByID[e.AccountID], now)
		switch {
		case e.PublicationID != 0:
			h.About, h.Link = title(posts[e.PublicationID]), publicationLink(e.PublicationID)
		case e.FeedID != 0:
			h.About, h.Link = feedName(feedsByID[e.FeedID]), feedLink(e.FeedID)
			if a, ok := accountsByID[e.AccountID]; ok {
				h.What = sayingOfEvent(e, a.Name())
			}
		case e.AccountID != 0:
			a := accountsByID[e.AccountID]
			h.About, h.Link = a.Name(), accountLink(e.AccountID)
		}
		v.History = append(v.History, h)
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
