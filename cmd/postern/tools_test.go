package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A command that begins nothing is given in the wrong folder: it says where it looked, and leaves the folder as it was.
func TestNothingIsMadeWhereThereIsNoDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := filepath.Join(w.dir, "data")
	says := func(stderr string) {
		t.Helper()
		var told []string
		for line := range strings.Lines(stderr) {
			if !strings.Contains(line, "plain http") {
				told = append(told, line)
			}
		}
		require.Len(t, told, 1, stderr)
		for _, words := range []string{"there is no database in " + data + ".", "--config", "POSTERN_DATA_DIR"} {
			require.Contains(t, told[0], words)
		}
	}
	untouched := func(why string) {
		t.Helper()
		left, err := os.ReadDir(w.dir)
		require.NoError(t, err)
		require.Len(t, left, 1, "%s: the configuration alone: %v", why, left)
	}
	for command, words := range map[string]string{
		"feed list": "There are no feeds yet.", "account list": "There are no accounts yet.", "publications": "There are no publications yet.",
		"publications --state held": "No post has one of these states: held.",
		"notices":                   "no problems", "token list": "no API tokens yet",
		"notify list":  "only on the pages",
		"webhook list": "there are no webhooks",
	} {
		for _, flag := range []string{"", " --json"} {
			cmd := w.command(strings.Fields(command + flag)...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Run(), "%s: what an empty installation answers: %s", command, stderr.String())
			if flag == "" {
				require.Contains(t, stdout.String(), words, command)
			} else {
				require.Equal(t, "[]\n", stdout.String(), command)
			}
			says(stderr.String())
			untouched(command)
		}
	}
	for _, command := range []string{
		"feed check 1", "feed pause 1", "feed resume 1", "feed route 1 1", "feed remove 1",
		"account check 1", "account set 1", "account pause 1", "account resume 1", "account remove 1",
		"publish 1", "hold 1", "skip 1", "retry 1", "confirm 1", "notify test", "notify remove 1", "token remove 1",
		"webhook set 1 --off", "webhook test 1", "webhook secret 1", "webhook resend 1", "webhook remove 1",
		"key rotate", "restore --in-place", "backup " + filepath.Join(w.dir, "copy.db"),
	} {
		r := w.run(strings.Fields(command)...)
		w.fails(r)
		says(r.stderr)
		untouched(command)
	}

	require.NoError(t, os.Mkdir(data, 0o700))
	w.must(w.run("feed", "list"))
	left, err := os.ReadDir(data)
	require.NoError(t, err)
	require.Empty(t, left, "as a package leaves it")

	w.must(w.run("token", "add", "--label", "first"))
	require.FileExists(t, filepath.Join(data, "postern.db"), "what keeps something begins the database")
}
