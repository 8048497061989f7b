package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"postern/store"
	"postern/web"
)

var tokenShape = regexp.MustCompile(`\bpostern_[A-Z2-7]{26}\b`)

// guarded asks a handler behind the tokens.
func guarded(t *testing.T, srv *web.Server, needed store.Scope, from string,
	header ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/guarded", nil)
	r.RemoteAddr = from + ":5000"
	for _, h := range header {
		r.Header.Add("Authorization", h)
	}
	w := httptest.NewRecorder()
	srv.Bearer(needed,
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "in") })).ServeHTTP(w,
		r)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	return w.Result(), w.Body.String()
}

// problem reads a refusal.
func problem(t *testing.T, status int, res *http.Response, body string) (detail string) {
	t.Helper()
	require.Equal(t, status, res.StatusCode, body)
	require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	require.NoError(t, json.Unmarshal([]byte(body), &p))
	require.Equal(t, "about:blank", p.Type)
	require.Equal(t, http.StatusText(status), p.Title)
	require.Equal(t, status, p.Status)
	require.NotEmpty(t, p.Detail)
	return p.Detail
}

func TestTokensLetProgramsIn(t *testing.T) {
	h := newHouse(t)
	srv, err := web.New(h.options)
	require.NoError(t, err)
	reading, reads, err := h.store.AddToken(t.Context(), "build", store.ReadScope, store.CLI)
	require.NoError(t, err)
	_, writes, err := h.store.AddToken(t.Context(), "desk", store.WriteScope, store.CLI)
	require.NoError(t, err)
	require.Regexp(t, tokenShape, reads)
	require.NotEqual(t, reads, writes)

	for _, header := range []string{"", "Bearer", "Bearer ", "Basic cG9zdGVybg==", reads} {
		var sent []string
		if header != "" {
			sent = []string{header}
		}
		res, body := guarded(t, srv, store.ReadScope, "192.0.2.1", sent...)
		require.Contains(t, problem(t, http.StatusUnauthorized, res, body), "postern token add")
		require.Equal(t, `Bearer realm="postern"`, res.Header.Get("WWW-Authenticate"), header)
	}
	for token, writing := range map[string]int{reads: http.StatusForbidden, writes: http.StatusOK} {
		for _, header := range []string{"Bearer " + token, "bearer  " + token + " "} {
			_, body := guarded(t, srv, store.ReadScope, "192.0.2.1", header)
			require.Equal(t, "in", body)
			res, body := guarded(t, srv, store.WriteScope, "192.0.2.1", header)
			require.Equal(t, writing, res.StatusCode)
			if writing == http.StatusForbidden {
				require.Contains(t, problem(t, writing, res, body), "--write")
				require.Equal(t, `Bearer realm="postern", error="insufficient_scope", scope="write"`,
					res.Header.Get("WWW-Authenticate"))
			}
		}
	}
	list, err := h.store.Tokens(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), list[0].LastUsedAt, time.Minute)

	_, err = h.store.RemoveToken(t.Context(), reading.ID, store.CLI)
	require.NoError(t, err)
	res, body := guarded(t, srv, store.ReadScope, "192.0.2.1", "Bearer "+reads)
	problem(t, http.StatusUnauthorized, res, body)
	require.Equal(t, `Bearer realm="postern", error="invalid_token"`, res.Header.Get("WWW-Authenticate"))
	require.Contains(t, h.log.String(), "token refused")
	for _, value := range []string{reads, writes} {
		require.NotContains(t, h.log.String(), value)
	}
}

func TestWrongTokensAreThrottled(t *testing.T) {
	h := newHouse(t)
	srv, err := web.New(h.options)
	require.NoError(t, err)
	_, right, err := h.store.AddToken(t.Context(), "build", store.ReadScope, store.CLI)
	require.NoError(t, err)
	wrong := "Bearer " + store.TokenPrefix + "AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for range 5 {
		res, body := guarded(t, srv, store.ReadScope, "192.0.2.1", wrong)
		problem(t, http.StatusUnauthorized, res, body)
	}
	res, body := guarded(t, srv, store.ReadScope, "192.0.2.1", wrong)
	require.Contains(t, problem(t, http.StatusTooManyRequests, res, body), "Too many attempts")
	require.NotEmpty(t, res.Header.Get("Retry-After"))
	_, body = guarded(t, srv, store.ReadScope, "192.0.2.1", "Bearer "+right)
	require.Equal(t, "in", body, "the owner's own program behind the same address")
	res, body = guarded(t, srv, store.ReadScope, "192.0.2.2", wrong)
	problem(t, http.StatusUnauthorized, res, body)
	require.Contains(t, h.log.String(), "tokens throttled")
}

// A program that asks ten times a second must not make ten writes a second.
func TestUseOfATokenIsKeptToTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s, err := store.Open(ctx, t.TempDir()+"/postern.db", store.Options{Migrate: true})
		require.NoError(t, err)
		defer s.Close()
		made, value, err := s.AddToken(ctx, " build ", store.ReadScope, store.CLI)
		require.NoError(t, err)
		require.Equal(t, "build", made.Label)
		use := func() time.Time {
			k, found, err := s.TokenOf(ctx, value)
			require.NoError(t, err)
			require.True(t, found)
			require.NoError(t, s.TokenUsed(ctx, k, time.Now()))
			list, err := s.Tokens(ctx)
			require.NoError(t, err)
			return list[0].LastUsedAt
		}
		first := use()
		require.Equal(t, time.Now().UTC(), first)
		time.Sleep(59 * time.Second)
		require.Equal(t, first, use())
		time.Sleep(time.Second)
		require.Equal(t, time.Now().UTC(), use())
	})
}

func TestTokensInSettings(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	const form = `form[action="/settings/tokens"]`
	p := b.get("/settings").submit(form, url.Values{"label": {"  "}})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.notice(), "No token was made. A token needs a label")

	p = b.get("/settings").submit(form, url.Values{"label": {"site <build>"}})
	require.Equal(t, http.StatusOK, p.Status)
	require.Equal(t, "no-store", p.Header.Get("Cache-Control"))
	value := tokenShape.FindString(p.Body)
	require.NotEmpty(t, value)
	require.Contains(t, p.text(`[role=status]`),
		"This is the token for “site <build>”. Copy it now: Postern does not show it again. "+value)
	p = b.get("/settings")
	require.NotContains(t, p.Body, value)
	require.Contains(t, p.text("#tokens ~ ul"), "site <build> reads")
	require.Contains(t, p.text("#tokens ~ ul"), "never used")
	k, found, err := h.store.TokenOf(t.Context(), value)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, store.ReadScope, k.Scope)

	p = p.submit(form, url.Values{"label": {"desk"}, "scope": {"write"}})
	writes := tokenShape.FindString(p.Body)
	k, _, err = h.store.TokenOf(t.Context(), writes)
	require.NoError(t, err)
	require.Equal(t, store.WriteScope, k.Scope)
	require.Contains(t, p.text("#tokens ~ ul"), "desk reads and writes")

	p = b.get("/settings").submit(`form[action="/settings/tokens/1/remove"]`, nil)
	require.Equal(t, "/settings", p.Path)
	require.Contains(t, p.notice(), "“site <build>” is revoked")
	_, found, err = h.store.TokenOf(t.Context(), value)
	require.NoError(t, err)
	require.False(t, found)
	require.Equal(t, http.StatusNotFound, b.post("/settings/tokens/1/remove", nil).Status)

	history := b.get("/activity").text("main")
	require.Contains(t, history, "API token “site <build>” created, for reading")
	require.Contains(t, history, "API token “site <build>” removed")
	require.NotContains(t, h.log.String(), value)
}

func TestTokensInABrowser(t *testing.T) {
	path := chromium(t)
	h := newHouse(t, opened)
	for _, width := range []int64{390, 1280} {
		ctx, complaints := window(t, path, width, false)
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(h.http.URL+"/settings"),
			chromedp.SendKeys(`[name=label]`,
				"the build of a site with a rather long name of eighty letters or so, 1234")))
		press(ctx, t, `form[action="/settings/tokens"] button`, `#tokens ~ .notice code`)
		fits(ctx, t, "settings with a token")
		accessible(ctx, t, "settings with a token")
		require.Empty(t, complaints())
	}
}
