package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/store"
)

var hookSecret = regexp.MustCompile(`whsec_[A-Za-z0-9+/]+=*`)

func TestWebhookPage(t *testing.T) {
	h := furnished(t)
	var status atomic.Int32
	var body atomic.Value
	status.Store(204)
	build := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body.Store(string(b))
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(build.Close)
	const key = "key-of-the-build-4711"
	address := build.URL + "/hooks/" + key + "?token=another-0815"
	b := h.owner()
	page := fmt.Sprintf("/accounts/%d/webhook", h.account.ID)
	require.Equal(t, page, b.get("/accounts").Find(`a[href$="/webhook"]`).AttrOr("href", ""))
	form := func(action string) string { return `form[action="` + page + action + `"]` }

	p := b.get(page)
	require.Contains(t, p.text("main"), "Postern notifies nobody.")
	p = p.submit(form(""), url.Values{"address": {"http://build.example.org/" + key}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.notice(), "Nothing was saved: a webhook's address begins with https://")
	p = b.get(page).submit(form(""), url.Values{"address": {address}})
	require.Contains(t, p.notice(), "Postern notifies 127.0.0.1 when a post is live")
	shown := p.Body

	p = p.submit(form("/test"), nil)
	require.Equal(t, "127.0.0.1 answered 204.", strings.TrimSpace(p.notice()))
	require.Contains(t, body.Load(), `"event":"test"`)
	status.Store(500)
	p = p.submit(form("/test"), nil)
	require.Contains(t, p.notice(), "The test did not arrive: 127.0.0.1 answered 500 (Internal Server Error).")
	require.Contains(t, p.text("main"), "The last message did not arrive")
	shown += p.Body

	p = p.submit(form("/secret"), nil)
	require.Equal(t, http.StatusOK, p.Status)
	require.Equal(t, "no-store", p.Header.Get("Cache-Control"))
	secret := hookSecret.FindString(p.Body)
	require.NotEmpty(t, secret)
	w, err := h.store.Webhook(t.Context(), h.account.ID, 0)
	require.NoError(t, err)
	kept, err := h.options.Webhooks.Secret(w)
	require.NoError(t, err)
	require.Equal(t, kept.Reveal(), secret)
	fresh := hookSecret.FindString(b.post(page+"/secret", url.Values{"new": {"yes"}}).Body)
	require.NotEmpty(t, fresh)
	require.NotEqual(t, secret, fresh)
	p = b.get(page)
	shown += p.Body + b.get("/activity").Body + b.get("/accounts").Body

	// A feed says something else, and takes it back.
	of := fmt.Sprintf("?feed=%d", h.feed.ID)
	p = b.get(page + of)
	require.Contains(t, p.text("main"), "As for every feed: 127.0.0.1")
	require.Equal(t, http.StatusNotFound, b.post(page+"/test"+of, nil).Status, "it is the account's")
	p = b.post(page+of, url.Values{"off": {"yes"}})
	require.Contains(t, p.text("main"), "Postern notifies nobody.")
	_, found, err := h.store.WebhookFor(t.Context(), h.account.ID, h.feed.ID)
	require.NoError(t, err)
	require.False(t, found)
	p = p.submit(form("/remove"+of), nil)
	require.Contains(t, p.text("main"), "As for every feed: 127.0.0.1")
	shown += p.Body
	p = b.get(page).submit(form("/remove"), nil)
	require.Contains(t, p.text("main"), "Postern notifies nobody.")
	require.Equal(t, http.StatusNotFound, b.get(page+"?feed=99").Status)
	require.Equal(t, http.StatusNotFound, b.get("/accounts/99/webhook").Status)

	for _, s := range []string{key, "another-0815", secret, fresh} {
		require.NotContains(t, shown, s)
		require.NotContains(t, h.log.String(), s)
	}
	stranger := h.stranger()
	require.Equal(t, "/login", stranger.get(page).Path)
	require.NotRegexp(t, hookSecret, stranger.post(page+"/secret", nil).Body)
}

func TestWebhookPageInABrowser(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	for _, width := range []int64{390, 1280} {
		ctx, complaints := window(t, path, width, false)
		page := fmt.Sprintf("%s/accounts/%d/webhook", h.http.URL, h.account.ID)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(page),
			chromedp.SendKeys(`[name=address]`, h.site.URL+"/a-rather-long-path")))
		press(ctx, t, `details.add button.main`, `form[action$="/secret"] button`)
		press(ctx, t, `form[action$="/secret"] button`, `.notice code`)
		fits(ctx, t, "webhook")
		accessible(ctx, t, "webhook")
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(page+fmt.Sprintf("?feed=%d", h.feed.ID)),
			chromedp.WaitVisible(`details.add summary`)))
		fits(ctx, t, "webhook of a feed")
		accessible(ctx, t, "webhook of a feed")
		require.Empty(t, complaints())
		require.NoError(t, h.store.RemoveWebhook(t.Context(), h.account.ID, 0, store.Visitor))
	}
}
