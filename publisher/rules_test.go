package publisher

import (
	"image/color"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/store"
)

func TestRulesFollowSettings(t *testing.T) {
	t.Parallel()
	var account, route store.Settings
	require.Equal(t, media.FillEdge, RulesFor(store.KindImage, store.Image, Resolve()).Fill)
	require.Equal(t, color.RGBA{255, 255, 255, 255}, RulesFor(store.KindImage, store.Image, Resolve()).Background)
	require.NoError(t, Set(&account, "fit", "crop"))
	require.NoError(t, Set(&account, "background", "#0A141E"))
	require.NoError(t, Set(&account, "trim", "on"))
	require.NoError(t, Set(&route, "fit", "blur"))
	s := Resolve(Layer{"account", account}, Layer{"route", route})
	require.Equal(t, Value[string]{"blur", "route"}, s.Fit)
	r := RulesFor(store.KindImage, store.Image, s)
	require.Equal(t, media.FillBlur, r.Fill)
	require.Equal(t, color.RGBA{10, 20, 30, 255}, r.Background)
	require.Equal(t, media.FillBlur, CoverRules(s).Fill)
	require.True(t, RulesFor(store.KindReel, store.Video, s).Video.Trim)
	require.False(t, RulesFor(store.KindReel, store.Video, Resolve()).Video.Trim, "the rules of one do not change those of others")

	for name, text := range map[string]string{"fit": "stretch", "background": "white", "trim": "maybe"} {
		require.ErrorContains(t, Set(&account, name, text), name+": ")
	}
	for _, bad := range []string{"#fff", "#gggggg", "#+12345", "ffffff0"} {
		require.Error(t, Set(&account, "background", bad), bad)
	}
}

func TestRulesForVideos(t *testing.T) {
	t.Parallel()
	for kind, most := range map[store.Kind]time.Duration{store.KindReel: 15 * time.Minute, store.KindStory: time.Minute, store.KindCarousel: time.Minute} {
		v := RulesFor(kind, store.Video, Resolve()).Video
		require.Equal(t, most, v.MaxDuration, kind)
		require.Equal(t, 3*time.Second, v.MinDuration, kind)
	}
	require.EqualValues(t, 100<<20, RulesFor(store.KindStory, store.Video, Resolve()).MaxBytes)
	require.EqualValues(t, 300<<20, RulesFor(store.KindReel, store.Video, Resolve()).MaxBytes)
	require.Equal(t, 9.0/16, RulesFor(store.KindStory, store.Image, Resolve()).Ratio)
}

// sizes are those of the prepared pictures, in publishing order.
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

func TestCarouselOfSeveralRatiosGoesWithoutPublicAddress(t *testing.T) {
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

// Where a film cannot be enlarged it goes as it is, and that it may be refused is said before.
func TestASmallFilmGoesWithANote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, public := range []string{"https://postern.example.org", ""} {
			s := setup(t)
			s.public = public
			for name, noted := range map[string]bool{"small.mp4": true, "a.mp4": false} {
				p := Prepare(t.Context(), s.library, Draft{Kind: store.KindReel, Items: []store.Item{{Position: 1, Type: store.Video, SourceURL: "https://blog.example.org/" + name}}}, public, nil)
				require.NoError(t, p.Faults[0])
				at := slices.IndexFunc(p.Checks, func(c store.Check) bool { return c.ID == "media.video.small" })
				if require.Equal(t, noted, at >= 0, name); noted {
					require.Equal(t, store.Noted, p.Checks[at].Severity)
					require.Equal(t, "Export it larger.", p.Checks[at].Remedy)
				}
			}
		}
		// Enlarged, or sent all the same from its own address.
		f := media.File{Width: 1138, Height: 640, Repairs: []media.Repair{{Rule: "media.video.small"}}}
		require.False(t, small(f, 640, "https://postern.example.org"))
		require.True(t, small(f, 640, ""))
	})
}

// A story's film that nothing fits to 9:16 goes as it is, and that is said; one that is fitted, or is no story, has no such note.
func TestAStorysFilmOfAnotherRatio(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, public := range []string{"https://postern.example.org", ""} {
			s := setup(t)
			s.public = public
			for kind, noted := range map[store.Kind]bool{store.KindStory: true, store.KindReel: false} {
				items := []store.Item{{Position: 1, Type: store.Video, SourceURL: "https://blog.example.org/landscape.mp4"}}
				p := Prepare(t.Context(), s.library, Draft{Kind: kind, Items: items}, public, nil)
				require.NoError(t, p.Faults[0])
				at := slices.IndexFunc(p.Checks, func(c store.Check) bool { return c.ID == "media.video.fit" })
				if require.Equal(t, noted, at >= 0, kind); noted {
					require.Equal(t, store.Noted, p.Checks[at].Severity)
				}
			}
		}
		fitted := media.File{Width: 720, Height: 1280, Repairs: []media.Repair{{Rule: "media.video.fit"}}}
		require.False(t, cutOff(fitted, "https://postern.example.org"))
		require.True(t, cutOff(fitted, ""), "the source itself is sent")
		require.False(t, cutOff(media.File{Width: 1080, Height: 1920}, ""))
		require.False(t, cutOff(media.File{Width: 1080, Height: 1918}, "https://postern.example.org"))
		require.False(t, cutOff(media.File{}, ""), "of what size is not known")
	})
}

// What goes to Instagram from its own address was looked at all the same.
func TestVideosAreJudgedWithoutPublicAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.public = ""
		long, last := s.entry("Too long.", "long.mp4"), s.entry("Index at the end.", "last.mp4")
		s.start()
		p := s.reach(long.ID, store.Failed, 10*time.Minute)
		require.Contains(t, p.Reason.String(), "media.video.too-long")
		p = s.reach(last.ID, store.Failed, 10*time.Minute)
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
			_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "", func(a *store.Account) error { return Set(&a.Settings, "channel", "story") })
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

// A video that only a person can mend ends at once, with what to do.
func TestVideoThatCannotBeMendedFails(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"long.mp4": "is 60 min long, and at most 15 min are taken; make it shorter", "last.mp4": "has its index at the end; export it \"for the web\" (\"fast start\"), or install ffmpeg"} {
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

// What cannot exist is not asked for twice.
func TestAnImpossibleAddressFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.posts = append(s.posts, store.Post{GUID: "port", Text: "Fog.", PublishedAt: time.Now(), Decision: store.Publish,
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org:99999/a.jpg"}}})
		s.start()
		s.poll()
		p := s.reach(s.list()[0].ID, store.Failed, time.Minute)
		require.Contains(t, p.Reason.String(), "ports go from 1 to 65535, and this one is 99999; correct it in the post (media.url.invalid)")
		require.Zero(t, s.site.asked["/a.jpg"])
	})
}

// A full folder costs no try: it goes on when there is room.
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
		s.halt()
		s.library = roomy
		s.start()
		s.reach(pub.ID, store.Published, 2*time.Hour)
	})
}

// Meta takes addresses in US-ASCII only, wherever in them another letter stands.
func TestAddressesInASCII(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://a.example/b.jpg?w=1&h=2%20":        "https://a.example/b.jpg?w=1&h=2%20",
		"https://a.example/a%2Fb.jpg":               "https://a.example/a%2Fb.jpg",
		"https://bücher.example:8443/ä b.jpg":       "https://xn--bcher-kva.example:8443/%C3%A4%20b.jpg",
		"https://a.example/b.jpg?name=Köln \"1\"":   "https://a.example/b.jpg?name=K%C3%B6ln%20%221%22",
		"https://a.example/b.jpg?v=1#straße":        "https://a.example/b.jpg?v=1",
		"https://a.example/%zz, which is no escape": "https://a.example/%zz, which is no escape",
	} {
		require.Equal(t, want, ascii(address))
	}
}
