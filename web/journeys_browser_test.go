package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/reason"
	"postern/store"
)

// journeys are what people do from one end to the other, each on an installation of its own.
var journeys = map[string]func(ctx context.Context, t *testing.T, h *house, width int64){
	"all one a day": func(ctx context.Context, t *testing.T, h *house, width int64) {
		startsWithTheFeed(ctx, t, h, width, "daily", "5 posts will be published, one a day, from today", 1, 4)
		shown := func() (days []time.Time) {
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/posts?state=queued")))
			arrive(ctx, t, "", `.rows time`)
			all, err := chromedp.Run(ctx,
				chromedp.Evaluate[[]string](`[...document.querySelectorAll(".rows time")].map(e => e.dateTime).sort()`))
			require.NoError(t, err)
			for _, day := range all {
				at, err := time.Parse(time.RFC3339, day)
				require.NoError(t, err)
				days = append(days, at)
			}
			return days
		}
		// While one is asked whether it can go, it shows the time of that.
		var days []time.Time
		require.Eventually(t, func() bool { days = shown(); return time.Until(days[0]) > time.Hour }, time.Minute,
			50*time.Millisecond)
		require.Len(t, days, 4, "each shows when it goes")
		for i, at := range days {
			require.WithinDuration(t, time.Now().Add(time.Duration(i+1)*24*time.Hour), at, time.Hour)
		}
		fits(ctx, t, fmt.Sprintf("one a day %d", width))
	},
	"last three": func(ctx context.Context, t *testing.T, h *house, width int64) {
		startsWithTheFeed(ctx, t, h, width, "last", "3 posts will be published, from today", 3, 0)
	},
	"edited caption":      editedCaptionIsPublished,
	"picture added later": textPostGetsAPicture,
	"approved at night":   approvedInQuietHours,
}

// One browser is enough: each journey has a tab with cookies of its own.
func TestJourneysInABrowser(t *testing.T) {
	browser := launch(t, chromium(t))
	for name, journey := range journeys {
		for _, width := range []int64{390, 820, 1440} {
			t.Run(fmt.Sprintf("%s %d", name, width), func(t *testing.T) {
				h := newHouse(t)
				ctx, complaints := anotherTab(browser, t, width, width == 820)
				journey(ctx, t, h, width)
				require.Empty(t, complaints())
			})
		}
	}
}

// The feed comes first and its start is kept until there is an account; then the page asks before anything old
// goes out.
func startsWithTheFeed(ctx context.Context, t *testing.T, h *house, width int64, choice, asks string,
	published, waiting int) {
	t.Helper()
	for n := range 5 {
		h.site.item(fmt.Sprintf("Post number %d of the harbour", n), fmt.Sprintf("p%*d.jpg", n+1, 0))
	}
	h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	h.run()
	enter(ctx, t, h.http.URL)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/feeds/new")))
	arrive(ctx, t, "", `input[name=address]`)
	require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`input[name=address]`, h.site.URL+"/feed.xml")))
	press(ctx, t, `button[formaction="/feeds/preview"]`, `input[value=`+choice+`]`)
	click(ctx, t, `input[value=`+choice+`]`)
	if choice == "last" {
		require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`input[name=last]`, "3")))
	}
	press(ctx, t, `.choice button.main`, `main > .notice`)
	require.Contains(t, text(ctx, t, `main > .notice`),
		"Nothing goes out before you connect an account. Postern then publishes")
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/accounts")))
	arrive(ctx, t, "", `form[action="/accounts"] input[name=access_token]`)
	require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`form[action="/accounts"] input[name=access_token]`, token)))
	press(ctx, t, `form[action="/accounts"] button.main`, `form[action="/accounts/1/start"]`)
	fits(ctx, t, fmt.Sprintf("start asked %d", width))
	accessible(ctx, t, "start asked")
	require.Contains(t, text(ctx, t, `.card`), asks)
	require.Empty(t, h.sim.Posts(""), "nothing old goes out before the owner said so")
	press(ctx, t, `form[action="/accounts/1/start"] button[value=publish]`, `main > .notice`)
	require.Eventually(t, func() bool {
		counts, err := h.store.CountStates(t.Context())
		return err == nil && counts[store.Published] == published && counts[store.Queued] == waiting
	}, time.Minute, 20*time.Millisecond)
	require.Len(t, h.sim.Posts(""), published)
}

// A caption that is edited goes out with Publish now, with and without script.
func editedCaptionIsPublished(ctx context.Context, t *testing.T, h *house, width int64) {
	h.furnish()
	h.set(func(s *store.Settings) { yes := true; s.Approve = &yes })
	h.run()
	enter(ctx, t, h.http.URL)
	for i, words := range []string{"Written with script.", "Written without."} {
		p := h.entry(fmt.Sprintf("Quay %d", i),
			store.Media{Type: store.Image, URL: fmt.Sprintf("%s/%*dquay.jpg", h.site.URL, i+1, i),
				Alt: "The quay at dawn"})
		h.reaches(p, store.Held)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
		arrive(ctx, t, "", `textarea[name=caption]`)
		fits(ctx, t, fmt.Sprintf("held publication %d", width))
		shown, err := chromedp.Run(ctx,
			chromedp.Evaluate[bool](`document.querySelector("button[hidden]").checkVisibility()`))
		require.NoError(t, err)
		require.False(t, shown, "the button that Enter presses is not shown")
		require.NoError(t, chromedp.Do(ctx, chromedp.SetValue(`textarea[name=caption]`, words)))
		press(ctx, t, `button[formaction$="/publish"]`, `main > .notice`)
		h.reaches(p, store.Published)
		require.Equal(t, words, h.sim.Posts("")[0].Caption)
		_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		require.NoError(t, err)
	}
}

// A text post is found by search, its reason is read, a picture is added on the site, and it goes out once.
func textPostGetsAPicture(ctx context.Context, t *testing.T, h *house, width int64) {
	h.furnish()
	h.run()
	h.words("Lighthouse keepers")
	enter(ctx, t, h.http.URL)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/posts")))
	arrive(ctx, t, "", `input[name=q]`)
	require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`input[name=q]`, "keepers")))
	press(ctx, t, `.filters button`, `section[aria-labelledby=left-out] a`)
	fits(ctx, t, fmt.Sprintf("skipped posts %d", width))
	accessible(ctx, t, "skipped posts")
	press(ctx, t, `section[aria-labelledby=left-out] a`, `#why`)
	fits(ctx, t, fmt.Sprintf("skipped post %d", width))
	accessible(ctx, t, "skipped post")
	require.Contains(t, text(ctx, t, `.next`), "No picture or video. Add a picture on the site.")
	h.posts[0].Decision, h.posts[0].Reason, h.posts[0].Media = store.Publish, reason.Reason{},
		[]store.Media{{Type: store.Image, URL: h.site.URL + "/keeper.jpg"}}
	for range 3 {
		h.save()
	}
	require.Eventually(t, func() bool { return len(h.sim.Posts("")) > 0 }, time.Minute, 20*time.Millisecond)
	h.save()
	arrive(ctx, t, "", `.rows`) // the page follows by itself
	require.Len(t, h.sim.Posts(""), 1)
}

// What is approved in quiet hours stays until they are over, and goes out then, once.
func approvedInQuietHours(ctx context.Context, t *testing.T, h *house, width int64) {
	h.furnish()
	now := time.Now().UTC()
	quiet := now.Add(-time.Hour).Format("15:04") + "-" + now.Add(2*time.Hour).Format("15:04")
	h.set(func(s *store.Settings) { yes := true; s.Approve, s.QuietHours = &yes, &quiet })
	h.run()
	p := h.entry("Quay", store.Media{Type: store.Image, URL: h.site.URL + "/quay.jpg", Alt: "The quay at dawn"})
	h.reaches(p, store.Held)
	enter(ctx, t, h.http.URL)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
	arrive(ctx, t, "", `button[formaction$="/approve"]`)
	press(ctx, t, `button[formaction$="/approve"]`, `main > .notice`)
	require.Eventually(t, func() bool { return h.state(p.ID).Reason.Code == reason.QuietHours }, time.Minute,
		20*time.Millisecond)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
	arrive(ctx, t, "", `.next time`)
	fits(ctx, t, fmt.Sprintf("approved in quiet hours %d", width))
	require.Regexp(t, "uiet hours until (\\d+ \\w+ )?"+now.Add(2*time.Hour).Format("15:04"), text(ctx, t, `.next`))
	require.Equal(t, store.Queued, h.state(p.ID).State)
	require.Empty(t, h.sim.Posts(""))

	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/accounts/1/settings")))
	arrive(ctx, t, "", `input[name=quiet_hours]`)
	require.NoError(t, chromedp.Do(ctx,
		chromedp.SetValue(`input[name=quiet_hours]`,
			now.Add(2*time.Hour).Format("15:04")+"-"+now.Add(3*time.Hour).Format("15:04"))))
	press(ctx, t, `form#settings button.main`, `main > .notice`)
	h.reaches(p, store.Published)
	require.Len(t, h.sim.Posts(""), 1)
}

// text is what a part of the page shows.
func text(ctx context.Context, t *testing.T, selector string) string {
	t.Helper()
	s, err := chromedp.Run(ctx,
		chromedp.Evaluate[string](
			fmt.Sprintf("document.querySelector(`%s`).innerText.replace(/\\s+/g, ' ')", selector)))
	require.NoError(t, err)
	return s
}
