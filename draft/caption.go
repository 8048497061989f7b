package draft

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	segments "github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// wording has the settings of the caption.
type wording struct {
	FormatString        Value[string] // "" for the built-in format: the title if it adds something, then the text
	Hashtags            Value[int]
	AppendURL           Value[bool]
	AppendURLIfTruncate Value[bool]
	AppendURLSpacer     Value[string]
	Truncate            Value[bool]
	TextLength          Value[int]      // in UTF-16 units, as Instagram counts; 0 for no limit
	Mentions            Value[[]string] // "name on the site=handle"
}

var wordingSettings = []Setting{
	setting(Setting{Name: "format_string", Group: words.GroupWords, Title: words.SettingFormatString,
		DefaultText: words.SettingFormatStringDefault, Help: words.SettingFormatStringHelp},
		templateText(0),
		func(s *store.Settings) **string { return &s.FormatString },
		func(r *Resolved) *Value[string] { return &r.FormatString }, ""),
	setting(Setting{Name: "hashtags", Group: words.GroupWords, Title: words.SettingHashtags,
		DefaultText: words.SettingHashtagsDefault, Help: words.SettingHashtagsHelp}, number(maxHashtags),
		func(s *store.Settings) **int { return &s.Hashtags }, func(r *Resolved) *Value[int] { return &r.Hashtags }, 0),
	setting(Setting{Name: "append_url", Group: words.GroupWords, Title: words.SettingAppendURL,
		Help: words.SettingAppendURLHelp}, boolText,
		func(s *store.Settings) **bool { return &s.AppendURL },
		func(r *Resolved) *Value[bool] { return &r.AppendURL }, true),
	setting(Setting{Name: "append_url_if_truncated", Group: words.GroupWords, Title: words.SettingAppendURLIfTruncated,
		Help: words.SettingAppendURLIfTruncatedHelp}, boolText,
		func(s *store.Settings) **bool { return &s.AppendURLIfTruncate },
		func(r *Resolved) *Value[bool] { return &r.AppendURLIfTruncate }, false),
	setting(Setting{Name: "append_url_spacer", Group: words.GroupWords, Title: words.SettingAppendURLSpacer,
		Help: words.SettingAppendURLSpacerHelp}, lineText,
		func(s *store.Settings) **string { return &s.AppendURLSpacer },
		func(r *Resolved) *Value[string] { return &r.AppendURLSpacer }, "\n\n"+words.SeeFullPost["en"]+"\n"),
	setting(Setting{Name: "truncate", Group: words.GroupWords, Title: words.SettingTruncate,
		Help: words.SettingTruncateHelp}, boolText,
		func(s *store.Settings) **bool { return &s.Truncate },
		func(r *Resolved) *Value[bool] { return &r.Truncate }, true),
	setting(Setting{Name: "text_length", Group: words.GroupWords, Title: words.SettingTextLength,
		DefaultText: words.SettingTextLengthDefault, Help: words.SettingTextLengthHelp}, number(maxCaption),
		func(s *store.Settings) **int { return &s.TextLength },
		func(r *Resolved) *Value[int] { return &r.TextLength }, 0),

	setting(Setting{Name: "mentions", Group: words.GroupWords, Title: words.SettingMentions,
		Help: words.SettingMentionsHelp},
		kind[[]string]{text: listText, parse: nameTable},
		func(s *store.Settings) **[]string { return &s.Mentions },
		func(r *Resolved) *Value[[]string] { return &r.Mentions }, nil),
}

// Limits of a caption. Meta does not document how it counts characters; UTF-16 units are the strictest
// interpretation.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
const (
	maxCaption  = 2200
	maxHashtags = 30
	maxMentions = 20
	maxComment  = 2200 // not documented; the limit of captions
)

// Caption is the caption of a publication.
type Caption struct {
	Text   string
	Cut    bool          // whether it was cut because it was too long
	Checks []store.Check // what was changed
}

// Compose returns the caption of a post within Instagram's limits: the chosen format filled in, followed by the
// post's URL. It returns an error that a person must fix if the caption is too long and cutting is switched off; the
// uncut caption is then returned with it.
func Compose(p store.Post, s Resolved) (Caption, error) { return compose(p, s, "") }

// afterText returns what follows the text: a mark such as (1/2), and the hashtags if wanted is set.
func afterText(p store.Post, s Resolved, text, mark string, wanted bool) string {
	tags := ""
	if wanted {
		tags = hashtags(p.Categories, text, s.Hashtags.V)
		if tags != "" && text != "" {
			tags = "\n\n" + tags
		}
	}
	switch {
	case mark == "":
		return tags
	case text != "":
		return " " + mark + tags
	case tags != "":
		return mark + "\n\n" + tags
	default:
		return mark
	}
}

// compose is like Compose. It also adds a mark such as (1/2) after the text, where it is never cut off.
func compose(p store.Post, s Resolved, mark string) (Caption, error) {
	var c Caption
	format := s.FormatString.V
	if format == "" && p.Markup.Posse {
		format = "{{content}}" // which authors of such markup expect
	}
	var text string
	if format == "" {
		text = titleAndText(p.Title, p.Text)
	} else {
		text = fill(format, p, s)
	}
	text = tidy(mapNames(text, s.Mentions.V))

	// Add no hashtags if the author wrote the whole caption, or if the format says where they belong.
	wanted := !p.Markup.Posse && !placesHashtags(format)
	tags := afterText(p, s, text, mark, wanted)
	// always is the URL if it is always appended; suffix is the URL if it is appended when the text is cut.
	suffix, always := "", ""
	if text != "" && p.URL != "" {
		if s.AppendURL.V || s.AppendURLIfTruncate.V {
			suffix = spacer(p, s) + p.URL
		}
		if s.AppendURL.V {
			always = suffix
		}
	}
	text, c.Checks = limitTags(text)

	whole := norm.NFC.String(text + tags + always)
	if most := s.TextLength.V; most > 0 && units(text) > most {
		text, always, c.Cut = cut(text, most-units(ellipsis))+ellipsis, suffix, true
	}
	if c.Text = strings.TrimSpace(norm.NFC.String(text + tags + always)); units(c.Text) <= maxCaption {
		if c.Cut {
			c.Checks = append(c.Checks, captionCut(whole, c.Text))
		}
		return c, nil
	}
	if !s.Truncate.V {
		c.Text = strings.TrimSpace(whole)
		return c, refuse(reason.New(reason.CaptionTooLong, units(whole), maxCaption, s.Truncate.Origin),
			"caption.too-long", words.FoundCaptionTooLong(units(whole), maxCaption))
	}
	suffix = norm.NFC.String(suffix)
	room := maxCaption - units(tags) - units(suffix) - units(ellipsis)
	if room < 0 { // the URL alone takes about 2000 characters: drop it and keep the text
		suffix, room = "", maxCaption-units(tags)-units(ellipsis)
	}
	c.Text = cut(text, room) + ellipsis + tags + suffix
	c.Cut = true
	c.Checks = append(c.Checks, captionCut(whole, c.Text))
	return c, nil
}

// ellipsis replaces the part of a text that was cut off.
const ellipsis = "…"

// captionCut returns the check that a caption was cut. The owner allowed cutting, so the only remedy is a shorter
// text.
func captionCut(whole, kept string) store.Check {
	c := check("caption.too-long", store.Repaired, words.FoundCaptionCut(units(whole), units(kept)))
	c.Remedy = words.FixCaptionCut
	return c
}

// comment returns the first comment of a post within the limits of captions; "" if none is wanted or nothing remains
// of it.
func comment(p store.Post, s Resolved) string {
	text, _ := limitTags(tidy(mapNames(fill(s.FirstComment.V, p, s), s.Mentions.V)))
	if units(text) > maxComment {
		text = cut(text, maxComment-1) + "…"
	}
	return text
}

// titleAndText returns the title followed by the text, or only the text if the title adds nothing to it.
func titleAndText(title, text string) string {
	switch {
	case !titleAdds(title, text):
		return text
	case text == "":
		return title
	}
	return title + "\n\n" + text
}

var (
	fileName = regexp.MustCompile(
		`(?i)^(\S+\.(jpe?g|png|gif|webp|avif|heic|tiff?|bmp|mp4|mov|webm)|(img|dsc|dscf|dscn|pxl|mvi|vid|gopr)[-_ ` +
			`]?\d[\w-]*)$`)
	dateOnly = regexp.MustCompile(`^[\d\s.,:/\-T+Z]+$`)
	spaces   = regexp.MustCompile(`[^\S\n]+`)
	gaps     = regexp.MustCompile(`\n{3,}`)
)

func titleAdds(title, text string) bool {
	t := comparableText(title)
	if t == "" || fileName.MatchString(strings.TrimSpace(title)) || dateOnly.MatchString(title) {
		return false
	}
	for _, layout := range dateLayouts {
		if _, err := time.Parse(layout, strings.Join(strings.Fields(title), " ")); err == nil {
			return false
		}
	}
	return !strings.HasPrefix(comparableText(text), t)
}

// dateLayouts are the formats of dates that programs use as titles of entries without a title.
var dateLayouts = []string{"January 2, 2006", "Jan 2, 2006", "2 January 2006", "2 Jan 2006", "Monday, January 2, 2006",
	"Monday, 2 January 2006",
	"Mon, 2 Jan 2006", "Mon, 2 Jan 2006 15:04:05 -0700", "January 2, 2006 15:04", "January 2, 2006 at 3:04 PM",
	"January 2, 2006 at 03:04PM"}

// comparableText returns a text in the form in which a title is compared with a text: white space, quotes and dashes are
// normalized, and an ellipsis at the end is removed, so that a truncated title still matches the beginning of its
// text.
func comparableText(s string) string {
	s = strings.Join(strings.Fields(strings.Map(foldSign, strings.ToLower(norm.NFC.String(s)))), " ")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "[…]"), "[...]")
	return strings.TrimRight(s, "….!?:;, ")
}

// foldSign maps variants of quotes and dashes to one character each.
func foldSign(r rune) rune {
	switch r {
	case '‘', '’', '‚', '‛', '′', '`', '´', '“', '”', '„', '‟', '″', '«', '»', '‹', '›', '"':
		return '\''
	case '‐', '‑', '‒', '–', '—', '―', '−':
		return '-'
	case '\u00A0', '\u2009', '\u202F':
		return ' '
	case '\u00AD', '\u200B', '\uFEFF':
		return -1
	}
	return r
}

// placeholder matches {{name}} and {{date:FORMAT}}.
var placeholder = regexp.MustCompile(`\{\{\s*([a-z_]+)(?::([^{}]*?))?\s*\}\}`)

// fill replaces the placeholders in one pass, so that content of an entry is never taken for a placeholder.
func fill(format string, p store.Post, s Resolved) string {
	return placeholder.ReplaceAllStringFunc(format, func(m string) string {
		part := placeholder.FindStringSubmatch(m)
		switch name := part[1]; name {
		case "title":
			return p.Title
		case "content":
			return p.Text
		case "url":
			return p.URL
		case "date":
			return dateText(p.PublishedAt, part[2], s.TimeZone.V)
		case "hashtags":
			n := s.Hashtags.V
			if s.Hashtags.Origin == fromDefault {
				n = maxHashtags // the format asks for them
			}
			return hashtags(p.Categories, p.Title+"\n"+p.Text, n)
		default:
			return p.Markup.Fields[name] // unknown names are empty
		}
	})
}

func placesHashtags(format string) bool {
	for _, m := range placeholder.FindAllStringSubmatch(format, -1) {
		if m[1] == "hashtags" {
			return true
		}
	}
	return false
}

// tidy normalizes a text to NFC, collapses spaces, removes trailing spaces of lines, and leaves at most one
// consecutive empty line.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(norm.NFC.String(s))
	s = spaces.ReplaceAllString(s, " ")
	s = strings.ReplaceAll(s, " \n", "\n")
	s = gaps.ReplaceAllString(s, "\n\n")
	return strings.TrimSpace(s)
}

// units returns the length of a text in UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// cut shortens s to at most limit UTF-16 units. It never cuts within a grapheme, and not within a word, a link or a
// hashtag if it can avoid that.
func cut(s string, limit int) string {
	end := graphemeCut(s, limit)
	if end == len(s) {
		return s
	}
	at := end
	if next, _ := utf8.DecodeRuneInString(s[end:]); !unicode.IsSpace(next) {
		gap := max(strings.LastIndexFunc(s[:end], unicode.IsSpace), 0)
		switch long := units(s[gap:end]) > 40; {
		case isToken(strings.TrimSpace(s[gap:])) || !long:
			at = gap
		default: // a script without spaces between words
			at = gap + wordCut(s[gap:], end-gap)
		}
	}
	if strings.TrimSpace(s[:at]) == "" {
		at = end // a single long word, or only a link
	}
	return strings.TrimRightFunc(s[:at], unicode.IsSpace)
}

func graphemeCut(s string, limit int) int {
	seg := graphemes.FromString(s)
	end, used := 0, 0
	for seg.Next() {
		if used += units(seg.Value()); used > limit {
			break
		}
		end += len(seg.Value())
	}
	return end
}

// wordCut returns the last word boundary at or before end that is not inside a hashtag or mention.
func wordCut(s string, end int) int {
	seg := segments.FromString(s)
	at := 0
	for seg.Next() && at+len(seg.Value()) <= end {
		at += len(seg.Value())
	}
	if i := strings.LastIndexAny(s[:at], "#@"); i >= 0 && strings.IndexFunc(s[i+1:at], notWordRune) < 0 {
		at = i
	}
	return at
}

// isToken reports whether s begins with something that must not be cut inside: a link, a hashtag or a mention.
func isToken(s string) bool {
	return strings.HasPrefix(s, "#") || strings.HasPrefix(s, "@") || isLink(s)
}

// limitTags removes the # or @ of hashtags and mentions that exceed the limits, because Instagram would refuse the
// whole post (error 100/2207040 for mentions). The words stay.
func limitTags(s string) (string, []store.Check) {
	var b strings.Builder
	tags, mentions := 0, 0
	prev := ' '
	link := false
	for i, r := range s {
		if unicode.IsSpace(r) {
			link = false
		} else if i == 0 || unicode.IsSpace(prev) {
			link = isLink(s[i:])
		}
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		starts := !link && !wordRune(prev) && prev != '&' && wordRune(next)
		prev = r
		switch {
		case r == '#' && starts:
			if tags++; tags > maxHashtags {
				continue
			}
		case r == '@' && starts:
			if mentions++; mentions > maxMentions {
				continue
			}
		}
		b.WriteRune(r)
	}
	var checks []store.Check
	if tags > maxHashtags {
		checks = append(checks, check("caption.hashtags", store.Repaired,
			words.FoundHashtags(tags-maxHashtags, tags, maxHashtags)))
	}
	if mentions > maxMentions {
		checks = append(checks, check("caption.mentions", store.Repaired,
			words.FoundMentions(mentions-maxMentions, mentions, maxMentions)))
	}
	return b.String(), checks
}

func isLink(s string) bool {
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimLeft(s, "([{\"'«“‘<")
	return strings.Contains(s, "://") || strings.HasPrefix(s, "www.")
}

func notWordRune(r rune) bool { return !wordRune(r) }

func wordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}
