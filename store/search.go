package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Text search uses two FTS5 tables of SQLite, which triggers keep up to date (migrations/0001_tables.sql). For
// another database only this file would have to change.

// match turns a search text into an FTS5 query: every word must occur, and the last one may be the beginning of a
// longer word. It returns "" if the text contains no word. vocabulary is the table of all indexed words.
func (s *Store) match(ctx context.Context, vocabulary, typed string) (string, error) {
	words := wordsIn(typed)
	if len(words) == 0 {
		return "", nil
	}
	last := words[len(words)-1]
	for i, w := range words {
		words[i] = `"` + w + `"`
	}
	known, err := s.completions(ctx, vocabulary, last)
	if err != nil {
		return "", err
	}
	if known == nil {
		return strings.Join(words, " ") + "*", nil
	}
	words[len(words)-1] = `("` + strings.Join(known, `" OR "`) + `")`
	return strings.Join(words, " AND "), nil
}

// wordsIn returns the first 8 words of a search text.
func wordsIn(typed string) []string {
	words := strings.FieldsFunc(typed,
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return words[:min(len(words), 8)]
}

const (
	indexedPrefix  = 3  // maximum length of the prefixes that the index contains itself
	maxCompletions = 40 // maximum number of words that a query lists
)

// completions returns the indexed words that begin with a prefix, for a query that lists them. For a prefix query
// FTS5 collects all matches before it returns the first one; for listed words it reads only as far as the page
// needs. completions returns nil if the query must use the prefix itself, because there are too many such words, or
// because the prefix is not ASCII and its spelling in the index is unknown.
func (s *Store) completions(ctx context.Context, vocabulary, begin string) ([]string, error) {
	begin = strings.ToLower(begin)
	if len(begin) <= indexedPrefix || strings.ContainsFunc(begin, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, nil
	}
	known := []string{begin}
	for from := begin; len(known) <= maxCompletions; {
		var word string
		err := s.r.QueryRowContext(ctx, `SELECT term FROM `+vocabulary+` WHERE term >= $1 LIMIT 1`, from).Scan(&word)
		switch {
		case errors.Is(err, sql.ErrNoRows) || err == nil && !strings.HasPrefix(word, begin):
			return known, nil
		case err != nil:
			return nil, fmt.Errorf("looking up words: %w", err)
		case word != begin:
			known = append(known, word)
		}
		from = word + "\x01" // sorts before every longer word with this beginning
	}
	return nil, nil
}
