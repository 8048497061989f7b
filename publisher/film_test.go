package publisher

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/color"
	"image/gif"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/store"
)

// animation is a GIF of half a second, as no other address shows it.
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

// withFFmpeg lets the library use the one of this machine.
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
		require.Equal(t, []store.MediaType{store.Video, store.Image, store.Image}, []store.MediaType{p.Items[0].Type, p.Items[1].Type, p.Items[2].Type})
		require.Empty(t, p.Items[0].CoverAsset, "only a reel has a cover")
		require.Contains(t, s.repairs(p.Items[2].Asset), "took the first frame of an animation")
	})
}

func TestWithoutFFmpegAnAnimatedGIFIsAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.start()
		p := s.reach(s.entry("Moves", "a.gif").ID, store.Published, 10*time.Minute)
		require.Equal(t, store.KindImage, p.Kind)
		require.Subset(t, s.repairs(p.Items[0].Asset), []string{"took the first frame of an animation", "with ffmpeg on this machine it would become a video"})
		p = s.reach(s.entry("A film", "b.mp4").ID, store.Published, 10*time.Minute)
		require.Empty(t, p.Items[0].CoverAsset)
	})
}

func TestAReelGetsACoverFromItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.withFFmpeg()
		s.start()
		p := s.reach(s.entry("A film", "a.mp4").ID, store.Published, 10*time.Minute)
		require.Contains(t, s.repairs(p.Items[0].CoverAsset)[0], "took the picture at ")
		require.NotEmpty(t, s.live()[0].Slides[0].CoverURL)

		// The feed's own is used where there is one.
		s.posts = append(s.posts, store.Post{
			GUID: "poster", Text: "With a poster", PublishedAt: time.Now(), Decision: store.Publish,
			Media: []store.Media{{Type: store.Video, URL: "https://blog.example.org/b.mp4", PosterURL: "https://blog.example.org/poster.jpg"}},
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
