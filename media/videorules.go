package media

import (
	"cmp"
	"math"
	"slices"
	"time"

	"postern/reason"
	"postern/words"
)

// VideoRules contains the requirements of Instagram for a video in one place, from the table "Reel Specifications"
// and similar tables at
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media. Zero fields
// require nothing. H.264 or HEVC with 4:2:0 samples, AAC, an index at the start and no edit lists are always
// required.
type VideoRules struct {
	MinDuration, MaxDuration time.Duration
	MinRatio, MaxRatio       float64 // width/height, as shown
	Ratio                    float64 // width/height of the canvas for videos of another ratio; 0: none
	Fill                     Fill    // how a video fills the canvas; FillEdge means FillBlur for videos
	MaxWidth                 int     // limit of the width as shown and as coded
	// MinSide is the minimum of width and height, as shown. Smaller videos are enlarged if the result keeps MaxWidth;
	// otherwise they are published unchanged.
	MinSide        int
	MinFPS, MaxFPS float64
	MaxBitrate     float64 // of the picture track, in bits per second
	MaxBytes       int64   // the smaller of this and Rules.MaxBytes applies
	MaxSampleRate  int     // of the sound
	MaxChannels    int
	Trim           bool // an overlong video may be cut at its end
}

// Problem is a property of a video that the rules do not allow.
type Problem struct {
	Rule       string      // stable, see [Judge]
	Code       reason.Code // what is wrong, and what the author can do
	Args       []any       // arguments of Code after the file name
	Repairable bool        // ffmpeg can fix it
	Optional   bool        // Instagram accepts it nevertheless; without ffmpeg the video is published unchanged

	copy   bool   // fixable without re-encoding
	sound  bool   // fixable by re-encoding only the sound
	repair string // description of the repair
}

// of returns the reason for a file.
func (p Problem) of(where string) reason.Reason {
	return reason.New(p.Code, append([]any{where}, p.Args...)...)
}

// fpsSlack is the tolerance for frame rates: they are means, which deviate slightly from the nominal rate.
const fpsSlack = 0.05

// Judge compares a video with the rules. It returns the problems in this order, none if the video conforms:
//
//	media.video.no-picture      sound only
//	media.video.too-long        repairable if Trim
//	media.video.too-short
//	media.video.ratio           not repairable
//	media.video.fit             another ratio than that of the canvas; optional
//	media.video.too-large       bytes
//	media.video.container       neither MP4 nor MOV, or fragmented
//	media.video.moov-last       the index follows the media data
//	media.video.edit-list       an edit list cuts or delays it
//	media.video.codec           neither H.264 nor HEVC
//	media.video.chroma          not 4:2:0
//	media.video.interlaced      frames consist of two fields
//	media.video.open-gop        groups of pictures that refer to others
//	media.video.hdr             a higher dynamic range than Instagram shows; optional
//	media.video.depth           more than 8 bits; optional
//	media.video.width           too many columns
//	media.video.small           too few columns or rows, and can be enlarged; optional
//	media.video.frame-rate
//	media.video.bitrate
//	media.video.audio-codec     not AAC
//	media.video.audio-rate
//	media.video.audio-channels
//
// Judge accepts sound with more than 128 kbit/s. Meta's table names that number, but without the word
// "maximum" that it uses for the others, and no refusal is known. Phones and cameras write 160 to 320 kbit/s. With
// that limit, hardly any video could be published unchanged, and without ffmpeg almost none at all. A video that is
// converted for another reason keeps to it; see [compressSound].
//
// Judge ignores properties that a file does not state, except in a fragmented file.
func Judge(v Video, r VideoRules) []Problem {
	var all []Problem
	add := func(broken bool, p Problem) {
		if broken {
			all = append(all, p)
		}
	}
	if v.Codec == "" {
		return []Problem{{Rule: "media.video.no-picture", Code: reason.VideoNoPicture}}
	}
	seconds := v.Duration.Seconds()
	w, h := v.Shown()
	ratio := float64(w) / float64(max(h, 1))
	// Most programs round displayed durations: 60.04 s is shown as a minute.
	long := r.MaxDuration > 0 && v.Duration > r.MaxDuration+100*time.Millisecond
	add(long, Problem{
		Rule: "media.video.too-long", Repairable: r.Trim, copy: true,
		repair: words.RepairedLength(lengthName(r.MaxDuration)),
		Code:   reason.VideoTooLong, Args: []any{lengthName(v.Duration), lengthName(r.MaxDuration)},
	})
	add(v.Duration > 0 && v.Duration < r.MinDuration-50*time.Millisecond, Problem{
		Rule: "media.video.too-short",
		Code: reason.VideoTooShort, Args: []any{short(seconds), lengthName(r.MinDuration)},
	})
	add(w > 0 && h > 0 && (r.MinRatio > 0 && ratio < r.MinRatio || r.MaxRatio > 0 && ratio > r.MaxRatio), Problem{
		Rule: "media.video.ratio",
		Code: reason.VideoRatio, Args: []any{w, h},
	})
	add(r.Fits(w, h), Problem{
		Rule: "media.video.fit", Repairable: true, Optional: true, repair: r.fitting(),
		Code: reason.VideoFit, Args: []any{w, h, ratioName(r.Ratio)},
	})
	add(r.MaxBytes > 0 && v.Bytes > r.MaxBytes, Problem{
		Rule: "media.video.too-large", Repairable: v.Duration > 0,
		Code: reason.VideoTooLarge, Args: []any{size(v.Bytes), size(r.MaxBytes)},
	})
	all = append(all, judgeForm(v)...)
	all = append(all, judgeCoding(v, r)...)
	add(r.MaxWidth > 0 && max(w, v.Width) > r.MaxWidth, Problem{
		Rule: "media.video.width", Repairable: true,
		Code: reason.VideoWidth, Args: []any{max(w, v.Width), r.MaxWidth},
	})
	add(r.enlarges(w, h), Problem{
		Rule: smallVideo, Repairable: true, Optional: true,
		Code: reason.VideoSmall, Args: []any{w, h, r.MinSide},
	})
	add(v.FPS > 0 && (r.MinFPS > 0 && v.FPS < r.MinFPS-fpsSlack || r.MaxFPS > 0 && v.FPS > r.MaxFPS+fpsSlack), Problem{
		Rule: "media.video.frame-rate", Repairable: true,
		Code: reason.VideoFrameRate, Args: []any{short(v.FPS), short(r.MinFPS), short(r.MaxFPS)},
		repair: words.RepairedFrameRate(short(v.FPS), short(r.rate(v.FPS))),
	})
	add(r.MaxBitrate > 0 && v.Bitrate > r.MaxBitrate, Problem{
		Rule: "media.video.bitrate", Repairable: true,
		Code: reason.VideoBitrate, Args: []any{short(v.Bitrate / 1e6), short(r.MaxBitrate / 1e6)},
		repair: words.RepairedBitrate(short(v.Bitrate / 1e6)),
	})
	return append(all, judgeSound(v, r)...)
}

// fitSlack is the accepted relative deviation from Ratio. The 9:16 of phones is a few rows off.
const fitSlack = 0.03

// Fits reports whether a video of that size, in pixels as shown, must be placed on a canvas of Ratio. The size is 0×0
// if it is unknown.
func (r VideoRules) Fits(w, h int) bool {
	return r.Ratio > 0 && w > 0 && h > 0 && math.Abs(float64(w)/float64(h)/r.Ratio-1) > fitSlack
}

// fitting returns the description of the repair for a video on a canvas.
func (r VideoRules) fitting() string {
	switch to := ratioName(r.Ratio); r.Fill {
	case FillBackground:
		return words.RepairedFitBars(to)
	case FillCrop:
		return words.RepairedFitCropped(to)
	default:
		return words.RepairedFitBlurred(to)
	}
}

// canvas returns the size of the canvas: at most the width of stories, 1080 pixels, and smaller for a small video.
func (r VideoRules) canvas(w, h int) (cw, ch int) {
	cw = 1080
	if max(w, h) < cw {
		cw = max(r.MinSide, 720)
	}
	return cw &^ 1, int(math.Round(float64(cw)/r.Ratio)) &^ 1
}

// enlarges reports whether a video of that size must be enlarged, so that its short side is MinSide and no side
// exceeds MaxWidth. It rounds the sides down to even numbers like the encoder. Otherwise a result might have to be
// enlarged again.
func (r VideoRules) enlarges(w, h int) bool {
	short, long := min(w, h)&^1, max(w, h)&^1
	return short > 0 && short < r.MinSide && (r.MaxWidth <= 0 || long*r.MinSide <= r.MaxWidth*short)
}

// rate returns the frame rate for the result of a video with the given one.
func (r VideoRules) rate(fps float64) float64 {
	switch {
	case r.MinFPS > 0 && fps < r.MinFPS-fpsSlack:
		return math.Min(math.Max(30, math.Ceil(r.MinFPS)), cmp.Or(r.MaxFPS, math.Inf(1)))
	case r.MaxFPS > 0 && fps > r.MaxFPS+fpsSlack:
		return r.MaxFPS
	}
	return fps
}

// judgeForm returns the problems of the container.
func judgeForm(v Video) (all []Problem) {
	if v.Fragmented || len(v.Brand) == 4 && (v.Brand[:3] == "3gp" || v.Brand[:3] == "3g2") {
		p := Problem{Rule: "media.video.container", Repairable: true, copy: true,
			repair: words.RepairedPieces, Code: reason.VideoPieces}
		if !v.Fragmented {
			p.repair, p.Code, p.Args = words.RepairedFormat("3GP"), reason.VideoContainer, []any{"a 3GP file"}
		}
		all = append(all, p)
	}
	if !v.MoovFirst && !v.Fragmented {
		all = append(all, Problem{
			Rule: "media.video.moov-last", Repairable: true, copy: true, repair: words.RepairedIndex,
			Code: reason.VideoIndexLast,
		})
	}
	if v.EditLists > 0 {
		all = append(all, Problem{
			// Copying the tracks would show the parts that were cut.
			Rule: "media.video.edit-list", Repairable: true, repair: words.RepairedEditList,
			Code: reason.VideoEditList,
		})
	}
	return all
}

var codecNames = map[string]string{
	"avc1": "H.264", "avc3": "H.264", "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "vp08": "VP8", "vp09": "VP9",
	"mp4v": "MPEG-4 part 2",
	"apch": "ProRes", "apcn": "ProRes", "apcs": "ProRes", "apco": "ProRes", "ap4h": "ProRes", "jpeg": "Motion JPEG",
	"mjpa": "Motion JPEG",
	"dvh1": "Dolby Vision", "dvhe": "Dolby Vision", "s263": "H.263", "Opus": "Opus", "fLaC": "FLAC",
	"alac": "Apple Lossless",
	"ac-3": "AC-3", "ec-3": "E-AC-3", "sowt": "PCM", "twos": "PCM", "lpcm": "PCM", "ipcm": "PCM", "in24": "PCM",
	"in32": "PCM", "fl32": "PCM", "fl64": "PCM", "raw ": "PCM",
	"dvc ": "DV", "dvcp": "DV", "dvpp": "DV", "dv5p": "DV", "dv5n": "DV", "dvh5": "DV", "dvh6": "DV", "ulaw": "µ-law",
	"alaw": "A-law", "samr": "AMR", ".mp3": "MP3", "mp4a": "MP3",
}

// codecName returns the common name of a codec. For an unknown one it returns the printable characters of its sample
// entry.
func codecName(entry string) string {
	if n := codecNames[entry]; n != "" {
		return n
	}
	var s []byte
	for _, c := range []byte(entry) {
		if c > ' ' && c < 0x7f {
			s = append(s, c)
		}
	}
	if len(s) == 0 {
		return words.FormatUnknownCodec
	}
	return string(s)
}

// acceptedCodec reports whether Instagram accepts a codec, given by its sample entry.
func acceptedCodec(entry string) bool {
	return slices.Contains([]string{"avc1", "avc3", "hvc1", "hev1"}, entry)
}

// judgeCoding returns the problems of the picture track.
func judgeCoding(v Video, r VideoRules) (all []Problem) {
	switch {
	case !acceptedCodec(v.Codec):
		all = append(all, Problem{
			Rule: "media.video.codec", Repairable: true, repair: words.RepairedFormat(codecName(v.Codec)),
			Code: reason.VideoCodec, Args: []any{codecName(v.Codec)},
		})
	case v.Chroma != "" && v.Chroma != "4:2:0":
		all = append(all, Problem{
			Rule: "media.video.chroma", Repairable: true, repair: words.RepairedFormat(v.Chroma),
			Code: reason.VideoChroma, Args: []any{v.Chroma},
		})
	}
	if v.Interlaced {
		all = append(all, Problem{
			Rule: "media.video.interlaced", Repairable: true, repair: "deinterlaced",
			Code: reason.VideoInterlaced,
		})
	}
	if v.OpenGOP {
		all = append(all, Problem{
			Rule: "media.video.open-gop", Repairable: true, repair: words.RepairedGOP,
			Code: reason.VideoOpenGOP,
		})
	}
	switch {
	case v.HDR() != "":
		all = append(all, Problem{
			Rule: "media.video.hdr", Repairable: true, Optional: true, repair: words.RepairedHDR(v.HDR()),
			Code: reason.VideoHDR, Args: []any{v.HDR()},
		})
	case v.Depth > 8:
		all = append(all, Problem{
			Rule: "media.video.depth", Repairable: true, Optional: true,
			repair: words.RepairedDepth(v.Depth),
			Code:   reason.VideoDepth, Args: []any{v.Depth},
		})
	}
	return all
}

// maxSound is the bit rate for converted sound, in bits per second. soundSlack allows for deviations of encoders.
const (
	maxSound   = 128e3
	soundSlack = 1.1
)

// compressSound returns the additional repair of the sound for a video that is converted anyway.
func compressSound(v Video) (all []Problem) {
	if v.AudioAAC && v.SoundRate > maxSound*soundSlack { // other codecs are converted anyway
		all = append(all, Problem{Rule: "media.video.audio-bitrate", Repairable: true, sound: true,
			repair: words.RepairedSoundRate(v.SoundRate / 1000)})
	}
	return all
}

// judgeSound returns the problems of the sound track.
func judgeSound(v Video, r VideoRules) (all []Problem) {
	if v.AudioCodec == "" {
		return nil
	}
	if v.AudioCodec != "mp4a" || !v.AudioAAC {
		all = append(all, Problem{
			Rule: "media.video.audio-codec", Repairable: true, sound: true,
			repair: words.RepairedSoundCodec(codecName(v.AudioCodec)),
			Code:   reason.VideoSoundCodec, Args: []any{codecName(v.AudioCodec)},
		})
	}
	if r.MaxSampleRate > 0 && v.SampleRate > r.MaxSampleRate {
		all = append(all, Problem{
			Rule: "media.video.audio-rate", Repairable: true, sound: true,
			repair: words.RepairedSampling(short(float64(v.SampleRate) / 1000)),
			Code:   reason.VideoSoundRate,
			Args:   []any{short(float64(v.SampleRate) / 1000), short(float64(r.MaxSampleRate) / 1000)},
		})
	}
	if r.MaxChannels > 0 && v.Channels > r.MaxChannels {
		all = append(all, Problem{
			Rule: "media.video.audio-channels", Repairable: true, sound: true,
			repair: words.RepairedChannels(v.Channels),
			Code:   reason.VideoSoundChannels, Args: []any{v.Channels, r.MaxChannels},
		})
	}
	return all
}

// lengthName returns a duration for people to read, such as "3.5 s".
func lengthName(d time.Duration) string {
	if s := d.Round(time.Second); s >= 2*time.Minute {
		return words.Minutes(int(s/time.Minute), int(s%time.Minute/time.Second))
	}
	return short(math.Round(d.Seconds()*10)/10) + " s"
}
