package feed

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"postern/store"
)

const (
	// hoverWords is how many words the text behind a picture has at least where the entry says nothing else.
	hoverWords = 4
	// hoverLetters is how many letters it has at least where it stands beside other words.
	hoverLetters = 40
)

// hover returns the text that a reader sees by pointing at the only picture of an entry, where it is the point:
// authors of web comics write the last joke there. It returns "" for what a program, a shop or a photo album
// writes into this attribute, and where the entry itself says more.
func (c *collection) hover(said string) string {
	var only *html.Node
	for _, k := range c.found {
		if k.junk != "" || k.Type != store.Image || k.place.node == nil {
			continue
		}
		if only != nil {
			return ""
		}
		only = k.place.node
	}
	if only == nil {
		return ""
	}
	text := oneLine(stripInvisible(html.UnescapeString(val(only, "title"))))
	if len(strings.Fields(text)) < hoverWords || !isSentence(text) || holdsWords(c.title, text) ||
		holdsWords(said, text) {
		return ""
	}
	if said != "" && (countWords(text) < hoverLetters || countWords(text) < countWords(said) || !endsSentence(text)) {
		return ""
	}
	return text
}

// offers are what programs write behind a picture: an invitation to press it, or where it comes from.
var offers = regexp.MustCompile(
	`(?i)^(?:click|tap|press|klick|cliquez|haga clic|clique|clicca|view|see|open|show|permalink|permanent link|link ` +
		`to|read|photo by|image by|picture by|image from|photo from|foto:|©|\(c\)|copyright)(?:[\s:]|$)`)

// isSentence reports whether a text is one that a person wrote to be read, and no list of tags or name of a file.
func isSentence(s string) bool {
	if isFileName(s) || imageName.MatchString(s) || offers.MatchString(s) || isWebAddress(s) {
		return false
	}
	return 2*strings.Count(s, ",") < len(strings.Fields(s)) && !strings.Contains(s, " | ")
}

// endsSentence reports whether a text ends as a sentence does.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, `"'”’»)]`)
	return s != "" && strings.ContainsRune(".!?…。！？", lastOf(s))
}

func lastOf(s string) (last rune) {
	for _, last = range s {
	}
	return last
}

// holdsWords reports whether one text holds the other one, letter by letter.
func holdsWords(text, part string) bool {
	fold := func(s string) string {
		return strings.Map(func(r rune) rune {
			if wordRune(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	return strings.Contains(fold(text), fold(part))
}
