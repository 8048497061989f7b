package web_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/store"
)

// chromium finds the browser. It is required where CI is set; elsewhere the test is left out without it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		require.FailNow(t, "Chromium is not installed; `apt-get install chromium` brings it")
	}
	t.Skip("left out: Chromium is not installed (`apt-get install chromium` brings it)")
	return ""
}

// window opens a tab and collects what its console complains about.
func window(t *testing.T, path string, width int64, dark bool) (context.Context, func() []string) {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true), chromedp.DisableGPU)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	var mu sync.Mutex
	var complaints []string
	say := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, s)
	}
	require.NoError(t, chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *log.EventEntryAdded:
			if ev.Entry.Level != log.EntryLevelVerbose { // hints on what password managers like
				say(ev.Entry.Text + " " + ev.Entry.URL)
			}
		case *runtime.EventConsoleAPICalled:
			say("console." + string(ev.Type))
		case *runtime.EventExceptionThrown:
			say(ev.ExceptionDetails.Text)
		}
	}))
	_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	_, err = chromedp.Call(ctx, runtime.Enable, cdp.Empty{})
	require.NoError(t, err)
	_, err = chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 844, DeviceScaleFactor: 1, Mobile: width < 600})
	require.NoError(t, err)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	require.NoError(t, err)
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return complaints
	}
}

// fits checks the page that is shown: nothing reaches over the edge, and every field has a name.
func fits(ctx context.Context, t *testing.T, where string) {
	t.Helper()
	over, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("body *")]
		.filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".unseen, .jump, .rows .file"))
		.map(e => e.tagName + "." + e.className).join(" ") + (document.documentElement.scrollWidth > document.documentElement.clientWidth ? " scrolls" : "")`))
	require.NoError(t, err)
	require.Empty(t, over, where)
	nameless, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("input:not([type=hidden]), textarea, button")]
		.filter(e => !(e.labels && e.labels.length) && !e.ariaLabel && !e.textContent.trim()).map(e => e.outerHTML).join(" ")`))
	require.NoError(t, err)
	require.Empty(t, nameless, where)
	if dir := os.Getenv("WEB_SCREENSHOTS"); dir != "" {
		png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(dir+"/web-"+strings.ReplaceAll(where, " ", "-")+".png", png, 0o600))
	}
}

func TestInABrowser(t *testing.T) {
	path := chromium(t)
	for _, c := range []struct {
		name  string
		width int64
		dark  bool
	}{{"phone", 390, true}, {"wide", 1280, false}} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, unset)
			h.connect()
			h.site.item("The quay at dawn", "quay.jpg")
			h.run()
			ctx, complaints := window(t, path, c.width, c.dark)
			do := func(actions ...chromedp.Action[chromedp.Void]) {
				t.Helper()
				require.NoError(t, chromedp.Do(ctx, actions...))
			}
			fits := func(where string) {
				t.Helper()
				fits(ctx, t, c.name+" "+where)
			}

			do(chromedp.Navigate(h.http.URL), chromedp.WaitVisible(`input[name=code]`))
			fits("setup")
			do(chromedp.SendKeys(`input[name=code]`, setupCode), chromedp.SendKeys(`input[name=password]`, password),
				chromedp.SendKeys(`input[name=again]`, password), chromedp.Click(`main button`), chromedp.WaitVisible(`.next`))
			fits("start")

			do(chromedp.Click(`nav a[href="/feeds"]`), chromedp.WaitVisible(`input[name=address]`),
				chromedp.SendKeys(`input[name=address]`, h.site.URL+"/feed.xml"), chromedp.Click(`input[value=all]`))
			fits("add feed")
			do(chromedp.Click(`.add button`), chromedp.WaitVisible(`.card`))
			fits("feeds")

			do(chromedp.Click(`nav a[href="/"]`), chromedp.WaitVisible(`.next`))
			fits("queue")
			require.Eventually(t, func() bool { return len(h.sim.Posts("")) == 1 && h.state(1).Permalink != "" }, time.Minute, 50*time.Millisecond)
			do(chromedp.Navigate(h.http.URL+"/"), chromedp.WaitVisible(`.grid img`))
			fits("published")
			do(chromedp.Click(`.grid .over`), chromedp.WaitVisible(`.history`))
			fits("publication")
			do(chromedp.Navigate(h.http.URL+"/accounts"), chromedp.WaitVisible(`.card`))
			fits("accounts")
			require.Empty(t, complaints())
		})
	}
}

// Long words, long addresses and every state, on the narrowest phone and on a wide window.
func TestCrowdedPagesFit(t *testing.T) {
	path := chromium(t)
	h := furnished(t)
	const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
	var pages []string
	prepared := func(name string) store.Item {
		src, err := url.Parse(h.site.URL + "/" + name)
		require.NoError(t, err)
		f, err := h.library.Prepare(t.Context(), src, media.Rules{Name: "feed"})
		require.NoError(t, err)
		require.NoError(t, h.store.SaveAsset(t.Context(), store.Asset{Name: f.Name(), Bytes: f.Bytes, Width: f.Width, Height: f.Height, SourceURL: f.SourceURL, Rules: f.Rules, Repairs: []string{"turned upright", "private metadata removed"}}))
		return store.Item{Position: 1, Type: store.Image, SourceURL: h.site.URL + "/" + name, Alt: "A boat on the evening sea", Asset: f.Name()}
	}
	for n, title := range []string{"Evening ferry", "Low tide", "Three gulls and a bollard", long, "Harbour lights"} {
		h.item = prepared(strings.Repeat("x", 3*n+1) + ".jpg")
		p := h.bring(h.entry(title), store.Published)
		if n == 0 {
			pages = append(pages, publicationPath(p))
		}
	}
	h.item = store.Item{}
	pages = append(pages, publicationPath(h.bring(h.entry("Fog over the lock"), store.Unconfirmed)))
	pages = append(pages, publicationPath(h.bring(h.entry(long, store.Media{Type: store.Image, URL: "https://blog.example.org/" + long + ".jpg"}, store.Media{Type: store.Video, URL: "https://blog.example.org/waves.mp4"}), store.Held)))
	pages = append(pages, publicationPath(h.bring(h.entry("A reel that was refused"), store.Failed)))
	h.bring(h.entry("Before all this"), store.Skipped)
	h.bring(h.entry("Ropes, drying"), store.Staged)
	h.entry("Sunday market")
	_, err := h.store.AddFeed(t.Context(), store.Feed{URL: "https://" + long + ".example.org/" + long + "/feed.xml"})
	require.NoError(t, err)
	require.NoError(t, h.store.SavePoll(t.Context(), store.Feed{ID: 2, Problem: "the server answers 404 at " + long, Failures: 3, NextPollAt: time.Now().Add(time.Hour), LastPolledAt: time.Now()}))
	_, err = h.store.UpdateAccount(t.Context(), h.account.ID, store.System, "", func(a *store.Account) error {
		yes := true
		a.Settings.Approve, a.TokenExpiresAt, a.Problem = &yes, time.Now().Add(9*24*time.Hour), "the token could not be refreshed since Monday"
		a.QuotaUsed, a.QuotaTotal, a.QuotaAt = 12, 100, time.Now()
		return nil
	})
	require.NoError(t, err)
	pages = append(pages, "/", "/feeds", "/accounts", "/feeds/2/remove", "/nothing")
	for _, c := range []struct {
		name  string
		width int64
		dark  bool
	}{{"crowded-phone", 320, false}, {"crowded-wide", 1280, true}} {
		ctx, complaints := window(t, path, c.width, c.dark)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL), chromedp.WaitVisible(`input[name=password]`),
			chromedp.SendKeys(`input[name=password]`, password), chromedp.Click(`main button`), chromedp.WaitVisible(`.next`)))
		for _, page := range pages {
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+page), chromedp.WaitVisible(`h1, h2`)))
			if page == "/accounts" {
				require.NoError(t, chromedp.Do(ctx, chromedp.Click(`form[action$="/check"] button`), chromedp.WaitVisible(`.findings`)))
			}
			fits(ctx, t, c.name+strings.ReplaceAll(page, "/", "-"))
		}
		for _, s := range complaints() {
			require.Contains(t, s, "/nothing", "a page that is not there is the only complaint")
		}
	}
}
