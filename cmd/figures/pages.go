package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// template is the source of a page, written for templ or html/template.
type template struct{ path, text string }

var (
	// unread matches the parts of a template that are not text: comments, styles, scripts, code and values.
	unread = regexp.MustCompile(
		`(?s)<!--.*?-->|<style.*?</style>|<script.*?</script>|<code.*?</code>|\{\{.*?\}\}|\{[^{}]*\}`)
	// between matches the text between two tags.
	between = regexp.MustCompile(`>([^<>{}]+)<`)
	// statementOf matches a statement of templ between two elements.
	statementOf = regexp.MustCompile(`^(?:@|if |for |else\b|switch |case |default:)`)
	// spoken matches the attributes that a browser shows or a screen reader reads aloud.
	spoken = regexp.MustCompile(`\b(?:placeholder|aria-label|title|alt)="([^"]*)"`)
)

// pageSentences returns the texts of three or more words in templates, each with its path and line. It leaves out the
// style guide, which only developers read.
func (h *house) pageSentences() (list []string) {
	for _, t := range h.pages {
		if strings.HasSuffix(t.path, "styleguide.templ") {
			continue
		}
		blank := func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) }
		text := unread.ReplaceAllStringFunc(t.text, blank)
		for _, pattern := range []*regexp.Regexp{between, spoken} {
			for _, m := range pattern.FindAllStringSubmatchIndex(text, -1) {
				said := strings.Join(strings.Fields(html.UnescapeString(text[m[2]:m[3]])), " ")
				if isSentence(said) && !statementOf.MatchString(said) {
					list = append(list,
						fmt.Sprintf("%s:%d: %s", t.path, 1+strings.Count(text[:m[2]], "\n"), said))
				}
			}
		}
	}
	return list
}
