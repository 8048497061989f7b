package feed

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed"
)

// asideFrom is the length in bytes from which the text of an entry is set aside.
const asideFrom = 512

// asideMark is around the number that stands for a text that was set aside. No alphabet uses it.
const asideMark = "\uE0F1"

var (
	cdataStart = []byte("<![CDATA[")
	cdataEnd   = []byte("]]>")
)

// setAside takes the long texts out of the entries of an RSS feed, as far as they stand in CDATA, and leaves a
// mark for each: the XML reader goes byte by byte and copies a text several times, though in CDATA it means what
// it says. texts is empty where there are none.
func setAside(text []byte) (short []byte, texts []string) {
	at := bytes.Index(text, []byte("<item"))
	if at < 0 || bytes.Contains(text, []byte("xml:base")) { // by which the XML reader changes addresses in the texts
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

// isWhole reports whether what stands between two pieces of a feed is the whole text of an entry.
func isWhole(before, after []byte) bool {
	before, after = bytes.TrimRight(before, " \t\r\n"), bytes.TrimLeft(after, " \t\r\n")
	return bytes.HasSuffix(before, []byte("<description>")) && bytes.HasPrefix(after, []byte("</description>")) ||
		bytes.HasSuffix(before, []byte("<content:encoded>")) && bytes.HasPrefix(after, []byte("</content:encoded>"))
}

// putBack puts the texts into their entries. It returns false where one of them has no place, or more than one:
// then the feed has to be read as it is.
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
