package accounts_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/reason"
	"postern/store"
	"postern/vault"
)

const (
	redirect  = "https://posse.example.org/accounts/connect/callback"
	appSecret = "made-up-app-secret"
)

// atInstagram is a house whose Instagram is the simulator, with a saved app.
func atInstagram(t *testing.T) (*house, *simulator.Server) {
	t.Helper()
	sim := simulator.New(simulator.Options{Seed: 3, Kind: true,
		App: simulator.App{ID: "990602627938098", Secret: appSecret}})
	h := with(t, newGraph(), accounts.Options{HTTP: &http.Client{Transport: sim.Transport()}})
	require.NoError(t, h.SetApp(t.Context(), accounts.App{ID: " 990602627938098\n", Secret: appSecret + "\n"}))
	return h, sim
}

func TestAppIsSealedInTheSettings(t *testing.T) {
	t.Parallel()
	h, _ := atInstagram(t)
	app, err := h.App(t.Context())
	require.NoError(t, err)
	require.Equal(t, accounts.App{ID: "990602627938098", Secret: appSecret}, app)
	kept, err := h.store.Setting(t.Context(), "sealed.instagram_app_secret")
	require.NoError(t, err)
	require.NotEmpty(t, kept)
	require.NotContains(t, kept, appSecret)
	sealed, err := vault.Sealed(t.Context(), h.store)
	require.NoError(t, err)
	require.True(t, sealed, "a new key must not be made: it could not open this")

	for _, bad := range []accounts.App{{}, {ID: "my app", Secret: "x"}, {ID: "1"}, {Secret: "x"}} {
		var no *accounts.Refusal
		require.ErrorAs(t, h.SetApp(t.Context(), bad), &no)
		require.Equal(t, accounts.StepAppValues, no.Step)
	}
	app, err = h.App(t.Context())
	require.NoError(t, err)
	require.Equal(t, appSecret, app.Secret.Reveal(), "what is wrong replaces nothing")

	other := with(t, newGraph(), accounts.Options{})
	require.NoError(t, other.store.SetSetting(t.Context(), "instagram_app_id", "1"))
	require.NoError(t, other.store.SetSetting(t.Context(), "sealed.instagram_app_secret", kept))
	app, err = other.App(t.Context())
	require.ErrorContains(t, err, "secret.key")
	require.Equal(t, accounts.App{ID: "1"}, app)

	require.NoError(t, h.ForgetApp(t.Context()))
	app, err = h.App(t.Context())
	require.NoError(t, err)
	require.Zero(t, app)
	_, err = h.LogIn(t.Context(), 0, redirect, "code")
	require.ErrorContains(t, err, "Save its App ID and App Secret first")
}

func TestLogInConnectsAndConnectsAgain(t *testing.T) {
	t.Parallel()
	h, sim := atInstagram(t)
	who := sim.AddAccount(simulator.Account{Username: "harbour"})
	acc, err := h.LogIn(t.Context(), 0, redirect, sim.Authorize(who.UserID, redirect)+"#_")
	require.NoError(t, err)
	require.Equal(t, who.UserID, acc.UserID)
	require.Equal(t, "990602627938098", acc.AppID)
	require.NotEmpty(t, acc.Secrets.AppSecret)
	require.WithinDuration(t, time.Now().Add(60*24*time.Hour), acc.TokenExpiresAt, time.Hour)
	require.Equal(t, 100, acc.QuotaTotal, "read while it was checked")

	yes := true
	h.edit(t, acc.ID, func(a *store.Account) {
		a.Settings.Approve, a.Trouble, a.Problem = &yes, store.Reconnect, reason.Text("the password was changed")
	})
	for _, id := range []int64{0, acc.ID} { // by the button for a new account, too
		sim.RevokeTokens(who.UserID)
		again, err := h.LogIn(t.Context(), id, redirect, sim.Authorize(who.UserID, redirect))
		require.NoError(t, err)
		require.Equal(t, acc.ID, again.ID)
		require.Empty(t, again.Trouble)
		require.Equal(t, &yes, again.Settings.Approve)
		c, err := h.Client(t.Context(), acc.ID)
		require.NoError(t, err)
		_, err = c.Me(t.Context())
		require.NoError(t, err)
	}

	before := h.token(t, acc.ID)
	other := sim.AddAccount(simulator.Account{Username: "lighthouse"})
	_, err = h.LogIn(t.Context(), acc.ID, redirect, sim.Authorize(other.UserID, redirect))
	require.ErrorContains(t, err, "belongs to @lighthouse, not to @harbour")
	require.Equal(t, before, h.token(t, acc.ID))
	_, err = h.LogIn(t.Context(), 99, redirect, sim.Authorize(other.UserID, redirect))
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestLogInSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	h, sim := atInstagram(t)
	who := sim.AddAccount(simulator.Account{Username: "harbour"})
	stranger := sim.AddAccount(simulator.Account{Username: "stranger", Stranger: true})
	code := func() string { return sim.Authorize(who.UserID, redirect) }
	used := code()
	_, err := h.LogIn(t.Context(), 0, redirect, used)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		redirect, code string
		step           accounts.Step
	}{
		"used":               {redirect, used, accounts.StepLogIn},
		"made up":            {redirect, "AQmadeup", accounts.StepLogIn},
		"another address":    {redirect + "/", code(), accounts.StepRedirect},
		"no role in the app": {redirect, sim.Authorize(stranger.UserID, redirect), accounts.StepInvite},
	} {
		_, err := h.LogIn(t.Context(), 0, c.redirect, c.code)
		var no *accounts.Refusal
		require.ErrorAs(t, err, &no, name)
		require.Equal(t, c.step, no.Step, name)
		require.NotContains(t, err.Error(), c.code, name)
		require.NotContains(t, err.Error(), appSecret, name)
	}
}

// The permission to publish is looked for by a call that changes nothing; only what its owner can mend is in the way.
func TestAddAsksWhetherItMayPublish(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.graph.issue("IGalice", alice)
	h.graph.break_("quota", reply{400,
		`{"error":{"message":"(#10) Application does not have permission for this ` +
			`action","type":"OAuthException","code":10}}`})
	_, err := h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: "IGalice"})
	require.ErrorContains(t, err, instagram.PermissionPublish+" is missing")
	h.graph.break_("quota", reply{})
	h.graph.kind = "PERSONAL"
	_, err = h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: "IGalice"})
	require.ErrorContains(t, err, "personal account")
	h.graph.kind = "MEDIA_CREATOR"
	for _, passing := range []reply{down, {404, `{"error":{"message":"Unknown path","code":2500}}`},
		{400, `{"error":{"message":"restricted","code":25,"error_subcode":2207050}}`}} {
		h.graph.break_("quota", passing)
		acc, err := h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: "IGalice"})
		require.NoError(t, err)
		require.True(t, acc.QuotaAt.IsZero())
	}
	h.graph.break_("quota", reply{})
	acc, err := h.Reconnect(t.Context(), 1, "IGalice")
	require.NoError(t, err)
	require.Equal(t, 3, acc.QuotaUsed)
	require.Equal(t, 100, acc.QuotaTotal)
}

func TestOtherID(t *testing.T) {
	t.Parallel()
	acc := store.Account{UserID: alice.userID, Username: "alice"}
	require.Empty(t, accounts.OtherID("", acc))
	require.Empty(t, accounts.OtherID(alice.userID+"\n", acc))
	require.Equal(t, alice.id+" is the id that only the app knows @alice by; Postern uses the User ID, "+alice.userID,
		accounts.OtherID(alice.id, acc))
}

func TestTokensAreExchangedWhereTheConfigurationSays(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{Seed: 3, Kind: true})
	asked := ""
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		r.URL.Path = "/oauth/access_token"
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(tokens.Close)
	graph := httptest.NewServer(sim)
	t.Cleanup(graph.Close)
	h := with(t, newGraph(), accounts.Options{BaseURL: graph.URL, HTTP: graph.Client(),
		TokenURL: tokens.URL + "/elsewhere", AuthorizeURL: "https://log.in/here"})
	require.NoError(t, h.SetApp(t.Context(), accounts.App{ID: "1", Secret: appSecret}))
	who := sim.AddAccount(simulator.Account{Username: "harbour"})
	_, err := h.LogIn(t.Context(), 0, redirect, sim.Authorize(who.UserID, redirect))
	require.NoError(t, err)
	require.Equal(t, "/elsewhere", asked)
	to, err := h.AuthorizeURL("1", redirect, "state", true)
	require.NoError(t, err)
	require.Contains(t, to, "https://log.in/here?")
}
