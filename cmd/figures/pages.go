package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// template is a page as it is written: a file of templ, or of html/template.
type template struct{ path, text string }

var (
	// unread is what stands in a template and is no text: comments, styles, scripts, code and values.
	unread = regexp.MustCompile(
		`(?s)<!--.*?-->|<style.*?</style>|<script.*?</script>|<code.*?</code>|\{\{.*?\}\}|\{[^{}]*\}`)
	// between is the text between two tags of one element or of neighbours.
	between = regexp.MustCompile(`>([^<>{}]+)<`)
	// statementOf matches a statement of templ between two elements.
	statementOf = regexp.MustCompile(`^(?:@|if |for |else\b|switch |case |default:)`)
	// spoken are the attributes that are read to somebody.
	spoken = regexp.MustCompile(`\b(?:placeholder|aria-label|title|alt)="([^"]*)"`)
)

// pageSentences returns the texts of three or more words that stand in templates. The guide of styles is for those who
// work on the pages.
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
