package media

import (
	"encoding/binary"
	"io"

	"golang.org/x/image/tiff"

	"postern/words"
)

// These are tags of a TIFF directory (TIFF 6.0, section 8, and the DNG specification).
const (
	tagNewSubfileType  = 0x00fe
	tagImageWidth      = 0x0100
	tagCompression     = 0x0103
	tagPhotometric     = 0x0106
	tagSamplesPerPixel = 0x0115
	tagRowsPerStrip    = 0x0116
	tagPlanar          = 0x011c
	tagTileWidth       = 0x0142
	tagTileLength      = 0x0143
	tagExtraSamples    = 0x0152
	tagDNGVersion      = 0xc612
)

// tiffValues returns the single values of the first directory, including defaults; nil if it is unreadable.
func tiffValues(r io.ReadSeeker) map[uint16]uint32 {
	head := make([]byte, 8)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	if _, err := r.Seek(int64(order.Uint32(head[4:])), io.SeekStart); err != nil {
		return nil
	}
	count := make([]byte, 2)
	if _, err := io.ReadFull(r, count); err != nil {
		return nil
	}
	entries := make([]byte, 12*int(order.Uint16(count)))
	n, _ := io.ReadFull(r, entries)
	value := map[uint16]uint32{tagSamplesPerPixel: 1, tagPlanar: 1, tagCompression: 1}
	for e := entries[:n]; len(e) >= 12; e = e[12:] {
		v := order.Uint32(e[8:])
		if short := order.Uint16(e[2:]) == 3; short {
			v = uint32(order.Uint16(e[8:]))
		}
		value[order.Uint16(e)] = v
	}
	return value
}

// rareTIFF returns an error for files that golang.org/x/image v0.47.0 misinterprets or reports as damaged: the
// preview in a camera's raw file, planar colours, extra channels other than alpha, and faxes, some of which it
// decodes as negatives. The decoder judges all other files.
func rareTIFF(r io.ReadSeeker) error {
	value := tiffValues(r)
	if value == nil {
		return nil
	}
	const (
		preview        = 1
		blackIsZero    = 1
		rgb            = 2
		group3, group4 = 3, 4
	)
	samples, extra := value[tagSamplesPerPixel], value[tagExtraSamples]
	switch compression := value[tagCompression]; {
	case value[tagDNGVersion] != 0, value[tagNewSubfileType]&preview != 0:
		return tiff.UnsupportedError(words.UnsupportedRaw)
	case value[tagPlanar] != 1 && samples > 1:
		return tiff.UnsupportedError(words.UnsupportedPlanes)
	case value[tagPhotometric] == rgb && (samples > 4 || samples == 4 && extra != 1 && extra != 2):
		return tiff.UnsupportedError(words.UnsupportedChannels)
	case compression == group3, compression == group4 && value[tagPhotometric] == blackIsZero:
		return tiff.UnsupportedError("a fax")
	}
	return nil
}

// tiffMemory returns the most that decoding needs, in bytes: x/image decompresses each block, at up to eight bytes
// per pixel whatever its format, into a buffer that grows by doubling.
func tiffMemory(r io.ReadSeeker, pixels int64) int64 {
	value := tiffValues(r)
	block := pixels
	if w, h := int64(value[tagTileWidth]), int64(value[tagTileLength]); w > 0 && h > 0 {
		block = min(min(w, pixels)*min(h, pixels), pixels)
	} else if rows := int64(value[tagRowsPerStrip]); rows > 0 {
		block = min(min(rows, pixels)*int64(value[tagImageWidth]), pixels)
	}
	unpacked := int64(0)
	if value[tagCompression] > 1 {
		unpacked = 20 * block
	}
	return 4*pixels + unpacked
}
