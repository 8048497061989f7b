package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// A proxy in front may answer for Postern, with a page of its own, while that one starts again: the page that is open
// keeps its content, and watches as soon as there is something to watch.
func TestAProxysErrorStaysOutOfThePage(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	target, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	postern := httputil.NewSingleHostReverseProxy(target)
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/events" || asked.Add(1) > 1 {
			postern.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><body><h1>502 of the proxy</h1></body></html>"))
	}))
	t.Cleanup(proxy.Close)
	ctx, _ := window(t, path, 1280, false)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(proxy.URL+"/")))
	require.Eventually(t, func() bool {
		watches, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!document.querySelector("#events")._htmx?.sse`))
		return err == nil && watches
	}, 2*time.Minute, 100*time.Millisecond, "the page never asked again")
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	require.NoError(t, err)
	require.Contains(t, text, "Postern")
	require.NotContains(t, text, "502 of the proxy")
	require.Greater(t, asked.Load(), int64(1))
}

// What happens while a page is on its way to its stream, or the stream is broken off, is shown as soon as there is one.
func TestAPageMissesNothingBetweenItsStreams(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	p := h.bring(h.entry("Quay"), store.Held)
	target, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	postern := httputil.NewSingleHostReverseProxy(target)
	allowed, cut := make(chan struct{}, 10), make(chan struct{})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			select {
			case <-allowed:
			case <-r.Context().Done():
				return
			}
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			go func() {
				select {
				case <-cut:
					cancel()
				case <-ctx.Done():
				}
			}()
			r = r.WithContext(ctx)
		}
		postern.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	t.Cleanup(proxy.CloseClientConnections)
	ctx, _ := window(t, path, 1280, false)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(proxy.URL+publicationPath(p))))
	says := func(words string) {
		t.Helper()
		require.Eventually(t, func() bool {
			text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("#live").textContent`))
			return err == nil && strings.Contains(text, words)
		}, time.Minute, 100*time.Millisecond, words)
	}
	hold := func(why string) {
		t.Helper()
		var err error
		p, err = h.store.Advance(t.Context(), h.state(p.ID), store.Change{To: store.Held, Reason: reason.Text(why)})
		require.NoError(t, err)
	}
	hold("one thing came between")
	allowed <- struct{}{}
	says("ne thing came between")
	cut <- struct{}{}
	hold("another thing came between")
	allowed <- struct{}{}
	says("nother thing came between")
}

// What a page shows after an event is whole and of one moment: fields, buttons and the last notice go when the post has
// gone out, and a caption that was being typed then stays in sight. While it can be saved, nothing takes it out of its
// field.
func TestAPageIsWholeAfterAnEvent(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	p := h.bring(h.entry("Quay"), store.Held)
	ctx, _ := window(t, path, 820, false)
	enter := func() {
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
		arrive(ctx, t, "", `textarea[name=caption]`)
	}
	evaluate := func(js string) bool {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js))
		return err == nil && ok
	}
	shows := func(js string) {
		t.Helper()
		require.Eventually(t, func() bool { return evaluate(js) }, time.Minute, 50*time.Millisecond, js)
	}
	advance := func(to store.State, c store.Change) {
		t.Helper()
		c.To = to
		var err error
		p, err = h.store.Advance(t.Context(), h.state(p.ID), c)
		require.NoError(t, err)
	}
	enter()
	left := born(ctx, t)
	require.NoError(t, chromedp.Do(ctx, chromedp.SetValue(`textarea[name=caption]`, "A caption of mine")))
	press(ctx, t, `button[formaction$="/caption"]`, `main > .notice`)
	arrive(ctx, t, left, `main > .notice`)
	shows(`document.querySelector("main > .notice").innerText.includes("Caption saved")`)
	shows(`!!document.querySelector("#events")._htmx?.sse`)
	require.NoError(t, chromedp.Do(ctx, chromedp.SetValue(`textarea[name=caption]`, "Typed <i>since</i>")))

	advance(store.Held, store.Change{Reason: reason.Text("one thing came between")})
	shows(`document.querySelector("#live").innerText.includes("ne thing came between")`)
	require.True(t, evaluate(`document.querySelector("textarea[name=caption]").value === "Typed <i>since</i>"`))
	require.True(t, evaluate(`document.querySelector("main > .notice").innerText.includes("Caption saved")`))

	advance(store.Queued, store.Change{DueAt: time.Now().Add(time.Hour)})
	shows(`document.querySelector(".facts").innerText.includes("waiting")`)
	require.True(t, evaluate(`document.querySelector("textarea[name=caption]").value === "Typed <i>since</i>"`))
	shows(`!document.querySelector("main > .notice:not([hidden])")`)
	require.True(t, evaluate(`document.querySelector("#edit").elements.state.value === "queued"`))

	p = h.bring(h.state(p.ID), store.Published)
	shows(`document.querySelector(".facts").innerText.includes("published")`)
	shows(`!document.querySelector("#edit, textarea, #live button")`)
	shows(`document.querySelector("#typed").innerText.includes("Typed <i>since</i>")`)
	shows(`document.querySelector("#fields .caption").innerText === "As it was sent"`)
}

// Fields come back with the buttons around them when a post can be edited again.
func TestFieldsComeBackWithTheirButtons(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	p := h.bring(h.entry("Quay"), store.Staged)
	ctx, _ := window(t, path, 820, false)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+publicationPath(p))))
	shows := func(js string) {
		t.Helper()
		require.Eventually(t, func() bool {
			ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js))
			return err == nil && ok
		}, time.Minute, 50*time.Millisecond, js)
	}
	shows(`!!document.querySelector("#events")?._htmx?.sse && !document.querySelector("#edit")`)
	_, err := h.store.Advance(t.Context(), h.state(p.ID),
		store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	shows(`!!document.querySelector("#fields textarea[name=caption]")`)
	shows(`[...document.querySelectorAll("#live .actions button")].every(b => b.form) && ` +
		`!!document.querySelector("#live .actions button")`)
}
