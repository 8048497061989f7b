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

// saying is a sentence from which a page links.
type saying []part

// part is words of a sentence. Those that are neither a link nor code are plain.
type part struct {
	Text string
	Link string // where the words lead, "" for nowhere
	Code bool   // the words are a key or a command
}

// sayingOf returns the sentence of a reason with a capital and a full stop; nil for none.
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

// clauseOf returns the words of a reason without a capital and a full stop of their own, as they stand in another
// sentence; nil for none.
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

// sayingFor returns the sentence of a publication's reason, with its settings as onForm names them.
func sayingFor(l store.Listed, why reason.Reason) saying {
	if !l.Account.RemovedAt.IsZero() {
		return sayingOf(why)
	}
	return append(sayingOf(why).onForm(l.AccountID, l.Post.FeedID), startOf(l, why)...)
}

// startOf leads to what decides which posts are too old, where a reason is about that; nil elsewhere.
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

// settingFrom is how a sentence goes on after a setting that the form of an account, or of a feed on it, has.
// Histories of earlier versions say “from the feed” for a feed on an account.
var settingFrom = regexp.MustCompile(`^(?: with the value .*?,)?[a-z, :]*\b(?:from the (account|feed|settings of this feed)|by default)\b`)

// onForm returns the sentence with the names that settings have in their form, as links to it. A setting from anywhere
// else, such as the markup of an entry, keeps its key. feed is 0 where it is not known.
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

// labelled returns the sentence with the labels that settings have in their form instead of their keys.
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

// marked is a part of a catalogue's sentence that is code, in backquotes, or a link, in brackets.
var marked = regexp.MustCompile("`([^`]+)`|\\[([^]]+)\\]")

// wording returns a sentence of the catalogue with its code and its links, which lead to links in their order.
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

// linkedSayingIn is sayingIn for a text whose first number of a publication is not in words of others: it becomes a
// link.
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

// eventSentence returns what happened as a sentence. account is the name of the event's account, "" where the
// page does not say it.
func eventSentence(e store.Event, account string) string {
	switch {
	case e.Message != "":
		return sentence(e.Message)
	case e.Kind != "found" && e.To != "" && e.To != e.From:
		return words.EventState(words.State(string(e.To)))
	}
	return words.Event(e.Kind, account)
}

// sayingOfEvent returns what happened. account is as eventSentence takes it.
func sayingOfEvent(e store.Event, account string) saying {
	text := withoutRules(eventSentence(e, account))
	if reason.NamesPublication(e.Reason) {
		return linkedSayingIn(text)
	}
	return sayingIn(text).onForm(e.AccountID, e.FeedID)
}

// linkedLike returns the sentence without the links that another one of the same words does not have, and without a
// link behind it that leads elsewhere there.
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
