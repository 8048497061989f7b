package media

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// NoFFmpeg is the value of [Limits].FFmpeg that disables ffmpeg even if it is installed.
const NoFFmpeg = "off"

// FFmpeg returns the path of the program that converts videos, "" if there is none.
func (l *Library) FFmpeg() string { return l.ffmpeg }

// FindFFmpeg returns the path of the program that set, a value of [Limits].FFmpeg, refers to; "" if there is none.
func FindFFmpeg(set string) string {
	switch set {
	case NoFFmpeg:
		return ""
	case "":
		set = "ffmpeg"
	}
	p, err := exec.LookPath(set)
	if err != nil {
		return ""
	}
	return p
}

// run is one run of ffmpeg.
type run struct {
	args     []string
	total    time.Duration // expected duration of the result, for progress
	maxBytes int64         // limit of the output, written to stdout or reported as progress
	timeout  time.Duration // 0 for Limits.VideoTimeout, which it cannot exceed
	stdout   io.Writer     // nil: the output is a file, and stdout reports progress
}

var (
	errTooMuchOutput = errors.New("media: ffmpeg wrote more than is allowed")
	errTooSlow       = errors.New("media: ffmpeg took longer than is allowed")
)

// ffmpegRun runs ffmpeg in its own process group, with limits of time and memory. The group is killed when ctx ends.
func (l *Library) ffmpegRun(ctx context.Context, r run) error {
	if err := l.videos.Acquire(ctx, 1); err != nil {
		return err
	}
	defer l.videos.Release(1)
	limited, cancel := context.WithTimeout(ctx, min(cmp.Or(r.timeout, l.lim.VideoTimeout), l.lim.VideoTimeout))
	defer cancel()
	// -nostdin: otherwise ffmpeg reads the terminal. Other protocols than file would let a hostile file fetch URLs.
	args := append([]string{"-v", "error", "-nostdin", "-y", "-protocol_whitelist", "file,pipe"}, r.args...)
	cmd := exec.CommandContext(limited, l.ffmpeg, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C"}
	defer ownGroup(cmd)()
	cmd.WaitDelay = 5 * time.Second
	stderr := &stderrHead{}
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return interrupted(err, reason.New(reason.FFmpegUnstarted))
	}
	limitErr := limitMemory(cmd.Process.Pid, l.lim.VideoMemory)
	if limitErr == nil {
		if r.stdout != nil {
			var n int64
			if n, err = io.Copy(r.stdout, io.LimitReader(out, r.maxBytes+1)); n > r.maxBytes {
				err = errTooMuchOutput
			}
		} else {
			err = watch(ctx, out, r)
		}
	}
	if err != nil || limitErr != nil {
		cancel()
	}
	slow := errors.Is(limited.Err(), context.DeadlineExceeded) && ctx.Err() == nil
	_, _ = io.Copy(io.Discard, out)
	waitErr := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case slow, errors.Is(limited.Err(), context.DeadlineExceeded):
		return errTooSlow
	case limitErr != nil:
		return interrupted(limitErr, reason.New(reason.FFmpegUnbounded))
	case err != nil:
		return err
	case waitErr != nil && strings.Contains(stderr.String(), "No space left"):
		l.full.Store(true)
		return diskFault(waitErr, words.DoingConversion)
	case strings.Contains(fmt.Sprint(waitErr),
		"signal: killed"): // Postern did not kill it, so usually the system ran out of memory
		return interrupted(waitErr, reason.New(reason.FFmpegKilled))
	case waitErr != nil:
		return fmt.Errorf("ffmpeg: %w: %s", waitErr, stderr.String())
	}
	return nil
}

// watch reads the output of "-progress": lines of key=value.
func watch(ctx context.Context, r io.Reader, job run) error {
	tell := reporter(ctx)
	tell(filmProgress(0, job.total))
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			continue
		}
		switch {
		case key == "total_size" && n > job.maxBytes:
			return errTooMuchOutput
		case key == "out_time_us" && n >= 0:
			tell(filmProgress(time.Duration(n)*time.Microsecond, job.total))
		}
	}
	return nil // an overlong line ends the progress reports, but not the conversion
}

// demuxers are ffmpeg's names for the containers. Naming the demuxer prevents ffmpeg from guessing one that opens
// other files which the file names.
var demuxers = map[kind]string{kindMP4: "mov", kindMOV: "mov", kind3GP: "mov", kindWebM: "matroska",
	kindMKV: "matroska", kindAVI: "avi", kindGIF: "gif"}

// formArgs returns the arguments for an MP4 without edit lists and metadata, with the index at the start. If the
// frames are not coded in display order, the first one is shown some frames late. An edit list would correct that.
// Without one, only negative composition offsets keep the picture in sync with the sound. An audio encoder starts
// some milliseconds early. Nothing is delayed for that, so that all frames have the same duration.
func formArgs(out string, reordered bool) []string {
	form := []string{"-movflags", "+faststart", "-avoid_negative_ts", "disabled"}
	if reordered {
		form = []string{"-movflags", "+faststart+negative_cts_offsets"}
	}
	return append(form, "-use_editlist", "0", "-map_metadata", "-1", "-map_chapters", "-1", "-progress", "pipe:1", "-f",
		"mp4", out)
}

// inputArgs returns the arguments for the input. AVI stores no timestamps, so ffmpeg must generate them for frames
// that are not coded in display order.
func inputArgs(k kind, in string) []string {
	args := []string{"-f", demuxers[k], "-i", in}
	if k == kindAVI {
		args = append([]string{"-fflags", "+genpts"}, args...)
	}
	return args
}

// soundArgs returns the arguments for sound that every player supports. Sound that starts later than the picture gets
// leading silence, because there is no edit list to delay it.
func soundArgs(bits float64) []string {
	return []string{"-af", "aresample=async=1:first_pts=0", "-c:a", "aac", "-b:a", strconv.Itoa(int(bits)), "-ar",
		"48000", "-ac", "2"}
}

// remuxArgs returns the arguments that copy the tracks into a new container. If sound is true, it encodes the sound.
func remuxArgs(k kind, in, out string, v Video, limit time.Duration, sound bool) []string {
	args := inputArgs(k, in)
	if limit > 0 {
		args = append(args, "-t", seconds(limit))
	}
	args = append(args, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy")
	if sound {
		args = append(args, soundArgs(maxSound)...)
	}
	if v.Codec == "hvc1" || v.Codec == "hev1" {
		args = append(args, "-tag:v", "hvc1")
	}
	// Other containers do not show whether frames are reordered.
	return append(args, formArgs(out, v.Reordered || demuxers[k] != "mov")...)
}

// encoding is a conversion to H.264 and AAC.
type encoding struct {
	kind       kind
	in, out    string
	video      Video // properties of the source
	rules      VideoRules
	maxBytes   int64         // 0: no limit
	loop       int           // number of repetitions
	limit      time.Duration // duration after which it is cut; 0: not cut
	background color.RGBA    // behind an animated GIF
	plain      bool          // without tone mapping, which this ffmpeg lacks
}

// args returns ffmpeg's arguments for a result that every player supports.
func (e encoding) args() []string {
	v, r := e.video, e.rules
	var args []string
	if e.loop > 0 {
		args = append(args, "-stream_loop", strconv.Itoa(e.loop))
	}
	args = append(args, inputArgs(e.kind, e.in)...)
	length := v.Duration
	if e.limit > 0 {
		args = append(args, "-t", seconds(e.limit))
		length = min(length, e.limit)
	}
	fps := r.rate(v.FPS)
	if v.FPS == 0 {
		fps = 30
	}
	rate, sound := 10e6, float64(maxSound)
	if r.MaxBitrate > 0 {
		rate = min(rate, r.MaxBitrate)
	}
	if e.maxBytes > 0 && length > 0 { // the remaining 15% are for the container and deviations of the encoder
		all := float64(e.maxBytes) * 8 * 0.85 / length.Seconds()
		sound = min(sound, max(all/4, 32e3))
		rate = min(rate, all-sound)
	}
	rate = max(rate, 30e3)
	kbit := strconv.Itoa(int(rate/1000)) + "k"
	group := strconv.Itoa(max(int(math.Round(2*fps)), 1))
	args = append(args, "-filter_complex", e.filters(fps)+"[shown]", "-map", "[shown]", "-map", "0:a:0?",
		"-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-maxrate", kbit, "-bufsize", kbit, "-profile:v",
		"high", "-pix_fmt", "yuv420p",
		"-g", group, "-keyint_min", group, "-sc_threshold", "0", "-flags", "+cgop",
		// Frames in display order need a tenth more bytes at the same quality, but no composition offsets.
		"-bf", "0")
	args = append(args, soundArgs(sound)...)
	if v.HDR() != "" {
		args = append(args, "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
			"-color_range", "tv")
	}
	return append(args, formArgs(e.out, false)...)
}

// filters returns the filter graph for the frames.
func (e encoding) filters(fps float64) string {
	v := e.video
	rate := strconv.FormatFloat(fps, 'f', -1, 64)
	scale := "scale=" + target(v, e.rules) + ":flags=lanczos"
	var f []string
	// DV and MPEG-2 declare interlacing only in their frames.
	if v.Interlaced || !acceptedCodec(v.Codec) && e.kind != kindGIF {
		f = append(f, "yadif=deint=interlaced") // leaves frames unchanged that are marked as progressive
	}
	if e.kind == kindGIF { // on a canvas, because a GIF may be transparent
		c := e.background
		f = append(f,
			fmt.Sprintf(
				"fps=%s,format=rgba[moving];color=c=0x%02x%02x%02x:s=%dx%d:r=%[1]s[canvas];"+
					"[canvas][moving]overlay=shortest=1:format=rgb", rate, c.R, c.G, c.B, v.Width, v.Height))
	}
	f = append(f, scale, "setsar=1")
	if v.FPS > 0 && fps != v.FPS && e.kind != kindGIF { // otherwise the rate is kept, and judged in the result
		f = append(f, "fps="+rate)
	}
	transfer := map[string]string{"PQ": "smpte2084", "HLG": "arib-std-b67"}[v.HDR()]
	switch {
	case transfer == "":
	case e.plain:
		f = append(f, "scale=in_color_matrix=bt2020:out_color_matrix=bt709")
	default: // after scaling, because tone mapping is slow
		f = append(f, "zscale=tin="+transfer+":min=2020_ncl:pin=2020:rin=tv:t=linear:npl=100", "format=gbrpf32le",
			"zscale=p=709",
			"tonemap=hable:desat=0", "zscale=t=709:m=709:r=tv")
	}
	return "[0:v:0]" + strings.Join(append(f, "format=yuv420p"), ",") + e.onCanvas()
}

// onCanvas returns the filters that place a video on a canvas of the required ratio; "" if the ratio already fits.
func (e encoding) onCanvas() string {
	r := e.rules
	if !r.Fits(e.video.Shown()) {
		return ""
	}
	w, h := r.canvas(e.video.Shown())
	size := fmt.Sprintf("%d:%d", w, h)
	inside := ",scale=" + size + ":force_original_aspect_ratio=decrease:force_divisible_by=2:flags=lanczos"
	covering := "scale=" + size +
		":force_original_aspect_ratio=increase:force_divisible_by=2:flags=lanczos,crop=" + size
	switch r.Fill {
	case FillCrop:
		return "," + covering + ",setsar=1"
	case FillBackground:
		c := e.background
		return fmt.Sprintf("%s,pad=%s:-1:-1:color=0x%02x%02x%02x,setsar=1", inside, size, c.R, c.G, c.B)
	}
	// Blur at a reduced size, because the cost of a blur depends on the number of pixels.
	blurred := fmt.Sprintf("%s,scale=%d:%d,gblur=sigma=12,scale=%s", covering, w/4&^1, h/4&^1, size)
	return ",split[border][film];[border]" + blurred + "[behind];[film]" + inside[1:] +
		"[before];[behind][before]overlay=(W-w)/2:(H-h)/2,setsar=1,format=yuv420p"
}

// target returns the scale arguments for targetSize, or an expression for ffmpeg if the displayed size is unknown.
func target(v Video, r VideoRules) string {
	w, h := v.Shown()
	if w < 1 || h < 1 { // ffmpeg knows the size when it runs
		const wide = "iw*if(gt(sar\\,0)\\,sar\\,1)"
		f := fmt.Sprintf("*min(1\\,%d/max("+wide+"\\,ih))/2)*2", cmp.Or(r.MaxWidth, maxSide))
		return "trunc(" + wide + f + ":trunc(ih" + f
	}
	w, h = targetSize(v, r)
	return fmt.Sprintf("%d:%d", w, h)
}

// targetSize returns the size of an encoded video. It is even. A video that must become smaller gets no side above
// MaxWidth; one that must become larger gets a short side of MinSide.
func targetSize(v Video, r VideoRules) (w, h int) {
	w, h = v.Shown()
	f := 1.0
	switch {
	case r.Fits(w, h) && max(w, h) <= cmp.Or(r.MaxWidth, maxSide): // the canvas sets the size
	case r.enlarges(w, h):
		w, h = w&^1, h&^1
		f = float64(r.MinSide) / float64(min(w, h))
	case r.MaxWidth > 0 && max(w, v.Width) > r.MaxWidth:
		f = float64(r.MaxWidth) / float64(max(w, h))
	}
	w, h = int(math.Round(float64(w)*f)), int(math.Round(float64(h)*f))
	return max(w&^1, 2), max(h&^1, 2)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// ffmpegRefused reports whether ffmpeg itself failed, as opposed to a limit of time or space.
func ffmpegRefused(err error) bool {
	var e *Error
	return errors.As(err, new(*exec.ExitError)) && !errors.As(err, &e)
}

func interrupted(cause error, why reason.Reason) *Error {
	return processFault("media.video.interrupted", cause, why)
}

// ffmpegFault returns the fault for the error of a conversion.
func ffmpegFault(err error, where string) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return interrupted(err, reason.New(reason.MediaConversionStopped, where))
	case errors.Is(err, errTooSlow):
		return fault("media.video.conversion", err, reason.New(reason.MediaConversionSlow, where))
	case errors.Is(err, errTooMuchOutput):
		return fault("media.video.conversion", err, reason.New(reason.MediaConversionLarge, where))
	case strings.Contains(err.Error(), "Unknown encoder"):
		return machineFault("media.video.conversion", err, reason.New(reason.MediaConversionNoEncoder, where))
	}
	return fault("media.video.conversion", err, reason.New(reason.MediaConversionFailed, where))
}
