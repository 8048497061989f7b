package store_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func (h fixture) claim(busy ...int64) store.Publication {
	h.t.Helper()
	p, err := h.Claim(h.ctx(), time.Minute, busy...)
	require.NoError(h.t, err)
	return p
}

func (h fixture) nothing(busy ...int64) {
	h.t.Helper()
	_, err := h.Claim(h.ctx(), time.Minute, busy...)
	require.ErrorIs(h.t, err, store.ErrNotFound)
}

func (h fixture) guid(p store.Publication) string {
	h.t.Helper()
	post, err := h.Post(h.ctx(), p.PostID)
	require.NoError(h.t, err)
	return post.GUID
}

func TestClaimTakesOldestPostOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		h.nothing()
		a := h.account("alice")
		f := h.feed("https://blog.example/feed", "all")
		h.save(f, post("new", -hour), post("old", -3*hour), post("middle", -2*hour))
		p := h.claim()
		require.Equal(t, "old", h.guid(p))
		require.True(t, p.Leased)
		require.Equal(t, 1, p.Claims)
		require.Equal(t, time.Now().Add(time.Minute).UTC(), p.DueAt)
		h.nothing() // only one per account at a time

		p = h.advance(p, to(store.Queued, store.Staged))
		p = h.claim()
		require.Equal(t, "old", h.guid(p), "the publication in flight comes first")
		p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now().Add(hour)})
		h.nothing() // the one in flight keeps the others waiting even while it is not due
		time.Sleep(hour)
		p = h.claim()
		require.Equal(t, "old", h.guid(p))
		p = h.advance(p, store.Change{To: store.Publishing, Keep: true})
		h.nothing()
		h.advance(p, store.Change{To: store.Published})

		p = h.claim()
		require.Equal(t, "middle", h.guid(p))
		h.advance(p, store.Change{To: store.Queued, DueAt: time.Now().Add(2 * hour), Try: true})
		p = h.claim()
		require.Equal(t, "new", h.guid(p), "a newer post overtakes one in backoff")
		h.nothing(a.ID)
	})
}

func TestClaimOrdersUndatedPostsByFeed(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("3", 0), post("2", 0), post("1", 0))
	for _, guid := range []string{"1", "2", "3"} {
		p := h.claim()
		require.Equal(t, guid, h.guid(p), "feeds show the newest first")
		h.advance(p, store.Change{To: store.Skipped})
	}
}

func TestClaimIsFairToAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		alice := h.account("alice")
		bob := h.account("bob")
		f := h.feed("https://blog.example/feed", "all")
		h.save(f, post("1", -3*hour), post("2", -2*hour), post("3", -hour))
		time.Sleep(time.Second)

		first, second := h.claim(), h.claim()
		require.ElementsMatch(t, []int64{alice.ID, bob.ID}, []int64{first.AccountID, second.AccountID},
			"publications of two accounts can be leased at once")
		h.nothing()

		// Work in flight becomes due again and again. The account that has waited longest is next.
		order := []int64{}
		for _, p := range []store.Publication{first, second} {
			h.advance(p, to(store.Queued, store.Staged))
			time.Sleep(time.Second)
		}
		for range 6 {
			p := h.claim()
			order = append(order, p.AccountID)
			time.Sleep(time.Second)
			h.advance(p, store.Change{To: store.Staged, DueAt: time.Now()})
		}
		for i := range 5 {
			require.NotEqual(t, order[i], order[i+1], "%v", order)
		}

		p := h.claim(alice.ID)
		require.Equal(t, bob.ID, p.AccountID, "a leased publication is not claimed")
		h.nothing(alice.ID, bob.ID)
	})
}

func TestExpiredLeaseIsClaimedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		h.account("alice")
		f := h.feed("https://blog.example/feed", "all")
		h.save(f, post("1", -hour))
		slow := h.claim()
		time.Sleep(time.Minute)
		for i := range 4 {
			p := h.claim()
			require.Equal(t, slow.ID, p.ID)
			require.Equal(t, i+2, p.Claims, "without a recorded outcome")
			time.Sleep(time.Minute)
		}
		_, err := h.Advance(t.Context(), slow, to(store.Queued, store.Staged))
		require.ErrorIs(t, err, store.ErrConflict, "the lease of the slow worker has ended")
		p := h.advance(h.claim(), store.Change{To: store.Queued, DueAt: time.Now()})
		require.Zero(t, p.Claims)
	})
}

func TestVoidLeases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		h.account("alice")
		h.account("bob")
		carol, dave := h.account("carol"), h.account("dave")
		h.account("erin")
		f := h.feed("https://blog.example/feed", "all")
		h.save(f, post("1", -hour))
		dead := h.other().claim()
		far := h.claim()
		far = h.advance(far, store.Change{To: store.Queued, DueAt: time.Now().Add(365 * day),
			Reason: reason.Text("a wrong clock")})
		near := h.advance(h.pub("1", carol.ID), store.Change{To: store.Queued, DueAt: time.Now().Add(hour), Try: true})
		gated := h.advance(h.pub("1", dave.ID),
			store.Change{To: store.Queued, DueAt: time.Now().Add(hour), Reason: reason.Text("quiet hours")})
		mine := h.claim()
		h.nothing()

		require.NoError(t, h.VoidLeases(t.Context()))
		// the lease of this process continues
		mine = h.advance(mine, store.Change{To: store.Queued, DueAt: time.Now().Add(hour), Try: true})
		require.False(t, mine.Leased)
		for _, p := range []store.Publication{dead, far, gated} {
			got, err := h.Publication(t.Context(), p.ID)
			require.NoError(t, err)
			require.False(t, got.Leased)
			require.Equal(t, time.Now().UTC(), got.DueAt)
			_, err = h.Advance(t.Context(), p, to(store.Queued, store.Staged))
			require.ErrorIs(t, err, store.ErrConflict, "the old lease is void")
		}
		got, err := h.Publication(t.Context(), near.ID)
		require.NoError(t, err)
		require.Equal(t, near.Version, got.Version, "a backoff is kept")
		require.ElementsMatch(t, []int64{dead.ID, far.ID, gated.ID}, []int64{h.claim().ID, h.claim().ID, h.claim().ID})
	})
}

func TestVoidLeasesCorrectsTimesOfWrongClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		a := h.account("alice")
		f := h.feed("https://blog.example/feed", "all")
		h.save(f, post("1", -hour))
		live := h.bring(h.pub("1", a.ID), store.Published)
		for _, ahead := range []time.Duration{hour, 365 * day} { // only the second is corrected
			then, now := time.Now().Add(ahead).UTC(), time.Now().UTC()
			want := now
			if ahead == hour {
				want = then
			}
			require.NoError(t, h.SavePoll(t.Context(), store.Feed{ID: f.ID, NextPollAt: then}))
			_, err := h.UpdateAccount(t.Context(), a.ID, store.System, "",
				func(a *store.Account) error { a.WaitUntil = then; return nil })
			require.NoError(t, err)
			require.NoError(t, h.SettleFollowUp(t.Context(), h.followUp(live.ID, "permalink"), false, then))

			require.NoError(t, h.VoidLeases(t.Context()))
			f, err = h.Feed(t.Context(), f.ID)
			require.NoError(t, err)
			require.Equal(t, want, f.NextPollAt)
			a, err = h.Account(t.Context(), a.ID)
			require.NoError(t, err)
			require.Equal(t, want, a.WaitUntil)
			_, err = h.ClaimFollowUp(t.Context(), hour)
			require.Equal(t, ahead == hour, errors.Is(err, store.ErrNotFound))
		}
	})
}

// followUp returns one follow-up as stored.
func (h fixture) followUp(publication int64, kind string) store.FollowUp {
	h.t.Helper()
	f, err := h.FollowUp(h.ctx(), publication, kind)
	require.NoError(h.t, err)
	return f
}

func TestDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := setup(t)
		next := func() time.Time {
			_, at, err := h.Due(t.Context())
			require.NoError(t, err)
			return at
		}
		due := func() bool {
			now, _, err := h.Due(t.Context())
			require.NoError(t, err)
			return now
		}
		require.True(t, next().IsZero())
		require.False(t, due())
		h.account("alice")
		f := h.feed("https://blog.example/feed", "all")
		h.save(f, post("1", -2*hour), post("2", -hour))
		require.True(t, next().IsZero(), "nothing is scheduled")
		require.True(t, due())
		p := h.claim()
		require.Equal(t, p.DueAt, next())
		p = h.advance(p, store.Change{To: store.Staged, Keep: true, Freeze: frozen(), Containers: finished()})
		p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now().Add(10 * time.Second)})
		require.Equal(t, time.Now().Add(10*time.Second).UTC(), next())
		p = h.advance(p, to(store.Staged, store.Publishing))
		h.advance(p, store.Change{To: store.Published})
		require.NoError(t, h.WakeAccount(t.Context(), 1))
		h.do(h.pub("2", 1).ID, store.CommandHold)
		require.True(t, due(), "the follow-up")
		follow, err := h.ClaimFollowUp(t.Context(), 20*time.Minute)
		require.NoError(t, err)
		require.Equal(t, time.Now().Add(20*time.Minute).UTC(), next(), "follow-ups count")
		require.False(t, due())
		_, err = h.ClaimFollowUp(t.Context(), time.Minute)
		require.ErrorIs(t, err, store.ErrNotFound)

		require.NoError(t, h.SettleFollowUp(t.Context(), follow, false, time.Now().Add(2*hour)))
		require.Equal(t, time.Now().Add(2*hour).UTC(), next())
		time.Sleep(2 * hour)
		follow, err = h.ClaimFollowUp(t.Context(), time.Minute)
		require.NoError(t, err)
		require.Equal(t, 1, follow.Tries)
		require.NoError(t, h.SettleFollowUp(t.Context(), follow, true, time.Time{}))
		time.Sleep(day)
		_, err = h.ClaimFollowUp(t.Context(), time.Minute)
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

func TestWakeWaiting(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 2)
	for i, why := range []reason.Reason{reason.New(reason.MinAge, "1h", "14:05 UTC"),
		reason.New(reason.PublicAddress, "closed")} {
		h.advance(pubs[i], store.Change{To: store.Queued, DueAt: time.Now().Add(hour), Reason: why})
	}
	h.nothing()
	require.NoError(t, h.WakeWaiting(t.Context(), reason.PublicAddress))
	require.Equal(t, pubs[1].ID, h.claim().ID)
	require.NoError(t, h.WakeWaiting(t.Context(), reason.PublicAddress))
	h.nothing() // a leased publication is not woken
}

func TestWakeAccount(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 2)
	for _, p := range pubs {
		h.advance(p, store.Change{To: store.Queued, DueAt: time.Now().Add(hour)})
	}
	h.nothing()
	require.NoError(t, h.WakeAccount(t.Context(), pubs[0].AccountID))
	for range 6 { // a running step may have read the old account
		stale := h.claim()
		require.Equal(t, pubs[0].ID, stale.ID)
		require.Equal(t, 1, stale.Claims, "an overtaken claim does not count as failed")
		require.NoError(t, h.WakeAccount(t.Context(), pubs[0].AccountID))
		_, err := h.Advance(t.Context(), stale,
			store.Change{To: store.Queued, DueAt: time.Now().Add(hour), Reason: reason.Text("the account is paused")})
		require.ErrorIs(t, err, store.ErrConflict)
	}
	asked := h.bring(h.claim(), store.Publishing)
	require.NoError(t, h.WakeAccount(t.Context(), pubs[0].AccountID))
	_, err := h.Advance(t.Context(), asked, store.Change{To: store.Published})
	require.NoError(t, err, "a publication in publishing keeps its lease")
}

func TestAsked(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("1", -2*hour), post("2", -hour))
	first := h.bring(h.claim(), store.Published)
	second := h.claim()
	got, err := h.Asked(t.Context(), second, time.Now().Add(-hour))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, first.ID, got[0].ID)
	got, err = h.Asked(t.Context(), first, time.Now().Add(-hour))
	require.NoError(t, err)
	require.Empty(t, got, "the publication itself is not included")
	got, err = h.Asked(t.Context(), second, time.Now().Add(hour))
	require.NoError(t, err)
	require.Empty(t, got)
}
