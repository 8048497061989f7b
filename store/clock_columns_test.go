package store

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every column that contains a time is corrected by RightClock, or listed here with the reason why not.
func TestRightClockCoversEveryTimeColumn(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{Migrate: true})
	require.NoError(t, err)
	defer s.Close()
	known := []string{
		// corrected by statements of their own
		"publications.due_at", "follow_ups.due_at", "deliveries.due_at", "preflights.again_at", "routes.start_at",
		"accounts.token_expires_at",
		// the history is ordered by id
		"events.at",
		"posts.published_at", // the site's clock
		// Instagram's clock
		"containers.created_at", "publications.verify_since", "feeds.verify_since", "feeds.compare_since",
		// only shown, or only end later
		"sessions.expires_at", "users.created_at", "addresses.created_at", "addresses.told_at", "tokens.created_at",
		"tokens.last_used_at",
		"webhooks.created_at", "webhooks.stopped_at", "webhooks.told_at",
		"feeds.removed_at", "accounts.removed_at", // only tested for NULL
		"feeds.ttl",
		"feeds.reading_since", // only tested for NULL
	}
	for _, c := range slices.Concat(happened, leasesEnd) {
		known = append(known, c.table+"."+c.column)
	}
	rows, err := s.r.QueryContext(t.Context(),
		`SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
			AND c.type = 'INTEGER'
		AND (c.name = 'at' OR c.name LIKE '%\_at' ESCAPE '\' OR c.name LIKE '%\_until' ESCAPE '\'
		OR c.name LIKE '%\_since' ESCAPE '\')`)
	require.NoError(t, err)
	defer rows.Close()
	found := 0
	for rows.Next() {
		var table, column string
		require.NoError(t, rows.Scan(&table, &column))
		if found++; !strings.HasPrefix(table, "goose") {
			require.Contains(t, known, table+"."+column, "correct it in clock.go, or list it here with the reason")
		}
	}
	require.NoError(t, rows.Err())
	require.Greater(t, found, 40)
}
