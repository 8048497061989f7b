package store_test

import (
	"compress/gzip"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// Each file in testdata/released is a database created by the program with a released schema: feeds, simulated
// accounts (with secrets sealed by a discarded key), publications in every state, their history, and notices.
// Whoever adds a migration also adds a file with the schema before it.

// released unpacks one of these databases and returns its path.
func released(t *testing.T, packed string) (path string) {
	t.Helper()
	f, err := os.Open(packed)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "postern.db")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

// replaced lists the columns that later migrations removed.
var replaced = []string{"posts.media_key", "posts.reason", "publications.reason", "feeds.problem", "accounts.problem",
	"accounts.refresh_problem"}

// contents returns every row of every table, as "table: column=value …", the columns of each table, and the schema's
// version. It leaves out the full-text index. If columns is not nil, it only reads the given columns of the given
// tables.
func contents(t *testing.T, path string,
	columns map[string][]string) (rows []string, of map[string][]string, version int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	names := strs(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
		AND name NOT LIKE 'event_words%' AND name NOT LIKE 'publication_words%' AND name NOT LIKE 'sqlite_%'
		AND name <> 'goose_db_version' ORDER BY name`)
	of = map[string][]string{}
	for _, name := range names {
		of[name] = slices.DeleteFunc(strs(t, db, `SELECT name FROM pragma_table_info('`+name+`')`),
			func(column string) bool {
				return slices.Contains(replaced, name+"."+column)
			})
		cols := of[name]
		if columns != nil {
			if cols = columns[name]; cols == nil {
				continue // a new table
			}
		}
		quoted := make([]string, len(cols))
		for i, c := range cols {
			quoted[i] = "quote(" + c + ")"
		}
		for _, line := range strs(t, db,
			`SELECT concat_ws(' ', `+strings.Join(quoted, ", ")+`) FROM `+name+` ORDER BY 1`) {
			rows = append(rows, name+": "+line)
		}
	}
	require.NoError(t, db.QueryRow(`SELECT max(version_id) FROM goose_db_version`).Scan(&version))
	return rows, of, version
}

func strs(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}

func TestDatabasesOfReleasesAreMigrated(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/released/*.db.gz")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.Less(t, info.Size(), int64(150<<10))
			path := released(t, file)
			before, columns, version := contents(t, path, nil)
			require.Equal(t, strings.TrimSuffix(filepath.Base(file), ".db.gz"), fmt.Sprintf("%04d", version))
			require.Greater(t, len(before), 100)
			_, _, newest := contents(t, setup(t).Path(), nil)
			require.Less(t, version, newest)

			_, err = store.Open(t.Context(), path, store.Options{})
			require.ErrorIs(t, err, store.ErrOlder)
			now, _, _ := contents(t, path, nil)
			require.Equal(t, before, now, "without Migrate nothing is changed")

			s, err := store.Open(t.Context(), path, store.Options{Migrate: true})
			require.NoError(t, err)
			h := fixture{s, t}
			after, _, version := contents(t, path, columns)
			require.Equal(t, newest, version)
			require.Equal(t, before, after)
			h.works()
			require.NoError(t, s.Close())

			// A copy of the old database is next to it.
			copies, err := filepath.Glob(path + ".before-*")
			require.NoError(t, err)
			require.Equal(t, []string{fmt.Sprintf("%s.before-%d", path, newest)}, copies)
			info, err = os.Stat(copies[0])
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			kept, _, version := contents(t, copies[0], nil)
			require.True(t, slices.ContainsFunc(kept, isMark), "the copy is marked as a copy")
			require.Equal(t, before, slices.DeleteFunc(kept, isMark))
			require.Equal(t, filepath.Base(file), fmt.Sprintf("%04d.db.gz", version))

			// The copy is complete: it can be put back, opened and migrated again.
			require.NoError(t, os.Rename(copies[0], path))
			s, err = store.Open(t.Context(), path, store.Options{Migrate: true})
			require.NoError(t, err)
			require.NoError(t, s.Close())
			again, _, _ := contents(t, path, columns)
			require.Equal(t, before, slices.DeleteFunc(again, isMark))
		})
	}
}

// isMark reports whether a line of contents is the mark of a copy.
func isMark(line string) bool { return strings.HasPrefix(line, "settings: 'copied' ") }

// works uses a migrated database: every state can be read and left, and the lists contain the old rows.
func (h fixture) works() {
	h.t.Helper()
	states, err := h.CountStates(h.ctx())
	require.NoError(h.t, err)
	for _, s := range store.States {
		require.Positive(h.t, states[s], s)
	}
	for s, c := range map[store.State]store.Command{store.Held: store.CommandPublish, store.Failed: store.CommandRetry,
		store.Unconfirmed: store.CommandConfirm, store.Staged: store.CommandHold} {
		list, _, err := h.PublicationPage(h.ctx(), store.Query{States: []store.State{s}, Limit: 1})
		require.NoError(h.t, err)
		h.do(list[0].ID, c)
	}
	for _, words := range []string{"pier", "LOOM"} {
		list, _, err := h.PublicationPage(h.ctx(), store.Query{Words: words, Limit: 50})
		require.NoError(h.t, err)
		require.NotEmpty(h.t, list, words)
	}
	events, _, err := h.EventPage(h.ctx(), store.EventQuery{Words: "pier", Limit: 50})
	require.NoError(h.t, err)
	require.NotEmpty(h.t, events)
	open, err := h.OpenNotices(h.ctx())
	require.NoError(h.t, err)
	require.NotEmpty(h.t, open)
	_, err = h.Claim(h.ctx(), time.Minute)
	require.NoError(h.t, err)
	_, _, err = h.AddToken(h.ctx(), "new", store.ReadScope, store.CLI)
	require.NoError(h.t, err)
}

// Posts that were published before a migration are recognized under new names.
func TestMovedAfterMigrating(t *testing.T) {
	t.Parallel()
	path := released(t, "testdata/released/0001.db.gz")
	s, err := store.Open(t.Context(), path, store.Options{Migrate: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	h := fixture{s, t}
	live, err := h.Publications(t.Context(), store.Filter{States: []store.State{store.Published}})
	require.NoError(t, err)
	known := 0
	for n, l := range live {
		r, err := h.Route(t.Context(), l.Post.FeedID, l.AccountID)
		require.NoError(t, err)
		if !r.Enabled {
			continue
		}
		moved := l.Post
		moved.GUID, moved.URL = fmt.Sprint("moved", n), fmt.Sprint("https://moved.example/p/", n)
		// the titles and texts in that database are too short to be distinctive
		moved.Title, moved.Text = "Another language", "Other words"
		f := l.Feed
		f.LastPolledAt, f.NextPollAt = time.Now(), time.Now().Add(hour)
		_, err = h.SavePosts(t.Context(), f, []store.Post{moved}, false)
		require.NoError(t, err)
		p := h.pub(moved.GUID, l.AccountID)
		require.Equal(t, store.Held, p.State, l.Post.Title)
		require.Contains(t, p.Reason.String(), "looks like publication ")
		known++
	}
	require.Positive(t, known)
}
