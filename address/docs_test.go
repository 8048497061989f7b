package address

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/rules.md names what can be found, each once.
func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/rules.md")
	require.NoError(t, err)
	_, own, ok := strings.Cut(string(b), "## Our own address")
	require.True(t, ok)
	var docs, code []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z.-]+)` \\| .+ \\| .+ \\|$").FindAllStringSubmatch(own, -1) {
		docs = append(docs, m[1])
	}
	source, err := os.ReadFile("check.go")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^\trule\w*\s+= "([a-z.-]+)"`).FindAllStringSubmatch(string(source), -1) {
		code = append(code, m[1])
	}
	require.ElementsMatch(t, code, docs)
}
