package web

import (
	"context"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"postern/draft"
	"postern/reason"
	"postern/store"
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

var (
	// nameInText is the name of a setting, or a command, in a text that is kept as words.
	nameInText = regexp.MustCompile("`([a-z_.]+|postern [a-z][^`]*)`")
	// publicationInText is the number of a publication in such a text.
	publicationInText = regexp.MustCompile(`\b[Pp]ublication (\d+)\b`)
)

// ruleInText is the id of a check behind a sentence that is kept as words.
var ruleInText = regexp.MustCompile(` \(([a-z]+(?:\.[a-z0-9-]+)+)\)`)

// withoutRules returns the text without the ids of checks, as reasons of today are shown.
func withoutRules(text string) string {
	return ruleInText.ReplaceAllStringFunc(text, func(found string) string {
		id := ruleInText.FindStringSubmatch(found)[1]
		if slices.ContainsFunc(draft.Rules, func(r draft.Rule) bool { return r.ID == id }) {
			return ""
		}
		return found
	})
}

// sayingIn returns a text that is kept as words, with the names of settings as code.
func sayingIn(text string) (s saying) {
	for text != "" {
		at := nameInText.FindStringSubmatchIndex(text)
		if at == nil {
			return append(s, reason.Piece{Text: text})
		}
		if at[0] > 0 {
			s = append(s, reason.Piece{Text: text[:at[0]]})
		}
		s = append(s, reason.Piece{Text: text[at[2]:at[3]], Setting: true})
		text = text[at[1]:]
	}
	return s
}

// linkedSayingIn is sayingIn for a text whose first number of a publication is not in words of others: it becomes a link.
func linkedSayingIn(text string) saying {
	at := publicationInText.FindStringSubmatchIndex(text)
	if at == nil {
		return sayingIn(text)
	}
	id, err := strconv.ParseInt(text[at[2]:at[3]], 10, 64)
	if err != nil {
		return sayingIn(text)
	}
	s := append(sayingIn(text[:at[2]]), reason.Piece{Text: text[at[2]:at[3]], Publication: id})
	return append(s, sayingIn(text[at[3]:])...)
}

// sayingOfEvent returns what happened. account is as eventSentence takes it.
func sayingOfEvent(e store.Event, account string) saying {
	text := withoutRules(eventSentence(e, account))
	if reason.NamesPublication(e.Reason) {
		return linkedSayingIn(text)
	}
	return sayingIn(text)
}

// String returns the words.
func (s saying) String() string {
	var b strings.Builder
	for _, p := range s {
		b.WriteString(p.Text)
	}
	return b.String()
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
