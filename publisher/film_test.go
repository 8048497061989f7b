package publisher

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/gif"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/instagram/simulator"
	"postern/media"
	"postern/store"
)

// animation returns a GIF of half a second that is different for each path.
func animation(path string) []byte {
	h := fnv.New32a()
	h.Write([]byte(path))
	tint := color.RGBA{uint8(h.Sum32()), uint8(h.Sum32() >> 8), uint8(h.Sum32() >> 16), 255}
	g := &gif.GIF{}
	for i := range 5 {
		m := image.NewPaletted(image.Rect(0, 0, 400, 400), color.Palette{color.Black, color.White, tint})
		for j := range m.Pix {
			if j/400/80 == i {
				m.Pix[j] = uint8(1 + j%2)
			}
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 10)
	}
	var b bytes.Buffer
	_ = gif.EncodeAll(&b, g)
	return b.Bytes()
}

// longGIF returns a GIF of 4,000 frames on a large canvas: two minutes of film in a few kilobytes.
func longGIF() []byte {
	g := &gif.GIF{Config: image.Config{Width: 1600, Height: 1600, ColorModel: color.Palette{color.Black, color.White}}}
	for range 4000 {
		g.Image, g.Delay = append(g.Image,
			image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black, color.White})), append(g.Delay, 3)
	}
	var b bytes.Buffer
	_ = gif.EncodeAll(&b, g)
	return b.Bytes()
}

// withFFmpeg makes the library use the ffmpeg of this machine.
func (s *theStage) withFFmpeg() {
	s.t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			s.t.Fatal("ffmpeg is not installed")
		}
		s.t.Skip("LEFT OUT: ffmpeg is not installed (apt-get install ffmpeg); animations and covers are not tested")
	}
	var err error
	s.library, err = media.NewLibrary(filepath.Join(s.dir, "media"), &http.Client{Transport: s.site}, media.Limits{})
	require.NoError(s.t, err)
}

func (s *theStage) repairs(asset string) []string {
	s.t.Helper()
	a, err := s.store.Asset(s.t.Context(), asset)
	require.NoError(s.t, err)
	return a.Repairs
}

func TestAnAnimatedGIFBecomesAReel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.withFFmpeg()
		s.start()
		p := s.reach(s.entry("Moves", "a.gif").ID, store.Published, 10*time.Minute)
		require.Equal(t, store.KindReel, p.Kind)
		require.Equal(t, store.Video, p.Items[0].Type)
		require.Equal(t, "converted from an animated GIF", s.repairs(p.Items[0].Asset)[0])
		require.NotEmpty(t, p.Items[0].CoverAsset)
		post := s.live()[0]
		require.Equal(t, "VIDEO", post.MediaType)
		require.Equal(t, s.public+"/media/"+p.Items[0].CoverAsset, post.Slides[0].CoverURL)

		p = s.reach(s.entry("Among others", "b.gif", "c.jpg", "d.webp").ID, store.Published, 10*time.Minute)
		require.Equal(t, store.KindCarousel, p.Kind)
		require.Equal(t, []store.MediaType{store.Video, store.Image, store.Image},
			[]store.MediaType{p.Items[0].Type, p.Items[1].Type, p.Items[2].Type})
		require.Empty(t, p.Items[0].CoverAsset, "only a reel has a cover")
		require.Contains(t, s.repairs(p.Items[2].Asset), "took the first frame of an animation")
	})
}

func TestAnEndlessGIFIsAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.withFFmpeg()
		s.start()
		p := s.reach(s.entry("Moves", "endless.gif").ID, store.Published, 10*time.Minute)
		require.Equal(t, store.KindImage, p.Kind)
		ids, _ := s.checkIDs(p.ID)
		require.Contains(t, ids, "media.image.animation")
	})
}

// TestConversionDoesNotDelayOtherAccounts checks that only one conversion runs at a time, and that other accounts
// continue meanwhile.
func TestConversionDoesNotDelayOtherAccounts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out: it waits in real time for a program, which the race detector does not see into")
	}
	s := setup(t) // no bubble, because its time stands still while a program runs
	ffmpeg := filepath.Join(s.dir, "ffmpeg")
	require.NoError(t, os.WriteFile(ffmpeg,
		[]byte("#!/bin/sh\ncd "+s.dir+"\ntouch begun\nwhile [ ! -e go ]; do sleep 0.05; done\nexit 1\n"), 0o700))
	var err error
	s.library, err = media.NewLibrary(filepath.Join(s.dir, "media"), &http.Client{Transport: s.site},
		media.Limits{FFmpeg: ffmpeg})
	require.NoError(t, err)
	s.sim.AddAccount(simulator.Account{Username: "island", Token: token + "2"})
	island, err := s.acc.Add(t.Context(), accounts.Candidate{API: store.Instagram, Label: "Island", Token: token + "2"})
	require.NoError(t, err)
	harbours := s.feed
	s.feed, err = s.store.AddFeed(t.Context(), store.Feed{URL: "https://island.example.org/feed", StartRule: "all"})
	require.NoError(t, err)
	// Each account has its own feed.
	for feed, account := range map[int64]int64{harbours.ID: island.ID, s.feed.ID: s.account.ID} {
		r, err := s.store.Route(t.Context(), feed, account)
		require.NoError(t, err)
		r.Enabled = false
		require.NoError(t, s.store.SetRoute(t.Context(), r, store.CLI, ""))
	}
	islands := s.feed
	s.feed = harbours
	s.start()
	moves := s.entry("Moves", "a.gif")
	eventually := func(what string, ok func() bool) {
		t.Helper()
		require.Eventually(t, ok, 2*time.Minute, 50*time.Millisecond, what)
	}
	eventually("the conversion begins",
		func() bool { _, err := os.Stat(filepath.Join(s.dir, "begun")); return err == nil })
	s.feed, s.posts = islands, nil
	still := s.entry("A picture", "b.jpg")
	require.Equal(t, island.ID, still.AccountID)
	eventually("the other account publishes", func() bool { return s.get(still.ID).State == store.Published })
	require.Equal(t, store.Queued, s.get(moves.ID).State)
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "go"), nil, 0o600))
	eventually("the first picture is sent after all", func() bool { return s.get(moves.ID).State == store.Published })
	require.Equal(t, store.KindImage, s.get(moves.ID).Kind)
}

func TestWithoutFFmpegAnAnimatedGIFIsAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.start()
		p := s.reach(s.entry("Moves", "a.gif").ID, store.Published, 10*time.Minute)
		require.Equal(t, store.KindImage, p.Kind)
		require.Subset(t, s.repairs(p.Items[0].Asset),
			[]string{"took the first frame of an animation", "install ffmpeg to make it a video"})
		p = s.reach(s.entry("A film", "b.mp4").ID, store.Published, 10*time.Minute)
		require.Empty(t, p.Items[0].CoverAsset)
	})
}

func TestAReelGetsACoverFromItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.withFFmpeg()
		s.start()
		p := s.reach(s.entry("A film", "a.mp4").ID, store.Published, 10*time.Minute)
		require.Contains(t, s.repairs(p.Items[0].CoverAsset)[0], "took the picture at ")
		require.NotEmpty(t, s.live()[0].Slides[0].CoverURL)

		// A poster from the feed is preferred.
		s.posts = append(s.posts, store.Post{
			GUID: "poster", Text: "With a poster", PublishedAt: time.Now(), Decision: store.Publish,
			Media: []store.Media{{Type: store.Video, URL: "https://blog.example.org/b.mp4",
				PosterURL: "https://blog.example.org/poster.jpg"}},
		})
		s.poll()
		l := s.list()
		require.Len(t, l, 2)
		p = s.reach(max(l[0].ID, l[1].ID), store.Published, 10*time.Minute)
		a, err := s.store.Asset(t.Context(), p.Items[0].CoverAsset)
		require.NoError(t, err)
		require.Equal(t, "https://blog.example.org/poster.jpg", a.SourceURL)
	})
}

// TestAReelWithABrokenPoster checks that an unusable poster neither delays the reel nor, with ffmpeg, leaves it
// without a cover.
func TestAReelWithABrokenPoster(t *testing.T) {
	t.Parallel()
	posters := []struct{ address, says string }{
		{"https://blog.example.org/gone.jpg",
			"there is no picture at blog.example.org/gone.jpg (the server answered 404)"},
		{"https://blog.example.org/page.html", "there is no picture"},
		{"https://blog.example.org/film.mp4", "is a video (MP4) where a picture should be"},
		{"https://blog.example.org/cut.jpg", "is cut off or damaged"},
		{"https://blog.example.org/slow.jpg", "could not be fetched"},
		{"ftp://blog.example.org/poster.jpg", "must start with https:// or http://"},
		{"https://blog.example.org:99999/poster.jpg", "ports go from 1 to 65535"},
		{"https://[::zz]/poster.jpg", ""},
	}
	for _, with := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := setup(t)
			if with {
				s.withFFmpeg()
			}
			s.site.gone["/gone.jpg"] = true
			s.start()
			for i, poster := range posters {
				s.posts = append(s.posts, store.Post{
					GUID: poster.address, Text: "With a poster", PublishedAt: time.Now(), Decision: store.Publish,
					Media: []store.Media{{Type: store.Video, URL: fmt.Sprintf("https://blog.example.org/%d.mp4", i),
						PosterURL: poster.address}},
				})
				s.poll()
				id := int64(0)
				for _, p := range s.list() {
					id = max(id, p.ID)
				}
				p := s.reach(id, store.Published, time.Hour)
				preflight, err := s.store.Preflight(t.Context(), id)
				require.NoError(t, err)
				at := slices.IndexFunc(preflight.Checks, func(c store.Check) bool { return c.ID == "media.cover" })
				require.GreaterOrEqual(t, at, 0, poster.address)
				require.Contains(t, preflight.Checks[at].Text, poster.says)
				require.Contains(t, s.history(id), preflight.Checks[at].Text)
				if !with {
					require.Empty(t, p.Items[0].CoverAsset)
					require.Equal(t, store.Noted, preflight.Checks[at].Severity)
					continue
				}
				require.Equal(t, store.Repaired, preflight.Checks[at].Severity)
				require.Equal(t, "instead of the feed's poster, which cannot be used",
					s.repairs(p.Items[0].CoverAsset)[0])
				require.Contains(t, s.repairs(p.Items[0].CoverAsset)[1], "took the picture at ")
				require.Equal(t, s.public+"/media/"+p.Items[0].CoverAsset, s.live()[0].Slides[0].CoverURL)
			}
		})
	}
}

// TestAFilmWaitsForFFmpegSwitchedOff checks that a machine whose configuration switches ffmpeg off advises to switch it
// on, and not to install it.
func TestAFilmWaitsForFFmpegSwitchedOff(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		var err error
		s.library, err = media.NewLibrary(filepath.Join(s.dir, "media"), &http.Client{Transport: s.site},
			media.Limits{FFmpeg: media.NoFFmpeg})
		require.NoError(t, err)
		p, moves := s.entry("Fog.", "last.mp4"), s.entry("Moves", "a.gif")
		s.start()
		time.Sleep(time.Hour)
		waits := s.get(p.ID)
		require.Equal(t, store.Queued, waits.State)
		require.True(t, waits.Reason.NeedsFFmpegOn())
		require.False(t, waits.Reason.NeedsFFmpeg())
		require.Contains(t, waits.Reason.String(), "or switch `media.ffmpeg` on in the configuration and restart Postern")
		require.NotContains(t, waits.Reason.String(), "install")
		require.Contains(t, s.repairs(s.reach(moves.ID, store.Published, 10*time.Minute).Items[0].Asset),
			"switch `media.ffmpeg` on and restart Postern to make it a video")
	})
}

// TestAFilmWaitsForFFmpeg checks that a video which only ffmpeg can convert does not fail without ffmpeg, because the
// operator may install it. The publication waits, uses no try, causes a notice, and continues after the next start.
func TestAFilmWaitsForFFmpeg(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		p := s.entry("Fog.", "last.mp4")
		later := s.dated(36*time.Hour, "later-last.mp4")
		s.start()
		time.Sleep(time.Hour)
		waits := s.get(p.ID)
		require.Equal(t, store.Queued, waits.State)
		require.Zero(t, waits.Tries)
		require.True(t, waits.Reason.NeedsFFmpeg())
		require.Contains(t, waits.Reason.String(), "or install ffmpeg on this machine")
		require.WithinDuration(t, time.Now(), waits.DueAt, machineWait)
		require.Equal(t, store.Queued, s.get(later.ID).State, "a preflight does not end it either")
		troubled, err := s.store.Troubled(t.Context())
		require.NoError(t, err)
		require.Len(t, troubled, 1, "the owner is notified")
		time.Sleep(24 * time.Hour)
		require.Equal(t, store.Queued, s.get(p.ID).State, "no matter how long it takes")

		s.site.mu.Lock()
		s.site.moved = map[string]string{"/last.mp4": "/reel.mp4"}
		s.site.mu.Unlock()
		require.NoError(t, s.store.WakeConfigured(t.Context()))
		s.reach(p.ID, store.Published, 10*time.Minute)
	})
}
