package draft

import (
	"image/color"
	"testing"
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
	require.False(t, RulesFor(store.KindReel, store.Video, Resolve()).Video.Trim,
		"changing the rules for one kind does not affect the others")

	for name, text := range map[string]string{"fit": "stretch", "background": "white", "trim": "maybe"} {
		require.ErrorContains(t, Set(&account, name, text), name+": ")
	}
	for _, bad := range []string{"#fff", "#gggggg", "#+12345", "ffffff0"} {
		require.Error(t, Set(&account, "background", bad), bad)
	}
}

func TestRulesForVideos(t *testing.T) {
	t.Parallel()
	for kind, most := range map[store.Kind]time.Duration{store.KindReel: 15 * time.Minute, store.KindStory: time.Minute,
		store.KindCarousel: time.Minute} {
		v := RulesFor(kind, store.Video, Resolve()).Video
		require.Equal(t, most, v.MaxDuration, kind)
		require.Equal(t, 3*time.Second, v.MinDuration, kind)
	}
	require.EqualValues(t, 100<<20, RulesFor(store.KindStory, store.Video, Resolve()).MaxBytes)
	require.EqualValues(t, 300<<20, RulesFor(store.KindReel, store.Video, Resolve()).MaxBytes)
	require.Equal(t, 9.0/16, RulesFor(store.KindStory, store.Image, Resolve()).Ratio)
}

// Meta accepts only URLs in US-ASCII, so every other character is encoded, wherever it is.
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

// A video with a short side counts as small unless it is enlarged and our copy is sent.
func TestSmall(t *testing.T) {
	t.Parallel()
	f := media.File{Width: 1138, Height: 640, Repairs: []media.Repair{{Rule: "media.video.small"}}}
	require.False(t, small(f, 640, "https://postern.example.org"))
	require.True(t, small(f, 640, ""))
}

// A story's video counts as cut off unless it has the ratio of a story, or was fitted to it and our copy is sent.
func TestCutOff(t *testing.T) {
	t.Parallel()
	fitted := media.File{Width: 720, Height: 1280, Repairs: []media.Repair{{Rule: "media.video.fit"}}}
	require.False(t, cutOff(fitted, "https://postern.example.org"))
	require.True(t, cutOff(fitted, ""), "the source itself is sent")
	require.False(t, cutOff(media.File{Width: 1080, Height: 1920}, ""))
	require.False(t, cutOff(media.File{Width: 1080, Height: 1918}, "https://postern.example.org"))
	require.False(t, cutOff(media.File{}, ""), "the size is unknown")
}
