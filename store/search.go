package store

import (
	"strings"
	"unicode"
)

// Words are looked up in two FTS5 tables of SQLite, which triggers keep (migrations/0001_tables.sql). Another database
// needs something else in this place, and nowhere else.

// match turns what a person typed into a query: every word must occur, and the last one may go on. "" when there is no
// word in it.
func match(typed string) string {
	words := strings.FieldsFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	words = words[:min(len(words), 8)]
	for i, w := range words {
		words[i] = `"` + w + `"`
	}
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, " ") + "*"
}
