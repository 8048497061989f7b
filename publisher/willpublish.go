package publisher

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"postern/draft"
	"postern/store"
	"postern/words"
)

// WillPublish is the summary of which posts will go out that were on a site before its feed or account was added.
type WillPublish struct {
	Count   int
	FirstAt time.Time     // zero if none goes out without the owner
	Every   time.Duration // time between two posts; 0: as fast as Instagram accepts them
	InSlots bool          // weekly slots set the pace; Every is the average time between them
	Asked   int           // held until the owner answers
	Held    int           // on hold for approval, one by one

	Filtered int // skipped by the owner's filters
	Unfit    int // put on hold for another reason

	Later bool // the feed's start includes posts that become publishable when the site changes them
}

// WillPublishOf returns the summary for an account, or for a feed on all accounts. An id of 0 means all.
func WillPublishOf(ctx context.Context, s *store.Store, feed, account int64) (w WillPublish, err error) {
	list, err := s.Publications(ctx, store.Filter{States: []store.State{store.Queued, store.Held}, FeedID: feed,
		AccountID: account})
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
	if feed != 0 {
		if w.Later, err = takesLater(ctx, s, feed); err != nil {
			return w, err
		}
	}
	now := time.Now()
	routes := map[[2]int64]store.Route{}
	for _, l := range list {
		if !l.Post.Initial && account == 0 {
			continue
		}
		if l.State == store.Held && w.Asked == 0 {
			w.Held++
			continue
		}
		key := [2]int64{l.Post.FeedID, l.AccountID}
		route, known := routes[key]
		if !known {
			if route, err = s.Route(ctx, l.Post.FeedID, l.AccountID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return w, err
			}
			routes[key] = route
		}
		if !w.goesOut(l, route) {
			continue
		}
		if w.Count++; w.Count == 1 {
			if err := w.setPace(ctx, s, l, route, now); err != nil {
				return w, err
			}
		}
	}
	return w, nil
}

// maxLater is how many posts without a publication takesLater checks.
const maxLater = 500

// takesLater reports whether the start of a feed includes posts that have no publication now because they are not
// publishable.
func takesLater(ctx context.Context, s *store.Store, feed int64) (bool, error) {
	left, _, err := s.LeftOutPage(ctx, store.LeftOutQuery{FeedID: feed, Limit: maxLater})
	return slices.ContainsFunc(left, func(l store.LeftOut) bool {
		return l.Post.Initial && l.Post.Decision == store.Skip && !l.Older
	}), err
}

// goesOut reports whether a post will be published with the current settings. If not, it counts the post under what
// will happen to it instead.
func (w *WillPublish) goesOut(l store.Listed, route store.Route) bool {
	_, fault := draft.Of(l, route)
	switch to, why := Verdict(l, route); {
	case to == store.Skipped:
		w.Filtered++
	case fault != nil || IsUnplanned(why):
		w.Unfit++
	case to == store.Held:
		w.Held++
	default:
		return true
	}
	return false
}

// setPace sets when the first post goes out, and the time between posts.
func (w *WillPublish) setPace(ctx context.Context, s *store.Store, l store.Listed, route store.Route,
	now time.Time) error {
	settings := draft.Resolve(draft.Layers(l.Account, route, l.Post)...)
	w.Every = time.Duration(settings.CoolDown.V)
	if most := settings.PostsPerDay.V; most > 0 {
		w.Every = max(w.Every, 24*time.Hour/time.Duration(most))
	}
	if n := settings.SlotsPerWeek(); n > 0 {
		between := 7 * 24 * time.Hour / time.Duration(n)
		w.InSlots = between >= w.Every
		w.Every = max(w.Every, between)
	}
	var err error
	w.FirstAt, _, err = opening(ctx, s, l.AccountID, l.Post, settings, now)
	return err
}

// WillPublishWords returns the summary in sentences: "14 posts will be published, one a day, from today 14:05."
func WillPublishWords(w WillPublish, now time.Time) string {
	var sentences []string
	if w.Count > 0 {
		pace := ""
		if w.InSlots {
			pace = words.PaceSlots
		} else if w.Every > 0 {
			pace = words.Pace(w.Every, draft.Length(w.Every))
		}
		sentences = append(sentences, words.OlderPublished(w.Count, pace, dayWord(w.FirstAt, now)))
	}
	if w.Held > 0 {
		sentences = append(sentences, words.OlderHeld(w.Held))
	}
	if w.Filtered > 0 {
		sentences = append(sentences, words.OlderFiltered(w.Filtered))
	}
	if w.Unfit > 0 {
		sentences = append(sentences, words.OlderUnfit(w.Unfit))
	}
	switch {
	case len(sentences) == 0 && w.Later:
		return words.OlderLater
	case len(sentences) == 0:
		return words.NoOlderPosts
	}
	return strings.Join(sentences, " ")
}

// dayWord returns "today 14:05", "tomorrow 06:00" or "3 February 06:00", in local time.
func dayWord(t, now time.Time) string {
	t = draft.UpToMinute(t).Local()
	day := words.Day(t, now)
	switch {
	case draft.StartOfDay(t).Equal(draft.StartOfDay(now.Local())):
		day = "today"
	case draft.StartOfDay(t).Equal(draft.NextDay(now.Local())):
		day = "tomorrow"
	}
	return day + t.Format(" 15:04")
}
