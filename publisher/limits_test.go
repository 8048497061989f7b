package publisher

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/instagram/simulator"
	"postern/store"
)

// TestQuotaKeepsItsReserveAndStatesTheTime publishes eight posts at once with a quota of five a day and a reserve of
// one. Four go out. The others wait until the time that the page states: a day after each of the four.
func TestQuotaKeepsItsReserveAndStatesTheTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.SetQuota(5)
		_, err := s.acc.QuotaNow(t.Context(), s.account.ID) // connecting the account reads it
		require.NoError(t, err)
		choose(t, s, "quota_reserve", "1")
		choose(t, s, "cool_down", "10m")
		choose(t, s, "append_url", "false")
		var pubs []store.Publication
		for i := range 8 {
			pubs = append(pubs, s.entry(fmt.Sprintf("Post %d.", i), "a.jpg"))
		}
		begin := time.Now()
		s.start()
		time.Sleep(3 * time.Hour)
		require.Len(t, s.live(), 4)
		waiting := s.get(pubs[4].ID)
		free := s.get(pubs[0].ID).PublishedAt.Add(24 * time.Hour)
		require.Equal(t, store.Queued, waiting.State)
		require.Contains(t, waiting.Reason.String(),
			"Instagram takes 5 posts in 24 hours, and 4 went out (1 are kept in reserve); the next place is free at "+
				draft.UpToMinute(free.UTC()).Format("15:04 MST, 2 January"), "not before it is")
		require.WithinDuration(t, free, waiting.DueAt, time.Second)

		// A person may use the reserve, in Postern or elsewhere.
		_, err = s.store.Do(t.Context(), pubs[7].ID,
			store.Order{Command: store.CommandPublish, By: store.Visitor, Shown: store.Queued})
		require.NoError(t, err)
		s.reach(pubs[7].ID, store.Published, 5*time.Minute)

		// Each goes out at the stated time.
		for i, at := range []int{4, 5, 6} {
			s.reach(pubs[at].ID, store.Published, 26*time.Hour)
			require.WithinDuration(t, begin.Add(24*time.Hour), s.get(pubs[at].ID).PublishedAt, 90*time.Minute,
				"number %d", i)
		}
		time.Sleep(48 * time.Hour)
		require.Len(t, s.live(), 8, "each post exactly once")
		require.Equal(t, 8, s.sim.CallCount("publish"), "no call that Instagram would refuse")
		for _, p := range s.live() {
			require.NotEmpty(t, p.ID)
		}
	})
}

// TestQuotaUsedByOthers has somebody publish by hand. Postern does not know when those posts were made, so it reads
// the quota again.
func TestQuotaUsedByOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.SetQuota(3)
		choose(t, s, "quota_reserve", "0")
		client, err := s.acc.Client(t.Context(), s.account.ID)
		require.NoError(t, err)
		for i := range 3 {
			c, err := client.CreateImage(t.Context(), imageOf(fmt.Sprintf("hand%d.jpg", i)))
			require.NoError(t, err)
			_, err = client.Publish(t.Context(), c.ID)
			require.NoError(t, err)
			time.Sleep(time.Hour)
		}
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(time.Minute)
		require.Contains(t, s.get(pub.ID).Reason.String(), "3 went out; Postern asks again at ")
		pub = s.reach(pub.ID, store.Published, 22*time.Hour)
		require.Len(t, s.live(), 4)
		require.Equal(t, 4, s.sim.CallCount("publish"))
	})
}

// TestUsageSlowsTheAccountDown checks the usage headers with which Instagram announces throttling: only the account
// that they are about waits.
func TestUsageSlowsTheAccountDown(t *testing.T) {
	for name, c := range map[string]struct {
		usage  http.Header
		wait   time.Duration
		reason string
	}{
		"high usage": {http.Header{"X-App-Usage": {`{"call_volume":83,"cpu_time":2}`}}, 10 * time.Minute,
			"More than 80 %"},
		"nearly exhausted": {http.Header{"X-App-Usage": {`{"call_count":96,"total_time":2,"total_cputime":1}`}},
			time.Hour, "More than 95 %"},
		"with a time to regain access": {http.Header{
			"X-Business-Use-Case-Usage": {
				`{"1784":[{"type":"instagram","call_count":"100","estimated_time_to_regain_access":42}]}`}},
			42 * time.Minute, "when it may go on"},
		"two headers": {http.Header{"X-App-Usage": {`{"call_volume":83}`},
			"X-Business-Use-Case-Usage": {`{"1":[{"call_count":3}],"2":[{"estimated_time_to_regain_access":42}]}`}},
			42 * time.Minute, "when it may go on"},
		"unreadable header": {http.Header{"X-App-Usage": {`{"call_volume":8`}}, 0, ""},
		"low usage":         {http.Header{"X-App-Usage": {`{"call_volume":79}`}}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sim.SetUsage(c.usage)
				first, second := s.entry("Fog.", "a.jpg"), s.entry("Sun.", "b.jpg")
				begin := time.Now()
				s.start()
				time.Sleep(time.Minute)
				acc, err := s.store.Account(t.Context(), s.account.ID)
				require.NoError(t, err)
				if c.wait == 0 {
					require.Empty(t, acc.Trouble)
					require.Equal(t, store.Published, s.get(second.ID).State)
					return
				}
				require.Equal(t, store.Wait, acc.Trouble)
				require.Contains(t, acc.Problem.String(), c.reason)
				require.WithinDuration(t, begin.Add(c.wait), acc.WaitUntil, time.Minute)
				require.Empty(t, s.live())
				s.sim.SetUsage(nil)
				s.reach(first.ID, store.Published, 3*c.wait)
				s.reach(second.ID, store.Published, 3*c.wait)
				time.Sleep(24 * time.Hour)
				require.Len(t, s.live(), 2)
				require.Equal(t, 2, s.sim.CallCount("publish"))
			})
		})
	}
}

// TestRestrictedAccount checks that a restricted account keeps its queue and continues after the owner has done what
// Instagram requires.
func TestRestrictedAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Reply: simulator.Restricted,
			For: 30 * time.Hour})
		first, second := s.entry("Fog.", "a.jpg"), s.entry("Sun.", "b.jpg")
		s.start()
		time.Sleep(90 * time.Minute)
		acc, err := s.store.Account(t.Context(), s.account.ID)
		require.NoError(t, err)
		require.Equal(t, store.Wait, acc.Trouble)
		require.Contains(t, acc.Problem.String(), "open the Instagram app")
		require.Contains(t, s.get(first.ID).Reason.String(), "open the Instagram app")
		require.LessOrEqual(t, s.sim.CallCount("create"), 3, "frequent calls would extend the restriction")
		s.reach(first.ID, store.Published, 48*time.Hour)
		s.reach(second.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 2)
		require.Equal(t, 2, s.sim.CallCount("publish"))
	})
}

// TestReconnectingContinuesPublications checks that an invalid token stops the account, that the account keeps its
// queue, and that each publication continues from its state after a new token.
func TestReconnectingContinuesPublications(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.TokenDead,
			Times: simulator.Forever})
		first, second := s.entry("Fog.", "a.jpg"), s.entry("Sun.", "b.jpg")
		s.start()
		time.Sleep(time.Hour)
		require.Equal(t, store.Staged, s.get(first.ID).State)
		require.Equal(t, store.Queued, s.get(second.ID).State)
		acc, err := s.store.Account(t.Context(), s.account.ID)
		require.NoError(t, err)
		require.Equal(t, store.Reconnect, acc.Trouble)
		s.sim.ClearFaults()
		_, err = s.acc.Reconnect(t.Context(), s.account.ID, token)
		require.NoError(t, err)
		s.reach(first.ID, store.Published, time.Minute)
		s.reach(second.ID, store.Published, time.Minute)
		require.Equal(t, 2, s.sim.CallCount("create"), "the existing container is used")
		require.Len(t, s.live(), 2)
	})
}

func choose(t *testing.T, s *theStage, name, value string) {
	t.Helper()
	_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "",
		func(a *store.Account) error { return draft.Set(&a.Settings, name, value) })
	require.NoError(t, err)
}
