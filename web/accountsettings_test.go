package web_test

import (
	"fmt"
	"net/http"
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

const settingsOf = `form#settings`

// field is a setting's value in the form.
func field(p *page, key string) string {
	f := p.Find(`form#settings [name=` + key + `]`)
	if f.Is("textarea") {
		return f.Text()
	}
	if f.Is("[type=radio]") {
		return f.Filter("[checked]").AttrOr("value", "none is chosen")
	}
	return f.AttrOr("value", "")
}

// historyOfForm is what the history says about the form below.
const historyOfForm = "The settings were changed: Approve by hand (yes), Cool-down (1h30m), Posts per day (3), Quiet " +
	"hours (22:00-07:00), Time zone (Europe/Berlin), Caption template, First comment, Collaborators (ada, grace)."

func (h *house) settings() store.Settings {
	h.t.Helper()
	a, err := h.store.Account(h.t.Context(), h.account.ID)
	require.NoError(h.t, err)
	return a.Settings
}

func TestSettingsAreSavedAndReturned(t *testing.T) {
	h := furnished(t)
	waiting := h.entry("Quay")
	_, err := h.store.Advance(t.Context(), waiting,
		store.Change{To: store.Queued, DueAt: time.Now().Add(9 * time.Hour),
			Reason: reason.Text("quiet hours until 07:00 UTC")})
	require.NoError(t, err)
	_, err = h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "",
		func(a *store.Account) error { a.Paused = true; return nil })
	require.NoError(t, err)
	b := h.owner()
	p := b.get("/accounts")
	link := p.Find(`.card a:contains("Settings")`)
	require.Equal(t, 1, link.Length())
	p = b.get(link.AttrOr("href", ""))
	require.Equal(t, http.StatusOK, p.Status)
	require.Contains(t, p.text("main"), "Harbour is paused: Postern publishes nothing there.")
	for _, s := range draft.Settings() {
		require.True(t, p.has(`form#settings [name=`+s.Name+`]`), s.Name)
		require.Empty(t, field(p, s.Name), "nothing is set yet")
		require.Contains(t, p.text(settingsOf), s.Help)
	}
	require.Contains(t, p.text(`details:has([name=exclude_keywords])`), "A change does not bring skipped posts back.")
	require.Equal(t, "none, from the default", p.Find("[name=quiet_hours]").AttrOr("placeholder", ""))

	p = p.submit(settingsOf, url.Values{
		"quiet_hours": {" 22-7 "}, "time_zone": {"Europe/Berlin"}, "posts_per_day": {"3"}, "approve": {"yes"},
		"format_string": {"{{title}}\r\n\r\n{{content}}"},
		"collaborators": {"@Ada, grace"}, "first_comment": {"\r\nMore: {{url}}"}, "cool_down": {"90m"},
	})
	require.Equal(t, "/accounts/1/settings", p.Path)
	require.Contains(t, b.get("/activity").text("main"), historyOfForm,
		"those that have another value")
	require.Equal(t, "The settings of Harbour are saved. 1 waiting post will now be put on hold.", p.notice())
	for key, want := range map[string]string{
		"quiet_hours": "22:00-07:00", "time_zone": "Europe/Berlin", "posts_per_day": "3", "approve": "yes",
		"format_string": "{{title}}\n\n{{content}}",
		"collaborators": "ada, grace", "first_comment": "\nMore: {{url}}", "cool_down": "1h30m", "min_age": "",
		"truncate": "",
	} {
		require.Equal(t, want, field(p, key), key)
	}
	require.Contains(t, p.text(settingsOf), "quiet_hours · now 22:00-07:00, from the account")
	require.True(t, *h.settings().Approve)
	l, err := h.store.Publication(t.Context(), waiting.ID)
	require.NoError(t, err)
	require.False(t, l.DueAt.After(time.Now().Add(time.Minute)), "what waited for an old setting is asked again")

	// What is sent as it is changes nothing; what is emptied returns to the default.
	before := h.settings()
	p = p.submit(settingsOf, nil)
	require.Equal(t, before, h.settings())
	require.Equal(t, "The settings of Harbour are saved.", p.notice())
	p = p.submit(settingsOf, url.Values{"approve": {""}, "quiet_hours": {""}, "format_string": {" "},
		"first_comment": {""}})
	require.Equal(t, "The settings of Harbour are saved. 1 waiting post will now go out in its turn.", p.notice())
	require.Equal(t, "", field(p, "approve"))
	require.Nil(t, h.settings().Approve)
	require.Nil(t, h.settings().QuietHours)
	require.NotNil(t, h.settings().Collaborators)
	require.Nil(t, h.settings().FormatString)
}

func TestWrongSettingsAreNotSaved(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	values := url.Values{"quiet_hours": {"at night"}, "time_zone": {"Berlin"}, "location_id": {"<b>here</b>"},
		"collaborators": {"a,b,c,d"}, "posts_per_day": {"2"}}
	p := b.get("/accounts/1/settings").submit(settingsOf, values)
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Equal(t, "Nothing was saved. 4 settings aren't valid: see below.", p.notice())
	require.Equal(t, 4, p.Find(".hint.warn").Length())
	require.Contains(t, p.text(settingsOf), `"at night" is not a part of the day such as 22:00-07:00.`)
	require.Equal(t, "at night", field(p, "quiet_hours"), "what was typed is kept")
	require.Equal(t, "<b>here</b>", field(p, "location_id"))
	require.Equal(t, "2", field(p, "posts_per_day"))
	require.Equal(t, store.Settings{}, h.settings())
	require.False(t, p.has(settingsOf+" b"))
}

func TestPreviewShowsTheLastPostsBeforeSaving(t *testing.T) {
	h := furnished(t)
	for i := range 6 {
		h.entry(fmt.Sprintf("Post %d", i))
	}
	b := h.owner()
	p := b.get("/accounts/1/settings")
	require.Equal(t, 4, p.Find("article").Length())
	require.Contains(t, p.text("article"), "Words about Post 5.")
	form := url.Values{"format_string": {"Look: {{title}}!"}, "append_url": {"no"},
		"first_comment": {"More at {{url}}"}, "location_id": {"7640348500"},
		"collaborators": {"ada"}, "share_to_feed": {"no"}, "exclude_keywords": {"post 4"}}
	p = b.post("/accounts/1/settings/preview", form)
	require.Equal(t, http.StatusOK, p.Status)
	require.Contains(t, p.notice(), "Nothing is saved yet.")
	require.Equal(t, "Look: Post 5!", p.Find("article .caption").First().Text())
	require.Contains(t, p.text("article"), "First comment: More at https://blog.example.org/Post%205")
	require.Contains(t, p.text("article"), "Sent with the post: location 7640348500; with @ada")
	require.NotContains(t, p.text("article"), "in the feed", "that is for reels")
	require.Contains(t, p.text("article"),
		"It would be skipped: found the word “post 4” (“Not with these words” from the account).")
	require.Equal(t, "Look: {{title}}!", field(p, "format_string"))
	require.Equal(t, store.Settings{}, h.settings(), "nothing is saved")

	p = b.post("/accounts/1/settings/preview", url.Values{"channel": {"story"}, "posts_per_day": {"many"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.text("article"), "A story has no caption.", "what is right is shown")
	require.Equal(t, "many", field(p, "posts_per_day"))
	p.submit(settingsOf, url.Values{"posts_per_day": {"1"}})
	require.Equal(t, "story", *h.settings().Channel, "and can be saved from there")
}

func TestSettingsOfOneFeed(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	b := h.owner()
	b.get("/accounts/1/settings").submit(settingsOf, url.Values{"quiet_hours": {"22-7"}, "hashtags": {"5"}})
	p := b.get("/accounts/1/settings")
	require.Equal(t, "Every feed", p.text("main nav [aria-current]"))
	p = b.get(p.Find(`main nav a:contains("Blog")`).AttrOr("href", ""))
	require.Equal(t, "Blog", p.text("main nav [aria-current]"))
	require.Equal(t, "22:00-07:00, from the account", p.Find("[name=quiet_hours]").AttrOr("placeholder", ""))
	require.Empty(t, field(p, "quiet_hours"))
	p = p.submit(settingsOf, url.Values{"quiet_hours": {","}, "channel": {"story"}})
	require.Contains(t, p.notice(), "The settings of Blog on Harbour are saved.") // in those hours the post goes out sooner
	require.Equal(t, "Blog", p.text("main nav [aria-current]"), "it comes back to the feed")
	r, err := h.store.Route(t.Context(), h.feed.ID, h.account.ID)
	require.NoError(t, err)
	require.True(t, r.Enabled)
	require.Empty(t, *r.Settings.QuietHours)
	require.Equal(t, "story", *r.Settings.Channel)
	require.Nil(t, r.Settings.Hashtags)
	require.Equal(t, "22:00-07:00", *h.settings().QuietHours)
	require.Contains(t, p.text(settingsOf), "now story, from this feed")
	require.Contains(t, p.text("article"), "A story has no caption.")

	p = p.submit(settingsOf, url.Values{"takes": nil})
	r, err = h.store.Route(t.Context(), h.feed.ID, h.account.ID)
	require.NoError(t, err)
	require.False(t, r.Enabled)
	require.Contains(t, p.text("article"), "Harbour does not take this feed.")
	require.Contains(t, b.get("/accounts/1/settings").text("main nav"), "Blog (off)")
	require.NotContains(t, b.get("/accounts/1/settings").text("article"), "Quay", "what is not taken is not shown")
}

// Quiet hours whose ends look swapped are asked about, once; what is saved already, and a feed without hours of
// its own, is not.
func TestSwappedQuietHoursAreAskedAbout(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	const page, keep = "/accounts/1/settings", "[name=keep_quiet_hours]"
	p := b.get(page).submit(settingsOf, url.Values{"quiet_hours": {"7-22"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Nil(t, h.settings().QuietHours, "nothing is saved")
	require.Contains(t, p.notice(), "Nothing was saved.")
	require.Contains(t, p.text(settingsOf),
		"07:00-22:00 publishes nothing for most of the day. 22:00-07:00 would be the night.")
	require.NotContains(t, p.text(settingsOf), "now 07:00-22:00", "nothing is saved")
	require.Equal(t, "07:00-22:00", field(p, "quiet_hours"))
	_, ticked := p.Find(keep).Attr("checked")
	require.False(t, ticked)
	p = p.submit(settingsOf, nil)
	require.Equal(t, http.StatusUnprocessableEntity, p.Status, "without the tick it is asked again")

	night := p.submit(settingsOf, url.Values{"quiet_hours": {"22-7"}})
	require.Contains(t, night.notice(), "are saved")
	require.Equal(t, "22:00-07:00", *h.settings().QuietHours)
	p = b.get(page).submit(settingsOf, url.Values{"quiet_hours": {"07:00-22:00"}}).submit(settingsOf,
		url.Values{"quiet_hours": {"6-22"}, "keep_quiet_hours": {"07:00-22:00"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status, "the tick was for others")
	p = p.submit(settingsOf, url.Values{"keep_quiet_hours": {"06:00-22:00"}})
	require.Contains(t, p.notice(), "are saved")
	require.Equal(t, "06:00-22:00", *h.settings().QuietHours)

	p = b.get(page).submit(settingsOf, url.Values{"hashtags": {"3"}})
	require.Contains(t, p.notice(), "are saved", "what is saved is not asked about again")
	require.Zero(t, p.Find(keep).Length())
	feed := fmt.Sprintf("%s?feed=%d", page, h.feed.ID)
	require.Contains(t, b.get(feed).submit(settingsOf, url.Values{"hashtags": {"2"}}).notice(), "are saved")
	require.Equal(t, http.StatusUnprocessableEntity,
		b.get(feed).submit(settingsOf, url.Values{"quiet_hours": {"8-23"}}).Status)
	p = b.get(feed).submit(`form[action="/accounts/1/settings"]`, url.Values{"quiet_hours": {"nonsense"}})
	require.Zero(t, p.Find(keep).Length())
}

func TestSettingsOfWhatIsNotThere(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	for _, path := range []string{"/accounts/9/settings", "/accounts/x/settings", "/accounts/1/settings?feed=9",
		"/accounts/1/settings?feed=x"} {
		require.Equal(t, http.StatusNotFound, b.get(path).Status, path)
	}
	require.Equal(t, http.StatusNotFound,
		b.post("/accounts/1/settings", url.Values{"feed": {"9"}, "hashtags": {"3"}}).Status)
	s := h.stranger()
	require.Equal(t, "/login", s.get("/accounts/1/settings").Path)
	require.Equal(t, http.StatusForbidden, s.post("/accounts/1/settings", url.Values{"hashtags": {"3"}}).Status)
	require.Equal(t, store.Settings{}, h.settings())
}

func TestSettingsInABrowser(t *testing.T) {
	path := chromium(t)
	h := furnished(t)
	h.entry("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
	for _, c := range []struct {
		name  string
		width int64
		dark  bool
	}{{"settings-phone", 320, true}, {"settings-wide", 1280, false}} {
		ctx, complaints := window(t, path, c.width, c.dark)
		enter(ctx, t, h.http.URL)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/accounts/1/settings"),
			chromedp.WaitVisible(settingsOf)))
		fits(ctx, t, c.name)
		unfold(ctx, t, `details:has([name=format_string])`)
		require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`[name=format_string]`, "Look: {{title}}"),
			chromedp.SendKeys(`[name=posts_per_day]`, "many")))
		click(ctx, t, `[name=append_url][value=no]`)
		press(ctx, t, `button[formaction]`, `.hint.warn`)
		fits(ctx, t, c.name+" wrong")
		caption, err := chromedp.Run(ctx,
			chromedp.Evaluate[string](`document.querySelector("article .caption").textContent`))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(caption, "Look: Donau"), caption)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/accounts/1/settings?feed=1"),
			chromedp.WaitVisible(`[name=takes]`)))
		fits(ctx, t, c.name+" feed")
		for _, said := range complaints() {
			require.Contains(t, said, "422", "what was typed wrong is the only complaint")
		}
		require.Equal(t, store.Settings{}, h.settings())
	}
}
