package draft

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/rules.md and the code contain the same rules with the same texts, and the code uses no others.
func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/rules.md")
	require.NoError(t, err)
	// the following section is not about posts; package address tests it
	posts, _, ok := strings.Cut(string(b), "## Our own address")
	require.True(t, ok)
	remark := regexp.MustCompile(`\s*\*[^*]+\*`)
	plain := func(cell string) string {
		if cell = strings.ReplaceAll(remark.ReplaceAllString(cell, ""), "`", ""); cell == "Nothing." {
			return ""
		}
		return cell
	}
	var docs []Rule
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z.-]+)` \\| (.+) \\| (.+) \\|$").FindAllStringSubmatch(
		posts, -1) {
		docs = append(docs, Rule{m[1], plain(m[2]), plain(m[3])})
	}
	var rules []Rule
	for _, r := range Rules {
		rules = append(rules, Rule{r.ID, plain(r.Meaning), plain(r.Remedy)})
	}
	require.Equal(t, rules, docs)

	var code, known []string
	for _, r := range Rules {
		known = append(known, r.ID)
	}
	for _, dir := range []string{".", "../media"} {
		sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		for _, name := range sources {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "vocabulary.go") {
				continue
			}
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, m := range regexp.MustCompile(`"((?:media|caption|alt|post)\.[a-z.-]+)"`).FindAllStringSubmatch(
				string(b), -1) {
				if m[1] != "media.image" && m[1] != "media.video" { // prefixes of other ids
					code = append(code, m[1])
				}
			}
		}
	}
	slices.Sort(code)
	slices.Sort(known)
	require.Equal(t, known, slices.Compact(code))
}
