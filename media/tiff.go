package media

import (
	"encoding/binary"
	"io"

	"golang.org/x/image/tiff"
)

// Tags of a TIFF directory (TIFF 6.0, section 8, and the DNG specification).
const (
	tagNewSubfileType  = 0x00fe
	tagCompression     = 0x0103
	tagPhotometric     = 0x0106
	tagSamplesPerPixel = 0x0115
	tagPlanar          = 0x011c
	tagExtraSamples    = 0x0152
	tagDNGVersion      = 0xc612
)

// rareTIFF refuses what golang.org/x/image v0.47.0 would take for something else, or for damaged: the little preview in
// front of a camera's raw picture, colours in planes of their own, channels beside the colours that are no alpha, and faxes,
// of which some come out as negatives. Anything else is left to the decoder to judge.
func rareTIFF(r io.ReadSeeker) error {
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
	value := map[uint16]uint32{tagSamplesPerPixel: 1, tagPlanar: 1}
	for e := entries[:n]; len(e) >= 12; e = e[12:] {
		v := order.Uint32(e[8:])
		if short := order.Uint16(e[2:]) == 3; short {
			v = uint32(order.Uint16(e[8:]))
		}
		value[order.Uint16(e)] = v
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
		return tiff.UnsupportedError("a camera's raw picture")
	case value[tagPlanar] != 1 && samples > 1:
		return tiff.UnsupportedError("colours in planes of their own")
	case value[tagPhotometric] == rgb && (samples > 4 || samples == 4 && extra != 1 && extra != 2):
		return tiff.UnsupportedError("channels beside the colours")
	case compression == group3, compression == group4 && value[tagPhotometric] == blackIsZero:
		return tiff.UnsupportedError("a fax")
	}
	return nil
}
