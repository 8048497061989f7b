package publisher

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

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
		s.reach(one.ID, store.Published, time.Hour) // a person's word goes before a filter
	})
}
