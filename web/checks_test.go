package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/reason"
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
	require.NoError(t, h.store.SaveAsset(t.Context(),
		store.Asset{Name: name, Bytes: 250_000, Width: 1440, Height: 1800, SourceURL: "x", Rules: "feed",
			Repairs: []string{"converted from PNG"}}))
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Items = []store.Item{
		{Position: 1, Type: store.Image, SourceURL: "https://blog.example.org/quay.png", Asset: name}}
	look.Checks = []store.Check{
		{ID: "media.image.format", Severity: store.Repaired, Text: "quay.png: converted from PNG"},
		{ID: "media.url.none", Severity: store.Blocks, Text: "quay.png must be repaired <b>",
			Remedy: "Set web.base_url."},
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

// A page that is open while its post has its preflight shows what was found without being loaded
// again, and what is being typed there stays.
func TestChecksAppearOnAnOpenPage(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	p := h.bring(h.entry("Quay",
		store.Media{Type: store.Image, URL: "https://blog.example.org/quay.png", Alt: "A quay"}), store.Held)
	ctx, complaints := window(t, path, 1280, false)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p)),
		chromedp.WaitVisible(`textarea[name=caption]`),
		chromedp.SetValue(`textarea[name=caption]`, "Half a sent")))
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Items = []store.Item{{Position: 1, Type: store.Image, SourceURL: "https://blog.example.org/quay.png"}}
	look.Checks = []store.Check{
		{ID: "media.url.not-found", Severity: store.Blocks, Text: "there is no quay.png", Remedy: "Check the address."}}
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

// A picture that the post shows twice is left out of what the page and the API show as sent. Both say which one
// it is, and the form offers it to those who want both.
func TestAPictureThatIsLeftOutIsShown(t *testing.T) {
	h := furnished(t)
	const at = "https://blog.example.org/"
	p := h.entry("Quay", store.Media{Type: store.Image, URL: at + "s/quay.jpg", Alt: "Small"},
		store.Media{Type: store.Image, URL: at + "quay.jpg", Alt: "Large"})
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	left := store.Check{
		ID: "media.double", Severity: store.Repaired, Text: "picture 1 of 2 is left out", Remedy: "Choose both.",
		ReasonCode: reason.PictureTwice, URL: at + "s/quay.jpg", SameAs: at + "quay.jpg",
	}
	look.Items = []store.Item{{Position: 1, Type: store.Image, SourceURL: at + "quay.jpg"}}
	look.Checks = []store.Check{left}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))

	page := h.owner().get(publicationPath(p))
	require.Contains(t, page.text(".checks"), "repaired Picture 1 of 2 is left out. Choose both. media.double")
	require.Equal(t, 1, page.Find(".swipe > li").Length())
	require.True(t, page.has("input[name=show-0][checked]"))
	require.True(t, page.has("input[name=show-1]"))
	require.False(t, page.has("input[name=show-1][checked]"))
	var one onePublication
	h.program(store.ReadScope).get(fmt.Sprintf("/api/v1/publications/%d", p.ID)).into(&one)
	require.Equal(t, store.KindImage, one.Kind)
	require.Len(t, one.Media, 1)
	require.Equal(t, "Large", one.Media[0]["alt"])
	require.Contains(t, one.Checks, left)

	same := page.submit(form(p, "media"), nil)
	require.Contains(t, same.notice(), "Nothing changed.")
	page = page.submit(form(p, "media"), url.Values{"show-1": {"yes"}})
	require.Contains(t, page.notice(), "Pictures saved.")
	require.Equal(t, 2, page.Find(".swipe > li").Length())
}

// A check names the remedy only as long as it is possible.
func TestChecksNameWhatIsPossible(t *testing.T) {
	h := furnished(t)
	for state, want := range map[store.State]bool{store.Queued: true, store.Held: true, store.Failed: true,
		store.Published: false, store.Skipped: false} {
		p := h.entry("Quay " + string(state))
		look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
		require.NoError(t, err)
		look.Checks = []store.Check{
			draft.RepeatedPictures(7),
			{ID: "media.image.animation", Severity: store.Noted, Text: "It is animated", Remedy: "Make a video of it."},
		}
		require.NoError(t, h.store.SavePreflight(t.Context(), look))
		h.bring(p, state)
		text := h.owner().get(publicationPath(p)).text(".checks")
		require.Contains(t, text, "Publication 7 has the same pictures.", state)
		require.Equal(t, want, strings.Contains(text, "Skip this post if"), "%s: %s", state, text)
		require.Contains(t, text, "Make a video of it.", state)
	}
}

// A picture that the page shows is not said to be missing, and Postern looks again at once.
func TestFindingGivesWayToTheFile(t *testing.T) {
	h := furnished(t)
	address := h.site.URL + "/quay.jpg"
	p := h.bring(h.entry("Quay", store.Media{Type: store.Image, URL: address}), store.Held)
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Items = []store.Item{{Position: 1, Type: store.Image, SourceURL: address}}
	look.Checks = []store.Check{{ID: "media.url.not-found", Severity: store.Blocks, URL: address,
		Text: "there is no picture at quay.jpg"}}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	b := h.owner()
	page := b.get(publicationPath(p))
	require.Contains(t, page.text("#checks"), "There is no picture at quay.jpg")

	drawn := b.get(page.Find(".phone img").AttrOr("src", ""))
	require.Equal(t, "image/jpeg", drawn.Header.Get("Content-Type"))
	require.NotContains(t, b.get(publicationPath(p)).text("main"), "no picture")
	look, err = h.store.Preflight(t.Context(), p.ID)
	require.NoError(t, err)
	require.False(t, look.AgainAt.After(time.Now()), "it is looked at again")
}
