package draft

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"postern/reason"
	"postern/store"
)

// Filtered returns why the owner's filters are against a post, none when they are not. It is pure.
func Filtered(p store.Post, s Resolved) reason.Reason {
	pictures := 0
	for _, m := range p.Media {
		if m.Type == store.Image {
			pictures++
		}
	}
	if pictures < s.MinPictures.V {
		return reason.New(reason.FilterPictures, pictures, s.MinPictures.V, s.MinPictures.Origin)
	}
	if p.Markup.Sensitive != "" && s.Sensitive.V == "skip" {
		return reason.New(reason.FilterSensitive, p.Markup.Sensitive, s.Sensitive.Origin)
	}
	category := func(want string) bool {
		return slices.ContainsFunc(p.Categories, func(c string) bool { return sameWords(c, want) })
	}
	words := folded(p.Title + "\n" + p.Text)
	keyword := func(want string) bool { return hasWord(words, folded(want)) }
	author := func(want string) bool {
		return sameWords(p.Markup.Fields["author_name"], want) || sameWords(p.Markup.Fields["author_email"], want)
	}
	for _, f := range []struct {
		name, what       string
		include, exclude Value[[]string]
		has              func(string) bool
	}{
		{"categories", "category", s.IncludeCategories, s.ExcludeCategories, category},
		{"keywords", "word", s.IncludeKeywords, s.ExcludeKeywords, keyword},
		{"authors", "author", s.IncludeAuthors, s.ExcludeAuthors, author},
	} {
		if i := slices.IndexFunc(f.exclude.V, f.has); i >= 0 {
			return reason.New(reason.FilterExcluded, f.what, f.exclude.V[i], f.name, f.exclude.Origin)
		}
		if len(f.include.V) > 0 && !slices.ContainsFunc(f.include.V, f.has) {
			return reason.New(reason.FilterNotIncluded, f.name, f.name, f.include.Origin)
		}
	}
	return reason.Reason{}
}

func sameWords(a, b string) bool { return a != "" && folded(a) == folded(b) }

func folded(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(s))), " ")
}

// hasWord finds word where it is not part of a longer one. Scripts that write without spaces have no such places: there
// it is enough that it occurs.
func hasWord(text, word string) bool {
	if word == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		if !(joins(first) && joins(before)) && !(joins(last) && joins(after)) {
			return true
		}
		from = i + len(word)
	}
}

// joins tells runes that make one word with their neighbours.
func joins(r rune) bool {
	return wordRune(r) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer)
}
