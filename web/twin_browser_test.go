package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// On a phone, the first screen holds the question, both pictures and both answers.
func TestTwinQuestionIsOnTheFirstScreen(t *testing.T) {
	path := chromium(t)
	h := furnished(t)
	p, _ := h.twins(strings.Repeat("Many words about the harbour. ", 40))
	ctx, complaints := window(t, path, 390, false)
	enter(ctx, t, h.http.URL)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
	arrive(ctx, t, "", `#twin`)
	type box struct{ Top, Bottom, Left, Right float64 }
	boxes := func(selector string) []box {
		all, err := chromedp.Run(ctx,
			chromedp.Evaluate[[]box](`[...document.querySelectorAll("section[aria-labelledby=twin] `+selector+
				`")].map(e => {
			const r = e.getBoundingClientRect(); return {Top: r.top, Bottom: r.bottom, Left: r.left, Right: r.right}})`))
		require.NoError(t, err)
		return all
	}
	pictures, answers := boxes(".pic"), boxes("button")
	require.Len(t, pictures, 2)
	require.Len(t, answers, 3)
	for _, b := range append(append(boxes("h2"), pictures...), answers...) {
		require.Greater(t, b.Top, 0.0)
		require.Greater(t, b.Bottom, b.Top)
		require.LessOrEqual(t, b.Bottom, 844.0-70, "above the bar: %+v", b)
	}
	require.InDelta(t, pictures[0].Top, pictures[1].Top, 1, "side by side")
	require.LessOrEqual(t, pictures[0].Right, pictures[1].Left)
	fits(ctx, t, "the question")
	accessible(ctx, t, "the question")
	require.Empty(t, complaints())
}
