package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
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

// A page that is open while its post is looked at ahead of its turn shows what was found without being loaded again, and
// what is being typed there stays.
func TestChecksAppearOnAnOpenPage(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	p := h.bring(h.entry("Quay", store.Media{Type: store.Image, URL: "https://blog.example.org/quay.png", Alt: "A quay"}), store.Held)
	ctx, complaints := window(t, path, 1280, false)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p)), chromedp.WaitVisible(`textarea[name=caption]`),
		chromedp.SetValue(`textarea[name=caption]`, "Half a sent")))
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Items = []store.Item{{Position: 1, Type: store.Image, SourceURL: "https://blog.example.org/quay.png"}}
	look.Checks = []store.Check{{ID: "media.url.not-found", Severity: store.Blocks, Text: "there is no quay.png", Remedy: "Check the address."}}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	require.Eventually(t, func() bool {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("#checks").textContent`))
		return err == nil && strings.Contains(text, "There is no quay.png.")
	}, time.Minute, 200*time.Millisecond)
	typed, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("textarea[name=caption]").value`))
	require.NoError(t, err)
	require.Equal(t, "Half a sent", typed)
	require.Empty(t, complaints())
}
