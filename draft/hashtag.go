package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxTagLine bounds what categories may take of a caption, in UTF-16 units.
const maxTagLine = 500

// noCategories are what publishing programs file an entry under when nobody chose anything.
var noCategories = map[string]bool{
	"uncategorized": true, "uncategorised": true, "unkategorisiert": true, "nicht kategorisiert": true,
	"non classé": true, "sin categoría": true,
	"sem categoria": true, "senza categoria": true, "geen categorie": true, "без рубрики": true, "未分類": true,
	"未分类": true,
}

// hashtags makes at most n hashtags of categories: several words become one in CamelCase, and none that the text has
// already is repeated. Together with the text's own there are never more than Instagram takes.
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

// hashtag is a category without what ends a hashtag; "" when nothing is left that could be one.
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
		return "" // Instagram links no number, and one letter is what is left of "C++"
	}
	return t
}

// tagsIn lists the hashtags of a text, without their sign.
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
