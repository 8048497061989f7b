package feed

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"

	"postern/reason"
)

var xmlDeclaration = regexp.MustCompile(`^\s*<\?xml\s[^>]*\?>`)
var declaredEncoding = regexp.MustCompile(`encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// decodeText returns the body as UTF-8 without BOM, XML declaration and control characters. It removes the
// declaration because the XML reader would otherwise convert the text a second time. note is set if the encoding had
// to be guessed or the text is damaged.
func decodeText(body []byte, contentType string) (text []byte, note reason.Reason) {
	text, note = toUTF8(body, contentType)
	if loc := xmlDeclaration.FindIndex(text[:min(len(text), 512)]); loc != nil {
		text = text[loc[1]:]
	}
	return dropControls(text), note
}

// toUTF8 determines the encoding by the BOM, then by whether the body is valid UTF-8, then by the charset in HTTP,
// then by the XML declaration. Valid UTF-8 takes precedence over declarations, because text in another encoding is
// practically never valid UTF-8 and servers often declare a wrong charset.
func toUTF8(body []byte, contentType string) ([]byte, reason.Reason) {
	switch {
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		body = body[3:]
	case bytes.HasPrefix(body, []byte("\xFF\xFE")), bytes.HasPrefix(body, []byte("<\x00")):
		return decode16(body, unicode.LittleEndian)
	case bytes.HasPrefix(body, []byte("\xFE\xFF")), bytes.HasPrefix(body, []byte("\x00<")):
		return decode16(body, unicode.BigEndian)
	}
	if utf8.Valid(body) {
		return body, reason.Reason{}
	}
	var labels []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		labels = append(labels, params["charset"])
	}
	head := xmlDeclaration.Find(body[:min(len(body), 512)])
	if m := declaredEncoding.FindSubmatch(head); m != nil {
		labels = append(labels, string(m[1]))
	}
	for _, label := range labels {
		enc, name := charset.Lookup(label)
		if enc == nil || name == "utf-8" || strings.HasPrefix(name, "utf-16") {
			continue
		}
		if out, err := enc.NewDecoder().Bytes(body); err == nil {
			return out, reason.Reason{}
		}
	}
	if mostlyUTF8(body) {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), reason.New(reason.FeedNotUTF)
	}
	// the default of browsers for Western text without a declaration:
	// https://html.spec.whatwg.org/#determining-the-character-encoding
	enc, _ := charset.Lookup("windows-1252")
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), reason.New(reason.FeedEncodingUnknown)
	}
	return out, reason.New(reason.FeedEncodingGuessed)
}

func decode16(body []byte, order unicode.Endianness) ([]byte, reason.Reason) {
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(body)
	if err != nil {
		out, err = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(body)
	}
	if err != nil {
		return bytes.ToValidUTF8(body, nil), reason.New(reason.FeedNotUTFWide)
	}
	return bytes.TrimPrefix(out, []byte("\xEF\xBB\xBF")), reason.Reason{}
}

// mostlyUTF8 distinguishes damaged UTF-8 from other encodings: most non-ASCII characters are valid.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > bad
}

// dropControls removes characters that XML 1.0 forbids (https://www.w3.org/TR/xml/#charsets) and that feeds contain
// nevertheless, also as character references.
func dropControls(b []byte) []byte {
	control := func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	}
	if hasControls(b) {
		b = bytes.Map(func(r rune) rune {
			if control(r) {
				return -1
			}
			return r
		}, b)
	}
	if controlRef.Match(b) {
		b = controlRef.ReplaceAll(b, nil)
	}
	return b
}

// hasControls reports whether a UTF-8 text contains a forbidden control character. It scans bytes, because texts
// are long.
func hasControls(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return true
		}
	}
	return bytes.Contains(b, []byte("\uFFFE")) || bytes.Contains(b, []byte("\uFFFF"))
}

var controlRef = regexp.MustCompile(`&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));`)
