package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// keyboard is somebody without a mouse.
type keyboard struct {
	t   *testing.T
	ctx context.Context
}

// mostStops is more than any page of the tests has.
const mostStops = 150

func (k keyboard) eval(js string) string {
	k.t.Helper()
	s, err := chromedp.Run(k.ctx, chromedp.Evaluate[string](js))
	require.NoError(k.t, err)
	return s
}

func (k keyboard) press(keys string) {
	k.t.Helper()
	require.NoError(k.t, chromedp.Do(k.ctx, chromedp.KeyEvent(keys)))
}

// stop looks at what has the focus: what it is, and what is wrong with how that is shown. It may be covered by
// nothing but itself, and its outline must be one that is seen.
func (k keyboard) stop() (what, wrong string) {
	k.t.Helper()
	const look = `(() => {
		const e = document.activeElement;
		if (!e || e === document.body || e.id === "content") return ["", ""];
		const name = e.tagName.toLowerCase() + (e.name ? "[name=" + e.name + "]" : "") + " " + (e.getAttribute("href") || e.textContent.trim().slice(0, 30));
		const style = getComputedStyle(e), wrong = [];
		if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2 || /rgba\(.*, 0\)|transparent/.test(style.outlineColor)) wrong.push("no outline");
		const r = [...e.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height)[0];
		if (!r || r.width < 4 || r.height < 4) return [name, "not to be seen"];
		const x = (Math.max(r.left, 0) + Math.min(r.right, innerWidth)) / 2, y = (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2;
		const there = document.elementFromPoint(x, y);
		if (!there) wrong.push("outside of the window");
		else if (!e.contains(there) && !there.contains(e) && !(e.labels && [...e.labels].some(l => l.contains(there)))) wrong.push("covered by " + there.outerHTML.slice(0, 80));
		return [name, wrong.join(", ")];
	})()`
	said, err := chromedp.Run(k.ctx, chromedp.Evaluate[[]string](look))
	require.NoError(k.t, err)
	return said[0], said[1]
}

// tab goes on from stop to stop until the focus is where it is wanted.
func (k keyboard) tab(selector string) {
	k.t.Helper()
	for range mostStops {
		what, wrong := k.stop()
		require.Empty(k.t, wrong, what)
		if k.eval(fmt.Sprintf("document.activeElement.matches(`%s`) ? 'yes' : ''", selector)) == "yes" {
			return
		}
		k.press(kb.Tab)
	}
	require.Fail(k.t, "not to be reached by the keyboard", selector)
}

// follow presses a key on what has the focus, and waits for the page that it leads to.
func (k keyboard) follow(key, then string) {
	k.t.Helper()
	left := born(k.ctx, k.t)
	k.press(key)
	arrive(k.ctx, k.t, left, then)
}

// everything goes once round the page that is shown, and names what was not reached. Of a group of radio buttons one is
// a stop; the arrow keys reach the others.
func (k keyboard) everything(where string) {
	k.t.Helper()
	for range mostStops {
		k.press(kb.Tab)
		what, wrong := k.stop()
		require.Empty(k.t, wrong, "%s: %s", where, what)
		// A date has several stops of its own.
		if k.eval(
			`(e => { if (e === document.body) return ""; if ("reached" in e.dataset && e !== window.last) return `+
				`"round"; window.last = e; e.dataset.reached = ""; return "" })(document.activeElement)`) == "round" {
			break
		}
	}
	missed := k.eval(
		`[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
		.filter(e => !("reached" in e.dataset) && e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}) && !(e.type === "radio" && document.querySelector("input[name=" + e.name + "][data-reached]")))
		.map(e => e.outerHTML.slice(0, 100)).join("\n")`)
	require.Empty(k.t, missed, where)
}

// Everything that is done every day can be done with Tab, Enter and Space, and one always sees where one is.
func TestByKeyboardAlone(t *testing.T) {
	path := chromium(t)
	for _, c := range []struct {
		name  string
		width int64
		dark  bool
	}{{"narrow", 390, true}, {"wide", 1280, false}} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
			h.site.item("The quay at dawn", "quay.jpg")
			h.run()
			ctx, complaints := window(t, path, c.width, c.dark)
			// as the window in front
			_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled,
				emulation.SetFocusEmulationEnabledParams{Enabled: true})
			require.NoError(t, err)
			k := keyboard{t, ctx}
			const space = " "

			// In, with the field ready to type in.
			require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL),
				chromedp.WaitVisible(`input[name=password]`)))
			k.tab(`input[name=password]`)
			k.press(password)
			k.follow(kb.Enter, `nav`)
			k.everything("start")

			// Past the navigation by the first stop of every page.
			k.tab(`.jump`)
			k.press(kb.Enter)
			require.Equal(t, "content", k.eval("document.activeElement.id"))

			// A feed, looked at first.
			k.tab(`nav a[href="/feeds"]`)
			k.follow(kb.Enter, `input[name=address]`)
			k.everything("feeds")
			k.tab(`input[name=address]`)
			k.press(h.site.URL + "/feed.xml")
			k.tab(`button[formaction="/feeds/preview"]`)
			k.follow(space, `.choice button.main`)
			k.everything("preview")
			k.tab(`.choice button.main`)
			k.follow(kb.Enter, `.card`)

			// An account, by pasting.
			k.tab(`nav a[href="/accounts"]`)
			k.follow(kb.Enter, `input[name=app_id]`)
			k.everything("no account")
			k.tab(`form[action="/accounts"] input[name=access_token]`)
			k.press(token)
			k.tab(`form[action="/accounts"] button.main`)
			k.follow(kb.Enter, `.card`)
			k.everything("accounts")
			k.tab(`form[action$="/approve"] button`)
			k.follow(space, `main > .notice`)

			// A post that waits for approval.
			h.site.item("Nobody about", "nobody.jpg")
			k.tab(`nav a[href="/feeds"]`)
			k.follow(kb.Enter, `.card`)
			k.tab(`form[action="/feeds/1/poll"] button`)
			k.follow(kb.Enter, `main > .notice`)
			until := func(want store.State) {
				t.Helper()
				require.Eventually(t, func() bool { return h.state(2).State == want }, 2*time.Minute,
					50*time.Millisecond)
			}
			until(store.Held)
			k.tab(`nav a[href="/"]`)
			k.follow(kb.Enter, `section[aria-labelledby=needs] .rows`)
			k.everything("home")
			k.tab(`section[aria-labelledby=needs] .head a`)
			k.follow(kb.Enter, `button[formaction$="/publish"]`)
			k.everything("publication")
			k.tab(`button[formaction$="/publish"]`)
			k.follow(space, `main > .notice`)
			until(store.Published)
			for _, page := range []string{"/posts", "/activity"} {
				k.tab(`nav a[href="` + page + `"]`)
				k.follow(kb.Enter, `nav a[href="`+page+`"][aria-current]`)
				k.everything(page)
			}
			for _, page := range []string{"/notices", "/settings"} {
				k.tab(`.aside a[href="` + page + `"]`)
				k.follow(kb.Enter, `.aside a[href="`+page+`"][aria-current]`)
				k.everything(page)
			}

			// A setting.
			k.tab(`nav a[href="/accounts"]`)
			k.follow(kb.Enter, `.card`)
			k.tab(`a[href="/accounts/1/settings"]`)
			k.follow(kb.Enter, `#settings`)
			k.eval(`document.querySelectorAll("#settings details").forEach(d => d.open = false); ""`)
			k.tab(`#settings summary`)
			k.press(space)
			k.everything("settings")
			k.tab(`input[name=posts_per_day]`)
			k.press("3")
			k.tab(`#settings button.main`)
			k.follow(kb.Enter, `main > .notice`)
			a, err := h.store.Account(t.Context(), 1)
			require.NoError(t, err)
			require.Equal(t, 3, *a.Settings.PostsPerDay)

			// Out.
			k.tab(`form[action="/logout"] button`)
			k.follow(kb.Enter, `input[name=password]`)
			require.Empty(t, complaints())
		})
	}
}
