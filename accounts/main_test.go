package accounts_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"postern/accounts"
	"postern/doors"
	"postern/instagram"
	"postern/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// graph answers like the parts of Instagram's API that are about an account.
type graph struct {
	mu     sync.Mutex
	tokens map[string]*issued
	fresh  func(old string) string // the token a refresh gives out
	broken map[string]reply        // answers instead of the right one, by operation
	calls  map[string]int
	used   int
	total  int
	kind   string
	after  func() // is called when a refresh was answered
}

type issued struct {
	user    user
	at      time.Time
	expires time.Time // the zero time is never
}

type user struct{ id, userID, name string }

type reply struct {
	status int
	body   string
}

var (
	alice = user{"28978671838402975", "17841405793187218", "alice"}
	bob   = user{"28978671838402976", "17841405793187219", "bob"}
)

var (
	dead = reply{400,
		`{"error":{"message":"Error validating access ` +
			`token","type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"A1"}}`}
	down = reply{500,
		`{"error":{"message":"An unknown error has occurred.","type":"OAuthException","code":1,"fbtrace_id":"A2"}}`}
	refusal = reply{400,
		`{"error":{"message":"(#100) The access token is younger than 24 ` +
			`hours","type":"IGApiException","code":100,"fbtrace_id":"A3"}}`}
)

func newGraph() *graph {
	g := &graph{tokens: map[string]*issued{}, broken: map[string]reply{}, calls: map[string]int{}, used: 3, total: 100,
		kind: "BUSINESS"}
	n := 0
	g.fresh = func(string) string { n++; return fmt.Sprintf("IGfresh%d", n) }
	return g
}

func (g *graph) issue(token string, u user) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[token] = &issued{user: u, at: time.Now()}
}

func (g *graph) break_(op string, r reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r == (reply{}) {
		delete(g.broken, op)
		return
	}
	g.broken[op] = r
}

func (g *graph) called(op string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[op]
}

// The path before the version is a trap for absolute addresses.
func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/base")
	op, token := "", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case path == "/v24.0/me":
		op = "me"
	case path == "/refresh_access_token":
		op, token = "refresh", r.URL.Query().Get("access_token")
	case strings.HasSuffix(path, "/content_publishing_limit"):
		op = "quota"
	}
	g.calls[op]++
	if b, ok := g.broken[op]; ok {
		write(w, b)
		return
	}
	t := g.tokens[token]
	if t == nil || !t.expires.IsZero() && time.Now().After(t.expires) {
		write(w, dead)
		return
	}
	switch op {
	case "me":
		g.answer(w, map[string]any{"id": t.user.id, "user_id": t.user.userID, "username": t.user.name,
			"account_type": g.kind})
	case "quota":
		g.answer(w,
			map[string]any{"data": []any{
				map[string]any{"quota_usage": g.used,
					"config": map[string]any{"quota_total": g.total, "quota_duration": 86400}}}})
	case "refresh":
		if time.Since(t.at) < 24*time.Hour {
			write(w, refusal)
			return
		}
		next := g.fresh(token)
		if g.tokens[next] == nil || next == token {
			g.tokens[next] = &issued{user: t.user, at: time.Now(), expires: time.Now().Add(60 * 24 * time.Hour)}
		}
		g.answer(w, map[string]any{"access_token": next, "token_type": "bearer", "expires_in": 5183944})
	default:
		write(w, reply{404, `{"error":{"message":"Unknown path","code":2500}}`})
	}
}

func (g *graph) answer(w http.ResponseWriter, v any) {
	b, _ := json.Marshal(v)
	write(w, reply{200, string(b)})
}

func write(w http.ResponseWriter, r reply) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, _ = w.Write([]byte(r.body))
}

// inProcess serves calls without a socket, as the simulator does for sandbox accounts and as synctest needs it.
type inProcess struct{ h http.Handler }

func (i inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	i.h.ServeHTTP(w, r)
	res := w.Result()
	res.Request = r
	if g, ok := i.h.(*graph); ok && g.after != nil && strings.HasSuffix(r.URL.Path, "/refresh_access_token") {
		g.after()
	}
	return res, nil
}

type house struct {
	*accounts.Accounts
	store *store.Store
	graph *graph
	dir   string
}

// setup serves the API over a real socket.
func setup(t *testing.T) *house {
	t.Helper()
	g := newGraph()
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	return with(t, g, accounts.Options{BaseURL: srv.URL + "/base", HTTP: srv.Client()})
}

func with(t *testing.T, g *graph, o accounts.Options) *house {
	t.Helper()
	h := &house{graph: g, dir: t.TempDir()}
	h.store = doors.Store(t, h.dir)
	o.Key = doors.Key(t, h.dir)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Store, o.Version, o.Timeout = h.store, "v24.0", time.Minute
	h.Accounts = accounts.New(o)
	return h
}

// add connects alice.
func (h *house) add(t *testing.T) store.Account {
	t.Helper()
	h.graph.issue("IGalice", alice)
	acc, err := h.Add(t.Context(),
		accounts.Candidate{API: store.Instagram, Label: "Photos", AppID: "990602627938098", AppSecret: "app-secret",
			Token: "IGalice"})
	require.NoError(t, err)
	return acc
}

func (h *house) account(t *testing.T, id int64) store.Account {
	t.Helper()
	acc, err := h.store.Account(t.Context(), id)
	require.NoError(t, err)
	return acc
}

// failed is what a call does that was refused just now.
func (h *house) failed(t *testing.T, id int64, v instagram.Verdict) {
	t.Helper()
	_, err := h.Failed(t.Context(), h.account(t, id), v)
	require.NoError(t, err)
}

func (h *house) addBob(t *testing.T) store.Account {
	t.Helper()
	h.graph.issue("IGbob", bob)
	acc, err := h.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: "IGbob"})
	require.NoError(t, err)
	return acc
}

// edit changes the row behind the program's back.
func (h *house) edit(t *testing.T, id int64, f func(a *store.Account)) {
	t.Helper()
	_, err := h.store.UpdateAccount(t.Context(), id, store.System, "",
		func(a *store.Account) error { f(a); return nil })
	require.NoError(t, err)
}

func (h *house) token(t *testing.T, id int64) string {
	t.Helper()
	c, err := h.Client(t.Context(), id)
	require.NoError(t, err)
	return c.Token.Reveal()
}

func newHTTP(g *graph) *http.Client { return &http.Client{Transport: inProcess{g}} }
