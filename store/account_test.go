package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// An account that required approval must still require it after it was removed and connected again.
func TestRestoredAccountKeepsSettings(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("alice")
	f := h.feed("https://blog.example/feed", "now")
	h.save(f)
	yes, three := true, 3
	_, err := h.UpdateAccount(t.Context(), a.ID, store.CLI, "", func(a *store.Account) error {
		a.Settings, a.Paused = store.Settings{Approve: &yes, PostsPerDay: &three}, true
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, h.SetRoute(t.Context(),
		store.Route{FeedID: f.ID, AccountID: a.ID, Enabled: true, Settings: store.Settings{PostsPerDay: &three}},
		store.CLI, ""))
	require.NoError(t, h.RemoveAccount(t.Context(), a.ID, store.CLI))

	again := h.account("alice")
	require.Equal(t, a.ID, again.ID)
	require.Equal(t, store.Settings{Approve: &yes, PostsPerDay: &three}, again.Settings)
	require.True(t, again.Paused)
	routes, err := h.routes()
	require.NoError(t, err)
	require.Equal(t, store.Settings{PostsPerDay: &three}, routes[0].Settings)
	events, err := h.Events(t.Context(), 100)
	require.NoError(t, err)
	var messages []string
	for _, e := range events {
		if e.Kind == "account-added" {
			messages = append(messages, e.Message)
		}
	}
	require.ElementsMatch(t, []string{"the account was added as alice",
		"the account was added as alice, with its earlier settings"}, messages)

	// Settings that are given when the account is connected again override the old ones.
	require.NoError(t, h.RemoveAccount(t.Context(), a.ID, store.CLI))
	one := 1
	again, err = h.AddAccount(t.Context(),
		store.Account{API: a.API, UserID: a.UserID, Settings: store.Settings{PostsPerDay: &one}}, seal)
	require.NoError(t, err)
	require.Equal(t, store.Settings{Approve: &yes, PostsPerDay: &one}, again.Settings)
	h.save(f, post("new", time.Minute))
	require.Equal(t, store.Queued, h.pub("new", a.ID).State, "the publisher checks the approval later")
}
