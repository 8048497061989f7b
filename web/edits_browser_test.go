package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/store"
)

// A caption that is edited goes out with Publish now, with and without script, at every width.
func TestEditedCaptionIsPublishedInABrowser(t *testing.T) {
	path := chromium(t)
	for _, c := range []struct {
		width  int64
		script bool
	}{{390, true}, {820, false}, {1440, true}} {
		t.Run(fmt.Sprintf("%d", c.width), func(t *testing.T) {
			h := furnished(t)
			yes := true
			_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "", func(a *store.Account) error { a.Settings.Approve = &yes; return nil })
			require.NoError(t, err)
			h.run()
			p := h.entry("Quay", store.Media{Type: store.Image, URL: h.site.URL + "/quay.jpg", Alt: "The quay at dawn"})
			h.options.Publisher.Kick()
			require.Eventually(t, func() bool { return h.state(p.ID).State == store.Held }, time.Minute, 20*time.Millisecond)
			ctx, complaints := window(t, path, c.width, false)
			if !c.script {
				_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
				require.NoError(t, err)
			}
			enter(ctx, t, h.http.URL)
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
			arrive(ctx, t, "", `textarea[name=caption]`)
			fits(ctx, t, fmt.Sprintf("held publication %d", c.width))
			shown, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector("button[hidden]").checkVisibility()`))
			if c.script {
				require.NoError(t, err)
				require.False(t, shown, "the button that Enter presses is not shown")
			}
			require.NoError(t, chromedp.Do(ctx, chromedp.SetValue(`textarea[name=caption]`, "Written on the page.")))
			press(ctx, t, `button[formaction$="/publish"]`, `main > .notice`)
			require.Eventually(t, func() bool { return h.state(p.ID).State == store.Published }, time.Minute, 20*time.Millisecond)
			require.Equal(t, "Written on the page.", h.sim.Posts("")[0].Caption)
			require.Empty(t, complaints())
		})
	}
}

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
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!window.dispatchEvent(new Event("beforeunload", {cancelable: true}))`))
		require.NoError(t, err)
		return ok
	}
	require.False(t, warns())
	require.NoError(t, chromedp.Do(ctx, chromedp.SetValue(`textarea[name=caption]`, "Typed")))
	require.True(t, warns())
}
