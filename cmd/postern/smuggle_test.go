package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file that somebody else had in hands may hold more than Postern wrote.
func TestRestoreRefusesTriggersAndViewsAndDropsTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.blog.add("pier", "The pier", "pier.jpg")
	w.must(w.run("sync", "--wait", "2m"))
	copied := filepath.Join(t.TempDir(), "copy.db")
	w.must(w.run("backup", copied))
	clean, err := os.ReadFile(copied)
	require.NoError(t, err)
	before, err := os.ReadFile(filepath.Join(w.dir, "data", "postern.db"))
	require.NoError(t, err)
	with := func(statements ...string) string {
		path := filepath.Join(t.TempDir(), "copy.db")
		require.NoError(t, os.WriteFile(path, clean, 0o600))
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		defer db.Close()
		for _, s := range statements {
			_, err := db.Exec(s)
			require.NoError(t, err, s)
		}
		return path
	}
	for name, c := range map[string]struct {
		statements []string
		named      string
	}{
		"a trigger": {
			[]string{`CREATE TRIGGER sly AFTER UPDATE ON publications BEGIN UPDATE publications SET due_at = 0; END`},
			"sly"},
		"a trigger by a known name": {[]string{`DROP TRIGGER event_words_new`,
			`CREATE TRIGGER event_words_new AFTER INSERT ON events BEGIN DELETE FROM publications; END`},
			"event_words_new"},
		"a trigger on the list of migrations": {
			[]string{`CREATE TRIGGER late AFTER INSERT ON goose_db_version BEGIN DELETE FROM posts; END`}, "late"},
		"a view": {[]string{`CREATE VIEW spy AS SELECT * FROM accounts`}, "spy"},
		"a view instead of a table": {
			[]string{`ALTER TABLE follow_ups RENAME TO hidden`, `CREATE VIEW follow_ups AS SELECT * FROM hidden`},
			"follow_ups"},
	} {
		w.fails(w.run("restore", with(c.statements...)), "triggers or views that are not Postern's: "+c.named,
			"changed nothing")
		now, err := os.ReadFile(filepath.Join(w.dir, "data", "postern.db"))
		require.NoError(t, err)
		require.Equal(t, before, now, name)
		left, err := filepath.Glob(filepath.Join(w.dir, "data", "*restoring*"))
		require.NoError(t, err)
		require.Empty(t, left, name)
	}

	path := with(`CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)`,
		`CREATE TABLE _litestream_lock (id INTEGER)`,
		`CREATE TABLE "odd "" name" (a TEXT, b INTEGER REFERENCES posts (id))`,
		`INSERT INTO "odd "" name" VALUES ('planted text', 1)`,
		`CREATE TRIGGER of_that AFTER INSERT ON "odd "" name" BEGIN SELECT 1; END`,
		`CREATE VIRTUAL TABLE search USING fts5 (words)`, `INSERT INTO search VALUES ('more planted text')`, `ANALYZE`)
	var said struct{ Dropped []string }
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("restore", path, "--json")).stdout), &said))
	require.Subset(t, said.Dropped, []string{"_litestream_seq", "_litestream_lock", `odd " name`, "search"})
	for _, name := range said.Dropped {
		require.NotContains(t, []string{"publications", "publication_words", "goose_db_version"}, name)
	}
	now, err := os.ReadFile(filepath.Join(w.dir, "data", "postern.db"))
	require.NoError(t, err)
	require.NotContains(t, string(now), "planted text")
	require.Contains(t, w.must(w.run("publications")).stdout, "The pier")
	require.Contains(t, w.must(w.run("restore", with(`CREATE TABLE _litestream_seq (id INTEGER)`))).stdout,
		"because they are not its own: _litestream_seq")

	// What is Postern's own is neither refused nor dropped.
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("restore", copied, "--json")).stdout), &said))
	require.Empty(t, said.Dropped)
	w.must(w.run("sync", "--wait", "2m"))
	w.must(w.run("restore", "--in-place"))
}
