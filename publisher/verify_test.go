package publisher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// A day's work is lost with the disk: what was published in it is on the profile, and an older copy does not know it.
func TestARestoredDatabasePublishesNothingTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		was, not, bare := s.entry("Was published meanwhile.", "a.jpg"), s.entry("Was not.", "b.jpg"), s.entry("", "c.jpg")
		_, _, err := s.store.Restored(t.Context(), store.CLI) // before anything was done
		require.NoError(t, err)
		for _, p := range []store.Publication{was, not, bare} {
			p = s.get(p.ID)
			require.Equal(t, store.Held, p.State)
			require.Contains(t, p.Reason, "may have been published since")
		}
		// The lost program had published this.
		time.Sleep(time.Hour)
		client, err := s.acc.Client(t.Context(), s.account.ID)
		require.NoError(t, err)
		draft, err := DraftOf(s.list()[0], store.Route{})
		require.NoError(t, err)
		im := imageOf("lost.jpg")
		im.Caption = draft.Caption.Text
		c, err := client.CreateImage(t.Context(), im)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		_, err = client.Publish(t.Context(), c.ID)
		require.NoError(t, err)
		s.start()

		s.do(was.ID, store.Order{Command: store.CommandPublish})
		p := s.reach(was.ID, store.Held, time.Hour)
		require.Contains(t, p.Reason, "seems to be live already")
		require.Contains(t, p.Reason, s.live()[0].Permalink)
		s.do(not.ID, store.Order{Command: store.CommandPublish})
		s.reach(not.ID, store.Published, time.Hour)
		s.do(bare.ID, store.Order{Command: store.CommandPublish})
		p = s.reach(bare.ID, store.Held, time.Hour)
		require.Contains(t, p.Reason, "seems to be live already", "nothing tells it apart")
		require.Len(t, s.live(), 2)

		// A new entry is compared as well, and one that only looks the same goes out when a person says so.
		again := s.entry("Was published meanwhile.", "d.jpg")
		s.pub.Kick()
		p = s.get(again.ID)
		require.False(t, p.VerifySince.IsZero())
		s.do(was.ID, store.Order{Command: store.CommandPublish})
		s.reach(was.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 3)
	})
}

func TestAfterARestoreTheProfileCannotBeRead(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		pub := s.entry("Fog.", "a.jpg")
		_, _, err := s.store.Restored(t.Context(), store.CLI)
		require.NoError(t, err)
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "media", Reply: simulator.Internal, For: time.Minute})
		s.start()
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		time.Sleep(30 * time.Second)
		require.Equal(t, store.Staged, s.get(pub.ID).State)
		require.Contains(t, s.get(pub.ID).Reason, "waiting for Instagram to show the profile")
		s.reach(pub.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 1)
	})
}
