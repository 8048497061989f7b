package media

import (
	"bytes"
	"cmp"
	"encoding/json"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"postern/doors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// film makes a video of three and a half seconds. args are inserted between the two inputs (picture, sound) and the
// name.
func film(t testing.TB, name string, size, rate string, args ...string) []byte {
	t.Helper()
	return filmOfLength(t, "3.5", name, size, rate, args...)
}

func filmOfLength(t testing.TB, seconds, name, size, rate string, args ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	all := []string{"-v", "error", "-nostdin", "-f", "lavfi", "-i",
		"testsrc=duration=" + seconds + ":size=" + size + ":rate=" + rate,
		"-f", "lavfi", "-i", "sine=sample_rate=48000:duration=" + seconds}
	all = append(append(all, args...), "-threads", "1", out)
	if output, err := exec.Command(doors.FFmpeg(t), all...).CombinedOutput(); err != nil {
		if strings.Contains(string(output), "Unknown encoder") {
			t.Skip("LEFT OUT: " + strings.TrimSpace(string(output)))
		}
		t.Fatalf("%v: %s", err, output)
	}
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	return b
}

// films has a video for each case in Instagram's specification.
var films = []struct {
	name, size, rate string
	args             []string
	rules            VideoRules
	want             []string // the expected problems
	repairs          []string // nil if it cannot be repaired
	length           string   // "" for 3.5 s
}{
	{"good.mp4", "320x180", "25", withArgs(h264, "-movflags +faststart"), reelVideo, []string{}, []string{}, ""},
	{"good.mov", "320x180", "25", withArgs(h264, "-movflags +faststart"), reelVideo, []string{}, []string{}, ""},
	{"silent.mp4", "180x320", "30", withArgs(h264, "-an -movflags +faststart"), reelVideo, []string{}, []string{}, ""},
	{"23.976.mp4", "320x180", "24000/1001", withArgs(h264, "-movflags +faststart"), reelVideo, []string{},
		[]string{}, ""},
	{"hevc.mp4", "320x180", "25",
		strings.Fields(
			"-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p -tag:v hvc1 -c:a aac " +
				"-movflags +faststart"), reelVideo, []string{}, []string{}, ""},
	{"last.mp4", "320x180", "25", h264, reelVideo, []string{"moov-last"}, []string{"moved the index to the front"}, ""},
	{"pieces.mp4", "320x180", "25", withArgs(h264, "-movflags +frag_keyframe+empty_moov"), reelVideo,
		[]string{"container"}, []string{"joined the parts of the index"}, ""},
	{"delayed.mp4", "320x180", "25", withArgs(h264, "-movflags +faststart"), reelVideo, []string{"edit-list"},
		[]string{"removed the edit list", "re-encoded as H.264"}, ""},
	{"slow.mp4", "320x180", "12", withArgs(h264, "-movflags +faststart"), reelVideo, []string{"frame-rate"},
		[]string{"changed from 12 to 30 frames a second", "re-encoded as H.264"}, ""},
	{"fast.mp4", "160x90", "120", withArgs(h264, "-movflags +faststart"), reelVideo, []string{"frame-rate"},
		[]string{"changed from 120 to 60 frames a second", "re-encoded as H.264"}, ""},
	{"wide.mp4", "2560x320", "25", withArgs(h264, "-movflags +faststart"), reelVideo, []string{"width"},
		[]string{"scaled from 2560 to 1920 wide", "re-encoded as H.264"}, ""},
	{"vp9.mp4", "160x90", "25",
		strings.Fields("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a aac -movflags +faststart"), reelVideo,
		[]string{"codec"}, []string{"converted from VP9", "re-encoded as H.264"}, ""},
	{"422.mp4", "160x90", "25",
		strings.Fields("-c:v libx264 -preset ultrafast -pix_fmt yuv444p -c:a aac -movflags +faststart"), reelVideo,
		[]string{"chroma"}, []string{"converted from 4:4:4", "re-encoded as H.264"}, ""},
	{"mp3.mp4", "160x90", "25", withArgs(h264, "-c:a libmp3lame -movflags +faststart"), reelVideo,
		[]string{"audio-codec"}, []string{"converted sound from MP3"}, ""},
	{"96khz.mp4", "160x90", "25", withArgs(h264, "-ar 96000 -movflags +faststart"), reelVideo, []string{"audio-rate"},
		[]string{"converted sound from 96 kHz"}, ""},
	{"surround.mp4", "160x90", "25", withArgs(h264, "-ac 6 -movflags +faststart"), reelVideo,
		[]string{"audio-channels"}, []string{"mixed sound from 6 channels to 2"}, ""},
	{"pcm.mov", "160x90", "25", withArgs(h264, "-c:a pcm_s16le -movflags +faststart"), reelVideo,
		[]string{"audio-codec"}, []string{"converted sound from PCM"}, ""},
	{"loud.mp4", "160x90", "25", withArgs(h264, "-b:a 320k -movflags +faststart"), reelVideo, []string{},
		[]string{}, ""},
	{"loud-last.mp4", "160x90", "25", withArgs(h264, "-b:a 320k"), reelVideo, []string{"moov-last"},
		[]string{"moved the index to the front", "compressed sound from "}, ""},
	{"loud-slow.mp4", "160x90", "12", withArgs(h264, "-b:a 320k -movflags +faststart"), reelVideo,
		[]string{"frame-rate"}, []string{"changed from 12 to 30 frames a second", "compressed sound from ",
			"re-encoded as H.264"}, ""},
	{"short.mp4", "160x90", "25", withArgs(h264, "-t 1 -movflags +faststart"), reelVideo,
		[]string{"too-short"}, nil, ""},
	{"thin.mp4", "16x256", "25", withArgs(h264, "-movflags +faststart"), storyVideo, []string{"ratio"}, nil, ""},
	{"large.mp4", "320x180", "25", withArgs(h264, "-movflags +faststart"), VideoRules{MaxBytes: 60_000},
		[]string{"too-large"}, []string{"compressed from ", "re-encoded as H.264"}, ""},
	{"long.mp4", "160x90", "25", withArgs(h264, "-movflags +faststart"), VideoRules{MaxDuration: 2 * time.Second},
		[]string{"too-long"}, nil, ""},
	{"trimmed.mp4", "160x90", "25", withArgs(h264, "-movflags +faststart"),
		VideoRules{MaxDuration: 2 * time.Second, Trim: true}, []string{"too-long"}, []string{"cut to 2 s"}, ""},
	{"turned.mp4", "320x180", "25", h264, reelVideo, []string{"moov-last"},
		[]string{"moved the index to the front"}, ""},
	{"all.mov", "2560x256", "15", strings.Fields("-c:v mjpeg -q:v 10 -c:a pcm_s16le"), reelVideo,
		[]string{"moov-last", "codec", "width", "frame-rate", "audio-codec"},
		[]string{"moved the index to the front", "converted from Motion JPEG", "changed from 15 to 30 frames a second",
			"converted sound from PCM", "scaled from 2560 to 1920 wide", "re-encoded as H.264"}, ""},
	{"wide-pixels.mp4", "360x288", "12", withArgs(h264, "-vf setsar=64/45 -bf 2 -movflags +faststart"), reelVideo,
		[]string{"frame-rate"}, []string{"changed from 12 to 30 frames a second", "re-encoded as H.264"}, ""},
	{"slow-motion.mov", "160x90", "240", withArgs(h264, "-bf 2 -movflags +faststart"), reelVideo,
		[]string{"frame-rate"}, []string{"changed from 240 to 60 frames a second", "re-encoded as H.264"}, ""},
	{"timecode.mov", "320x180", "24", withArgs(h264, "-bf 2 -timecode 01:00:00:00"), reelVideo, []string{"moov-last"},
		[]string{"moved the index to the front"}, ""},
	{"varying.mp4", "160x90", "60",
		withArgs(h264, "-vf select=lt(t\\,1)+not(mod(n\\,5)) -vsync vfr -movflags +faststart"), reelVideo, []string{},
		[]string{}, ""},
	{"dv.mov", "720x576", "25", strings.Fields("-c:v dvvideo -pix_fmt yuv420p -aspect 16:9 -c:a pcm_s16le"), reelVideo,
		[]string{"moov-last", "codec", "bitrate", "audio-codec"},
		[]string{"moved the index to the front", "converted from DV", "compressed from 28.8 Mbit a second",
			"converted sound from PCM", "re-encoded as H.264"}, ""},
	{"turned-hdr.mov", "320x180", "30",
		strings.Fields(
			"-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p10le -tag:v hvc1 " +
				"-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -c:a aac -b:a 64k"), reelVideo,
		[]string{"moov-last", "hdr"},
		[]string{"moved the index to the front", "converted from HDR (HLG)", "re-encoded as H.264"}, ""},
	{name: "24.mp4", size: "160x90", rate: "24", args: withArgs(h264, "-movflags +faststart"), rules: reelVideo},
	{name: "30.mp4", size: "160x90", rate: "30", args: withArgs(h264, "-ac 1 -movflags +faststart"), rules: reelVideo},
	{name: "60.mp4", size: "160x90", rate: "60", args: withArgs(h264, "-movflags +faststart"), rules: reelVideo},
	{name: "59.94.mov", size: "160x90", rate: "60000/1001", args: withArgs(h264, "-movflags +faststart"),
		rules: reelVideo},
	{name: "15.mp4", size: "160x90", rate: "15", args: withArgs(h264, "-movflags +faststart"), rules: reelVideo,
		want:    []string{"frame-rate"},
		repairs: []string{"changed from 15 to 30 frames a second", "re-encoded as H.264"}},
	{name: "tiny.mp4", size: "16x16", rate: "25", args: withArgs(h264, "-movflags +faststart"), rules: reelVideo},
	{name: "1920.mp4", size: "1920x1080", rate: "24", args: withArgs(h264, "-movflags +faststart"), rules: reelVideo},
	{name: "4k.mp4", size: "3840x2160", rate: "23", args: withArgs(h264, "-movflags +faststart"), rules: reelVideo,
		want: []string{"width"}, repairs: []string{"scaled from 3840 to 1920 wide", "re-encoded as H.264"},
		length: "3"},
	{name: "mpeg4.mp4", size: "160x90", rate: "25", args: strings.Fields("-c:v mpeg4 -c:a aac -movflags +faststart"),
		rules: reelVideo, want: []string{"codec"},
		repairs: []string{"converted from MPEG-4 part 2", "re-encoded as H.264"}},
	{name: "odd.mp4", size: "161x91", rate: "25", args: strings.Fields("-c:v mpeg4 -c:a aac -movflags +faststart"),
		rules: reelVideo, want: []string{"codec"},
		repairs: []string{"converted from MPEG-4 part 2", "re-encoded as H.264"}},
	{name: "long-gop.mp4", size: "160x90", rate: "25", args: withArgs(h264, "-g 1000 -bf 2 -movflags +faststart"),
		rules: reelVideo},
	{name: "closed.mp4", size: "160x90", rate: "25", args: withArgs(h264, "-g 25 -bf 2 -movflags +faststart"),
		rules: reelVideo},
	{name: "open.mp4", size: "160x90", rate: "25",
		args: withArgs(h264, "-g 25 -bf 2 -x264-params open-gop=1 -movflags +faststart"), rules: reelVideo,
		want: []string{"open-gop"}, repairs: []string{"closed its groups of pictures", "re-encoded as H.264"}},
	{name: "hevc-closed.mp4", size: "160x90", rate: "25",
		args: strings.Fields(
			"-c:v libx265 -preset ultrafast -x265-params log-level=none:open-gop=0:keyint=24:bframes=3:b-adapt=0 " +
				"-preset veryfast -pix_fmt yuv420p -tag:v hvc1 -c:a aac -movflags +faststart"), rules: reelVideo},
	{name: "hevc-open.mp4", size: "160x90", rate: "25",
		args: strings.Fields(
			"-c:v libx265 -preset ultrafast -x265-params log-level=none:open-gop=1:keyint=24:bframes=3:b-adapt=0 " +
				"-preset veryfast -pix_fmt yuv420p -tag:v hvc1 -c:a aac -movflags +faststart"), rules: reelVideo,
		want: []string{"open-gop"}, repairs: []string{"closed its groups of pictures", "re-encoded as H.264"}},
	{name: "interlaced.mp4", size: "160x96", rate: "25",
		args:  withArgs(h264, "-preset superfast -flags +ildct+ilme -x264-params interlaced=1 -movflags +faststart"),
		rules: reelVideo, want: []string{"interlaced"}, repairs: []string{"deinterlaced", "re-encoded as H.264"}},
	{name: "10-bit.mp4", size: "160x90", rate: "25", args: withArgs(h264, "-pix_fmt yuv420p10le -movflags +faststart"),
		rules: reelVideo, want: []string{"depth"},
		repairs: []string{"converted from 10 to 8 bits", "re-encoded as H.264"}},
	{name: "pq.mp4", size: "160x90", rate: "25",
		args: strings.Fields(
			"-c:v libx265 -preset ultrafast -x265-params log-level=none:hdr10=1 -pix_fmt yuv420p10le -tag:v hvc1 " +
				"-c:a aac -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -movflags +faststart"),
		rules: reelVideo, want: []string{"hdr"}, repairs: []string{"converted from HDR (PQ)", "re-encoded as H.264"}},
	{name: "hlg.mov", size: "160x90", rate: "25",
		args: withArgs(h264,
			"-pix_fmt yuv420p10le -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -movflags "+
				"+faststart"), rules: reelVideo, want: []string{"hdr"},
		repairs: []string{"converted from HDR (HLG)", "re-encoded as H.264"}},
	{name: "hdr-in-frames.mov", size: "160x90", rate: "25",
		args: strings.Fields(
			"-c:v libx265 -preset ultrafast -x265-params " +
				"log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc -pix_fmt yuv420p10le " +
				"-tag:v hvc1 -c:a aac"), rules: reelVideo, want: []string{"moov-last", "depth"},
		repairs: []string{"moved the index to the front", "converted from 10 to 8 bits", "converted from HDR (HLG)",
			"re-encoded as H.264"}},
	// The container declares BT.709.
	{name: "hdr-contradicted.mp4", size: "160x90", rate: "12",
		args: withArgs(h264, "-color_primaries bt709 -color_trc bt709 -colorspace bt709"), rules: reelVideo,
		want:    []string{"frame-rate"},
		repairs: []string{"changed from 12 to 30 frames a second", "converted from HDR (PQ)", "re-encoded as H.264"}},
	{name: "noisy.mp4", size: "400x300", rate: "25",
		args: withArgs(h264, "-vf noise=alls=90:allf=t,format=yuv420p -qp 1 -movflags +faststart"), rules: reelVideo,
		want: []string{"bitrate"}, repairs: []string{"compressed from ", "re-encoded as H.264"}},
	{name: "turned-slow.mp4", size: "320x180", rate: "12", args: withArgs(h264, "-movflags +faststart"),
		rules: reelVideo, want: []string{"moov-last", "frame-rate"},
		repairs: []string{"moved the index to the front", "changed from 12 to 30 frames a second",
			"re-encoded as H.264"}},
	{name: "small.mp4", size: "320x180", rate: "25", args: withArgs(h264, "-movflags +faststart"),
		rules: sided(reelVideo), want: []string{"small"},
		repairs: []string{"enlarged from 320 to 1138 wide", "re-encoded as H.264"}},
	{name: "small-pixels.mp4", size: "360x288", rate: "25",
		args: withArgs(h264, "-vf setsar=64/45 -movflags +faststart"), rules: sided(reelVideo), want: []string{"small"},
		repairs: []string{"enlarged from 512 to 1138 wide", "re-encoded as H.264"}},
	{name: "turned-small.mp4", size: "240x80", rate: "25", args: withArgs(h264, "-movflags +faststart"),
		rules: sided(reelVideo), want: []string{"moov-last", "small"},
		repairs: []string{"moved the index to the front", "enlarged from 80 to 640 wide", "re-encoded as H.264"}},
	{name: "large-enough.mp4", size: "640x640", rate: "25", args: withArgs(h264, "-movflags +faststart"),
		rules: sided(reelVideo)},
	// Enlarged, it would be too wide.
	{name: "strip.mp4", size: "256x64", rate: "25", args: withArgs(h264, "-movflags +faststart"),
		rules: sided(reelVideo)},
	{name: "strip-last.mp4", size: "256x64", rate: "25", args: h264, rules: sided(reelVideo),
		want: []string{"moov-last"}, repairs: []string{"moved the index to the front"}},
	{name: "long-story.mp4", size: "64x64", rate: "24", args: withArgs(h264, "-movflags +faststart"), rules: storyVideo,
		want: []string{"too-long"}, length: "62"},
	{name: "story.mp4", size: "64x64", rate: "24", args: withArgs(h264, "-movflags +faststart"), rules: storyVideo,
		length: "60"},
	{name: "long-reel.mp4", size: "16x16", rate: "23", args: withArgs(h264, "-an -movflags +faststart"),
		rules: reelVideo, want: []string{"too-long"}, length: "903"},
	{name: "trimmed-reel.mp4", size: "16x16", rate: "23", args: withArgs(h264, "-an -movflags +faststart"),
		rules: trimmed(reelVideo), want: []string{"too-long"}, repairs: []string{"cut to 15 min"}, length: "903"},
}

// filmOf makes a video of the table, including those that need two runs of ffmpeg.
func filmOf(t testing.TB, i int) []byte {
	c := films[i]
	b := filmOfLength(t, cmp.Or(c.length, "3.5"), c.name, c.size, c.rate, c.args...)
	again := func(args string) []byte {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(dir+"/in.mp4", b, 0o600))
		all := append([]string{"-v", "error", "-nostdin"},
			strings.Fields(strings.ReplaceAll(args, "IN", dir+"/in.mp4"))...)
		output, err := exec.Command(doors.FFmpeg(t), append(all, dir+"/out.mp4")...).CombinedOutput()
		require.NoError(t, err, "%s", output)
		b, err := os.ReadFile(dir + "/out.mp4")
		require.NoError(t, err)
		return b
	}
	switch c.name {
	case "delayed.mp4":
		return again("-itsoffset 0.5 -i IN -i IN -map 0:v -map 1:a -c copy -movflags +faststart")
	case "hdr-contradicted.mp4":
		return again("-i IN -c copy -bsf:v h264_metadata=transfer_characteristics=16 -movflags +faststart")
	case "turned.mp4", "turned-slow.mp4", "turned-hdr.mov", "turned-small.mp4":
		return again("-i IN -c copy -metadata:s:v rotate=90")
	}
	return b
}

// sided requires 640 pixels on the short side. The other videos are smaller to make the tests fast.
func sided(r VideoRules) VideoRules {
	r.MinSide = 640
	return r
}

func trimmed(r VideoRules) VideoRules {
	r.Trim = true
	return r
}

func TestFilms(t *testing.T) {
	t.Parallel()
	doors.FFmpeg(t)
	with, _ := setup(t)
	without, _ := setupWith(t, Limits{FFmpeg: "no-such-ffmpeg"})
	require.Empty(t, without.FFmpeg())
	for i, c := range films {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if underRace && i%8 != 0 {
				t.Skip("the race detector sees nothing new in it")
			}
			body := filmOf(t, i)
			v, err := ProbeVideo(bytes.NewReader(body), int64(len(body)))
			require.NoError(t, err)
			var got []string
			optional := true
			for _, p := range Judge(v, c.rules) {
				got = append(got, strings.TrimPrefix(p.Rule, "media.video."))
				optional = optional && p.Optional
			}
			require.Equal(t, append([]string{}, c.want...), append([]string{}, got...), "%+v", v)

			src := address(t, serveBytes(t, body))
			r := Rules{Name: "reel", Video: &c.rules}
			f, err := without.PrepareVideo(t.Context(), src, r)
			if optional {
				require.NoError(t, err)
				require.Equal(t, body, stored(t, without, f))
				require.True(t, f.Acceptable)
			} else {
				e := requireRule(t, err, "media.video."+c.want[0], false)
				if c.repairs != nil && c.name != "large.mp4" { // it is not even downloaded
					require.Contains(t, e.Error(), "install ffmpeg")
				}
			}
			f, err = with.PrepareVideo(t.Context(), src, r)
			if len(c.want) > 0 && c.repairs == nil {
				requireRule(t, err, "media.video."+c.want[0], false)
				return
			}
			require.NoError(t, err)
			require.Len(t, f.Words(), len(c.repairs), "%q", f.Words())
			for i, want := range c.repairs { // some end with a number that depends on the encoder
				require.True(t, strings.HasPrefix(f.Words()[i], want), "%q", f.Words())
			}
			require.Equal(t, optional, f.Acceptable)
			out := stored(t, with, f)
			head, _, _ := bytes.Cut(out, []byte("mdat")) // samples may contain these letters by chance
			made, err := ProbeVideo(bytes.NewReader(out), int64(len(out)))
			require.NoError(t, err)
			require.Empty(t, Judge(made, c.rules))
			if len(c.want) == 0 {
				require.Equal(t, body, out)
			}
			if shown := map[string][2]int{"wide-pixels.mp4": {512, 288}, "dv.mov": {1024, 576},
				"small.mp4": {1138, 640}, "small-pixels.mp4": {1138, 640},
				"turned-small.mp4": {640, 1920}}[c.name]; shown[0] > 0 {
				require.Equal(t, shown, [2]int{f.Width, f.Height})
				require.Zero(t, made.Stretch, "encoded videos have square pixels")
			}
			if strings.HasPrefix(c.name, "turned") && c.rules.MinSide == 0 {
				require.Equal(t, [2]int{180, 320}, [2]int{f.Width, f.Height})
			}
			if n := len(c.repairs); n > 0 && c.repairs[n-1] == "re-encoded as H.264" {
				require.False(t, made.Reordered)
				require.NotContains(t, string(head), "ctts")
			}
			if len(c.want) > 0 {
				require.Equal(t, made.Reordered, made.Brand != "isom", "%s: as plain as can be", made.Brand)
				require.NotContains(t, string(head), "elst")
			}
			if v.AudioCodec != "" {
				require.NotEmpty(t, made.AudioCodec, "the sound is lost")
			}
			path, err := with.Path(f.Name())
			require.NoError(t, err)
			if conformsByFFprobe(t, path, c.rules); len(c.want) > 0 {
				require.LessOrEqual(t, made.SoundRate, maxSound*soundSlack)
			}
		})
	}
}

// conformsByFFprobe checks a video with an independent program.
func conformsByFFprobe(t *testing.T, path string, r VideoRules) {
	t.Helper()
	probe := filepath.Join(filepath.Dir(doors.FFmpeg(t)), "ffprobe")
	output, err := exec.Command(probe, "-v", "error", "-show_streams", "-show_format", "-of", "json", path).Output()
	require.NoError(t, err)
	var p struct {
		Streams []struct {
			Kind     string `json:"codec_type"`
			Start    string `json:"start_time"`
			Codec    string `json:"codec_name"`
			Pixels   string `json:"pix_fmt"`
			Fields   string `json:"field_order"`
			Transfer string `json:"color_transfer"`
			Rate     string `json:"avg_frame_rate"`
			Hertz    string `json:"sample_rate"`
			Width    int    `json:"width"`
			Height   int    `json:"height"`
			Channels int    `json:"channels"`
		} `json:"streams"`
		Format struct {
			Name     string `json:"format_name"`
			Duration string `json:"duration"`
			Size     string `json:"size"`
		} `json:"format"`
	}
	require.NoError(t, json.Unmarshal(output, &p), "%s", output)
	number := func(s string) float64 {
		a, b, ok := strings.Cut(s, "/")
		n, err := strconv.ParseFloat(a, 64)
		require.NoError(t, err)
		if ok {
			d, err := strconv.ParseFloat(b, 64)
			require.NoError(t, err)
			n /= d
		}
		return n
	}
	require.Contains(t, p.Format.Name, "mp4")
	length := number(p.Format.Duration)
	require.GreaterOrEqual(t, length, r.MinDuration.Seconds()-0.1)
	if r.MaxDuration > 0 {
		require.LessOrEqual(t, length, r.MaxDuration.Seconds()+0.2)
	}
	if r.MaxBytes > 0 {
		require.LessOrEqual(t, number(p.Format.Size), float64(r.MaxBytes))
	}
	kinds := map[string]int{}
	for _, s := range p.Streams {
		kinds[s.Kind]++
		switch s.Kind {
		case "video":
			require.Contains(t, []string{"h264", "hevc"}, s.Codec)
			require.Equal(t, "yuv420p", s.Pixels)
			require.Contains(t, []string{"progressive", "unknown", ""}, s.Fields)
			require.NotContains(t, []string{"smpte2084", "arib-std-b67"}, s.Transfer)
			require.Zero(t, number(s.Start), "the picture must not start late")
			if r.MaxWidth > 0 {
				require.LessOrEqual(t, max(s.Width, s.Height), r.MaxWidth)
				fps := number(s.Rate)
				require.True(t, fps >= r.MinFPS-0.1 && fps <= r.MaxFPS+0.1, "%v frames a second", fps)
			}
		case "audio":
			require.Equal(t, "aac", s.Codec)
			require.Less(t, number(s.Start), 0.05)
			require.LessOrEqual(t, number(s.Hertz), 48000.)
			require.LessOrEqual(t, s.Channels, 2)
		}
	}
	require.Equal(t, 1, kinds["video"])
	require.LessOrEqual(t, kinds["audio"], 1)
}

// TestFilmOnACanvas checks that a story's video is fitted to 9:16 in each way that pictures are, and left unchanged
// if its ratio is close.
func TestFilmOnACanvas(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	prepare := func(size string, fill Fill) (File, error) {
		body := film(t, "x.mp4", size, "25", withArgs(h264, "-t 3.1 -movflags +faststart")...)
		v := reelVideo
		v.Ratio, v.Fill, v.MaxWidth = 9.0/16, fill, 1920
		return l.PrepareVideo(t.Context(), address(t, serveBytes(t, body)),
			Rules{Name: "story-video", Video: &v, Background: color.RGBA{R: 200, A: 255}})
	}
	corner := func(f File) color.RGBA {
		r := Rules{Name: "cover"}
		c, err := l.Poster(t.Context(), f.Name(), 0, r)
		require.NoError(t, err)
		return color.RGBAModel.Convert(conforms(t, l, c, r).At(4, 4)).(color.RGBA)
	}
	for _, c := range []struct {
		size  string
		fill  Fill
		w, h  int
		named string // "" if it stays unchanged
	}{
		{"320x180", FillEdge, 720, 1280, "fitted to 9:16 with a blurred border"},
		{"1280x720", FillBackground, 1080, 1920, "fitted to 9:16 with bars"},
		{"480x480", FillCrop, 720, 1280, "fitted to 9:16 by cropping"},
		{"1920x400", FillBlur, 1080, 1920, "fitted to 9:16 with a blurred border"},
		{"180x400", FillBackground, 720, 1280, "fitted to 9:16 with bars"},
		{"360x640", FillEdge, 360, 640, ""},
		{"364x640", FillEdge, 364, 640, ""},
	} {
		f, err := prepare(c.size, c.fill)
		require.NoError(t, err, c.size)
		require.Equal(t, []int{c.w, c.h}, []int{f.Width, f.Height}, c.size)
		fitted := slices.IndexFunc(f.Repairs, func(r Repair) bool { return r.Rule == "media.video.fit" })
		if c.named == "" {
			require.Negative(t, fitted, c.size)
			continue
		}
		require.Equal(t, c.named, f.Repairs[fitted].Text)
		if c.fill == FillBackground {
			require.InDelta(t, 200, corner(f).R, 6, c.size)
		}
	}
}
