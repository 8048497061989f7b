package web_test

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/web"
)

// routes reads the route tables, so that a route that is added is tested too.
func routes(t *testing.T) (out []string) {
	t.Helper()
	files, err := filepath.Glob("*/*.go")
	require.NoError(t, err)
	api := 0
	for _, file := range append(files, "routes.go") {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`mux\.Handle(?:Func)?\("([^"]+)"`).FindAllStringSubmatch(string(source),
			-1) {
			out = append(out, m[1])
			if strings.Contains(m[1], " /api/") {
				api++
			}
		}
	}
	require.Greater(t, len(out), 60)
	require.Greater(t, api, 20)
	return out
}

// request turns a pattern into a request line.
func request(pattern string) (method, path string) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = http.MethodGet, pattern
	}
	path = strings.NewReplacer("{$}", "", "{id}", "1", "{name}", "x", "{token}", "x", "{key}", "x").Replace(path)
	return method, path
}

func isPublic(path string) bool {
	for _, p := range []string{"/media", "/robots.txt", "/healthz", "/readyz", "/assets/", "/setup", "/login",
		"/hooks/", "/theme"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

func TestEveryRouteHasSecurityHeadersAndIsClosedToStrangers(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	b := h.stranger()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, pattern := range routes(t) {
		method, path := request(pattern)
		var p *page
		if method != http.MethodGet {
			p = b.post(path, url.Values{"state": {"queued"}})
		} else {
			p = b.get(path)
		}
		csp := p.Header.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'", pattern)
		require.Contains(t, csp, "frame-ancestors 'none'", pattern)
		require.Contains(t, csp, "script-src 'self';", pattern)
		require.NotContains(t, csp, "unsafe", pattern)
		require.Equal(t, "nosniff", p.Header.Get("X-Content-Type-Options"), pattern)
		require.Equal(t, "same-origin", p.Header.Get("Referrer-Policy"), pattern)
		switch {
		case path == "/events":
			require.Equal(t, http.StatusUnauthorized, p.Status, "a stream leads nowhere")
		case path == "/api/v1/openapi.json":
			require.Equal(t, http.StatusOK, p.Status, "it says nothing about this Postern")
		case strings.HasPrefix(path, "/api/"), path == "/metrics":
			require.Equal(t, http.StatusUnauthorized, p.Status, pattern)
			require.NotEmpty(t, p.Header.Get("WWW-Authenticate"), pattern)
		case isPublic(path):
			require.NotEqual(t, http.StatusForbidden, p.Status, pattern)
		case method == http.MethodPost:
			require.Equal(t, http.StatusForbidden, p.Status, pattern)
		default:
			require.Equal(t, http.StatusSeeOther, p.Status, pattern)
			require.Equal(t, "/login", p.Header.Get("Location"), pattern)
		}
	}
	require.Equal(t, "queued", string(h.state(1).State))
}

func TestCrossOriginFormsAreRefusedOnEveryRoute(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	b := h.owner()
	for _, pattern := range routes(t) {
		method, path := request(pattern)
		// there a token is asked for, which no site can add
		if method != http.MethodPost || strings.HasPrefix(path, "/api/") {
			continue
		}
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site",
			"Origin": "https://evil.example.org"} {
			req, err := http.NewRequestWithContext(t.Context(), method, h.http.URL+path,
				strings.NewReader("state=queued"))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(header, value)
			p := b.do(req)
			require.Equal(t, http.StatusForbidden, p.Status, "%s %s", pattern, header)
			require.Contains(t, p.Body, "another site")
		}
	}
	require.Equal(t, "queued", string(h.state(1).State))
	require.Equal(t, http.StatusOK, b.get("/accounts").Status, "still logged in")
}

func TestFormsFromThePublicAddressAreTaken(t *testing.T) {
	h := furnished(t, public("https://posse.example.org"))
	p := h.entry("Quay")
	// A proxy that sends its own Host, and a browser too old for Sec-Fetch-Site.
	srv, err := web.New(h.options)
	require.NoError(t, err)
	send := func(origin string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/publications/1/hold",
			strings.NewReader("state=queued"))
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		srv.Handler().ServeHTTP(w, r)
		return w.Code
	}
	require.Equal(t, http.StatusForbidden, send("https://posse.example.org"), "let in, and asked to log in")
	require.Contains(t, h.log.String(), `route="POST /publications/{id}/hold"`)
	require.NotContains(t, h.log.String(), "another site")
	require.Equal(t, http.StatusForbidden, send("https://other.example.org"))
	require.Contains(t, h.log.String(), "form from another site refused")
	require.Equal(t, "queued", string(h.state(p.ID).State))
}

func TestMediaIsPublicAndNeverRedirects(t *testing.T) {
	h := newHouse(t)
	src, err := url.Parse(h.site.URL + "/a.jpg")
	require.NoError(t, err)
	f, err := h.library.Prepare(t.Context(), src, media.Rules{Name: "feed"})
	require.NoError(t, err)
	b := h.stranger()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := b.get("/media/" + f.Name())
	require.Equal(t, http.StatusOK, p.Status)
	require.Equal(t, "image/jpeg", p.Header.Get("Content-Type"))
	require.Empty(t, p.Header.Get("Set-Cookie"))
	require.Contains(t, p.Header.Get("Cache-Control"), "public")
	for _, path := range []string{"/media", "/media/", "/media//" + f.Name(), "/media/../media/" + f.Name(),
		"/media/none.jpg", "/media/%2e%2e/postern.db"} {
		require.Equal(t, http.StatusNotFound, b.get(path).Status, path)
	}
}

func TestRobotsAndHealth(t *testing.T) {
	h := newHouse(t, unset)
	b := h.stranger()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := b.get("/robots.txt")
	require.Equal(t, "User-agent: *\nAllow: /media/\nDisallow: /\n", p.Body)
	require.Equal(t, "text/plain; charset=utf-8", p.Header.Get("Content-Type"))
	require.Equal(t, "ok\n", b.get("/healthz").Body)
	p = b.get("/readyz")
	require.Equal(t, "ready\n", p.Body)
	require.Equal(t, http.StatusOK, p.Status)
	require.NoError(t, h.store.Close())
	p = b.get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, p.Status)
	require.Equal(t, http.StatusOK, b.get("/healthz").Status)
}

func TestAssetsAreSmallAndKept(t *testing.T) {
	h := newHouse(t)
	b := h.stranger()
	href, ok := b.get("/login").Find(`link[rel=stylesheet]`).Attr("href")
	require.True(t, ok)
	p := b.get(href)
	require.Equal(t, http.StatusOK, p.Status)
	require.Contains(t, p.Header.Get("Content-Type"), "text/css")
	require.Contains(t, p.Header.Get("Cache-Control"), "immutable")
	require.Less(t, len(p.Body), 24<<10)
	require.NotContains(t, p.Body, "http")
	require.Equal(t, http.StatusNotFound, b.get("/assets/style.css").Status,
		"only the name with the hash may be kept for ever")
}

// A cookie is for https alone only where the browser speaks https: one that is marked so over http is dropped
// without a word.
func TestCookieIsSecureWhereTheBrowserSpeaksHTTPS(t *testing.T) {
	const base = "https://posse.example.org"
	for _, c := range []struct {
		name, public, host, from, header string
		tls, secure                      bool
	}{
		{name: "http", host: "127.0.0.1:8484"},
		{name: "ssh -L, base_url for media only", public: base, host: "127.0.0.1:8484"},
		{name: "a name in the LAN", public: base, host: "nas.lan:8484", from: "192.168.1.7:5000"},
		{name: "the same name at Postern's own port", public: base, host: "posse.example.org:8484",
			from: "192.168.1.7:5000"},
		{name: "a proxy that says nothing", public: base, host: "posse.example.org", secure: true},
		{name: "… and names the port", public: base, host: "Posse.example.org:443", from: "172.18.0.1:5000",
			secure: true},
		{name: "a trusted proxy says https", host: "other.example.org", header: "X-Forwarded-Proto: https",
			secure: true},
		{name: "… as RFC 7239 has it", host: "other.example.org",
			header: `Forwarded: for=192.0.2.1;proto="https", for=198.51.100.1;proto=http`, secure: true},
		{name: "… says http", host: "nas.lan", header: "X-Forwarded-Proto: http"},
		{name: "a stranger says https", host: "nas.lan:8484", from: "192.168.1.7:5000",
			header: "X-Forwarded-Proto: https"},
		{name: "a base_url of http", public: "http://nas.lan", host: "nas.lan"},
		{name: "own TLS", host: "nas.lan", from: "192.168.1.7:5000", tls: true, secure: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, public(c.public))
			srv, err := web.New(h.options)
			require.NoError(t, err)
			send := func(path string, form url.Values) *httptest.ResponseRecorder {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path,
					strings.NewReader(form.Encode()))
				r.Host, r.RemoteAddr = c.host, cmp.Or(c.from, "127.0.0.1:5000")
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					r.Header.Set(name, value)
				}
				if c.tls {
					r.TLS = &tls.ConnectionState{}
				}
				w := httptest.NewRecorder()
				srv.Handler().ServeHTTP(w, r)
				require.Equal(t, http.StatusSeeOther, w.Code)
				return w
			}
			cookies := append(send("/login", url.Values{"password": {password}}).Result().Cookies(),
				send("/theme", url.Values{"theme": {"dark"}}).Result().Cookies()...)
			require.Len(t, cookies, 3)
			for _, x := range cookies {
				require.Equal(t, c.secure, x.Secure, x.Name)
				require.True(t, x.HttpOnly)
				require.Equal(t, http.SameSiteLaxMode, x.SameSite)
			}
		})
	}
}

func TestTheDemoAnswersOnThisMachineOnly(t *testing.T) {
	h := newHouse(t, opened)
	b := h.stranger()
	p := b.get("/")
	require.Equal(t, http.StatusOK, p.Status)
	require.False(t, p.has(`form[action="/logout"]`))
	require.Equal(t, "http://127.0.0.1:1/harbour", p.Find(".aside a").First().AttrOr("href", ""))
	require.Equal(t, http.StatusOK, b.get("/styleguide").Status)
	require.Equal(t, "/", b.get("/login").Path)
	require.Equal(t, "/", b.get("/setup").Path)

	srv, err := web.New(h.options)
	require.NoError(t, err)
	for _, c := range []struct {
		host, from string
		want       int
	}{
		{"127.0.0.1:8484", "127.0.0.1:5000", 200},
		{"localhost:8484", "[::1]:5000", 200},
		{"127.0.0.1:8484", "192.0.2.1:5000", 403},
		{"rebound.example.org:8484", "127.0.0.1:5000", 403},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host, r.RemoteAddr = c.host, c.from
		w := httptest.NewRecorder()
		srv.Handler().ServeHTTP(w, r)
		require.Equal(t, c.want, w.Code, "%s from %s", c.host, c.from)
	}
}

func TestUnknownPagesAndPanics(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	for _, path := range []string{"/nothing", "/publications/77", "/publications/x", "/feeds/5/remove",
		"/accounts/5/remove"} {
		p := b.get(path)
		require.Equal(t, http.StatusNotFound, p.Status, path)
		require.Equal(t, "Page not found", p.text("h1"), path)
	}
	h.connect()
	h.options.Accounts = nil // a mistake in the wiring
	srv, err := web.New(h.options)
	require.NoError(t, err)
	u, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/accounts/1/check", nil)
	for _, c := range b.http.Jar.Cookies(u) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	srv.Handler().ServeHTTP(w, r)
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Contains(t, h.log.String(), "handler panicked")
	require.NotEmpty(t, w.Header().Get("Content-Security-Policy"))
}
