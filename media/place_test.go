package media

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLocationsOfCameras checks the different ways in which cameras store the location.
func TestLocationsOfCameras(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	film := filmOfLength(t, "3.5", "ok.mp4", "64x64", "25", withArgs(h264, "-movflags +faststart")...)
	box := func(kind, p string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(p)+8))) + kind + p
	}
	place := "\x00\x00\x00\x00\x00\x00\x00\x04" // box header fields without meaning here
	exif := "MM\x00*\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00" +
		"\x00\x01\x00\x02\x00\x05\x00\x00\x00\x03\x00\x00\x00\x2c\x00\x00\x00\x00" + "SECRET PLACE"
	for name, tail := range map[string]string{
		"Sony's XML": box("meta",
			place+box("xml ", `<Group name="ExifGPS"><Item name="Latitude" value="SECRET PLACE"/></Group>`)),
		"Exif of a picture":          box("udta", box("CNDA", "\xff\xd8\xff\xe1\x00\x40Exif\x00\x00"+exif)),
		"dashboard camera":           box("free", "GPS SECRET PLACE"),
		"Apple's place name":         box("meta", place+"com.apple.quicktime.location.name SECRET PLACE"),
		"second Exif block in a box": box("uuid", "Exif\x00\x00nothing Exif\x00\x00"+exif),
	} {
		f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, append(bytes.Clone(film), tail...))),
			Rules{Name: "reel", Video: &reelVideo})
		require.NoError(t, err, name)
		require.Equal(t, []string{"removed location"}, f.Words(), name)
		require.NotContains(t, string(stored(t, l, f)), "SECRET PLACE", name)
	}
	room := append(bytes.Clone(film), box("free", "\x00\x00\x00\x00 nothing")...)
	f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, room)), Rules{Name: "reel", Video: &reelVideo})
	require.NoError(t, err)
	require.Equal(t, room, stored(t, l, f))
}
