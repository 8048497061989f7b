package media

import (
	"errors"
	"image/color"
	"slices"
	"strings"
	"time"

	"postern/words"
)

// Rules contains the requirements of Instagram for a picture in one place, such as the feed or a story.
type Rules struct {
	Name     string  // "feed", "carousel", "story", "reel" or "cover"; stored with the file, without further effect
	MinRatio float64 // width/height; 0: no limit (except 1:20, so that the canvas stays small enough to draw)
	MaxRatio float64 // width/height; 0: no limit (except 20:1)
	MinWidth int     // narrower pictures are enlarged to it; 0: no limit
	MaxWidth int     // wider pictures are scaled down to it; 0: no limit
	MaxBytes int64   // 0: no limit
	// Background is the colour behind transparent parts and, with FillBackground, around the picture. The zero value
	// is white. Its alpha is ignored.
	Background color.RGBA

	// Ratio is the exact ratio for the picture, to the nearest pixel and within the two bounds; 0 for none. Carousels
	// ([CommonRatio]) and stories have one.
	Ratio float64
	Fill  Fill // how a picture of another ratio is brought to Ratio

	// Video contains the requirements for a video, in addition to MaxBytes; nil to accept every video.
	Video *VideoRules
}

// Fill is how a picture is brought to a ratio that differs from its own.
type Fill int

const (
	FillEdge       Fill = iota // bars in the colour of the picture's edges
	FillBackground             // bars in Rules.Background
	FillBlur                   // bars showing the picture, enlarged and blurred
	FillCrop                   // no bars: the picture is cropped equally on both sides
)

// fillNames are the names that ParseFill accepts, the default first.
var fillNames = [...]string{"edge", "background", "blur", "crop"}

// String returns the name used in settings.
func (f Fill) String() string {
	if f < 0 || int(f) >= len(fillNames) {
		return fillNames[FillEdge]
	}
	return fillNames[f]
}

// ParseFill parses a name that String returns. The error lists all names.
func ParseFill(s string) (Fill, error) {
	i := slices.Index(fillNames[:], s)
	if i < 0 {
		return FillEdge, errors.New(words.FillUnknown(s, strings.Join(fillNames[:], ", ")))
	}
	return Fill(i), nil
}

// MarshalText returns String, for JSON and TOML.
func (f Fill) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText calls ParseFill.
func (f *Fill) UnmarshalText(b []byte) (err error) {
	*f, err = ParseFill(string(b))
	return err
}

// background returns the opaque background colour.
func (r Rules) background() color.RGBA {
	if r.Background == (color.RGBA{}) {
		return color.RGBA{255, 255, 255, 255}
	}
	r.Background.A = 255
	return r.Background
}

// DefaultMaxTotal is the default limit for all files of a library together, in bytes.
const DefaultMaxTotal = 10 << 30

// Limits limits the resources that one source may use. A zero field means the default, which its comment ends with.
type Limits struct {
	MaxSource int64 // bytes of one picture; 64 MiB
	// MaxVideo is the limit of one video in bytes; 1 GiB. With ffmpeg, a video above the limit in Rules is made
	// smaller.
	MaxVideo  int64
	MaxPixels int           // of one picture, checked before it is decoded; 50 million
	MaxTotal  int64         // bytes of all files in the library; 10 GiB
	Timeout   time.Duration // for downloading a picture, and ten times as long for a video; 60 s

	// DecodeMemory is the limit for decoding one picture in this process, estimated from its header; 768 MiB.
	DecodeMemory int64

	// Convert is the command line of a process that runs [ConvertMain]. It decodes AVIF and HEIC, one picture at a
	// time. If it is empty, they are decoded in this process.
	Convert        []string
	ConvertMemory  int64         // limit of that process in bytes, where the system supports it (Linux); 1.5 GiB
	ConvertTimeout time.Duration // of one picture; 60 s

	// FFmpeg is the program that converts videos, one at a time: a name or a path. If it is empty, "ffmpeg" is used
	// if installed. [NoFFmpeg] disables conversion. [NewLibrary] looks it up once.
	FFmpeg       string
	VideoMemory  int64         // memory limit of ffmpeg in bytes, on Linux; 4 GiB
	VideoTimeout time.Duration // of one conversion; 30 min
	// Of the conversion of one animated GIF, whose file size says little about its cost; 60 s.
	GIFTimeout time.Duration
	GIFWork    int64 // pixels that this conversion processes, counted before it begins; 6 billion

	// OnConvert is called after each conversion of a "video", or of an AVIF or HEIC "picture", for metrics. May be
	// nil.
	OnConvert func(what string, took time.Duration, err error)

	// OnDecode is called after each picture is decoded and before the next one starts. May be nil.
	OnDecode func(pixels int, took time.Duration)
}

func (l Limits) withDefaults() Limits {
	if l.MaxSource <= 0 {
		l.MaxSource = 64 << 20
	}
	if l.MaxVideo <= 0 {
		l.MaxVideo = 1 << 30
	}
	if l.MaxPixels <= 0 {
		l.MaxPixels = 50_000_000
	}
	if l.DecodeMemory <= 0 {
		l.DecodeMemory = 768 << 20
	}
	if l.MaxTotal <= 0 {
		l.MaxTotal = DefaultMaxTotal
	}
	if l.Timeout <= 0 {
		l.Timeout = time.Minute
	}
	if l.ConvertMemory <= 0 {
		l.ConvertMemory = 1536 << 20
	}
	if l.GIFTimeout <= 0 {
		l.GIFTimeout = time.Minute
	}
	if l.GIFWork <= 0 {
		l.GIFWork = 6e9
	}
	if l.ConvertTimeout <= 0 {
		l.ConvertTimeout = time.Minute
	}
	if l.VideoMemory <= 0 {
		l.VideoMemory = 4 << 30
	}
	if l.VideoTimeout <= 0 {
		l.VideoTimeout = 30 * time.Minute
	}
	if l.OnConvert == nil {
		l.OnConvert = func(string, time.Duration, error) {}
	}
	if l.OnDecode == nil {
		l.OnDecode = func(int, time.Duration) {}
	}
	return l
}

// Repair is one change that was made to a source.
type Repair struct {
	Rule string // the rule that required it; docs/rules.md lists them
	Text string // in words: "padded 3:2 to 1.91:1"
}

// These are the rules of repairs that enlarge.
const (
	smallImage = "media.image.small"
	smallVideo = "media.video.small"
)

// Enlarges reports whether the repair made a picture or video larger, which makes it less sharp.
func (r Repair) Enlarges() bool { return r.Rule == smallImage || r.Rule == smallVideo }

// File is a prepared picture or video in the library.
type File struct {
	SHA256      string   // of the bytes in the library, lower-case hex
	Ext         string   // "jpg", "mp4", "mov"
	ContentType string   // "image/jpeg", "video/mp4", "video/quicktime"
	Bytes       int64    // size of the file
	Width       int      // as shown, upright; 0 if a video does not state it
	Height      int      // as shown, upright; 0 if a video does not state it
	OwnWidth    int      // of a picture's source, as shown, upright; 0 for a video
	OwnHeight   int      // of a picture's source, as shown, upright; 0 for a video
	SourceURL   string   // where it was fetched, unchanged
	Source      string   // SHA-256 of the source's bytes, lower-case hex; "" for a video
	Rules       string   // name of the rules it was made by
	Repairs     []Repair // the changes, in order; empty for a byte-for-byte copy

	// Acceptable reports whether Instagram would accept the source unchanged from its own URL. A picture is
	// acceptable if it is an upright JPEG with a ratio and size within the limits. Instagram scales wider pictures
	// itself (and, according to its documentation, narrower ones, but nobody has reported that). Private metadata
	// and a wide-gamut profile do not matter. Colours that only Exif names and a missing end marker do matter. A
	// video is acceptable if nothing had to be converted, and always if Rules.Video is nil.
	Acceptable bool

	// Animated reports whether the source of a picture has more than one frame. Film reports whether PrepareVideo
	// accepts the source too: an animated GIF, if ffmpeg is installed.
	Animated, Film bool
}

// Name returns the name of the file in the library and in its public URL.
func (f File) Name() string { return f.SHA256 + "." + f.Ext }

// Words returns the repairs in words.
func (f File) Words() []string {
	var words []string
	for _, r := range f.Repairs {
		words = append(words, r.Text)
	}
	return words
}
