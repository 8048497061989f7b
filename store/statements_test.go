package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// one opens a pool with a single connection, and returns a function that returns its kept statements.
func one(t *testing.T) (*sql.DB, func() map[string]*statement) {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{Migrate: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s.w, func() (kept map[string]*statement) {
		c, err := s.w.Conn(t.Context())
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.Raw(func(c any) error { kept = c.(*conn).kept; return nil }))
		return kept
	}
}

func TestStatementsAreKept(t *testing.T) {
	t.Parallel()
	db, kept := one(t)
	const insert, query = `INSERT INTO settings (key, value) VALUES ($1, $2)`,
		`SELECT value FROM settings WHERE key = $1`
	for i := range 3 {
		_, err := db.ExecContext(t.Context(), insert, fmt.Sprint(i), fmt.Sprint("value ", i))
		require.NoError(t, err)
	}
	first := kept()[insert]
	require.NotNil(t, first)
	// A kept statement still works after it failed, and after its transaction was rolled back.
	_, err := db.ExecContext(t.Context(), insert, "0", "again")
	require.ErrorContains(t, err, "UNIQUE")
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), insert, "3", "lost")
	require.NoError(t, err)
	require.NoError(t, tx.Rollback())
	_, err = db.ExecContext(t.Context(), insert, "3", "value 3")
	require.NoError(t, err)
	require.Same(t, first, kept()[insert])
	for i := range 4 {
		var v string
		require.NoError(t, db.QueryRowContext(t.Context(), query, fmt.Sprint(i)).Scan(&v))
		require.Equal(t, fmt.Sprint("value ", i), v)
	}
	// A query that was cancelled does not affect the next execution of its statement.
	gone, leave := context.WithCancel(t.Context())
	rows, err := db.QueryContext(gone, query, "1")
	require.NoError(t, err)
	leave()
	for rows.Next() {
	}
	require.NoError(t, rows.Close())
	var v string
	require.NoError(t, db.QueryRowContext(t.Context(), query, "2").Scan(&v))
	require.Equal(t, "value 2", v)
	require.NotContains(t, kept(), `PRAGMA journal_mode`)
	// The schema may change between two executions.
	_, err = db.ExecContext(t.Context(), `ALTER TABLE settings ADD COLUMN more TEXT`)
	require.NoError(t, err)
	require.NoError(t, db.QueryRowContext(t.Context(), query, "3").Scan(&v))
	require.Equal(t, "value 3", v)
}

func TestStatementWithinItself(t *testing.T) {
	t.Parallel()
	db, kept := one(t)
	for i := range 3 {
		_, err := db.ExecContext(t.Context(), `INSERT INTO settings (key, value) VALUES ($1, '')`, fmt.Sprint(i))
		require.NoError(t, err)
	}
	const query = `SELECT key FROM settings WHERE key >= $1 ORDER BY key`
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	read := func(from string, each func(key string)) {
		rows, err := tx.QueryContext(t.Context(), query, from)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var key string
			require.NoError(t, rows.Scan(&key))
			each(key)
		}
		require.NoError(t, rows.Err())
	}
	var got []string
	read("0", func(outer string) { read(outer, func(inner string) { got = append(got, outer+inner) }) })
	require.Equal(t, []string{"00", "01", "02", "11", "12", "22"}, got)
	require.NoError(t, tx.Rollback())
	require.False(t, kept()[query].busy)
}

func TestOldStatementsAreClosed(t *testing.T) {
	t.Parallel()
	db, kept := one(t)
	for i := range 3 * maxKept {
		var n int
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT 1`).Scan(&n))
		require.NoError(t, db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT %d`, i+2)).Scan(&n))
		require.Equal(t, i+2, n)
	}
	require.Len(t, kept(), maxKept)
	require.Contains(t, kept(), `SELECT 1`) // it is executed all the time
}

func TestIDListsHaveFewLengths(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 1, 2: 2, 3: 4, 24: 32, 33: 64, chunk: chunk} {
		ids := make([]int64, n)
		for i := range ids {
			ids[i] = int64(i)
		}
		var c conditions
		c.list(ids)
		require.Len(t, c.args, want)
		require.EqualValues(t, n-1, c.args[want-1])
	}
}

func TestUnnamedParameters(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`SELECT 1`:                        `SELECT 1`,
		`SELECT $1`:                       `SELECT ?`,
		`VALUES ($1, $2), ($3, $4)`:       `VALUES (?, ?), (?, ?)`,
		`SELECT $2, $1`:                   `SELECT $2, $1`,
		`SELECT $1, $2, $1`:               `SELECT $1, $2, $1`,
		`SELECT $10`:                      `SELECT $10`,
		`SELECT json_remove($1, '$.key')`: `SELECT json_remove($1, '$.key')`,
	} {
		require.Equal(t, want, unnamed(query))
	}
	values := make([]any, 4*maxBulk)
	for i := range values {
		values[i] = i
	}
	db, _ := one(t)
	var sum int
	require.NoError(t,
		db.QueryRowContext(t.Context(),
			`WITH v(a, b) AS (VALUES `+places(2*maxBulk, 2)+`) SELECT sum(a * 3 - b * 2) FROM v`, values...).Scan(&sum))
	want := 0
	for i := 0; i < len(values); i += 2 {
		want += 3*i - 2*(i+1)
	}
	require.Equal(t, want, sum, "each value is in its place")
}

func TestBulkTakesEachOnceInOrder(t *testing.T) {
	t.Parallel()
	for n := range 3 * maxBulk {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		var got []int
		require.NoError(t, bulk(all, func(part []int) error {
			require.Contains(t, bulkSizes, len(part), "only known sizes")
			got = append(got, part...)
			return nil
		}))
		require.Len(t, got, n)
		for i := range got {
			require.Equal(t, i, got[i])
		}
	}
}
