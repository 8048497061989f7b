package media

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRareJPEGs checks that files with unusual subsampling in every coding, and CMYK files without an Adobe segment,
// look as in browsers, whether decoded in this process or a separate one. The files are made by cjpeg of
// libjpeg-turbo.
func TestRareJPEGs(t *testing.T) {
	t.Parallel()
	here, _ := setup(t)
	apart, _ := setupWith(t, Limits{Convert: []string{os.Args[0], "convert-child", "convert"}})
	for name, want := range map[string][]string{
		"sampled-mixed.jpg":                      {"saved a rare form of JPEG as an ordinary one"},
		"sampled-3x1.jpg":                        {"saved a rare form of JPEG as an ordinary one"},
		"sampled-progressive.jpg":                {"saved a rare form of JPEG as an ordinary one"},
		"CMYK without Adobe segment":             {"converted from CMYK"},
		"progressive CMYK without Adobe segment": {"converted from CMYK"},
	} {
		for _, l := range []*Library{here, apart} {
			var b []byte
			switch name {
			case "CMYK without Adobe segment":
				b = rawJPEG(mSOF0, 320, 400, 4, -1, rawCorners(320, 400, 4, plainCorners))
			case "progressive CMYK without Adobe segment":
				b = rawJPEG(mSOF2, 320, 400, 4, -1, rawCorners(320, 400, 4, plainCorners))
			default:
				b = testfile(t, name)
			}
			f, err := l.PrepareBytes(t.Context(), b, source(t), feed)
			require.NoError(t, err, name)
			require.Equal(t, want, f.Words(), name)
			quartersAre(t, conforms(t, l, f, feed), Fit(320, 400, feed), plainCorners, 10)
		}
	}
}

// TestDamagedRareJPEGs checks that damaged and oversized files are refused in the rare forms too.
func TestDamagedRareJPEGs(t *testing.T) {
	t.Parallel()
	l, dir := setupWith(t, Limits{Convert: []string{os.Args[0], "convert-child", "convert"}})
	good := testfile(t, "sampled-mixed.jpg")
	sof := bytes.Index(good, []byte("\xff\xc0\x00\x11"))
	require.Positive(t, sof)
	changed := func(at int, to string) []byte {
		b := bytes.Clone(good)
		copy(b[sof+at:], to)
		return b
	}
	for name, c := range map[string]struct {
		body []byte
		rule string
	}{
		"cut off":   {good[:len(good)/2], "media.image.broken"},
		"no header": {good[:sof+4], "media.image.broken"},
		"zeroed data": {append(bytes.Clone(good[:sof]), bytes.Repeat([]byte{0}, 500)...),
			"media.image.broken"},
		"sampling factors of 0":    {changed(11, "\x00"), "media.image.broken"},
		"larger than the data":     {changed(5, "\xff\xff\xff\xff"), "media.image.too-many-pixels"},
		"arithmetic":               {changed(1, "\xc9"), "media.type.unsupported"},
		"twelve bits":              {changed(4, "\x0c"), "media.type.unsupported"},
		"lossless":                 {changed(1, "\xc3"), "media.type.unsupported"},
		"height stated at the end": {changed(5, "\x00\x00"), "media.type.unsupported"},
	} {
		_, err := l.PrepareBytes(t.Context(), c.body, source(t), feed)
		require.Error(t, err, name)
		e := requireRule(t, err, c.rule, false)
		require.NotContains(t, e.Error(), "wasm", name)
	}
	empty(t, dir)
}
