package page

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"postern/draft"
	"postern/publisher"
	"postern/store"
	"postern/words"
)

// moment is an instant as a page shows it: at the clock of this machine, and from now.
type moment struct {
	ISO   string // for machines; "" when there is none
	At    string // "14:05", "Tue 3 Feb, 14:05", "3 Feb 2024, 14:05"
	Zone  string // of At, "UTC"
	Keeps string // name of a zone that a setting chose, in which local.js leaves it; "" for that of whoever looks
	Exact string // "Tuesday 3 February 2026, 14:05:06 UTC"
	Ago   string // "in 3 minutes", "2 hours ago", or other words
	Plain bool   // Ago is nothing but the distance, which local.js keeps true
	Next  bool   // still to come when the page was made
}

// newMoment puts t into words. The zone is now's, where that is one of the settings; otherwise local.js puts it at the
// clock of whoever looks. A time to come is shown in whole minutes that are not before it.
func newMoment(t, now time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	t = t.In(now.Location())
	m := moment{
		ISO: t.Format(time.RFC3339), Zone: t.Format("MST"), Exact: t.Format("Monday 2 January 2006, 15:04:05 MST"),
		Ago: relative(t.Sub(now)), Plain: true, Next: t.After(now),
	}
	if t.Location() != time.Local {
		m.Zone, m.Keeps = t.Location().String(), t.Location().String()
	}
	if m.Next {
		t = draft.UpToMinute(t)
	}
	switch {
	case sameDay(t, now):
		m.At = t.Format("15:04")
	case t.Year() == now.Year():
		m.At = t.Format("Mon 2 Jan, 15:04")
	default:
		m.At = t.Format("2 Jan 2006, 15:04")
	}
	return m
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

func relative(d time.Duration) string {
	switch {
	case d.Abs() < 5*time.Second:
		return "now"
	case d > 0:
		return "in " + length(d)
	case d > -time.Minute:
		return "just now"
	}
	return length(-d) + " ago"
}

// length is how long something takes, in its one largest unit.
func length(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return count(int(d.Round(time.Second)/time.Second), "second")
	case d.Round(time.Minute) < time.Hour:
		return count(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 36*time.Hour:
		return count(int(d.Round(time.Hour)/time.Hour), "hour")
	case d < 60*day:
		return count(int(d.Round(day)/day), "day")
	case d < 730*day:
		return count(int(d/(30*day)), "month")
	}
	return count(int(d/(365*day)), "year")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// sentence starts with a capital and ends with a full stop, for the reasons that are kept as clauses.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	s = capital(s)
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

// capital starts words with a capital, but for a file, a setting or an address, which keeps its name.
func capital(s string) string {
	if first, _, _ := strings.Cut(s, " "); s == "" || strings.Contains(strings.TrimRight(first, ".,:;"), ".") ||
		strings.Contains(first, "://") {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// badge is a state as a coloured word.
type badge struct {
	Word string
	Tone string // "wait", "work", "good", "ask", "bad", "off": what the colour says
}

func newBadge(s store.State) badge {
	tones := map[store.State]string{
		store.Queued: "wait", store.Held: "ask", store.Staged: "work", store.Publishing: "work",
		store.Published: "good",
		store.Failed:    "bad", store.Unconfirmed: "ask", store.Skipped: "off",
	}
	return badge{words.State(string(s)), tones[s]}
}

func kindWord(k store.Kind) string {
	switch k {
	case store.KindImage:
		return "picture"
	case "":
		return ""
	}
	return string(k)
}

// due is when something happens by itself. What is due already goes as soon as a worker is free.
func due(t, now time.Time) moment {
	m := newMoment(t, now)
	if m.ISO != "" && !t.After(now) {
		m.Ago, m.Plain = words.AsSoonAsTurn, false
	}
	return m
}

// nextMoment is when the next step of a publication may begin.
func nextMoment(l store.Listed, now time.Time) moment {
	if !l.Leased || !l.State.Open() {
		return due(publisher.Next(l.Publication, l.Account), now)
	}
	m := newMoment(publisher.Next(l.Publication, l.Account), now)
	m.Ago, m.Plain = "in progress", false
	return m
}

// instagram names where an account's posts go.
func (p *pictures) instagram(a store.Account) string {
	if p.demo || a.API == store.Sandbox {
		return words.SimulatedInstagram
	}
	return "Instagram"
}

// ofSimulated returns a sentence about what happened to an account's posts, with the simulated Instagram named as such.
func (p *pictures) ofSimulated(a store.Account, s saying) saying {
	instagram := p.instagram(a)
	if instagram == "Instagram" {
		return s
	}
	s = slices.Clone(s)
	for i := range s {
		if s[i].Link == "" && !s[i].Code {
			s[i].Text = naming(s[i].Text, instagram, i == 0)
		}
	}
	return s
}

// naming returns a text with another name for Instagram. begins says that a sentence begins with the text.
func naming(text, instagram string, begins bool) string {
	var b strings.Builder
	at := 0
	for _, m := range instagramIn.FindAllStringIndex(text, -1) {
		before, after := text[:m[0]], text[m[1]:]
		if real.MatchString(after) || articled.MatchString(before) {
			continue
		}
		name := instagram
		if before == "" && begins || sentenceEnd.MatchString(before) {
			name = capital(name)
		}
		b.WriteString(text[at:m[0]] + name)
		at = m[1]
	}
	return b.String() + text[at:]
}

var (
	instagramIn = regexp.MustCompile(`\bInstagram\b`)
	// real is what belongs to Instagram itself.
	real        = regexp.MustCompile(`^(?:'s Community| (?:app|account|login|users?)\b)`)
	articled    = regexp.MustCompile(`\b(?:[Tt]he|an?|simulated) $`)
	sentenceEnd = regexp.MustCompile(`[.!?] $`)
)

// title is what a post is called in a list.
func title(p store.Post) string {
	if t := strings.TrimSpace(p.Title); t != "" {
		return t
	}
	text := strings.Join(strings.Fields(p.Text), " ")
	if text == "" {
		return "Untitled post"
	}
	if r := []rune(text); len(r) > 60 {
		return strings.TrimSpace(string(r[:59])) + "…"
	}
	return text
}

// webLink returns an address that a page may link to, "" for any other: feeds are written by strangers.
func webLink(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return address
}

// feedName is what people call the feed, never with a password in it.
func feedName(f store.Feed) string { return cmp.Or(f.Label, f.Title, shortAddress(f.URL)) }

// shortAddress returns the host and path of an address, for reading; a query is only hinted at, so that two feeds of
// one path differ from a feed without one.
func shortAddress(address string) string {
	u, err := url.Parse(shown(address))
	if err != nil || u.Host == "" {
		return shown(address)
	}
	short := strings.TrimPrefix(u.Host, "www.") + strings.TrimRight(u.Path, "/")
	if u.RawQuery != "" {
		short += "?…"
	}
	return short
}

// shown is an address for reading: without a password in it.
func shown(address string) string {
	return store.MaskAddress(address)
}

// thumb is a picture, or a tile in its place: nothing is ever loaded from another host.
type thumb struct {
	Src   string // on this host, "" for a tile
	Video bool
	Many  bool // the first of several
	Words bool // a post whose pictures, if it has any, are not shown
	Alt   string
	File  string // on the tile
}

// thumb is an item in a list: small, and without an alternative text, because the title beside it says it.
func (p *pictures) thumb(i store.Item) thumb {
	t := thumb{Video: i.Type == store.Video, File: fileName(i.SourceURL)}
	switch {
	case !t.Video:
		t.Src = p.address(source{asset: i.Asset, url: i.SourceURL}, thumbRules)
	case i.CoverAsset != "" || i.PosterURL != "":
		t.Src = p.address(source{asset: i.CoverAsset, url: i.PosterURL}, thumbRules)
	}
	return t
}

func fileName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	name := path.Base(u.Path)
	if name == "/" || name == "." {
		return u.Host
	}
	return name
}

// profileLink is where an account's posts can be looked at, "" when that is not known.
func (s *Server) profileLink(a store.Account) string {
	if a.API != store.Sandbox {
		return webLink(s.accounts.ProfileURL(a))
	}
	if s.sandbox == nil || a.Username == "" {
		return ""
	}
	return "/sandbox/" + url.PathEscape(a.Username) + "/"
}

// person is who did something, as its owner reads it.
func person(a store.Actor) string {
	switch a {
	case store.Visitor:
		return "You"
	case store.CLI:
		return words.YouByCommand
	}
	return "Postern"
}

// initial is the first letter of a name, in place of a profile's picture.
func initial(name string) string {
	for _, r := range name {
		return strings.ToUpper(string(r))
	}
	return ""
}
