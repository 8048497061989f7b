package web_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/instagram/simulator"
	"postern/reason"
	"postern/store"
)

func publicationPath(p store.Publication) string { return fmt.Sprintf("/publications/%d", p.ID) }

func form(p store.Publication, command string) string {
	return fmt.Sprintf(`form[action="/publications/%d/%s"]`, p.ID, command)
}

func TestPublicationOffersWhatItsStateAllows(t *testing.T) {
	h := furnished(t)
	buttons := map[store.State][]string{
		store.Published:   {},
		store.Unconfirmed: {"check", "confirm", "retry", "skip"},
		store.Held:        {"publish", "approve", "skip", "caption"},
		store.Failed:      {"retry", "skip"},
		store.Skipped:     {"publish", "approve", "caption"},
		store.Queued:      {"publish", "hold", "skip", "caption"},
	}
	words := map[store.State]string{
		store.Queued: "waiting", store.Held: "on hold", store.Staged: "preparing", store.Publishing: "publishing",
		store.Published: "published",
		store.Failed:    "failed", store.Unconfirmed: "unconfirmed", store.Skipped: "skipped",
	}
	b := h.owner()
	check := func(p store.Publication, want []string) {
		t.Helper()
		page := b.get(publicationPath(p))
		require.Equal(t, http.StatusOK, page.Status)
		require.Equal(t, words[p.State], page.text(".facts .badge"))
		for _, command := range []string{"publish", "approve", "hold", "skip", "retry", "confirm", "check", "caption"} {
			f := page.Find(form(p, command) + ", " + asButton(form(p, command)) + "[name=shown]")
			if !contains(want, command) {
				require.Zero(t, f.Length(), "%s while %s", command, p.State)
				continue
			}
			require.Equal(t, 1, f.Length(), "%s while %s", command, p.State)
			require.Equal(t, string(p.State), f.AttrOr("value", f.Find("input[name=state]").AttrOr("value",
				page.Find("input[name=state][form=edit]").AttrOr("value", ""))))
		}
	}
	for state, want := range buttons {
		check(h.bring(h.entry(string(state)), state), want)
	}
	p := h.bring(h.entry("staged"), store.Staged)
	check(p, []string{"hold", "skip"})
	var err error
	p, err = h.store.Advance(t.Context(), p,
		store.Change{To: store.Publishing, DueAt: time.Now().Add(time.Hour),
			Reason: reason.Text("asked Instagram to publish")})
	require.NoError(t, err)
	check(p, nil)
}

// shownState returns a state as pages call it.
func shownState(s store.State) string {
	return cmp.Or(map[store.State]string{store.Queued: "waiting", store.Held: "on hold", store.Staged: "preparing"}[s],
		string(s))
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func TestButtonsMove(t *testing.T) {
	for _, c := range []struct {
		command  string
		from, to store.State
		values   url.Values
		says     string
	}{
		{"publish", store.Queued, store.Queued, nil, "Postern publishes it"},
		{"publish", store.Held, store.Queued, nil, "Postern publishes it"},
		{"publish", store.Skipped, store.Queued, nil, "Postern publishes it"},
		{"approve", store.Held, store.Queued, nil, "Approved."},
		{"approve", store.Skipped, store.Queued, nil, "Back in the queue."},
		{"hold", store.Queued, store.Held, nil, "On hold."},
		{"hold", store.Staged, store.Held, nil, "On hold."},
		{"skip", store.Queued, store.Skipped, nil, "Skipped."},
		{"skip", store.Held, store.Skipped, nil, "Skipped."},
		{"skip", store.Failed, store.Skipped, nil, "Skipped."},
		{"skip", store.Unconfirmed, store.Skipped, nil, "Skipped."},
		{"retry", store.Failed, store.Queued, nil, "tries it again"},
		{"retry", store.Unconfirmed, store.Queued, url.Values{"not_live": {"yes"}}, "tries it again"},
		{"confirm", store.Unconfirmed, store.Published, url.Values{"permalink": {"https://www.instagram.com/p/XYZ/"}},
			"Kept as published."},
		{"confirm", store.Unconfirmed, store.Published, nil, "Kept as published."},
	} {
		t.Run(c.command+" "+string(c.from), func(t *testing.T) {
			h := furnished(t)
			p := h.entry("Quay")
			if c.from != store.Queued {
				p = h.bring(p, c.from)
			}
			b := h.owner()
			shown := b.get(publicationPath(p))
			page := shown.submit(form(p, c.command), c.values)
			require.Equal(t, http.StatusOK, page.Status)
			require.Equal(t, publicationPath(p), page.Path, "a redirect, so that reloading sends nothing again")
			require.Contains(t, page.notice(), c.says)
			got := h.state(p.ID)
			require.Equal(t, c.to, got.State)
			require.Equal(t, c.values.Get("permalink"), got.Permalink)
			require.Equal(t, c.to == store.Queued && c.command != "approve", got.Expedited)
			require.Equal(t, c.command == "approve", got.Approved)
			require.Contains(t, page.text(".history li:first-child"), "You")
			require.Empty(t, b.get(publicationPath(p)).notice(), "it is said once")
			if c.from == c.to {
				return
			}
			// The same click again, from the page that was left open.
			events, err := h.store.EventsOf(t.Context(), p.ID)
			require.NoError(t, err)
			page = shown.submit(form(p, c.command), c.values)
			require.Equal(t, http.StatusConflict, page.Status)
			require.Contains(t, page.notice(), "Nothing was done. This post changed meanwhile.")
			require.Contains(t, page.text(".facts .badge"), shownState(c.to), "and how it stands now")
			again, err := h.store.EventsOf(t.Context(), p.ID)
			require.NoError(t, err)
			require.Len(t, again, len(events))
		})
	}
}

func TestNothingIsDecidedWithoutTheStateThatWasShown(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	b := h.owner()
	page := b.post(publicationPath(p)+"/skip", url.Values{})
	require.Equal(t, http.StatusConflict, page.Status)
	require.Equal(t, store.Queued, h.state(p.ID).State)
	refused := b.post(publicationPath(p)+"/confirm", url.Values{"state": {"queued"}})
	require.Equal(t, http.StatusConflict, refused.Status, "not possible in this state")
	require.Contains(t, refused.notice(),
		fmt.Sprintf("Nothing was done. Publication %d is waiting. Publish, approve, hold or skip it.", p.ID))
	require.Equal(t, store.Queued, h.state(p.ID).State)
	require.Equal(t, http.StatusNotFound, b.post("/publications/99/skip", url.Values{"state": {"queued"}}).Status)
}

func TestRetryOfAnUnconfirmedOneNeedsTheBoxTicked(t *testing.T) {
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Unconfirmed)
	b := h.owner()
	page := b.get(publicationPath(p))
	require.Equal(t, "https://www.instagram.com/harbour/", page.Find(".next a[rel=noreferrer]").AttrOr("href", ""),
		"the profile to look at")
	_, required := page.Find(form(p, "retry") + " input[name=not_live]").Attr("required")
	require.True(t, required)
	page = page.submit(form(p, "retry"), nil)
	require.Equal(t, http.StatusUnprocessableEntity, page.Status)
	require.Contains(t, page.notice(), "tick the box")
	require.Equal(t, store.Unconfirmed, h.state(p.ID).State)

	page = page.submit(form(p, "confirm"), url.Values{"permalink": {"javascript:alert(1)"}})
	require.Equal(t, http.StatusUnprocessableEntity, page.Status)
	require.Contains(t, page.notice(), "starts with https://")
	require.Equal(t, store.Unconfirmed, h.state(p.ID).State)
}

func TestCheckAgain(t *testing.T) {
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Unconfirmed)
	b := h.owner()
	page := b.get(publicationPath(p)).submit(form(p, "check"), nil)
	require.Equal(t, http.StatusOK, page.Status)
	require.Contains(t, page.notice(), "no sign")
	require.Equal(t, store.Unconfirmed, h.state(p.ID).State)
	require.Contains(t, page.text(".history"),
		"Postern checked the profile again and did not find the post for certain.")

	h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "media", Reply: simulator.Internal,
		Times: simulator.Forever})
	page = page.submit(form(p, "check"), nil)
	require.Equal(t, http.StatusBadGateway, page.Status)
	require.Contains(t, page.notice(), "Postern could not look")
	require.NotContains(t, page.Body, token)

	page = b.post(publicationPath(p)+"/check", url.Values{"state": {"failed"}})
	require.Equal(t, http.StatusConflict, page.Status)
}

func TestEveryEventIsTold(t *testing.T) {
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Failed)
	page := h.owner().get(publicationPath(p))
	history := page.text(".history")
	require.Contains(t, history, "waiting → failed Instagram refused it.")
	require.Contains(t, history, "Instagram sent code 352, subcode 2207026, trace id AbCdEfTrace.")
	require.NotEmpty(t, page.text(".meta"))
	require.Contains(t, page.text(".next"),
		"It is not live, and Postern does not try again by itself. Fix the problem, then retry or skip it.")
	require.True(t, page.has(".history time[datetime]"))
	events, err := h.store.EventsOf(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, len(events), page.Find(".history li").Length())
}

func TestPublicationShowsMediaRepairsAndSettings(t *testing.T) {
	h := furnished(t)
	_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "", func(a *store.Account) error {
		no, rest := false, store.Duration(2*time.Hour)
		a.Settings.AppendURL, a.Settings.CoolDown = &no, &rest
		return nil
	})
	require.NoError(t, err)
	p := h.entry("Quay",
		store.Media{Type: store.Image, URL: "https://blog.example.org/quay.png", Alt: "The quay at dawn"},
		store.Media{Type: store.Video, URL: "https://blog.example.org/gulls.mp4"},
		store.Media{Type: store.Image, URL: "https://blog.example.org/boats.jpg"})
	b := h.owner()
	page := b.get(publicationPath(p))
	require.Equal(t, 3, page.Find(".swipe > li").Length())
	page.Find("img, video").Each(func(_ int, s *goquery.Selection) {
		require.Regexp(t, "^/pictures/[0-9a-f]{32}$", s.AttrOr("src", ""), "nothing is loaded from the blog")
	})
	require.Equal(t, 3, page.Find(".pieces > li").Length())
	require.Equal(t, "The quay at dawn", page.Find("textarea[name=alt-0]").Text())
	require.Contains(t, page.text(".facts"), "carousel")
	require.Equal(t, "Cool-down cool_down 2h from the account Address of the post at the end append_url no "+
		"from the account", page.text(".settings"))
	require.Contains(t, page.Find("textarea[name=caption]").Text(), "Words about Quay.")

	// Once it is prepared, the files themselves are shown.
	const name = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	require.NoError(t, h.store.SaveAsset(t.Context(),
		store.Asset{Name: name + ".jpg", Bytes: 250_000, Width: 1440, Height: 1800, SourceURL: "x", Rules: "feed",
			Repairs: []string{"converted from PNG", "padded to 4:5"}}))
	_, err = h.store.Advance(t.Context(), h.state(p.ID), store.Change{
		To: store.Staged, DueAt: time.Now().Add(time.Hour), Reason: reason.New(reason.Working),
		Freeze: &store.Frozen{Kind: store.KindCarousel, Caption: "Frozen\nwords", Items: []store.Item{
			{Position: 1, Type: store.Image, SourceURL: "https://blog.example.org/quay.png", Alt: "The quay at dawn",
				Asset: name + ".jpg"},
			{Position: 2, Type: store.Video, SourceURL: "https://blog.example.org/gulls.mp4", Asset: name + ".mp4",
				CoverAsset: name + ".jpg"},
			{Position: 3, Type: store.Image, SourceURL: "https://blog.example.org/boats.jpg"},
		}},
		Containers: []store.Container{{Round: 1, ID: "c1", CreatedAt: time.Now()}},
	})
	require.NoError(t, err)
	page = b.get(publicationPath(p))
	require.Equal(t, "/media/"+name+".jpg", page.Find(".swipe img").AttrOr("src", ""))
	require.Equal(t, "The quay at dawn", page.Find(".swipe img").AttrOr("alt", ""))
	require.Equal(t, "/media/"+name+".mp4", page.Find(".swipe video").AttrOr("src", ""))
	require.Equal(t, "/pictures/", page.Find(".swipe video").AttrOr("poster", "")[:10])
	require.Contains(t, page.text(".pieces"), "padded to 4:5")
	require.Contains(t, page.text(".pieces"), "as sent: 1440 × 1800, 244 KB")
	require.Contains(t, page.text(".pieces"), "sent from its own address")
	require.Equal(t, "Frozen\nwords", page.Find(".caption").Text())
	require.False(t, page.has("textarea"), "it is too late to change")
}

func TestCaptionIsEdited(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	b := h.owner()
	edit := func(page *page, caption string) *page {
		return page.submit(form(p, "caption"), url.Values{"caption": {caption}})
	}
	first := b.get(publicationPath(p))
	site := first.Find("textarea[name=caption]").Text()

	page := first.submit(form(p, "caption"), nil)
	require.Equal(t, "Nothing changed.", page.notice())
	require.Nil(t, h.state(p.ID).Edits.Caption, "it goes on following the site")

	page = edit(page, "My own words\r\non two lines")
	require.Equal(t, "Caption saved.", page.notice())
	require.Equal(t, "My own words\non two lines", *h.state(p.ID).Edits.Caption)
	require.Equal(t, "My own words\non two lines", page.Find("textarea[name=caption]").Text())
	require.Contains(t, page.text("main"), "You edited the caption.")
	require.Contains(t, page.text(".history li:first-child"), "Edited: the caption.")

	stale := edit(first, "From a page that was left open")
	require.Equal(t, http.StatusConflict, stale.Status)
	require.Equal(t, "My own words\non two lines", *h.state(p.ID).Edits.Caption)

	long := make([]byte, 2300)
	for i := range long {
		long[i] = 'a'
	}
	bad := edit(page, string(long))
	require.Equal(t, http.StatusUnprocessableEntity, bad.Status)
	require.Contains(t, bad.notice(), "2300 characters")
	require.Equal(t, string(long), bad.Find("textarea[name=caption]").Text(), "what was typed is not lost")
	require.Equal(t, "My own words\non two lines", *h.state(p.ID).Edits.Caption)

	page = page.submit(form(p, "caption"), url.Values{"reset": {"caption"}})
	require.Nil(t, h.state(p.ID).Edits.Caption)
	require.Equal(t, site, page.Find("textarea[name=caption]").Text())

	h.bring(h.state(p.ID), store.Staged)
	page = edit(page, "Too late")
	require.Equal(t, http.StatusConflict, page.Status)
	require.Contains(t, page.text("main"), "Your caption, not saved Too late", "nothing that was typed is lost")
	require.Nil(t, h.state(p.ID).Edits.Caption)
}

// From the button to the profile: the store wakes the publisher, and the page shows what became of it.
func TestPublishFromThePage(t *testing.T) {
	h := furnished(t)
	yes := true
	_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "",
		func(a *store.Account) error { a.Settings.Approve = &yes; return nil })
	require.NoError(t, err)
	h.run()
	p := h.entry("Quay", store.Media{Type: store.Image, URL: h.site.URL + "/quay.jpg", Alt: "The quay at dawn"})
	require.Eventually(t, func() bool { return h.state(p.ID).State == store.Held }, time.Minute, 20*time.Millisecond)
	require.Empty(t, h.sim.Posts(""))
	b := h.owner()
	b.get(publicationPath(p)).submit(form(p, "publish"), nil)
	require.Eventually(t, func() bool { return h.state(p.ID).Permalink != "" }, time.Minute, 20*time.Millisecond)
	require.Len(t, h.sim.Posts(""), 1)
	page := b.get("/")
	require.Contains(t, page.text(`section[aria-labelledby=published]`), "Quay")
	src := page.Find(`section[aria-labelledby=published] img`).AttrOr("src", "")
	require.Equal(t, "image/jpeg", b.get(src).Header.Get("Content-Type"))
}

// What a form left to say is for the page that it leads to, not for a part of the page before that is read again
// meanwhile.
func TestAPartThatIsReadAgainTakesNoNotice(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.bring(h.entry("Quay"), store.Held)
	follow := b.http.CheckRedirect
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	require.Equal(t, http.StatusSeeOther, b.get(publicationPath(p)).submit(`form[action$="/skip"]`, nil).Status)
	b.http.CheckRedirect = follow
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.http.URL+publicationPath(p), nil)
	require.NoError(t, err)
	req.Header.Set("HX-Request", "true")
	require.Equal(t, http.StatusOK, b.do(req).Status)
	require.NotEmpty(t, b.get(publicationPath(p)).notice())
	require.Empty(t, b.get(publicationPath(p)).notice(), "it is said once")
}

// Every button sends the caption and the pictures as they stand in their fields.
func TestButtonsCarryEdits(t *testing.T) {
	for _, c := range []struct {
		command string
		from    store.State
	}{{"publish", store.Held}, {"approve", store.Held}, {"hold", store.Queued}, {"publish", store.Queued},
		{"skip", store.Held}, {"approve", store.Skipped}} {
		t.Run(c.command+" "+string(c.from), func(t *testing.T) {
			h := furnished(t)
			p := h.entry("Quay")
			if c.from != store.Queued {
				p = h.bring(p, c.from)
			}
			b := h.owner()
			shown := b.get(publicationPath(p))
			shown.submit(form(p, c.command), url.Values{"caption": {"My own words"}, "alt-0": {"An empty pier"}})
			got := h.state(p.ID)
			require.NotEqual(t, int64(0), got.Revision)
			require.Equal(t, "My own words", *got.Edits.Caption)
			require.Equal(t, "An empty pier", *(*got.Edits.Media)[0].Alt)

			// From the page that was left open: nothing is done, and what was typed is still there.
			late := shown.submit(form(p, c.command), url.Values{"caption": {"Typed elsewhere"}})
			require.Equal(t, http.StatusConflict, late.Status)
			require.Equal(t, "Typed elsewhere", late.Find("textarea[name=caption]").Text())
			require.Equal(t, "My own words", *h.state(p.ID).Edits.Caption)
		})
	}
}

func TestAnUntouchedCaptionIsNoEdit(t *testing.T) {
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Held)
	shown := h.owner().get(publicationPath(p))
	h.posts[0].Text = "Words that the site changed after the page was shown."
	h.save()
	shown.submit(form(p, "approve"), nil)
	require.Nil(t, h.state(p.ID).Edits.Caption, "the caption goes on following the site")
}

func TestACaptionThatInstagramRefusesStaysInItsField(t *testing.T) {
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Held)
	long := strings.Repeat("a", 2300)
	bad := h.owner().get(publicationPath(p)).submit(form(p, "publish"), url.Values{"caption": {long}})
	require.Equal(t, http.StatusUnprocessableEntity, bad.Status)
	require.Contains(t, bad.notice(), "2300 characters")
	require.Equal(t, long, bad.Find("textarea[name=caption]").Text())
	require.Equal(t, store.Held, h.state(p.ID).State)
}

// Publish now may have begun by the time that hold arrives: as long as nothing was asked for, it is held.
func TestHoldRightAfterPublishNow(t *testing.T) {
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Held)
	page := h.owner().get(publicationPath(p)).submit(form(p, "publish"), nil)
	h.bring(h.state(p.ID), store.Staged)
	held := page.submit(form(p, "hold"), url.Values{"caption": {"Not yet"}})
	require.Equal(t, http.StatusOK, held.Status)
	got := h.state(p.ID)
	require.Equal(t, store.Held, got.State)
	require.False(t, got.Expedited, "approved later, it goes in its turn")
	require.Equal(t, "Not yet", *got.Edits.Caption)
}

// What is decided while the account is paused says what has to be done before it goes out.
func TestPublishWhileTheAccountIsPaused(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	for _, command := range []string{"publish", "approve"} {
		for paused, want := range map[bool]string{true: "It goes out after you resume Harbour on Accounts.",
			false: did(command)} {
			_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "",
				func(a *store.Account) error { a.Paused = paused; return nil })
			require.NoError(t, err)
			p := h.bring(h.entry("Quay "+command), store.Held)
			page := b.post(publicationPath(p)+"/"+command, url.Values{"state": {"held"}})
			require.Equal(t, want, page.notice())
			require.Equal(t, !paused, page.has(".next time"), "no time comes while it is paused")
		}
	}
}

// A paused account names the other gates as well: resuming opens none of them.
func TestPausedAccountNamesOtherGates(t *testing.T) {
	h := furnished(t)
	age := store.Duration(48 * time.Hour)
	h.set(func(s *store.Settings) { s.MinAge = &age })
	_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "",
		func(a *store.Account) error { a.Paused = true; return nil })
	require.NoError(t, err)
	b := h.owner()
	p := h.entry("Quay")
	want := "It goes out after you resume Harbour on Accounts, not before " +
		draft.UpToMinute(h.posts[0].PublishedAt.Add(48*time.Hour)).Format("2 January 2006 15:04 MST") +
		" (younger than 48h until "
	for _, due := range []time.Duration{0, 500 * time.Hour} { // the pause puts it off for as long as it lasts
		p, err = h.store.Advance(t.Context(), p,
			store.Change{To: store.Queued, DueAt: time.Now().Add(due), Reason: reason.New(reason.AccountPaused)})
		require.NoError(t, err)
		next := b.get(publicationPath(p)).text(".next")
		require.Contains(t, next, "The account is paused.")
		require.Contains(t, next, want)
	}
	now := b.get(publicationPath(p)).submit(form(p, "publish"), nil)
	require.Equal(t, "It goes out after you resume Harbour on Accounts.", now.notice(),
		"what a person publishes needs no age")

	needs := b.get("/").text("section[aria-labelledby=needs]")
	require.Contains(t, needs, "The account is paused and posts are waiting.")
	card := b.get("/accounts").text(".card .gauges")
	require.Contains(t, card, "Paused: nothing goes out.")
	require.NotContains(t, card, "Automatically")

	h.bring(h.state(p.ID), store.Held)
	require.NotContains(t, b.get("/").text("main"), "The account is paused", "nothing waits for it")
}

func did(command string) string {
	if command == "publish" {
		return "Postern publishes it now."
	}
	return "Approved. It goes out in its turn."
}
