package publisher

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/draft"
	"postern/media"
	"postern/reason"
	"postern/store"
)

// scene is a picture that can be rendered in any size. It returns the colour at a position, with x and y from 0 to 1.
type scene func(x, y float64) color.RGBA

// landscape returns a different scene for each seed.
func landscape(seed float64) scene {
	return func(x, y float64) color.RGBA {
		wave := func(a, b, c float64) uint8 {
			return uint8(128 + 60*math.Sin(a*x*6+seed*c) + 55*math.Sin(b*y*7+seed*a+3*x))
		}
		return color.RGBA{wave(1.3, 2.1, 1), wave(2.2, 1.1, 2), wave(0.7, 1.7, 3), 255}
	}
}

// with adds a disc of another brightness to a scene, like an object that appears in the next frame.
func (s scene) with(cx, cy, r float64) scene {
	return func(x, y float64) color.RGBA {
		c := s(x, y)
		if math.Hypot(x-cx, y-cy) < r {
			c.R, c.G, c.B = ^c.R, ^c.G, ^c.B
		}
		return c
	}
}

// lit brightens a disc of a scene slightly.
func (s scene) lit(cx, cy, r float64) scene {
	return func(x, y float64) color.RGBA {
		c := s(x, y)
		if math.Hypot(x-cx, y-cy) < r {
			c.R, c.G, c.B = min(c.R, 230)+25, min(c.G, 230)+25, min(c.B, 230)+25
		}
		return c
	}
}

// grey returns the black-and-white version of a scene.
func (s scene) grey() scene {
	return func(x, y float64) color.RGBA {
		l := color.GrayModel.Convert(s(x, y)).(color.Gray).Y
		return color.RGBA{l, l, l, 255}
	}
}

// part returns a scene whose right side is cropped to the given width.
func (s scene) part(width float64) scene {
	return func(x, y float64) color.RGBA { return s(x*width, y) }
}

// plain returns a scene of one colour.
func plain(c uint8) scene { return func(x, y float64) color.RGBA { return color.RGBA{c, c, 90, 255} } }

func (s scene) jpeg(w, h, quality int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, s((float64(x)+0.5)/float64(w), (float64(y)+0.5)/float64(h)))
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	return b.Bytes()
}

// TestOnePictureIsSentOnce checks which pictures of a post are sent, by their bytes, sizes and URLs.
func TestOnePictureIsSentOnce(t *testing.T) {
	t.Parallel()
	fog, boat := landscape(1), landscape(2)
	type shot struct {
		address, alt string
		scene        scene
		w, h         int
	}
	whole := func(address string, s scene) shot { return shot{address, "alt of " + address, s, 600, 400} }
	small := func(address string, s scene) shot { return shot{address, "alt of " + address, s, 360, 240} }
	for name, c := range map[string]struct {
		shots []shot
		sent  string // the URLs
	}{
		"equal bytes from another host": {[]shot{whole("cdn.example.org/1/x.jpg", fog),
			whole("blog.example.org/fog.jpg", fog)}, "cdn.example.org/1/x.jpg"},
		"equal bytes, one with alt text": {[]shot{{"cdn.example.org/1/x.jpg", " ", fog, 600, 400},
			whole("blog.example.org/fog.jpg", fog)}, "blog.example.org/fog.jpg"},
		"a small copy in another folder": {[]shot{whole("blog.example.org/full/fog.jpg", fog),
			small("blog.example.org/small/fog.jpg", fog)}, "blog.example.org/full/fog.jpg"},
		"the larger one replaces the smaller": {[]shot{small("cdn.example.org/fog_thumb.jpg", fog),
			whole("a.example.org/boat.jpg", boat), whole("blog.example.org/FOG.jpg", fog)},
			"blog.example.org/FOG.jpg a.example.org/boat.jpg"},
		"the larger one, though it has no alt": {[]shot{small("a.example.org/s/fog.jpg", fog),
			{"a.example.org/l/fog.jpg", "", fog, 600, 400}}, "a.example.org/l/fog.jpg"},
		"three sizes": {[]shot{small("a.example.org/m/fog.jpg", fog), {"a.example.org/s/fog.jpg",
			"", fog, 330, 220}, whole("a.example.org/l/fog.jpg", fog)}, "a.example.org/l/fog.jpg"},
		"two small copies, then the picture": {[]shot{small("a.example.org/m/fog.jpg", fog), {"a.example.org/n/fog.jpg",
			"", fog, 361, 241}, whole("a.example.org/l/fog.jpg", fog)}, "a.example.org/l/fog.jpg"},
		"a height that was rounded": {[]shot{{"a.example.org/l/fog.jpg", "", fog, 601, 401},
			{"a.example.org/s/fog.jpg", "", fog, 400, 267}}, "a.example.org/l/fog.jpg"},

		"different pictures of one size": {[]shot{whole("a.example.org/1.jpg", fog),
			whole("a.example.org/2.jpg", boat)}, "a.example.org/1.jpg a.example.org/2.jpg"},
		"different pictures of one name": {[]shot{whole("a.example.org/1/photo.jpg", fog),
			small("a.example.org/2/photo.jpg", boat)}, "a.example.org/1/photo.jpg a.example.org/2/photo.jpg"},
		"a burst": {[]shot{whole("a.example.org/1/frame.jpg", fog),
			whole("a.example.org/2/frame.jpg", fog.with(.5, .5, .006))},
			"a.example.org/1/frame.jpg a.example.org/2/frame.jpg"},
		"a burst in two sizes": {[]shot{whole("a.example.org/frame-1.jpg", fog),
			small("a.example.org/frame-2.jpg", fog.with(.5, .5, .006))},
			"a.example.org/frame-1.jpg a.example.org/frame-2.jpg"},
		"before and after": {[]shot{whole("a.example.org/before/room.jpg", fog),
			small("a.example.org/after/room.jpg", fog.with(.3, .4, .05))},
			"a.example.org/before/room.jpg a.example.org/after/room.jpg"},
		"a series of one frame": {[]shot{whole("a.example.org/mo/sky.jpg", fog.with(.2, .2, .02)),
			small("a.example.org/tu/sky.jpg", fog.with(.23, .2, .02))},
			"a.example.org/mo/sky.jpg a.example.org/tu/sky.jpg"},
		"a lamp turned on": {[]shot{whole("a.example.org/1/room.jpg", fog),
			small("a.example.org/2/room.jpg", fog.lit(.6, .4, .06))},
			"a.example.org/1/room.jpg a.example.org/2/room.jpg"},
		"one picture, cropped": {[]shot{whole("a.example.org/fog.jpg", fog),
			{"a.example.org/square/fog.jpg", "", fog.part(.75), 400, 400}},
			"a.example.org/fog.jpg a.example.org/square/fog.jpg"},
		"cropped slightly, with the same ratio": {[]shot{whole("a.example.org/fog.jpg", fog),
			small("a.example.org/near/fog.jpg", fog.part(.9))}, "a.example.org/fog.jpg a.example.org/near/fog.jpg"},
		"black and white": {[]shot{whole("a.example.org/fog.jpg", fog),
			small("a.example.org/bw/fog.jpg", fog.grey())}, "a.example.org/fog.jpg a.example.org/bw/fog.jpg"},
		"one colour, unrelated": {[]shot{whole("a.example.org/red.jpg", plain(80)),
			small("b.example.org/test.jpg", plain(81))}, "a.example.org/red.jpg b.example.org/test.jpg"},
		"one colour, related": {[]shot{whole("a.example.org/1/test.jpg", plain(80)),
			small("b.example.org/2/test.jpg", plain(80))}, "a.example.org/1/test.jpg b.example.org/2/test.jpg"},
		"two sizes with unrelated names": {[]shot{whole("a.example.org/fog.jpg", fog),
			small("a.example.org/mist.jpg", fog)}, "a.example.org/fog.jpg a.example.org/mist.jpg"},
		"nearly equal sizes": {[]shot{whole("a.example.org/1/fog.jpg", fog),
			{"a.example.org/2/fog.jpg", "", fog, 594, 396}}, "a.example.org/1/fog.jpg a.example.org/2/fog.jpg"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := &byHost{}
			post, alts := store.Post{}, map[string]string{}
			for _, s := range c.shots {
				site.add("https://"+s.address, s.scene.jpeg(s.w, s.h, ifElse(s.w == 600, 90, 75)))
				post.Media = append(post.Media, store.Media{Type: store.Image, URL: "https://" + s.address, Alt: s.alt})
				alts["https://"+s.address] = strings.TrimSpace(s.alt)
			}
			l, err := media.NewLibrary(t.TempDir(), &http.Client{Transport: site}, media.Limits{FFmpeg: media.NoFFmpeg})
			require.NoError(t, err)
			d, err := draft.Plan(post, store.Edits{})
			require.NoError(t, err)
			for _, public := range []string{"https://postern.example.org", ""} {
				p := draft.Prepare(t.Context(), l, d, public, nil)
				_, fault := p.Fault()
				require.NoError(t, fault)
				var sent []string
				for i, item := range p.Items {
					require.Equal(t, i+1, item.Position)
					require.Equal(t, alts[item.SourceURL], item.Alt)
					require.NotEmpty(t, item.SentURL)
					sent = append(sent, strings.TrimPrefix(item.SourceURL, "https://"))
				}
				require.Equal(t, c.sent, strings.Join(sent, " "))
				require.Equal(t, ifElse(len(sent) > 1, store.KindCarousel, store.KindImage), p.Kind)
				require.Len(t, duplicateChecks(p.Checks), len(c.shots)-len(sent))
				require.Equal(t, p.Kind, p.Draft.Kind)
			}
		})
	}
}

func duplicateChecks(checks []store.Check) (found []store.Check) {
	for _, c := range checks {
		if c.ID == draft.DoubleRule {
			found = append(found, c)
		}
	}
	return found
}

// byHost serves files by host and path.
type byHost struct{ theSite }

func (s *byHost) add(address string, body []byte) {
	if s.shows == nil {
		s.shows, s.asked = map[string][]byte{}, map[string]int{}
	}
	s.shows[address] = body
}

func (s *byHost) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.URL.Path = r.URL.String()
	return s.theSite.RoundTrip(in)
}

// show adds pictures to the site.
func (s *theStage) show(w, h int, scene scene, addresses ...string) {
	if s.site.shows == nil {
		s.site.shows = map[string][]byte{}
	}
	for _, a := range addresses {
		s.site.shows["/"+a] = scene.jpeg(w, h, 88)
	}
}

// TestTwelvePicturesWithTwoDuplicates has a post of twelve pictures of which two are duplicates. Ten are published in
// the order of the post, each file is fetched once, and the owner sees which ones were left out, before and after
// publishing.
func TestTwelvePicturesWithTwoDuplicates(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		var names, want []string
		for i := range 12 {
			names = append(names, fmt.Sprintf("%d.jpg", i+1))
		}
		names[0], names[4], names[6] = "s/fog.jpg", "l/fog.jpg", "again.jpg"
		s.show(330, 330, landscape(1), names[0])
		s.show(600, 600, landscape(1), names[4])
		s.site.moved = map[string]string{"/again.jpg": "/2.jpg"}
		for _, n := range []string{"l/fog.jpg", "2.jpg", "3.jpg", "4.jpg", "6.jpg", "8.jpg", "9.jpg", "10.jpg",
			"11.jpg", "12.jpg"} {
			want = append(want, "https://blog.example.org/"+n)
		}
		addresses := func(items []store.Item) (all []string) {
			for _, i := range items {
				require.Equal(t, "alt of "+strings.TrimPrefix(i.SourceURL, "https://blog.example.org/"), i.Alt)
				all = append(all, i.SourceURL)
			}
			return all
		}
		pub := s.entry("Boats.", names...)
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		ids, d := s.checkIDs(pub.ID)
		require.Contains(t, ids, "repaired media.double, repaired media.double")
		require.NotContains(t, ids, "media.too-many")
		require.Equal(t, want, addresses(d.Items))
		l, err := s.store.Listed(t.Context(), pub.ID)
		require.NoError(t, err)
		first := duplicateChecks(l.Preflight.Checks)[0]
		require.Equal(t, store.Check{
			ID: draft.DoubleRule, Severity: store.Repaired, Remedy: draft.RuleByID(draft.DoubleRule).Remedy,
			Text:       "picture 1 of 12, fog.jpg is left out, because it shows the same picture as picture 5 of 12, fog.jpg",
			ReasonCode: reason.PictureTwice, URL: "https://blog.example.org/s/fog.jpg",
			SameAs: "https://blog.example.org/l/fog.jpg",
		}, first)

		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, want, addresses(pub.Items))
		require.Len(t, s.live()[0].Slides, 10)
		for _, n := range names {
			require.Equal(t, 1, s.site.asked["/"+n], n)
		}
		l, err = s.store.Listed(t.Context(), pub.ID)
		require.NoError(t, err)
		require.Len(t, duplicateChecks(l.Preflight.Checks), 2, "also shown after publishing")
	})
}

// TestDuplicatesAreLeftOutAfterACrash kills the program repeatedly while it prepares a post. The result is the same.
func TestDuplicatesAreLeftOutAfterACrash(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.show(600, 400, landscape(1), "l/fog.jpg")
		s.show(360, 240, landscape(1), "slow/fog.jpg")
		pub := s.entry("Fog.", "l/fog.jpg", "slow/fog.jpg")
		s.start()
		s.finishRunning()
		s.restart()
		s.finishRunning()
		close(s.site.slow)
		s.restart()
		pub = s.reach(pub.ID, store.Published, time.Hour)
		require.Equal(t, store.KindImage, pub.Kind)
		require.Len(t, pub.Items, 1)
		require.Equal(t, "https://blog.example.org/l/fog.jpg", pub.Items[0].SourceURL)
		require.Equal(t, "alt of l/fog.jpg", pub.Items[0].Alt)
		require.Len(t, s.live(), 1)
		require.Equal(t, "IMAGE", s.live()[0].MediaType)
	})
}

// TestDuplicatesInFlightAreKept checks that a publication with containers is published as prepared, even if the site
// has changed since.
func TestDuplicatesInFlightAreKept(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		pub := s.entry("Fog.", "1.jpg", "2.jpg")
		s.start()
		s.reach(pub.ID, store.Staged, time.Minute)
		s.site.moved = map[string]string{"/2.jpg": "/1.jpg"}
		s.restart()
		pub = s.reach(pub.ID, store.Published, time.Hour)
		require.Len(t, pub.Items, 2)
		require.Len(t, s.live()[0].Slides, 2)
	})
}

// TestChosenDuplicatesAreSent checks that both copies are sent if a person chose both.
func TestChosenDuplicatesAreSent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		s.site.moved = map[string]string{"/2.jpg": "/1.jpg"}
		pub := s.entry("Fog.", "1.jpg", "2.jpg")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		_, d := s.checkIDs(pub.ID)
		require.Len(t, d.Items, 1)

		both := []store.EditedMedia{{URL: "https://blog.example.org/1.jpg"}, {URL: "https://blog.example.org/2.jpg"}}
		pub = s.get(pub.ID)
		require.NoError(t, s.store.Edit(t.Context(), pub.ID, pub.Revision, store.Edits{Media: &both}, store.Visitor))
		s.finishRunning()
		ids, d := s.checkIDs(pub.ID)
		require.Len(t, d.Items, 2)
		require.NotContains(t, ids, draft.DoubleRule)
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		require.Len(t, s.reach(pub.ID, store.Published, time.Hour).Items, 2)
	})
}

// TestDuplicatesDoNotCount checks that a filter on the number of pictures counts only the pictures that would be sent,
// and that an order to publish bypasses it.
func TestDuplicatesDoNotCount(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("min_pictures", "2")
		s.site.moved = map[string]string{"/2.jpg": "/1.jpg"}
		pub, fine := s.entry("Fog.", "1.jpg", "2.jpg"), s.entry("Boats.", "1.jpg", "2.jpg", "3.jpg")
		s.start()
		pub = s.reach(pub.ID, store.Skipped, time.Hour)
		require.Equal(t, "found 1 of at least 2 pictures (`min_pictures` from the account)", pub.Reason.String())
		require.Len(t, s.reach(fine.ID, store.Published, time.Hour).Items, 2)
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		require.Len(t, s.reach(pub.ID, store.Published, time.Hour).Items, 1)
	})
}

// TestDuplicatesInParts checks that each part of a split post leaves out its duplicates, and that no picture is lost or
// moves to another part.
func TestDuplicatesInParts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("split", "yes")
		s.site.moved = map[string]string{"/3.jpg": "/2.jpg"}
		var names []string
		for i := range 12 {
			names = append(names, fmt.Sprintf("%d.jpg", i+1))
		}
		s.start()
		last := s.entry("Twelve boats.", names...)
		s.reach(last.ID, store.Published, time.Hour)
		synctest.Wait()
		pubs := s.list()
		first := s.reach(pubs[0].ID, store.Published, time.Hour)
		require.Len(t, first.Items, 5)
		require.Equal(t, "https://blog.example.org/4.jpg", first.Items[2].SourceURL)
		require.Len(t, s.get(last.ID).Items, 6)
		require.Equal(t, "https://blog.example.org/7.jpg", s.get(last.ID).Items[0].SourceURL)
	})
}

// twoParts returns the two parts of a post. copies maps each picture to the one that it duplicates. name, if given, is
// the file name of the first picture.
func (s *theStage) twoParts(copies map[string]string, name ...string) (first, last store.Publication) {
	s.t.Helper()
	s.set("split", "yes")
	s.site.moved = map[string]string{}
	for a, b := range copies {
		s.site.moved["/"+a] = "/" + b
	}
	var names []string
	for i := range 12 {
		names = append(names, fmt.Sprintf("%d.jpg", i+1))
	}
	copy(names, name)
	s.entry("Twelve boats.", names...)
	l := s.list()
	require.Len(s.t, l, 2)
	return l[0].Publication, l[1].Publication
}

// sentOf returns the names of the pictures that a publication was sent with.
func sentOf(p store.Publication) string {
	var names []string
	for _, i := range p.Items {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(i.SourceURL, "https://blog.example.org/"), ".jpg"))
	}
	return strings.Join(names, " ")
}

// TestDuplicatesAcrossParts checks that a later part leaves out a picture that an earlier part shows, and says so.
func TestDuplicatesAcrossParts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		first, last := s.twoParts(map[string]string{"9.jpg": "2.jpg"})
		s.start()
		last = s.reach(last.ID, store.Published, time.Hour)
		first = s.get(first.ID)
		require.Equal(t, "1 2 3 4 5 6", sentOf(first))
		require.Equal(t, "7 8 10 11 12", sentOf(last))
		require.Len(t, s.live(), 2)
		l, err := s.store.Listed(t.Context(), last.ID)
		require.NoError(t, err)
		require.Equal(t, []store.Check{{
			ID: draft.DoubleRule, Severity: store.Repaired, Remedy: draft.RuleByID(draft.DoubleRule).Remedy,
			Text: fmt.Sprintf("picture 9 of 12, 9.jpg is left out, because publication %d shows the same picture: "+
				"picture 2 of 12, 2.jpg", first.ID),
			ReasonCode: reason.PictureInPart, URL: "https://blog.example.org/9.jpg",
			SameAs: "https://blog.example.org/2.jpg", PublicationID: first.ID,
		}}, duplicateChecks(l.Preflight.Checks))
	})
}

// TestDuplicatesInPartsOfOtherRatios checks that duplicates are found by the bytes of the source. The prepared files
// differ because each carousel crops its pictures to its own ratio.
func TestDuplicatesInPartsOfOtherRatios(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		for i := range 12 {
			w := ifElse(i == 1, 400, 600)
			s.show(w, 1000-w, landscape(float64(i)), fmt.Sprintf("%d.jpg", i+1))
		}
		first, last := s.twoParts(map[string]string{"9.jpg": "2.jpg"})
		s.start()
		last = s.reach(last.ID, store.Published, time.Hour)
		require.Equal(t, "1 2 3 4 5 6", sentOf(s.get(first.ID)))
		require.Equal(t, "7 8 10 11 12", sentOf(last))
	})
}

// TestSizesAndSeriesAcrossParts checks that a smaller copy in a later part is found by its fingerprint. The next
// frame of a series stays, and so do two frames of the same size.
func TestSizesAndSeriesAcrossParts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("split", "yes")
		fog := landscape(1)
		names := []string{"l/fog.jpg", "1/frame.jpg", "before/room.jpg", "4.jpg", "5.jpg", "6.jpg", "s/fog.jpg",
			"2/frame.jpg", "after/room.jpg", "10.jpg", "11.jpg", "12.jpg"}
		s.show(600, 600, fog, "l/fog.jpg")
		s.show(360, 360, fog, "s/fog.jpg")
		s.show(600, 600, fog.with(.2, .2, .1), "1/frame.jpg")
		s.show(600, 600, fog.with(.2, .2, .1).with(.5, .5, .006), "2/frame.jpg")
		s.show(600, 600, landscape(2), "before/room.jpg")
		s.show(360, 360, landscape(2).with(.3, .4, .05), "after/room.jpg")
		s.entry("Twelve boats.", names...)
		s.start()
		last := s.reach(s.list()[1].ID, store.Published, time.Hour)
		require.Equal(t, "2/frame after/room 10 11 12", sentOf(last))
	})
}

// TestPartWithoutPicturesIsSkipped checks that a part without remaining pictures is skipped, and that its owner may
// publish it nevertheless.
func TestPartWithoutPicturesIsSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		copies := map[string]string{}
		for i := range 6 {
			copies[fmt.Sprintf("%d.jpg", 7+i)] = fmt.Sprintf("%d.jpg", 1+i)
		}
		first, last := s.twoParts(copies)
		s.start()
		last = s.reach(last.ID, store.Skipped, time.Hour)
		require.Equal(t, fmt.Sprintf("publication %d shows the pictures of this part", first.ID), last.Reason.String())
		require.Len(t, s.live(), 1)
		s.restart()
		s.finishRunning()
		require.Equal(t, store.Skipped, s.get(last.ID).State)
		s.do(last.ID, store.Order{Command: store.CommandPublish})
		require.Equal(t, "7 8 9 10 11 12", sentOf(s.reach(last.ID, store.Published, time.Hour)))
	})
}

// TestDuplicatesOfASkippedPartAreSent checks that the later part sends a picture whose earlier part a person skipped,
// even though a preflight has already left it out.
func TestDuplicatesOfASkippedPartAreSent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		first, last := s.twoParts(map[string]string{"9.jpg": "2.jpg"})
		s.start()
		s.reach(last.ID, store.Held, time.Minute)
		s.finishRunning()
		_, d := s.checkIDs(last.ID)
		require.Len(t, d.Items, 5)
		s.do(first.ID, store.Order{Command: store.CommandSkip})
		s.do(last.ID, store.Order{Command: store.CommandPublish})
		require.Equal(t, "7 8 9 10 11 12", sentOf(s.reach(last.ID, store.Published, time.Hour)))
		require.Len(t, s.live(), 1)
	})
}

// TestRivalsPrepareTwoParts has two workers prepare two parts at once, of which one dies. A person orders the later
// part to publish while the other worker is still fetching the earlier one. The shared picture is published once,
// with the later part.
func TestRivalsPrepareTwoParts(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.site.moved = map[string]string{}
		first, last := s.twoParts(map[string]string{"9.jpg": "2.jpg"}, "slow-1.jpg")
		hold := store.Order{Command: store.CommandHold, By: store.Visitor}
		for _, id := range []int64{first.ID, last.ID} {
			_, err := s.store.Do(t.Context(), id, hold)
			require.NoError(t, err)
		}
		own := s.other()
		acc := accounts.New(accounts.Options{Store: own, Key: s.key, Version: "v24.0",
			HTTP: &http.Client{Transport: s.sim.Transport()}, Timeout: time.Minute})
		rival := New(Options{Store: own, Accounts: acc, Media: s.library, Public: s.outside(), Settle: s.settle,
			Logger: discard, Shared: true})
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { assert.NoError(t, rival.Run(ctx)) })
		t.Cleanup(func() { stop(); wg.Wait() })
		s.finishRunning()
		require.Equal(t, 1, s.site.asked["/slow-1.jpg"], "the other worker is fetching the earlier part")

		s.start()
		s.do(last.ID, store.Order{Command: store.CommandPublish})
		s.reach(last.ID, store.Staged, time.Minute)
		s.restart()
		close(s.site.slow)
		s.finishRunning()
		s.do(first.ID, store.Order{Command: store.CommandPublish})
		require.Equal(t, "7 8 9 10 11 12", sentOf(s.reach(last.ID, store.Published, time.Hour)))
		require.Equal(t, "slow-1 3 4 5 6", sentOf(s.reach(first.ID, store.Published, time.Hour)))
		require.Len(t, s.live(), 2)
	})
}

// TestChosenDuplicatesAcrossPartsAreSent checks that the pictures that a person chose are sent unchanged, in a part
// too.
func TestChosenDuplicatesAcrossPartsAreSent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		_, last := s.twoParts(map[string]string{"9.jpg": "2.jpg"})
		chosen := []store.EditedMedia{{URL: "https://blog.example.org/9.jpg"}, {URL: "https://blog.example.org/7.jpg"}}
		require.NoError(t, s.store.Edit(t.Context(), last.ID, last.Revision, store.Edits{Media: &chosen},
			store.Visitor))
		s.start()
		require.Equal(t, "9 7", sentOf(s.reach(last.ID, store.Published, time.Hour)))
	})
}
