package draft

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"postern/store"
	"postern/words"
)

// spacer returns the text before the URL: the setting, or by default a sentence in the language of the blog.
func spacer(p store.Post, s Resolved) string {
	if s.AppendURLSpacer.Origin != fromDefault {
		return s.AppendURLSpacer.V
	}
	language, _, _ := strings.Cut(
		strings.ToLower(strings.ReplaceAll(strings.TrimSpace(p.Markup.Language), "_", "-")), "-")
	if language == "no" || language == "nn" {
		language = "nb"
	}
	if before, ok := words.SeeFullPost[language]; ok {
		return "\n\n" + before + "\n"
	}
	return s.AppendURLSpacer.V
}

// defaultDate is the default format of {{date}}.
const defaultDate = "%Y-%m-%d"

// dateLetters maps the strftime letters that a format may contain to Go layouts.
var dateLetters = map[byte]string{'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "2", 'B': "January", 'b': "Jan",
	'A': "Monday", 'a': "Mon",
	'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'j': "002"}

// dateText formats the date of a post in a time zone; "" for a post without a date.
func dateText(t time.Time, format, zone string) string {
	if t.IsZero() {
		return ""
	}
	if loc, err := time.LoadLocation(zone); err == nil {
		t = t.In(loc)
	}
	if format == "" {
		format = defaultDate
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] == '%' && i+1 < len(format) {
			i++
			if layout, ok := dateLetters[format[i]]; ok {
				b.WriteString(t.Format(layout))
				continue
			}
		}
		b.WriteByte(format[i])
	}
	return b.String()
}

// checkDate rejects letters that are not in dateLetters.
func checkDate(format string) error {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		if i++; i >= len(format) || format[i] != '%' && dateLetters[format[i]] == "" {
			return errors.New(words.ValueNoDate(format))
		}
	}
	return nil
}

// mapNames replaces names by Instagram handles. Each row of the table is "name on the site=handle". A name is @bob,
// or bob@other.example for a person on another network.
func mapNames(text string, table []string) string {
	for _, row := range table {
		name, handle, ok := strings.Cut(row, "=")
		if !ok {
			continue
		}
		re, err := regexp.Compile(
			`(?i)(^|[^\p{L}\p{N}_@.])@?` + regexp.QuoteMeta(strings.TrimPrefix(name, "@")) + `([^\p{L}\p{N}_@]|$)`)
		if !strings.Contains(strings.TrimPrefix(name, "@"), "@") {
			re, err = regexp.Compile(`(?i)(^|[^\p{L}\p{N}_@.])@` + regexp.QuoteMeta(strings.TrimPrefix(name, "@")) +
				`([^\p{L}\p{N}_@]|$)`)
		}
		if err == nil {
			text = re.ReplaceAllString(text, "${1}@"+handle+"${2}")
		}
	}
	return text
}

// siteName matches a name such as bob, @bob or bob@other.example. The length is checked separately, because a
// bounded repetition is compiled into one copy per repetition: 300 of them take 7 MiB.
var siteName = regexp.MustCompile(`^@?[\p{L}\p{N}_.-]+(?:@[\p{L}\p{N}.-]+)?$`)

const longestSiteName = 300

// nameTable parses "bob@other.example=bob_ig, @carol=carol.photos".
func nameTable(s string) ([]string, error) {
	list, _ := parseList(s)
	for i, row := range list {
		name, handle, ok := strings.Cut(row, "=")
		name, handle = strings.TrimSpace(name), strings.ToLower(strings.TrimPrefix(strings.TrimSpace(handle), "@"))
		if !ok || len(name) > longestSiteName || !siteName.MatchString(name) || !userName.MatchString(handle) {
			return nil, errors.New(words.ValueNoMention(row))
		}
		list[i] = name + "=" + handle
	}
	return list, nil
}
