package media

import (
	"encoding/binary"
	"os"
	"os/exec"
	"postern/doors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSoundThatBeginsLater checks that sound which starts later than the picture still does so without an edit list.
func TestSoundThatBeginsLater(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"late.mp4", "late.mkv", "late-pcm.mkv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sound := "aac"
			if strings.Contains(name, "pcm") {
				sound = "pcm_s16le"
			}
			path := t.TempDir() + "/" + name
			ffmpeg := doors.FFmpeg(t)
			output, err := exec.Command(ffmpeg,
				strings.Fields(
					"-v error -nostdin -f lavfi -i testsrc2=s=160x90:r=25:d=4 -itsoffset 1.5 -f lavfi -i "+
						"sine=frequency=440:duration=2.5 "+
						"-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a "+sound+" "+path)...).CombinedOutput()
			require.NoError(t, err, "%s", output)
			body, err := os.ReadFile(path)
			require.NoError(t, err)

			with, _ := setup(t)
			f, err := with.PrepareVideo(t.Context(), address(t, serveBytes(t, body)),
				Rules{Name: "reel", Video: &reelVideo})
			require.NoError(t, err)
			made, err := with.Path(f.Name())
			require.NoError(t, err)
			conformsByFFprobe(t, made, reelVideo)
			require.NotContains(t, string(stored(t, with, f)), "elst")

			const rate = 8000
			samples, err := exec.Command(ffmpeg,
				strings.Fields("-v error -nostdin -i "+made+" -map 0:a -f s16le -ac 1 -ar 8000 pipe:1")...).Output()
			require.NoError(t, err)
			first := 0
			for ; first < len(samples)/2; first++ {
				if v := int16(binary.LittleEndian.Uint16(samples[2*first:])); v > 500 || v < -500 {
					break
				}
			}
			require.InDelta(t, 1.5, float64(first)/rate, 0.15, "seconds before the sound begins")
		})
	}
}
