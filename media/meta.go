package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

// meta is the metadata of a file.
type meta struct {
	orientation int    // as in Exif, 1 to 8
	gps         bool   // contains a GPS location
	private     bool   // contains metadata that is not needed to show the picture
	icc         []byte // the colour profile, nil for none
	frames      int    // of an animation; 2 means two or more

	declared *profile // colours declared otherwise than by a profile; nil for sRGB or no declaration
}

const maxProfile = 4 << 20

// readMeta reads the metadata of every format except JPEG. For a damaged file it returns what is readable, because
// the decoder reports the damage.
func readMeta(k kind, b []byte) meta {
	switch k {
	case kindPNG:
		return pngMeta(b)
	case kindWebP:
		return webpMeta(b)
	case kindGIF:
		return meta{orientation: 1, frames: gifFrames(b)}
	case kindTIFF:
		return tiffMeta(b)
	case kindAVIF, kindHEIC:
		h, _ := parseHEIF(b)
		return h.meta
	}
	return meta{orientation: 1}
}

// exif merges an Exif block into the metadata.
func (m *meta) exif(tiff []byte) {
	e := parseExif(tiff)
	m.orientation = e.orientation
	m.gps = m.gps || e.gps
	m.private = m.private || e.private
	if e.adobe {
		m.declared = adobeRGB()
	}
}

// pngMeta reads the chunks of a PNG (https://www.w3.org/TR/png-3/). For colours, cICP takes precedence over iCCP,
// iCCP over sRGB, and sRGB over gAMA and cHRM (4.3). Exif comes last.
func pngMeta(b []byte) meta {
	m := meta{orientation: 1}
	var gama, chrm []byte
	srgb := false
	numbers := func() (*profile, bool) { return nil, false }
	for i := 8; i+12 <= len(b); {
		n := int(be.Uint32(b[i:]))
		if n > len(b)-i-12 {
			break
		}
		data := b[i+8 : i+8+n]
		switch string(b[i+4 : i+8]) {
		case "iCCP":
			m.icc = inflateProfile(data)
		case "cICP":
			if len(data) == 4 && data[2] == 0 {
				numbers = func() (*profile, bool) { return codedProfile(int(data[0]), int(data[1]), data[3] == 0) }
			}
		case "sRGB":
			srgb = true
		case "gAMA":
			gama = data
		case "cHRM":
			chrm = data
		case "eXIf":
			m.exif(data)
		case "acTL": // an animation; the decoder returns the default image
			if len(data) >= 4 {
				m.frames = int(min(be.Uint32(data), 2))
			}
		case "tEXt", "zTXt", "iTXt", "tIME":
			m.private = true
			m.gps = m.gps || xmpHasPlace(data)
		}
		i += 12 + n
	}
	if declared, ok := numbers(); ok {
		m.declared, m.icc = declared, nil
	} else if srgb {
		m.declared = nil
	} else if gama != nil || chrm != nil {
		m.declared = pngColours(gama, chrm)
	}
	return m
}

// inflateProfile decompresses the profile of an iCCP chunk, nil if it is damaged.
func inflateProfile(data []byte) []byte {
	name := bytes.IndexByte(data, 0)
	if name < 0 || name+2 > len(data) {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(data[name+2:]))
	if err != nil {
		return nil
	}
	p, _ := io.ReadAll(io.LimitReader(r, maxProfile)) // a truncated profile is rejected later
	return p
}

// webpMeta reads the chunks of a WebP file (RFC 9649).
func webpMeta(b []byte) meta {
	m := meta{orientation: 1}
	for i := 12; i+8 <= len(b); {
		n := int(binary.LittleEndian.Uint32(b[i+4:]))
		if n > len(b)-i-8 {
			break
		}
		data := b[i+8 : i+8+n]
		switch string(b[i : i+4]) {
		case "ICCP":
			m.icc = data
		case "EXIF": // some writers add JPEG's header
			m.exif(bytes.TrimPrefix(data, []byte("Exif\x00\x00")))
		case "XMP ":
			m.private = true
			m.gps = m.gps || xmpHasPlace(data)
		case "ANMF":
			m.frames = min(m.frames+1, 2)
		}
		i += 8 + n + n&1
	}
	return m
}

// gifFrames returns the number of frames, at most 2.
func gifFrames(b []byte) (frames int) {
	walkGIF(b, func(label byte, _ int) bool {
		if label == 0x2c {
			frames++
		}
		return frames < 2
	})
	return frames
}

// walkGIF calls f with the label of each block, 0x2c for an image, and the offset of its contents (GIF89a
// specification, appendix B), until f returns false.
func walkGIF(b []byte, f func(label byte, at int) bool) {
	skipTable := func(i int, flags byte) int {
		if flags&0x80 != 0 {
			i += 3 << (flags&7 + 1)
		}
		return i
	}
	if len(b) < 13 {
		return
	}
	for i := skipTable(13, b[10]); i < len(b); {
		switch b[i] {
		case 0x21: // extension: label, then sub-blocks
			if i+2 > len(b) || b[i+1] != 0x2c && !f(b[i+1], i+2) {
				return
			}
			i += 2
		case 0x2c: // image: position, flags, colour table, code size, then sub-blocks
			if !f(0x2c, i+1) || i+10 > len(b) {
				return
			}
			i = skipTable(i+10, b[i+9]) + 1
		default:
			return
		}
		for i < len(b) && b[i] != 0 {
			i += 1 + int(b[i])
		}
		i++
	}
}
