package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/doors"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/publisher"
	"postern/redact"
	"postern/store"
	"postern/vault"
)

const appID = "990602627938098"

// front is a house whose pages have an address that Instagram can send people back to, and whose Instagram has one,
// too.
func front(t *testing.T) (h *house, base string) {
	t.Helper()
	var pages http.Handler
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pages.ServeHTTP(w, r) }))
	t.Cleanup(door.Close)
	h = newHouse(t, public(door.URL), func(h *house) {
		graph := httptest.NewServer(h.sim)
		t.Cleanup(graph.Close)
		key := doors.Key(t, t.TempDir())
		box := simulator.New(simulator.Options{Seed: 9, Kind: true, Prefix: "/sandbox",
			PublicURL: door.URL + "/sandbox"})
		h.acc = accounts.New(accounts.Options{
			Store: h.store, Key: key, Version: "v24.0", BaseURL: graph.URL, HTTP: graph.Client(), Timeout: time.Minute,
			Sandbox: box.Transport(), Logger: h.options.Logger,
		})
		h.options.Accounts = h.acc
		h.options.Publisher = publisher.New(publisher.Options{Store: h.store, Accounts: h.acc, Media: h.library,
			Public: h.outside(door.URL), Settle: time.Second, Logger: h.options.Logger})
		h.options.SandboxPages = http.StripPrefix("/sandbox", box.Pages())
		h.options.AddSandbox = func(ctx context.Context, label string) (store.Account, error) {
			made := box.AddAccount(simulator.Account{Username: strings.ToLower(label)})
			return h.acc.Add(ctx, accounts.Candidate{API: store.Sandbox, Label: label,
				Token: redact.Secret(made.Token)})
		}
	})
	pages = h.http.Config.Handler
	h.sim.SetApp(simulator.App{ID: appID, Secret: appSecret, RedirectURI: door.URL + "/accounts/connect/callback"})
	return h, door.URL
}

// tab is the owner in a real browser.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func (b tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

func (b tab) eval(js string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](js))
	require.NoError(b.t, err)
	return s
}

// notice is what the page says, and the step of the guide it leads to, which must be there.
func (b tab) notice() (text, step string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(`main > .notice`))
	text = b.eval(`document.querySelector("main > .notice").innerText`)
	step = b.eval(`(document.querySelector("main > .notice a.guide") || {hash: ""}).hash`)
	return text, strings.TrimPrefix(step, "#")
}

func (b tab) accounts() {
	b.do(chromedp.Navigate(b.base+"/accounts"), chromedp.WaitReady(`form[action="/accounts"]`))
}

// paste fills in the four values and presses the button.
func (b tab) paste(values map[string]string) {
	b.t.Helper()
	b.accounts()
	b.eval(`document.querySelector("details.add").open = true; ""`)
	for name, value := range values {
		if value != "" {
			b.do(chromedp.SendKeys(`form[action="/accounts"] input[name=`+name+`]`, value))
		}
	}
	press(b.ctx, b.t, `form[action="/accounts"] button`, `main > .notice, .card`)
}

// begin presses Connect with Instagram and waits for what comes.
func (b tab) begin(wait string) {
	b.t.Helper()
	b.accounts()
	b.eval(`document.querySelector("details.add").open = true; ""`)
	const form = `form[action="/accounts/connect"]:has(button.main)`
	if b.eval("document.querySelector('"+form+" input[name=app_id]') ? 'asks' : ''") == "asks" {
		b.do(chromedp.SendKeys(form+` input[name=app_id]`, appID),
			chromedp.SendKeys(form+` input[name=app_secret]`, appSecret))
	}
	press(b.ctx, b.t, form+` button.main`, wait)
}

// allow answers the simulated Instagram's question, and waits for what comes; "" says no.
func (b tab) allow(as, then string) {
	b.t.Helper()
	press(b.ctx, b.t, `.consent button[value="`+as+`"]`, then)
}

func newTab(t *testing.T, h *house, base string) tab {
	t.Helper()
	ctx, _ := window(t, chromium(t), 1280, false)
	b := tab{t, ctx, base}
	enter(ctx, t, base)
	return b
}

func TestPastingInABrowser(t *testing.T) {
	chromium(t)
	h, base := front(t)
	who := h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	old := time.Now().Add(-70 * 24 * time.Hour)
	h.sim.AddAccount(simulator.Account{Username: "late", Token: "IGlate", TokenIssued: old})
	h.sim.AddAccount(simulator.Account{Username: "stranger", Token: "IGstranger", Stranger: true})
	h.sim.AddAccount(simulator.Account{Username: "private", Token: "IGprivate", Type: "PERSONAL"})
	h.sim.AddAccount(simulator.Account{Username: "reader", Token: "IGreader",
		Permissions: []string{instagram.PermissionBasic}})
	h.sim.AddAccount(simulator.Account{Username: "nobody", Token: "IGnobody", Permissions: []string{}})
	other := h.sim.AddAccount(simulator.Account{Username: "lighthouse", Token: "IGlighthouse"})
	always := func(op instagram.Op, r simulator.Reply) func() {
		return func() {
			h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: op, Times: simulator.Forever, Reply: r})
		}
	}
	b := newTab(t, h, base)
	for _, c := range []struct {
		name, token, userID string
		fault               func()
		says                []string
		step                accounts.Step
	}{
		{"wrong token", "IGmistyped", "", nil, []string{"Instagram does not know this access token",
			"copy the whole token", "code 190"}, accounts.StepToken},
		{"not a token", "two words", "", nil, []string{"not an access token"}, accounts.StepToken},
		{"expired", "IGlate", "", nil, []string{"has expired", "make a new access token"}, accounts.StepExpired},
		{"other account", "IGlighthouse", who.UserID, nil, []string{"belongs to @lighthouse", other.UserID, who.UserID},
			accounts.StepToken},
		{"invite not accepted", "IGstranger", "", nil,
			[]string{"has not accepted its tester invite", "accept the invite"}, accounts.StepInvite},
		{"personal", "IGprivate", "", nil, []string{"personal account", "@private is PERSONAL",
			"switch to a professional account"}, accounts.StepProfessional},
		{"personal, said in words", token, "", always("quota", simulator.NotABusiness), []string{"personal account"},
			accounts.StepProfessional},
		{"may not publish", "IGreader", "", nil, []string{"instagram_business_content_publish is missing"},
			accounts.StepPermission},
		{"may nothing", "IGnobody", "", nil, []string{"instagram_business_basic is missing"}, accounts.StepPermission},
		{"app deactivated", token, "", always("me", simulator.Deactivated),
			[]string{"Meta has deactivated the app", "restore its access"}, accounts.StepDeactivated},
		{"app removed", token, "", always("me", simulator.AppRemoved),
			[]string{"the app was removed in the account's settings"}, accounts.StepInvite},
		{"password changed", token, "", always("me", simulator.TokenDead), []string{"password was changed"},
			accounts.StepToken},
		{"checkpoint", token, "", always("me", simulator.Checkpoint),
			[]string{"to log in first", "open the Instagram app"}, accounts.StepCheckpoint},
		{"network", token, "", func() {
			h.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "me",
				Times: simulator.Forever})
		}, []string{"could not be reached", "check this machine's connection"}, accounts.StepNetwork},
		{"Instagram is ill", token, "", always("me", simulator.Gateway), []string{"temporary error", "try again later"},
			""},
	} {
		if c.fault != nil {
			c.fault()
		}
		b.paste(map[string]string{"access_token": c.token, "user_id": c.userID, "app_id": appID,
			"app_secret": appSecret})
		b.do(chromedp.WaitVisible(`main > .notice.bad`))
		text, step := b.notice()
		h.sim.ClearFaults()
		for _, want := range c.says {
			require.Contains(t, strings.ToLower(text), strings.ToLower(want), c.name)
		}
		require.Equal(t, string(c.step), step, c.name)
		require.NotContains(t, b.eval(`document.documentElement.outerHTML`), c.token, c.name)
		all, err := h.store.Accounts(t.Context())
		require.NoError(t, err)
		require.Empty(t, all, c.name)
		t.Logf("%-24s %s → #%s", c.name, strings.TrimSuffix(text, " How that is done, step by step"), step)
	}
	require.NotEqual(t, who.UserID, who.AppScopedID)

	b.paste(map[string]string{"access_token": token, "user_id": who.AppScopedID, "app_id": appID,
		"app_secret": appSecret})
	b.do(chromedp.WaitVisible(`.card`))
	text, _ := b.notice()
	require.Contains(t, text, "Connected harbour.")
	require.Contains(t, text, who.AppScopedID+
		" is the id that only the app knows @harbour by; Postern uses the User ID, "+
		who.UserID)
	a, err := h.store.Account(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, who.UserID, a.UserID)
	h.publishes(b)
}

// publishes shows that an account works: it is well, and a post gets there.
func (h *house) publishes(b tab) {
	t := h.t
	t.Helper()
	b.accounts()
	press(b.ctx, t, `form[action="/accounts/1/check"] button`, `.findings`)
	text, _ := b.notice()
	require.Contains(t, text, "found no problems")
	h.run()
	_, _, err := h.poller.Add(t.Context(), h.site.URL+"/feed.xml", "", "all")
	require.NoError(t, err)
	h.site.item("Quay", "quay.jpg")
	require.NoError(t, h.store.MakeFeedsDue(t.Context()))
	require.NoError(t, h.poller.PollDue(t.Context()))
	require.Eventually(t, func() bool { return len(h.sim.Posts("")) == 1 }, 2*time.Minute, 50*time.Millisecond)
}

func TestConnectingInABrowser(t *testing.T) {
	chromium(t)
	h, base := front(t)
	who := h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	h.sim.AddAccount(simulator.Account{Username: "lighthouse"})
	h.sim.AddAccount(simulator.Account{Username: "stranger", Stranger: true})
	h.sim.AddAccount(simulator.Account{Username: "private", Type: "PERSONAL"})
	b := newTab(t, h, base)
	const back = `main > .notice.bad`
	refusal := func(name string, step accounts.Step, says ...string) {
		t.Helper()
		b.do(chromedp.WaitVisible(`main > .notice.bad`))
		text, got := b.notice()
		for _, want := range says {
			require.Contains(t, text, want, name)
		}
		require.Equal(t, string(step), got, name)
		require.Equal(t, base+"/accounts", b.eval(`location.origin + location.pathname + location.search`),
			name+": nothing is left in the address")
		all, err := h.store.Accounts(t.Context())
		require.NoError(t, err)
		require.Empty(t, all, name)
		t.Logf("%-24s %s → #%s", name, text, got)
	}

	b.begin(`.consent`)
	require.Equal(t, "instagram_business_basic instagram_business_content_publish",
		b.eval(`[...document.querySelectorAll(".consent label")].map(l => l.innerText.trim()).join(" ")`))
	b.allow("", back)
	refusal("denied", accounts.StepLogIn, "you did not allow it")

	b.begin(`.consent`)
	b.allow("stranger", back)
	refusal("invite not accepted", accounts.StepInvite, "has not accepted its tester invite")

	b.begin(`.consent`)
	b.allow("private", `main .caption`)
	require.Contains(t, b.eval(`document.body.innerText`), "Only professional accounts",
		"said by Instagram, which sends nobody back")

	b.begin(`.consent`)
	click(b.ctx, t, `.consent input[value=instagram_business_content_publish]`)
	b.allow("harbour", back)
	refusal("may not publish", accounts.StepPermission, "instagram_business_content_publish is missing")

	h.sim.SetApp(simulator.App{ID: appID, Secret: "another secret"})
	b.begin(`.consent`)
	b.allow("harbour", back)
	refusal("wrong app secret", accounts.StepAppValues, "App ID or App Secret is wrong")
	h.sim.SetApp(simulator.App{ID: "1", Secret: appSecret})
	b.begin(`main .caption`)
	require.Contains(t, b.eval(`document.body.innerText`), "Invalid platform app")
	h.sim.SetApp(simulator.App{ID: appID, Secret: appSecret, RedirectURI: "https://elsewhere.example.org/cb"})
	b.begin(`main .caption`)
	require.Contains(t, b.eval(`document.body.innerText`), "Invalid redirect_uri")
	h.sim.SetApp(simulator.App{ID: appID, Secret: appSecret, RedirectURI: base + "/accounts/connect/callback"})

	for name, reply := range map[string]struct {
		simulator.Reply
		step accounts.Step
		says string
	}{
		"deactivated": {simulator.Deactivated, accounts.StepDeactivated, "Meta has deactivated the app"},
		"ill":         {simulator.Gateway, "", "temporary error"},
	} {
		h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "exchange", Reply: reply.Reply})
		b.begin(`.consent`)
		b.allow("harbour", back)
		refusal(name, reply.step, reply.says)
	}
	h.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "exchange"})
	b.begin(`.consent`)
	b.allow("harbour", back)
	refusal("network", accounts.StepNetwork, "Instagram could not be reached")

	b.begin(`.consent`)
	b.allow("harbour", `.card`)
	text, _ := b.notice()
	require.Contains(t, text, "Connected harbour.")
	a, err := h.store.Account(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, who.UserID, a.UserID)
	require.Equal(t, appID, a.AppID)
	require.WithinDuration(t, time.Now().Add(60*24*time.Hour), a.TokenExpiresAt, time.Hour,
		"Instagram said how long the token lasts")

	// Again, as somebody else and as the same.
	again := func(as string) {
		b.accounts()
		b.eval(`document.querySelector(".card details").open = true; ""`)
		press(b.ctx, t, `.card form[action="/accounts/connect"] button`, `.consent`)
		b.allow(as, `main > .notice`)
	}
	again("lighthouse")
	text, step := b.notice()
	require.Contains(t, text, "This token belongs to @lighthouse, not to @harbour")
	require.Equal(t, string(accounts.StepToken), step)
	again("harbour")
	text, _ = b.notice()
	require.Contains(t, text, "harbour is connected again, and its queue goes on")
	all, err := h.store.Accounts(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	h.publishes(b)
}

// begin presses the button without going where it leads, and returns what Instagram is asked.
func (b *browser) begin(form url.Values) url.Values {
	b.h.t.Helper()
	follow := b.http.CheckRedirect
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	defer func() { b.http.CheckRedirect = follow }()
	p := b.post("/accounts/connect", form)
	require.Equal(b.h.t, http.StatusSeeOther, p.Status, p.Body)
	to, err := url.Parse(p.Header.Get("Location"))
	require.NoError(b.h.t, err)
	require.Equal(b.h.t, "/oauth/authorize", to.Path)
	return to.Query()
}

func theApp() url.Values { return url.Values{"app_id": {appID}, "app_secret": {appSecret}} }

func TestLogInIsAskedForExactly(t *testing.T) {
	h, base := front(t)
	b := h.owner()
	p := b.get("/accounts")
	require.Equal(t, base+"/accounts/connect/callback", p.text("code.redirect"), "to be copied into Meta's form")
	require.Contains(t, p.Header.Get("Content-Security-Policy"), "form-action 'self' http://127.0.0.1:")
	q := b.begin(theApp())
	require.Equal(t, url.Values{
		"client_id": {appID}, "redirect_uri": {base + "/accounts/connect/callback"}, "response_type": {"code"},
		"scope": {"instagram_business_basic,instagram_business_content_publish"}, "state": q["state"],
	}, q)
	require.Greater(t, len(q.Get("state")), 20)

	p = b.get("/accounts")
	require.Contains(t, p.text(".add"), appID, "saved once")
	require.False(t, p.has(`form[action="/accounts/connect"]:has(button.main) input[name=app_secret]`))
	again := b.begin(url.Values{"comments": {"yes"}})
	require.Equal(t, "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments",
		again.Get("scope"))
	require.NotEqual(t, q.Get("state"), again.Get("state"))
	for _, wrong := range []url.Values{{"app_id": {"my app"}, "app_secret": {appSecret}},
		{"app_id": {"12"}, "app_secret": {" "}}} {
		p = b.post("/accounts/connect", wrong)
		require.Contains(t, p.notice(), "Nothing was saved")
	}
	require.Equal(t, appID, b.begin(nil).Get("client_id"), "the one that was saved stays")
}

func TestCallback(t *testing.T) {
	h, _ := front(t)
	who := h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	b := h.owner()
	back := func(b *browser, q url.Values) *page { return b.get("/accounts/connect/callback?" + q.Encode()) }
	code := func(q url.Values) string { return h.sim.Authorize(who.UserID, q.Get("redirect_uri")) }
	none := func(why string) {
		t.Helper()
		all, err := h.store.Accounts(t.Context())
		require.NoError(t, err)
		require.Empty(t, all, why)
	}
	notOurs := func(p *page, why string) {
		t.Helper()
		require.Equal(t, "/accounts", p.Path, why)
		require.Contains(t, p.notice(), "this log-in was not begun here", why)
		none(why)
	}

	q := b.begin(theApp())
	stolen := code(q)
	notOurs(back(b, url.Values{"code": {stolen}, "state": {"GUESSED"}}), "another state")
	notOurs(back(b, url.Values{"code": {stolen}, "state": q["state"]}), "one guess ends the log-in")
	b.begin(nil)
	notOurs(back(b, url.Values{"code": {stolen}}), "no state")
	q = b.begin(nil)
	notOurs(back(h.owner(), url.Values{"code": {stolen}, "state": q["state"]}), "another session")
	p := back(h.stranger(), url.Values{"code": {stolen}, "state": q["state"]})
	require.Equal(t, "/login", p.Path, "logged out")
	require.Equal(t, 0, h.sim.CallCount("exchange"), "none of these codes was used")
	p = back(b, url.Values{"state": q["state"]})
	require.Contains(t, p.notice(), "sent no permission")

	// The browser sends "#_" along when it is part of the address as a proxy or a person copied it.
	q = b.begin(nil)
	first := url.Values{"code": {code(q) + "#_"}, "state": q["state"]}
	p = back(b, first)
	require.Contains(t, p.notice(), "Connected harbour.")
	notOurs2 := back(b, first)
	require.Contains(t, notOurs2.notice(), "not begun here", "read again")
	q = b.begin(nil)
	p = back(b, url.Values{"code": first["code"], "state": q["state"]})
	require.Contains(t, p.notice(), "used already or is too old", "a code that was used")
	all, err := h.store.Accounts(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)

	for name, secret := range map[string]string{"stolen code": stolen,
		"code": strings.TrimSuffix(first.Get("code"), "#_"), "app secret": appSecret} {
		require.False(t, strings.Contains(b.seen.String(), secret), "%s on a page", name)
		require.False(t, strings.Contains(h.log.String(), secret), "%s in the log", name)
	}
	require.NotContains(t, h.log.String(), q.Get("state"))
}

func TestLogInWithTheDocumentedShape(t *testing.T) {
	h, base := front(t)
	who := h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	h.sim.SetDocumented(true)
	b := h.owner()
	q := b.begin(theApp())
	p := b.get("/accounts/connect/callback?" + url.Values{"code": {h.sim.Authorize(who.UserID, base+"/accounts/connect/callback")}, "state": q["state"]}.Encode())
	require.Contains(t, p.notice(), "Connected harbour.")
}

func TestWithoutAPublicAddressThereIsNoButton(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	p := b.get("/accounts")
	require.Contains(t, p.text(".add"), "web.base_url is not set")
	require.False(t, p.has(`form[action="/accounts/connect"]`))
	require.True(t, p.has(addAccount), "pasting is offered")
	require.NotContains(t, p.Header.Get("Content-Security-Policy"), "http")
	require.Contains(t, b.post("/accounts/connect", theApp()).notice(), "Set it and restart Postern")
	sealed, err := vault.Sealed(t.Context(), h.store)
	require.NoError(t, err)
	require.False(t, sealed, "nothing is saved")
}

func TestSimulatedAccount(t *testing.T) {
	h, _ := front(t)
	b := h.owner()
	p := b.get("/accounts").submit(`form[action="/accounts/sandbox"]`, url.Values{"label": {"Tryout"}})
	require.Contains(t, p.notice(), "Tryout is a simulated account")
	require.Contains(t, p.text(".card .badge"), "simulated")
	require.Equal(t, "/sandbox/tryout/", p.Find(".card .address a").AttrOr("href", ""))
	profile := b.get("/sandbox/tryout/")
	require.Equal(t, http.StatusOK, profile.Status)
	require.Contains(t, profile.Body, "No posts yet")
	require.Equal(t, http.StatusOK, b.get(profile.Find("link[rel=stylesheet]").AttrOr("href", "")).Status)
	require.NotContains(t, profile.Header.Get("Content-Security-Policy"), "unsafe")
	require.Equal(t, "/login", h.stranger().get("/sandbox/tryout/").Path, "behind the session")
	require.Equal(t, http.StatusNotFound,
		b.get("/sandbox/oauth/authorize?login_hint=tryout&client_id=1&response_type=code&scope=instagram_business_basic&redirect_uri=https://evil.example.org").Status)
	require.Equal(t, http.StatusNotFound, b.get("/sandbox/v24.0/me").Status, "the pages only")
	a, err := h.store.Account(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, store.Sandbox, a.API)

	h.account, h.feed = a, store.Feed{}
	h.feed, err = h.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "all"})
	require.NoError(t, err)
	pub := h.bring(h.entry("Quay"), store.Unconfirmed)
	require.True(t, b.get(publicationPath(pub)).has(fmt.Sprintf(`a[href=%q]`, "/sandbox/tryout/")), "where to look")
}
