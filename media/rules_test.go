package media

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/rules.md lists every rule that the code names, and no other.
func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var code []string
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`"(media\.[a-z.-]+)"`).FindAllStringSubmatch(string(b), -1) {
			if m[1] != "media.image" && m[1] != "media.video" { // beginnings of others
				code = append(code, m[1])
			}
		}
	}
	b, err := os.ReadFile("../docs/rules.md")
	require.NoError(t, err)
	var docs []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(media\\.[a-z.-]+)` \\| .+ \\| .+ \\|$").FindAllStringSubmatch(string(b), -1) {
		docs = append(docs, m[1])
	}
	slices.Sort(code)
	slices.Sort(docs)
	require.Equal(t, slices.Compact(code), docs)
}
