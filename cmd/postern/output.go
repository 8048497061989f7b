package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/rivo/uniseg"

	"postern/draft"
	"postern/store"
	"postern/words"
)

type routeJSON struct {
	Feed     int64          `json:"feed"`
	Account  int64          `json:"account"`
	Enabled  bool           `json:"enabled"`
	Settings store.Settings `json:"settings"`
}

// statedError is an error with a sentence of its own, and what caused it.
type statedError struct {
	text  string
	cause error
}

func (e *statedError) Error() string { return e.text }

func (e *statedError) Unwrap() error { return e.cause }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// table prints rows for people. Characters that a terminal shows twice as wide count twice.
func table(w io.Writer, head []string, rows [][]string) error {
	widths := make([]int, len(head))
	for i, row := range append([][]string{head}, rows...) {
		for j := range row {
			row[j] = printable(row[j])
			if i > 0 && row[j] == "" {
				row[j] = "-"
			}
			widths[j] = max(widths[j], uniseg.StringWidth(row[j]))
		}
	}
	for _, row := range append([][]string{head}, rows...) {
		var line strings.Builder
		for j, cell := range row {
			line.WriteString(cell)
			if j < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[j]-uniseg.StringWidth(cell)+2))
			}
		}
		if _, err := fmt.Fprintln(w, line.String()); err != nil {
			return err
		}
	}
	return nil
}

// printable takes the power over a terminal out of strangers' words, and puts them in one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) && r != '\u200d' && r != '\ufe0f':
			return -1
		}
		return r
	}, s)
}

// short cuts a cell of a table to so many columns of a terminal.
func short(s string, n int) string {
	if uniseg.StringWidth(s) <= n {
		return s
	}
	kept, left := strings.Builder{}, n-1
	for g := uniseg.NewGraphemes(s); g.Next() && g.Width() <= left; left -= g.Width() {
		kept.WriteString(g.Str())
	}
	return strings.TrimSpace(kept.String()) + "…"
}

// oneLine is an error's text for stderr.
func oneLine(s string) string {
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return printable(strings.Join(lines, "; "))
}

// when says a time to people: near ones as a distance, with the clock of a time to come. What is to come is rounded up,
// so that nothing happens before it was said.
func when(t, now time.Time) string { return whenIn(t, now, time.Local) }

// whenIn is when by the clock of a zone.
func whenIn(t, now time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	d := t.Sub(now).Round(time.Second)
	switch {
	case d > -time.Second && d <= time.Second:
		return "now"
	case d > 0 && d < 24*time.Hour:
		if d >= time.Minute {
			d = (d + time.Minute - 1).Truncate(time.Minute)
		}
		return fmt.Sprintf("in %s (%s)", words.Span(d), draft.Clock(t.In(zone), now))
	case d < 0 && d > -24*time.Hour:
		return words.Span(-d) + " ago"
	case d > 0:
		t = draft.UpToMinute(t)
	}
	return t.In(zone).Format("2006-01-02 15:04 MST")
}
