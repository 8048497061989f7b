package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
)

func TestReasonsWhyAnAccountCannotBeUsed(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, simulator.Options{Kind: true, Seed: 1})
	for want, a := range map[instagram.Cause]simulator.Account{
		instagram.CauseNotTester:    {Username: "stranger", Stranger: true},
		instagram.CauseTokenExpired: {Username: "late", TokenIssued: time.Now().Add(-61 * 24 * time.Hour)},
		instagram.CausePermission:   {Username: "nobody", Permissions: []string{}},
	} {
		_, err := clientOf(s, s.AddAccount(a)).Me(t.Context())
		require.Equal(t, want, instagram.CauseOf(err), a.Username)
	}
	reader := clientOf(s,
		s.AddAccount(simulator.Account{Username: "reader", Permissions: []string{instagram.PermissionBasic}}))
	_, err := reader.Me(t.Context())
	require.NoError(t, err)
	_, err = reader.Quota(t.Context())
	require.Equal(t, instagram.CausePermission, instagram.CauseOf(err))
	_, err = reader.CreateImage(t.Context(), instagram.Image{URL: picture})
	require.Equal(t, instagram.CausePermission, instagram.CauseOf(err))

	p, err := clientOf(s, s.AddAccount(simulator.Account{Username: "private", Type: "PERSONAL"})).Me(t.Context())
	require.NoError(t, err)
	require.Equal(t, "PERSONAL", p.AccountType)

	c := clientOf(s, s.AddAccount(simulator.Account{Username: "idle"}))
	for want, reply := range map[instagram.Cause]simulator.Reply{
		instagram.CauseAppDeactivated: simulator.Deactivated, instagram.CauseAppRemoved: simulator.AppRemoved,
		instagram.CauseCheckpoint: simulator.Checkpoint, instagram.CauseNotProfessional: simulator.NotABusiness,
		instagram.CausePasswordChanged: simulator.TokenDead,
	} {
		s.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "me", Reply: reply})
		_, err := c.Me(t.Context())
		require.Equal(t, want, instagram.CauseOf(err))
	}
}

func TestConsentPage(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Options{Kind: true, Seed: 1,
		App: simulator.App{ID: "1", Secret: "s3", RedirectURI: "https://us/cb"}})
	s.AddAccount(simulator.Account{Username: "shots"})
	s.AddAccount(simulator.Account{Username: "private", Type: "PERSONAL"})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	visitor := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	q := func() url.Values {
		return url.Values{"client_id": {"1"}, "redirect_uri": {"https://us/cb"}, "response_type": {"code"},
			"scope": {instagram.PermissionBasic}, "state": {"S"}}
	}
	ask := func(q url.Values) (int, string) {
		r, err := visitor.Get(server.URL + "/oauth/authorize?" + q.Encode())
		require.NoError(t, err)
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return r.StatusCode, string(b)
	}
	status, body := ask(q())
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "Allow as @shots")
	for key, value := range map[string]string{"client_id": "2", "redirect_uri": "https://us/cb/",
		"response_type": "token", "scope": "business_basic"} {
		wrong := q()
		wrong.Set(key, value)
		status, body = ask(wrong)
		require.Equal(t, http.StatusBadRequest, status, key)
		require.NotContains(t, body, "Allow", key)
	}
	decide := func(as string) *url.URL {
		form := q()
		form.Set("as", as)
		r, err := visitor.PostForm(server.URL+"/oauth/authorize", form)
		require.NoError(t, err)
		defer r.Body.Close()
		if r.StatusCode != http.StatusFound {
			require.Equal(t, http.StatusBadRequest, r.StatusCode)
			return nil
		}
		to, err := r.Location()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(to.String(), "https://us/cb?"))
		require.Equal(t, "S", to.Query().Get("state"))
		return to
	}
	require.Nil(t, decide("private"), "Instagram keeps these people")
	require.Equal(t, "access_denied", decide("").Query().Get("error"))
	to := decide("shots")
	require.Equal(t, "_", to.Fragment)
	c := &instagram.Client{BaseURL: server.URL, HTTP: server.Client()}
	_, err := c.ExchangeCode(t.Context(), "1", "wrong", "https://us/cb", to.Query().Get("code"))
	require.Equal(t, instagram.CauseAppUnknown, instagram.CauseOf(err))
	_, err = c.ExchangeCode(t.Context(), "1", "s3", "https://us/cb", to.Query().Get("code"))
	require.Equal(t, instagram.CauseCodeSpent, instagram.CauseOf(err), "a wrong secret uses it up, too")
	grant, err := c.ExchangeCode(t.Context(), "1", "s3", "https://us/cb", decide("shots").Query().Get("code"))
	require.NoError(t, err)
	require.True(t, grant.Lacks(instagram.PermissionBasic) || len(grant.Permissions) == 0, "nothing was ticked")
}

func TestPagesBelowAnotherPath(t *testing.T) {
	t.Parallel()
	s, c := setup(t, simulator.Options{Kind: true, Seed: 1, Prefix: "/sandbox", PublicURL: "https://us/sandbox"})
	k := create(t, c, "Dawn")
	_, err := c.Publish(t.Context(), k)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(s.Posts("")[0].Permalink, "https://us/sandbox/p/"))
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		s.Pages().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	status, body := get("/shots/")
	require.Equal(t, http.StatusOK, status)
	for _, link := range strings.Split(body, `href="`)[1:] {
		require.True(t, strings.HasPrefix(link, "/sandbox/"), link[:40])
	}
	for _, path := range []string{"/v24.0/me", "/me",
		"/oauth/authorize?login_hint=shots&client_id=1&response_type=code&scope=instagram_business_basic&redirect_uri=https://evil"} {
		status, _ := get(path)
		require.NotEqual(t, http.StatusOK, status, path)
		require.NotEqual(t, http.StatusFound, status, path)
	}
}
