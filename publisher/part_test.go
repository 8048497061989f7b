package publisher

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestASplitPost(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("split", "yes")
		var media []string
		for i := range 12 {
			media = append(media, fmt.Sprintf("%d.jpg", i+1))
		}
		s.start()
		last := s.entry("Twelve boats.", media...)
		require.Equal(t, 2, last.Part)
		s.reach(last.ID, store.Published, time.Hour)
		pubs := s.list()
		require.Len(t, pubs, 2)
		s.reach(pubs[0].ID, store.Published, time.Hour)
		for i, l := range s.list() {
			require.Len(t, l.Items, 6)
			require.Equal(t, fmt.Sprintf("Twelve boats. (%d/2)", i+1), l.Caption)
			require.Equal(t, store.KindCarousel, l.Kind)
		}
		require.Len(t, s.live(), 2)
		// Pictures added later are mentioned and create no new part.
		for i := range 12 {
			s.posts[0].Media = append(s.posts[0].Media,
				store.Media{Type: store.Image, URL: fmt.Sprintf("https://blog.example.org/more-%d.jpg", i)})
		}
		s.poll()
		time.Sleep(time.Hour)
		require.Len(t, s.list(), 2)
		require.Len(t, s.live(), 2)
	})
}
