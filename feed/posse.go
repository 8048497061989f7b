package feed

import (
	"errors"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/titanous/json5"

	"postern/store"
	"postern/words"
)

// maxPosse and maxPosseDepth limit the size in bytes and the nesting of one posse:post, because the JSON5 library
// recurses without a limit.
const (
	maxPosse      = 1 << 20
	maxPosseDepth = 50
)

// applyPosse overrides the data of the entry by its posse:post. If it returns an error, the caller must reset
// Markup.Posse and the text; everything else is unchanged.
func applyPosse(b *built, text string, base *url.URL) error {
	m, err := readRelaxed(text)
	if err != nil {
		return fmt.Errorf("its posse:post could not be read, so the plain entry is used: %w", err)
	}
	if id := stringOf(m["id"]); id != "" {
		b.post.GUID = id
	}
	b.post.Markup.Entry = overlay(b, m, base)
	platforms, _ := m["platform_overrides"].(map[string]any)
	if o, ok := platforms["instagram"].(map[string]any); ok {
		b.post.Markup.Override = overlay(b, o, base)
	}
	return nil
}

// overlay copies the content of one layer into the post and returns the settings of that layer.
func overlay(b *built, m map[string]any, base *url.URL) store.Settings {
	p := b.post
	if v, ok := m["title"]; ok && v != nil {
		p.Title = oneLine(plainTitle(stringOf(v)))
	}
	if v, ok := m["content"]; ok && v != nil {
		p.Text, b.words = posseText(stringOf(v), base), false
	}
	if u := absolute(base, stringOf(m["url"])); u != "" {
		if p.URL != "" && p.URL != u {
			p.Markup.OtherURL = append(p.Markup.OtherURL, p.URL)
		}
		p.URL = u
	}
	if t := timeOf(m["published_at"]); !t.IsZero() {
		p.PublishedAt = t
	} else if t := timeOf(m["updated_at"]); !t.IsZero() && p.PublishedAt.IsZero() {
		p.PublishedAt = t
	}
	for _, key := range store.MarkupFields {
		v, ok := m[key]
		if !ok || v == nil {
			continue
		}
		s := stringOf(v)
		switch {
		case strings.HasSuffix(key, "_url") || key == "og_image":
			s = firstOf(absolute(base, s), s)
		case key == "summary" || key == "og_description":
			s = posseText(s, base)
		default:
			s = oneLine(s)
		}
		p.Markup.Fields[key] = s
	}
	if list, ok := m["media"].([]any); ok {
		b.takeMedia(list, base)
	}
	return posseSettings(p, m)
}

// takeMedia replaces the media of the entry by those listed in its markup.
func (b *built) takeMedia(list []any, base *url.URL) {
	p := b.post
	b.media, p.Media = nil, nil
	for i, v := range list {
		media, left := posseMedia(v, i+1, base)
		if left != "" {
			b.left = firstOf(b.left, left)
			p.Markup.Notes = append(p.Markup.Notes, words.LeftOutNote(left))
			continue
		}
		p.Media = append(p.Media, media)
	}
}

// posseSettings returns the settings of one layer. It adds notes about invalid ones to the post.
func posseSettings(p *store.Post, m map[string]any) store.Settings {
	s := store.Settings{
		FormatString:        text(m["format_string"]),
		Truncate:            truth(m["truncate"]),
		AppendURL:           truth(m["append_url"]),
		AppendURLIfTruncate: truth(m["append_url_if_truncated"]),
		AppendURLSpacer:     text(m["append_url_spacer"]),
		Syndicate:           truth(m["syndicate"]),
	}
	switch channel := strings.ToLower(stringOf(m["channel"])); channel {
	case "":
	case "feed", "story":
		s.Channel = &channel
	default:
		p.Markup.Notes = append(p.Markup.Notes,
			words.PosseChannelUnknown(shorten(channel, 30)))
	}
	return s
}

func posseText(s string, base *url.URL) string {
	if looksHTML.MatchString(s) {
		return htmlText(s, textOptions{posse: true, base: base})
	}
	return renderText(parseBody(html.UnescapeString(s), markupText), textOptions{keepLines: true})
}

// posseMedia reads one medium; number is its position, counted from 1. left says why it cannot be used; "" if it
// can.
func posseMedia(v any, number int, base *url.URL) (medium store.Media, left string) {
	m, ok := v.(map[string]any)
	if !ok {
		return store.Media{}, words.PosseNoObject(number)
	}
	media := store.Media{URL: absolute(base, stringOf(m["url"])), Alt: oneLine(stringOf(m["alt"])),
		PosterURL: absolute(base, stringOf(m["poster_url"]))}
	if media.URL == "" {
		return media, words.PosseNoAddress(number)
	}
	switch kind := strings.ToLower(stringOf(m["type"])); kind {
	case "image", "video":
		media.Type = store.MediaType(kind)
	case "":
		media.Type = store.Image
		if isVideoFile(media.URL) {
			media.Type = store.Video
		}
	default:
		return media, words.PosseTypeUnknown(number, shorten(kind, 30))
	}
	return media, ""
}

// readRelaxed parses JSON as people write it by hand: with comments, trailing commas, single quotes and unquoted
// keys. If that fails, it also accepts typographic quotes and line breaks within strings.
func readRelaxed(text string) (map[string]any, error) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "\uFEFF"))
	if text == "" {
		return nil, errors.New(words.PosseEmpty)
	}
	if len(text) > maxPosse {
		return nil, errors.New(words.PosseTooLarge)
	}
	if tooDeep(text) {
		return nil, errors.New(words.PosseTooDeep)
	}
	var m map[string]any
	err := json5.Unmarshal([]byte(text), &m)
	for _, repair := range []func(string) string{escapeBreaks, straightQuotes,
		func(s string) string { return escapeBreaks(straightQuotes(s)) }} {
		if err == nil {
			break
		}
		m = nil
		if json5.Unmarshal([]byte(repair(text)), &m) == nil {
			err = nil
		}
	}
	if err != nil {
		return nil, errors.New(words.PosseBroken(shorten(oneLine(err.Error()), 120)))
	}
	if m == nil {
		return nil, errors.New(words.PosseNoJSONObject)
	}
	return m, nil
}

func tooDeep(s string) bool {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			if depth++; depth > maxPosseDepth {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

func straightQuotes(s string) string {
	return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "‘", "'", "’", "'").Replace(s)
}

// escapeBreaks replaces line breaks within strings by \n.
func escapeBreaks(s string) string {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
			c = s[i]
		case quote != 0 && c == '\n':
			b.WriteString(`\n`)
			continue
		case quote != 0 && c == '\r':
			continue
		case quote != 0 && c == '\t':
			b.WriteString(`\t`)
			continue
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
		b.WriteByte(c)
	}
	return b.String()
}

// stringOf returns a string, also for a number or a boolean; "" for anything else.
func stringOf(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// text returns a setting whose white space matters; nil if it is not a string.
func text(v any) *string {
	if s, ok := v.(string); ok {
		return &s
	}
	return nil
}

func truth(v any) *bool {
	switch v := v.(type) {
	case bool:
		return &v
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(v))); err == nil {
			return &b
		}
	}
	return nil
}

func timeOf(v any) time.Time {
	s := stringOf(v)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700",
		"2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly, time.RFC1123Z, time.RFC1123} {
		if t, err := time.Parse(layout, s); err == nil {
			return saneTime(t)
		}
	}
	return time.Time{}
}
