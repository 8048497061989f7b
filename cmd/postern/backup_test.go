package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "approve=true"))
	w.blog.add("pier", "The pier", "pier.jpg")
	w.must(w.run("sync", "--json", "--wait", "2m"))

	copied := filepath.Join(t.TempDir(), "copy.db")
	r := w.run("backup", copied)
	w.must(r)
	require.Contains(t, r.stdout, "secret.key elsewhere, because nothing else opens")
	w.fails(w.run("backup", copied), "exists already. Choose another name")
	w.fails(w.run("backup", filepath.Join(w.dir, "none", "x.db")), "no such file or directory")

	s, err := store.Open(t.Context(), copied, store.Options{})
	require.NoError(t, err)
	defer s.Close()

	// A copy needs no key, least of all when that is lost.
	for name, content := range map[string]string{"missing": "", "damaged": "no key",
		"another": strings.Repeat("k", 32)} {
		require.NoError(t, os.Remove(filepath.Join(w.dir, "data", "secret.key")))
		if content != "" {
			require.NoError(t, os.WriteFile(filepath.Join(w.dir, "data", "secret.key"), []byte(content), 0o600))
		}
		w.fails(w.run("account", "list"), "secret.key")
		again := filepath.Join(t.TempDir(), name+".db")
		r := w.must(w.run("backup", again))
		require.FileExists(t, again)
		require.Contains(t, r.stdout,
			map[bool]string{true: "that file is missing. Put it back from your copy",
				false: "secret.key elsewhere"}[content == ""])
		after, err := os.ReadFile(filepath.Join(w.dir, "data", "secret.key"))
		require.Equal(t, content, string(after), "none is made: %v", err)
		require.NoError(t, os.WriteFile(filepath.Join(w.dir, "data", "secret.key"), nil, 0o600))
	}
	list, err := s.Publications(t.Context(), store.Filter{States: []store.State{store.Held}})
	require.NoError(t, err)
	require.Len(t, list, 1)
}
