package main

import (
	"path/filepath"
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
	w.must(w.run("sync", "--json", "--wait", "10s"))

	copied := filepath.Join(t.TempDir(), "copy.db")
	r := w.run("backup", copied)
	w.must(r)
	require.Contains(t, r.stdout, "secret.key is not: keep a copy of it elsewhere")
	w.fails(w.run("backup", copied), "is there already: choose another name")
	w.fails(w.run("backup", filepath.Join(w.dir, "none", "x.db")), "no such file or directory")

	s, err := store.Open(t.Context(), copied, store.Options{})
	require.NoError(t, err)
	defer s.Close()
	list, err := s.Publications(t.Context(), store.Filter{States: []store.State{store.Held}})
	require.NoError(t, err)
	require.Len(t, list, 1)
}
