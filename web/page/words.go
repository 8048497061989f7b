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

// moment is a point in time as a page shows it: as a clock time and relative to now.
type moment struct {
	ISO   string // for machines; "" for the zero time
	At    string // "14:05", "Tue 3 Feb, 14:05", "3 Feb 2024, 14:05"
	Zone  string // zone of At, such as "UTC"
	Keeps string // name of the zone that a setting chose, in which local.js leaves the time; "" for the visitor's zone
	Exact string // "Tuesday 3 February 2026, 14:05:06 UTC"
	Ago   string // "in 3 minutes", "2 hours ago", or other words
	Plain bool   // Ago contains only the distance, so local.js keeps it current
	Next  bool   // in the future when the page was rendered
}

// newMoment formats t. It uses the zone of now if a setting chose one; otherwise local.js converts the time to the
// visitor's zone. A future time is rounded up to whole minutes.
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

// length formats a duration in its largest unit.
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

// sentence adds a capital and a full stop to a reason that is stored as a clause.
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

// capital starts text with a capital, unless it begins with the name of a file, a setting or a URL.
func capital(s string) string {
	if first, _, _ := strings.Cut(s, " "); s == "" || strings.Contains(strings.TrimRight(first, ".,:;"), ".") ||
		strings.Contains(first, "://") {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// badge is a state as a coloured label.
type badge struct {
	Word string
	Tone string // "wait", "work", "good", "ask", "bad" or "off"; selects the colour
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

// due formats when Postern takes the next step. A time in the past means "as soon as a worker is free".
func due(t, now time.Time) moment {
	m := newMoment(t, now)
	if m.ISO != "" && !t.After(now) {
		m.Ago, m.Plain = words.AsSoonAsTurn, false
	}
	return m
}

// nextMoment formats when the next step of a publication may begin.
func nextMoment(l store.Listed, now time.Time) moment {
	if !l.Leased || !l.State.Open() {
		return due(publisher.Next(l.Publication, l.Account), now)
	}
	m := newMoment(publisher.Next(l.Publication, l.Account), now)
	m.Ago, m.Plain = "in progress", false
	return m
}

// instagram returns the name of the service that an account's posts go to.
func (p *pictures) instagram(a store.Account) string {
	if p.demo || a.API == store.Sandbox {
		return words.SimulatedInstagram
	}
	return "Instagram"
}

// ofSimulated returns a sentence about an account's posts, which names the simulated Instagram if the account is
// simulated.
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

// naming replaces "Instagram" in text by another name. begins reports whether text starts a sentence.
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
	// real matches what follows "Instagram" where the real Instagram is meant, such as "Instagram app".
	real        = regexp.MustCompile(`^(?:'s Community| (?:app|account|login|users?)\b)`)
	articled    = regexp.MustCompile(`\b(?:[Tt]he|an?|simulated) $`)
	sentenceEnd = regexp.MustCompile(`[.!?] $`)
)

// title returns the title of a post in a list.
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

// webLink returns a URL that a page may link to, and "" for any other. Feeds are untrusted.
func webLink(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return address
}

// feedName returns the feed's label, title or URL, without a password in it.
func feedName(f store.Feed) string { return cmp.Or(f.Label, f.Title, shortAddress(f.URL)) }

// shortAddress returns the host and path of a URL, for display. A query is shown only as an ellipsis, which
// distinguishes feeds with the same path.
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

// shown returns a URL for display, without its password.
func shown(address string) string {
	return store.MaskAddress(address)
}

// thumb is a small picture, or a tile in its place. Pictures are never loaded from another host.
type thumb struct {
	Src   string // path on this host; "" for a tile
	Video bool
	Many  bool // the first of several pictures
	Words bool // a post whose pictures, if any, are not shown
	Alt   string
	File  string // file name shown on the tile
}

// thumb returns the small picture of a list item. It has no alternative text, because the title is next to it.
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

// profileLink returns the URL of an account's profile; "" when unknown.
func (s *Server) profileLink(a store.Account) string {
	if a.API != store.Sandbox {
		return webLink(s.accounts.ProfileURL(a))
	}
	if s.sandbox == nil || a.Username == "" {
		return ""
	}
	return "/sandbox/" + url.PathEscape(a.Username) + "/"
}

// person returns the name of an event's actor for the owner.
func person(a store.Actor) string {
	switch a {
	case store.Visitor:
		return "You"
	case store.CLI:
		return words.YouByCommand
	}
	return "Postern"
}

// initial returns the first letter of a name, shown instead of a profile picture.
func initial(name string) string {
	for _, r := range name {
		return strings.ToUpper(string(r))
	}
	return ""
}
