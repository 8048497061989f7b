package page_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/web/page"
)

func TestMoments(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 3, 10, 14, 0, 0, 0, zone)
	for _, c := range []struct {
		t       time.Time
		at, ago string
	}{
		{now, "14:00", "now"},
		{now.Add(30 * time.Second), "14:01", "in 30 seconds"}, // at 14:00 it is not possible yet
		{now.Add(-30 * time.Second), "13:59", "just now"},
		{now.Add(time.Minute), "14:01", "in 1 minute"},
		{now.Add(5 * time.Minute), "14:05", "in 5 minutes"},
		{now.Add(2 * time.Hour).UTC(), "16:00", "in 2 hours"},
		{now.Add(-26 * time.Hour), "Mon 9 Mar, 12:00", "26 hours ago"},
		{now.Add(-72 * time.Hour), "Sat 7 Mar, 14:00", "3 days ago"},
		{now.AddDate(-2, 0, 0), "10 Mar 2024, 14:00", "2 years ago"},
	} {
		iso, at, ago := page.Moment(c.t, now)
		require.Equal(t, c.at, at)
		require.Equal(t, c.ago, ago)
		back, err := time.Parse(time.RFC3339, iso)
		require.NoError(t, err)
		require.True(t, back.Equal(c.t))
	}
	iso, _, _ := page.Moment(time.Time{}, now)
	require.Empty(t, iso)
}

func TestOnlyWebAddressesAreLinked(t *testing.T) {
	t.Parallel()
	require.Equal(t, "https://a.example/x?y", page.WebLink("https://a.example/x?y"))
	for _, bad := range []string{"", "javascript:alert(1)", "data:text/html,x", "//a.example", "/feeds", "https://",
		"mailto:a@b", "https://a b/"} {
		require.Empty(t, page.WebLink(bad), bad)
	}
}
