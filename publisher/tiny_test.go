package publisher

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/reason"
	"postern/store"
)

// TestTinyPicturesAreLeftOut checks that a picture of the size of an icon is left out according to its bytes, as the
// feed declared no size. A slightly larger one is kept, with a note that it is enlarged.
func TestTinyPicturesAreLeftOut(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		s.show(24, 24, landscape(1), "sign.jpg")
		s.show(600, 20, landscape(2), "line.jpg")
		s.show(40, 32, landscape(3), "small.jpg")
		s.show(600, 400, landscape(4), "boat.jpg")
		pub := s.entry("Boats.", "sign.jpg", "small.jpg", "line.jpg", "boat.jpg")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		ids, _ := s.checkIDs(pub.ID)
		require.Contains(t, ids, "note media.tiny, note media.tiny")
		require.Contains(t, ids, "note media.image.small")
		require.NotContains(t, ids, "repaired media.image.small")
		l, err := s.store.Listed(t.Context(), pub.ID)
		require.NoError(t, err)
		at := slices.IndexFunc(l.Preflight.Checks, func(c store.Check) bool { return c.ID == draft.TinyRule })
		require.Equal(t, "picture 1 of 4, sign.jpg is left out, because it is 24×24 pixels; icons are smaller than 32",
			l.Preflight.Checks[at].Text)
		at = slices.IndexFunc(l.Preflight.Checks, func(c store.Check) bool { return c.ID == "media.image.small" })
		require.Equal(t, "1 of 2, small.jpg: enlarged from 40 to 320 wide, so it looks less sharp",
			l.Preflight.Checks[at].Text)

		s.do(pub.ID, store.Order{Command: store.CommandApprove})
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, []string{"alt of small.jpg", "alt of boat.jpg"}, []string{pub.Items[0].Alt, pub.Items[1].Alt})
		require.Len(t, s.live()[0].Slides, 2)
	})
}

// TestAPostOfTinyPicturesIsSkipped checks that a post without remaining pictures is skipped with the reason, and that
// it is published when a person orders it.
func TestAPostOfTinyPicturesIsSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.show(20, 20, landscape(1), "sign.jpg")
		pub := s.entry("A sign.", "sign.jpg")
		s.start()
		pub = s.reach(pub.ID, store.Skipped, time.Hour)
		require.True(t, pub.Reason.Is(reason.AllTiny), pub.Reason.String())
		require.Equal(t, "each picture is smaller than 32 pixels, as icons are", pub.Reason.String())
		require.Empty(t, s.live())
		s.restart()
		s.finishRunning()
		require.Equal(t, store.Skipped, s.get(pub.ID).State)
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.reach(pub.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 1)
	})
}

// TestChosenTinyPictureIsSent checks that a picture that a person chose is sent, whatever its size.
func TestChosenTinyPictureIsSent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		s.show(24, 24, landscape(1), "sign.jpg")
		s.show(600, 400, landscape(2), "boat.jpg")
		pub := s.entry("Boats.", "sign.jpg", "boat.jpg")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		both := []store.EditedMedia{{URL: "https://blog.example.org/sign.jpg"},
			{URL: "https://blog.example.org/boat.jpg"}}
		pub = s.get(pub.ID)
		require.NoError(t, s.store.Edit(t.Context(), pub.ID, pub.Revision, store.Edits{Media: &both}, store.Visitor))
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Len(t, pub.Items, 2)
	})
}
