package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var link = regexp.MustCompile(`\]\(([^)#\s]+\.(?:md|jpg|svg|toml))(?:#[^)]*)?\)`)

// An index names every page beside it, so that no document is found by chance only.
func TestIndexesNameEveryDocument(t *testing.T) {
	for _, dir := range []string{".", "decisions"} {
		index, err := os.ReadFile(filepath.Join(dir, "README.md"))
		require.NoError(t, err)
		pages, err := filepath.Glob(filepath.Join(dir, "*.md"))
		require.NoError(t, err)
		require.NotEmpty(t, pages)
		for _, page := range pages {
			name := filepath.Base(page)
			if name != "README.md" {
				require.Contains(t, string(index), "("+name+")", "%s/README.md does not name %s", dir, name)
			}
		}
	}
}

// A link between documents leads to a file that is there.
func TestLinksLeadToFiles(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "decisions/*.md", "../*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	require.Greater(t, len(pages), 20)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(m[1], "://") {
				require.FileExists(t, filepath.Join(filepath.Dir(page), m[1]), "%s links to %s", page, m[1])
			}
		}
	}
}

// A decision has its four parts and a number of its own.
func TestDecisionsHaveTheirParts(t *testing.T) {
	pages, err := filepath.Glob("decisions/0*.md")
	require.NoError(t, err)
	seen := map[string]string{}
	for _, page := range pages {
		number := filepath.Base(page)[:4]
		require.Empty(t, seen[number], "%s has the number of %s", page, seen[number])
		seen[number] = page
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Contains(t, string(text), "# "+number+" ")
		for _, part := range []string{"**Context.**", "**Decision.**", "**Consequence.**",
			"**What would change it.**"} {
			require.Contains(t, string(text), part, page)
		}
	}
}
