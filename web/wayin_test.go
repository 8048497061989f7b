package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/address"
	"postern/web"
	"postern/web/access"
)

// storm sends so many wrong passwords, each from another address.
func (h *house) storm(n int) {
	h.t.Helper()
	b := h.stranger()
	for i := range n {
		b.from = fmt.Sprintf("198.%d.%d.%d", 18+i>>16, i>>8&255, i&255)
		status := b.post("/login", url.Values{"password": {"wrong"}}).Status
		require.Contains(h.t, []int{http.StatusUnauthorized, http.StatusTooManyRequests}, status)
	}
}

func TestStrangersDoNotLockTheOwnerOut(t *testing.T) {
	h := newHouse(t)
	known := h.owner()
	known.submitLogOut()
	h.storm(1000)

	// From an address of his own, which the proxy tells.
	b := h.stranger()
	b.from = "192.0.2.1"
	require.Equal(t, "/", b.post("/login", url.Values{"password": {password}}).Path)

	// From the address that strangers use, such as that of a proxy that says nothing.
	b = h.stranger()
	for range 5 {
		require.Equal(t, http.StatusUnauthorized, b.post("/login", url.Values{"password": {"wrong"}}).Status)
	}
	p := b.post("/login", url.Values{"password": {password}})
	require.Equal(t, http.StatusTooManyRequests, p.Status)
	require.Contains(t, p.notice(), "postern login")
	require.Equal(t, "/", known.post("/login", url.Values{"password": {password}}).Path,
		"a browser that logged in before")

	path, token := access.NewLoginLink()
	require.NoError(t, h.store.SetLoginLink(t.Context(), token, time.Now().Add(time.Minute)))
	require.Equal(t, "/", b.get(path).Path, "a link")
	require.Equal(t, http.StatusOK, b.get("/settings").Status)

	// When strangers have used up everything that all of them have together, the two others still pass.
	h.storm(600)
	b = h.stranger()
	b.from = "192.0.2.77"
	require.Equal(t, http.StatusTooManyRequests, b.post("/login", url.Values{"password": {password}}).Status)
	known.submitLogOut()
	require.Equal(t, "/", known.post("/login", url.Values{"password": {password}}).Path)
}

func (b *browser) submitLogOut() { b.get("/").submit(`form[action="/logout"]`, nil) }

// The cookie of a browser that logged in opens nothing, and does not make guessing free.
func TestRememberedBrowserIsThrottledAlone(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	b.submitLogOut()
	require.Equal(t, "/login", b.get("/").Path)
	for range 5 {
		require.Equal(t, http.StatusUnauthorized, b.post("/login", url.Values{"password": {"wrong"}}).Status)
	}
	require.Equal(t, http.StatusTooManyRequests, b.post("/login", url.Values{"password": {password}}).Status)

	u, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	forger := h.stranger()
	for i := range 6 { // cookies that were made up are nobody's
		forger.http.Jar.SetCookies(u,
			[]*http.Cookie{{Name: "postern_browser", Value: fmt.Sprintf("ABCDEFGHIJKLMNOPQRSTUVWXY%d", i), Path: "/"}})
		want := http.StatusUnauthorized
		if i == 5 {
			want = http.StatusTooManyRequests
		}
		require.Equal(t, want, forger.post("/login", url.Values{"password": {"wrong"}}).Status)
	}
}

func TestLoginLinkOpensOnce(t *testing.T) {
	h := newHouse(t)
	path, token := access.NewLoginLink()
	require.NoError(t, h.store.SetLoginLink(t.Context(), token, time.Now().Add(time.Minute)))
	raw, err := h.store.Setting(t.Context(), "login_link")
	require.NoError(t, err)
	require.NotContains(t, raw, token)

	// Neither a look at the head nor a browser that fetches ahead uses it up.
	for _, c := range []struct{ method, header string }{{http.MethodHead, ""}, {http.MethodGet, "prefetch;prerender"}} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, h.http.URL+path, nil)
		require.NoError(t, err)
		r.Header.Set("Sec-Purpose", c.header)
		res, err := h.stranger().http.Do(r)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
		require.Empty(t, res.Cookies())
	}
	require.Equal(t, "/", h.stranger().get(path).Path)
	p := h.stranger().get(path)
	require.Equal(t, http.StatusUnauthorized, p.Status)
	require.Contains(t, p.notice(), "already used or has expired")
	require.NotContains(t, h.log.String(), token)

	old, token := access.NewLoginLink()
	require.NoError(t, h.store.SetLoginLink(t.Context(), token, time.Now().Add(-time.Second)))
	require.Equal(t, http.StatusUnauthorized, h.stranger().get(old).Status)

	replaced, token := access.NewLoginLink()
	require.NoError(t, h.store.SetLoginLink(t.Context(), token, time.Now().Add(time.Minute)))
	newer, token := access.NewLoginLink()
	require.NoError(t, h.store.SetLoginLink(t.Context(), token, time.Now().Add(time.Minute)))
	require.Equal(t, http.StatusUnauthorized, h.stranger().get(replaced).Status)

	hash, err := h.store.PasswordHash(t.Context())
	require.NoError(t, err)
	require.NoError(t, h.store.SetPasswordHash(t.Context(), hash))
	require.Equal(t, http.StatusUnauthorized, h.stranger().get(newer).Status, "a new password ends it")
}

// A browser that drops the cookie is told so, instead of being asked for the password again without a word.
func TestLogInThatIsNotKeptSaysWhy(t *testing.T) {
	h := newHouse(t, public("https://posse.example.org"))
	srv, err := web.New(h.options)
	require.NoError(t, err)
	ask := func(method, host, target string, form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
		r.Host, r.RemoteAddr = host, "127.0.0.1:5000"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		srv.Handler().ServeHTTP(w, r)
		return w
	}
	for host, want := range map[string]string{
		"posse.example.org": "Open https://posse.example.org instead",
		"nas.lan:8484":      "Allow cookies for nas.lan:8484",
	} {
		w := ask(http.MethodPost, host, "/login", url.Values{"password": {password}})
		require.Equal(t, http.StatusSeeOther, w.Code)
		w = ask(http.MethodGet, host, w.Header().Get("Location"), nil) // without the cookie
		require.Equal(t, http.StatusSeeOther, w.Code)
		w = ask(http.MethodGet, host, w.Header().Get("Location"), nil)
		require.Equal(t, http.StatusOK, w.Code)
		require.Contains(t, w.Body.String(), "The password was right")
		require.Contains(t, w.Body.String(), want)
		require.NotContains(t, ask(http.MethodGet, host, "/login", nil).Body.String(), "The password was right")
	}
}

func TestProxies(t *testing.T) {
	for _, c := range []struct {
		name, from, forwarded string
		trusted               []string // nil: as by default
		want                  string   // the address that the log names
		advised               bool
	}{
		{name: "nobody between", from: "203.0.113.9:1", want: "203.0.113.9"},
		{name: "a proxy here", from: "127.0.0.1:1", forwarded: "203.0.113.9", want: "203.0.113.9"},
		{name: "a proxy here that adds to what a stranger says", from: "[::1]:1", forwarded: "192.0.2.1, 203.0.113.9",
			want: "203.0.113.9"},
		{name: "a proxy that is not trusted", from: "172.18.0.1:1", forwarded: "203.0.113.9", want: "172.18.0.1",
			advised: true},
		{name: "one that is", from: "172.18.0.1:1", forwarded: "203.0.113.9", trusted: []string{"172.16.0.0/12"},
			want: "203.0.113.9"},
		{name: "two, one behind the other", from: "127.0.0.1:1", forwarded: "192.0.2.1, 203.0.113.9, 172.18.0.1",
			trusted: []string{"127.0.0.0/8", "172.16.0.0/12"}, want: "203.0.113.9"},
		{name: "with a port", from: "127.0.0.1:1", forwarded: "[2001:db8::7]:443", want: "2001:db8::7"},
		{name: "mapped into IPv6", from: "[::ffff:127.0.0.1]:1", forwarded: "::ffff:203.0.113.9", want: "203.0.113.9"},
		{name: "nonsense", from: "127.0.0.1:1", forwarded: "unknown", want: "127.0.0.1"},
		{name: "nobody is trusted", from: "127.0.0.1:1", forwarded: "203.0.113.9", trusted: []string{},
			want: "127.0.0.1", advised: true},
		{name: "a stranger forges it", from: "203.0.113.9:1", forwarded: "192.0.2.1", want: "203.0.113.9",
			advised: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			if c.trusted != nil {
				h.options.TrustedProxies = []netip.Prefix{}
			}
			for _, p := range c.trusted {
				h.options.TrustedProxies = append(h.options.TrustedProxies, netip.MustParsePrefix(p))
			}
			srv, err := web.New(h.options)
			require.NoError(t, err)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login",
				strings.NewReader("password=wrong"))
			r.RemoteAddr = c.from
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			w := httptest.NewRecorder()
			srv.Handler().ServeHTTP(w, r)
			require.Equal(t, http.StatusUnauthorized, w.Code)
			require.Contains(t, h.log.String(), `msg="log-in refused" from=`+c.want+"\n")
			require.Equal(t, c.advised, strings.Contains(w.Body.String(), "web.trusted_proxies"))
			require.Equal(t, c.advised, strings.Contains(w.Body.String(), "172.16.0.0/12"), "Docker's")

			seen, err := access.UntrustedProxy(t.Context(), h.store, nil, time.Now())
			require.NoError(t, err)
			private := c.advised && c.want != "203.0.113.9"
			require.Equal(t, private, seen.IsValid(), "a stranger cannot make the doctor say something")
			if private {
				require.Equal(t, c.want, seen.String())
				trusted := []netip.Prefix{netip.PrefixFrom(seen, seen.BitLen())}
				seen, err = access.UntrustedProxy(t.Context(), h.store, trusted, time.Now())
				require.NoError(t, err)
				require.False(t, seen.IsValid(), "it is trusted now")
				seen, err = access.UntrustedProxy(t.Context(), h.store, nil, time.Now().Add(8*24*time.Hour))
				require.NoError(t, err)
				require.False(t, seen.IsValid(), "it was seen long ago")
			}
		})
	}
}

func TestThemeRedirectsOnlyHere(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for here, want := range map[string]string{
		"/posts?state=held&q=a+b": "/posts?state=held&q=a+b", "/sandbox/": "/sandbox/", "/": "/", "": "/",
		"/feeds#x":       "/feeds",
		"//evil.example": "/", "/\t/evil.example": "/", "/\n/evil.example": "/", `/\evil.example`: "/",
		"https://evil.example/": "/", "/%2Fevil.example": "/",
		"/%09/evil.example": "/%09/evil.example", "///evil.example": "/", " //evil.example": "/",
		"javascript:alert(1)": "/", "evil.example": "/", "\x00//evil.example": "/",
	} {
		p := b.post("/theme", url.Values{"theme": {"dark"}, "here": {here}})
		require.Equal(t, http.StatusSeeOther, p.Status)
		require.Equal(t, want, p.Header.Get("Location"), "%q", here)
	}
}

func TestBaseURLWithAPath(t *testing.T) {
	require.Empty(t, address.PathAdvice(""))
	require.Empty(t, address.PathAdvice("https://posse.example.org"))
	require.Empty(t, address.PathAdvice("https://posse.example.org/"))
	h := newHouse(t, public("https://example.org/postern"))
	for _, path := range []string{"/login"} {
		require.Contains(t, h.stranger().get(path).text("main"), "web.base_url has the path /postern")
	}
	require.Contains(t, h.owner().get("/settings").text("main"),
		"Give the pages a name of their own, such as https://postern.example.org")
}

func TestEventsEndWithTheSession(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.http.URL+"/events", nil)
	require.NoError(t, err)
	res, err := b.http.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for buf := make([]byte, 512); ; {
			if _, err := res.Body.Read(buf); err != nil {
				return
			}
		}
	}()
	select {
	case <-ended:
		t.Fatal("it ends though the session goes on")
	case <-time.After(2500 * time.Millisecond):
	}
	b.submitLogOut()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("it goes on after the log-out")
	}
}
