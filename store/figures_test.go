package store

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Metrics are read every few seconds, so the queries may only read indexes, and not the publications and notices
// themselves.
func TestFiguresReadOnlyIndexes(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{Migrate: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	for query, want := range map[string]string{
		figuresStates:  "SCAN publications USING COVERING INDEX publications_account",
		figuresNotices: "SCAN notices USING INDEX notices_open",
		oldestDue:      "USING INDEX publications_due",
	} {
		rows, err := s.r.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
		plan, err := collect(rows, err, func(row scanner) (step string, err error) {
			var n int
			return step, row.Scan(&n, &n, &n, &step)
		})
		require.NoError(t, err)
		text := strings.Join(plan, "\n")
		require.Contains(t, text, want)
		require.NotContains(t, text, "TEMP B-TREE FOR ORDER BY")
	}
}
