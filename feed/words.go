package feed

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// titleTag matches markup that occurs in titles. Other angle brackets are part of the text: a title may be about
// <video>.
var titleTag = regexp.MustCompile(
	`(?i)</?(?:em|i|b|strong|code|span|a|sub|sup|br|wbr|cite|q|small|big|u|s|strike|del|ins|abbr|mark|p|div|font|tt|var|kbd|h[1-6]|img|time)(?:\s[^<>]*)?/?>`)

// plainTitle removes markup and entities from a title. Feeds escape titles once or twice.
func plainTitle(s string) string {
	s = html.UnescapeString(s)
	s = titleTag.ReplaceAllString(s, "")
	return html.UnescapeString(s)
}

// emptyTitle matches what programs write if an entry has no title.
var emptyTitle = regexp.MustCompile(
	`(?i)^(?:no caption|no title|untitled|photo|video|photos|videos|image|\(no title\)|\(untitled\)|null|undefined)$`)

// longBoilerplate and shortBoilerplate match whole lines that publishing programs add to entries in feeds. The long
// ones are only tried if the first word of a line matches.
var (
	longBoilerplate = []*regexp.Regexp{
		regexp.MustCompile(`^The post .+ (?:appeared first|first appeared) on .+$`),
		regexp.MustCompile(
			`^This (?:post|article|entry) (?:was )?(?:appeared first|first appeared|originally appeared|first ` +
				`published|originally published) (?:on|at) .+$`),
		regexp.MustCompile(`(?i)^(?:continue|keep) reading\b.*$`),
	}
	shortBoilerplate = []*regexp.Regexp{
		regexp.MustCompile(`^\d+ posts? - \d+ participants?$`),
		regexp.MustCompile(
			`(?i)^read (?:the )?(?:full topic|more|rest|full (?:post|article|story|entry)|on|rest of .{1,80})(?: on ` +
				`.{1,60}| at .{1,60})?\s*(?:…|\.\.\.|→|»|›|>>?)?$`),
		regexp.MustCompile(`(?i)^.{1,60} posted (?:a|\d+) (?:photos?|videos?):?$`),
		regexp.MustCompile(
			`(?i)^(?:view fullsize|view full size|subscribe now|share this:?|like ` +
				`this:?|share|tweet|related|like|loading(?:…|\.\.\.)|leave a comment|no caption)$`),
		regexp.MustCompile(`^\[(?:…|\.\.\.)\]$`),
		regexp.MustCompile(`^(?:↩|↩︎)$`),
		regexp.MustCompile(`^(?:View this post on Instagram|A post shared by .{1,100})$`),
	}
)

// onMedium matches the last line that Medium adds to posts of its publications.
var onMedium = regexp.MustCompile(`^.+ was originally published in .+ on Medium, where .+$`)

// cutMarks are the marks at the end of an excerpt that a program truncated.
var cutMarks = []string{"[…]", "[...]", "(more…)", "(more...)"}

// isBoilerplate reports whether a program added a line, judged by its words.
func isBoilerplate(line string) bool {
	if line == "" || len(line) > 400 {
		return false
	}
	for _, begin := range []string{"The post ", "This ", "Continue ", "continue ", "Keep "} {
		if strings.HasPrefix(line, begin) && matchesAny(longBoilerplate, line) {
			return true
		}
	}
	if strings.Contains(line, " on Medium, where ") && onMedium.MatchString(line) {
		return true
	}
	if len(line) > 150 || len(line) > 30 && line[0] > '9' && !strings.EqualFold(line[:5], "read ") &&
		!strings.Contains(line, " posted ") && !strings.HasPrefix(line, "A post shared by ") {
		return false // longer lines that match contain one of these
	}
	return matchesAny(shortBoilerplate, line)
}

func matchesAny(list []*regexp.Regexp, line string) bool {
	for _, re := range list {
		if re.MatchString(line) {
			return true
		}
	}
	return false
}
