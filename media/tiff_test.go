package media

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// plainTIFF returns a grey square with the given tags replaced or added.
func plainTIFF(order binary.AppendByteOrder, change map[uint16]uint16) []byte {
	const side = 64
	values := map[uint16]uint16{256: side, 257: side, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: side,
		279: side * side}
	for tag, v := range change {
		values[tag] = v
	}
	b := []byte("II*\x00")
	if order.String() == "BigEndian" {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8+side*side)
	for range side * side {
		b = append(b, 128)
	}
	b = order.AppendUint16(b, uint16(len(values)))
	for tag := range 1 << 16 {
		if v, ok := values[uint16(tag)]; ok {
			b = order.AppendUint16(b, uint16(tag))
			b = order.AppendUint16(b, 3)
			b = order.AppendUint32(b, 1)
			b = order.AppendUint16(b, v)
			b = order.AppendUint16(b, 0)
		}
	}
	return order.AppendUint32(b, 0)
}

// TestRareTIFF has files that the decoder misreads: it decodes the preview of a raw picture and negatives of some
// faxes, and reports unsupported files as damaged.
func TestRareTIFF(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for name, c := range map[string]struct {
			change map[uint16]uint16
			words  string
		}{
			"preview of a raw picture": {map[uint16]uint16{254: 1}, "a camera's raw picture"},
			"DNG":                      {map[uint16]uint16{0xc612: 0x0401}, "a camera's raw picture"},
			"planes":                   {map[uint16]uint16{262: 2, 277: 3, 284: 2}, "colours in planes of their own"},
			"an extra channel":         {map[uint16]uint16{262: 2, 277: 4, 338: 0}, "channels beside the colours"},
			"two extra channels":       {map[uint16]uint16{262: 2, 277: 5, 338: 2}, "channels beside the colours"},
			"fax of group 3":           {map[uint16]uint16{258: 1, 259: 3, 262: 0}, "a fax"},
			"fax as a negative":        {map[uint16]uint16{258: 1, 259: 4}, "a fax"},
		} {
			_, err := l.PrepareBytes(t.Context(), plainTIFF(order, c.change), source(t), feed)
			e := requireRule(t, err, "media.type.unsupported", false)
			require.Contains(t, e.Error(), "is a rare kind of TIFF ("+c.words+"); save it as a JPEG", name)
		}
	}
	empty(t, dir)
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		f, err := l.PrepareBytes(t.Context(), plainTIFF(order, map[uint16]uint16{254: 2, 284: 1}), source(t), feed)
		require.NoError(t, err)
		require.Equal(t, []string{"converted from TIFF", "enlarged from 64 to 320 wide"}, f.Words())
	}
}

// TestTIFFMemory checks the memory limit against the blocks that x/image decompresses, at up to eight bytes per
// pixel.
func TestTIFFMemory(t *testing.T) {
	t.Parallel()
	const pixels = 64 * 64
	for name, c := range map[string]struct {
		change map[uint16]uint16
		want   int64
	}{
		"uncompressed":        {nil, 4 * pixels},
		"one strip":           {map[uint16]uint16{259: 5}, 24 * pixels},
		"strips":              {map[uint16]uint16{259: 8, 278: 8}, 4*pixels + 20*8*64},
		"strips not declared": {map[uint16]uint16{259: 8, 278: 0}, 24 * pixels},
		"tiles":               {map[uint16]uint16{259: 5, 322: 16, 323: 16}, 4*pixels + 20*16*16},
		"a huge tile":         {map[uint16]uint16{259: 5, 322: 65535, 323: 65535}, 24 * pixels},
	} {
		require.Equal(t, c.want, tiffMemory(bytes.NewReader(plainTIFF(binary.BigEndian, c.change)), pixels), name)
	}
}
