package feed

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed"
)

// asideFrom is the minimum length in bytes of a text that is set aside.
const asideFrom = 512

// asideMark surrounds the number that replaces a text that was set aside. It is a private-use character, so no text
// contains it.
const asideMark = "\uE0F1"

var (
	cdataStart = []byte("<![CDATA[")
	cdataEnd   = []byte("]]>")
)

// setAside removes long CDATA texts from the entries of an RSS feed and leaves a mark for each. The XML reader
// processes texts byte by byte and copies them several times, although CDATA needs no decoding. texts is empty if
// there are none.
func setAside(text []byte) (short []byte, texts []string) {
	at := bytes.Index(text, []byte("<item"))
	if at < 0 || bytes.Contains(text, []byte("xml:base")) { // with xml:base the XML reader rewrites URLs in the texts
		return text, nil
	}
	from := 0
	for {
		i := bytes.Index(text[at:], cdataStart)
		if i < 0 {
			break
		}
		start := at + i + len(cdataStart)
		n := bytes.Index(text[start:], cdataEnd)
		if n < 0 {
			break
		}
		end := start + n
		at = end + len(cdataEnd)
		if n < asideFrom || !isWhole(text[:start-len(cdataStart)], text[at:]) {
			continue
		}
		short = append(short, text[from:start]...)
		short = append(short, asideMark+strconv.Itoa(len(texts))+asideMark...)
		texts = append(texts, string(text[start:end]))
		from = end
	}
	if len(texts) == 0 {
		return text, nil
	}
	return append(short, text[from:]...), texts
}

// isWhole reports whether a section between two pieces of a feed is the whole content of a description or
// content:encoded element.
func isWhole(before, after []byte) bool {
	before, after = bytes.TrimRight(before, " \t\r\n"), bytes.TrimLeft(after, " \t\r\n")
	return bytes.HasSuffix(before, []byte("<description>")) && bytes.HasPrefix(after, []byte("</description>")) ||
		bytes.HasSuffix(before, []byte("<content:encoded>")) && bytes.HasPrefix(after, []byte("</content:encoded>"))
}

// putBack puts the texts back into their entries. It returns false if a text has no place or more than one; then the
// feed must be parsed in its original form.
func putBack(f *gofeed.Feed, texts []string) bool {
	put := make([]bool, len(texts))
	found := 0
	for _, item := range f.Items {
		for _, s := range []*string{&item.Description, &item.Content} {
			number, ok := strings.CutPrefix(*s, asideMark)
			if !ok {
				continue
			}
			n, err := strconv.Atoi(strings.TrimSuffix(number, asideMark))
			if err != nil || n < 0 || n >= len(texts) || put[n] || *s != asideMark+strconv.Itoa(n)+asideMark {
				return false
			}
			*s, put[n] = texts[n], true
			found++
		}
	}
	return found == len(texts)
}
