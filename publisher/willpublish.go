package publisher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/draft"
	"postern/store"
)

// WillPublish is what goes out of the posts that were on a site before its feed or account was added.
type WillPublish struct {
	Count   int
	FirstAt time.Time     // zero when none goes out by itself
	Every   time.Duration // between two of them; 0: as fast as Instagram takes them
	Asked   int           // held until the owner answers
	Held    int           // held for approval, one by one
}

// WillPublishOf returns what goes out to an account, or of a feed to all accounts; a zero id does not narrow.
func WillPublishOf(ctx context.Context, s *store.Store, feed, account int64) (w WillPublish, err error) {
	list, err := s.Publications(ctx, store.Filter{States: []store.State{store.Queued, store.Held}, FeedID: feed, AccountID: account})
	if err != nil {
		return w, err
	}
	asked, err := s.StartAsked(ctx)
	if err != nil {
		return w, err
	}
	if account != 0 {
		w.Asked = asked[account]
	}
	now := time.Now()
	for _, l := range list {
		if !l.Post.Initial && account == 0 {
			continue
		}
		if l.State == store.Held && w.Asked == 0 {
			w.Held++
			continue
		}
		w.Count++
		if w.Count > 1 {
			continue
		}
		route, err := s.Route(ctx, l.Post.FeedID, l.AccountID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return w, err
		}
		settings := draft.Resolve(draft.Layers(l.Account, route, l.Post)...)
		w.Every = time.Duration(settings.CoolDown.V)
		if most := settings.PostsPerDay.V; most > 0 {
			w.Every = max(w.Every, 24*time.Hour/time.Duration(most))
		}
		last, err := s.LastPublished(ctx, l.AccountID)
		if err != nil {
			return w, err
		}
		p := draft.Pace{Last: last, Since: func(t time.Time) int {
			n, cerr := s.CountPublished(ctx, l.AccountID, t)
			err = errors.Join(err, cerr)
			return n
		}}
		if w.FirstAt, _ = draft.Opening(l.Post, settings, p, now); err != nil {
			return w, err
		}
	}
	return w, nil
}

// WillPublishWords returns the sentence for people: "14 posts will be published, one a day, from today 14:05."
func WillPublishWords(w WillPublish, now time.Time) string {
	posts := func(n int) string { return either(n == 1, "1 post", fmt.Sprintf("%d posts", n)) }
	switch {
	case w.Count == 0 && w.Held == 0:
		return "No older posts will be published, only new ones."
	case w.Count == 0:
		return posts(w.Held) + either(w.Held == 1, " waits", " wait") + " for your approval."
	}
	pace := ""
	switch {
	case w.Count == 1:
	case w.Every == 24*time.Hour:
		pace = ", one a day"
	case w.Every > 0:
		pace = ", one every " + draft.Length(w.Every)
	}
	return posts(w.Count) + " will be published" + pace + ", from " + dayWord(w.FirstAt, now) + "."
}

// dayWord returns "today 14:05", "tomorrow 06:00" or "3 February 06:00", by the clock of t.
func dayWord(t, now time.Time) string {
	t = t.Local()
	day := t.Format("2 January")
	switch {
	case draft.StartOfDay(t).Equal(draft.StartOfDay(now.Local())):
		day = "today"
	case draft.StartOfDay(t).Equal(draft.NextDay(now.Local())):
		day = "tomorrow"
	}
	return day + t.Format(" 15:04")
}
