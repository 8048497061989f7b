package web_test

import (
	"context"
	_ "embed"
	"fmt"
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

	"postern/instagram/simulator"
	"postern/media"
	"postern/reason"
	"postern/store"
)

// chromium finds the browser. It is required where CI is set; elsewhere the test is left out without it.
func chromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("left out: a browser takes most of the time")
	}
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

// window opens a tab with cookies, storage and cache of its own, and collects what its console complains about.
func window(t *testing.T, path string, width int64, dark bool) (context.Context, func() []string) {
	t.Helper()
	return anotherTab(launch(t, path), t, width, dark)
}

// theBrowser is one for all tests of this package: starting it costs more than most tests do in it. TestMain ends it.
var theBrowser struct {
	sync.Mutex
	tabs context.Context // what tabs are opened in; nil: it was not started yet
	end  func()
}

// launch gives the browser and starts it for the first test that asks. Each test opens tabs of its own in it.
func launch(t *testing.T, path string) context.Context {
	t.Helper()
	theBrowser.Lock()
	defer theBrowser.Unlock()
	if theBrowser.tabs != nil {
		return theBrowser.tabs
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true), chromedp.DisableGPU)
	process, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	tabs, closeTabs := chromedp.NewContext(process)
	end := func() { closeTabs(); stop() }
	if err := chromedp.Do(tabs); err != nil {
		end()
		require.NoError(t, err)
	}
	theBrowser.tabs, theBrowser.end = tabs, end
	return tabs
}

// TestMain ends the browser, if there was one.
func TestMain(m *testing.M) {
	code := m.Run()
	if theBrowser.end != nil {
		theBrowser.end()
	}
	os.Exit(code)
}

// anotherTab opens one more tab of a browser, with cookies of its own, and closes it with the test. It has the
// keyboard's attention, as a browser's only tab has, whatever other tests do in theirs.
func anotherTab(browser context.Context, t *testing.T, width int64, dark bool) (context.Context, func() []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, 8*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled,
		emulation.SetFocusEmulationEnabledParams{Enabled: true})
	require.NoError(t, err)
	return watch(ctx, t, width, dark)
}

// watch gives a tab its size and colours, and collects what its console complains about.
func watch(ctx context.Context, t *testing.T, width int64, dark bool) (context.Context, func() []string) {
	t.Helper()
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
			// Hints on what password managers like, and that a test had begun to type before the page focused a field.
			if ev.Entry.Level != log.EntryLevelVerbose &&
				!strings.HasPrefix(ev.Entry.Text, "Autofocus processing was blocked") {
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
	_, err = chromedp.Call(ctx, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 844, DeviceScaleFactor: 1, Mobile: width < 600})
	require.NoError(t, err)
	colours(ctx, t, dark)
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return complaints
	}
}

// colours are what the visitor's system prefers.
func colours(ctx context.Context, t *testing.T, dark bool) {
	t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			// colours do not fade while they are judged
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
	require.NoError(t, err)
}

// fits checks the page that is shown: nothing reaches over the edge, every field has a name, and fingers find what they
// press on phones and tablets.
func fits(ctx context.Context, t *testing.T, where string) {
	t.Helper()
	over, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("body *")]
		.filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".unseen, .jump, .rows .file, .swipe, .word"))
		.map(e => e.tagName + "." + e.className).join(" ") + (document.documentElement.scrollWidth > document.documentElement.clientWidth ? " scrolls" : "")`))
	require.NoError(t, err)
	require.Empty(t, over, where)
	nameless, err := chromedp.Run(ctx,
		chromedp.Evaluate[string](`[...document.querySelectorAll("input:not([type=hidden]), textarea, button")]
		.filter(e => !(e.labels && e.labels.length) && !e.ariaLabel && !e.textContent.trim()).map(e => e.outerHTML).join(" ")`))
	require.NoError(t, err)
	require.Empty(t, nameless, where)
	small, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.clientWidth > 950 ? "" :
		[...document.querySelectorAll("button, .button, summary, select, .top a, input:not([type=hidden], [type=checkbox], [type=radio])")]
		.filter(e => e.checkVisibility() && !e.closest(".fold") && e.getBoundingClientRect().height < 43.5).map(e => e.getBoundingClientRect().height + " " + e.outerHTML.slice(0, 120)).join("\n")`))
	require.NoError(t, err)
	require.Empty(t, small, where)
	rows, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.clientWidth > 950 ? "" :
		[...document.querySelectorAll("input:is([type=checkbox], [type=radio])")].map(e => e.labels[0])
		.filter(e => e && e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.getBoundingClientRect().height + " " + e.outerHTML.slice(0, 120)).join("\n")`))
	require.NoError(t, err)
	require.Empty(t, rows, where)
	broken, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("main button, main .button")]
		.filter(e => e.checkVisibility() && e.textContent.trim().length < 16 && e.getBoundingClientRect().height > 56).map(e => e.outerHTML.slice(0, 120)).join("\n")`))
	require.NoError(t, err)
	require.Empty(t, broken, where)
	if dir := os.Getenv("WEB_SCREENSHOTS"); dir != "" {
		png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(dir+"/web-"+strings.NewReplacer(" ", "-", "/", "-").Replace(where)+".png",
			png, 0o600))
	}
}

//go:embed testdata/axe.min.js
var axe string

// accessible asks axe-core, which knows the rules of WCAG 2.2 AA, about the page in light and in dark.
func accessible(ctx context.Context, t *testing.T, where string) {
	t.Helper()
	_, err := chromedp.Run(ctx,
		chromedp.Evaluate[any](`if (!window.axe) { `+axe+
			` }; document.querySelectorAll("details").forEach(d => d.open = true); null`))
	require.NoError(t, err)
	for _, dark := range []bool{false, true} {
		colours(ctx, t, dark)
		violations(ctx, t, fmt.Sprintf("%s, dark %t", where, dark))
	}
}

func violations(ctx context.Context, t *testing.T, where string) {
	t.Helper()
	found, err := chromedp.Run(ctx,
		chromedp.Evaluate[string](
			`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => v.id + ": " + `+
				`v.nodes.map(n => n.html).join(" ")).join("\n"))`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	require.Empty(t, found, where)
}

// born tells pages apart, those of one address, too.
func born(ctx context.Context, t *testing.T) string {
	t.Helper()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String(performance.timeOrigin)"))
	require.NoError(t, err)
	return at
}

// arrive waits until another page than the one that is left is there as a whole, and shows what is looked for;
// left is "" where it may be the same. Not WaitVisible, which asks once and waits for the answer: a page that is
// left meanwhile may never give one.
func arrive(ctx context.Context, t *testing.T, left, selector string) {
	t.Helper()
	shown := fmt.Sprintf(
		"String(performance.timeOrigin) !== `%s` && document.readyState === 'complete' && "+
			"[...document.querySelectorAll(`%s`)].some(e => e.checkVisibility())", left, selector)
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](shown))
		return err == nil && ok
	}, 2*time.Minute, 50*time.Millisecond, selector)
}

// click does so as soon as there is something to click on that nothing covers. In one step of the page, unlike
// chromedp's Click, which asks where something is and then clicks there: a picture that comes in between moves it
// away, and a part that is read again replaces it.
func click(ctx context.Context, t *testing.T, selector string) {
	t.Helper()
	js := fmt.Sprintf(`(e => {
		if (!e || !e.checkVisibility()) return "not there";
		e.scrollIntoView({block: "center"});
		const r = e.getClientRects()[0];
		const there = r && document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
		if (!there) return "outside of the window";
		if (!e.contains(there) && !there.contains(e) && !(e.labels && [...e.labels].some(l => l.contains(there)))) return "covered by " + there.outerHTML.slice(0, 80);
		e.click();
		return "";
	})(document.querySelector(%s))`, "`"+selector+"`")
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		wrong, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
		require.NoError(t, err, selector)
		if wrong == "" {
			return
		}
		require.True(t, time.Now().Before(end), "%s: %s", selector, wrong)
	}
}

// press clicks on what leads to another page, and waits for that one.
func press(ctx context.Context, t *testing.T, selector, then string) {
	t.Helper()
	left := born(ctx, t)
	click(ctx, t, selector)
	arrive(ctx, t, left, then)
}

// enter logs in.
func enter(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(address),
		chromedp.SendKeys(`input[name=password]`, password)))
	press(ctx, t, `main button`, `nav`)
}

// unfold opens a part of a page, if it is not open already: what asks for its owner is.
func unfold(ctx context.Context, t *testing.T, details string) {
	t.Helper()
	isOpen, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.querySelector(`%s`).open", details)))
	require.NoError(t, err)
	if !isOpen {
		click(ctx, t, details+` > summary`)
	}
	arrive(ctx, t, "", details+`[open]`)
}

// TestFirstRunInABrowser goes from an empty database to a post on the profile, by the pages alone, and through what may
// happen then.
func TestFirstRunInABrowser(t *testing.T) {
	path := chromium(t)
	for _, c := range []struct {
		name   string
		width  int64
		dark   bool
		script bool
	}{{"phone", 390, true, true}, {"wide", 1280, false, false}} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, unset)
			who := h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
			h.site.item("The quay at dawn", "quay.jpg")
			h.site.item("Low tide", "tide.jpg")
			h.run()
			ctx, complaints := window(t, path, c.width, c.dark)
			if !c.script {
				_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
					emulation.SetScriptExecutionDisabledParams{Value: true})
				require.NoError(t, err)
			}
			do := func(actions ...chromedp.Action[chromedp.Void]) {
				t.Helper()
				require.NoError(t, chromedp.Do(ctx, actions...))
			}
			press := func(selector, then string) { t.Helper(); press(ctx, t, selector, then) }
			visit := func(path, selector string) {
				t.Helper()
				do(chromedp.Navigate(h.http.URL + path))
				arrive(ctx, t, "", selector)
			}
			seen := func(where string) {
				t.Helper()
				fits(ctx, t, c.name+" "+where)
				if c.script {
					accessible(ctx, t, where)
					colours(ctx, t, c.dark)
				}
			}
			until := func(want store.State, id int64) {
				t.Helper()
				require.Eventually(t, func() bool { return h.state(id).State == want }, 2*time.Minute,
					50*time.Millisecond, "publication %d", id)
			}

			// Password, feed, preview, account.
			visit("", `input[name=code]`)
			seen("setup")
			do(chromedp.SendKeys(`input[name=code]`, setupCode), chromedp.SendKeys(`input[name=password]`, password),
				chromedp.SendKeys(`input[name=again]`, password))
			press(`main button`, `.steps`)
			seen("start")
			press(`.steps a[href="/feeds/new"]`, `input[name=address]`)
			do(chromedp.SendKeys(`input[name=address]`, h.site.URL+"/feed.xml"))
			press(`button[formaction="/feeds/preview"]`, `.grid .pic img`)
			seen("preview")
			click(ctx, t, `input[value=all]`)
			press(`.choice button.main`, `.card`)
			seen("feeds")
			visit("/accounts", `input[name=app_id]`)
			do(chromedp.SendKeys(`form[action="/accounts"] input[name=app_id]`, "990602627938098"),
				chromedp.SendKeys(`form[action="/accounts"] input[name=app_secret]`, appSecret),
				chromedp.SendKeys(`form[action="/accounts"] input[name=access_token]`, token))
			press(`form[action="/accounts"] button.main`, `.card`)
			seen("accounts")
			press(`form[action="/accounts/1/start"] button[value=publish]`, `main > .notice`) // the feed said all
			until(store.Published, 1)
			until(store.Published, 2)

			// A new post is approved, with other words.
			press(`form[action$="/approve"] button`, `main > .notice`)
			h.site.item("Nobody about", "nobody.jpg")
			visit("/feeds", `.card`)
			press(`form[action="/feeds/1/poll"] button`, `main > .notice`)
			until(store.Held, 3)
			visit("/", `section[aria-labelledby=needs] .rows`)
			seen("home")
			press(`section[aria-labelledby=needs] .head a`, `textarea[name=caption]`)
			do(chromedp.SetValue(`textarea[name=caption]`, "Nobody about, and the light is going."))
			press(`#edit button[formaction$="/caption"]`, `main > .notice`)
			do(chromedp.SetValue(`textarea[name="alt-0"]`, "An empty pier"))
			press(`#edit button[formaction$="/media"]`, `main > .notice`)
			seen("publication")
			if c.script {
				// The page follows by itself.
				press(`button[formaction$="/publish"]`, `.facts .badge.good`)
			} else {
				press(`button[formaction$="/publish"]`, `main > .notice`)
				until(store.Published, 3)
				visit("/publications/3", `.facts .badge.good`)
			}
			require.Equal(t, "Nobody about, and the light is going.", h.state(3).Caption)
			require.Equal(t, "An empty pier", h.state(3).Items[0].Alt)
			posts := h.sim.Posts("")
			require.Len(t, posts, 3)
			seen("published")

			// One is refused, mended, and tried again.
			h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Reply: simulator.UnsupportedVideo,
				Times: simulator.Forever})
			h.site.item("Refused at first", "refused.jpg")
			require.NoError(t, h.store.MakeFeedsDue(t.Context()))
			require.NoError(t, h.poller.PollDue(t.Context()))
			until(store.Held, 4)
			visit("/publications/4", `button[formaction$="/publish"]`)
			press(`button[formaction$="/publish"]`, `main > .notice`)
			until(store.Failed, 4)
			h.sim.ClearFaults()
			visit("/publications/4", `.history .meta`)
			seen("failed")
			press(`form[action$="/retry"] button`, `main > .notice`)
			until(store.Published, 4)

			// The token dies, and another one is pasted.
			h.sim.RevokeTokens(who.UserID)
			visit("/accounts", `.card`)
			press(`form[action$="/check"] button`, `main > .notice.bad`)
			h.sim.AddAccount(simulator.Account{Username: "harbour", Token: "IGAA-another-token"})
			visit("/accounts", `.card`)
			unfold(ctx, t, `.card > details`)
			do(chromedp.SendKeys(`form[action$="/reconnect"] input[name=access_token]`, "IGAA-another-token"))
			press(`form[action$="/reconnect"] button.main`, `main > .notice:not(.bad)`)
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
		require.NoError(t, h.store.SaveAsset(t.Context(),
			store.Asset{Name: f.Name(), Bytes: f.Bytes, Width: f.Width, Height: f.Height, SourceURL: f.SourceURL,
				Rules: f.Rules, Repairs: []string{"turned upright", "private metadata removed"}}))
		return store.Item{Position: 1, Type: store.Image, SourceURL: h.site.URL + "/" + name,
			Alt: "A boat on the evening sea", Asset: f.Name()}
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
	pages = append(pages,
		publicationPath(h.bring(h.entry(long,
			store.Media{Type: store.Image, URL: "https://blog.example.org/" + long + ".jpg"},
			store.Media{Type: store.Video, URL: "https://blog.example.org/waves.mp4"}), store.Held)))
	pages = append(pages, publicationPath(h.bring(h.entry("A reel that was refused"), store.Failed)))
	h.bring(h.entry("Before all this"), store.Skipped)
	h.bring(h.entry("Ropes, drying"), store.Staged)
	h.entry("Sunday market")
	_, err := h.store.AddFeed(t.Context(), store.Feed{URL: "https://" + long + ".example.org/" + long + "/feed.xml"})
	require.NoError(t, err)
	require.NoError(t, h.store.SavePoll(t.Context(),
		store.Feed{ID: 2, Problem: reason.Text("the server answers 404 at " + long), Failures: 3,
			NextPollAt: time.Now().Add(time.Hour), LastPolledAt: time.Now()}))
	_, err = h.store.UpdateAccount(t.Context(), h.account.ID, store.System, "", func(a *store.Account) error {
		yes := true
		a.Settings.Approve, a.TokenExpiresAt, a.Problem = &yes, time.Now().Add(9*24*time.Hour),
			reason.Text("the token could not be refreshed since Monday")
		a.QuotaUsed, a.QuotaTotal, a.QuotaAt = 12, 100, time.Now()
		return nil
	})
	require.NoError(t, err)
	pages = append(pages, "/", "/posts", "/posts?q=nothing", "/feeds", "/feeds/new", "/accounts",
		"/accounts/1/settings", "/activity", "/notices", "/settings", "/help/instagram", "/help/states", "/schedule",
		"/feeds/2/remove",
		"/accounts/1/remove", "/accounts/1/settings?feed=1", "/activity?q=nothing", "/nothing")
	for _, c := range []struct {
		name  string
		width int64
		dark  bool
	}{{"crowded-phone", 320, false}, {"crowded-wide", 1280, true}} {
		ctx, complaints := window(t, path, c.width, c.dark)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL),
			chromedp.WaitVisible(`input[name=password]`)))
		accessible(ctx, t, c.name+"/login")
		enter(ctx, t, h.http.URL)
		for _, page := range pages {
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+page), chromedp.WaitVisible(`h1, h2`)))
			if page == "/accounts" {
				press(ctx, t, `form[action$="/check"] button`, `.findings`)
			}
			fits(ctx, t, c.name+strings.NewReplacer("/", "-", "?", "-").Replace(page))
			accessible(ctx, t, c.name+page)
		}
		for _, s := range complaints() {
			require.Contains(t, s, "/nothing", "a page that is not there is the only complaint")
		}
	}
}

// The style guide shows parts in states that other pages seldom have.
func TestStyleGuideInABrowser(t *testing.T) {
	path := chromium(t)
	h := newHouse(t, opened)
	for _, c := range []struct {
		width int64
		dark  bool
	}{{390, true}, {1280, false}} {
		ctx, complaints := window(t, path, c.width, c.dark)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/styleguide"), chromedp.WaitReady(`main`)))
		fits(ctx, t, "styleguide")
		accessible(ctx, t, "styleguide")
		require.Empty(t, complaints())
	}
}

// Whoever looks from elsewhere sees their own clock; without a script the server's stands there, with its name.
func TestInstantsAreShownByTheClockOfWhoeverLooks(t *testing.T) {
	path := chromium(t)
	h := furnished(t, opened)
	h.bring(h.entry("Quay"), store.Held)
	for _, script := range []bool{true, false} {
		ctx, complaints := window(t, path, 1280, false)
		// UTC+5:45, all year
		_, err := chromedp.Call(ctx, emulation.SetTimezoneOverride,
			emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Kathmandu"})
		require.NoError(t, err)
		_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: !script})
		require.NoError(t, err)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/activity"),
			chromedp.WaitReady(`.history time`)))
		texts := func(of string) string {
			text, err := chromedp.Run(ctx,
				chromedp.Evaluate[string]("(e => "+of+")(document.querySelector('.history time'))"))
			require.NoError(t, err)
			return text
		}
		at, err := time.Parse(time.RFC3339, texts("e.dateTime"))
		require.NoError(t, err)
		if script {
			there := at.In(time.FixedZone("", (5*60+45)*60))
			require.Contains(t, texts("e.querySelector('.at').textContent"), there.Format("15:04"))
			require.NotContains(t, texts("e.textContent"), at.Local().Format("MST"))
			require.Contains(t, texts("e.title"), there.Format("15:04:05"))
			require.Contains(t, texts("e.title"), "+05:45")
		} else {
			require.Contains(t, texts("e.querySelector('.at').textContent"), at.Local().Format("15:04 MST"))
			require.Contains(t, texts("e.title"), at.Local().Format("15:04:05 MST"))
		}
		require.Empty(t, complaints())
	}
}
