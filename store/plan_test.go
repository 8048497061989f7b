package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Claim checks the account of every due row. Without a suitable index, one claim took seconds with two thousand due
// rows of an account with ten thousand published ones.
func TestClaimUsesIndexes(t *testing.T) {
	t.Parallel()
	text := planOf(t, fmt.Sprintf(nextAccount, ""), 1)
	require.Contains(t, text, "p USING INDEX publications_due (due_at<?)")
	require.NotContains(t, text, "FOR ORDER BY", "it stops at the first row that passes")
	require.Contains(t, text, "q USING INDEX publications_leased (account_id=?)")
	require.Contains(t, text, "(account_id=? AND state=?)")
	require.NotContains(t, text, "SCAN p ")
	require.Contains(t, planOf(t, nextOfAccount, 1, 1), "q USING INDEX publications_account (account_id=? AND state=?)")
}

// Only the posts on the profile are looked up, not everything that was ever published.
func TestKnownMediaAreLookedUpOneByOne(t *testing.T) {
	t.Parallel()
	var c conditions
	text := planOf(t, fmt.Sprintf(knownMedia, c.list([]string{"a", "b", "c"})), c.args...)
	require.Equal(t, "SEARCH publications USING COVERING INDEX publications_media_id (media_id=?)", text)
}

// A new post is looked up in other feeds by its ids, no matter how many posts there are.
func TestSamePostElsewhereIsLookedUpByKeys(t *testing.T) {
	t.Parallel()
	var c conditions
	text := planOf(t, elsewhereQuery(&c, 1, []string{"a", "b"}, []string{"", "c"}, 1), c.args...)
	require.Contains(t, text, "posts USING COVERING INDEX posts_guid (guid=?)")
	require.Contains(t, text, "posts USING COVERING INDEX posts_url_key (url_key=?)")
	require.Contains(t, text, "INDEX sqlite_autoindex_publications_1 (post_id=? AND account_id=?)")
	require.NotContains(t, text, "SCAN posts")
}

// planOf returns SQLite's query plan, one step per line.
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

// A list of a hundred thousand posts is read in pages: each must start where the previous one ended, without
// sorting.
func TestCrosspostsAreReadInOrder(t *testing.T) {
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
