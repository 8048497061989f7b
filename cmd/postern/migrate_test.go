package main

import (
	"compress/gzip"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/daemon"
)

// old puts the database of the first released schema into the data directory.
func (w *world) old() (path string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, "data")
	require.NoError(w.t, os.MkdirAll(dir, 0o700))
	f, err := os.Open("../../store/testdata/released/0001.db.gz")
	require.NoError(w.t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(w.t, err)
	b, err := io.ReadAll(z)
	require.NoError(w.t, err)
	path = filepath.Join(dir, "postern.db")
	require.NoError(w.t, os.WriteFile(path, b, 0o600))
	db := w.raw()
	// The key of what is sealed in it is no more.
	_, err = db.Exec(`DELETE FROM settings WHERE key = 'key_check'; DELETE FROM deliveries; DELETE FROM addresses;
		UPDATE accounts SET app_secret = NULL, token = NULL, token_previous = NULL`)
	require.NoError(w.t, err)
	return path
}

func (w *world) raw() *sql.DB {
	w.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "data", "postern.db")+"?_pragma=busy_timeout(60000)")
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = db.Close() })
	return db
}

// Beside a daemon of the version before, a command neither migrates the database nor says anything else than that.
func TestOlderDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.old()
	daemon, err := daemon.TakeLock(filepath.Dir(path), "serve", 0)
	require.NoError(t, err)
	for _, args := range [][]string{{"publications"}, {"token", "list"}} {
		w.fails(w.run(args...), "the database is older than this program: start `postern serve`")
	}
	copies, err := filepath.Glob(path + ".before-*")
	require.NoError(t, err)
	require.Empty(t, copies)
	daemon.Release()

	require.Contains(t, w.must(w.run("token", "list")).stdout, "no API tokens yet")
	require.Len(t, w.publications(w.must(w.run("publications", "--json"))), 20)
	copies, err = filepath.Glob(path + ".before-*")
	require.NoError(t, err)
	require.Len(t, copies, 1)
}

func TestNewerDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.run("token", "add", "--label", "first"))
	_, err := w.raw().Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	require.NoError(t, err)
	for _, args := range [][]string{{"serve"}, {"sync"}, {"publications"}, {"feed", "list"},
		{"backup", filepath.Join(w.dir, "copy.db")}} {
		w.fails(w.run(args...),
			"the database was written by a newer version of postern: use that version, or restore a backup")
	}
}
