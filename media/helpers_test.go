package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/egress"

	"github.com/stretchr/testify/require"
)

// feed contains the requirements of Instagram for a picture in the feed.
var feed = Rules{Name: "feed", MinRatio: 0.8, MaxRatio: 1.91, MinWidth: 320, MaxWidth: 1440, MaxBytes: 8 << 20}

// small has the same ratios at a quarter of the size, for tests with many pictures: each pixel is slow under the race
// detector.
var small = Rules{Name: "feed", MinRatio: 0.8, MaxRatio: 1.91, MinWidth: 80, MaxWidth: 360, MaxBytes: 8 << 20}

var (
	red    = color.RGBA{255, 0, 0, 255}
	green  = color.RGBA{0, 255, 0, 255}
	blue   = color.RGBA{0, 0, 255, 255}
	yellow = color.RGBA{255, 255, 0, 255}
	white  = color.RGBA{255, 255, 255, 255}
	black  = color.RGBA{0, 0, 0, 255}
	clear4 = color.RGBA{}
)

// corners are the colours of the four quarters: top left, top right, bottom left, bottom right.
type corners [4]color.RGBA

var plainCorners = corners{red, green, blue, yellow}

func (c corners) at(x, y, w, h int) color.RGBA {
	i := 0
	if 2*x >= w {
		i++
	}
	if 2*y >= h {
		i += 2
	}
	return c[i]
}

func quarters(w, h int, c corners) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	row := func(y int) []uint8 { return m.Pix[y*m.Stride:][:4*w] }
	for y := range h {
		if y > 0 && 2*y != h && 2*y != h+1 { // identical to the row above
			copy(row(y), row(y-1))
			continue
		}
		for x := range w {
			p := c.at(x, y, w, h)
			copy(row(y)[4*x:], []byte{p.R, p.G, p.B, p.A})
		}
	}
	return m
}

func setup(t testing.TB) (*Library, string) {
	t.Helper()
	return setupWith(t, Limits{})
}

func setupWith(t testing.TB, lim Limits) (*Library, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "media")
	client := egress.NewClient(egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	t.Cleanup(client.CloseIdleConnections)
	l, err := NewLibrary(dir, client, lim)
	require.NoError(t, err)
	return l, dir
}

// source returns a URL that contains everything that must not appear in messages.
func source(t testing.TB) *url.URL {
	t.Helper()
	return address(t, "https://user:hunter2@example.org/photos/a%2Fb.jpg?token=hunter2#hunter2")
}

func address(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	require.NoError(t, err)
	return u
}

func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func stored(t testing.TB, l *Library, f File) []byte {
	t.Helper()
	p, err := l.Path(f.Name())
	require.NoError(t, err)
	b, err := os.ReadFile(p)
	require.NoError(t, err)
	require.EqualValues(t, len(b), f.Bytes)
	require.Equal(t, f.SHA256, sum(b))
	return b
}

func sum(b []byte) string {
	h := newHash()
	h.Write(b)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// conforms checks Instagram's limits on the stored bytes, and returns the decoded picture.
func conforms(t testing.TB, l *Library, f File, r Rules) image.Image {
	t.Helper()
	b := stored(t, l, f)
	m, err := jpeg.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	require.Equal(t, [2]int{w, h}, [2]int{f.Width, f.Height})
	q := float64(w) / float64(h)
	require.True(t, r.MinRatio == 0 || q >= r.MinRatio, "%d×%d is too tall", w, h)
	require.True(t, r.MaxRatio == 0 || q <= r.MaxRatio, "%d×%d is too wide", w, h)
	require.True(t, w >= r.MinWidth && (r.MaxWidth == 0 || w <= r.MaxWidth), "%d wide", w)
	require.True(t, r.MaxBytes == 0 || f.Bytes <= r.MaxBytes, "%d bytes", f.Bytes)
	require.Equal(t, "image/jpeg", f.ContentType)
	require.Equal(t, "jpg", f.Ext)
	j, err := parseJPEG(b)
	require.NoError(t, err)
	require.Equal(t, 1, j.orientation)
	require.False(t, j.private || j.gps || j.mpo)
	return m
}

// encodedHere requires a baseline JPEG that this package has encoded.
func encodedHere(t testing.TB, b []byte) {
	t.Helper()
	require.True(t, bytes.HasPrefix(b, append([]byte{0xff, 0xd8}, jfif...)))
	for _, s := range mustParse(t, b).segments {
		if isSOF(s.marker) {
			require.EqualValues(t, mSOF0, s.marker)
		}
	}
}

func mustParse(t testing.TB, b []byte) jpegFile {
	t.Helper()
	j, err := parseJPEG(b)
	require.NoError(t, err)
	return j
}

func near(t testing.TB, want color.RGBA, got color.Color, tolerance int, what string, args ...any) {
	t.Helper()
	r, g, b, _ := got.RGBA()
	for i, v := range [3]uint32{r, g, b} {
		w := [3]uint8{want.R, want.G, want.B}[i]
		require.InDelta(t, int(w), int(v>>8), float64(tolerance), "%s: want %v, got %d %d %d",
			fmt.Sprintf(what, args...), want, r>>8, g>>8, b>>8)
	}
}

// quartersAre checks the colour in the middle of each quarter of the picture on its canvas.
func quartersAre(t testing.TB, m image.Image, p Plan, c corners, tolerance int) {
	t.Helper()
	b := m.Bounds()
	require.Equal(t, image.Pt(p.CanvasWidth, p.CanvasHeight), b.Size())
	for i, want := range c {
		x := p.X + p.Width*(1+2*(i%2))/4
		y := p.Y + p.Height*(1+2*(i/2))/4
		near(t, want, m.At(b.Min.X+x, b.Min.Y+y), tolerance, "quarter %d", i)
	}
}

func encodeJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m))
	return b.Bytes()
}

// segmentOf returns a JPEG segment.
func segmentOf(marker byte, payload string) []byte {
	b := []byte{0xff, marker, 0, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(len(payload)+2))
	return append(b, payload...)
}

// with inserts segments after the start marker of a JPEG.
func with(b []byte, segments ...[]byte) []byte {
	out := append([]byte{}, b[:2]...)
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, b[2:]...)
}

// exifBlock returns an Exif block with an orientation and, if set, a camera make and a GPS directory.
func exifBlock(order binary.AppendByteOrder, orientation int, make string, gps bool) string {
	type entry struct {
		tag, kind uint16
		n, value  uint32
	}
	entries := []entry{{0x0112, 3, 1, uint32(orientation)}}
	if order.String() == "BigEndian" {
		entries[0].value <<= 16 // a SHORT is left-aligned in its four bytes
	}
	if make != "" {
		entries = append([]entry{}, entries...)
		entries = append(entries, entry{0x010f, 2, 4,
			order.(binary.ByteOrder).Uint32([]byte((make + "\x00\x00\x00\x00")[:4]))})
	}
	if gps {
		entries = append(entries, entry{0x8825, 4, 1, 0})
	}
	head := map[string]string{"BigEndian": "MM\x00*", "LittleEndian": "II*\x00"}[order.String()]
	b := order.AppendUint32([]byte(head), 8)
	b = order.AppendUint16(b, uint16(len(entries)))
	gpsAt := uint32(8 + 2 + 12*len(entries) + 4)
	for _, e := range entries {
		if e.tag == 0x8825 {
			e.value = gpsAt
		}
		b = order.AppendUint16(b, e.tag)
		b = order.AppendUint16(b, e.kind)
		b = order.AppendUint32(b, e.n)
		b = order.AppendUint32(b, e.value)
	}
	b = order.AppendUint32(b, 0)
	if gps {
		b = order.AppendUint16(b, 1)
		b = append(order.AppendUint16(b, 1), 0, 2, 0, 0, 0, 2)
		b = append(b, "N\x00\x00\x00"...)
		b = order.AppendUint32(b, 0)
	}
	return string(b)
}

func exifSegment(t string) []byte { return segmentOf(0xe1, "Exif\x00\x00"+t) }

// chunk returns a PNG chunk.
func chunk(kind, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, kind+data...)
	return binary.BigEndian.AppendUint32(b, crc(b[4:]))
}

// withChunks inserts chunks after the header of a PNG.
func withChunks(b []byte, chunks ...[]byte) []byte {
	const head = 8 + 25
	out := append([]byte{}, b[:head]...)
	for _, c := range chunks {
		out = append(out, c...)
	}
	return append(out, b[head:]...)
}

// rawJPEG writes files that image/jpeg cannot write: progressive ones, and any number of components. Each 8×8 block
// is uniform and has only a DC coefficient.
func rawJPEG(sof byte, w, h, components int, adobe int, sample func(x, y, c int) uint8) []byte {
	b := []byte{0xff, mSOI}
	if adobe >= 0 {
		b = append(b, segmentOf(0xee, "Adobe\x00\x64\x00\x00\x00\x00"+string(rune(adobe)))...)
	}
	b = append(b, segmentOf(0xdb, "\x00"+strings.Repeat("\x08", 64))...) // DC step of 8, one level of brightness
	frame := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(components)}
	scan := []byte{byte(components)}
	for c := range components {
		frame = append(frame, byte(c+1), 0x11, 0)
		scan = append(scan, byte(c+1), 0)
	}
	b = append(b, segmentOf(sof, string(frame))...)
	// DC: 9 codes of 4 bits, in order; AC: "end of block", the bit 0.
	b = append(b, segmentOf(mDHT,
		"\x00\x00\x00\x00\x09"+strings.Repeat("\x00", 12)+"\x00\x01\x02\x03\x04\x05\x06\x07\x08")...)
	b = append(b, segmentOf(mDHT, "\x10\x01"+strings.Repeat("\x00", 15)+"\x00")...)
	last := byte(63)
	if sof == mSOF2 {
		last = 0
	}
	b = append(b, segmentOf(mSOS, string(append(scan, 0, last, 0)))...)

	var acc uint32
	var bits int
	put := func(v uint32, n int) {
		acc, bits = acc<<n|v&(1<<n-1), bits+n
		for bits >= 8 {
			o := byte(acc >> (bits - 8))
			b = append(b, o)
			if o == 0xff {
				b = append(b, 0)
			}
			bits -= 8
		}
	}
	before := make([]int, components)
	for y := 0; y < h; y += 8 {
		for x := 0; x < w; x += 8 {
			for c := range components {
				v := int(sample(x, y, c)) - 128
				d := v - before[c]
				before[c] = v
				n, code := 0, d
				for a := max(d, -d); a > 0; a >>= 1 {
					n++
				}
				if d < 0 {
					code = d - 1
				}
				put(uint32(n), 4)
				put(uint32(code), n)
				if sof != mSOF2 {
					put(0, 1)
				}
			}
		}
	}
	put(0x7f, 7)
	return append(b, 0xff, mEOI)
}

// rawCorners samples the quarters in the components of a kind of JPEG.
func rawCorners(w, h, components int, c corners) func(x, y, i int) uint8 {
	return func(x, y, i int) uint8 {
		p := c.at(x, y, w, h)
		switch components {
		case 1:
			return color.GrayModel.Convert(p).(color.Gray).Y
		case 3:
			yy, cb, cr := color.RGBToYCbCr(p.R, p.G, p.B)
			return [3]uint8{yy, cb, cr}[i]
		}
		cc, m, yy, k := color.RGBToCMYK(p.R, p.G, p.B)
		return 255 - [4]uint8{cc, m, yy, k}[i] // Adobe stores CMYK inverted
	}
}

func testfile(t testing.TB, name string) []byte {
	t.Helper()
	if name == "p3.avif" { // the same samples, declared with other primaries
		b := testfile(t, "plain.avif")
		at := bytes.Index(b, []byte("colrnclx")) + 8
		copy(b[at:], "\x00\x0c\x00\x0d")
		return b
	}
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}
