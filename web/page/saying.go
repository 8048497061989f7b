package page

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
	"postern/words"
)

// saying is a sentence that may contain links and code.
type saying []part

// part is a piece of a sentence: a link, code, or plain text.
type part struct {
	Text string
	Link string // URL; "" for no link
	Code bool   // whether the words are a key or a command
}

// sayingOf returns the reason as a sentence with a capital and a full stop; nil for none.
func sayingOf(why reason.Reason) saying {
	s := clauseOf(why)
	if len(s) == 0 {
		return nil
	}
	last := len(s) - 1
	if s[0].Link == "" && !s[0].Code {
		s[0].Text = capital(s[0].Text)
	}
	if !strings.ContainsAny(s[last].Text[len(s[last].Text)-1:], ".!?") {
		s = append(s, part{Text: "."})
	}
	return s
}

// clauseOf returns the reason without capital and full stop, for use within another sentence; nil for none.
func clauseOf(why reason.Reason) (s saying) {
	for _, p := range why.Pieces() {
		one := part{Text: p.Text, Code: p.Setting}
		if p.Publication != 0 {
			one.Link = publicationLink(p.Publication)
		}
		s = append(s, one)
	}
	return s
}

// sayingFor returns a publication's reason as a sentence, with its settings linked and labelled by onForm.
func sayingFor(l store.Listed, why reason.Reason) saying {
	if !l.Account.RemovedAt.IsZero() {
		return sayingOf(why)
	}
	return append(sayingOf(why).onForm(l.AccountID, l.Post.FeedID), startOf(l, why)...)
}

// startOf returns a link to the start rule that decides which posts are too old, if the reason is about that; else
// nil.
func startOf(l store.Listed, why reason.Reason) saying {
	switch {
	case why.Is(reason.BeforeFeed, reason.BeforeFeedNewest, reason.BeforeFeedUndated, reason.BeforeStart) &&
		l.Feed.RemovedAt.IsZero():
		return saying{{Text: " "}, {Text: words.PageWhereTheFeedStarts, Link: feedLink(l.Post.FeedID)}}
	case why.Is(reason.BeforeAccount, reason.DatedBefore):
		return saying{{Text: " "}, {Text: words.PageSettingsOfTheFeed, Link: settingsLink(l.AccountID, l.Post.FeedID)}}
	}
	return nil
}

// settingFrom matches the text that follows the name of a setting of an account, or of a feed on an account. Events
// of earlier versions say "from the feed" for a feed on an account.
var settingFrom = regexp.MustCompile(`^(?: with the value .*?,)?[a-z, :]*\b(?:from the (account|feed|settings of this feed)|by default)\b`)

// onForm replaces setting keys by their form labels, linked to the form. A setting from another place, such as the
// markup of an entry, keeps its key. feed is 0 if unknown.
func (s saying) onForm(account, feed int64) saying {
	s = slices.Clone(s)
	for i := range s {
		at := slices.IndexFunc(draft.Settings(), func(known draft.Setting) bool {
			return s[i].Code && known.Name == s[i].Text
		})
		if at < 0 || i+1 == len(s) || account == 0 {
			continue
		}
		switch from := settingFrom.FindStringSubmatch(s[i+1].Text); {
		case from == nil:
			continue
		case from[1] == "account", from[1] == "":
			s[i].Link = settingsLink(account, 0)
		case feed == 0:
			continue
		default:
			s[i].Link = settingsLink(account, feed)
		}
		s[i].Link += "#" + fieldID(s[i].Text)
		s[i].Text, s[i].Code = "“"+draft.Settings()[at].Title+"”", false
	}
	return s
}

// labelled replaces setting keys by their form labels, without links.
func (s saying) labelled() saying {
	s = slices.Clone(s)
	for i := range s {
		at := slices.IndexFunc(draft.Settings(), func(known draft.Setting) bool {
			return s[i].Code && known.Name == s[i].Text
		})
		if at >= 0 {
			s[i].Text, s[i].Code = "“"+draft.Settings()[at].Title+"”", false
		}
	}
	return s
}

var (
	// nameInText matches a setting's key or a command in stored text.
	nameInText = regexp.MustCompile("`([a-z_.]+|postern [a-z][^`]*)`")
	// publicationInText matches the id of a publication in stored text.
	publicationInText = regexp.MustCompile(`\b[Pp]ublication (\d+)\b`)
)

// ruleInText matches the id of a check at the end of a stored sentence.
var ruleInText = regexp.MustCompile(` \(([a-z]+(?:\.[a-z0-9-]+)+)\)`)

// withoutRules removes the ids of checks, which sentences of the current version do not contain.
func withoutRules(text string) string {
	return ruleInText.ReplaceAllStringFunc(text, func(found string) string {
		id := ruleInText.FindStringSubmatch(found)[1]
		if slices.ContainsFunc(draft.Rules, func(r draft.Rule) bool { return r.ID == id }) {
			return ""
		}
		return found
	})
}

// sayingIn parses stored text and marks names of settings as code.
func sayingIn(text string) (s saying) {
	for text != "" {
		at := nameInText.FindStringSubmatchIndex(text)
		if at == nil {
			return append(s, part{Text: text})
		}
		if at[0] > 0 {
			s = append(s, part{Text: text[:at[0]]})
		}
		s = append(s, part{Text: text[at[2]:at[3]], Code: true})
		text = text[at[1]:]
	}
	return s
}

// marked matches a part of a catalogue sentence that is code, in backquotes, or a link, in brackets.
var marked = regexp.MustCompile("`([^`]+)`|\\[([^]]+)\\]")

// wording parses a catalogue sentence with code and links. The bracketed parts link to links, in that order.
func wording(text string, links ...string) (s saying) {
	for text != "" {
		at := marked.FindStringSubmatchIndex(text)
		if at == nil {
			return append(s, part{Text: text})
		}
		if at[0] > 0 {
			s = append(s, part{Text: text[:at[0]]})
		}
		if at[2] >= 0 {
			s = append(s, part{Text: text[at[2]:at[3]], Code: true})
		} else {
			s = append(s, part{Text: text[at[4]:at[5]], Link: links[0]})
			links = links[1:]
		}
		text = text[at[1]:]
	}
	return s
}

// linkedSayingIn is sayingIn, and it links the first publication id in the text unless that id is part of quoted
// text.
func linkedSayingIn(text string) saying {
	at := publicationInText.FindStringSubmatchIndex(text)
	if at == nil {
		return sayingIn(text)
	}
	id, err := strconv.ParseInt(text[at[2]:at[3]], 10, 64)
	if err != nil {
		return sayingIn(text)
	}
	s := append(sayingIn(text[:at[2]]), part{Text: text[at[2]:at[3]], Link: publicationLink(id)})
	return append(s, sayingIn(text[at[3]:])...)
}

// eventSentence returns an event as a sentence. account is the name of the event's account, or "" where the page
// should not name it.
func eventSentence(e store.Event, account string) string {
	switch {
	case e.Message != "":
		return sentence(e.Message)
	case e.Kind != "found" && e.To != "" && e.To != e.From:
		return words.EventState(words.State(string(e.To)))
	}
	return words.Event(e.Kind, account)
}

// sayingOfEvent returns an event as a sentence with links. account is as in eventSentence.
func sayingOfEvent(e store.Event, account string) saying {
	text := withoutRules(eventSentence(e, account))
	if reason.NamesPublication(e.Reason) {
		return linkedSayingIn(text)
	}
	return sayingIn(text).onForm(e.AccountID, e.FeedID)
}

// linkedLike removes links that do not occur in other, a sentence with the same words, and a trailing link whose
// target differs there.
func (s saying) linkedLike(other saying) saying {
	if end := len(s) - 2; end > 0 && s[end].Text == " " && !slices.Equal(s[end:], other[min(end, len(other)):]) {
		return s[:end].linkedLike(other)
	}
	s = slices.Clone(s)
	for i := range s {
		if i >= len(other) || other[i] != s[i] {
			s[i].Link = ""
		}
	}
	return s
}

// String returns the text without markup.
func (s saying) String() string {
	var b strings.Builder
	for _, p := range s {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Render writes the sentence as HTML. It is not a template because a template would put a space after each link.
func (s saying) Render(_ context.Context, w io.Writer) error {
	for _, p := range s {
		html := templ.EscapeString(p.Text)
		switch {
		case p.Link != "":
			html = `<a href="` + templ.EscapeString(p.Link) + `">` + html + `</a>`
		case p.Code:
			html = `<code>` + html + `</code>`
		}
		if _, err := io.WriteString(w, html); err != nil {
			return err
		}
	}
	return nil
}
