package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// Lists, histories and checks name settings as their form does, which they link to, and link to the publications they
// name, as the top of a page does. Words of others stay as they are.
func TestPagesLinkSettingsAndPublications(t *testing.T) {
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
	h.posts = append(h.posts, store.Post{GUID: "sensitive", Title: "Quarry", Decision: store.Skip,
		Reason: reason.New(reason.FilterSensitive, "marked as sensitive", "feed"), PublishedAt: time.Now()})
	h.save()

	for path, list := range map[string]string{"/": `section[aria-labelledby=skipped]`, "/posts?state=skipped": "#live",
		publicationPath(few): "#history", "/activity": ".history"} {
		page := b.get(path)
		require.Equal(t, http.StatusOK, page.Status)
		field := fmt.Sprintf(`/accounts/%d/settings#setting-min_pictures`, h.account.ID)
		require.Equal(t, 1, page.Find(list+` a[href="`+field+`"]:contains("“Minimum number of pictures”")`).Length(),
			path)
		require.Zero(t, page.Find(list+` :contains(min_pictures)`).Length(), path)
		if path != publicationPath(few) {
			require.Equal(t, 1, page.Find(list+` a[href="`+publicationPath(first)+`"]:contains("`+
				strconv.FormatInt(first.ID, 10)+`")`).Length(), path)
			require.Contains(t, page.text(list), "publication 99", path)
			require.Equal(t, 0, page.Find(`a[href="/publications/99"]`).Length(), "words of others make no link: %s",
				path)
			require.Contains(t, page.text(list), "<b>`Ropes`", path)
		}
	}
	require.Equal(t, 1, b.get("/posts?state=skipped").Find(`code:contains(sensitive)`).Length())

	look, err := h.store.BeginPreflight(t.Context(), first.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Checks = []store.Check{
		{ID: "media.repeated", Severity: store.Noted,
			Text: "publication " + strconv.FormatInt(few.ID, 10) + " has the same pictures"},
		{ID: "media.url.other", Severity: store.Noted, Text: "publication 99 is what a stranger wrote",
			Remedy: "Change `fit`."},
	}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	checks := b.get(publicationPath(first)).Find("#checks")
	require.Equal(t, 1, checks.Find(`a[href="`+publicationPath(few)+`"]`).Length())
	require.Equal(t, 1, checks.Find(`a`).Length())
	require.Contains(t, checks.Find(`.soft`).Text(), "Change “Pictures of another shape”.", "by its label, not its key")
	require.Zero(t, checks.Find(`code:contains(fit)`).Length())
}

// The ids of checks are for those who search docs/rules.md: the page of a check has them, histories and lists do not.
func TestHistoriesShowNoIdsOfChecks(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.entry("Gone")
	_, err := h.store.Advance(t.Context(), h.state(p.ID), store.Change{To: store.Failed,
		Reason: reason.New(reason.FilterPictures, 1, 2, "route").ByRule("media.url.not-found")})
	require.NoError(t, err)
	for path, list := range map[string]string{publicationPath(p): "#history", "/activity": ".history",
		"/posts": "#live"} {
		words := b.get(path).text(list)
		require.Contains(t, words, "from the settings of this feed)", path)
		require.NotContains(t, words, "media.url.not-found", path)
	}
}

// The name of a setting leads to its field, which is open there. What an entry says has no form, and its key stays.
func TestSettingsInReasonsLeadToTheirForm(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	words := []string{"fog"}
	h.set(func(s *store.Settings) { s.ExcludeKeywords = &words })
	skip := func(title, origin string) store.Publication {
		p := h.entry(title)
		p, err := h.store.Advance(t.Context(), h.state(p.ID), store.Change{To: store.Skipped,
			Reason: reason.New(reason.FilterExcluded, "word", "fog", "keywords", origin)})
		require.NoError(t, err)
		return p
	}
	for origin, want := range map[string]string{
		"account": fmt.Sprintf("/accounts/%d/settings#setting-exclude_keywords", h.account.ID),
		"route":   fmt.Sprintf("/accounts/%d/settings?feed=%d#setting-exclude_keywords", h.account.ID, h.feed.ID),
		"entry":   "",
	} {
		page := b.get(publicationPath(skip(origin, origin)))
		link, leads := page.Find(".next .lead a").Attr("href")
		require.Equal(t, want, link, origin)
		if !leads {
			require.Equal(t, "exclude_keywords", page.text(".next .lead code"))
			continue
		}
		form := b.get(strings.Split(link, "#")[0])
		require.Equal(t, "Not with these words", form.Find("#setting-exclude_keywords").Contents().First().Text())
	}
	require.True(t, b.get(fmt.Sprintf("/accounts/%d/settings",
		h.account.ID)).has("details[open] #setting-exclude_keywords"))
}

// A setting of a feed on an account is said to be from the settings of the feed, which its file does not make.
func TestSettingsAreFromTheFeed(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	fit := "crop"
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: h.feed.ID, AccountID: h.account.ID, Enabled: true,
			Settings: store.Settings{Fit: &fit}}, store.CLI, ""))
	require.Equal(t, "Pictures of another shape fit crop from the settings of this feed", h.owner().get(publicationPath(p)).text(".settings"))
}

// Each setting that makes a post wait leads to its field, whichever layer set it.
func TestWaitingPostsLeadToTheirSetting(t *testing.T) {
	for setting, change := range map[string]func(*store.Settings){
		"cool_down":     func(s *store.Settings) { s.CoolDown = new(store.Duration(2 * time.Hour)) },
		"min_age":       func(s *store.Settings) { s.MinAge = new(store.Duration(72 * time.Hour)) },
		"posts_per_day": func(s *store.Settings) { s.PostsPerDay = new(1) },
		"quiet_hours": func(s *store.Settings) {
			from := time.Now().UTC().Add(-time.Hour).Format("15:04")
			s.QuietHours = new(from + "-" + time.Now().UTC().Add(6*time.Hour).Format("15:04"))
		},
	} {
		t.Run(setting, func(t *testing.T) {
			h := furnished(t)
			h.bring(h.entry("Live"), store.Published)
			p := h.entry("Quay")
			b := h.owner()
			leads := func(link string) {
				t.Helper()
				require.Equal(t, 1, b.get(publicationPath(p)).Find(`.next .lead a[href="`+link+"#setting-"+setting+
					`"]`).Length())
				require.Equal(t, 1, b.get("/").Find(`.next a[href="`+link+"#setting-"+setting+`"]`).Length())
			}
			h.set(change)
			leads(fmt.Sprintf("/accounts/%d/settings", h.account.ID))
			var of store.Settings
			change(&of)
			h.set(func(s *store.Settings) { *s = store.Settings{} })
			require.NoError(t, h.store.SetRoute(t.Context(),
				store.Route{FeedID: h.feed.ID, AccountID: h.account.ID, Enabled: true, Settings: of}, store.CLI, ""))
			leads(fmt.Sprintf("/accounts/%d/settings?feed=%d", h.account.ID, h.feed.ID))
		})
	}
}

// What waits for approval leads to the setting that asks for it; what is older than its feed, to the feed.
func TestReasonsLeadToWhatDecides(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	at := func(to store.State, why reason.Reason) *goquery.Selection {
		queued := h.entry(string(why.Code))
		if why.Is(reason.Sensitive) {
			h.posts[len(h.posts)-1].Markup.Sensitive = "marked as sensitive"
			h.save()
		}
		p, err := h.store.Advance(t.Context(), h.state(queued.ID), store.Change{To: to, Reason: why})
		require.NoError(t, err)
		return b.get(publicationPath(p)).Find(".next .lead")
	}
	h.set(func(s *store.Settings) { s.Approve = new(true) })
	lead := at(store.Held, reason.New(reason.Approval).BySetting("approve", "account"))
	require.Equal(t, "Waiting for your approval (“Approve by hand” from the account).", lead.Text())
	require.Equal(t, 1, lead.Find(fmt.Sprintf(`a[href="/accounts/%d/settings#setting-approve"]`,
		h.account.ID)).Length())
	lead = at(store.Held, reason.New(reason.Sensitive, "marked as sensitive").BySetting("sensitive", "default"))
	require.Contains(t, lead.Text(), "(“Sensitive posts” by default)")
	require.Equal(t, 1, lead.Find("a").Length())
	require.Equal(t, 1, at(store.Skipped, reason.New(reason.BeforeFeed)).
		Find(`a[href="`+fmt.Sprintf("/feeds?from=%d#feed-%[1]d", h.feed.ID)+`"]`).Length())
}

// Reasons behind each other are sentences on a page.
func TestReasonsBehindEachOtherAreSentences(t *testing.T) {
	h := furnished(t)
	h.bring(h.entry("Live"), store.Published)
	h.set(func(s *store.Settings) { s.PostsPerDay = new(1) })
	h.entry("Quay")
	_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "",
		func(a *store.Account) error { a.Paused = true; return nil })
	require.NoError(t, err)
	require.Contains(t, h.owner().get("/posts").text("#live"),
		"The account is paused. After that, the limit of 1 a day holds it until ")
}

// A page of a post shows every time in the zone that its settings name, as the reasons do.
func TestAPageHasOneZone(t *testing.T) {
	h := furnished(t)
	h.set(func(s *store.Settings) {
		s.CoolDown, s.TimeZone = new(store.Duration(3*time.Hour)), new("Asia/Tokyo")
	})
	h.bring(h.entry("Live"), store.Published)
	p := h.entry("Quay")
	b := h.owner()
	for path, part := range map[string]string{publicationPath(p): "main", "/": ".next", "/posts": "li:contains(Quay)"} {
		page := b.get(path)
		require.Contains(t, page.text(part), "Asia/Tokyo", path)
		require.NotRegexp(t, `\d\d:\d\d UTC`, page.text(part), path)
		page.Find(part + " time").Each(func(_ int, s *goquery.Selection) {
			require.Equal(t, "Asia/Tokyo", s.AttrOr("data-zone", ""), path)
		})
		until := regexp.MustCompile(`until (\d\d:\d\d|\d+ \w+ \d\d:\d\d) Asia`).FindStringSubmatch(page.text(part))
		require.NotNil(t, until, path)
		require.Contains(t, page.text(part+" .at"), until[1][len(until[1])-5:], "the same minute: %s", path)
	}
}

// A row gives each time in the zone of its own settings, also where a feed on the account has another zone than the
// account. Pages about everything give each time in the zone that the accounts chose.
func TestRowsHaveOneZone(t *testing.T) {
	h := furnished(t)
	h.set(func(s *store.Settings) {
		s.CoolDown, s.TimeZone = new(store.Duration(3*time.Hour)), new("Europe/Berlin")
	})
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: h.feed.ID, AccountID: h.account.ID, Enabled: true,
			Settings: store.Settings{TimeZone: new("Asia/Tokyo")}}, store.CLI, ""))
	h.bring(h.entry("Live"), store.Published)
	p := h.entry("Quay")
	b := h.owner()
	zones := func(path, part, want string) {
		t.Helper()
		page := b.get(path)
		times := page.Find(part + " time")
		require.NotZero(t, times.Length(), path)
		times.Each(func(_ int, s *goquery.Selection) {
			require.Equal(t, want, s.AttrOr("data-zone", ""), "%s: %s", path, page.text(part))
			require.Contains(t, s.AttrOr("title", ""), time.Now().In(location(t, want)).Format("MST"))
		})
	}
	for path, part := range map[string]string{publicationPath(p): "main", "/": ".next", "/posts": "li:contains(Quay)"} {
		zones(path, part, "Asia/Tokyo")
		require.Regexp(t, `until (\d+ \w+ )?\d\d:\d\d Asia/Tokyo`, b.get(path).text(part), path)
	}
	zones("/", "section[aria-labelledby=published]", "Asia/Tokyo")
	for _, path := range []string{"/activity", "/feeds"} {
		zones(path, "main", "Europe/Berlin")
	}
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

// The answer to an order names the filter that it overrides, once.
func TestOrdersNameTheFilterThatTheyOverride(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	words := []string{"quay"}
	h.set(func(s *store.Settings) { s.ExcludeKeywords = &words })
	p := h.entry("Quay")
	const overrides = "This overrides a filter: found the word “quay” (“Not with these words” from the account)."
	command := func(name string) string {
		return b.get(publicationPath(p)).submit(form(p, name), nil).notice()
	}
	require.Contains(t, command("publish"), overrides)
	require.NotContains(t, command("hold"), "overrides")
}

// Pages call a setting by the label of its form, which a person can find there, wherever a sentence names it: in a reason,
// a check, a notice and the answer to an order.
func TestPagesNameNoKeys(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	h.set(func(s *store.Settings) { s.Truncate, s.LocationID = new(false), new("4") })
	p := h.entry(strings.Repeat("Long ", 600))
	page := b.get(publicationPath(p))
	require.Contains(t, page.Find(".next .lead").Text(), "or switch “Shorten long captions” on: it is off, from the account")
	require.NotContains(t, page.text(".next")+page.text(".checks"), "truncate")
	refused := h.entry("Refused")
	_, err := h.store.Advance(t.Context(), h.state(refused.ID), store.Change{To: store.Held,
		Reason: reason.New(reason.SettingRefused, "location_id", "4", "account", "")})
	require.NoError(t, err)
	lead := b.get(publicationPath(refused)).Find(".next .lead")
	require.Contains(t, lead.Text(), "Instagram does not take “Location” with the value 4, from the account: correct it")
	require.Equal(t, 1, lead.Find(`a[href$="#setting-location_id"]`).Length())
	require.NoError(t, h.store.SyncNotices(t.Context(), store.NoticeChange{Opened: []store.Notice{{Cause: "x",
		Severity: store.Bad, Text: "Instagram does not take `location_id` with the value 4", Remedy: "Correct `location_id`."}},
		Message: func(store.Notice) string { return "" }}))
	notices := b.get("/notices").text("main")
	require.Contains(t, notices, "Instagram does not take “Location” with the value 4.")
	require.NotContains(t, notices, "location_id")
}
