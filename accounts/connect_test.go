package accounts_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/instagram"
	"postern/reason"
	"postern/redact"
	"postern/store"
	"postern/vault"
)

func TestAddAsksWhoseTokenItIs(t *testing.T) {
	t.Parallel()
	h := setup(t)
	acc := h.add(t)
	require.Equal(t, alice.userID, acc.UserID)
	require.Equal(t, "alice", acc.Username)
	require.Equal(t, "Photos", acc.Label)
	require.Equal(t, "990602627938098", acc.AppID)
	require.True(t, acc.TokenExpiresAt.IsZero(), "not known before a refresh")

	c, err := h.Client(t.Context(), acc.ID)
	require.NoError(t, err)
	require.Equal(t, alice.userID, c.UserID)
	require.Equal(t, "v24.0", c.Version)
	require.Equal(t, "IGalice", c.Token.Reveal())
	p, err := c.Me(t.Context())
	require.NoError(t, err)
	require.Equal(t, "alice", p.Username)
}

func TestAddComparesTheUserID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given   string
		refused bool
	}{
		"none given":         {"", false},
		"the professional":   {alice.userID, false},
		"the app-scoped one": {alice.id, false},
		"with a line break":  {alice.userID + "\n", false},
		"somebody else's":    {bob.userID, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.graph.issue("IGalice", alice)
			acc, err := h.Add(t.Context(),
				accounts.Candidate{API: store.Instagram, UserID: c.given, Token: " IGalice\n"})
			all, listErr := h.store.Accounts(t.Context())
			require.NoError(t, listErr)
			if c.refused {
				require.ErrorContains(t, err, "@alice")
				require.ErrorContains(t, err, bob.userID)
				require.Empty(t, all)
				return
			}
			require.NoError(t, err)
			require.Equal(t, alice.userID, acc.UserID)
			require.Equal(t, "alice", acc.Label, "the user name where no label was given")
			require.Equal(t, "IGalice", h.token(t, acc.ID), "without the space around it")
		})
	}
}

func TestAddWithOnlyTheAppScopedID(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.graph.issue("IG1", user{id: alice.id, name: "alice"})
	acc, err := h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: "IG1"})
	require.NoError(t, err)
	require.Equal(t, alice.id, acc.UserID)

	h.graph.issue("IG2", alice)
	again, err := h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: "IG2"})
	require.NoError(t, err)
	require.Equal(t, acc.ID, again.ID, "the same user is recognised once both ids are told")
	require.Equal(t, alice.id, again.UserID, "and keeps the id it has")
}

func TestAddRefusesWhatIsNoToken(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for token, says := range map[redact.Secret]string{
		"":              "no access token",
		" \n":           "no access token",
		"IGa\nIGb":      "spaces, line breaks",
		"{\"token\": 1": "spaces, line breaks",
		"IGunknown":     "the access token has expired",
	} {
		_, err := h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: token})
		require.ErrorContains(t, err, says)
	}
	_, err := h.Add(t.Context(), accounts.Candidate{API: store.Facebook, Token: "IGalice"})
	require.ErrorContains(t, err, "facebook")
	_, err = h.Add(t.Context(), accounts.Candidate{API: store.Sandbox, Token: "IGalice"})
	require.ErrorContains(t, err, "no simulated Instagram")
	var answer *instagram.Error
	_, err = h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: "IGunknown"})
	require.ErrorAs(t, err, &answer, "the cause can be asked for")
	require.Equal(t, 190, answer.Code)
}

func TestAddWhatIsThereReplacesItsSecrets(t *testing.T) {
	t.Parallel()
	h := setup(t)
	acc := h.add(t)
	yes := true
	h.edit(t, acc.ID, func(a *store.Account) {
		a.Settings.Approve, a.Paused = &yes, true
		a.Trouble, a.Problem = store.Reconnect, reason.Text("the token is dead")
	})
	before := h.account(t, acc.ID)

	h.graph.issue("IGalice2", alice)
	again, err := h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Label: "ignored", Token: "IGalice2"})
	require.NoError(t, err)
	require.Equal(t, acc.ID, again.ID)
	require.Equal(t, "Photos", again.Label)
	require.Equal(t, before.Settings, again.Settings)
	require.True(t, again.Paused)
	require.Equal(t, before.Secrets.AppSecret, again.Secrets.AppSecret, "none was given")
	require.Empty(t, again.Trouble)
	require.Empty(t, again.Problem)
	require.Equal(t, "IGalice2", h.token(t, acc.ID))

	third, err := h.Add(t.Context(),
		accounts.Candidate{API: store.Instagram, AppID: "1", AppSecret: "new", Token: "IGalice2"})
	require.NoError(t, err)
	require.Equal(t, "1", third.AppID)
	require.NotEqual(t, before.Secrets.AppSecret, third.Secrets.AppSecret)
}

func TestAddRevivesARemovedAccount(t *testing.T) {
	t.Parallel()
	h := setup(t)
	acc := h.add(t)
	require.NoError(t, h.store.RemoveAccount(t.Context(), acc.ID, store.CLI))
	_, err := h.Client(t.Context(), acc.ID)
	require.ErrorIs(t, err, accounts.ErrReconnect, "its secrets are gone")
	_, err = h.Reconnect(t.Context(), acc.ID, "IGalice")
	require.ErrorIs(t, err, store.ErrNotFound)

	again := h.add(t)
	require.Equal(t, acc.ID, again.ID)
	require.Equal(t, "IGalice", h.token(t, acc.ID))
}

func TestReconnect(t *testing.T) {
	t.Parallel()
	h := setup(t)
	feed, err := h.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example/feed", StartRule: "all"})
	require.NoError(t, err)
	acc := h.add(t)
	_, err = h.store.SavePosts(t.Context(), feed,
		[]store.Post{{GUID: "1", Decision: store.Publish,
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example/1.jpg"}}}}, true)
	require.NoError(t, err)
	pub, err := h.store.Claim(t.Context(), time.Minute)
	require.NoError(t, err)
	_, err = h.store.Advance(t.Context(), pub,
		store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour),
			Reason: reason.Text("the account needs reconnecting")})
	require.NoError(t, err)
	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("The token is dead.")})

	h.graph.issue("IGbob", bob)
	_, err = h.Reconnect(t.Context(), acc.ID, "IGbob")
	require.ErrorContains(t, err, "this token belongs to @bob, not to @alice")
	_, err = h.Reconnect(t.Context(), acc.ID, "IGnobody")
	require.Error(t, err)
	require.Equal(t, store.Reconnect, h.account(t, acc.ID).Trouble, "a refused token changes nothing")

	h.graph.issue("IGalice2", user{alice.id, alice.userID, "alice_renamed"})
	got, err := h.Reconnect(t.Context(), acc.ID, "IGalice2\n")
	require.NoError(t, err)
	require.Empty(t, got.Trouble)
	require.Equal(t, "alice_renamed", got.Username)
	require.Equal(t, "IGalice2", h.token(t, acc.ID))
	_, err = h.store.Claim(t.Context(), time.Minute)
	require.NoError(t, err, "the queue was woken")
}

func TestClient(t *testing.T) {
	t.Parallel()
	h := setup(t)
	acc := h.add(t)
	_, err := h.Client(t.Context(), 99)
	require.ErrorIs(t, err, store.ErrNotFound)

	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Wait, After: time.Hour, Reason: reason.Text("Blocked.")})
	_, err = h.Client(t.Context(), acc.ID)
	require.NoError(t, err, "whether to wait is asked before work is begun, looking stays possible")

	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Reconnect,
		Reason: reason.Text("The password was changed.")})
	_, err = h.Client(t.Context(), acc.ID)
	require.ErrorIs(t, err, accounts.ErrReconnect)
	require.ErrorContains(t, err, "The password was changed.")

	h.edit(t, acc.ID, func(a *store.Account) {
		a.Trouble, a.Problem, a.Secrets.Token = "", reason.Reason{}, []byte("\x01garbage garbage garbage garbage")
	})
	_, err = h.Client(t.Context(), acc.ID)
	require.ErrorIs(t, err, accounts.ErrReconnect)
	require.ErrorContains(t, err, "secret.key")
}

// A publication that may be live must be looked at, even when its account was removed meanwhile.
func TestClientOfARemovedAccountThatMayHavePublished(t *testing.T) {
	t.Parallel()
	h := setup(t)
	feed, err := h.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example/feed", StartRule: "all"})
	require.NoError(t, err)
	acc := h.add(t)
	_, err = h.store.SavePosts(t.Context(), feed,
		[]store.Post{{GUID: "1", Decision: store.Publish,
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example/1.jpg"}}}}, true)
	require.NoError(t, err)
	pub, err := h.store.Claim(t.Context(), time.Minute)
	require.NoError(t, err)
	pub, err = h.store.Advance(t.Context(), pub, store.Change{
		To: store.Staged, Keep: true, Freeze: &store.Frozen{Kind: store.KindImage},
		Containers: []store.Container{{ID: "c1", Status: "FINISHED", CreatedAt: time.Now()}},
	})
	require.NoError(t, err)
	pub, err = h.store.Advance(t.Context(), pub, store.Change{To: store.Publishing, Keep: true})
	require.NoError(t, err)
	require.NoError(t, h.store.RemoveAccount(t.Context(), acc.ID, store.CLI))

	sealed, err := vault.Sealed(t.Context(), h.store)
	require.NoError(t, err)
	require.True(t, sealed)
	require.Equal(t, "IGalice", h.token(t, acc.ID))
	h.failed(t, acc.ID, instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("Dead.")})
	require.NoError(t, h.RefreshDue(t.Context()))

	_, err = h.store.Advance(t.Context(), pub, store.Change{To: store.Published})
	require.NoError(t, err)
	_, err = h.Client(t.Context(), acc.ID)
	require.ErrorIs(t, err, accounts.ErrReconnect)
	sealed, err = vault.Sealed(t.Context(), h.store)
	require.NoError(t, err)
	require.False(t, sealed)
}

func TestSandboxAccountsStayInTheSandbox(t *testing.T) {
	t.Parallel()
	real, box := newGraph(), newGraph()
	h := with(t, real, accounts.Options{BaseURL: "http://127.0.0.1:1/never", Sandbox: inProcess{box}})
	box.issue("IGbox", bob)
	acc, err := h.Add(t.Context(), accounts.Candidate{API: store.Sandbox, Token: "IGbox"})
	require.NoError(t, err)
	require.Equal(t, "bob", acc.Username)
	q, err := h.Quota(t.Context(), acc.ID)
	require.NoError(t, err)
	require.Equal(t, 100, q.Total)
	require.Zero(t, real.called("me"))
	require.Equal(t, 1, box.called("me"))
}

// The owner connects the account anew while a call with the old token is under way: its refusal is about the old one.
func TestTheRefusalOfAReplacedTokenSaysNothing(t *testing.T) {
	t.Parallel()
	h := setup(t)
	before := h.add(t)
	h.graph.issue("IGalice2", alice)
	_, err := h.Reconnect(t.Context(), before.ID, "IGalice2")
	require.NoError(t, err)

	again, err := h.Failed(t.Context(), before,
		instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("The token is dead.")})
	require.NoError(t, err)
	require.Empty(t, h.account(t, before.ID).Trouble)
	require.WithinDuration(t, time.Now(), again, time.Hour, "worth another try with the new one")

	again, err = h.Failed(t.Context(), h.account(t, before.ID),
		instagram.Verdict{Action: instagram.Reconnect, Reason: reason.Text("The token is dead.")})
	require.NoError(t, err)
	require.Equal(t, store.Reconnect, h.account(t, before.ID).Trouble)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), again, time.Hour)
}

// Ids are kept and shown in clear, so a secret in their place is not even repeated.
func TestASecretInTheFieldOfAnIDGoesNowhere(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.graph.issue("IGalice", alice)
	for step, c := range map[accounts.Step]accounts.Candidate{
		accounts.StepAppValues: {API: store.Instagram, Token: "IGalice", AppID: "0a1b2c-app-secret"},
		accounts.StepPaste:     {API: store.Instagram, Token: "IGalice", UserID: "IGAA-a-token"},
	} {
		_, err := h.Add(t.Context(), c)
		no := new(accounts.Refusal)
		require.ErrorAs(t, err, &no)
		require.Equal(t, step, no.Step)
		require.Contains(t, err.Error(), "is a number")
		require.NotContains(t, err.Error(), c.AppID+c.UserID)
	}
	require.Zero(t, h.graph.called("me"), "nobody was asked")
	all, err := h.store.Accounts(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}
