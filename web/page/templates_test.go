package page_test

import (
	"go/scanner"
	gotoken "go/token"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/a-h/templ/parser/v2"
	"github.com/a-h/templ/parser/v2/visitor"
	"github.com/stretchr/testify/require"
)

// A word begins with a capital, or stands with another one: names of classes and fields do neither.
var wordy = regexp.MustCompile(`^[A-Z][a-z]|[A-Za-z]{2,}[,:;.]? [a-z“(]`)

// Every text that a template shows stands in package words, so that it can be found and translated. Commands within
// <code> are none, and the style guide is for those who work on the pages.
func TestTemplatesHoldNoText(t *testing.T) {
	t.Parallel()
	templates, err := filepath.Glob("*.templ")
	require.NoError(t, err)
	require.NotEmpty(t, templates)
	for _, name := range templates {
		if name == "styleguide.templ" {
			continue
		}
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		file, err := parser.ParseString(string(source))
		require.NoError(t, err)
		var stray []string
		inGo := func(e parser.Expression) error {
			stray = append(stray, wordsInGo(e.Value)...)
			return nil
		}
		v := visitor.New()
		element, call := v.Element, v.TemplElementExpression
		v.Element = func(n *parser.Element) error {
			if n.Name == "code" {
				return nil
			}
			return element(n)
		}
		v.Text = func(n *parser.Text) error {
			if text := html.UnescapeString(n.Value); strings.ContainsFunc(text, unicode.IsLetter) && !named[text] {
				stray = append(stray, text)
			}
			return nil
		}
		v.ConstantAttribute = func(n *parser.ConstantAttribute) error {
			switch n.Key.String() {
			case "placeholder", "aria-label", "title", "alt":
				if strings.ContainsFunc(n.Value, unicode.IsLetter) && !strings.HasPrefix(n.Value, "http") {
					stray = append(stray, n.Value)
				}
			}
			return nil
		}
		v.ExpressionAttribute = func(n *parser.ExpressionAttribute) error { return inGo(n.Expression) }
		v.StringExpression = func(n *parser.StringExpression) error { return inGo(n.Expression) }
		v.TemplElementExpression = func(n *parser.TemplElementExpression) error {
			stray = append(stray, wordsInGo(n.Expression.Value)...)
			return call(n)
		}
		require.NoError(t, file.Visit(v))
		require.Empty(t, stray, "%s: give it a name in package words", name)
	}
}

// named are names, the same in every language.
var named = map[string]bool{"Postern": true}

func wordsInGo(code string) (out []string) {
	var s scanner.Scanner
	files := gotoken.NewFileSet()
	s.Init(files.AddFile("", files.Base(), len(code)), []byte(code), nil, 0)
	for {
		_, tok, literal := s.Scan()
		if tok == gotoken.EOF {
			return out
		}
		if tok != gotoken.STRING {
			continue
		}
		if text, err := strconv.Unquote(literal); err == nil && wordy.MatchString(text) {
			out = append(out, text)
		}
	}
}
