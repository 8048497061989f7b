package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/rivo/uniseg"

	"postern/store"
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

// when says a time to people: near ones as a distance.
func when(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := t.Sub(now).Round(time.Second)
	switch {
	case d > -time.Second && d <= time.Second:
		return "now"
	case d >= time.Minute && d < 24*time.Hour: // never too early
		return "in " + span((d + time.Minute - 1).Truncate(time.Minute))
	case d > 0 && d < time.Minute:
		return "in " + span(d)
	case d < 0 && d > -24*time.Hour:
		return span(-d) + " ago"
	}
	return t.Local().Format("2006-01-02 15:04 MST")
}

func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
