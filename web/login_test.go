package web_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/stretchr/testify/require"

	"postern/web"
	"postern/web/access"
)

const setupForm, loginForm = `form[action="/setup"]`, `form[action="/login"]`

func setupValues(code, first, second string) url.Values {
	return url.Values{"code": {code}, "password": {first}, "again": {second}}
}

func TestFirstRun(t *testing.T) {
	h := newHouse(t, unset)
	b := h.stranger()
	p := b.get("/feeds")
	require.Equal(t, "/setup", p.Path, "everything leads to the first password")
	require.Equal(t, "/setup", b.get("/login").Path)

	p = p.submit(setupForm, setupValues("wrong", password, password))
	require.Equal(t, http.StatusUnauthorized, p.Status)
	require.Contains(t, p.notice(), "not the code")
	p = p.submit(setupForm, setupValues(setupCode, "short pw", "short pw"))
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.notice(), "at least 10 characters")
	p = p.submit(setupForm, setupValues(setupCode, password, password+"x"))
	require.Contains(t, p.notice(), "differ")
	hash, err := h.store.PasswordHash(t.Context())
	require.NoError(t, err)
	require.Empty(t, hash)

	typed := " " + strings.ToLower(strings.ReplaceAll(setupCode, "-", " ")) + " "
	p = p.submit(setupForm, setupValues(typed, password, password))
	require.Equal(t, "/", p.Path)
	require.Equal(t, http.StatusOK, p.Status)
	require.Equal(t, "Home", p.text("nav [aria-current]"))
	hash, err = h.store.PasswordHash(t.Context())
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(hash, "$argon2id$"))

	// The code is void, for everybody.
	other := h.stranger()
	require.Equal(t, "/login", other.get("/setup").Path)
	p = other.post("/setup", setupValues(setupCode, "another password", "another password"))
	require.Equal(t, "/login", p.Path)
	now, err := h.store.PasswordHash(t.Context())
	require.NoError(t, err)
	require.Equal(t, hash, now)
}

func TestWithoutCodeNobodyChoosesAPassword(t *testing.T) {
	h := newHouse(t, unset)
	h.options.SetupCode = ""
	srv, err := web.New(h.options)
	require.NoError(t, err)
	h.http.Config.Handler = srv.Handler()
	b := h.stranger()
	p := b.get("/setup")
	require.False(t, p.has(setupForm))
	require.Contains(t, p.text("main"), "Restart Postern")
	p = b.post("/setup", setupValues("", password, password))
	require.Equal(t, http.StatusUnauthorized, p.Status)
}

func TestLogInAndOut(t *testing.T) {
	h := newHouse(t)
	b := h.stranger()
	p := b.get("/accounts")
	require.Equal(t, "/login", p.Path)
	p = p.submit(loginForm, url.Values{"password": {"not the password"}})
	require.Equal(t, http.StatusUnauthorized, p.Status)
	require.Equal(t, "This is not the password.", p.notice())
	require.False(t, p.has("nav"))
	require.Contains(t, h.log.String(), "log-in refused")
	require.NotContains(t, h.log.String(), "not the password")
	require.NotContains(t, p.Body, "not the password\"")

	p = p.submit(loginForm, url.Values{"password": {password}})
	require.Equal(t, "/", p.Path)
	require.Equal(t, "/", b.get("/login").Path, "no need to log in twice")
	u, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	cookie := b.session(u)

	p = b.get("/").submit(`form[action="/logout"]`, nil)
	require.Equal(t, "/login", p.Path)
	require.Equal(t, "/login", b.get("/").Path)
	b.http.Jar.SetCookies(u, []*http.Cookie{cookie})
	require.Equal(t, "/login", b.get("/").Path, "the old cookie opens nothing")
}

// Whoever planted a session in the owner's browser must not be let in with the owner.
func TestLogInRenewsTheSession(t *testing.T) {
	h := newHouse(t)
	b, attacker := h.stranger(), h.stranger()
	ends := time.Now().Add(time.Hour)
	data, err := scs.GobCodec{}.Encode(ends, map[string]any{})
	require.NoError(t, err)
	require.NoError(t, h.store.SessionCommit(t.Context(), "planted", data, ends))
	u, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	for _, x := range []*browser{b, attacker} {
		x.http.Jar.SetCookies(u, []*http.Cookie{{Name: "postern_session", Value: "planted", Path: "/"}})
	}
	p := b.get("/login").submit(loginForm, url.Values{"password": {password}})
	require.Equal(t, "/", p.Path)
	require.NotEqual(t, "planted", b.session(u).Value)
	require.Equal(t, "/login", attacker.get("/").Path)
}

func TestANewPasswordEndsSessions(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	hash, err := access.HashPassword("an entirely new one")
	require.NoError(t, err)
	require.NoError(t, h.store.SetPasswordHash(t.Context(), hash))
	require.Equal(t, "/login", b.get("/").Path)
}

// A form that was sent before its session was ended, and answered after, is not obeyed and brings no session back.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *house, *browser){
		"a new password": func(t *testing.T, h *house, _ *browser) {
			require.NoError(t, h.store.SetPasswordHash(t.Context(), passwordHash()+"."))
		},
		"the same password again": func(t *testing.T, h *house, _ *browser) {
			require.NoError(t, h.store.SetPasswordHash(t.Context(), passwordHash()))
		},
		"log-out": func(_ *testing.T, _ *house, b *browser) { b.post("/logout", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			h := furnished(t)
			b := h.owner()
			u, err := url.Parse(h.http.URL)
			require.NoError(t, err)
			cookie := b.session(u).String()
			const form = "approve=yes"
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.Host)
			require.NoError(t, err)
			defer conn.Close()
			fmt.Fprintf(conn,
				"POST /accounts/%d/approve HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: "+
					"application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
				h.account.ID, u.Host, cookie, len(form), form[:5])
			time.Sleep(100 * time.Millisecond) // the headers have arrived
			end(t, h, b)
			fmt.Fprint(conn, form[5:])
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, http.StatusForbidden, res.StatusCode)

			back := h.stranger()
			back.http.Jar.SetCookies(u,
				[]*http.Cookie{{Name: "postern_session", Value: strings.TrimPrefix(cookie, "postern_session="),
					Path: "/"}})
			require.Equal(t, "/login", back.get("/accounts").Path)
		})
	}
}

// A session that was kept by whatever way after the password changed is of that other password.
func TestASessionIsOfOnePassword(t *testing.T) {
	h := newHouse(t)
	b := h.stranger()
	u, err := url.Parse(h.http.URL)
	require.NoError(t, err)
	for name, owner := range map[string]any{"another password's": "0123456789abcdef", "none's": true} {
		ends := time.Now().Add(time.Hour)
		data, err := scs.GobCodec{}.Encode(ends, map[string]any{"owner": owner})
		require.NoError(t, err)
		require.NoError(t, h.store.SessionCommit(t.Context(), name, data, ends))
		b.http.Jar.SetCookies(u, []*http.Cookie{{Name: "postern_session", Value: name, Path: "/"}})
		require.Equal(t, "/login", b.get("/").Path)
	}
}

func TestAttemptsAreThrottled(t *testing.T) {
	for _, c := range []struct {
		name, path string
		opts       []option
		wrong      url.Values
		right      url.Values
	}{
		{"log-in", "/login", nil, url.Values{"password": {"wrong"}}, url.Values{"password": {password}}},
		{"set-up", "/setup", []option{unset}, setupValues("wrong", password, password),
			setupValues(setupCode, password, password)},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, c.opts...)
			from := func(address string) *browser { // through a proxy on this machine
				b := h.stranger()
				b.from = address
				return b
			}
			for n := range 5 { // what a stranger adds before the proxy does is not believed
				require.Equal(t, http.StatusUnauthorized,
					from(fmt.Sprintf("198.51.100.%d, 203.0.113.9", n)).post(c.path, c.wrong).Status)
			}
			p := from("203.0.113.9").post(c.path, c.right)
			require.Equal(t, http.StatusTooManyRequests, p.Status, "even if it is right")
			require.Contains(t, p.notice(), "Too many attempts. Wait")
			require.NotEmpty(t, p.Header.Get("Retry-After"))

			for n := range 5 {
				require.Equal(t, http.StatusUnauthorized,
					from(fmt.Sprintf("2001:db8:0:1::%d", n)).post(c.path, c.wrong).Status)
			}
			require.Equal(t, http.StatusTooManyRequests, from("2001:db8:0:1:ffff::1").post(c.path, c.right).Status,
				"one neighbourhood")
			require.Equal(t, "/", from("192.0.2.1").post(c.path, c.right).Path, "the owner is not kept out")
			require.Contains(t, h.log.String(), "from=203.0.113.9")
		})
	}
}
