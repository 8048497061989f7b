package feed

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"postern/store"
)

const (
	// hoverWords is the minimum number of words in the title attribute of a picture.
	hoverWords = 4
	// hoverLetters is the minimum number of letters in it if the entry also has text.
	hoverLetters = 40
)

// hover returns the title attribute of the only picture of an entry if it is part of the content: authors of web
// comics put the last joke there. It returns "" for a title that a program, a shop or a photo album generated, and
// if the entry's own text says more.
func (c *collection) hover(entryText string) string {
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
	if len(strings.Fields(text)) < hoverWords || !isSentence(text) || containsWords(c.title, text) ||
		containsWords(entryText, text) {
		return ""
	}
	if entryText != "" && (countWords(text) < hoverLetters || countWords(text) < countWords(entryText) || !endsSentence(text)) {
		return ""
	}
	return text
}

// offers matches titles that programs generate: an invitation to click, or the source of the picture.
var offers = regexp.MustCompile(
	`(?i)^(?:click|tap|press|klick|cliquez|haga clic|clique|clicca|view|see|open|show|permalink|permanent link|link ` +
		`to|read|photo by|image by|picture by|image from|photo from|foto:|©|\(c\)|copyright)(?:[\s:]|$)`)

// isSentence reports whether a text was written by a person to be read, and is neither a list of tags nor a file
// name.
func isSentence(s string) bool {
	if isFileName(s) || imageName.MatchString(s) || offers.MatchString(s) || isWebAddress(s) {
		return false
	}
	return 2*strings.Count(s, ",") < len(strings.Fields(s)) && !strings.Contains(s, " | ")
}

// endsSentence reports whether a text ends with the punctuation of a sentence.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, `"'”’»)]`)
	return s != "" && strings.ContainsRune(".!?…。！？", lastOf(s))
}

func lastOf(s string) (last rune) {
	for _, last = range s {
	}
	return last
}

// containsWords reports whether the letters and digits of one text contain those of another.
func containsWords(text, part string) bool {
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
