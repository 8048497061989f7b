package web_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// replaced are wordings that were replaced because readers did not understand them, as they stood; no text comes
// back to one.
var replaced = []string{
	"Nothing by itself", "Nothing more: it is live", "answer did not come", "Nothing like that", "tells there once",
	"stands here until it",
	"They count for", "is as by default", "cannot be as typed", "how long is known after", "Mend what it says",
	"choose with fit what is done",
	"So many of the posts", "Empty takes", "One that may write", "this publication has changed since the page",
	"and not among the newest",
	"is no JPEG by its name", "Telling the build", "videos shall be converted", "It says where it was taken",
	"Trouble is told", "told elsewhere", "Told elsewhere", "resent password", "opens nothing any more", "Log it out",
	"take care", "read next:",
	"not taken", "What is there already is",
}

// quoted are the string literals of a Go file.
var quoted = regexp.MustCompile("\"(?:[^\"\\\\\n]|\\\\.)*\"|`[^`]*`")

// What people read in pages, output, notices and docs keeps to the glossary.
func TestReplacedWordingsStayAway(t *testing.T) {
	t.Parallel()
	read := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "testdata", "dist"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		ext := filepath.Ext(path)
		code := ext == ".go" && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go")
		if !code && ext != ".templ" && ext != ".md" && ext != ".toml" && ext != ".1" || d.Name() == "CHANGELOG.md" {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		shown := strings.Join(strings.Fields(string(source)), " ")
		if code {
			shown = strings.Join(quoted.FindAllString(string(source), -1), "\n")
		}
		for _, old := range replaced {
			if strings.Contains(shown, old) {
				t.Errorf("%s says %q", path, old)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, read, 100)
}
