package notices_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/instagram/simulator"
	"postern/store"
)

const day = 24 * time.Hour

// A year in which Instagram works: the token is renewed every day, and nobody is bothered.
func TestAYearInWhichTheTokenIsRefreshed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for range 366 {
			h.live(day, 8*time.Hour)
			a, err := h.store.Account(t.Context(), h.account.ID)
			require.NoError(t, err)
			require.Less(t, time.Since(a.TokenAt), 2*day, "in time, every time")
			require.Empty(t, h.openNotices())
		}
		require.InDelta(t, 366, h.sim.CallCount("refresh"), 100, "daily")
		require.Empty(t, h.received())
		past, err := h.store.PastNotices(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, past)
	})
}

// Refreshing fails for as long as a token lasts: the owner is told at the first failure, 14, 7 and 2 days before
// the end, and at the end, once each, whatever is restarted meanwhile; and once when it is well again.
func TestSixtyDaysInWhichRefreshingFails(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.live(3*day, time.Hour) // refreshed once or twice: the end is known
		a, err := h.store.Account(t.Context(), h.account.ID)
		require.NoError(t, err)
		ends := a.TokenExpiresAt
		require.False(t, ends.IsZero())
		h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "refresh", Times: simulator.Forever})

		type mail struct {
			left time.Duration
			text string
		}
		var box []mail
		for day0, n := time.Now(), 0; time.Since(day0) < 62*day; n++ {
			h.pass()
			for _, text := range h.received() {
				box = append(box, mail{time.Until(ends), text})
			}
			if n%50 == 49 {
				h.restart()
			}
			time.Sleep(2 * time.Hour)
		}
		require.Len(t, box, 5, "%v", box)
		for i, want := range []struct {
			left time.Duration
			text string
		}{
			{58 * day, "Harbour: Postern could not refresh the access token, which expires in 5"},
			{14 * day, "Harbour: Postern could not refresh the access token, which expires in 13 days"},
			{7 * day, "Harbour: Postern could not refresh the access token, which expires in 6 days"},
			{2 * day, "Harbour: Postern could not refresh the access token, which expires in 1 day"},
			{0, "Harbour needs reconnecting"},
		} {
			require.Contains(t, box[i].text, want.text)
			require.Contains(t, box[i].text, "\n\nhttps://postern.example.org/notices")
			if i > 0 {
				require.InDelta(t, want.left.Hours(), box[i].left.Hours(), 7, "%s", box[i].text)
			}
		}
		require.GreaterOrEqual(t, box[0].left, 57*day, "at once")
		open := h.openNotices()
		require.Len(t, open, 1, "one cause")
		require.Equal(t, 5, open[0].Delivered)
		require.Equal(t, store.Bad, open[0].Severity)
		a, err = h.store.Account(t.Context(), h.account.ID)
		require.NoError(t, err)
		require.Equal(t, store.Reconnect, a.Trouble, "paused until the owner comes")

		h.sim.ClearFaults()
		fresh := h.sim.AddAccount(
			simulator.Account{UserID: a.UserID, Username: "harbour", Token: "IGAA-another-token-of-the-tests"})
		_, err = h.acc.Reconnect(t.Context(), a.ID, "IGAA-another-token-of-the-tests")
		require.NoError(t, err)
		require.Equal(t, a.UserID, fresh.UserID)
		h.live(10*day, time.Hour)
		told := h.received()
		require.Len(t, told, 1)
		require.Contains(t, told[0], "Fixed: Harbour has an access token that works")
		require.Empty(t, h.openNotices())
	})
}

// A token that was never refreshed has no known end: it is warned of by the latest it can have.
func TestATokenThatWasNeverRefreshed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "refresh", Times: simulator.Forever})
		h.live(61*day, 6*time.Hour)
		require.Len(t, h.received(), 5)
	})
}

// A failure that is over before a warning is due: told once, and once that it is well.
func TestARefreshThatFailsForAWhile(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.live(3*day, time.Hour)
		h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "refresh", For: 30 * time.Hour})
		h.live(10*day, time.Hour)
		told := h.received()
		require.Len(t, told, 2)
		require.Contains(t, told[0], "could not be refreshed")
		require.Contains(t, told[1], "Fixed: ")
		a, err := h.store.Account(t.Context(), h.account.ID)
		require.NoError(t, err)
		require.Equal(t, store.Refresh{}, a.Refresh)
		require.Equal(t, accounts.TokenWell, accounts.Health(a, time.Now()).Stage)
	})
}
