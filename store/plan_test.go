package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A claim asks about the account of every row that is due. Without an index for just that, two thousand due rows of an
// account with ten thousand published ones made one claim take seconds.
func TestAClaimReadsNoWholeAccount(t *testing.T) {
	t.Parallel()
	text := planOf(t, fmt.Sprintf(nextAccount, ""), 1)
	require.Contains(t, text, "p USING INDEX publications_due (due_at<?)")
	require.NotContains(t, text, "FOR ORDER BY", "it ends with the first one that passes")
	require.Contains(t, text, "q USING INDEX publications_leased (account_id=?)")
	require.Contains(t, text, "(account_id=? AND state=?)")
	require.NotContains(t, text, "SCAN p ")
	require.Contains(t, planOf(t, nextOfAccount, 1, 1), "q USING INDEX publications_account (account_id=? AND state=?)")
}

// What the profile shows is compared with what is known of it, not with everything that was ever published.
func TestKnownMediaAreLookedUpOneByOne(t *testing.T) {
	t.Parallel()
	var c conditions
	text := planOf(t, fmt.Sprintf(knownMedia, c.list([]string{"a", "b", "c"})), c.args...)
	require.Equal(t, "SEARCH publications USING COVERING INDEX publications_media_id (media_id=?)", text)
}

// A new post is looked for in other feeds by its names, however many posts there are.
func TestSamePostElsewhereIsLookedUpByItsNames(t *testing.T) {
	t.Parallel()
	var c conditions
	text := planOf(t, elsewhereQuery(&c, 1, []string{"a", "b"}, []string{"", "c"}, 1), c.args...)
	require.Contains(t, text, "posts USING COVERING INDEX posts_guid (guid=?)")
	require.Contains(t, text, "posts USING COVERING INDEX posts_url_key (url_key=?)")
	require.Contains(t, text, "INDEX sqlite_autoindex_publications_1 (post_id=? AND account_id=?)")
	require.NotContains(t, text, "SCAN posts")
}

// planOf is how SQLite answers a question, a step in each line.
func planOf(t *testing.T, question string, args ...any) string {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{Migrate: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	rows, err := s.r.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+question, args...)
	plan, err := collect(rows, err, func(row scanner) (step string, err error) {
		var n int
		return step, row.Scan(&n, &n, &n, &step)
	})
	require.NoError(t, err)
	return strings.Join(plan, "\n")
}

// A map of a hundred thousand posts is read in pages: each must begin where the one before ended, and sort nothing.
func TestWherePostsWentIsReadInOrder(t *testing.T) {
	t.Parallel()
	for _, q := range []CrosspostQuery{{Limit: 1}, {States: []State{Published}, Limit: 1}, {GUID: "g", Limit: 1}} {
		query, args := q.sql()
		text := planOf(t, query, args...)
		require.Contains(t, text, "SEARCH posts USING COVERING INDEX posts_guid (guid")
		require.Contains(t, text, "(post_id=?)")
		require.NotContains(t, text, "SCAN")
		require.NotContains(t, text, "FOR ORDER BY")
	}
}
