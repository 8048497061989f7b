package web_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// Lists, histories and checks show names of settings as code and link to the publications they name, as the top of a page does. Words of
// others stay as they are.
func TestPagesShowSettingsAsCodeAndLinkPublications(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	first := h.entry("Low tide")
	few := h.entry("Ferry")
	skip := func(p store.Publication, why reason.Reason) {
		_, err := h.store.Advance(t.Context(), h.state(p.ID), store.Change{To: store.Skipped, Reason: why})
		require.NoError(t, err)
	}
	skip(few, reason.New(reason.FilterPictures, 1, 2, "account"))
	twin := h.entry("Ferry again")
	skip(twin, reason.New(reason.SamePictures, first.ID, "publication 99 `of` <b>`Ropes`"))
	h.posts = append(h.posts, store.Post{GUID: "sensitive", Title: "Quarry", Decision: store.Skip, Reason: reason.New(reason.FilterSensitive, "marked as sensitive", "feed"), PublishedAt: time.Now()})
	h.save()

	for path, list := range map[string]string{"/": `section[aria-labelledby=skipped]`, "/posts?state=skipped": "#live", publicationPath(few): "#history", "/activity": ".history"} {
		page := b.get(path)
		require.Equal(t, http.StatusOK, page.Status)
		require.Equal(t, 1, page.Find(list+` code:contains(min_pictures)`).Length(), path)
		require.Contains(t, page.text(list), "( min_pictures from the account)", path)
		if path != publicationPath(few) {
			require.Equal(t, 1, page.Find(list+` a[href="`+publicationPath(first)+`"]:contains("`+strconv.FormatInt(first.ID, 10)+`")`).Length(), path)
			require.Contains(t, page.text(list), "publication 99", path)
			require.Equal(t, 0, page.Find(`a[href="/publications/99"]`).Length(), "words of others make no link: %s", path)
			require.Contains(t, page.text(list), "<b>`Ropes`", path)
		}
	}
	require.Equal(t, 1, b.get("/posts?state=skipped").Find(`code:contains(sensitive)`).Length())

	look, err := h.store.BeginPreflight(t.Context(), first.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Checks = []store.Check{
		{ID: "media.repeated", Severity: store.Noted, Text: "publication " + strconv.FormatInt(few.ID, 10) + " has the same pictures"},
		{ID: "media.url.other", Severity: store.Noted, Text: "publication 99 is what a stranger wrote", Remedy: "Change `fit`."},
	}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	checks := b.get(publicationPath(first)).Find("#checks")
	require.Equal(t, 1, checks.Find(`a[href="`+publicationPath(few)+`"]`).Length())
	require.Equal(t, 1, checks.Find(`a`).Length())
	require.Equal(t, 1, checks.Find(`.soft code`).FilterFunction(func(_ int, c *goquery.Selection) bool { return c.Text() == "fit" }).Length())
}

// The ids of checks are for those who search docs/rules.md: the page of a check has them, histories and lists do not.
func TestHistoriesShowNoIdsOfChecks(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.entry("Gone")
	_, err := h.store.Advance(t.Context(), h.state(p.ID), store.Change{To: store.Failed,
		Reason: reason.New(reason.FilterPictures, 1, 2, "route").ByRule("media.url.not-found")})
	require.NoError(t, err)
	for path, list := range map[string]string{publicationPath(p): "#history", "/activity": ".history", "/posts": "#live"} {
		words := b.get(path).text(list)
		require.Contains(t, words, "from the feed)", path)
		require.NotContains(t, words, "media.url.not-found", path)
	}
}
