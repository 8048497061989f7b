package publisher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// sensitive adds a post to the site that is marked as sensitive, and polls.
func (s *theStage) sensitive(picture string) store.Publication {
	s.t.Helper()
	s.posts = append(s.posts, store.Post{
		GUID: picture, Text: "Words of " + picture, PublishedAt: time.Now(), Decision: store.Publish,
		Markup: store.Markup{Sensitive: "the site rates its media as adult"},
		Media:  []store.Media{{Type: store.Image, URL: "https://blog.example.org/" + picture}},
	})
	s.poll()
	l := s.list()
	return l[len(l)-1].Publication
}

func TestSensitivePosts(t *testing.T) {
	for setting, want := range map[string]store.State{"": store.Held, "hold": store.Held, "publish": store.Published,
		"skip": store.Skipped} {
		t.Run(setting, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("sensitive", setting)
				p := s.sensitive("a.jpg")
				s.start()
				plain := s.entry("Words.", "b.jpg")
				s.reach(plain.ID, store.Published, 5*time.Minute)
				p = s.reach(p.ID, want, 5*time.Minute)
				if want != store.Published {
					require.Contains(t, p.Reason.String(), "the site rates its media as adult")
				}
			})
		})
	}
}

// TestSensitivePostIsReleased checks that Approve and Publish now release the post, and that the owner is not asked
// again.
func TestSensitivePostIsReleased(t *testing.T) {
	for _, command := range []store.Command{store.CommandApprove, store.CommandPublish} {
		t.Run(string(command), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				p := s.sensitive("a.jpg")
				s.start()
				s.reach(p.ID, store.Held, time.Minute)
				require.Zero(t, s.sim.CallCount("create"))
				s.do(p.ID, store.Order{Command: command})
				s.reach(p.ID, store.Published, 5*time.Minute)
			})
		})
	}
}
