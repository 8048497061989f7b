package publisher

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// cutFrom is how many letters of a caption that was cut must be left to tell it apart.
	cutFrom = 12
	// alikeWords is how many words two captions must share at least.
	alikeWords = 4
	// meanwhile is how long after the request a post counts as published at that time.
	meanwhile = 2 * time.Minute
)

// resembles reports whether the caption on a post of the profile may be ours after Instagram changed it: cut,
// folded, escaped, some words removed, or, on a post published at the time of our request, without any words or
// of the same length. after is the time between the request and the post.
func resembles(ours, theirs string, after time.Duration) bool {
	a, b := strings.Fields(letters(ours)), strings.Fields(letters(theirs))
	whole, other := strings.Join(a, ""), strings.Join(b, "")
	if whole == other && whole != "" {
		return true
	}
	short, long := whole, other
	if len(short) > len(long) {
		short, long = long, short
	}
	if len([]rune(short)) >= cutFrom && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short)) {
		return true
	}
	if n := shared(a, b); n >= alikeWords && n*5 >= min(len(a), len(b))*4 {
		return true
	}
	if after.Abs() > meanwhile {
		return false
	}
	if other == "" {
		return true
	}
	m, n := len([]rune(strings.TrimSpace(ours))), len([]rune(strings.TrimSpace(theirs)))
	return m >= 2*cutFrom && max(m-n, n-m)*20 <= m
}

var codePoint = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)

// letters leaves the letters and digits of a text in words, without case, accents and escapes.
func letters(text string) string {
	text = codePoint.ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.ParseUint(s[2:], 16, 32)
		return string(rune(n))
	})
	text = strings.NewReplacer(`\n`, " ", `\r`, " ", `\t`, " ", `\/`, "/").Replace(text)
	for range 2 { // some texts are escaped twice
		text = html.UnescapeString(text)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsNumber(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(text))
}

// shared counts the words that two lists have in common.
func shared(a, b []string) int {
	counts := map[string]int{}
	for _, w := range a {
		counts[w]++
	}
	n := 0
	for _, w := range b {
		if counts[w] > 0 {
			counts[w]--
			n++
		}
	}
	return n
}
