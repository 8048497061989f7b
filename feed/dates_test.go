package feed

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClockOfTheSite(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		date, age string
		want      time.Duration
	}{
		"says nothing":               {"", "", 0},
		"nonsense":                   {"yesterday", "", 0},
		"same as ours":               {at(20 * time.Second), "", 0},
		"ahead":                      {at(3 * time.Hour), "", 3 * time.Hour},
		"behind":                     {at(-3 * time.Hour), "", -3 * time.Hour},
		"a year ahead":               {at(365 * 24 * time.Hour), "", 365 * 24 * time.Hour},
		"never set":                  {time.Unix(100, 0).UTC().Format(http.TimeFormat), "", 0},
		"a cache with Age":           {at(-3 * time.Hour), "10800", 0},
		"an invalid Age":             {at(3 * time.Hour), "-5", 3 * time.Hour},
		"a cache with a wrong clock": {at(time.Hour), "3600", 2 * time.Hour},
	} {
		require.Equal(t, test.want, ahead(http.Header{"Date": {test.date}, "Age": {test.age}}, now), name)
	}
}

func TestDateHeaderIsFetched(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(2*time.Hour).UTC().Format(http.TimeFormat))
		_, _ = w.Write([]byte("<rss/>"))
	}))
	defer site.Close()
	f, err := Fetch(t.Context(), site.Client(), site.URL, "", "", DefaultMaxBytes)
	require.NoError(t, err)
	require.InDelta(t, 2*time.Hour, f.Ahead, float64(time.Minute))
}
