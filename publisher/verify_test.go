package publisher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/store"
)

// TestARestoredDatabasePublishesNothingTwice loses a day of the database: the profile shows posts that the older copy
// does not know.
func TestARestoredDatabasePublishesNothingTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		was, not, bare := s.entry("Was published meanwhile.", "a.jpg"), s.entry("Was not.", "b.jpg"),
			s.entry("", "c.jpg")
		_, _, err := s.store.Restored(t.Context(), store.CLI) // before any step
		require.NoError(t, err)
		for _, p := range []store.Publication{was, not, bare} {
			p = s.get(p.ID)
			require.Equal(t, store.Held, p.State)
			require.Contains(t, p.Reason.String(), "may have been published since")
		}
		// The lost database had published this.
		time.Sleep(time.Hour)
		client, err := s.acc.Client(t.Context(), s.account.ID)
		require.NoError(t, err)
		draft, err := draft.Of(s.list()[0], store.Route{})
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
		require.Contains(t, p.Reason.String(), "seems to be live already")
		require.Contains(t, p.Reason.String(), s.live()[0].Permalink)
		s.do(not.ID, store.Order{Command: store.CommandPublish})
		s.reach(not.ID, store.Published, time.Hour)
		s.do(bare.ID, store.Order{Command: store.CommandPublish})
		p = s.reach(bare.ID, store.Held, time.Hour)
		require.Contains(t, p.Reason.String(), "seems to be live already", "nothing tells it apart")
		require.Len(t, s.live(), 2)

		// A new entry is compared too, and one that only looks the same is published when a person orders it.
		again := s.entry("Was published meanwhile.", "d.jpg")
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
		require.Contains(t, s.get(pub.ID).Reason.String(), "waiting for Instagram to show the profile")
		s.reach(pub.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 1)
	})
}

// publishElsewhere publishes as another copy of the database, unknown to ours.
func (s *theStage) publishElsewhere(make func(*instagram.Client) (instagram.Created, error)) {
	s.t.Helper()
	client, err := s.acc.Client(s.t.Context(), s.account.ID)
	require.NoError(s.t, err)
	c, err := make(client)
	require.NoError(s.t, err)
	time.Sleep(time.Minute)
	_, err = client.Publish(s.t.Context(), c.ID)
	require.NoError(s.t, err)
}

// moveDatabase makes Postern find the database in another place, an hour after its last use.
func (s *theStage) moveDatabase() {
	s.t.Helper()
	a, err := s.store.Arrive(s.t.Context(), store.Place{Path: "/here/postern.db"}, store.Mark{}, false)
	require.NoError(s.t, err)
	time.Sleep(time.Hour)
	a, err = s.store.Arrive(s.t.Context(), store.Place{Path: "/there/postern.db"}, store.Mark{ID: a.Place.ID}, false)
	require.NoError(s.t, err)
	require.Equal(s.t, store.Elsewhere, a.Kind)
}

// TestAMovedDatabaseHoldsWhatIsLive checks that after the database was moved only the posts on the profile are held,
// even if their captions were shortened.
func TestAMovedDatabaseHoldsWhatIsLive(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		live := s.entry("The harbour at dawn, with all of its boats and nobody awake.", "a.jpg")
		alike := s.entry("The harbour at dusk, with all of its boats and nobody awake.", "b.jpg")
		other := s.entry("Fog.", "c.jpg")
		s.moveDatabase()
		s.publishElsewhere(func(c *instagram.Client) (instagram.Created, error) {
			im := imageOf("lost.jpg")
			im.Caption = "The harbour at dawn, with all of its boats and nobody awake"
			return c.CreateImage(t.Context(), im)
		})
		s.start()
		p := s.reach(live.ID, store.Held, time.Hour)
		require.Contains(t, p.Reason.String(), "seems to be live already")
		s.reach(alike.ID, store.Published, time.Hour)
		s.reach(other.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 3)
		s.do(live.ID, store.Order{Command: store.CommandPublish})
		s.reach(live.ID, store.Published, time.Hour) // a person says that it is another post
	})
}

// TestAMovedDatabaseAndStories checks that stories are compared within a day, while Instagram lists them. Later a
// person is asked.
func TestAMovedDatabaseAndStories(t *testing.T) {
	for name, c := range map[string]struct {
		wait    time.Duration
		another bool
		want    store.State
	}{
		"none is live": {0, false, store.Published},
		"one is live":  {0, true, store.Held},
		"too long ago": {24 * time.Hour, false, store.Held},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				channel := "story"
				_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.CLI, "", func(a *store.Account) error {
					a.Settings.Channel = &channel
					return nil
				})
				require.NoError(t, err)
				pub := s.entry("", "a.jpg")
				s.moveDatabase()
				if c.another {
					s.publishElsewhere(func(client *instagram.Client) (instagram.Created, error) {
						return client.CreateStory(t.Context(),
							instagram.Story{ImageURL: "https://elsewhere.example.org/lost.jpg"})
					})
				}
				time.Sleep(c.wait)
				s.start()
				s.reach(pub.ID, c.want, 2*time.Hour)
			})
		})
	}
}

// TestComparedProfileIsNotReadAgain checks that a profile without unknown posts is not read again for the next
// publications.
func TestComparedProfileIsNotReadAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		first, second := s.entry("One.", "a.jpg"), s.entry("Two.", "b.jpg")
		s.moveDatabase()
		before := s.get(second.ID).VerifySince
		require.False(t, before.IsZero())
		s.start()
		s.reach(first.ID, store.Published, time.Hour)
		require.True(t, s.get(second.ID).VerifySince.After(before.Add(30*time.Minute)))
		s.reach(second.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 2)
	})
}
