package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/instagram/simulator"
	"postern/store"
	"postern/vault"
)

// haul is everything the program wrote somewhere, by the name of the place.
type haul struct {
	mu    sync.Mutex
	wrote map[string][]byte
}

func (h *haul) add(place string, b []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wrote[place] = append(h.wrote[place], b...)
}

// find returns the places in which a secret can be read, in clear or in an encoding that hides nothing.
func (h *haul) find(secrets map[string]string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []string
	for place, b := range h.wrote {
		for name, s := range secrets {
			quoted, _ := json.Marshal(s)
			for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s), hex.EncodeToString([]byte(s)),
				base64.StdEncoding.EncodeToString([]byte(s)),
				base64.RawURLEncoding.EncodeToString([]byte(s)), strings.Trim(string(quoted), `"`)} {
				if bytes.Contains(b, []byte(form)) {
					found = append(found, name+" in "+place)
					break
				}
			}
		}
	}
	return found
}

// page opens a page, or sends a form to it, and keeps all that came.
func (h *haul) page(t *testing.T, browser *http.Client, base, path string, form url.Values) *goquery.Document {
	t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	q, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	require.NoError(t, err)
	if form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r, err := browser.Do(q)
	require.NoError(t, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	r.Header.Del("Set-Cookie") // the session of this browser
	h.add("page "+path, append(b, fmt.Sprint(r.Header, r.Request.URL)...))
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b))
	require.NoError(t, err)
	return doc
}

func (h *haul) folder(t *testing.T, dir string) {
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		h.add(path, b)
		return err
	}))
}

// The whole program is used, at its most talkative, with things going wrong, and then everything it wrote is searched.
func TestSecretsAreWrittenNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `log.level = "debug"`)
	at := doors.Port(t)
	w.configure("web.listen", at)
	w.configure("web.base_url", "http://"+at)
	exchange := w.recordExchanges()
	h := &haul{wrote: map[string][]byte{}}
	secrets := map[string]string{
		"access token": worldToken, "app secret": "APPSECRET-made-up-77aa", "web password": "a password made up & long",
		"dead token": "IGdeadtoken9876543210",
	}
	say := func(stdin string, args ...string) result {
		cmd := w.command(args...)
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
		_ = cmd.Run()
		h.add("output of "+strings.Join(args[:min(2, len(args))], " "), append(out.Bytes(), errs.Bytes()...))
		return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	}
	secretFile := filepath.Join(t.TempDir(), "app-secret")
	require.NoError(t, os.WriteFile(secretFile, []byte(secrets["app secret"]), 0o600))
	require.Equal(t, exitFailed, say(secrets["dead token"], "account", "add", "--label", "Dead", "--access-token-file",
		"-").status)
	require.Equal(t, exitFailed, say("", "account", "add", "--label", "Mistaken", "--access-token-file",
		secrets["dead token"]).status)
	well := func(r result) {
		t.Helper()
		require.Equal(t, exitWell, r.status, r.stderr)
	}
	well(say(worldToken, "account", "add", "--label", "Harbour", "--access-token-file", "-", "--app-id", "12345",
		"--app-secret-file", secretFile, "--json"))
	well(say("", "feed", "add", w.blog.url+"/feed"))
	well(say(secrets["web password"]+"\n", "password"))
	// Notices go to a server that throws back what it was sent, and to one that the configuration names.
	echoing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprintf(w, "%s %s %s %s", r.URL, r.Header, b, secrets["notify password"])
	}))
	t.Cleanup(echoing.Close)
	there := strings.TrimPrefix(echoing.URL, "http://")
	secrets["notify topic"], secrets["notify password"] = "my-secret-topic-4711", "hush-hush-8 & more"
	address := "ntfy://me:" + url.QueryEscape(secrets["notify password"]) + "@" + there + "/" +
		secrets["notify topic"] + "?scheme=http"
	secrets["notify address"] = strings.ReplaceAll(address, "+", "%20")
	well(say(secrets["notify address"], "notify", "add"))
	require.Equal(t, exitFailed, say("", "notify", "test").status)
	require.Equal(t, exitFailed, say("nonsense://"+secrets["notify topic"], "notify", "add").status)
	well(say("", "notify", "list", "--json"))
	key, err := os.ReadFile(filepath.Join(w.dir, "data", "secret.key"))
	require.NoError(t, err)
	secrets["key"] = string(key)
	w.environ = append(w.environ, "POSTERN_NOTIFY_URLS=generic+"+echoing.URL+"/hook/"+"configured-key-0815")
	secrets["webhook key"] = "configured-key-0815"

	// The build of the site is told at an address with a key in it, by a server that throws back what it was sent.
	secrets["key in the build's path"], secrets["key in the build's query"] = "path-key-of-the-build-31",
		"query-key-of-the-build-32"
	secrets["the build's address"] = echoing.URL + "/" + secrets["key in the build's path"] + "?token=" +
		secrets["key in the build's query"]
	require.Equal(t, exitFailed, say("ftp://"+secrets["key in the build's path"], "webhook", "set", "1",
		"--address-file", "-").status)
	well(say(secrets["the build's address"], "webhook", "set", "1", "--address-file", "-"))
	require.Equal(t, exitFailed, say("", "webhook", "test", "1").status)
	signing := say("", "webhook", "secret", "1")
	secrets["the build's secret"] = strings.TrimSpace(signing.stdout)
	require.Greater(t, len(secrets["the build's secret"]), 40)
	delete(h.wrote, "output of webhook secret") // where it is asked for

	hook := say("", "hook")
	secrets["hook token"] = strings.TrimSpace(hook.stdout[strings.LastIndex(hook.stdout, "/")+1:])
	require.Greater(t, len(secrets["hook token"]), 15, hook.stdout)
	delete(h.wrote, "output of hook") // where it is shown, once
	secrets["API token"] = strings.TrimSpace(say("", "token", "add", "--label", "build", "--write").stdout)
	require.Greater(t, len(secrets["API token"]), 30)
	delete(h.wrote, "output of token add") // likewise
	well(say("", "token", "list", "--json"))
	secrets["wrong API token"] = store.TokenPrefix + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	say("", "token", "remove", secrets["API token"]) // given where a number belongs
	say("", "token", "add", "--lable", secrets["wrong API token"])

	cmd := w.command("serve")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var log bytes.Buffer
	cmd.Stderr = &log
	require.NoError(t, cmd.Start())
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	h.add("standard output of serve", []byte(first))
	base := strings.TrimSuffix(regexp.MustCompile(`http://\S+`).FindString(first), "/")

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	page := func(path string, form url.Values) *goquery.Document {
		t.Helper()
		return h.page(t, browser, base, path, form)
	}
	page("/login", url.Values{"password": {"wrong"}})
	page("/login", url.Values{"password": {secrets["web password"]}})
	here, err := url.Parse(base)
	require.NoError(t, err)
	for _, c := range jar.Cookies(here) {
		secrets["session"] = c.Value
	}
	require.NotEmpty(t, secrets["session"])

	// A token that the page makes is shown by that answer, and by no other. Programs use them, rightly and wrongly.
	secrets["API token of the page"] = page("/settings/tokens",
		url.Values{"label": {"desk"}}).Find("#tokens ~ .notice code").Text()
	require.Greater(t, len(secrets["API token of the page"]), 30)
	delete(h.wrote, "page /settings/tokens")
	page("/settings", nil)
	page("/settings/tokens/none/remove", url.Values{"token": {secrets["API token"]}})
	ask := func(method, path, token, body string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		answered, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		h.add("answer of "+path, append(answered, fmt.Sprint(res.Header)...))
		return res.StatusCode
	}
	everyAddress := func() {
		t.Helper()
		for _, path := range []string{"/api/crossposts", "/api/crossposts?status=all", "/api/v1/accounts",
			"/api/v1/accounts/1", "/api/v1/feeds", "/api/v1/health",
			"/api/v1/notices", "/api/v1/publications", "/api/v1/publications/1", "/api/v1/openapi.json"} {
			require.Equal(t, http.StatusOK, ask(http.MethodGet, path, secrets["API token of the page"], ""), path)
		}
	}
	everyAddress()
	for range 7 {
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusTooManyRequests},
			ask(http.MethodGet, "/api/v1/feeds", secrets["wrong API token"], ""))
	}
	require.Equal(t, http.StatusForbidden,
		ask(http.MethodPost, "/api/v1/feeds/1/poll", secrets["API token of the page"], ""))
	require.Equal(t, http.StatusBadRequest,
		ask(http.MethodGet, "/api/v1/feeds?access_token="+secrets["API token"], secrets["API token"], ""))
	delete(h.wrote, "answer of /api/v1/feeds?access_token="+secrets["API token"]) // the name of the place is the secret
	require.Equal(t, http.StatusUnprocessableEntity, ask(http.MethodPost, "/api/v1/publications/1/skip",
		secrets["API token"], `{"state": "`+secrets["API token"]+`"}`))
	require.Equal(t, http.StatusUnprocessableEntity, ask(http.MethodPost, "/api/v1/feeds", secrets["API token"],
		`{"url": "http://127.0.0.1:1/`+secrets["wrong API token"]+`"}`))
	delete(h.wrote, "answer of /api/v1/feeds") // names the address that was given
	ask(http.MethodGet, "/api/v1/feeds", secrets["API token"], "")

	// A log-in at Instagram: denied, forged, thrown back by an answer that echoes everything, and well in the end.
	logIn := func(name string, form url.Values, came func(state string) url.Values) string {
		stay := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
		r, err := stay.PostForm(base+"/accounts/connect", form)
		require.NoError(t, err)
		r.Body.Close()
		to, err := r.Location() // the one address that has to hold the state
		require.NoError(t, err)
		state := to.Query().Get("state")
		require.NotEmpty(t, state, name)
		secrets["state "+name] = state
		if came == nil {
			return ""
		}
		q := came(state)
		secrets["code "+name] = q.Get("code")
		doc := page("/accounts/connect/callback?"+q.Encode(), nil)
		return doc.Find("main > .notice").Text()
	}
	code := func() string { return w.sim.Authorize("17841400000000007", "http://"+at+"/accounts/connect/callback") }
	app := url.Values{"app_id": {"990602627938098"}, "app_secret": {"another-APPSECRET-5599"}}
	secrets["app secret of the button"] = app.Get("app_secret")
	require.Contains(t, logIn("denied", app, func(state string) url.Values {
		return url.Values{"error": {"access_denied"}, "code": {"AQcode-though-denied-1"}, "state": {state}}
	}), "you did not allow it")
	require.Contains(t, logIn("forged", nil, func(string) url.Values {
		return url.Values{"code": {"AQcode-of-somebody-else"}, "state": {"a-forged-state-123"}}
	}), "not begun here")
	exchange.echo.Store(true)
	require.Contains(t, logIn("refused", nil, func(state string) url.Values {
		return url.Values{"code": {code()}, "state": {state}}
	}), "Not connected")
	exchange.echo.Store(false)
	require.Contains(t, logIn("well", nil, func(state string) url.Values {
		return url.Values{"code": {code() + "#_"}, "state": {state}}
	}), "connected again")
	logIn("not ended", nil, nil) // is in the database when that is copied
	secrets["code well"] = strings.TrimSuffix(secrets["code well"], "#_")
	secrets["short-lived token"] = exchange.token()
	secrets["token of the log-in"] = w.storedToken(string(key))
	require.NotEqual(t, worldToken, secrets["token of the log-in"])

	// Instagram echoes what it was sent, refuses, and answers nothing.
	sent := secrets["token of the log-in"]
	echo := simulator.Reply{Code: 190, Message: "Bad signature of token " + sent}
	w.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create",
		Reply: simulator.Reply{Code: 2, Message: "server error for " + sent}})
	w.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})

	w.blog.add("fog", "Fog", "fog.jpg")
	r, err := http.Post(base+"/hooks/poll/"+secrets["hook token"], "text/plain", nil)
	require.NoError(t, err)
	r.Body.Close()
	require.Eventually(t, func() bool {
		list := w.publications(say("", "publications", "--json"))
		return len(list) > 0 && list[len(list)-1].State == store.Published
	}, 3*time.Minute, 300*time.Millisecond)
	require.Eventually(t, func() bool { return strings.Contains(say("", "webhook", "list").stdout, "502") },
		3*time.Minute, 300*time.Millisecond)
	w.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "me", Reply: echo})
	// Something is wrong, is noticed, and does not arrive.
	say("", "account", "check", "1")
	w.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "create", Reply: echo, Times: simulator.Forever})
	w.blog.add("rain", "Rain", "fog.jpg")
	say("", "sync", "--wait", "1s")
	require.Eventually(t, func() bool { return strings.Contains(say("", "notify", "list").stdout, "502") },
		3*time.Minute, 300*time.Millisecond)
	page("/notices/addresses", url.Values{"address": {secrets["notify address"]}})
	page("/notices/addresses", url.Values{"address": {"nonsense://" + secrets["notify topic"]}})
	page("/notices/addresses/1/test", url.Values{})
	page("/accounts/1/webhook", url.Values{"address": {"ftp://" + secrets["key in the build's path"]}})
	page("/accounts/1/webhook/test", url.Values{})
	well(say("", "webhook", "resend", "2"))
	echoing.Close() // errors of the network name the address they were for
	say("", "notices", "--json")
	require.Contains(t, say("", "notify", "test", "--json").stdout, "refused")
	for _, path := range []string{"/notices", "/", "/accounts", "/feeds", "/publications/1", "/publications/2",
		"/accounts/1/webhook", "/activity", "/nowhere"} {
		page(path, nil)
	}
	everyAddress()
	say("", "account", "check", "1", "--json")
	page("/accounts", url.Values{"label": {"x"}, "token": {secrets["dead token"]},
		"access_token": {secrets["dead token"]}, "app_secret": {secrets["app secret"]}})
	for _, args := range [][]string{{"account", "list", "--json"}, {"feed", "list", "--json"},
		{"sync", "--json", "--wait", "5s"}} {
		say("", args...)
	}
	well(say("", "backup", filepath.Join(w.dir, "data", "copy.db"))) // read with the folder
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait()
	h.add("log of serve", log.Bytes())
	well(say("", "backup", filepath.Join(w.dir, "copy.db")))
	h.folder(t, filepath.Join(w.dir, "data"))
	h.folder(t, w.dir)
	delete(h.wrote, filepath.Join(w.dir, "data", "secret.key")) // its place
	require.NotEmpty(t, log.Bytes())
	require.NotEmpty(t, h.wrote[filepath.Join(w.dir, "data", "postern.db")])
	require.NotEmpty(t, h.wrote[filepath.Join(w.dir, "data", "copy.db")])

	require.Empty(t, h.find(secrets))
	// The search itself finds what is there, however it is written.
	for place, leak := range map[string]string{
		"in clear": "token=" + worldToken, "escaped": url.QueryEscape(secrets["web password"]),
		"in base64": base64.StdEncoding.EncodeToString([]byte(secrets["session"])),
	} {
		planted := &haul{wrote: map[string][]byte{place: []byte("before " + leak + " after")}}
		require.Len(t, planted.find(secrets), 1, place)
	}
}

// exchanges stands before the address where codes become tokens.
type exchanges struct {
	mu    sync.Mutex
	short string
	echo  atomic.Bool // answers with what it was sent
}

func (w *world) recordExchanges() *exchanges {
	e := &exchanges{}
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if e.echo.Load() {
			out.WriteHeader(http.StatusBadRequest)
			form, _ := url.ParseQuery(string(body))
			_ = json.NewEncoder(out).Encode(map[string]any{"error_type": "OAuthException", "code": 400,
				"error_message": fmt.Sprintf("%s %s %v", r.URL, body, form)})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		w.sim.ServeHTTP(rec, r)
		if m := regexp.MustCompile(`"access_token":"([^"]+)"`).FindStringSubmatch(rec.Body.String()); m != nil {
			e.mu.Lock()
			e.short = m[1]
			e.mu.Unlock()
		}
		out.WriteHeader(rec.Code)
		_, _ = out.Write(rec.Body.Bytes())
	}))
	w.t.Cleanup(s.Close)
	w.configure("instagram.token_url", s.URL+"/oauth/access_token")
	return e
}

// token is the short-lived one that was given out last.
func (e *exchanges) token() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.short
}

// storedToken is the first account's, opened with the key.
func (w *world) storedToken(key string) string {
	w.t.Helper()
	k, err := vault.ParseKey([]byte(key), "the key", nil)
	require.NoError(w.t, err)
	s, err := store.Open(w.t.Context(), filepath.Join(w.dir, "data", "postern.db"), store.Options{})
	require.NoError(w.t, err)
	defer s.Close()
	a, err := s.Account(w.t.Context(), 1)
	require.NoError(w.t, err)
	token, err := k.Open("account:1:token", a.Secrets.Token)
	require.NoError(w.t, err)
	return token.Reveal()
}
