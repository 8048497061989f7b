package media

import (
	"cmp"
	"context"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// PrepareVideo downloads an MP4 or MOV and stores it. If r.Video is nil, or the
// video conforms to it, PrepareVideo stores the video unchanged. Otherwise ffmpeg
// converts it; without ffmpeg the first problem is returned. With ffmpeg,
// PrepareVideo also accepts WebM, AVI, 3GP and animated GIF. It always removes the
// GPS location, and every track that is neither picture, sound nor time code.
//
// Downloads stream to disk, so memory does not grow with the file. r.MaxBytes
// limits the file if it is set; of r's other fields only Name is used.
// [WithProgress] reports how far a conversion is. Errors are *[Error].
func (l *Library) PrepareVideo(ctx context.Context, src *url.URL, r Rules) (File, error) {
	w := l.wantVideo()
	if r.Video != nil && l.ffmpeg != "" {
		w.more = true
	} else if most := videoBytes(r); most > 0 {
		w.max = min(w.max, most)
	}
	t, k, err := l.fetch(ctx, src, w)
	if err != nil {
		return File{}, err
	}
	defer t.discard()
	return l.video(ctx, t, k, src, r)
}

// videoBytes returns the largest size of a video in bytes, 0 for no limit.
func videoBytes(r Rules) int64 {
	most := r.MaxBytes
	if r.Video != nil && r.Video.MaxBytes > 0 && (most <= 0 || r.Video.MaxBytes < most) {
		most = r.Video.MaxBytes
	}
	return most
}

// examine reads the properties of a video, and returns the problems for which Instagram would refuse it. loop is how
// often an animated GIF is repeated, 0 for other kinds.
func (l *Library) examine(t *temp, k kind, r Rules, where string) (v Video, problems []Problem, loop int, err error) {
	v = Video{Bytes: t.bytes}
	switch k {
	case kindMP4, kindMOV, kind3GP:
		if v, err = ProbeVideo(t.f, t.bytes); err != nil {
			return v, nil, 0, fault("media.video.broken", err, reason.New(reason.MediaVideoBroken, where))
		}
		if r.Video != nil {
			problems = Judge(v, r.Video.within(r))
		}
	case kindGIF:
		if v, loop, err = gifVideo(t, r, l.lim, where); err != nil {
			return v, nil, 0, err
		}
		problems = []Problem{{Rule: "media.video.container", Code: reason.VideoContainer,
			Args: []any{words.FormatAnimatedGIF}, Repairable: true, repair: words.RepairedAnimatedGIF}}
	default:
		problems = []Problem{{Rule: "media.video.container", Code: reason.VideoContainer, Args: []any{string(k)},
			Repairable: true, copy: true, repair: words.RepairedFormat(string(k))}}
	}
	return v, problems, loop, nil
}

func (l *Library) video(ctx context.Context, t *temp, k kind, src *url.URL, r Rules) (File, error) {
	where := displayURL(src)
	f := File{SourceURL: src.String(), Rules: r.Name, Acceptable: true}
	v, problems, loop, err := l.examine(t, k, r, where)
	if err != nil {
		return File{}, err
	}
	if w, h := v.Shown(); w > 0 && h > 0 && w > l.lim.MaxPixels/h {
		return File{}, fault("media.video.width", nil, reason.New(reason.MediaVideoHuge, where, w, h))
	}
	f.Acceptable = !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Optional })
	if l.ffmpeg == "" {
		problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Optional })
	}
	if len(problems) > 0 {
		if err := l.refusal(problems, where); err != nil {
			return File{}, err
		}
		problems = append(problems, compressSound(v)...)
		made, err := l.converted(ctx, t, r, func() (File, error) {
			out, repairs, err := l.transcode(ctx, t, k, v, problems, r, loop, where)
			if err != nil {
				return File{}, err
			}
			defer out.discard()
			v, _ := ProbeVideo(out.f, out.bytes) // transcode has already judged it
			f.Repairs = repairs
			return l.keepVideo(f, out, kindMP4, v)
		})
		if err != nil && ctx.Err() != nil {
			err = ffmpegFault(ctx.Err(), where) // ctx may have ended before the conversion began
		}
		if err != nil {
			return File{}, err
		}
		made.SourceURL = src.String()
		return made, nil
	}
	if len(v.hide) > 0 {
		if err := t.hide(v.hide); err != nil {
			return File{}, diskFault(err, "writing")
		}
		f.Repairs = removals(v)
	}
	return l.keepVideo(f, t, k, v)
}

// keepVideo stores a video in the library, and returns f with the type, size and hash of the file.
func (l *Library) keepVideo(f File, t *temp, k kind, v Video) (File, error) {
	f.Ext, f.ContentType, f.Bytes = "mp4", "video/mp4", t.bytes
	if k == kindMOV {
		f.Ext, f.ContentType = "mov", "video/quicktime"
	}
	f.Width, f.Height = v.Shown()
	var err error
	if f.SHA256, err = l.keep(t, f.Ext); err != nil {
		return File{}, err
	}
	return f, nil
}

// within returns the rules with the smaller of both limits of bytes.
func (v VideoRules) within(r Rules) VideoRules {
	v.MaxBytes = videoBytes(r)
	return v
}

// refusal returns the first problem that cannot be repaired, or that needs ffmpeg if it is not installed. It returns
// nil if all problems can be repaired.
func (l *Library) refusal(problems []Problem, where string) error {
	for _, p := range problems {
		if !p.Repairable {
			return fault(p.Rule, nil, p.of(where))
		}
	}
	if l.ffmpeg == "" {
		p, advice := problems[0], reason.New(reason.InstallFFmpeg)
		if l.lim.FFmpeg == NoFFmpeg {
			advice = reason.New(reason.SwitchFFmpegOn)
		}
		return machineFault(p.Rule, nil, p.of(where).Also(advice))
	}
	return nil
}

// way is how much of a video is re-encoded to repair it, in ascending order: encoding the picture takes minutes and
// reduces the quality.
type way int

const (
	copyAll way = iota
	encodeSound
	encodeAll
)

// wayFor returns the way that re-encodes least and still repairs all problems.
func wayFor(problems []Problem) way {
	w := copyAll
	for _, p := range problems {
		switch {
		case p.copy:
		case p.sound:
			w = max(w, encodeSound)
		default:
			return encodeAll
		}
	}
	return w
}

// transcode makes a file that conforms. It copies the tracks if only the container is wrong, and encodes them
// otherwise.
func (l *Library) transcode(ctx context.Context, t *temp, k kind, v Video, problems []Problem, r Rules, loop int,
	where string) (*temp, []Repair, error) {
	c := conversion{kind: k, video: v, problems: problems, picture: r, rules: r.Video.within(r), loop: loop,
		how: wayFor(problems)}
	began := time.Now()
	for {
		var timeout time.Duration
		if k == kindGIF {
			timeout = max(l.lim.GIFTimeout-time.Since(began), 1) // for all runs together
		}
		out, err := l.newTemp()
		if err != nil {
			return nil, nil, err
		}
		err = l.ffmpegRun(ctx, run{args: c.args(t.f.Name(), out.f.Name(), l.lim.MaxVideo), total: c.total(),
			maxBytes: l.lim.MaxVideo, timeout: timeout})
		if err != nil {
			out.discard()
			if c.easier(err) {
				continue
			}
			return nil, nil, ffmpegFault(err, where)
		}
		if err := out.reread(); err != nil {
			out.discard()
			return nil, nil, diskFault(err, "reading")
		}
		made, err := ProbeVideo(out.f, out.bytes)
		if err != nil {
			out.discard()
			return nil, nil, ffmpegFault(err, where)
		}
		left := Judge(made, c.rules)
		if c.conforms(made, left) {
			return out, c.repairs(made), nil
		}
		out.discard()
		if !c.stronger(made, left) {
			return nil, nil, fault(left[0].Rule, nil, left[0].of(where).Also(reason.New(reason.NotConverted)))
		}
	}
}

// conversion is one attempt after another to make a video conform, beginning with the cheapest way.
type conversion struct {
	kind     kind
	video    Video // as far as is known
	problems []Problem
	picture  Rules
	rules    VideoRules
	loop     int
	how      way
	plain    bool // without tone mapping, which this ffmpeg lacks
}

// limit returns the longest duration of the result, 0 for no limit.
func (c *conversion) limit() time.Duration {
	if c.rules.Trim {
		return c.rules.MaxDuration
	}
	return 0
}

// total returns the duration of the result.
func (c *conversion) total() time.Duration {
	total, limit := c.video.Duration*time.Duration(c.loop+1), c.limit()
	if limit > 0 {
		return min(total, limit)
	}
	return total
}

// args returns ffmpeg's arguments. The result has at most `most` bytes.
func (c *conversion) args(from, to string, most int64) []string {
	if c.how < encodeAll {
		return remuxArgs(c.kind, from, to, c.video, c.limit(), c.how == encodeSound)
	}
	if c.rules.MaxBytes > 0 {
		most = min(most, c.rules.MaxBytes)
	}
	return encoding{c.kind, from, to, c.video, c.rules, most, c.loop, c.limit(), c.picture.background(), c.plain}.args()
}

// easier simplifies the conversion after ffmpeg refused it, and reports whether another run may succeed.
func (c *conversion) easier(refused error) bool {
	switch {
	case c.how < encodeAll && ffmpegRefused(refused): // a track does not fit into an MP4, often only the sound
		c.how++
	case !c.plain && c.video.HDR() != "" && strings.Contains(refused.Error(), "No such filter"):
		c.plain = true
	default:
		return false
	}
	return true
}

// conforms reports whether the result can be used. left lists its remaining problems.
func (c *conversion) conforms(made Video, left []Problem) bool {
	// Some containers do not show that the sound starts later than the picture, and copying loses that delay.
	return len(left) == 0 && (c.how != copyAll || demuxers[c.kind] == "mov" || made.AudioCodec == "")
}

// stronger chooses the next way after a result that does not conform, and reports whether another run may succeed.
func (c *conversion) stronger(made Video, left []Problem) bool {
	if len(left) == 0 {
		c.how = encodeSound
		return true
	}
	// The result shows properties that the source did not show, or copying was not enough.
	isNews := c.video.FPS == 0 && made.FPS > 0 || c.video.HDR() == "" && made.HDR() != ""
	if c.how == encodeAll && !isNews || slices.ContainsFunc(left, func(p Problem) bool { return !p.Repairable }) {
		return false
	}
	c.how = max(min(c.how+1, encodeAll), wayFor(left))
	c.video, c.problems = merged(c.video, made), append(c.problems, left...)
	return true
}

// repairs lists what the conversion changed.
func (c *conversion) repairs(made Video) []Repair {
	notes := repairsOf(c.problems, c.video, made, c.how)
	if c.plain {
		notes = append(notes, Repair{"media.video.hdr", words.RepairedWithoutToneMap})
	}
	return notes
}

// merged returns v with the properties that its file did not show taken from the result. A container that Postern
// does not read shows none.
func merged(v, made Video) Video {
	if v.Codec == "" {
		made.Bytes, made.Location = v.Bytes, v.Location
		return made
	}
	if v.Duration == 0 {
		v.Duration = made.Duration
	}
	if v.FPS == 0 {
		v.FPS = made.FPS
	}
	if v.HDR() == "" { // only the encoded frames may declare it, or they contradict the container
		v.Transfer = cmp.Or(made.Transfer, v.Transfer)
	}
	if v.Width == 0 {
		v.Width, v.Height, v.Rotation, v.Stretch = made.Width, made.Height, made.Rotation, made.Stretch
	}
	return v
}

// repairsOf lists the changes in words.
func repairsOf(problems []Problem, from, to Video, how way) (notes []Repair) {
	add := func(rule, text string) {
		if text != "" && !slices.ContainsFunc(notes, func(r Repair) bool { return r.Text == text }) {
			notes = append(notes, Repair{rule, text})
		}
	}
	for _, p := range problems {
		add(p.Rule, p.repair)
	}
	fw, fh := from.Shown()
	tw, th := to.Shown()
	switch {
	case slices.ContainsFunc(problems,
		func(p Problem) bool { return p.Rule == "media.video.fit" }): // the canvas has its own size
	case fw > 0 && tw+1 < fw:
		add("media.video.width", words.RepairedWidth(fw, tw))
	case fh > 0 && th+1 < fh:
		add("media.video.width", words.RepairedHeight(fh, th))
	case fw > 0 && tw > fw+1:
		add(smallVideo, words.RepairedSmall(fw, tw))
	}
	for _, p := range problems {
		if p.Rule == "media.video.too-large" {
			add(p.Rule, words.RepairedBytes(size(from.Bytes), size(to.Bytes)))
		}
	}
	if how == encodeAll {
		add("media.video.codec", words.RepairedCodec)
	}
	for _, r := range removals(from) {
		add(r.Rule, r.Text)
	}
	return notes
}

// removals lists what was removed for privacy.
func removals(v Video) (notes []Repair) {
	if v.Location {
		notes = append(notes, Repair{"media.video.location", "removed location"})
	}
	if v.DataTracks > 0 {
		notes = append(notes, Repair{"media.video.location", words.RepairedDataTrack})
	}
	return notes
}

// gifVideo returns the properties of an animated GIF as a video. loop is how often it must repeat to be long enough.
func gifVideo(t *temp, r Rules, lim Limits, where string) (v Video, loop int, err error) {
	if t.bytes > lim.MaxSource { // the whole file is read into memory
		return v, 0, fault("media.video.too-large", nil,
			reason.New(reason.MediaGIFTooLarge, where, t.bytes>>20, lim.MaxSource>>20))
	}
	if err := t.rewind(); err != nil {
		return v, 0, diskFault(err, "reading")
	}
	b, err := io.ReadAll(t.f)
	if err != nil {
		return v, 0, diskFault(err, "reading")
	}
	frames, length := gifLength(b)
	if frames < 2 || len(b) < 10 {
		return v, 0, fault("media.type.unsupported", nil, reason.New(reason.MediaIsPicture, where, "GIF"))
	}
	v = Video{Bytes: t.bytes, Codec: "gif ", Duration: length, Width: int(b[6]) | int(b[7])<<8,
		Height: int(b[8]) | int(b[9])<<8}
	if r.Video == nil {
		return v, 0, nil
	}
	for length > 0 && time.Duration(loop+1)*length < r.Video.MinDuration+100*time.Millisecond {
		loop++
	}
	if gifWork(frames, loop, v, r.Video.within(r)) > lim.GIFWork {
		return v, 0, fault("media.video.conversion", nil,
			reason.New(reason.MediaGIFTooLong, where, lengthName(length), frames, v.Width, v.Height))
	}
	return v, loop, nil
}

// gifWork returns how many pixels a conversion processes: a few hundred bytes of GIF may contain minutes of video. Each
// GIF frame is decoded on the whole canvas; each video frame is laid on a background, scaled and encoded.
func gifWork(frames, loop int, v Video, r VideoRules) int64 {
	w, h := targetSize(v, r)
	if r.Fits(v.Shown()) {
		w, h = r.canvas(v.Shown())
	}
	length := v.Duration.Seconds() * float64(loop+1)
	decoded := float64(frames) * float64(loop+1)
	if most := r.MaxDuration.Seconds(); r.Trim && most > 0 && length > most {
		length, decoded = most, decoded*most/length
	}
	const fps = 30
	canvas := float64(v.Width) * float64(v.Height)
	return int64(decoded*canvas + length*fps*(canvas+float64(w)*float64(h)))
}

// gifLength counts the frames of a GIF and adds up their durations. A frame of less than 20 ms counts as 100 ms, as in
// browsers.
func gifLength(b []byte) (frames int, length time.Duration) {
	walkGIF(b, func(label byte, at int) bool {
		switch {
		case label == 0x2c:
			frames++
		case label == 0xf9 && at+6 <= len(b): // graphic control: size, flags, delay
			d := time.Duration(int(b[at+2])|int(b[at+3])<<8) * 10 * time.Millisecond
			if d < 20*time.Millisecond {
				d = 100 * time.Millisecond
			}
			length += d
		}
		return true
	})
	if length == 0 {
		length = time.Duration(frames) * 100 * time.Millisecond
	}
	return frames, length
}

// hide overwrites boxes with zeros in place, so that the rest of the file stays unchanged.
func (t *temp) hide(boxes []box) error {
	zero := make([]byte, 64<<10)
	for _, b := range boxes {
		if b.name > 0 {
			if _, err := t.f.WriteAt([]byte("free"), b.name); err != nil {
				return err
			}
		}
		for at := b.off; at < b.end; {
			n, err := t.f.WriteAt(zero[:min(b.end-at, int64(len(zero)))], at)
			if err != nil {
				return err
			}
			at += int64(n)
		}
	}
	return t.reread()
}

// reread computes size and hash of a file that another program wrote.
func (t *temp) reread() error {
	f, err := os.OpenFile(t.f.Name(), os.O_RDWR, 0) // ffmpeg may have replaced the file
	if err != nil {
		return err
	}
	_ = t.f.Close()
	t.f = f
	t.sum = newHash()
	t.bytes, err = io.Copy(t.sum, f)
	return err
}
