package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A proxy in front may answer for Postern, with a page of its own, while that one starts again.
func TestAProxysErrorStaysOutOfThePage(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	target, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	watched := make(chan struct{})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/events" {
			httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
			return
		}
		select {
		case <-watched:
		case <-r.Context().Done():
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><body><h1>502 of the proxy</h1></body></html>"))
	}))
	t.Cleanup(proxy.Close)
	ctx, _ := window(t, path, 1280, false)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(proxy.URL+"/")))
	_, err = chromedp.Run(ctx, chromedp.Evaluate[any](`window.done = new Promise(r => document.addEventListener("htmx:finally:request", () => r(true))); null`))
	require.NoError(t, err)
	close(watched)
	_, err = chromedp.Run(ctx, chromedp.Evaluate[any](`window.done`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	require.NoError(t, err)
	require.Contains(t, text, "Postern")
	require.NotContains(t, text, "502 of the proxy")
}
