package page

import (
	"context"
	"errors"
	"slices"
	"strings"

	"postern/store"
	"postern/words"
)

// unreadWords names the feeds whose new posts Postern does not find, because they cannot be fetched, are paused, or
// are switched off for the filtered account. It returns "" for none. Feeds that the filter excludes are not named.
func (s *Server) unreadWords(ctx context.Context, q store.Query) (string, error) {
	broken, err := s.store.FeedsInTrouble(ctx, feedChoices)
	if err != nil {
		return "", err
	}
	paused, err := s.pausedFeeds(ctx)
	if err != nil {
		return "", err
	}
	isLeftOut := func(f store.Feed) bool { return q.FeedID != 0 && q.FeedID != f.ID }
	unread := slices.DeleteFunc(slices.Concat(broken, paused), isLeftOut)
	var said []string
	if q.AccountID != 0 {
		if unread, said, err = s.takenBy(ctx, q, unread); err != nil {
			return "", err
		}
	}
	for _, f := range unread {
		if f.Problem.IsZero() {
			said = append(said, words.PausedFeed(feedName(f)))
		} else {
			said = append(said, words.SearchFeedBroken(feedName(f), sentence(f.ProblemWords())))
		}
	}
	if len(said) == 0 {
		return "", nil
	}
	return strings.Join(append(said[:min(len(said), fewFeeds)], words.SearchMayMiss), " "), nil
}

// takenBy returns those of feeds that the filtered account takes, and the names of those that are switched off for
// it.
func (s *Server) takenBy(ctx context.Context, q store.Query, feeds []store.Feed) (taken []store.Feed, off []string,
	err error) {
	account, err := s.store.Account(ctx, q.AccountID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	all, err := s.store.FeedNames(ctx, feedChoices)
	if err != nil {
		return nil, nil, err
	}
	var ids []int64
	for _, f := range slices.Concat(all, feeds) {
		ids = append(ids, f.ID)
	}
	routes, err := s.store.RoutesTo(ctx, account.ID, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range all {
		if (q.FeedID == 0 || q.FeedID == f.ID) && !routes[f.ID].Enabled {
			off = append(off, words.SearchFeedOff(feedName(f), account.Name()))
		}
	}
	return slices.DeleteFunc(feeds, func(f store.Feed) bool { return !routes[f.ID].Enabled }), off, nil
}
