package media

import (
	"errors"
	"image/color"
	"slices"
	"strings"
	"time"

	"postern/words"
)

// Rules is what Instagram asks of a picture in one place.
type Rules struct {
	Name     string  // "feed", "carousel", "story", "reel", "cover"; kept with the file, decides nothing
	MinRatio float64 // width/height; 0: free (within 1:20, so that a canvas stays drawable)
	MaxRatio float64 // width/height; 0: free (within 20:1)
	MinWidth int     // narrower pictures are enlarged to it; 0: free
	MaxWidth int     // wider pictures are scaled down to it; 0: free
	MaxBytes int64   // 0: free
	// shows through transparency and, with FillBackground, around the picture; the zero value is white, alpha is
	// ignored
	Background color.RGBA

	// Ratio, if set, is the one ratio the picture gets, to the nearest pixel and
	// within the two bounds: that of a carousel ([CommonRatio]) or of a story.
	Ratio float64
	Fill  Fill // how a picture of another ratio is brought to it

	// Video is what a video must be like, MaxBytes beside it; nil: it is not looked at.
	Video *VideoRules
}

// Fill is how a picture comes into a ratio that is not its own.
type Fill int

const (
	FillEdge       Fill = iota // bars in the colour of the picture's edge
	FillBackground             // bars in Rules.Background
	FillBlur                   // bars that continue the picture, enlarged and blurred
	FillCrop                   // no bars: what is too much is cut off on both sides
)

// fillNames are what ParseFill takes, the default first.
var fillNames = [...]string{"edge", "background", "blur", "crop"}

// String is the name in settings.
func (f Fill) String() string {
	if f < 0 || int(f) >= len(fillNames) {
		return fillNames[FillEdge]
	}
	return fillNames[f]
}

// ParseFill reads a name as String writes it; the error names all.
func ParseFill(s string) (Fill, error) {
	i := slices.Index(fillNames[:], s)
	if i < 0 {
		return FillEdge, errors.New(words.FillUnknown(s, strings.Join(fillNames[:], ", ")))
	}
	return Fill(i), nil
}

// MarshalText is String, for JSON and TOML.
func (f Fill) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText is ParseFill.
func (f *Fill) UnmarshalText(b []byte) (err error) {
	*f, err = ParseFill(string(b))
	return err
}

func (r Rules) background() color.RGBA {
	if r.Background == (color.RGBA{}) {
		return color.RGBA{255, 255, 255, 255}
	}
	r.Background.A = 255
	return r.Background
}

// DefaultMaxTotal is what all files of a library together may have, in bytes.
const DefaultMaxTotal = 10 << 30

// Limits bounds what one source may cost. Zero fields take the default.
type Limits struct {
	MaxSource int64 // bytes of one picture; 64 MiB
	// bytes of one video; 1 GiB: with ffmpeg one that is larger than the rules allow is made smaller
	MaxVideo  int64
	MaxPixels int           // of one picture, checked before it is decoded; 50 million
	MaxTotal  int64         // bytes of all files in the library; 10 GiB
	Timeout   time.Duration // of the download of a picture, ten times as long for a video; 60 s

	// DecodeMemory is what decoding one picture in this process may take, as far
	// as its header says; 768 MiB.
	DecodeMemory int64

	// Convert is the command line of a process that runs [ConvertMain]. AVIF and
	// HEIC are decoded there, one at a time; without it in this process.
	Convert        []string
	ConvertMemory  int64         // bytes that process may have, where the system can hold it to that (Linux); 1.5 GiB
	ConvertTimeout time.Duration // of one picture; 60 s

	// FFmpeg is the program that converts videos, one at a time: a name or a
	// path; empty: "ffmpeg" if that is installed; [NoFFmpeg]: none. It is looked
	// for once, by [NewLibrary].
	FFmpeg       string
	VideoMemory  int64         // bytes it may have, on Linux; 4 GiB
	VideoTimeout time.Duration // of one conversion; 30 min
	GIFTimeout   time.Duration // of the conversion of one animated GIF, whose size says little about its cost; 60 s
	GIFWork      int64         // pixels that conversion handles, counted before it begins; 6 billion

	// OnConvert is told of each conversion of a "video", or of an AVIF or HEIC
	// "picture", for figures. May be nil.
	OnConvert func(what string, took time.Duration, err error)

	// OnDecode is told of each picture that had its turn to be decoded, before the next one has. May be nil.
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

// Repair is one thing that was done to a source.
type Repair struct {
	Rule string // what it was done for; docs/rules.md lists them
	Text string // in plain words: "padded 3:2 to 1.91:1"
}

// The rules of repairs that enlarge.
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
	Width       int      // as shown, upright; 0 when a video does not say
	Height      int      // as shown, upright; 0 when a video does not say
	OwnWidth    int      // of the source of a picture, as shown; 0 of a video
	OwnHeight   int      // likewise
	SourceURL   string   // where it came from, as given
	Source      string   // SHA-256 of the picture's bytes there, lower-case hex; "" of a video
	Rules       string   // name of the rules it was made for
	Repairs     []Repair // what was done, in order; empty: a copy, byte for byte

	// Acceptable says that Instagram would take the source as it is, from its
	// own address: a JPEG of a ratio and size within the limits, and upright. It
	// scales wider pictures itself (narrower ones, too, by the table of its
	// documents, but nobody has reported it); private metadata or a wide-gamut
	// profile do not make it unacceptable either, but colours that only Exif names,
	// or a missing end marker, do. Of a video: that nothing had to
	// be converted; without Rules.Video always true.
	Acceptable bool

	// Animated says that the source of a picture has more than one frame. Film
	// says that PrepareVideo takes it, too: an animated GIF, where there is ffmpeg.
	Animated, Film bool
}

// Name is the name of the file in the library and in its public address.
func (f File) Name() string { return f.SHA256 + "." + f.Ext }

// Words are the repairs in plain words.
func (f File) Words() []string {
	var words []string
	for _, r := range f.Repairs {
		words = append(words, r.Text)
	}
	return words
}
