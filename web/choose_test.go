package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestPicturesAreChosenOrderedAndDescribed(t *testing.T) {
	h := furnished(t)
	const at = "https://blog.example.org/"
	p := h.entry("Quay", store.Media{Type: store.Image, URL: at + "a.jpg", Alt: "A"},
		store.Media{Type: store.Image, URL: at + "b.jpg", Alt: "B"}, store.Media{Type: store.Image, URL: at + "c.jpg"})
	b := h.owner()
	first := b.get(publicationPath(p))
	same := first.submit(form(p, "media"), nil)
	require.Contains(t, same.notice(), "Nothing changed.")
	require.Nil(t, h.state(p.ID).Edits.Media, "a form sent unchanged goes on following the site")

	page := first.submit(form(p, "media"), url.Values{"place-2": {"0"}, "alt-2": {"The third, first"}, "show-1": nil})
	require.Contains(t, page.notice(), "Pictures saved.")
	third := "The third, first"
	require.Equal(t, &[]store.EditedMedia{{URL: at + "c.jpg", Alt: &third}, {URL: at + "a.jpg"}},
		h.state(p.ID).Edits.Media)
	require.Equal(t, []string{"The third, first", "A"},
		[]string{page.Find("textarea[name=alt-0]").Text(), page.Find("textarea[name=alt-1]").Text()})
	require.Equal(t, 2, page.Find(".swipe > li").Length())
	require.False(t, page.has("input[name=show-2][checked]"), "the one that is not sent comes last")

	late := first.submit(form(p, "media"), url.Values{"show-0": nil})
	require.Equal(t, http.StatusConflict, late.Status, "it was changed since that page")
	none := page.submit(form(p, "media"), url.Values{"show-0": nil, "show-1": nil})
	require.Equal(t, http.StatusUnprocessableEntity, none.Status)
	page = page.submit(form(p, "media"), url.Values{"reset": {"pictures"}})
	require.Nil(t, h.state(p.ID).Edits.Media)
	require.Equal(t, 3, page.Find(".swipe > li").Length())
}

func TestAFeedIsSeenBeforeItIsAdded(t *testing.T) {
	h := newHouse(t)
	h.connect()
	h.site.item("The quay at dawn", "quay.jpg")
	b := h.owner()
	p := b.get("/feeds/new").submit(`form[action="/feeds"]`,
		url.Values{"address": {h.site.URL + "/feed.xml"}, "start": {"daily"}})
	require.Contains(t, p.notice(), "Added")
	r, err := h.store.Route(t.Context(), 1, h.account.ID)
	require.NoError(t, err)
	require.Equal(t, store.Duration(24*time.Hour), *r.Settings.CoolDown)

	page := b.post("/feeds/preview", url.Values{"address": {h.site.URL + "/feed.xml"}})
	require.Equal(t, http.StatusOK, page.Status)
	require.Contains(t, page.text(".grid"), "The quay at dawn")
	require.Contains(t, page.text(".grid .caption"), "Words about The quay at dawn.")
	src := page.Find(".grid img").AttrOr("src", "")
	require.Equal(t, "image/jpeg", b.get(src).Header.Get("Content-Type"), "drawn here")
	require.NotEqual(t, http.StatusOK, h.noRedirect().get(src).Status, "and for its owner only")
	bad := b.post("/feeds/preview", url.Values{"address": {h.site.URL + "/none"}})
	require.Equal(t, http.StatusUnprocessableEntity, bad.Status)
	require.Contains(t, bad.notice(), "Postern cannot show the posts of this feed.")
}

func TestActivityIsSearchedAndNarrowed(t *testing.T) {
	h := furnished(t)
	h.bring(h.entry("Evening ferry"), store.Failed)
	h.entry("Low tide")
	b := h.owner()
	require.Contains(t, b.get("/activity").text(".history"), "Low tide")
	for _, path := range []string{"/activity?q=ferr", "/activity?kind=trouble"} {
		text := b.get(path).text(".history")
		require.Contains(t, text, "Evening ferry", path)
		require.NotContains(t, text, "Low tide", path)
	}
	require.Contains(t, b.get("/activity?q=nothing+at+all").text("main"), "No events match.")
	require.Contains(t, b.get("/posts?q=even").text(".rows"), "Evening ferry")
	require.Contains(t, b.get("/posts?q=\"'*(").text(".rows"), "Low tide", "no word narrows nothing")
}
