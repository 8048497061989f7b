package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The configuration is read when Postern starts, so whoever is told to change a key is told to restart Postern.
func TestRemediesThatChangeTheConfigurationSayToRestart(t *testing.T) {
	var names []string
	for _, k := range new(Config).keys() {
		if k.name != "data_dir" { // without it Postern does not run
			names = append(names, regexp.QuoteMeta(k.name))
		}
	}
	change := regexp.MustCompile("(?i)\\b((set|add|raise|lower|correct|change|switch|put|name it in)\\b[^.;]*?|make )`?(" + strings.Join(names, "|") + `|\[media\.s3\])`)
	// What is wrong before Postern starts, what a command is for, and what needs no daemon.
	starts := map[string]bool{"words/config.go": true, "words/help.go": true, "words/preview.go": true}
	found := 0
	for _, dir := range []string{"words", "reason", "web", "web/access", "web/page", "web/api", "draft", "owner",
		"notices"} {
		files, err := filepath.Glob("../" + dir + "/*.go")
		require.NoError(t, err)
		for _, path := range files {
			name := strings.TrimPrefix(filepath.ToSlash(path), "../")
			if strings.HasSuffix(path, "_test.go") || starts[name] {
				continue
			}
			for _, text := range literals(t, path) {
				if !change.MatchString(text) {
					continue
				}
				found++
				if !strings.Contains(text, "estart") && !strings.Contains(text, "tart Postern again") {
					t.Errorf("%s: %q does not say to restart Postern", name, text)
				}
			}
		}
	}
	require.Greater(t, found, 10, "the pattern finds remedies")
}

// literals returns the texts of a file, the parts of a sum as one.
func literals(t *testing.T, path string) (all []string) {
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	f, err := parser.ParseFile(token.NewFileSet(), path, source, 0)
	require.NoError(t, err)
	ast.Inspect(f, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if text := textOf(e); text != "" {
			all = append(all, text)
			return false
		}
		return true
	})
	return all
}

// textOf returns the text of a literal or of a sum that begins with one, "" for other expressions.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return textOf(e.X) + textOf(e.Y)
		}
	}
	return ""
}
