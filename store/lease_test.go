package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// TestLeasesOfOtherProcesses shows that a process leaves alone what another one has leased, until the lease ends or its
// owner is known to be gone.
func TestLeasesOfOtherProcesses(t *testing.T) {
	const lease = 10 * time.Minute
	ends := map[string]func(t *testing.T, rival *store.Store){
		"over":                func(_ *testing.T, _ *store.Store) { time.Sleep(lease + time.Second) },
		"its owner has ended": func(t *testing.T, rival *store.Store) { require.NoError(t, rival.VoidLeases(t.Context())) },
	}
	kinds := map[string]func(h fixture) (claim func(s *store.Store) bool, done func()){
		"feed": func(h fixture) (func(s *store.Store) bool, func()) {
			f := h.feed("https://a.example/feed", "all")
			return func(s *store.Store) bool {
					l, err := s.ClaimFeeds(h.t.Context(), lease)
					require.NoError(h.t, err)
					return len(l) > 0
				}, func() {
					f.LastPolledAt, f.NextPollAt = time.Now(), time.Now()
					require.NoError(h.t, h.SavePoll(h.t.Context(), f))
				}
		},
		"delivery": func(h fixture) (func(s *store.Store) bool, func()) {
			a, err := h.AddAddress(h.t.Context(), store.Address{Origin: store.FromPage, Label: "chat"},
				func(int64) ([]byte, error) { return []byte("x"), nil })
			require.NoError(h.t, err)
			open := func(cause string) {
				require.NoError(h.t, h.SyncNotices(h.t.Context(), store.NoticeChange{
					Opened:  []store.Notice{{Cause: cause, Level: 1, Severity: store.Bad, Text: "wrong"}},
					Message: func(store.Notice) string { return "wrong" }}))
			}
			open("one")
			var mine []store.Delivery
			return func(s *store.Store) bool {
					l, err := s.ClaimDeliveries(h.t.Context(), lease)
					require.NoError(h.t, err)
					if s == h.Store {
						mine = l
					}
					return len(l) > 0
				}, func() {
					require.Len(h.t, mine, 1)
					require.NoError(h.t, h.Delivered(h.t.Context(), a.ID, []int64{mine[0].ID}))
					open("two")
				}
		},
		"preflight": func(h fixture) (func(s *store.Store) bool, func()) {
			a := h.account("a")
			h.save(h.feed("https://a.example/feed", "all"), post("p", -hour))
			id := h.pub("p", a.ID).ID
			var look store.Preflight
			return func(s *store.Store) bool {
				f, err := s.BeginPreflight(h.t.Context(), id, ours, time.Now().Add(lease))
				if err != nil {
					require.ErrorIs(h.t, err, store.ErrConflict)
					return false
				}
				if s == h.Store {
					look = f
				}
				return true
			}, func() { require.NoError(h.t, h.SavePreflight(h.t.Context(), look)) }
		},
		"refresh": func(h fixture) (func(s *store.Store) bool, func()) {
			a := h.account("a")
			return func(s *store.Store) bool {
				err := s.ClaimRefresh(h.t.Context(), a.ID, lease)
				if err != nil {
					require.ErrorIs(h.t, err, store.ErrConflict)
				}
				return err == nil
			}, func() { require.NoError(h.t, h.ReleaseRefresh(h.t.Context(), a.ID)) }
		},
	}
	for kind, prepare := range kinds {
		for how, end := range ends {
			t.Run(kind+", "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := setup(t)
					rival := h.other().Store
					claim, done := prepare(h)
					require.True(t, claim(h.Store))
					require.False(t, claim(rival), "another process has the lease")
					require.NoError(t, h.VoidLeases(t.Context()))
					require.False(t, claim(rival), "its owner still exists")
					require.True(t, claim(h.Store), "a process may claim again what it has leased")
					done()
					require.True(t, claim(rival), "the lease was released")
					require.False(t, claim(h.Store))
					end(t, h.Store)
					require.True(t, claim(h.Store))
				})
			})
		}
	}
}

// TestATakenPreflightIsNotSaved shows that the result of a preflight is discarded if the step of the publication has
// taken the preflight over.
func TestATakenPreflightIsNotSaved(t *testing.T) {
	t.Parallel()
	h := setup(t)
	rival := h.other().Store
	a := h.account("a")
	h.save(h.feed("https://a.example/feed", "all"), post("p", -hour))
	id := h.pub("p", a.ID).ID
	again := time.Now().Add(hour)
	ahead, err := rival.BeginPreflight(t.Context(), id, ours, again)
	require.NoError(t, err)
	step, err := h.TakePreflight(t.Context(), id, ours, again)
	require.NoError(t, err)
	ahead.Ready = true
	require.NoError(t, rival.SavePreflight(t.Context(), ahead))
	kept, err := h.Preflight(t.Context(), id)
	require.NoError(t, err)
	require.False(t, kept.Ready)
	step.Ready = true
	require.NoError(t, h.SavePreflight(t.Context(), step))
	kept, err = h.Preflight(t.Context(), id)
	require.NoError(t, err)
	require.True(t, kept.Ready)
}
