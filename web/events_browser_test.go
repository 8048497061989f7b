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
