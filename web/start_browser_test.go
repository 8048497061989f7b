package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// The feed comes first and its start is kept until there is an account; then the page asks before anything old goes out.
func TestTheStartOfAFeedWaitsForItsAccountInABrowser(t *testing.T) {
	path := chromium(t)
	for _, c := range []struct {
		width     int64
		choice    string
		asks      string
		published int
		waiting   int
	}{
		{390, "daily", "5 posts will be published, one a day, from today", 1, 4},
		{820, "last", "3 posts will be published, from today", 3, 0},
		{1440, "daily", "5 posts will be published, one a day, from today", 1, 4},
	} {
		t.Run(fmt.Sprintf("%d %s", c.width, c.choice), func(t *testing.T) {
			h := newHouse(t)
			for n := range 5 {
				h.site.item(fmt.Sprintf("Post number %d of the harbour", n), fmt.Sprintf("p%*d.jpg", n+1, 0))
			}
			h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
			h.run()
			ctx, complaints := window(t, path, c.width, false)
			enter(ctx, t, h.http.URL)
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/feeds/new")))
			arrive(ctx, t, "", `input[name=address]`)
			require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`input[name=address]`, h.site.URL+"/feed.xml")))
			press(ctx, t, `button[formaction="/feeds/preview"]`, `input[value=`+c.choice+`]`)
			click(ctx, t, `input[value=`+c.choice+`]`)
			if c.choice == "last" {
				require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`input[name=last]`, "3")))
			}
			press(ctx, t, `.choice button.main`, `main > .notice`)
			said := text(ctx, t, `main > .notice`)
			require.Contains(t, said, "Nothing goes out before an account is connected. The start stays:")
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/accounts")))
			arrive(ctx, t, "", `form[action="/accounts"] input[name=access_token]`)
			require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`form[action="/accounts"] input[name=access_token]`, token)))
			press(ctx, t, `form[action="/accounts"] button.main`, `form[action="/accounts/1/start"]`)
			fits(ctx, t, fmt.Sprintf("start asked %d", c.width))
			accessible(ctx, t, "start asked")
			require.Contains(t, text(ctx, t, `.card`), c.asks)
			require.Empty(t, h.sim.Posts(""), "nothing old goes out before the owner said so")
			press(ctx, t, `form[action="/accounts/1/start"] button[value=publish]`, `main > .notice`)
			require.Eventually(t, func() bool { return len(h.sim.Posts("")) == c.published }, time.Minute, 20*time.Millisecond)
			require.Eventually(t, func() bool {
				counts, err := h.store.CountStates(t.Context())
				return err == nil && counts[store.Published] == c.published && counts[store.Queued] == c.waiting
			}, time.Minute, 20*time.Millisecond)
			require.Empty(t, complaints())
		})
	}
}

// text is what a part of the page shows.
func text(ctx context.Context, t *testing.T, selector string) string {
	t.Helper()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(`%s`).innerText.replace(/\\s+/g, ' ')", selector)))
	require.NoError(t, err)
	return s
}
