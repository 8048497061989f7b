package media

import (
	"bytes"
	"encoding/binary"
)

// exif is the relevant contents of an Exif block.
type exif struct {
	orientation int  // 1 to 8; 1 if absent or invalid
	gps         bool // contains the location where the picture was taken
	private     bool // contains more than is needed for display
	adobe       bool // the colours are Adobe RGB

	used []bool // for each byte, whether a directory or a value contains it
}

// harmlessTags only control the display (Exif 2.32, tables 4, 7 and 9). All others are private, including the
// camera's name and the time.
var harmlessTags = map[uint16]bool{
	0x0112: true, // Orientation
	0x011a: true, // XResolution
	0x011b: true, // YResolution
	0x0128: true, // ResolutionUnit
	0x0213: true, // YCbCrPositioning
	0x8769: true, // the Exif directory, which is read too
	0x9000: true, // ExifVersion
	0x9101: true, // ComponentsConfiguration
	0xa000: true, // FlashpixVersion
	0xa001: true, // ColorSpace
	0xa002: true, // PixelXDimension
	0xa003: true, // PixelYDimension
}

const (
	tagOrientation = 0x0112
	tagExifIFD     = 0x8769
	tagGPS         = 0x8825
	tagColorSpace  = 0xa001
	tagInterop     = 0xa005

	// The harmless tags with all their values are shorter than harmlessExifLen. A longer block contains bytes that no
	// tag refers to. harmlessValue is the size of the largest harmless value, a fraction.
	harmlessExifLen = 512
	harmlessValue   = 8
)

// exifTypes are the sizes of one value in bytes, by type (Exif 2.32, 4.6.2).
var exifTypes = [...]uint64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}

// parseExif parses a TIFF structure (TIFF 6.0, section 2), the payload of an Exif block. Unreadable blocks count as
// private and upright.
func parseExif(b []byte) exif {
	e := exif{orientation: 1}
	if len(b) < 8 {
		e.private = true
		return e
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		e.private = true
		return e
	}
	if e.private = len(b) > harmlessExifLen; !e.private {
		e.used = make([]bool, len(b))
		e.markUsed(0, 8)
	}
	if next := e.directory(b, order, order.Uint32(b[4:]), true); next != 0 {
		e.private = true // a second directory belongs to the thumbnail
	}
	for i, used := range e.used { // programs that delete a tag may leave its value in the file
		e.private = e.private || !used && b[i] != 0
	}
	return e
}

// markUsed marks n bytes as part of a directory or a value.
func (e *exif) markUsed(from, n uint64) {
	for i := from; i < min(from+n, uint64(len(e.used))); i++ {
		e.used[i] = true
	}
}

// directory reads the directory at off and returns the offset of the next one, 0 for none.
func (e *exif) directory(b []byte, order binary.ByteOrder, off uint32, first bool) (next uint32) {
	at := uint64(off)
	if at+2 > uint64(len(b)) {
		e.private = true
		return 0
	}
	n := uint64(order.Uint16(b[at:]))
	e.markUsed(at, 2+12*n+4)
	at += 2
	uncalibrated, r03 := false, false
	for ; n > 0; n, at = n-1, at+12 {
		if at+12 > uint64(len(b)) {
			e.private = true
			return 0
		}
		entry := b[at : at+12]
		size := uint64(order.Uint32(entry[4:]))
		if kind := order.Uint16(entry[2:]); int(kind) < len(exifTypes) {
			size *= exifTypes[kind]
		}
		if size > 4 {
			e.markUsed(uint64(order.Uint32(entry[8:])), min(size, harmlessValue))
		}
		switch tag := order.Uint16(entry); {
		case tag == tagOrientation && first:
			if v := order.Uint16(entry[8:]); v >= 1 && v <= 8 && order.Uint16(entry[2:]) == 3 {
				e.orientation = int(v)
			}
		case tag == tagColorSpace && !first:
			// The value 2 is in no standard, but it occurs in files.
			space := order.Uint16(entry[8:])
			uncalibrated, e.adobe = space == 0xffff, space == 2
		case tag == tagInterop && !first:
			e.private = true
			r03 = interop(b, order, order.Uint32(entry[8:])) == "R03"
		case tag == tagExifIFD && first:
			if e.directory(b, order, order.Uint32(entry[8:]), false) != 0 {
				e.private = true
			}
		case tag == tagGPS && first:
			e.private = true
			e.gps = e.gps || hasPlace(b, order, order.Uint32(entry[8:]))
		case !harmlessTags[tag], size > harmlessValue:
			e.private = true
		}
	}
	// "Uncalibrated" alone may mean any colours: DCF 2.0 requires the interoperability index as well.
	e.adobe = e.adobe || uncalibrated && r03
	if at+4 <= uint64(len(b)) {
		next = order.Uint32(b[at:])
	}
	return next
}

// interop returns the interoperability index (Exif 2.32, 4.6.7), "" if there is none.
func interop(b []byte, order binary.ByteOrder, off uint32) string {
	const tagIndex = 1
	at := uint64(off)
	if at+2 > uint64(len(b)) {
		return ""
	}
	n := uint64(order.Uint16(b[at:]))
	for at += 2; n > 0 && at+12 <= uint64(len(b)); n, at = n-1, at+12 {
		if order.Uint16(b[at:]) == tagIndex {
			return string(b[at+8 : at+11])
		}
	}
	return ""
}

// hasPlace reports whether a GPS directory contains more than its version. Cameras without a fix write an empty one.
func hasPlace(b []byte, order binary.ByteOrder, off uint32) bool {
	const tagVersion = 0
	at := uint64(off)
	if at+2 > uint64(len(b)) {
		return false
	}
	n := uint64(order.Uint16(b[at:]))
	for at += 2; n > 0 && at+12 <= uint64(len(b)); n, at = n-1, at+12 {
		if order.Uint16(b[at:]) != tagVersion {
			return true
		}
	}
	return false
}

// xmpHasPlace searches an XMP packet for the Exif GPS properties (XMP part 2, 3.3) without parsing untrusted RDF.
func xmpHasPlace(b []byte) bool {
	return bytes.Contains(b, []byte("GPSLatitude")) || bytes.Contains(b, []byte("GPSLongitude"))
}
