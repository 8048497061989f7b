package web

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"postern/reason"
)

// saying is a sentence from which a page links.
type saying []reason.Piece

// sayingOf returns the sentence of a reason with a capital and a full stop; nil for none.
func sayingOf(why reason.Reason) saying {
	s := saying(why.Pieces())
	if len(s) == 0 {
		return nil
	}
	last := len(s) - 1
	if s[0].Publication == 0 && !s[0].Setting {
		s[0].Text = capital(s[0].Text)
	}
	if !strings.ContainsAny(s[last].Text[len(s[last].Text)-1:], ".!?") {
		s = append(s, reason.Piece{Text: "."})
	}
	return s
}

// Render writes the sentence with its links. A template would put a space after each.
func (s saying) Render(_ context.Context, w io.Writer) error {
	for _, p := range s {
		html := templ.EscapeString(p.Text)
		switch {
		case p.Publication != 0:
			html = `<a href="` + publicationLink(p.Publication) + `">` + html + `</a>`
		case p.Setting:
			html = `<code>` + html + `</code>`
		}
		if _, err := io.WriteString(w, html); err != nil {
			return err
		}
	}
	return nil
}
