package publisher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

var testSteps = Steps{Approve: "you approve it", Resume: "you resume it", Connect: "you connect it",
	ConnectAndResume: "you connect and resume it"}

// TestHaltedNamesEveryGate checks that a publication of a paused account names every gate that will delay it after
// the pause, whatever was decided about it.
func TestHaltedNamesEveryGate(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.advanceTo("UTC", "2000-02-01 12:00")
		s.set("approve", "yes")
		s.set("quiet_hours", "10:00-18:00")
		pause := func(paused bool) {
			_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.CLI, "",
				func(a *store.Account) error { a.Paused = paused; return nil })
			require.NoError(t, err)
		}
		pause(true)
		p := s.entry("One.", "a.jpg")
		one := func() store.Listed {
			list := s.list()
			require.NoError(t, Forecast(t.Context(), s.store, list))
			require.Len(t, list, 1)
			return list[0]
		}
		after := func() string { return GoesOutAfter(one(), testSteps, time.Now().UTC()) }
		require.Equal(t,
			"goes out after you approve it and you resume it, not before 1 February 2000 18:00 UTC (quiet hours "+
				"until 18:00 UTC)", after())
		require.Equal(t, "the account is paused; then waiting for your approval; then quiet hours until 18:00 UTC",
			Why(one()).String())
		require.Equal(t, reason.AccountPaused, Why(one()).Code)
		order := func(c store.Command) {
			_, err := s.store.Do(t.Context(), p.ID, store.Order{Command: c, By: store.CLI})
			require.NoError(t, err)
		}
		order(store.CommandApprove)
		require.Equal(t,
			"goes out after you resume it, not before 1 February 2000 18:00 UTC (quiet hours until 18:00 UTC)", after())
		order(store.CommandPublish)
		require.Equal(t, "goes out after you resume it", after(), "publishing now bypasses the other gates")
		require.Equal(t, "the account is paused", Why(one()).String())
		pause(false)
		require.Empty(t, after())
		require.Zero(t, one().Gates)
	})
}

// TestHaltedStagedNamesItsGates checks that a staged publication of a paused account names only the quiet hours and the
// date.
func TestHaltedStagedNamesItsGates(t *testing.T) {
	for name, c := range map[string]struct {
		paused bool
		want   string
	}{
		"paused": {true,
			"goes out after you resume it, not before 1 February 2000 18:00 UTC (quiet hours until 18:00 UTC)"},
		"not paused": {false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.advanceTo("UTC", "2000-02-01 12:00")
				p := s.entry("One.", "a.jpg")
				_, err := s.store.Advance(t.Context(), p,
					store.Change{To: store.Staged, DueAt: time.Now().Add(time.Hour), Reason: reason.New(reason.Working),
						Freeze: &store.Frozen{Kind: store.KindImage,
							Items: []store.Item{{Position: 1, Type: store.Image,
								SourceURL: "https://blog.example/a.jpg"}}},
						Containers: []store.Container{{Round: 1, ID: "c1", CreatedAt: time.Now()}}})
				require.NoError(t, err)
				s.set("quiet_hours", "10:00-18:00")
				s.set("cool_down", "24h")
				s.set("approve", "yes")
				_, err = s.store.UpdateAccount(t.Context(), s.account.ID, store.CLI, "",
					func(a *store.Account) error { a.Paused = c.paused; return nil })
				require.NoError(t, err)
				list := s.list()
				require.NoError(t, Forecast(t.Context(), s.store, list))
				require.Equal(t, c.want, GoesOutAfter(list[0], testSteps, time.Now().UTC()))
				require.False(t, list[0].Unapproved)
			})
		})
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"", "a", "a and b", "a, b and c"},
		[]string{InWords(nil), InWords([]string{"a"}), InWords([]string{"a", "b"}), InWords([]string{"a", "b", "c"})})
}

// TestReasonFollowsTheOwner checks that the shown reason of a waiting publication is current although its last step
// recorded another one: the owner has resumed the account or changed a setting since, and no step has run.
func TestReasonFollowsTheOwner(t *testing.T) {
	for name, c := range map[string]struct {
		recorded reason.Reason
		change   map[string]string
		want     string
	}{
		"resumed": {reason.New(reason.AccountPaused), nil, ""},
		"resumed in quiet hours": {reason.New(reason.AccountPaused), map[string]string{"quiet_hours": "10:00-18:00"},
			"quiet hours until 18:00 UTC"},
		"quiet hours removed": {reason.New(reason.QuietHours, "18:00 UTC"), map[string]string{"quiet_hours": ""},
			""},
		"other quiet hours": {reason.New(reason.QuietHours, "18:00 UTC"),
			map[string]string{"quiet_hours": "10:00-17:00"}, "quiet hours until 17:00 UTC"},
		"approval is needed now": {reason.New(reason.QuietHours, "18:00 UTC"), map[string]string{"approve": "yes"},
			"waiting for your approval"},
		"no step yet": {reason.Reason{}, map[string]string{"quiet_hours": "10:00-18:00"},
			"quiet hours until 18:00 UTC"},
		"a reason that is not a gate": {reason.New(reason.Working), map[string]string{"quiet_hours": "10:00-18:00"},
			reason.New(reason.Working).String()},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.advanceTo("UTC", "2000-02-01 12:00")
				p := s.entry("One.", "a.jpg")
				_, err := s.store.Advance(t.Context(), p,
					store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour), Reason: c.recorded})
				require.NoError(t, err)
				for setting, value := range c.change {
					s.set(setting, value)
				}
				list := s.list()
				require.NoError(t, Forecast(t.Context(), s.store, list))
				require.Equal(t, c.want, Why(list[0]).String())
			})
		})
	}
}
