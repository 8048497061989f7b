package web_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// What was found about a post is on its page, with what can be done, and with the very files before they go out.
func TestPublicationShowsChecks(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay", store.Media{Type: store.Image, URL: "https://blog.example.org/quay.png"})
	b := h.owner()
	page := b.get(publicationPath(p))
	require.Contains(t, page.text(".checks"), "quay.png has no alt text.")
	require.Contains(t, page.text(".checks"), "alt.missing")

	const name = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.jpg"
	require.NoError(t, h.store.SaveAsset(t.Context(), store.Asset{Name: name, Bytes: 250_000, Width: 1440, Height: 1800, SourceURL: "x", Rules: "feed", Repairs: []string{"converted from PNG"}}))
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Items = []store.Item{{Position: 1, Type: store.Image, SourceURL: "https://blog.example.org/quay.png", Asset: name}}
	look.Checks = []store.Check{
		{ID: "media.image.format", Severity: store.Repaired, Text: "quay.png: converted from PNG"},
		{ID: "media.url.none", Severity: store.Blocks, Text: "quay.png must be repaired <b>", Remedy: "Set web.base_url."},
	}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	page = b.get(publicationPath(p))
	require.Equal(t, "/media/"+name, page.Find(".swipe img").AttrOr("src", ""))
	require.Contains(t, page.text(".pieces"), "converted from PNG")
	first := page.text(".checks li:first-child")
	require.Contains(t, first, "in the way quay.png must be repaired <b>.")
	require.Contains(t, first, "Set web.base_url. media.url.none")
	require.Contains(t, page.text(".checks"), "repaired quay.png: converted from PNG.")

	queue := b.get("/posts")
	require.Contains(t, queue.text(".rows"), "quay.png must be repaired")
	require.Contains(t, queue.Find(".rows img").AttrOr("src", ""), "/pictures/")
}
