package page

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/accounts"
	"postern/owner"
	"postern/store"
	"postern/words"
)

const (
	keyLogIn = "instagram-login" // session key of the log-in in progress, as JSON
	// The time allowed for the log-in at Instagram: password, second factor, and reading the permissions.
	logInTime    = 30 * time.Minute
	callbackPath = "/accounts/connect/callback"
)

// logIn is a log-in at Instagram that has started. The first callback removes it from the session.
type logIn struct {
	State   string    `json:"state"`             // hashed, because sessions are stored in the database and its backups
	Account int64     `json:"account,omitempty"` // account to reconnect; 0 for any
	Until   time.Time `json:"until"`
}

// connectView describes the way to connect an account with a button.
type connectView struct {
	Why      string // why the button is not available; "" when it is
	Redirect string // redirect URI to register in Meta's form
	AppID    string // "" until the app is saved
}

// redirectURI returns the OAuth redirect URI. It must match the one registered in the Meta app byte for byte.
func (s *Server) redirectURI() string { return s.public + callbackPath }

// newConnectView also returns the origin to which forms of this page redirect, or "" without a button.
func (s *Server) newConnectView(ctx context.Context) (v connectView, origin string, err error) {
	if s.public == "" {
		v.Why = words.PageConnectNeedsURL
		return v, "", nil
	}
	app, err := s.accounts.App(ctx)
	if err != nil && app.ID == "" {
		return v, "", err
	}
	v.Redirect = s.redirectURI()
	if err == nil { // With another secret.key the app secret cannot be decrypted and has to be typed again.
		v.AppID = app.ID
	}
	to, err := s.accounts.AuthorizeURL(app.ID, v.Redirect, "", false)
	if err != nil {
		return v, "", err
	}
	u, err := url.Parse(to)
	if err != nil {
		return v, "", err
	}
	if strings.HasSuffix(u.Host, ".instagram.com") { // Instagram redirects between its own hosts.
		u.Host = "*.instagram.com"
	}
	return v, u.Scheme + "://" + u.Host, nil
}

// startLogIn saves the app credentials if they were typed, and redirects the browser to Instagram.
func (s *Server) startLogIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if s.public == "" {
		return s.done(w, r, "/accounts",
			notice{Bad: true, Text: words.PageLogInNeedsURL})
	}
	typed := func(key string) string { return strings.TrimSpace(r.PostForm.Get(key)) }
	app, err := s.accounts.App(r.Context())
	if err != nil && app.ID == "" {
		return err
	}
	if typed("app_id") != "" || typed("app_secret") != "" || app.ID == "" || err != nil {
		app = accounts.App{ID: typed("app_id"), Secret: secret(r, "app_secret")}
		if err := s.accounts.SetApp(r.Context(), app); err != nil {
			return s.done(w, r, "/accounts", refused(words.PageAppNotSaved, err))
		}
	}
	state := rand.Text()
	begun := logIn{State: hashed(state), Until: time.Now().Add(logInTime)}
	if id := typed("account"); id != "" {
		if begun.Account, err = strconv.ParseInt(id, 10, 64); err != nil {
			return store.ErrNotFound
		}
	}
	to, err := s.accounts.AuthorizeURL(app.ID, s.redirectURI(), state, typed("comments") != "")
	if err != nil {
		return err
	}
	b, err := json.Marshal(begun)
	if err != nil {
		return err
	}
	s.gate.Put(r.Context(), keyLogIn, b)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// forgetApp deletes the app's id and secret.
func (s *Server) forgetApp(w http.ResponseWriter, r *http.Request) error {
	if err := s.accounts.ForgetApp(r.Context()); err != nil {
		return err
	}
	return s.done(w, r, "/accounts",
		notice{Text: words.PageAppForgotten})
}

// endLogIn handles the OAuth callback from Instagram. It always redirects, so that no page shows the URL with the
// code and a reload does nothing.
func (s *Server) endLogIn(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	begun, ours := s.takeLogIn(r.Context(), q.Get("state"))
	if !ours {
		return s.done(w, r, "/accounts", notice{Bad: true, Guide: accounts.GuidePath(accounts.StepLogIn),
			Text: words.PageLogInForeign})
	}
	if reason := q.Get("error"); reason != "" || q.Get("code") == "" {
		n := notice{Bad: true, Guide: accounts.GuidePath(accounts.StepLogIn),
			Text: words.PageLogInRefused}
		if reason == "access_denied" {
			n.Text = words.PageLogInDenied
		}
		return s.done(w, r, "/accounts", n)
	}
	// The code can be used only once, so the exchange must continue when the visitor leaves.
	done, err := s.orders.LogIn(context.WithoutCancel(r.Context()), begun.Account, s.redirectURI(), q.Get("code"))
	var not *owner.ConnectError
	switch {
	case errors.As(err, &not):
		return s.done(w, r, "/accounts", refused(words.PageNotConnected, err))
	case err != nil:
		return err
	}
	return s.done(w, r, "/accounts", connected(done.Account, done.Known))
}

// takeLogIn removes the log-in from this session and reports whether it matches the state parameter.
func (s *Server) takeLogIn(ctx context.Context, state string) (logIn, bool) {
	var begun logIn
	b := s.gate.Take(ctx, keyLogIn)
	if b == nil || json.Unmarshal(b, &begun) != nil {
		return logIn{}, false
	}
	if !begun.is(state, time.Now()) {
		s.log.WarnContext(ctx, "log-in at instagram refused: wrong state or too late")
		return logIn{}, false
	}
	return begun, true
}

// is reports whether state belongs to this log-in and the log-in has not expired.
func (l logIn) is(state string, now time.Time) bool {
	return l.State != "" && state != "" && subtle.ConstantTimeCompare([]byte(l.State), []byte(hashed(state))) == 1 &&
		now.Before(l.Until)
}

func hashed(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

func connected(a store.Account, known bool) notice {
	if known {
		return notice{Text: words.PageConnectedAgain(a.Name())}
	}
	n := notice{Text: words.PageConnected(a.Name())}
	if kept := accounts.Kept(a); kept != "" {
		n.Text = words.Text(n.Text, sentence(kept))
	}
	return n
}

// refused returns the notice that explains why an account was not connected, with the step of the guide that fixes
// it. says builds the whole sentence from the reason.
func refused(says func(why string) string, err error) notice {
	n := notice{Bad: true, Text: says(sentence(err.Error()))}
	var no *accounts.Refusal
	if errors.As(err, &no) {
		n.Text = says(words.Text(sentence(no.Reason), sentence(no.Remedy)))
		n.Guide = accounts.GuidePath(no.Step)
	}
	return n
}

// addSandbox creates a simulated account.
func (s *Server) addSandbox(w http.ResponseWriter, r *http.Request) error {
	if s.simulate == nil {
		return store.ErrNotFound
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	a, err := s.simulate(r.Context(), strings.TrimSpace(r.PostForm.Get("label")))
	if err != nil {
		return s.done(w, r, "/accounts", refused(words.PageSandboxNotAdded, err))
	}
	return s.done(w, r, "/accounts",
		notice{Text: words.PageSandboxAdded(a.Name())})
}

// sandboxPages serves the profile pages of the simulator.
func (s *Server) sandboxPages(w http.ResponseWriter, r *http.Request) error {
	if s.sandbox == nil {
		return store.ErrNotFound
	}
	s.sandbox.ServeHTTP(w, r)
	return nil
}
