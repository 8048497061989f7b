package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed string // up to the cursor
		words string
	}{
		{"pub", "publications publish"},
		{"feed ", "add list check pause resume route remove"},
		{"--config /etc/postern.toml acc", "account"},
		{"--config ", ""}, // files
		{"--json feed re", "resume remove"},
		{"feed add --st", "--start"},
		{"feed add --start now --la", "--label"},
		{"feed add ", ""},
		{"con", "confirm"}, // convert is not for people
		{"nonsense", ""},
	} {
		status, stdout, stderr := call(t, nil, append([]string{"complete", "--"}, strings.Split(c.typed, " ")...)...)
		require.Equal(t, exitWell, status, stderr)
		var words []string
		for line := range strings.Lines(stdout) {
			word, meaning, _ := strings.Cut(line, "\t")
			require.Greater(t, len(meaning), 5, line)
			words = append(words, word)
		}
		require.Equal(t, c.words, strings.Join(words, " "), "%q", c.typed)
	}
}

// The script for bash, in bash.
func TestCompleteInBash(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	script, err := filepath.Abs("../../packaging/completions/postern.bash")
	require.NoError(t, err)
	cmd := exec.Command(bash, "--norc", "-c",
		`. "$1"; COMP_WORDS=("$2" account re); COMP_CWORD=2; _postern; echo "${COMPREPLY[@]}"`, "-", script,
		builtBinary(t))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "resume remove\n", string(out))
}
