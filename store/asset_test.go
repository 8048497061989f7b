package store_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestNeededAssets(t *testing.T) {
	t.Parallel()
	h := setup(t)
	states := []store.State{store.Staged, store.Publishing, store.Published, store.Unconfirmed, store.Failed}
	for _, s := range states { // one account each, because an account can have only one publication in flight
		h.account(string(s))
	}
	h.save(h.feed("https://a.example/feed", "all"), post("p", -hour))
	for i, s := range states {
		p := h.pub("p", int64(i+1))
		if s == store.Failed {
			h.advance(h.bring(p, store.Staged), to(store.Staged, store.Failed))
			continue
		}
		h.bring(p, s)
	}
	_, err := h.raw().ExecContext(t.Context(),
		`UPDATE items SET asset = p.state || '.jpg', cover_asset = p.state || '-cover.jpg' FROM publications p
			WHERE p.id = publication_id`)
	require.NoError(t, err)
	require.NoError(t, h.SaveAsset(t.Context(), store.Asset{Name: "new.jpg", SourceURL: "x", Rules: "feed"}))
	names := func(since time.Time) []string {
		needed, err := h.NeededAssets(t.Context(), since)
		require.NoError(t, err)
		return slices.Sorted(maps.Keys(needed))
	}
	open := []string{"failed-cover.jpg", "failed.jpg", "publishing-cover.jpg", "publishing.jpg", "staged-cover.jpg",
		"staged.jpg", "unconfirmed-cover.jpg", "unconfirmed.jpg"}
	require.Equal(t, open, names(time.Now().Add(time.Hour)), "files of open publications stay, however old")
	require.ElementsMatch(t, append(open, "new.jpg", "published.jpg", "published-cover.jpg"),
		names(time.Now().Add(-time.Hour)))
}
