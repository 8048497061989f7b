package page

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"postern/address"
	"postern/web/access"
	"postern/words"
	"time"
)

type loginView struct {
	frame
	NoCode bool     // setup: there is no setup code
	Advice []string // warnings about the connection, such as plain HTTP
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	if s.gate.Inside(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	to, err := s.gate.Entrance(r.Context())
	if err != nil {
		return err
	}
	if to != "/login" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	message := ""
	if r.URL.Query().Has("unkept") {
		message = s.unkept(r)
	}
	return s.showLogin(w, r, http.StatusOK, message)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	if s.gate.Inside(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	hash, err := s.store.PasswordHash(r.Context())
	if err != nil {
		return err
	}
	if hash == "" {
		http.Redirect(w, r, "/setup", http.StatusSeeOther)
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	ok, wait, err := s.gate.TryPassword(r, r.PostForm.Get("password"), hash)
	switch {
	case err != nil:
		return err
	case wait > 0:
		return s.showLogin(w, r, http.StatusTooManyRequests, words.Text(TooMany(w, wait), words.LogInByCommand))
	case !ok:
		return s.showLogin(w, r, http.StatusUnauthorized, words.PasswordWrong)
	}
	return s.enter(w, r, hash)
}

// enter logs the owner in and redirects to the home page.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, hash string) error {
	if err := s.gate.Enter(w, r, hash); err != nil {
		return err
	}
	http.Redirect(w, r, "/?"+enteredQuery, http.StatusSeeOther)
	return nil
}

// enteredQuery marks the page after a log-in. A browser that requests it without a cookie did not store the cookie.
const enteredQuery = "entered"

// showLogin renders the form again with an error.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, status int, message string) error {
	v := loginView{frame: s.frame(r, "Log in", ""), Advice: s.advice(r)}
	if message != "" {
		v.Notice = &notice{Bad: true, Text: message}
	}
	return s.render(w, r, status, loginTempl(v))
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if err := s.gate.Leave(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) error {
	to, err := s.gate.Entrance(r.Context())
	switch {
	case err != nil:
		return err
	case s.gate.Inside(r):
		to = "/"
	case to == "/setup":
		return s.render(w, r, http.StatusOK, setupTempl(s.newSetup(r)))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) newSetup(r *http.Request) loginView {
	return loginView{frame: s.frame(r, "Welcome", ""), NoCode: !s.gate.HasCode(), Advice: s.advice(r)}
}

// setup sets the first password. It requires the code that Postern printed to the console.
func (s *Server) setup(w http.ResponseWriter, r *http.Request) error {
	if s.gate.Inside(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	again := func(status int, message string) error {
		v := s.newSetup(r)
		v.Notice = &notice{Bad: true, Text: message}
		return s.render(w, r, status, setupTempl(v))
	}
	if wait := s.gate.AttemptSetup(r); wait > 0 {
		return again(http.StatusTooManyRequests, TooMany(w, wait))
	}
	form := r.PostForm
	hash, err := s.gate.ChooseFirst(r, form.Get("code"), form.Get("password"), form.Get("again"))
	switch {
	case errors.Is(err, access.ErrSet):
		http.Redirect(w, r, access.LogInPath, http.StatusSeeOther)
		return nil
	case errors.Is(err, access.ErrCode):
		return again(http.StatusUnauthorized,
			words.SetupCodeWrong)
	case errors.Is(err, access.ErrDiffer):
		return again(http.StatusUnprocessableEntity, words.PasswordsDiff)
	case errors.Is(err, access.ErrPassword):
		return again(http.StatusUnprocessableEntity, sentence(err.Error()))
	case err != nil:
		return err
	}
	return s.enter(w, r, hash)
}

// TooMany sets Retry-After and returns the message for a visitor who made too many attempts.
func TooMany(w http.ResponseWriter, wait time.Duration) string {
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", fmt.Sprint(seconds))
	return words.TooManyAttempts(seconds)
}

// unkept returns why a browser that just logged in did not send its cookie.
func (s *Server) unkept(r *http.Request) string {
	if s.gate.Secure(r) && r.TLS == nil && access.ForwardedProto(r) != "https" {
		return words.LogInNeedsHTTPS(s.public)
	}
	return words.LogInNeedsCookies(r.Host)
}

// advice returns warnings about the connection of a request.
func (s *Server) advice(r *http.Request) []string {
	var out []string
	if at := s.gate.Distrusted(r); at.IsValid() {
		out = append(out, words.Text(words.ProxyUntrusted(at.String()), access.ProxyAdvice(at)))
	}
	if text := address.PathAdvice(s.public); text != "" {
		out = append(out, text)
	}
	return out
}
