package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/store"
)

// Enter in a field saves: it neither publishes nor approves.
func TestEnterInAFieldSaves(t *testing.T) {
	path := chromium(t)
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Held)
	ctx, _ := window(t, path, 820, false)
	enter(ctx, t, h.http.URL)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
	arrive(ctx, t, "", `input[name="place-0"]`)
	left := born(ctx, t)
	require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys(`input[name="place-0"]`, "\r")))
	arrive(ctx, t, left, `main > .notice`)
	require.Equal(t, store.Held, h.state(p.ID).State)
}

// Leaving with unsaved edits asks first.
func TestLeavingWithEditsWarns(t *testing.T) {
	path := chromium(t)
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Held)
	ctx, _ := window(t, path, 820, false)
	enter(ctx, t, h.http.URL)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
	arrive(ctx, t, "", `textarea[name=caption]`)
	warns := func() bool {
		ok, err := chromedp.Run(ctx,
			chromedp.Evaluate[bool](`!window.dispatchEvent(new Event("beforeunload", {cancelable: true}))`))
		require.NoError(t, err)
		return ok
	}
	require.False(t, warns())
	require.NoError(t, chromedp.Do(ctx, chromedp.SetValue(`textarea[name=caption]`, "Typed")))
	require.True(t, warns())
}
