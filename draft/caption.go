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

// wording holds the settings of the caption.
type wording struct {
	FormatString        Value[string] // "" is the built-in form: the title where it adds something, then the text
	Hashtags            Value[int]
	AppendURL           Value[bool]
	AppendURLIfTruncate Value[bool]
	AppendURLSpacer     Value[string]
	Truncate            Value[bool]
	TextLength          Value[int]      // in UTF-16 units, as Instagram counts; 0 is no limit
	Mentions            Value[[]string] // "name on the site=handle"
}

var wordingSettings = []Setting{
	setting(Setting{Name: "format_string", Group: words.GroupWords, Title: words.SettingFormatString,
		Unsaid: words.SettingFormatStringDefault, Help: words.SettingFormatStringHelp},
		form(0),
		func(s *store.Settings) **string { return &s.FormatString },
		func(r *Resolved) *Value[string] { return &r.FormatString }, ""),
	setting(Setting{Name: "hashtags", Group: words.GroupWords, Title: words.SettingHashtags,
		Unsaid: words.SettingHashtagsDefault, Help: words.SettingHashtagsHelp}, number(maxHashtags),
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
		Unsaid: words.SettingTextLengthDefault, Help: words.SettingTextLengthHelp}, number(maxCaption),
		func(s *store.Settings) **int { return &s.TextLength },
		func(r *Resolved) *Value[int] { return &r.TextLength }, 0),

	setting(Setting{Name: "mentions", Group: words.GroupWords, Title: words.SettingMentions,
		Help: words.SettingMentionsHelp},
		kind[[]string]{text: listText, parse: nameTable},
		func(s *store.Settings) **[]string { return &s.Mentions },
		func(r *Resolved) *Value[[]string] { return &r.Mentions }, nil),
}

// Instagram's limits of a caption. Meta does not say how it counts characters; UTF-16 units are the stricter reading.
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
const (
	maxCaption  = 2200
	maxHashtags = 30
	maxMentions = 20
	maxComment  = 2200 // nowhere documented; what captions take
)

// Caption is the text that goes with a publication.
type Caption struct {
	Text   string
	Cut    bool          // it was too long
	Checks []store.Check // what was done to it
}

// Compose makes the caption of a post: the form that was chosen filled in, the post's address after it, within
// Instagram's limits. The error is one a person must mend: too long where cutting was switched off. The caption is
// then returned with it, as long as it is.
func Compose(p store.Post, s Resolved) (Caption, error) { return compose(p, s, "") }

// afterText returns what follows the text: a mark such as (1/2), and the hashtags if they are wanted.
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

// compose puts a mark such as (1/2) behind the words, where nothing cuts it off.
func compose(p store.Post, s Resolved, mark string) (Caption, error) {
	var c Caption
	format := s.FormatString.V
	if format == "" && p.Markup.Posse {
		format = "{{content}}" // what its authors expect
	}
	var text string
	if format == "" {
		text = titleAndText(p.Title, p.Text)
	} else {
		text = fill(format, p, s)
	}
	text = tidy(mapNames(text, s.Mentions.V))

	wanted := !p.Markup.Posse && !placesHashtags(format) // its author wrote the whole caption, or says where they stand
	tags := afterText(p, s, text, mark, wanted)
	// The address follows when it is wanted, or when it is wanted only for want of room and the text was cut.
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
	if room < 0 { // an address of two thousand characters: the words matter more
		suffix, room = "", maxCaption-units(tags)-units(ellipsis)
	}
	c.Text = cut(text, room) + ellipsis + tags + suffix
	c.Cut = true
	c.Checks = append(c.Checks, captionCut(whole, c.Text))
	return c, nil
}

// ellipsis stands where a text was cut.
const ellipsis = "…"

// captionCut returns that a caption was cut. Only shorter words help: its owner let it be cut.
func captionCut(whole, kept string) store.Check {
	c := check("caption.too-long", store.Repaired, words.FoundCaptionCut(units(whole), units(kept)))
	c.Remedy = words.FixEditTooLong
	return c
}

// comment is the first comment of a post, within the limits of captions; "" when none is wanted or nothing is
// left of it.
func comment(p store.Post, s Resolved) string {
	text, _ := limitTags(tidy(mapNames(fill(s.FirstComment.V, p, s), s.Mentions.V)))
	if units(text) > maxComment {
		text = cut(text, maxComment-1) + "…"
	}
	return text
}

// titleAndText puts the title before the text where it says something the text does not.
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
	t := readAs(title)
	if t == "" || fileName.MatchString(strings.TrimSpace(title)) || dateOnly.MatchString(title) {
		return false
	}
	for _, layout := range dateLayouts {
		if _, err := time.Parse(layout, strings.Join(strings.Fields(title), " ")); err == nil {
			return false
		}
	}
	return !strings.HasPrefix(readAs(text), t)
}

// dateLayouts are the dates that programs write as titles of entries that have none.
var dateLayouts = []string{"January 2, 2006", "Jan 2, 2006", "2 January 2006", "2 Jan 2006", "Monday, January 2, 2006",
	"Monday, 2 January 2006",
	"Mon, 2 Jan 2006", "Mon, 2 Jan 2006 15:04:05 -0700", "January 2, 2006 15:04", "January 2, 2006 at 3:04 PM",
	"January 2, 2006 at 03:04PM"}

// readAs returns a text as a reader compares it: white space, quotes and dashes are folded, and a title that was
// cut off with dots still begins the text.
func readAs(s string) string {
	s = strings.Join(strings.Fields(strings.Map(foldSign, strings.ToLower(norm.NFC.String(s)))), " ")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "[…]"), "[...]")
	return strings.TrimRight(s, "….!?:;, ")
}

// foldSign makes one sign of the quotes and dashes that programs exchange for each other.
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

// placeholder is {{name}}, or {{date:FORMAT}}.
var placeholder = regexp.MustCompile(`\{\{\s*([a-z_]+)(?::([^{}]*?))?\s*\}\}`)

// fill replaces the placeholders in one pass: what an entry says is never taken for a placeholder.
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
				n = maxHashtags // the form asks for them
			}
			return hashtags(p.Categories, p.Title+"\n"+p.Text, n)
		default:
			return p.Markup.Fields[name] // unknown ones are empty
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

// tidy makes NFC, runs of spaces one, no space at a line's end, and at most one empty line in a row.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(norm.NFC.String(s))
	s = spaces.ReplaceAllString(s, " ")
	s = strings.ReplaceAll(s, " \n", "\n")
	s = gaps.ReplaceAllString(s, "\n\n")
	return strings.TrimSpace(s)
}

// units counts UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// cut shortens s to at most limit units, on a grapheme, never inside a word, a link or a hashtag.
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
		default: // a script that writes without spaces
			at = gap + wordCut(s[gap:], end-gap)
		}
	}
	if strings.TrimSpace(s[:at]) == "" {
		at = end // one endless word, or nothing but a link
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

// wordCut is the last boundary of words at or before end that lies in no hashtag or mention.
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

// isToken says whether s begins with something that has no inside: a link, a hashtag, a mention.
func isToken(s string) bool {
	return strings.HasPrefix(s, "#") || strings.HasPrefix(s, "@") || isLink(s)
}

// limitTags takes the sign from the hashtags and mentions that are too many: Instagram refuses the whole post for them
// (100/2207040 for mentions). The words stay.
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
