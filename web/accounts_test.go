package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/reason"
	"postern/store"
)

const addAccount = `form[action="/accounts"]`

func TestAccountIsConnectedWithFourValues(t *testing.T) {
	h := newHouse(t)
	who := h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	b := h.owner()
	p := b.get("/accounts").submit(addAccount, url.Values{
		"app_id": {"990602627938098"}, "app_secret": {appSecret}, "user_id": {who.UserID},
		"access_token": {"  " + token + "\r\n"}, "label": {"Harbour"},
	})
	require.Equal(t, http.StatusOK, p.Status, p.notice())
	require.Contains(t, p.notice(), "Connected Harbour.")
	card := p.text(".card")
	for _, want := range []string{"Harbour", "@harbour", who.UserID, "990602627938098", "Automatically"} {
		require.Contains(t, card, want)
	}
	all, err := h.store.Accounts(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, store.Instagram, all[0].API)
	require.NotEmpty(t, all[0].Secrets.AppSecret)
}

func TestAccountThatCannotBeConnectedKeepsWhatWasTypedButNoSecret(t *testing.T) {
	h := newHouse(t)
	h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	b := h.owner()
	for name, values := range map[string]url.Values{
		"unknown token": {"access_token": {"IGAA-another-made-up-token"}},
		"other user":    {"access_token": {token}, "user_id": {"17841400000000000"}},
		"no token":      {"access_token": {" "}},
		"no such token": {"access_token": {token + " and words"}},
	} {
		values.Set("app_id", "990602627938098")
		values.Set("app_secret", appSecret)
		values.Set("label", "Harbour")
		p := b.get("/accounts").submit(addAccount, values)
		require.Equal(t, http.StatusUnprocessableEntity, p.Status, name)
		require.Contains(t, p.notice(), "Not connected:", name)
		require.Equal(t, "990602627938098", p.Find("input[name=app_id]").AttrOr("value", ""), name)
		require.Equal(t, "Harbour", p.Find("input[name=label]").AttrOr("value", ""), name)
		require.NotContains(t, p.Body, appSecret, name)
		require.NotContains(t, p.Body, token, name)
		require.NotContains(t, p.Body, "IGAA-another", name)
	}
	all, err := h.store.Accounts(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}

// A secret that was pasted into the field of an id is in no page and not in the database.
func TestSecretsInTheFieldsOfIDs(t *testing.T) {
	h := newHouse(t)
	h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	b := h.owner()
	for _, field := range []string{"app_id", "user_id"} {
		p := b.get("/accounts").submit(addAccount, url.Values{"access_token": {token}, field: {appSecret}})
		require.Equal(t, http.StatusUnprocessableEntity, p.Status, field)
		require.Contains(t, p.notice(), "is a number", field)
		require.NotContains(t, p.Body, appSecret, field)
	}
	all, err := h.store.Accounts(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestSecretFieldsAreWriteOnly(t *testing.T) {
	h := furnished(t)
	p := h.owner().get("/accounts")
	fields := p.Find("input[name=app_secret], input[name=access_token]")
	require.Equal(t, 3, fields.Length())
	fields.Each(func(_ int, s *goquery.Selection) {
		require.Equal(t, "password", s.AttrOr("type", ""))
		require.Equal(t, "off", s.AttrOr("autocomplete", ""))
		_, has := s.Attr("value")
		require.False(t, has)
	})
}

// Approval that is switched off says how many posts stay on hold, and each of them says why it is.
func TestApprovalSwitchedOff(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	held := h.entry("Quay")
	off := fmt.Sprintf("/accounts/%d/approve", h.account.ID)
	b.post(off, url.Values{"approve": {"yes"}})
	_, err := h.store.Advance(t.Context(), h.state(held.ID),
		store.Change{To: store.Held, Reason: reason.New(reason.Approval).BySetting("approve", "account")})
	require.NoError(t, err)
	require.Contains(t, b.get(publicationPath(held)).text(".next"), "Waiting for your approval")
	p := b.post(off, url.Values{"approve": {"no"}})
	require.Equal(t, "Harbour publishes by itself. 1 post stays on hold until you approve, publish or skip it.", p.notice())
	for _, path := range []string{publicationPath(held), "/", "/posts"} {
		said := b.get(path).text("main")
		require.Contains(t, said, "Put on hold when each post needed your approval, which is off now", path)
		require.NotContains(t, said, "Waiting for your approval (", path)
	}
}

func TestAccountButtons(t *testing.T) {
	h := furnished(t)
	pub := h.entry("Quay")
	b := h.owner()
	id := h.account.ID

	p := b.get("/accounts").submit(action("accounts", id, "check"), nil)
	require.Contains(t, p.notice(), "Checked Harbour and found no problems.")
	require.Contains(t, p.text(".findings"), "Instagram answers as @harbour")
	require.Contains(t, p.text(".card"), "Posts in 24 hours")

	p = p.submit(action("accounts", id, "pause"), nil)
	require.Contains(t, p.notice(), "is paused")
	require.Contains(t, p.text(".card .badge"), "paused")
	require.Contains(t, b.get(publicationPath(pub)).text(".next"), "after you resume Harbour")
	p = p.submit(action("accounts", id, "resume"), nil)
	require.Contains(t, p.notice(), "is resumed and publishes again")
	a, err := h.store.Account(t.Context(), id)
	require.NoError(t, err)
	require.False(t, a.Paused)

	require.Equal(t, "yes", p.Find(action("accounts", id, "approve")+" button").AttrOr("value", ""))
	p = b.post(fmt.Sprintf("/accounts/%d/approve", id), url.Values{"approve": {"yes"}})
	require.Equal(t, "Harbour publishes only what you approve. 1 waiting post will now be put on hold.", p.notice())
	require.Contains(t, p.text(".card"), "Only approved posts")
	require.Equal(t, "no", p.Find(action("accounts", id, "approve")+" button").AttrOr("value", ""))
	require.Contains(t, b.get(publicationPath(pub)).text(".settings"), "Approve by hand approve yes from the account")
	p = b.post(fmt.Sprintf("/accounts/%d/approve", id), url.Values{"approve": {"no"}})
	require.Equal(t, "Harbour publishes by itself. 1 waiting post will now go out in its turn.", p.notice())
	a, err = h.store.Account(t.Context(), id)
	require.NoError(t, err)
	require.Nil(t, a.Settings.Approve)

	p = b.get(p.Find(`a[href$="/remove"]`).AttrOr("href", ""))
	require.Contains(t, p.text("main"), "1 publication that was not sent yet will be skipped.")
	require.Contains(t, p.text("main"), "secrets are deleted")
	p = p.submit(action("accounts", id, "remove"), nil)
	require.Contains(t, p.notice(), "is removed")
	require.False(t, p.has(".card"))
	a, err = h.store.Account(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, a.Secrets.Token)
	require.Equal(t, store.Skipped, h.state(pub.ID).State)
	require.Equal(t, http.StatusNotFound, b.post(fmt.Sprintf("/accounts/%d/remove", id), nil).Status, "twice")

	// Its publications are still there to be read.
	p = b.get(publicationPath(pub))
	require.Equal(t, http.StatusOK, p.Status)
	require.False(t, p.has(form(pub, "publish")), "it would be refused")
	p = b.post(publicationPath(pub)+"/publish", url.Values{"state": {"skipped"}})
	require.Equal(t, http.StatusConflict, p.Status)
	require.Contains(t, p.notice(), "was removed. Add the account again first")
}

func TestReconnect(t *testing.T) {
	h := furnished(t)
	id := h.account.ID
	h.sim.RevokeTokens(h.account.UserID)
	b := h.owner()
	p := b.get("/accounts").submit(action("accounts", id, "check"), nil)
	require.Contains(t, p.notice(), "and found ")
	require.Contains(t, p.text(".findings"), "✗")
	_, err := h.store.UpdateAccount(t.Context(), id, store.System, "", func(a *store.Account) error {
		a.Trouble, a.Problem = store.Reconnect, reason.Text("the password was changed")
		return nil
	})
	require.NoError(t, err)
	p = b.get("/accounts")
	require.Contains(t, p.text(".card .badge"), "not connected")
	require.True(t, p.has(".card details[open]"), "the way out is in sight")

	p = p.submit(action("accounts", id, "reconnect"), url.Values{"access_token": {"IGAA-still-wrong"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.notice(), "is not connected")
	require.NotContains(t, p.Body, "IGAA-still-wrong")

	h.sim.AddAccount(simulator.Account{UserID: h.account.UserID, Username: "harbour", Token: "IGAA-a-new-one"})
	p = p.submit(action("accounts", id, "reconnect"), url.Values{"access_token": {"IGAA-a-new-one"}})
	require.Equal(t, http.StatusOK, p.Status, p.notice())
	require.Contains(t, p.notice(), "connected again")
	require.Contains(t, p.text(".card .badge"), "OK")
}

func TestTokenDaysLeft(t *testing.T) {
	h := furnished(t)
	set := func(left time.Duration) {
		_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.System, "", func(a *store.Account) error {
			a.TokenExpiresAt = time.Now().Add(left + time.Minute)
			return nil
		})
		require.NoError(t, err)
	}
	b := h.owner()
	require.Contains(t, b.get("/accounts").text(".card"), "expiry date appears tomorrow")
	for left, want := range map[time.Duration]string{59 * 24 * time.Hour: "59 days left", 24 * time.Hour: "1 day left",
		-time.Hour: "Has expired"} {
		set(left)
		p := b.get("/accounts")
		require.Contains(t, p.text(".card"), want)
		require.Equal(t, left < 14*24*time.Hour, p.has(".warn"))
	}
}

// Everything secret that goes in must never come out: not on a page, not in a header, not in the log.
func TestNoSecretIsEverShown(t *testing.T) {
	h := newHouse(t, unset)
	h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	const wrongToken, wrongPassword, wrongCode = "IGAA-wrong-token", "wrong password here", "wrong-code-here"
	b := h.stranger()
	b.get("/setup").submit(setupForm, setupValues(wrongCode, wrongPassword, wrongPassword))
	b.get("/setup").submit(setupForm, setupValues(setupCode, password, wrongPassword))
	b.get("/setup").submit(setupForm, setupValues(setupCode, password, password))
	b.get("/").submit(`form[action="/logout"]`, nil)
	b.get("/login").submit(loginForm, url.Values{"password": {wrongPassword}})
	b.get("/login").submit(loginForm, url.Values{"password": {password}})

	four := func(token string) url.Values {
		return url.Values{"app_id": {"990602627938098"}, "app_secret": {appSecret}, "user_id": {""},
			"access_token": {token}, "label": {"Harbour"}}
	}
	b.get("/accounts").submit(addAccount, four(wrongToken))
	b.get("/accounts").submit(addAccount, four(token))
	h.account.ID = 1
	b.get("/accounts").submit(action("accounts", 1, "reconnect"), url.Values{"access_token": {wrongToken}})
	b.get("/accounts").submit(action("accounts", 1, "reconnect"), url.Values{"access_token": {token}})
	b.get("/accounts").submit(action("accounts", 1, "check"), nil)
	h.sim.RevokeTokens("")
	b.get("/accounts").submit(action("accounts", 1, "check"), nil)
	var err error
	h.feed, err = h.store.AddFeed(t.Context(),
		store.Feed{URL: "https://me:feed-password@blog.example.org/feed", StartRule: "all"})
	require.NoError(t, err)
	p := h.bring(h.entry("Quay"), store.Unconfirmed)
	b.get(publicationPath(p)).submit(form(p, "check"), nil)
	for _, pattern := range routes(t) {
		if method, path := request(pattern); path == "/events" {
			continue // does not end; it carries ids only
		} else if method == http.MethodGet {
			b.get(path)
		} else if path != "/logout" {
			b.post(path, url.Values{"state": {"unconfirmed"}, "access_token": {token}, "app_secret": {appSecret},
				"code": {setupCode}, "password": {password}})
		}
	}
	u, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	cookie := b.session(u).Value
	secrets := map[string]string{
		"token": token, "wrong token": wrongToken, "app secret": appSecret, "password": password,
		"wrong password": wrongPassword,
		"code":           setupCode, "wrong code": wrongCode, "hash": "$argon2id$", "feed password": "feed-password",
	}
	require.Contains(t, b.seen.String(), "Harbour")
	require.Contains(t, h.log.String(), "logged in")
	for name, secret := range secrets {
		for where, text := range map[string]string{"a page": b.seen.String(), "the log": h.log.String()} {
			require.False(t, strings.Contains(text, secret), "%s in %s", name, where)
			require.False(t, strings.Contains(text, url.QueryEscape(secret)), "%s in %s", name, where)
		}
	}
	require.NotContains(t, h.log.String(), cookie)
}

// The card of an account shows what it published last, with its picture.
func TestAccountCardShowsTheLastPost(t *testing.T) {
	h := furnished(t)
	v := h.owner()
	require.Zero(t, v.get("/accounts").Find(".last").Length())
	h.bring(h.entry("Earlier"), store.Published)
	time.Sleep(5 * time.Millisecond) // times are kept in milliseconds
	last := h.bring(h.entry("The quay"), store.Published)
	h.entry("Not yet")
	p := v.get("/accounts")
	require.Contains(t, p.text(".last"), "The quay")
	require.NotContains(t, p.text(".last"), "Earlier")
	require.Equal(t, 1, p.Find(fmt.Sprintf(`.strip a[href="/publications/%d"] .pic`, last.ID)).Length())
}

// Removed while it was on approval, and connected again: it still asks, and the page says so.
func TestAccountConnectedAgainKeepsItsSettings(t *testing.T) {
	h := newHouse(t)
	h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	b := h.owner()
	connect := func() string {
		p := b.get("/accounts").submit(addAccount, url.Values{"access_token": {token}, "label": {"Harbour"}})
		require.Equal(t, http.StatusOK, p.Status, p.notice())
		return p.notice()
	}
	require.NotContains(t, connect(), "before")
	yes := true
	_, err := h.store.UpdateAccount(t.Context(), 1, store.Visitor, "",
		func(a *store.Account) error { a.Settings.Approve = &yes; return nil })
	require.NoError(t, err)
	require.NoError(t, h.store.RemoveAccount(t.Context(), 1, store.Visitor))
	require.Contains(t, connect(),
		"Connected Harbour. It publishes every feed. New posts go out automatically, older ones only if you say so. "+
			"It has the settings it had before.")
	a, err := h.store.Account(t.Context(), 1)
	require.NoError(t, err)
	require.True(t, *a.Settings.Approve)
}
