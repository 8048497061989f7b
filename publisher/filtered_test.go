package publisher

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestAFilteredPostIsSkipped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		two := 2
		_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.CLI, "", func(a *store.Account) error {
			a.Settings.MinPictures = &two
			return nil
		})
		require.NoError(t, err)
		s.start()
		one := s.entry("one picture", "1.jpg")
		both := s.entry("two pictures", "2.jpg", "3.jpg")
		got := s.reach(one.ID, store.Skipped, time.Minute)
		require.Equal(t, "found 1 of at least 2 pictures (`min_pictures` from the account)", got.Reason.String())
		s.reach(both.ID, store.Published, time.Hour)
		_, err = s.store.Do(t.Context(), one.ID, store.Order{Command: store.CommandPublish})
		require.NoError(t, err)
		s.reach(one.ID, store.Published, time.Hour) // an order to publish bypasses the filter
	})
}

// TestASkippedPostFollowsTheFilters checks that a skipped post shows which filter would skip it now: the original
// one, another one, or none. It stays skipped.
func TestASkippedPostFollowsTheFilters(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		p := s.entry("One.", "a.jpg")
		why := func() reason.Reason {
			list := s.list()
			require.NoError(t, Forecast(t.Context(), s.store, list))
			require.Equal(t, store.Skipped, list[0].State)
			return Why(list[0])
		}
		s.set("exclude_keywords", "one")
		p, err := s.store.Publication(t.Context(), p.ID)
		require.NoError(t, err)
		_, err = s.store.Advance(t.Context(), p, store.Change{To: store.Skipped,
			Reason: reason.New(reason.FilterExcluded, "word", "one", "keywords", "account")})
		require.NoError(t, err)
		require.Equal(t, "found the word \"one\" (`exclude_keywords` from the account)", why().String())
		s.set("exclude_keywords", "")
		require.Equal(t, reason.FilterOver, why().Code)
		require.Equal(t, "your settings no longer skip it. Postern skipped it earlier for this reason: found the word "+
			"\"one\" (`exclude_keywords` from the account)", why().String())
		s.set("min_pictures", "2")
		require.Equal(t, "found 1 of at least 2 pictures (`min_pictures` from the account)", why().String())
	})
}

// TestMinPicturesCountsFiles checks that a post which shows one picture twice counts as having fewer pictures than
// its entry lists, until the site changes it.
func TestMinPicturesCountsFiles(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("min_pictures", "2")
		p := s.entry("One.", "a.jpg", "b.jpg")
		_, err := s.store.Advance(t.Context(), p, store.Change{To: store.Skipped,
			Reason: reason.New(reason.FilterPictures, 1, 2, "account")})
		require.NoError(t, err)
		why := func() reason.Reason {
			list := s.list()
			require.NoError(t, Forecast(t.Context(), s.store, list))
			return Why(list[0])
		}
		require.Equal(t, reason.New(reason.FilterPictures, 1, 2, "account"), why())
		s.set("min_pictures", "3")
		require.Equal(t, reason.New(reason.FilterPictures, 1, 3, "account"), why())
		s.set("min_pictures", "1")
		require.Equal(t, reason.FilterOver, why().Code)
	})
}
