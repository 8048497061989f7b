package media

import (
	"bytes"
	"strings"

	"postern/reason"
	"postern/words"
)

// kind is a format, determined by the first bytes. Content types are ignored: static hosts serve AVIF as text/plain
// and WebP as image/jpeg.
type kind string

const (
	kindJPEG kind = "JPEG"
	kindPNG  kind = "PNG"
	kindGIF  kind = "GIF"
	kindWebP kind = "WebP"
	kindBMP  kind = "BMP"
	kindTIFF kind = "TIFF"
	kindAVIF kind = "AVIF"
	kindHEIC kind = "HEIC"
	kindMP4  kind = "MP4"
	kind3GP  kind = "3GP"
	kindWebM kind = "WebM"
	kindMKV  kind = "Matroska"
	kindAVI  kind = "AVI"
	kindMOV  kind = "QuickTime"
	kindPage kind = words.FormatPage
	kindNone kind = ""
)

// heavy reports whether a format is decoded by libraries that need much memory. They may not be built in.
func (k kind) heavy() bool { return k == kindAVIF || k == kindHEIC }

const sniffLen = 1024

// brands maps the four letters after "ftyp" (ISO/IEC 14496-12, 4.3) to kinds, as registered at
// https://mp4ra.org/registered-types/brands
var brands = map[string]kind{
	"avif": kindAVIF, "avis": kindAVIF,
	"heic": kindHEIC, "heix": kindHEIC, "heim": kindHEIC, "heis": kindHEIC, "hevc": kindHEIC, "hevx": kindHEIC,
	"mif1": "HEIF", "msf1": "HEIF",
	"crx ": "Canon raw", "jxl ": "JPEG XL", "jp2 ": "JPEG 2000",
	"M4A ": "audio", "M4B ": "audio", "M4P ": "audio",
	"qt  ": kindMOV,
}

var magics = []struct {
	prefix string
	kind   kind
}{
	{"\xff\xd8\xff", kindJPEG},
	{"\x89PNG\r\n\x1a\n", kindPNG},
	{"GIF87a", kindGIF},
	{"GIF89a", kindGIF},
	{"BM", kindBMP},
	{"II*\x00", kindTIFF},
	{"MM\x00*", kindTIFF},
	{"\xff\x0a", "JPEG XL"},
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"},
	{"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"},
	{"\x00\x00\x01\x00", words.FormatIcon},
	{"8BPS", "Photoshop"},
	{"%PDF-", "PDF"},
	{"\x1a\x45\xdf\xa3", kindWebM},
	{"OggS", "Ogg"},
	{"ID3", "audio"},
}

// sniff returns the format of a file by its first bytes, kindNone if it is unknown.
func sniff(head []byte) kind {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.prefix)) {
			if m.kind == kindWebM && bytes.Contains(head[:min(64, len(head))], []byte("matroska")) {
				return kindMKV // WebM is a subset of Matroska with another DocType (RFC 8794, 11.2.5)
			}
			return m.kind
		}
	}
	if len(head) >= 12 {
		switch {
		case string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
			return kindWebP
		case string(head[:4]) == "RIFF" && string(head[8:12]) == "AVI ":
			return kindAVI
		case string(head[4:8]) == "ftyp":
			return sniffBrand(head)
		}
		switch string(head[4:8]) { // QuickTime files older than "ftyp"
		case "moov", "mdat", "wide", "free", "skip", "pnot":
			return kindMOV
		}
	}
	return sniffText(head)
}

func sniffBrand(head []byte) kind {
	brand := string(head[8:12])
	k, ok := brands[brand]
	switch {
	case !ok && (strings.HasPrefix(brand, "3gp") || strings.HasPrefix(brand, "3g2")):
		return kind3GP
	case !ok:
		return kindMP4
	case k == "HEIF": // the general brand; the compatible brands name the format
		size := int(be.Uint32(head))
		if bytes.Contains(head[:max(min(size, len(head)), 12)], []byte("avif")) {
			return kindAVIF
		}
		return kindHEIC
	}
	return k
}

func sniffText(head []byte) kind {
	s := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")))
	switch {
	case strings.HasPrefix(s, "<svg"), strings.HasPrefix(s, "<?xml") && strings.Contains(s, "<svg"):
		return "SVG"
	case strings.HasPrefix(s, "<!doctype html"), strings.HasPrefix(s, "<html"), strings.HasPrefix(s, "<head"),
		strings.HasPrefix(s, "<!--"), strings.HasPrefix(s, "<body"), strings.HasPrefix(s, "<script"):
		return kindPage
	}
	return kindNone
}

// wrongKind returns the fault for a file of a kind that w does not accept.
func wrongKind(k kind, where string, w want) *Error {
	const rule = "media.type.unsupported"
	forms := words.FormatsWithoutHeavy
	if heavyKinds {
		forms = words.FormatsOfPictures
	}
	if w.video {
		forms = "MP4 or MOV"
	}
	switch k {
	case kindPage:
		return fault(rule, nil, reason.New(reason.MediaPage, where, w.noun))
	case kindNone:
		return fault(rule, nil, reason.New(reason.MediaUnknown, where, w.noun, forms))
	case kindMP4, kindMOV:
		if !w.video {
			return fault(rule, nil, reason.New(reason.MediaIsVideo, where, string(k)))
		}
	case kindJPEG, kindPNG, kindGIF, kindWebP, kindBMP, kindTIFF, kindAVIF, kindHEIC:
		if w.video {
			return fault(rule, nil, reason.New(reason.MediaIsPicture, where, string(k)))
		}
		if k.heavy() {
			return fault(rule, nil, reason.New(reason.MediaNoDecoder, where, string(k)))
		}
	}
	return fault(rule, nil, reason.New(reason.MediaFormat, where, string(k), forms))
}
