package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Words are looked up in two FTS5 tables of SQLite, which triggers keep (migrations/0001_tables.sql). Another database
// needs something else in this place, and nowhere else.

// match turns what a person typed into a query: every word must occur, and the last one may go on. "" when there is no
// word in it. vocabulary is the table of the words there are.
func (s *Store) match(ctx context.Context, vocabulary, typed string) (string, error) {
	words := wordsIn(typed)
	if len(words) == 0 {
		return "", nil
	}
	last := words[len(words)-1]
	for i, w := range words {
		words[i] = `"` + w + `"`
	}
	known, err := s.goingOn(ctx, vocabulary, last)
	if err != nil {
		return "", err
	}
	if known == nil {
		return strings.Join(words, " ") + "*", nil
	}
	words[len(words)-1] = `("` + strings.Join(known, `" OR "`) + `")`
	return strings.Join(words, " AND "), nil
}

// wordsIn returns the words that a person typed, the first 8.
func wordsIn(typed string) []string {
	words := strings.FieldsFunc(typed,
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return words[:min(len(words), 8)]
}

const (
	indexedPrefix = 3  // beginnings up to this length are words of the index themselves
	maxGoingOn    = 40 // that many words are asked for by name
)

// goingOn returns the words that begin so, for a query that names them. FTS5 gathers the places of all words with
// a beginning before it tells the first one; those of words it is given by name it reads as far as the page goes.
// nil: the query has to name the beginning, because its words are many, or how the index spells them is not known
// here.
func (s *Store) goingOn(ctx context.Context, vocabulary, begin string) ([]string, error) {
	begin = strings.ToLower(begin)
	if len(begin) <= indexedPrefix || strings.ContainsFunc(begin, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, nil
	}
	known := []string{begin}
	for from := begin; len(known) <= maxGoingOn; {
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
		from = word + "\x01" // the next word there is
	}
	return nil, nil
}
