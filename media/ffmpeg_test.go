package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"postern/doors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// These are the requirements of Instagram for a reel, a story and a video in a carousel.
var (
	reelVideo = VideoRules{
		MinDuration: 3 * time.Second, MaxDuration: 15 * time.Minute, MinRatio: 0.01, MaxRatio: 10, MaxWidth: 1920,
		MinFPS: 23, MaxFPS: 60, MaxBitrate: 25e6, MaxBytes: 300 << 20, MaxSampleRate: 48000, MaxChannels: 2,
	}
	storyVideo = func() VideoRules {
		r := reelVideo
		r.MaxDuration, r.MinRatio, r.MaxBytes = time.Minute, 0.1, 100<<20
		return r
	}()
)

func serveBytes(t testing.TB, b []byte) string {
	return serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) })
}

var h264 = strings.Fields("-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 30 -c:a aac -b:a 64k")

func withArgs(base []string, more string) []string {
	return append(append([]string{}, base...), strings.Fields(more)...)
}

func TestProbeAgreesWithTheEncoder(t *testing.T) {
	t.Parallel()
	b := film(t, "x.mp4", "320x180", "30000/1001",
		withArgs(h264, "-bf 2 -ac 1 -ar 44100 -metadata location=+48.2+16.4/ -movflags +faststart")...)
	v, err := ProbeVideo(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	require.InDelta(t, 3.5, v.Duration.Seconds(), 0.1)
	require.InDelta(t, 29.97, v.FPS, 0.01)
	require.InDelta(t, 1.001, v.LongestGOP.Seconds(), 0.05)
	require.Equal(t, []any{"isom", "avc1", 320, 180, 0, "4:2:0", 8, "mp4a", true, 44100, 1, true, false, 0, true},
		[]any{v.Brand, v.Codec, v.Width, v.Height, v.Rotation, v.Chroma, v.Depth, v.AudioCodec, v.AudioAAC,
			v.SampleRate, v.Channels, v.MoovFirst, v.Fragmented, v.EditLists, v.Location})

	// The location is removed without ffmpeg too, and nothing else changes.
	l, _ := setupWith(t, Limits{FFmpeg: NoFFmpeg})
	f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, b)), Rules{Name: "reel", Video: &reelVideo})
	require.NoError(t, err)
	require.Equal(t, []string{"removed location"}, f.Words())
	out := stored(t, l, f)
	require.NotContains(t, string(out), "+48.2")
	require.Len(t, out, len(b))
	after, err := ProbeVideo(bytes.NewReader(out), int64(len(out)))
	require.NoError(t, err)
	require.False(t, after.Location)
	require.Empty(t, Judge(after, reelVideo))
}

func TestOtherContainers(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	without, _ := setupWith(t, Limits{FFmpeg: NoFFmpeg})
	r := Rules{Name: "reel", Video: &reelVideo}
	for _, c := range []struct {
		name, size, args string
		repairs          []string
		w, h             int
	}{
		{"x.webm", "161x91", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus",
			[]string{"converted from WebM", "re-encoded as H.264"}, 160, 90},
		{"x.avi", "160x90", "-c:v mpeg4 -c:a libmp3lame",
			[]string{"converted from AVI", "converted from MPEG-4 part 2", "converted sound from MP3",
				"re-encoded as H.264"}, 160, 90},
		// The file contains only the order of the frames, without timestamps.
		{"reordered.avi", "160x90", "-c:v libx264 -bf 3 -pix_fmt yuv420p -c:a libmp3lame",
			[]string{"converted from AVI", "converted sound from MP3"}, 160, 90},
		{"fields.avi", "360x288", "-c:v mpeg2video -q:v 4 -flags +ildct+ilme -top 1 -aspect 16:9 -c:a pcm_s16le",
			[]string{"converted from AVI", "converted from ", "deinterlaced", "re-encoded as H.264"}, 512, 288},
		{"x.mkv", "160x90", "-c:v libx264 -bf 3 -pix_fmt yuv420p -c:a aac",
			[]string{"converted from Matroska"}, 160, 90},
		{"hdr.mkv", "160x90",
			"-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p10le -color_primaries " +
				"bt2020 -color_trc smpte2084 -colorspace bt2020nc -c:a aac",
			[]string{"converted from Matroska", "converted from HDR (PQ)", "re-encoded as H.264"}, 160, 90},
	} {
		if underRace && c.name != "x.webm" {
			continue
		}
		src := address(t, serveBytes(t, film(t, c.name, c.size, "25", strings.Fields(c.args)...)))
		f, err := l.PrepareVideo(t.Context(), src, r)
		require.NoError(t, err, c.name)
		require.Len(t, f.Words(), len(c.repairs), "%s: %q", c.name, f.Words())
		for i, want := range c.repairs {
			require.True(t, strings.HasPrefix(f.Words()[i], want), "%s: %q", c.name, f.Words())
		}
		require.Equal(t, [3]any{"mp4", c.w, c.h}, [3]any{f.Ext, f.Width, f.Height}, c.name)
		path, err := l.Path(f.Name())
		require.NoError(t, err)
		conformsByFFprobe(t, path, reelVideo)
		out := stored(t, l, f)
		v, err := ProbeVideo(bytes.NewReader(out), int64(len(out)))
		require.NoError(t, err)
		require.InDelta(t, 3.5, v.Duration.Seconds(), 0.2, c.name)
		require.InDelta(t, 25, v.FPS, 0.1, c.name)
		_, err = without.PrepareVideo(t.Context(), src, r)
		requireRule(t, err, "media.type.unsupported", false)
	}
}

func TestAnimatedGIFBecomesAVideo(t *testing.T) {
	t.Parallel()
	doors.FFmpeg(t)
	l, _ := setup(t)
	g := &gif.GIF{}
	for i := range 5 {
		m := image.NewPaletted(image.Rect(0, 0, 101, 64), color.Palette{black, red, green, blue, yellow, white})
		for j := range m.Pix {
			m.Pix[j] = byte(i)
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 20)
	}
	var b, still bytes.Buffer
	require.NoError(t, gif.EncodeAll(&b, g))
	require.NoError(t, gif.Encode(&still, g.Image[0], nil))
	frames, length := gifLength(b.Bytes())
	require.Equal(t, [2]any{5, time.Second}, [2]any{frames, length})

	p, err := l.PrepareBytes(t.Context(), b.Bytes(), source(t), feed)
	require.NoError(t, err)
	require.True(t, p.Animated)
	r := Rules{Name: "reel", Video: &reelVideo}
	f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, b.Bytes())), r)
	require.NoError(t, err)
	require.Equal(t, "converted from an animated GIF", f.Words()[0])
	out := stored(t, l, f)
	v, err := ProbeVideo(bytes.NewReader(out), int64(len(out)))
	require.NoError(t, err)
	require.Empty(t, Judge(v, reelVideo)) // repeated until it has at least three seconds
	_, err = l.PrepareVideo(t.Context(), address(t, serveBytes(t, still.Bytes())), r)
	requireRule(t, err, "media.type.unsupported", false)
}

func TestPoster(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	src := address(t, serveBytes(t, film(t, "x.mp4", "320x400", "25", withArgs(h264, "-movflags +faststart")...)))
	f, err := l.PrepareVideo(t.Context(), src, Rules{Name: "reel"})
	require.NoError(t, err)
	p, err := l.Poster(t.Context(), f.Name(), time.Second, feed)
	require.NoError(t, err)
	require.Equal(t, []string{"took the picture at 1 s"}, p.Words())
	conforms(t, l, p, feed)
	require.Equal(t, [2]int{320, 400}, [2]int{p.Width, p.Height})
	_, err = l.Poster(t.Context(), f.Name(), time.Hour, feed)
	requireRule(t, err, "media.video.conversion", false)
	without, _ := setupWith(t, Limits{FFmpeg: NoFFmpeg})
	without.dir = l.dir
	_, err = without.Poster(t.Context(), f.Name(), time.Second, feed)
	require.Contains(t, requireRule(t, err, "media.video.no-ffmpeg", false).Error(), "switch `media.ffmpeg` on")
}

// TestConversionIsBounded checks that a conversion reports its progress, and ends with its context and at the limits
// of time and memory.
func TestConversionIsBounded(t *testing.T) {
	t.Parallel()
	body := film(t, "x.mp4", "640x360", "12", withArgs(h264, "-movflags +faststart")...)
	src := address(t, serveBytes(t, body))
	r := Rules{Name: "reel", Video: &reelVideo}
	l, _ := setup(t)
	var mu sync.Mutex
	var fetched, last Progress
	ctx := WithProgress(t.Context(), func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		if !p.Converting {
			fetched = p
			return
		}
		require.GreaterOrEqual(t, p.Done, last.Done)
		last = p
	})
	_, err := l.PrepareVideo(ctx, src, r)
	require.NoError(t, err)
	require.EqualValues(t, len(body), fetched.Done)
	require.InDelta(t, 3500, last.Total, 200)
	require.InDelta(t, 3500, last.Done, 300)

	// This program runs for an hour and has a child process.
	bin := t.TempDir()
	slow := filepath.Join(bin, "ffmpeg")
	require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\nsleep 3600 &\necho out_time_us=5\nwait\n"), 0o700))
	l, dir := setupWith(t, Limits{FFmpeg: slow})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = l.PrepareVideo(ctx, src, r)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.True(t, e.Temporary)
	require.Less(t, time.Since(began), 10*time.Minute)
	empty(t, dir)

	l, dir = setupWith(t, Limits{FFmpeg: slow, VideoTimeout: 300 * time.Millisecond})
	_, err = l.PrepareVideo(t.Context(), src, r)
	e = requireRule(t, err, "media.video.conversion", false)
	require.Contains(t, e.Error(), "too long to convert")
	empty(t, dir)

	require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\necho total_size=999999999999\nsleep 3600\n"), 0o700))
	l, dir = setupWith(t, Limits{FFmpeg: slow})
	_, err = l.PrepareVideo(t.Context(), src, r)
	e = requireRule(t, err, "media.video.conversion", false)
	require.Contains(t, e.Error(), "too large")
	require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n"), 0o700))
	_, err = l.PrepareVideo(t.Context(), src, r)
	e = requireRule(t, err, "media.video.conversion", false)
	require.Contains(t, e.Error(), "libx264")
	empty(t, dir)

	// A system that runs out of memory may kill the process. The video is not at fault.
	require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\necho >>"+bin+"/runs\nkill -9 $$\n"), 0o700))
	_, err = l.PrepareVideo(t.Context(), src, r)
	requireRule(t, err, "media.video.interrupted", true)
	runs, err := os.ReadFile(bin + "/runs")
	require.NoError(t, err)
	require.Len(t, runs, 1, "no immediate retry with a slower method")
	empty(t, dir)
}

// TestLargeVideoIsMadeSmaller checks that a reel above Instagram's limit is downloaded if ffmpeg can
// make it smaller, and refused before the download otherwise.
func TestLargeVideoIsMadeSmaller(t *testing.T) {
	t.Parallel()
	doors.FFmpeg(t)
	body := film(t, "x.mp4", "320x180", "25", withArgs(h264, "-movflags +faststart")...)
	const most = 300 << 20
	// A free box pads the file to slightly more than the limit.
	hole := most + 1 - int64(len(body)) + 8
	src := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.FormatInt(int64(len(body))+hole, 10))
		_, _ = w.Write(body)
		_, _ = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(hole)), "free"...))
		_, _ = io.CopyN(w, zeros{}, hole-8)
	})
	r := Rules{Name: "reel", Video: &reelVideo}
	l, _ := setup(t)
	f, err := l.PrepareVideo(t.Context(), address(t, src), r)
	require.NoError(t, err)
	require.Less(t, f.Bytes, int64(most))
	require.Contains(t, strings.Join(f.Words(), ", "), "compressed from 300 MiB")

	l, dir := setupWith(t, Limits{FFmpeg: NoFFmpeg})
	_, err = l.PrepareVideo(t.Context(), address(t, src), r)
	requireRule(t, err, "media.video.too-large", false)
	empty(t, dir)
}

// zeros is an endless stream.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestAFilmIsConvertedOnce checks that a converted video is reused by every caller while its file exists, and that a
// prune keeps it meanwhile.
func TestAFilmIsConvertedOnce(t *testing.T) {
	t.Parallel()
	real := doors.FFmpeg(t)
	bin := t.TempDir()
	counting := filepath.Join(bin, "ffmpeg")
	require.NoError(t, os.WriteFile(counting, []byte("#!/bin/sh\necho >>"+bin+"/runs\nexec "+real+" \"$@\"\n"), 0o700))
	runs := func() int {
		b, err := os.ReadFile(filepath.Join(bin, "runs"))
		require.NoError(t, err)
		return len(b)
	}
	var told []string
	l, dir := setupWith(t, Limits{FFmpeg: counting, OnConvert: func(what string, took time.Duration, err error) {
		require.NoError(t, err)
		require.Positive(t, took)
		told = append(told, what)
	}})
	body := film(t, "x.mp4", "320x180", "12", withArgs(h264, "-movflags +faststart")...)
	here, there := serveBytes(t, body), serveBytes(t, body)
	r := Rules{Name: "reel", Video: &reelVideo}
	first, err := l.PrepareVideo(t.Context(), address(t, here), r)
	require.NoError(t, err)
	require.Equal(t, 1, runs())
	old := time.Now().Add(-48 * time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(dir, first.Name()), old, old))

	same := reelVideo // equal rules at another address
	second, err := l.PrepareVideo(t.Context(), address(t, there), Rules{Name: "reel", Video: &same})
	require.NoError(t, err)
	require.Equal(t, 1, runs())
	require.Equal(t, there, second.SourceURL)
	second.SourceURL = first.SourceURL
	require.Equal(t, first, second)
	require.Equal(t, []string{"video"}, told)
	files, _, err := l.Prune(func(string) bool { return false }, time.Now().Add(-24*time.Hour))
	require.NoError(t, err)
	require.Zero(t, files, "the file was just prepared")

	_, err = l.PrepareVideo(t.Context(), address(t, here), Rules{Name: "story", Video: &storyVideo})
	require.NoError(t, err)
	require.Equal(t, 2, runs(), "other rules")
	require.NoError(t, l.Remove(first.Name()))
	again, err := l.PrepareVideo(t.Context(), address(t, here), r)
	require.NoError(t, err)
	require.Equal(t, 3, runs(), "the file was deleted")
	_, err = l.Path(again.Name())
	require.NoError(t, err)
}

// TestSlowVideoInUnsupportedContainer has a video that cannot be copied into an MP4, so that its frame rate is known
// only after the conversion.
func TestSlowVideoInUnsupportedContainer(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	body := film(t, "slow.webm", "160x90", "12",
		strings.Fields("-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus")...)
	f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, body)), Rules{Name: "reel", Video: &reelVideo})
	require.NoError(t, err)
	require.Equal(t, []string{"converted from WebM", "changed from 12 to 30 frames a second", "re-encoded as H.264"},
		f.Words())
	path, err := l.Path(f.Name())
	require.NoError(t, err)
	conformsByFFprobe(t, path, reelVideo)
}

// TestSizesOfEncodedFilms checks that the size of an encoded video is even, within the limits, and large enough:
// otherwise the conversion would fail.
func TestSizesOfEncodedFilms(t *testing.T) {
	t.Parallel()
	r := sided(reelVideo)
	for w := 2; w < 2600; w += 3 {
		for h := 2; h < 1000; h++ {
			var tw, th int
			_, err := fmt.Sscanf(target(Video{Width: w, Height: h}, r), "%d:%d", &tw, &th)
			ok := err == nil && tw%2 == 0 && th%2 == 0 && max(tw, th) <= r.MaxWidth && !r.enlarges(tw, th) &&
				(!r.enlarges(w, h) || min(tw, th) == r.MinSide)
			if !ok {
				require.Fail(t, "not a size to be sent", "%d×%d from %d×%d", tw, th, w, h)
			}
		}
	}
}

// TestSmallVideoInUnsupportedContainer has a container that only ffmpeg reads, so that the size is known only after the
// conversion.
func TestSmallVideoInUnsupportedContainer(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	rules := sided(reelVideo)
	body := film(t, "small.webm", "160x120", "25",
		strings.Fields("-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus")...)
	f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, body)), Rules{Name: "reel", Video: &rules})
	require.NoError(t, err)
	require.Equal(t, []string{"converted from WebM", "enlarged from 160 to 852 wide", "re-encoded as H.264"},
		f.Words())
	require.Equal(t, [2]int{852, 640}, [2]int{f.Width, f.Height})
}

// TestDataTracksAreRemoved checks that tracks with the recorded route of action cameras and drones are removed,
// even without ffmpeg, and that picture and sound stay unchanged.
func TestDataTracksAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	titles := filepath.Join(dir, "way.srt")
	require.NoError(t, os.WriteFile(titles,
		[]byte(
			"1\n00:00:00,000 --> 00:00:01,000\nGPS(16.3738,48.2082,19)\n\n2\n00:00:01,000 --> "+
				"00:00:02,000\nGPS(16.3739,48.2083,19)\n\n"), 0o600))
	l, _ := setup(t)
	without, _ := setupWith(t, Limits{FFmpeg: NoFFmpeg})
	const removed = "removed a track of data or text, which may contain the location"
	r := Rules{Name: "reel", Video: &reelVideo}
	for name, form := range map[string]string{"drone.mp4": "-movflags +faststart",
		"drone.mov": "-timecode 10:00:00:00 -movflags +faststart", "last.mp4": ""} {
		body := film(t, name, "160x90", "25",
			append(strings.Fields("-i "+titles+" -map 0 -map 1 -map 2 -c:s mov_text"), withArgs(h264, form)...)...)
		require.Contains(t, string(body), "GPS(16.3739,48.2083,19)")
		v, err := ProbeVideo(bytes.NewReader(body), int64(len(body)))
		require.NoError(t, err)
		require.Equal(t, 1, v.DataTracks, name)
		src := address(t, serveBytes(t, body))
		check := func(l *Library, f File, err error) {
			require.NoError(t, err, name)
			require.Contains(t, f.Words(), removed)
			out := stored(t, l, f)
			require.NotContains(t, string(out), "GPS(")
			v, err := ProbeVideo(bytes.NewReader(out), int64(len(out)))
			require.NoError(t, err)
			require.Zero(t, v.DataTracks)
			require.Empty(t, Judge(v, reelVideo))
			path, err := l.Path(f.Name())
			require.NoError(t, err)
			output, err := exec.Command(doors.FFmpeg(t), "-v", "warning", "-i", path, "-map", "0:v", "-map", "0:a", "-f",
				"null", "-").CombinedOutput()
			require.NoError(t, err, "%s", output)
			require.Empty(t, string(output), name)
		}
		f, err := l.PrepareVideo(t.Context(), src, r)
		check(l, f, err)
		if name != "last.mp4" {
			f, err = without.PrepareVideo(t.Context(), src, r)
			check(without, f, err)
			require.True(t, f.Acceptable)
			require.EqualValues(t, len(body), f.Bytes)
		}
	}
}

// longGIF returns an animated GIF with that many frames of one pixel on a canvas, each shown for a tenth of a second.
func longGIF(t *testing.T, canvas, frames int) []byte {
	t.Helper()
	g := &gif.GIF{Config: image.Config{Width: canvas, Height: canvas, ColorModel: color.Palette{black, white}}}
	for i := range frames {
		m := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{black, white})
		m.Pix[0] = byte(i % 2)
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 10)
	}
	var b bytes.Buffer
	require.NoError(t, gif.EncodeAll(&b, g))
	return b.Bytes()
}

// TestCostOfAnimatedGIFIsComputedFirst checks that the cost of converting a GIF is computed in advance: a few hundred
// bytes may contain minutes of video.
func TestCostOfAnimatedGIFIsComputedFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	refuses := filepath.Join(dir, "ffmpeg")
	require.NoError(t, os.WriteFile(refuses, []byte("#!/bin/sh\ntouch "+dir+"/asked\nexit 1\n"), 0o700))
	for _, c := range []struct {
		name           string
		canvas, frames int
		rules          VideoRules
		want           string // "" if ffmpeg is started
	}{
		{"4,000 frames on a large canvas", 1600, 4000, reelVideo,
			"is an animated GIF of 6 min 40 s with 4000 pictures of 1600×1600, which takes too long to convert; " +
				"make it smaller or shorter, or a video"},
		{"4,000 frames on the largest canvas", 7000, 4000, reelVideo, "takes too long to convert"},
		{"4,000 frames on a small canvas", 320, 4000, reelVideo, ""},
		{"60 frames on a large canvas", 1600, 60, reelVideo, ""},
		{"two frames", 600, 2, reelVideo, ""},
		{"4,000 frames, trimmed to half a minute", 1080, 4000,
			VideoRules{MaxWidth: 1920, MaxDuration: 30 * time.Second, Trim: true}, ""},
	} {
		l, _ := setupWith(t, Limits{FFmpeg: refuses})
		_, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, longGIF(t, c.canvas, c.frames))),
			Rules{Name: "reel", Video: &c.rules})
		requireRule(t, err, "media.video.conversion", false)
		gone := os.Remove(filepath.Join(dir, "asked"))
		if c.want == "" {
			require.NoError(t, gone, c.name)
			continue
		}
		require.ErrorIs(t, gone, os.ErrNotExist, c.name)
		require.ErrorContains(t, err, c.want, c.name)
	}
}

// TestLongAnimatedGIFEndsAfterATime checks that GIFTimeout ends the conversion of a GIF on a slow machine.
func TestLongAnimatedGIFEndsAfterATime(t *testing.T) {
	t.Parallel()
	doors.FFmpeg(t)
	l, _ := setupWith(t, Limits{GIFTimeout: time.Second, GIFWork: math.MaxInt64})
	b := longGIF(t, 1600, 4000)
	_, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, b)), Rules{Name: "reel", Video: &reelVideo})
	requireRule(t, err, "media.video.conversion", false)
	require.ErrorContains(t, err, "takes too long to convert; make it smaller or shorter")

	small, _ := setupWith(t, Limits{MaxSource: int64(len(b)) - 1})
	_, err = small.PrepareVideo(t.Context(), address(t, serveBytes(t, b)), Rules{Name: "reel", Video: &reelVideo})
	requireRule(t, err, "media.video.too-large", false)
}
