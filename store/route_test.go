package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestFirstAccountAddedLaterIsNoFlood(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := h.feed("https://blog.example/feed", "now")
	h.save(f)
	h.save(f, flood(12)...)
	h.account("alice")
	counts, err := h.CountStates(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[store.State]int{store.Held: 12}, counts)
}

func TestARouteThatWasSwitchedOffStaysOff(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("alice")
	f := h.feed("https://blog.example/feed", "now")
	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: a.ID}, store.CLI, ""))
	require.NoError(t, h.RemoveAccount(t.Context(), a.ID, store.CLI))
	h.account("alice")
	r, err := h.Route(t.Context(), f.ID, a.ID)
	require.NoError(t, err)
	require.False(t, r.Enabled)
	require.NoError(t, h.RemoveFeed(t.Context(), f.ID, store.CLI))
	h.feed(f.URL, "now")
	r, err = h.Route(t.Context(), f.ID, a.ID)
	require.NoError(t, err)
	require.False(t, r.Enabled)
}

func TestAccountAddedLater(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string][]string{
		"now": {"there alice: skipped (was there when the feed was added)", "since alice: queued"},
		"all": {"there alice: queued", "since alice: queued"},
	} {
		h := setup(t)
		f := h.feed("https://blog.example/feed", rule)
		saved := h.save(f, post("there", -hour))
		require.Equal(t, store.Saved{New: 1}, saved)
		h.save(f, post("there", -hour), post("since", -time.Minute))
		require.Empty(t, h.all(), "no account takes the feed yet")
		posts, err := h.Posts(t.Context(), f.ID, 10)
		require.NoError(t, err)
		require.Len(t, posts, 2)

		alice := h.account("alice")
		require.Equal(t, want, h.all(), "the first account follows the feed's start rule")
		r, err := h.Route(t.Context(), f.ID, alice.ID)
		require.NoError(t, err)
		require.Equal(t, store.InitialRule, r.Initial)

		bob := h.account("bob")
		require.Equal(t, "was there before the account took this feed", h.pub("there", bob.ID).Reason.String())
		require.Equal(t, store.Skipped, h.pub("since", bob.ID).State)
		edited := post("since", -time.Minute)
		edited.Text = "changed"
		h.save(f, post("there", -hour), edited, post("new", time.Minute))
		require.Equal(t, store.Queued, h.pub("new", alice.ID).State)
		require.Equal(t, store.Queued, h.pub("new", bob.ID).State)
		require.Equal(t, store.Skipped, h.pub("since", bob.ID).State, "the second account takes only new posts")
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := setup(t)
	alice, bob := h.account("alice"), h.account("bob")
	f := h.feed("https://blog.example/feed", "all")
	routes, err := h.routes()
	require.NoError(t, err)
	require.Len(t, routes, 2)
	_, err = h.Route(t.Context(), f.ID, 99)
	require.ErrorIs(t, err, store.ErrNotFound)
	story := "story"
	require.NoError(t, h.SetRoute(t.Context(),
		store.Route{FeedID: f.ID, AccountID: alice.ID, Enabled: true, Settings: store.Settings{Channel: &story}},
		store.CLI, ""))
	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: bob.ID}, store.CLI, ""))
	h.save(f, post("1", -hour))
	require.Equal(t, []string{"1 alice: queued"}, h.all())
	r, err := h.Route(t.Context(), f.ID, alice.ID)
	require.NoError(t, err)
	require.Equal(t, "story", *r.Settings.Channel)
	require.Equal(t, store.InitialRule, r.Initial, "changed settings do not affect the start")
	require.True(t, r.StartAt.IsZero())

	require.NoError(t, h.SetRoute(t.Context(),
		store.Route{FeedID: f.ID, AccountID: bob.ID, Enabled: true}, store.CLI, ""))
	require.Equal(t, store.Skipped, h.pub("1", bob.ID).State, "only new posts are published")
	h.save(f, post("1", -hour), post("2", time.Minute))
	require.Equal(t, store.Queued, h.pub("2", bob.ID).State)
	require.NoError(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: bob.ID}, store.CLI, ""))
	require.Equal(t, store.Queued, h.pub("2", bob.ID).State, "queued publications are not affected")

	require.ErrorIs(t, h.SetRoute(t.Context(), store.Route{FeedID: 99, AccountID: bob.ID}, store.CLI, ""),
		store.ErrNotFound)
	require.ErrorIs(t, h.SetRoute(t.Context(),
		store.Route{FeedID: f.ID, AccountID: 99}, store.CLI, ""), store.ErrNotFound)
	require.NoError(t, h.RemoveAccount(t.Context(), bob.ID, store.CLI))
	require.ErrorIs(t, h.SetRoute(t.Context(), store.Route{FeedID: f.ID, AccountID: bob.ID}, store.CLI, ""),
		store.ErrNotFound)
	routes, err = h.routes()
	require.NoError(t, err)
	require.Len(t, routes, 1)
}

// A changed setting overtakes every step that has read the old settings: a running step, and one that has read its
// publication but not claimed it yet. Neither may record its result.
func TestSettingsOvertakeSteps(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(h fixture, a store.Account, f store.Feed) error{
		"account": func(h fixture, a store.Account, _ store.Feed) error {
			_, err := h.UpdateAccount(h.t.Context(), a.ID, store.CLI, "",
				func(a *store.Account) error { a.Settings.Syndicate = new(false); return nil })
			return err
		},
		"feed": func(h fixture, a store.Account, f store.Feed) error {
			return h.SetRoute(h.t.Context(), store.Route{FeedID: f.ID, AccountID: a.ID, Enabled: true,
				Settings: store.Settings{Syndicate: new(false)}}, store.CLI, "")

		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for rival, read := range map[string]func(h fixture, p store.Publication) store.Publication{
				"a preflight": func(_ fixture, p store.Publication) store.Publication { return p },
				"a running step": func(h fixture, _ store.Publication) store.Publication {
					p, err := h.Claim(h.t.Context(), hour)
					require.NoError(h.t, err)
					return p
				},
				"a step before its claim": func(h fixture, p store.Publication) store.Publication {
					p, err := h.Advance(h.t.Context(), p, store.Change{To: store.Queued, DueAt: time.Now().Add(hour)})
					require.NoError(h.t, err)
					return p
				},
			} {
				h := setup(t)
				a, f := h.account("a"), h.feed("https://a.example/feed", "all")
				h.save(f, post("p", -hour))
				p := read(h, h.pub("p", a.ID))
				require.NoError(t, change(h, a, f))
				_, err := h.Advance(t.Context(), p, store.Change{To: store.Held, Reason: reason.New(reason.HoldFixed)})
				require.ErrorIs(t, err, store.ErrConflict, rival)
				now, err := h.Claim(t.Context(), hour)
				require.NoError(t, err, "%s: it is due at once", rival)
				require.Equal(t, p.ID, now.ID)
			}
		})
	}
}
