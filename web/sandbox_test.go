package web_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/store"
)

// The page of a simulated account's post says what a real account would need, as long as that is missing; nothing
// is in its way.
func TestSandboxPostSaysWhatARealAccountNeeds(t *testing.T) {
	note := store.Check{ID: draft.OnlyHere, Severity: store.Noted,
		Text: "quay.png: a real account would need a public address to send it like this", Remedy: "Set web.base_url."}
	shows := func(t *testing.T, opts ...option) (real, before, noted, sent *page) {
		h := newHouse(t, opts...)
		h.connect()
		play, err := h.store.AddAccount(t.Context(),
			store.Account{API: store.Sandbox, UserID: "7", Username: "play", Label: "Play"},
			func(int64) (store.Secrets, error) {
				return store.Secrets{Token: []byte("sealed")}, nil
			})
		require.NoError(t, err)
		h.feed, err = h.store.AddFeed(t.Context(),
			store.Feed{URL: "https://blog.example.org/feed", Label: "Blog", StartRule: "all"})
		require.NoError(t, err)
		p := h.entry("Quay", store.Media{Type: store.Image, URL: "https://blog.example.org/quay.png", Alt: "A quay"})
		require.Equal(t, play.ID, p.AccountID)
		all, err := h.store.Publications(t.Context(), store.Filter{AccountID: h.account.ID})
		require.NoError(t, err)
		b := h.owner()
		real, before = b.get(publicationPath(all[0].Publication)), b.get(publicationPath(p))
		look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
		require.NoError(t, err)
		look.Ready, look.Checks = true,
			[]store.Check{{ID: "media.image.format", Severity: store.Repaired, Text: "quay.png: converted from PNG"},
				note}
		require.NoError(t, h.store.SavePreflight(t.Context(), look))
		noted = b.get(publicationPath(p))
		return real, before, noted, b.get(publicationPath(h.bring(p, store.Published)))
	}

	t.Run("without a public address", func(t *testing.T) {
		real, before, noted, sent := shows(t)
		require.Contains(t, real.text(".checks"),
			"quay.png needs converting. Set web.base_url so that Instagram can fetch the result, then restart Postern.")
		require.NotContains(t, before.text("main"), "needs converting")
		for _, p := range []*page{noted, sent} {
			require.Contains(t, p.text(".checks"), "converted from PNG")
			require.Contains(t, p.text(".checks"), note.Text+". "+note.Remedy)
		}
	})
	t.Run("with one", func(t *testing.T) {
		_, _, noted, sent := shows(t, func(h *house) { h.options.Address = h.outside("https://posse.example.org") })
		for _, p := range []*page{noted, sent} {
			require.Contains(t, p.text(".checks"), "converted from PNG")
			require.NotContains(t, p.text(".checks"), "real account")
		}
	})
}
