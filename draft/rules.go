package draft

import (
	"image/color"
	"strconv"
	"strings"
	"time"

	"postern/media"
	"postern/store"
	"postern/words"
)

// shaping has the settings for pictures and videos.
type shaping struct {
	AltText    Value[bool]
	Split      Value[bool]   // applied when a post is found; see Publication.Parts
	Fit        Value[string] // a name that media.ParseFill accepts
	Background Value[string] // "#rrggbb"
	Trim       Value[bool]
}

var shapingSettings = []Setting{
	setting(Setting{Name: "alt_text", Group: words.GroupMedia, Title: words.SettingAltText,
		Help: words.SettingAltTextHelp}, boolText,
		func(s *store.Settings) **bool { return &s.AltText }, func(r *Resolved) *Value[bool] { return &r.AltText }, true),
	setting(Setting{Name: "split", Group: words.GroupMedia, Title: words.SettingSplit,
		Help: words.SettingSplitHelp}, boolText,
		func(s *store.Settings) **bool { return &s.Split }, func(r *Resolved) *Value[bool] { return &r.Split }, false),
	setting(Setting{Name: "fit", Group: words.GroupMedia, Title: words.SettingFit,
		Help: words.SettingFitHelp}, fitText,
		func(s *store.Settings) **string { return &s.Fit }, func(r *Resolved) *Value[string] { return &r.Fit }, "edge"),
	setting(Setting{Name: "background", Group: words.GroupMedia, Title: words.SettingBackground,
		Help: words.SettingBackgroundHelp}, colourText,
		func(s *store.Settings) **string { return &s.Background },
		func(r *Resolved) *Value[string] { return &r.Background }, "#ffffff"),
	setting(Setting{Name: "trim", Group: words.GroupMedia, Title: words.SettingTrim,
		Help: words.SettingTrimHelp}, boolText,
		func(s *store.Settings) **bool { return &s.Trim }, func(r *Resolved) *Value[bool] { return &r.Trim }, false),
}

// What Instagram accepts, from the tables "Image Specifications", "Reel Specifications", "Story Image
// Specifications" and "Story Video Specifications" at
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media. The rules for
// feed pictures also apply to children of carousels. A story is shown on a 9:16 canvas that is 1080 pixels wide.
var (
	feedRules = media.Rules{Name: "feed", MinRatio: 0.8, MaxRatio: 1.91, MinWidth: 320, MaxWidth: 1440,
		MaxBytes: 8 << 20}
	storyRules = media.Rules{Name: "story", Ratio: 9.0 / 16, MinWidth: 1080, MaxWidth: 1080, MaxBytes: 8 << 20}
	coverRules = media.Rules{Name: "cover", MinWidth: 320, MaxWidth: 1440, MaxBytes: 8 << 20}

	// Meta's tables do not limit the shorter side. With less than 640 pixels, containers were reported to fail with
	// error 2207082.
	reelVideo = media.VideoRules{
		MinDuration: 3 * time.Second, MaxDuration: 15 * time.Minute, MinRatio: 0.01, MaxRatio: 10, MaxWidth: 1920,
		MinSide: 640,
		MinFPS:  23, MaxFPS: 60, MaxBitrate: 25e6, MaxBytes: 300 << 20, MaxSampleRate: 48000, MaxChannels: 2,
	}
)

// RulesFor returns the rules by which a picture or video of a publication is converted before it is sent.
func RulesFor(kind store.Kind, t store.MediaType, s Resolved) media.Rules {
	switch {
	case t == store.Video:
		return s.filling(videoRules(kind, s.Trim.V)) // the background is for animated GIFs
	case kind == store.KindStory:
		return s.filling(storyRules)
	}
	return s.filling(feedRules)
}

func videoRules(kind store.Kind, trim bool) media.Rules {
	v := reelVideo
	v.Trim = trim
	r := media.Rules{Name: "video", Video: &v}
	switch kind {
	case store.KindStory:
		r.Name, v.MinRatio, v.Ratio = "story-video", 0.1, storyRules.Ratio
		v.MaxDuration, v.MaxBytes = time.Minute, 100<<20
	case store.KindCarousel:
		r.Name, v.MaxDuration = "carousel-video", time.Minute
	}
	r.MaxBytes = v.MaxBytes
	return r
}

// CoverRules returns the rules for a reel's cover.
func CoverRules(s Resolved) media.Rules { return s.filling(coverRules) }

// filling adds the owner's settings for pictures with an unsupported aspect ratio.
func (s Resolved) filling(r media.Rules) media.Rules {
	r.Fill, _ = media.ParseFill(s.Fit.V) // validated when it was set; otherwise the default
	r.Background, _ = colour(s.Background.V)
	if r.Video != nil {
		r.Video.Fill = r.Fill
	}
	return r
}

// colour parses "#rrggbb".
func colour(s string) (color.RGBA, bool) {
	digits, ok := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(digits, 16, 24)
	if !ok || err != nil || len(digits) != 6 {
		return color.RGBA{}, false
	}
	return color.RGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n), A: 255}, true
}

// OneRatio returns the indexes of a carousel's pictures that must be prepared again so that all have one aspect
// ratio, and the rules for that. Otherwise Instagram would crop them all to the ratio of the first item. If the
// first item is a video, its ratio is used, within the limits for pictures. files are the files prepared according
// to RulesFor.
func OneRatio(kind store.Kind, files []media.File, s Resolved) (again []int, r media.Rules) {
	if kind != store.KindCarousel {
		return nil, r
	}
	r = RulesFor(kind, store.Image, s)
	picture := func(f media.File) bool { return f.ContentType == "image/jpeg" }
	var sizes [][2]int
	for _, f := range files {
		if picture(f) {
			sizes = append(sizes, [2]int{f.Width, f.Height})
		}
	}
	r.Ratio = media.CommonRatio(sizes, r)
	if first := files[0]; !picture(first) && first.Width > 0 && first.Height > 0 {
		r.Ratio = min(max(float64(first.Width)/float64(first.Height), r.MinRatio), r.MaxRatio)
	}
	for i, f := range files {
		if picture(f) &&
			media.Fit(f.Width, f.Height,
				r) != (media.Plan{CanvasWidth: f.Width, CanvasHeight: f.Height, Width: f.Width, Height: f.Height}) {
			again = append(again, i)
		}
	}
	return again, r
}
