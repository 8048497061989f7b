package publisher

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/media"
	"postern/store"
)

// sizes returns the sizes of the prepared pictures, in publishing order.
func (s *theStage) sizes(p store.Publication) (all [][2]int) {
	s.t.Helper()
	for _, i := range p.Items {
		a, err := s.store.Asset(s.t.Context(), i.Asset)
		require.NoError(s.t, err)
		all = append(all, [2]int{a.Width, a.Height})
	}
	return all
}

func TestCarouselHasOneRatio(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		pub := s.entry("Three.", "a-wide.jpg", "b.jpg", "c-wide.jpg", "d.mp4")
		s.start()
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, [][2]int{{640, 400}, {1024, 640}, {640, 400}, {720, 1280}}, s.sizes(pub))
		repaired, err := s.store.Asset(t.Context(), pub.Items[1].Asset)
		require.NoError(t, err)
		require.NotEmpty(t, repaired.Repairs)
		for _, i := range pub.Items {
			require.Equal(t, s.public+"/media/"+i.Asset, i.SentURL)
		}
	})
}

func TestCarouselOfSeveralRatiosWithoutPublicURL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.public = ""
		pub := s.entry("Three.", "a-wide.jpg", "b.jpg", "short.mp4")
		s.start()
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		for _, i := range pub.Items {
			require.Equal(t, i.SourceURL, i.SentURL)
		}
	})
}

// TestASmallFilmGoesWithANote checks that a small video that cannot be enlarged is published unchanged, after a note
// that Instagram may refuse it.
func TestASmallFilmGoesWithANote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, public := range []string{"https://postern.example.org", ""} {
			s := setup(t)
			s.public = public
			for name, noted := range map[string]bool{"small.mp4": true, "a.mp4": false} {
				p := draft.Prepare(t.Context(), s.library,
					draft.Draft{Kind: store.KindReel,
						Items: []store.Item{{Position: 1, Type: store.Video,
							SourceURL: "https://blog.example.org/" + name}}}, public, nil)
				require.NoError(t, p.Faults[0])
				at := slices.IndexFunc(p.Checks, func(c store.Check) bool { return c.ID == "media.video.small" })
				if require.Equal(t, noted, at >= 0, name); noted {
					require.Equal(t, store.Noted, p.Checks[at].Severity)
					require.Equal(t, "Export it larger.", p.Checks[at].Remedy)
				}
			}
		}
	})
}

// TestAStorysFilmOfAnotherRatio checks that a story's video which cannot be fitted to 9:16 is published unchanged
// with a note. A fitted video and one that is not a story get no note.
func TestAStorysFilmOfAnotherRatio(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, public := range []string{"https://postern.example.org", ""} {
			s := setup(t)
			s.public = public
			for kind, noted := range map[store.Kind]bool{store.KindStory: true, store.KindReel: false} {
				items := []store.Item{{Position: 1, Type: store.Video,
					SourceURL: "https://blog.example.org/landscape.mp4"}}
				p := draft.Prepare(t.Context(), s.library, draft.Draft{Kind: kind, Items: items}, public, nil)
				require.NoError(t, p.Faults[0])
				at := slices.IndexFunc(p.Checks, func(c store.Check) bool { return c.ID == "media.video.fit" })
				if require.Equal(t, noted, at >= 0, kind); noted {
					require.Equal(t, store.Noted, p.Checks[at].Severity)
				}
			}
		}
	})
}

// TestVideosAreCheckedWithoutPublicURL checks that videos which Instagram fetches from the site are checked too.
func TestVideosAreCheckedWithoutPublicURL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.public = ""
		long, last := s.entry("Too long.", "long.mp4"), s.entry("Index at the end.", "last.mp4")
		s.start()
		p := s.reach(long.ID, store.Failed, 10*time.Minute)
		require.Contains(t, p.Reason.String(), "media.video.too-long")
		p = s.get(last.ID)
		require.Equal(t, store.Queued, p.State, "the operator can install ffmpeg")
		require.Contains(t, p.Reason.String(), "media.video.moov-last")
		require.Empty(t, s.live())
	})
}

func TestStoryFillsItsCanvas(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"https://postern.example.org", ""} {
		synctest.Test(t, func(t *testing.T) {
			s := setup(t)
			s.public = public
			_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "",
				func(a *store.Account) error { return draft.Set(&a.Settings, "channel", "story") })
			require.NoError(t, err)
			pub := s.entry("", "a.jpg")
			s.start()
			pub = s.reach(pub.ID, store.Published, 10*time.Minute)
			if public == "" {
				require.Equal(t, pub.Items[0].SourceURL, pub.Items[0].SentURL)
				return
			}
			require.Equal(t, [][2]int{{1080, 1920}}, s.sizes(pub))
		})
	}
}

// TestUnrepairableVideoFails checks that a video which only a person can fix fails at once, with advice.
func TestUnrepairableVideoFails(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"long.mp4": "is 60 min long, and at most 15 min are taken; make it shorter"} {
		t.Run(path.Base(name), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setup(t)
				pub := s.entry("Waves.", name)
				s.start()
				pub = s.reach(pub.ID, store.Failed, time.Minute)
				require.Contains(t, pub.Reason.String(), want)
				require.True(t, strings.HasPrefix(pub.Reason.String(), "blog.example.org/"+name), pub.Reason.String())
				require.Zero(t, pub.Tries)
				require.Empty(t, s.live())
			})
		})
	}
}

// TestAnImpossibleAddressFailsAtOnce checks that an invalid URL is not retried.
func TestAnImpossibleAddressFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.posts = append(s.posts, store.Post{GUID: "port", Text: "Fog.", PublishedAt: time.Now(),
			Decision: store.Publish,
			Media:    []store.Media{{Type: store.Image, URL: "https://blog.example.org:99999/a.jpg"}}})
		s.start()
		s.poll()
		p := s.reach(s.list()[0].ID, store.Failed, time.Minute)
		require.Contains(t, p.Reason.String(),
			"ports go from 1 to 65535, and this one is 99999; correct it in the post (media.url.invalid)")
		require.Zero(t, s.site.asked["/a.jpg"])
	})
}

// TestFullLibraryWaits checks that a full media folder uses no try, and that publishing continues when there is room.
func TestFullLibraryWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		roomy := s.library
		var err error
		s.library, err = media.NewLibrary(t.TempDir(), &http.Client{Transport: s.site}, media.Limits{MaxTotal: 1})
		require.NoError(t, err)
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		time.Sleep(12 * time.Hour)
		synctest.Wait()
		pub = s.get(pub.ID)
		require.Equal(t, store.Queued, pub.State)
		require.Contains(t, pub.Reason.String(), "the media folder is full")
		require.Zero(t, pub.Tries)
		s.stopPublisher()
		s.library = roomy
		s.start()
		s.reach(pub.ID, store.Published, 2*time.Hour)
	})
}
