package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestUnansweredPublicationOfRemovedFeed(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("a", -hour))
	p := h.bring(h.pub("a", 1), store.Publishing)
	require.NoError(t, h.RemoveFeed(t.Context(), f.ID, store.Visitor))
	require.Equal(t, store.Publishing, h.pub("a", 1).State)
	p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now()})
	require.Equal(t, store.Skipped, p.State)
}

func TestRemovedAndRestoredFeed(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("published", -3*hour), post("staged", -2*hour), post("queued", -hour), post("held", -hour))
	h.bring(h.pub("published", 1), store.Published)
	h.bring(h.pub("staged", 1), store.Staged)
	h.do(h.pub("held", 1).ID, store.CommandHold)
	_, err := h.AddFeed(t.Context(), store.Feed{URL: f.URL, StartRule: "now"})
	require.ErrorIs(t, err, store.ErrConflict)

	require.NoError(t, h.RemoveFeed(t.Context(), f.ID, store.CLI))
	require.ErrorIs(t, h.RemoveFeed(t.Context(), f.ID, store.CLI), store.ErrNotFound)
	for _, guid := range []string{"staged", "queued", "held"} {
		p := h.pub(guid, 1)
		require.Equal(t, store.Skipped, p.State)
		require.Equal(t, "the feed was removed", p.Reason.String())
	}
	require.Equal(t, store.Published, h.pub("published", 1).State)
	feeds, err := h.Feeds(t.Context())
	require.NoError(t, err)
	require.Empty(t, feeds)
	require.Zero(t, h.save(f, post("too late", -hour)), "the feed was removed while it was being fetched")
	routes, err := h.routes()
	require.NoError(t, err)
	require.Empty(t, routes)

	again := h.feed(f.URL, "now")
	require.Equal(t, f.ID, again.ID)
	require.True(t, again.FirstPolledAt.IsZero())
	require.Empty(t, again.ETag)
	saved := h.save(again, post("published", -3*hour), post("queued", -hour), post("meanwhile", -time.Minute))
	require.Equal(t, store.Saved{New: 1, Skipped: 1}, saved, "its current entries count as existing ones")
	require.Equal(t, store.Published, h.pub("published", 1).State)
	h.save(again, post("new", time.Minute))
	require.Equal(t, store.Queued, h.pub("new", 1).State)
}

func TestRemovedAndRestoredAccount(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("published", -3*hour), post("asked", -2*hour), post("queued", -hour))
	h.bring(h.pub("published", a.ID), store.Published)
	asked := h.bring(h.pub("asked", a.ID), store.Publishing)
	_, err := h.AddAccount(t.Context(), store.Account{API: a.API, UserID: a.UserID}, seal)
	require.ErrorIs(t, err, store.ErrConflict)

	require.NoError(t, h.RemoveAccount(t.Context(), a.ID, store.CLI))
	require.ErrorIs(t, h.RemoveAccount(t.Context(), a.ID, store.CLI), store.ErrNotFound)
	require.Equal(t, store.Skipped, h.pub("queued", a.ID).State)
	require.Equal(t, store.Publishing, h.pub("asked", a.ID).State, "a publication that may be live is reconciled first")
	got, err := h.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.NotEmpty(t, got.Secrets.Token, "needed for reconciling")
	require.Equal(t, "asked", h.guid(h.claim()))
	asked, err = h.Publication(t.Context(), asked.ID)
	require.NoError(t, err)
	h.advance(asked, store.Change{To: store.Published, MediaID: "m2"})
	got, err = h.Account(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, store.Secrets{}, got.Secrets)
	h.save(f, post("unheard", -time.Minute))
	require.Len(t, h.all(), 3, "no account takes the feed")
	_, err = h.UpdateAccount(t.Context(), a.ID, store.CLI, "", func(*store.Account) error { return nil })
	require.ErrorIs(t, err, store.ErrNotFound)

	again := h.account("alice")
	require.Equal(t, a.ID, again.ID)
	require.Equal(t, store.Skipped, h.pub("queued", a.ID).State, "only new posts are published")
	require.Equal(t, store.Skipped, h.pub("unheard", a.ID).State)
	require.Equal(t, store.Published, h.pub("published", a.ID).State)
	h.save(f, post("new", time.Minute))
	require.Equal(t, store.Queued, h.pub("new", a.ID).State)
}

// A publication that turns out not to be live after its account was removed is skipped.
func TestUnansweredPublicationOfRemovedAccount(t *testing.T) {
	t.Parallel()
	for _, state := range []store.State{store.Staged, store.Queued} {
		h, pubs := many(t, 1)
		p := h.bring(pubs[0], store.Publishing)
		require.NoError(t, h.RemoveAccount(t.Context(), p.AccountID, store.CLI))
		got, err := h.Advance(t.Context(), p, to(store.Publishing, state))
		require.NoError(t, err)
		require.Equal(t, store.Skipped, got.State)
		require.Equal(t, "the account was removed", got.Reason.String())
		a, err := h.Account(t.Context(), p.AccountID)
		require.NoError(t, err)
		require.Empty(t, a.Secrets.Token)
		h.nothing()
		events, err := h.EventsOf(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, state, events[len(events)-1].From, "the history has both state changes")
	}
}
