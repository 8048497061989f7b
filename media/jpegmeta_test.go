package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrivateMetadataIsRemovedAndPixelsKept(t *testing.T) {
	t.Parallel()
	le, bigE := binary.LittleEndian, binary.BigEndian
	bare := encodeJPEG(t, quarters(400, 400, plainCorners))
	jf := segmentOf(mAPP0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
	for name, c := range map[string]struct {
		body []byte
		want string // the expected repair; "" for a copy
	}{
		"none":             {bare, ""},
		"JFIF":             {with(bare, jf), ""},
		"orientation only": {with(bare, exifSegment(exifBlock(le, 1, "", false))), ""},
		"orientation, big": {with(bare, exifSegment(exifBlock(bigE, 1, "", false))), ""},
		"Adobe":            {with(bare, segmentOf(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01")), ""},
		"sRGB profile":     {with(bare, iccSegments(srgbProfile(), 200)...), ""},
		"fill bytes":       {with(bare, []byte{0xff, 0xff}), ""},
		"camera":           {with(bare, exifSegment(exifBlock(le, 1, "Cam", false))), "removed metadata"},
		"GPS":              {with(bare, exifSegment(exifBlock(le, 1, "", true))), "removed location"},
		"GPS, big":         {with(bare, exifSegment(exifBlock(bigE, 1, "Cam", true))), "removed location"},
		"damaged Exif":     {with(bare, exifSegment("hunter2")), "removed metadata"},
		"long Exif": {with(bare, exifSegment(exifBlock(le, 1, "", false)+strings.Repeat("x", 600))),
			"removed metadata"},
		"value left in Exif": {with(bare, exifSegment(exifBlock(le, 1, "", false)+"hunter2")), "removed metadata"},
		"zeros left in Exif": {with(bare, exifSegment(exifBlock(le, 1, "", false)+strings.Repeat("\x00", 60))), ""},
		"resolution": {
			with(bare,
				exifSegment(
					"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x1a\x00\x05\x00\x00\x00\x01"+
						"\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x00\x00\x48\x00\x00\x00\x01")), ""},
		"long version in Exif": {
			with(bare,
				exifSegment(
					"MM\x00*\x00\x00\x00\x08\x00\x01\x90\x00\x00\x07\x00\x00\x00\x0e"+
						"\x00\x00\x00\x1a\x00\x00\x00\x000232my hunter2")), "removed metadata"},
		"two Exif": {
			with(bare, exifSegment(exifBlock(le, 1, "", false)), exifSegment(exifBlock(le, 6, "", true))),
			"removed location"},
		"XMP": {with(bare, segmentOf(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>")),
			"removed metadata"},
		"XMP with place": {
			with(bare, segmentOf(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='1'/>")),
			"removed location"},
		"IPTC":                {with(bare, segmentOf(0xed, "Photoshop 3.0\x008BIM")), "removed metadata"},
		"comment":             {with(bare, segmentOf(mCOM, "made by hunter2")), "removed metadata"},
		"content credentials": {with(bare, segmentOf(0xeb, "JP")), "removed metadata"},
		"thumbnail": {with(bare, segmentOf(mAPP0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01abc")),
			"removed metadata"},
		"JFXX": {with(bare, jf, segmentOf(mAPP0, "JFXX\x00\x10")), "removed metadata"},
		"long Adobe": {with(bare, segmentOf(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01hunter2")),
			"removed metadata"},
		"bytes between segments":    {with(bare, jf, []byte("hunter2")), "removed metadata"},
		"motion photo":              {append(bytes.Clone(bare), "\x00\x00\x00\x18ftypmp42"...), "removed metadata"},
		"second picture at the end": {append(bytes.Clone(bare), bare...), "removed metadata"},
		"comment, progressive": {
			with(rawJPEG(mSOF2, 400, 400, 3, -1, rawCorners(400, 400, 3, plainCorners)), segmentOf(mCOM, "x")),
			"removed metadata",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := setup(t)
			f, err := l.PrepareBytes(t.Context(), c.body, source(t), feed)
			require.NoError(t, err)
			got := conforms(t, l, f, feed)
			require.True(t, f.Acceptable)
			b := stored(t, l, f)
			if c.want == "" {
				require.Empty(t, f.Words())
				require.Equal(t, c.body, b)
				return
			}
			require.Equal(t, []string{c.want}, f.Words())
			require.NotContains(t, string(b), "hunter2")
			want, err := jpeg.Decode(bytes.NewReader(c.body))
			require.NoError(t, err)
			require.Equal(t, want, got, "the coded picture must be the same")
			again, err := l.PrepareBytes(t.Context(), b, source(t), feed)
			require.NoError(t, err)
			require.Empty(t, again.Words())
			require.Equal(t, f.SHA256, again.SHA256)
		})
	}
}

func TestMultiPictureFilesAreMadeSingle(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	bare := encodeJPEG(t, quarters(400, 400, plainCorners))
	f, err := l.PrepareBytes(t.Context(), append(with(bare, segmentOf(0xe2, "MPF\x00II*\x00")), bare...),
		source(t), feed)
	require.NoError(t, err)
	require.False(t, f.Acceptable, "Instagram takes no MPO")
	require.Equal(t, bare, stored(t, l, f))
}

func TestEncodedPicturesNameWhatWasRemoved(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	big := quarters(400, 400, plainCorners)
	for want, body := range map[string][]byte{
		"removed location": with(encodeJPEG(t, big), exifSegment(exifBlock(binary.LittleEndian, 1, "Cam", true))),
		"removed metadata": withChunks(encodePNG(t, big), chunk("tEXt", "Author\x00hunter2")),
	} {
		f, err := l.PrepareBytes(t.Context(), body, source(t), small)
		require.NoError(t, err)
		conforms(t, l, f, small)
		require.Contains(t, f.Words(), want)
		require.Contains(t, f.Words(), "scaled from 400 to 360 wide")
		require.NotContains(t, string(stored(t, l, f)), "hunter2")
	}
}

// manyScans returns a progressive JPEG of uniform blocks with all scans, for three components.
func manyScans(w, h int, c corners) []byte {
	b := rawJPEG(mSOF2, w, h, 3, -1, rawCorners(w, h, 3, c))
	b = b[:len(b)-2]
	blocks := (w + 7) / 8 * ((h + 7) / 8)
	for i := range 3 { // "end of block" for each, the bit 0
		b = append(b, segmentOf(mSOS, string([]byte{1, byte(i + 1), 0, 1, 63, 0}))...)
		b = append(b, make([]byte, blocks/8)...)
		b = append(b, 0xff>>(blocks%8)&0x7f)
	}
	return append(b, 0xff, mEOI)
}

// TestMissingEndMarker checks that a file lacking only its end marker is accepted, as in browsers, and that a file
// lacking a part of the picture is refused wherever it is cut.
func TestMissingEndMarker(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	m := quarters(90, 90, plainCorners)
	rnd := rand.New(rand.NewPCG(7, 8))
	for i := range m.Pix { // so that the last rows take up some bytes
		m.Pix[i] ^= uint8(rnd.Uint32() & 15)
	}
	for name, whole := range map[string][]byte{"baseline": encodeJPEG(t, m),
		"progressive": manyScans(90, 90, plainCorners)} {
		bare := whole[:len(whole)-2]
		for what, body := range map[string][]byte{
			"no end":                   bare,
			"half an end marker":       append(bytes.Clone(bare), 0xff),
			"zeros":                    append(bytes.Clone(bare), make([]byte, 500)...),
			"words":                    append(bytes.Clone(bare), "<!-- cached -->"...),
			"start of another segment": append(bytes.Clone(bare), "\xff\xe1\x40\x00hunter2"...),
			"a comment":                append(bytes.Clone(bare), segmentOf(mCOM, "hunter2")...),
		} {
			f, err := l.PrepareBytes(t.Context(), bytes.Clone(body), source(t), small)
			require.NoError(t, err, "%s, %s", name, what)
			require.Equal(t, []string{"added the missing end mark"}, f.Words()[:1])
			require.False(t, f.Acceptable)
			encodedHere(t, stored(t, l, f))
			require.NotContains(t, string(stored(t, l, f)), "hunter2")
			quartersAre(t, conforms(t, l, f, small), Fit(90, 90, small), plainCorners, 20)
		}
		for _, cut := range []int{len(whole) - 8, len(whole) - 40, len(whole) * 3 / 4, len(whole) / 2} {
			_, err := l.PrepareBytes(t.Context(), bytes.Clone(whole[:cut]), source(t), small)
			e := requireRule(t, err, "media.image.broken", false)
			require.Contains(t, e.Error(), "is cut off or damaged", "%s at %d", name, cut)
		}
	}
	// An interrupted transfer leaves zeros if the file was allocated at its final size. In a detailed picture there
	// are enough zeros to decode as grey.
	fine := bytes.NewBuffer(nil)
	for i := range m.Pix {
		m.Pix[i] ^= uint8(rnd.Uint32() & 127)
	}
	require.NoError(t, jpeg.Encode(fine, m, &jpeg.Options{Quality: 98}))
	for _, cut := range []int{fine.Len() / 3, fine.Len() / 2, fine.Len() - 600} {
		body := append(bytes.Clone(fine.Bytes()[:cut]), make([]byte, fine.Len()-cut)...)
		_, err := l.PrepareBytes(t.Context(), body, source(t), small)
		requireRule(t, err, "media.image.broken", false)
	}
	// Cut exactly between two scans, one component lacks its fine detail.
	whole := manyScans(90, 90, plainCorners)
	last := bytes.LastIndex(whole, []byte{0xff, mSOS})
	_, err := l.PrepareBytes(t.Context(), bytes.Clone(whole[:last]), source(t), small)
	requireRule(t, err, "media.image.broken", false)
}

// TestScanEnd checks data with restart markers and with 0xff bytes that are not markers, as phones write them.
func TestScanEnd(t *testing.T) {
	t.Parallel()
	scan := "\x01\xff\x00\x02\xff\xd0\x03\xff\xff\x00"
	require.Equal(t, len(scan), scanEnd([]byte(scan+"\xff\xd9"), 0))
	require.Equal(t, len(scan), scanEnd([]byte(scan), 0))
}

func FuzzParseJPEG(f *testing.F) {
	bare := encodeJPEG(f, quarters(16, 16, plainCorners))
	f.Add(bare)
	f.Add(rawJPEG(mSOF2, 16, 16, 3, 1, rawCorners(16, 16, 3, plainCorners)))
	f.Add(with(bare, exifSegment(exifBlock(binary.LittleEndian, 6, "Cam", true)), segmentOf(mCOM, "x")))
	f.Add(with(bare, iccSegments(srgbProfile(), 100)...))
	f.Add(bare[:len(bare)-2])
	f.Add(append(bytes.Clone(bare[:len(bare)-2]), "\xff\xe1\x40"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		j, err := parseJPEG(b)
		if errors.Is(err, errNoEnd) {
			b = j.withEndMarker(bytes.Clone(b))
			j, err = parseJPEG(b)
			require.NoError(t, err, "a file with an added end marker must be complete")
		}
		if err != nil {
			return
		}
		require.True(t, j.orientation >= 1 && j.orientation <= 8)
		for _, keep := range []bool{true, false} {
			again, err := parseJPEG(j.strip(b, keep))
			require.NoError(t, err, "a stripped file must be complete")
			require.False(t, again.private || again.gps || again.mpo)
			require.Equal(t, j.components, again.components)
		}
	})
}

func FuzzParseExif(f *testing.F) {
	f.Add([]byte(exifBlock(binary.LittleEndian, 3, "Cam", true)))
	f.Add([]byte(exifBlock(binary.BigEndian, 8, "", false)))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := parseExif(b)
		require.True(t, e.orientation >= 1 && e.orientation <= 8)
		require.True(t, e.private || !e.gps)
	})
}

func FuzzReadMeta(f *testing.F) {
	f.Add(withChunks(encodePNG(f, quarters(8, 8, plainCorners)),
		chunk("eXIf", exifBlock(binary.BigEndian, 5, "", true)), chunk("iCCP", "x\x00\x00")))
	f.Add(
		[]byte(
			"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x50\x00\x00\x50\x00ANMF\x10\x00\x00\x00"))
	f.Add(
		[]byte(
			"GIF89a\x01\x00\x01\x00\x80\x00\x00aaabbb!\xf9\x04aaaa\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, k := range []kind{kindPNG, kindWebP, kindGIF} {
			m := readMeta(k, b)
			require.True(t, m.orientation >= 1 && m.orientation <= 8)
		}
		webpFirstFrame(b)
		sniff(b)
	})
}

// FuzzPrepare checks that every input results in a complete JPEG within the rules, or in an error.
func FuzzPrepare(f *testing.F) {
	rnd := rand.New(rand.NewPCG(5, 6))
	m := quarters(48, 32, plainCorners)
	for i := range m.Pix {
		m.Pix[i] ^= uint8(rnd.Uint32() & 7)
	}
	f.Add(encodeJPEG(f, m))
	f.Add(encodePNG(f, m))
	f.Add(rawJPEG(mSOF0, 24, 24, 4, 2, rawCorners(24, 24, 4, plainCorners)))
	l, _ := setupWith(f, Limits{MaxPixels: 1_000_000})
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := l.PrepareBytes(t.Context(), b, source(t), feed)
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			return
		}
		conforms(t, l, file, feed)
		require.NoError(t, l.Remove(file.Name()))
	})
}
