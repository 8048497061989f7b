package publisher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// unconfirmed returns an unconfirmed publication and its post. Another picture without a caption was published at the
// same time, so nothing shows which of the two posts is ours.
func (s *theStage) unconfirmed() (store.Publication, simulator.Post) {
	s.t.Helper()
	client, err := s.acc.Client(s.t.Context(), s.account.ID)
	require.NoError(s.t, err)
	made, err := client.CreateImage(s.t.Context(), imageOf("b.jpg"))
	require.NoError(s.t, err)
	twin, err := client.Publish(s.t.Context(), made.ID)
	require.NoError(s.t, err)
	s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
	s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, Skip: 1,
		For: 20 * time.Minute})
	pub := s.entry("", "a.jpg")
	s.start()
	pub = s.reach(pub.ID, store.Unconfirmed, 10*time.Minute)
	time.Sleep(30 * time.Minute)
	posts := s.live()
	require.Len(s.t, posts, 2)
	require.Empty(s.t, pub.MediaID)
	return pub, posts[slices.IndexFunc(posts, func(p simulator.Post) bool { return p.ID != twin })]
}

// TestConfirmedWithPermalink checks that Postern finds the media id for the permalink that a person entered, and
// then writes the first comment once.
func TestConfirmedWithPermalink(t *testing.T) {
	for name, tc := range map[string]struct {
		comment string
		address func(permalink string) string
		fault   *simulator.Fault
		also    int // number of other posts on the profile since
	}{
		"exact permalink": {"First.", func(p string) string { return p }, nil, 0},
		"as copied from the app": {"First.",
			func(p string) string { return strings.Replace(p, "/p/", "/harbour/p/", 1) + "?igsh=MWQ1" }, nil, 3},
		"without a comment": {"", func(p string) string { return p }, nil, 0},
		"answer to the comment lost": {"First.", func(p string) string { return p },
			&simulator.Fault{Kind: simulator.Lost, Op: "comment"}, 0},
		"unreadable for some minutes": {"First.", func(p string) string { return p },
			&simulator.Fault{Kind: simulator.Refuse, Op: "media", Reply: simulator.Internal, Times: 2}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("first_comment", tc.comment)
				pub, post := s.unconfirmed()
				for range tc.also {
					s.set("first_comment", "")
					s.reach(s.entry("Another.", "b.jpg").ID, store.Published, time.Hour)
				}
				if tc.fault != nil {
					s.sim.Fault(*tc.fault)
				}
				s.do(pub.ID, store.Order{Command: store.CommandConfirm, Permalink: tc.address(post.Permalink)})
				time.Sleep(time.Hour)
				pub = s.get(pub.ID)
				require.Equal(t, post.ID, pub.MediaID, s.history(pub.ID))
				require.Contains(t, s.history(pub.ID), "found on the profile by its address")
				for _, p := range s.live() {
					require.Len(t, p.Comments, map[bool]int{true: 1}[p.ID == post.ID && tc.comment != ""],
						s.history(pub.ID))
				}
			})
		})
	}
}

// TestConfirmedWithUnknownPermalink checks that nothing is written if there is no post at the permalink. The
// history says so twice: after the first try and after the last.
func TestConfirmedWithUnknownPermalink(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("first_comment", "First.")
		pub, _ := s.unconfirmed()
		s.do(pub.ID, store.Order{Command: store.CommandConfirm, Permalink: "https://www.instagram.com/p/Elsewhere/"})
		time.Sleep(time.Minute / 2)
		require.Contains(t, s.history(pub.ID),
			"no recent post of the account has the address https://www.instagram.com/p/Elsewhere/; Postern looks again")
		time.Sleep(48 * time.Hour)
		require.Equal(t, 1, strings.Count(s.history(pub.ID), "; Postern looks again"))
		require.Equal(t, 1, strings.Count(s.history(pub.ID),
			"the first comment was not written; write it in the Instagram app if it matters: no recent post of "+
				"the account has the address"))
		require.Zero(t, s.sim.CallCount("comment"))
		require.Empty(t, s.get(pub.ID).MediaID)
		require.Equal(t, store.Published, s.get(pub.ID).State)
	})
}

// TestConfirmedWithPermalinkOfAnother checks that no second comment is written to a post of another publication.
func TestConfirmedWithPermalinkOfAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("first_comment", "First.")
		pub, _ := s.unconfirmed()
		other := s.reach(s.entry("Pier.", "b.jpg").ID, store.Published, time.Hour)
		time.Sleep(time.Hour)
		s.do(pub.ID, store.Order{Command: store.CommandConfirm, Permalink: s.get(other.ID).Permalink})
		time.Sleep(24 * time.Hour)
		require.Equal(t, 1, strings.Count(s.history(pub.ID), "is another publication's"), s.history(pub.ID))
		require.Equal(t, 1, s.sim.CallCount("comment"))
		for _, p := range s.live() {
			require.Len(t, p.Comments, map[bool]int{true: 1}[p.ID == other.MediaID])
		}
	})
}

func TestShortcode(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://www.instagram.com/p/ABC/": "ABC", "https://instagram.com/reel/A_b-1?igsh=x": "A_b-1",
		"https://www.instagram.com/harbour/reels/ABC/":   "ABC",
		"https://www.instagram.com/stories/harbour/123/": "123", "https://www.instagram.com/": "", "": "",
		"https://www.instagram.com/p/": "p",
	} {
		require.Equal(t, want, shortcode(address), address)
	}
}
