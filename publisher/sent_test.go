package publisher

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/store"
)

// TestPublishedSettingsAreKept checks that a published post keeps the settings it was sent with, and the fact that it
// had more than ten pictures, after the settings and the post changed.
func TestPublishedSettingsAreKept(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("hashtags", "3")
		var many []string
		for i := range 12 {
			many = append(many, fmt.Sprintf("p%d.jpg", i))
		}
		p := s.entry("Words.", many...)
		s.start()
		s.reach(p.ID, store.Published, 10*time.Minute)
		s.set("hashtags", "9")
		s.posts[0].Media = s.posts[0].Media[:2]
		s.poll()
		s.restart()
		l, err := s.store.Listed(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, []store.SentSetting{{Name: "hashtags", Value: "3", Origin: "account"}}, l.Extras.Sent.Settings)
		d, err := draft.Of(l, store.Route{})
		require.NoError(t, err)
		require.Len(t, d.Items, 10)
		found := false
		for _, c := range d.Checks {
			found = found || c.ID == "media.too-many" &&
				c.Text == "the post has 12 pictures and videos, and Instagram takes the first 10"
		}
		require.True(t, found, d.Checks)
	})
}
