package feed_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/egress"
	"postern/feed"
	"postern/store"
)

// If the setting network.allow blocks a feed, Check names the setting instead of blaming the feed's address.
func TestCheckNamesBlockingSetting(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(site.Close)
	s, err := store.Open(t.Context(), t.TempDir()+"/postern.db", store.Options{Migrate: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	for _, c := range []struct {
		options        egress.Options
		detail, remedy string
	}{
		{egress.Options{}, "127.0.0.1 is a private address",
			"add its range to network.allow (POSTERN_NETWORK_ALLOW), " +
				`such as "127.0.0.0/8", and restart Postern if it is running`},
		{egress.Options{Allow: egress.Loopback()}, "404", "check the address"},
	} {
		p, err := feed.NewPoller(feed.Options{Store: s, Client: egress.NewClient(c.options), Schedule: "@every 5m"})
		require.NoError(t, err)
		f, err := s.AddFeed(t.Context(), store.Feed{URL: site.URL + "/" + c.detail[:3]})
		require.NoError(t, err)
		found := p.Check(t.Context(), f)
		require.Len(t, found, 1)
		require.Contains(t, found[0].Detail, c.detail)
		require.Contains(t, found[0].Remedy, c.remedy)
		f.ReadAt = time.Now()
		if again := p.Check(t.Context(), f)[0].Remedy; c.detail == "404" {
			require.Contains(t, again, "the site may be down", "the feed was read before")
		} else {
			require.Contains(t, again, c.remedy)
		}
	}
}
