package media

import (
	"cmp"
	"math"
	"slices"
	"time"

	"postern/reason"
	"postern/words"
)

// VideoRules is what Instagram asks of a video in one place, from the table
// "Reel Specifications" and its neighbours at
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
// Zero fields ask for nothing, except that H.264 or HEVC with 4:2:0 samples,
// AAC, an index in front and no edit lists are asked for always.
type VideoRules struct {
	MinDuration, MaxDuration time.Duration
	MinRatio, MaxRatio       float64 // width/height, as shown
	Ratio                    float64 // width/height of a canvas that a film of another ratio is laid on; 0: none
	Fill                     Fill    // how it is laid there; FillEdge, which a moving picture has not, is FillBlur
	MaxWidth                 int     // as shown and as coded
	// of width and height, as shown; smaller ones are enlarged where that keeps MaxWidth, and else go as they are
	MinSide        int
	MinFPS, MaxFPS float64
	MaxBitrate     float64 // of the pictures, bits a second
	MaxBytes       int64   // the smaller of this and Rules.MaxBytes counts
	MaxSampleRate  int     // of the sound
	MaxChannels    int
	Trim           bool // a video that is too long may be cut at its end
}

// Problem is what keeps a video from being taken.
type Problem struct {
	Rule       string      // stable, see [Judge]
	Code       reason.Code // what is wrong, and what the author can do
	Args       []any       // of the code, but for the file
	Repairable bool        // ffmpeg can mend it
	Optional   bool        // Instagram takes it all the same: without ffmpeg it goes as it is

	copy   bool   // without touching pictures and sound
	sound  bool   // without touching pictures
	repair string // what the repair is called once it is made
}

// of returns the reason for a file.
func (p Problem) of(where string) reason.Reason {
	return reason.New(p.Code, append([]any{where}, p.Args...)...)
}

// Frame rates are means: 23.976 and the 59.94 of a camera that rounds are meant by 23 and 60.
const fpsSlack = 0.05

// Judge compares a video with the rules. The problems, none if it conforms, are
// in the order of:
//
//	media.video.no-picture      sound only
//	media.video.too-long        repairable if Trim
//	media.video.too-short
//	media.video.ratio           not repairable
//	media.video.fit             not the one ratio it is shown in; optional
//	media.video.too-large       bytes
//	media.video.container       neither MP4 nor MOV, or the index is in pieces
//	media.video.moov-last       the index stands behind the media
//	media.video.edit-list       it is cut or delayed when shown
//	media.video.codec           neither H.264 nor HEVC
//	media.video.chroma          not 4:2:0
//	media.video.interlaced      pictures made of two fields
//	media.video.open-gop        groups of pictures that need others
//	media.video.hdr             more brightness than Instagram shows; optional
//	media.video.depth           more than 8 bits; optional
//	media.video.width           more columns
//	media.video.small           fewer columns or rows, and can be enlarged; optional
//	media.video.frame-rate
//	media.video.bitrate
//	media.video.audio-codec     not AAC
//	media.video.audio-rate
//	media.video.audio-channels
//
// Sound of more than 128 kbit a second is not among them. The table names that
// number, but without a "maximum" as it has for the others; no refusal for it is
// known, and phones and cameras write 160 to 320: by the letter hardly any film
// could be sent as it is, and without ffmpeg none. What is converted for another
// reason keeps to it, see [compressSound].
//
// What a file does not say is not held against it, except of one in pieces.
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
	// Lengths are rounded up by most programs that show them: 60.04 s is a minute.
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

// fitSlack is how far a film's ratio may be from Ratio and stay: what phones call 9:16 is so to a few rows.
const fitSlack = 0.03

// Fits says whether a film of that size, in pixels as shown, is to be laid on a canvas of Ratio. The size 0×0 is
// not known.
func (r VideoRules) Fits(w, h int) bool {
	return r.Ratio > 0 && w > 0 && h > 0 && math.Abs(float64(w)/float64(h)/r.Ratio-1) > fitSlack
}

// fitting names what is done to a film that is laid on a canvas.
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

// canvas is the size of the canvas: no wider than stories are shown, and smaller for a small film.
func (r VideoRules) canvas(w, h int) (cw, ch int) {
	cw = 1080
	if max(w, h) < cw {
		cw = max(r.MinSide, 720)
	}
	return cw &^ 1, int(math.Round(float64(cw)/r.Ratio)) &^ 1
}

// enlarges says whether a film of that size is to be enlarged: its short side is then MinSide, and no side above
// MaxWidth. An odd row or column counts for none, as what is encoded has none: else that could be one to be
// enlarged again.
func (r VideoRules) enlarges(w, h int) bool {
	short, long := min(w, h)&^1, max(w, h)&^1
	return short > 0 && short < r.MinSide && (r.MaxWidth <= 0 || long*r.MinSide <= r.MaxWidth*short)
}

// rate is the frame rate that a video of another one gets.
func (r VideoRules) rate(fps float64) float64 {
	switch {
	case r.MinFPS > 0 && fps < r.MinFPS-fpsSlack:
		return math.Min(math.Max(30, math.Ceil(r.MinFPS)), cmp.Or(r.MaxFPS, math.Inf(1)))
	case r.MaxFPS > 0 && fps > r.MaxFPS+fpsSlack:
		return r.MaxFPS
	}
	return fps
}

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
			// Copying would show what was cut away.
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

// codecName is what people call a codec; letters that cannot be read are left out.
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

// takenCodec says whether Instagram takes a codec, by its sample entry.
func takenCodec(entry string) bool {
	return slices.Contains([]string{"avc1", "avc3", "hvc1", "hev1"}, entry)
}

func judgeCoding(v Video, r VideoRules) (all []Problem) {
	switch {
	case !takenCodec(v.Codec):
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

// maxSound is what the sound of a converted film has, in bits a second; encoders miss it by a little.
const (
	maxSound   = 128e3
	soundSlack = 1.1
)

// compressSound is what is done beside to a film that is converted anyway.
func compressSound(v Video) (all []Problem) {
	if v.AudioAAC && v.SoundRate > maxSound*soundSlack { // of another codec it is clear
		all = append(all, Problem{Rule: "media.video.audio-bitrate", Repairable: true, sound: true,
			repair: words.RepairedSoundRate(v.SoundRate / 1000)})
	}
	return all
}

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

// lengthName writes a length of time for people.
func lengthName(d time.Duration) string {
	if s := d.Round(time.Second); s >= 2*time.Minute {
		return words.Minutes(int(s/time.Minute), int(s%time.Minute/time.Second))
	}
	return short(math.Round(d.Seconds()*10)/10) + " s"
}
