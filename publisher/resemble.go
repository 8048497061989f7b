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
	// minCutLetters is how many letters must be left of a truncated caption to identify it.
	minCutLetters = 12
	// minSharedWords is the minimum number of words that two captions must share.
	minSharedWords = 4
	// sameMoment is the longest time between our request and a post that counts as published by it.
	sameMoment = 2 * time.Minute
)

// resembles reports whether the caption of a post on the profile may be ours after Instagram changed it: truncated,
// in another case, escaped, or with some words removed. If the post was published within sameMoment of our request, an
// empty caption or one of nearly the same length is enough. after is the time between the request and the post.
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
	if len([]rune(short)) >= minCutLetters && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short)) {
		return true
	}
	if n := shared(a, b); n >= minSharedWords && n*5 >= min(len(a), len(b))*4 {
		return true
	}
	if after.Abs() > sameMoment {
		return false
	}
	if other == "" {
		return true
	}
	m, n := len([]rune(strings.TrimSpace(ours))), len([]rune(strings.TrimSpace(theirs)))
	return m >= 2*minCutLetters && max(m-n, n-m)*20 <= m
}

var codePoint = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)

// letters reduces a text to words of lower-case letters and digits, without accents and escapes.
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

// shared returns how many words two lists have in common.
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
