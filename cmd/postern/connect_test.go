package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
	"postern/store"
)

func TestAccountAddSaysWhatIsWrongAndWhereItIsMended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.AddAccount(simulator.Account{Username: "stranger", Token: "IGstranger", Stranger: true})
	w.sim.AddAccount(simulator.Account{Username: "reader", Token: "IGreader",
		Permissions: []string{instagram.PermissionBasic}})
	for token, says := range map[string]string{
		"IGmistyped": `Instagram does not know this access token .*steps: /help/instagram#generate-the-access-token`,
		"IGstranger": `has not accepted its tester invite yet .*steps: /help/instagram#accept-the-invite`,
		"IGreader":   `instagram_business_content_publish is missing .*steps: /help/instagram#add-the-permissions`,
	} {
		r := w.post(token+"\n", "account", "add", "--access-token-file", "-")
		require.Equal(t, exitFailed, r.status)
		require.Regexp(t, says, r.stderr)
		require.Equal(t, 1, strings.Count(r.stderr, "\n"), "one line")
		require.NotContains(t, r.stderr, token)
	}
	who := w.sim.AddAccount(simulator.Account{UserID: "17841400000000007", Username: "harbour", Token: worldToken})
	r := w.must(w.post(worldToken, "account", "add", "--access-token-file", "-", "--user-id", who.AppScopedID))
	require.Contains(t, r.stdout, "Postern uses the User ID, 17841400000000007")

	w.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "me", Times: simulator.Forever,
		Reply: simulator.Deactivated})
	var found []store.Finding
	r = w.run("account", "check", "1", "--json")
	require.Equal(t, exitFailed, r.status)
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &found))
	require.Equal(t, "instagram", found[1].Check)
	require.Contains(t, found[1].Detail, "Meta has deactivated the app")
	require.Contains(t, found[1].Remedy, "restore its access")
	require.Contains(t, found[1].Remedy, "/help/instagram#the-app-was-deactivated")
	require.NotContains(t, r.stdout, `"guide"`, "the answer has the four keys it always had")
}

// The button works in the demo, against the simulated log-in.
func TestDemoConnectsWithAButton(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), builtBinary(t), "demo", "--json")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "POSTERN_WEB_LISTEN=127.0.0.1:0", "POSTERN_LOG_LEVEL=debug")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var log bytes.Buffer
	cmd.Stderr = &log
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	var says struct{ Pages, Profile string }
	require.NoError(t, json.NewDecoder(out).Decode(&says))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	code := ""
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if c := r.URL.Query().Get("code"); c != "" {
			code = c
		}
		return nil
	}}
	read := func(r *http.Response, err error) (*goquery.Document, string) {
		t.Helper()
		require.NoError(t, err)
		defer r.Body.Close()
		require.Equal(t, http.StatusOK, r.StatusCode)
		doc, err := goquery.NewDocumentFromReader(r.Body)
		require.NoError(t, err)
		return doc, r.Request.URL.String()
	}
	consent, at := read(browser.PostForm(says.Pages+"accounts/connect", url.Values{}))
	require.Regexp(t, `^http://127\.0\.0\.1:\d+/oauth/authorize\?`, at)
	form := url.Values{"as": {demoOtherUser}}
	consent.Find("form input").Each(
		func(_ int, f *goquery.Selection) { form.Add(f.AttrOr("name", ""), f.AttrOr("value", "")) })
	done, at := read(browser.PostForm(at, form))
	require.Equal(t, says.Pages+"accounts#_", at+strings.Repeat("#_", 1-strings.Count(at, "#_")))
	require.Contains(t, done.Find("main > .notice").Text(), "Connected "+demoOtherUser)
	require.Equal(t, 2, done.Find(".card").Length())
	base := regexp.MustCompile(`^http://[^/]+`).FindString(says.Profile)
	link := done.Find(".card .address a").Last().AttrOr("href", "")
	require.Equal(t, base+"/"+demoOtherUser+"/", link, "not at instagram.com")
	profile, _ := read(browser.Get(link))
	require.Contains(t, profile.Text(), "Second light")

	// A sandbox account has its profile among the pages.
	made, _ := read(browser.PostForm(says.Pages+"accounts/sandbox", url.Values{"label": {"Dry run"}}))
	require.Equal(t, "/sandbox/dry.run/", made.Find(".card .address a").Last().AttrOr("href", ""))
	profile, _ = read(browser.Get(says.Pages + "sandbox/dry.run/"))
	require.Contains(t, profile.Text(), "dry.run")

	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_, _ = io.Copy(io.Discard, out)
	require.NoError(t, cmd.Wait(), log.String())
	require.NotEmpty(t, code)
	require.NotContains(t, log.String(), code)
	require.Contains(t, log.String(), `route="GET /accounts/connect/callback"`)
}
