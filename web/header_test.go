package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/reason"
)

// The header stays on one line from the width on at which it stands at the top.
func TestHeaderIsOneLine(t *testing.T) {
	path := chromium(t)
	h := furnished(t)
	_, err := h.acc.Failed(t.Context(), h.account,
		instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("The password was changed.")})
	require.NoError(t, err)
	require.NoError(t, h.options.Notices.Refresh(t.Context()))
	for _, width := range []int64{768, 820, 880, 940, 960, 1440} {
		ctx, _ := window(t, path, width, false)
		enter(ctx, t, h.http.URL)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/feeds"), chromedp.WaitVisible(`.top nav`)))
		fits(ctx, t, fmt.Sprint("header-", width))
		tops, err := chromedp.Run(ctx,
			chromedp.Evaluate[[]float64](
				`[...document.querySelectorAll(".top nav a, .top .aside a")].map(a => { const r = `+
					`a.getBoundingClientRect(); return Math.round((r.top + r.bottom) / 2) })`))
		require.NoError(t, err)
		require.Greater(t, len(tops), 6)
		for _, middle := range tops {
			require.InDelta(t, tops[0], middle, 4, "%d px: %v", width, tops)
		}
		heights, err := chromedp.Run(ctx,
			chromedp.Evaluate[float64](
				`Math.max(...[...document.querySelectorAll(".top nav a, .top .aside a")].map(a => `+
					`a.getBoundingClientRect().height))`))
		require.NoError(t, err)
		require.Less(t, heights, 48.0, "%d px", width)
	}
}
