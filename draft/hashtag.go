package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxTagLine is the maximum length of the hashtags made from categories, in UTF-16 units.
const maxTagLine = 500

// noCategories are the default categories of publishing programs, used if the author chose none.
var noCategories = map[string]bool{
	"uncategorized": true, "uncategorised": true, "unkategorisiert": true, "nicht kategorisiert": true,
	"non classé": true, "sin categoría": true,
	"sem categoria": true, "senza categoria": true, "geen categorie": true, "без рубрики": true, "未分類": true,
	"未分类": true,
}

// hashtags returns at most n hashtags made from categories. Several words are joined in CamelCase. Hashtags that the
// text already contains are not repeated, and the total stays within Instagram's limit.
func hashtags(categories []string, text string, n int) string {
	seen := map[string]bool{}
	for _, t := range tagsIn(text) {
		seen[strings.ToLower(t)] = true
	}
	n = min(n, maxHashtags-len(tagsIn(text)))
	var line []string
	length := 0
	for _, c := range categories {
		t := hashtag(c)
		if len(line) >= n || t == "" || seen[strings.ToLower(t)] || length+units(t)+2 > maxTagLine {
			continue
		}
		seen[strings.ToLower(t)] = true
		length += units(t) + 2
		line = append(line, "#"+t)
	}
	return strings.Join(line, " ")
}

// hashtag returns a category without the characters that end a hashtag; "" if nothing usable remains.
func hashtag(category string) string {
	category = norm.NFC.String(strings.TrimSpace(category))
	if noCategories[strings.ToLower(category)] || strings.Contains(category, "://") {
		return ""
	}
	category = strings.NewReplacer("'", "", "’", "", "ʼ", "").Replace(category)
	words := strings.FieldsFunc(category, notWordRune)
	if len(words) > 1 {
		for i, w := range words {
			r, size := utf8.DecodeRuneInString(w)
			words[i] = string(unicode.ToTitle(r)) + w[size:]
		}
	}
	t := strings.Join(words, "")
	if strings.IndexFunc(t, unicode.IsLetter) < 0 || len(t) == 1 {
		return "" // Instagram does not link numbers, and a single letter is what remains of "C++"
	}
	return t
}

// tagsIn returns the hashtags in a text, without #.
func tagsIn(text string) []string {
	var tags []string
	prev := ' '
	for i, r := range text {
		if r == '#' && !wordRune(prev) && prev != '&' && prev != '/' {
			rest := text[i+1:]
			if end := strings.IndexFunc(rest, notWordRune); end >= 0 {
				rest = rest[:end]
			}
			if rest != "" {
				tags = append(tags, rest)
			}
		}
		prev = r
	}
	return tags
}
