package media

import (
	"bytes"
	"encoding/binary"
)

// exif is what an Exif block says that matters here.
type exif struct {
	orientation int  // 1 to 8; 1 when absent or senseless
	gps         bool // it says where the picture was taken
	private     bool // it says more than how to show the picture
	adobe       bool // its colours are Adobe RGB

	named []bool // of each byte, that a directory or a value is there
}

// Tags that only say how to show the picture (Exif 2.32, tables 4, 7 and 9).
// Anything else, the camera's name and the time included, is the author's.
var harmlessTags = map[uint16]bool{
	0x0112: true, // Orientation
	0x011a: true, // XResolution
	0x011b: true, // YResolution
	0x0128: true, // ResolutionUnit
	0x0213: true, // YCbCrPositioning
	0x8769: true, // the Exif directory, looked into
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

	// The harmless tags with all their values are shorter than this; what is
	// longer carries bytes that no tag names. No value has more bytes than a fraction.
	harmlessExifLen = 512
	harmlessValue   = 8
)

// exifTypes are the bytes of one value by its type (Exif 2.32, 4.6.2).
var exifTypes = [...]uint64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}

// parseExif reads a TIFF structure (TIFF 6.0, section 2), the payload of an
// Exif block. What cannot be read is taken for private, and as upright.
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
		e.named = make([]bool, len(b))
		e.name(0, 8)
	}
	if next := e.directory(b, order, order.Uint32(b[4:]), true); next != 0 {
		e.private = true // a second directory is the thumbnail's
	}
	for i, named := range e.named { // programs that take a tag out leave its value behind
		e.private = e.private || !named && b[i] != 0
	}
	return e
}

func (e *exif) name(from, n uint64) {
	for i := from; i < min(from+n, uint64(len(e.named))); i++ {
		e.named[i] = true
	}
}

// directory reads one directory at off and returns where the next one is, 0 for none.
func (e *exif) directory(b []byte, order binary.ByteOrder, off uint32, first bool) (next uint32) {
	at := uint64(off)
	if at+2 > uint64(len(b)) {
		e.private = true
		return 0
	}
	n := uint64(order.Uint16(b[at:]))
	e.name(at, 2+12*n+4)
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
			e.name(uint64(order.Uint32(entry[8:])), min(size, harmlessValue))
		}
		switch tag := order.Uint16(entry); {
		case tag == tagOrientation && first:
			if v := order.Uint16(entry[8:]); v >= 1 && v <= 8 && order.Uint16(entry[2:]) == 3 {
				e.orientation = int(v)
			}
		case tag == tagColorSpace && !first:
			// 2 is no standard's, but written.
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
	// "Uncalibrated" alone may be anything: DCF 2.0 has the index say which.
	e.adobe = e.adobe || uncalibrated && r03
	if at+4 <= uint64(len(b)) {
		next = order.Uint32(b[at:])
	}
	return next
}

// interop is the Interoperability index (Exif 2.32, 4.6.7), "" when there is none.
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

// hasPlace reports whether a GPS directory holds more than its version: cameras
// without a fix write one that says nothing.
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

// xmpHasPlace looks for the Exif GPS properties in an XMP packet (XMP part 2,
// 3.3), without parsing strangers' RDF.
func xmpHasPlace(b []byte) bool {
	return bytes.Contains(b, []byte("GPSLatitude")) || bytes.Contains(b, []byte("GPSLongitude"))
}
