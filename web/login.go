package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

const minPassword = 10

// ErrPassword is the error of a password that is not taken. Its text says why.
var ErrPassword = fmt.Errorf("a password needs at least %d characters", minPassword)

// cost is what OWASP's Password Storage Cheat Sheet names for machines that are not large: about 40 ms and 19 MiB.
var cost = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword returns what store.SetPasswordHash keeps. It returns ErrPassword for a password that is too short.
func HashPassword(password string) (string, error) {
	if utf8.RuneCountInString(password) < minPassword {
		return "", ErrPassword
	}
	hash, err := argon2id.CreateHash(password, &cost)
	if err != nil {
		return "", fmt.Errorf("hashing the password: %w", err)
	}
	return hash, nil
}

type loginView struct {
	frame
	NoCode bool     // setup: there is no code to be had
	Advice []string // about the way that the request came
}

// inside answers whether the visitor needs no log-in any more.
func (s *Server) inside(r *http.Request) bool {
	return s.open || s.sessions.Exists(r.Context(), keyOwner)
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	if s.inside(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	to, err := s.entrance(r.Context())
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
	if s.inside(r) {
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
	who, wait := s.attempt(&s.logins, r)
	if wait > 0 {
		s.log.WarnContext(r.Context(), "log-in throttled", slog.String("from", s.visitor(r)))
		return s.showLogin(w, r, http.StatusTooManyRequests, tooMany(w, wait)+linkHint)
	}
	ok, err := s.matches(r, r.PostForm.Get("password"), hash)
	if errors.Is(err, errBusy) {
		s.log.WarnContext(r.Context(), "log-in throttled", slog.String("from", s.visitor(r)))
		return s.showLogin(w, r, http.StatusTooManyRequests, tooMany(w, time.Second)+linkHint)
	}
	if err != nil {
		return fmt.Errorf("comparing the password: %w", err)
	}
	if !ok {
		s.log.WarnContext(r.Context(), "log-in refused", slog.String("from", s.visitor(r)))
		return s.showLogin(w, r, http.StatusUnauthorized, "This is not the password.")
	}
	s.logins.clear(who)
	return s.enter(w, r, hash)
}

// linkHint names the way in that no throttle closes.
const linkHint = " Or run postern login on the server and open the link that it prints."

// showLogin shows the form again, with the reason.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, status int, message string) error {
	v := loginView{frame: s.frame(r, "Log in", ""), Advice: s.advice(r)}
	if message != "" {
		v.Notice = &notice{Bad: true, Text: message}
	}
	return s.render(w, r, status, loginTempl(v))
}

// unkept returns why a browser that has just logged in came back without its cookie.
func (s *Server) unkept(r *http.Request) string {
	if s.secure(r) && r.TLS == nil && forwardedProto(r) != "https" {
		return "The password was right, but your browser did not keep the log-in: the cookie is for https only, " +
			"because web.base_url is https. Open " + s.public + " instead."
	}
	return "The password was right, but your browser did not keep the log-in. Allow cookies for " + r.Host +
		". If Postern has an https address at this name, open that one."
}

// errBusy: too many passwords wait to be compared.
var errBusy = errors.New("too many passwords are being compared")

// compareTime is how long one password waits for its turn to be compared.
const compareTime = 500 * time.Millisecond

// matches compares one password at a time, because each comparison takes 19 MiB. Browsers that logged in before
// have a turn of their own, so that strangers do not hold them up. It returns errBusy when the turn does not come
// in time.
func (s *Server) matches(r *http.Request, password, hash string) (bool, error) {
	turn := s.comparing
	if s.inside(r) || s.remembered(r) != "" {
		turn = s.comparingKnown
	}
	timer := time.NewTimer(compareTime)
	defer timer.Stop()
	select {
	case turn <- struct{}{}:
	case <-timer.C:
		return false, errBusy
	case <-r.Context().Done():
		return false, r.Context().Err()
	}
	defer func() { <-turn }()
	return argon2id.ComparePasswordAndHash(password, hash)
}

// enter starts the owner's session under a new token, so that one planted before is worth nothing. hash is that of the
// password that was given.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, hash string) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return fmt.Errorf("renewing the session: %w", err)
	}
	if err := s.remember(w, r); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), keyOwner, generation(hash))
	s.log.InfoContext(r.Context(), "logged in", slog.String("from", s.visitor(r)))
	http.Redirect(w, r, "/?"+enteredQuery, http.StatusSeeOther)
	return nil
}

// enteredQuery marks the page after a log-in: a browser that comes there without its cookie did not keep it.
const enteredQuery = "entered"

func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) error {
	to, err := s.entrance(r.Context())
	switch {
	case err != nil:
		return err
	case s.inside(r):
		to = "/"
	case to == "/setup":
		return s.render(w, r, http.StatusOK, setupTempl(s.newSetup(r)))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) newSetup(r *http.Request) loginView {
	return loginView{frame: s.frame(r, "Welcome", ""), NoCode: s.setupCode() == "", Advice: s.advice(r)}
}

func (s *Server) setupCode() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code
}

// setup chooses the first password. Whoever has the code from the console is the owner.
func (s *Server) setup(w http.ResponseWriter, r *http.Request) error {
	if s.inside(r) {
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
	if wait := s.setups.take(time.Now(), s.neighbourhood(r)); wait > 0 {
		return again(http.StatusTooManyRequests, tooMany(w, wait))
	}
	hash, status, message, err := s.choose(r)
	switch {
	case err != nil:
		return err
	case status == http.StatusSeeOther:
		http.Redirect(w, r, "/login", status)
		return nil
	case message != "":
		return again(status, message)
	}
	return s.enter(w, r, hash)
}

// choose sets the password if all is well, one visitor at a time, so that the code is good for one password only.
func (s *Server) choose(r *http.Request) (hash string, status int, message string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to, err := s.entrance(r.Context())
	if err != nil {
		return "", 0, "", err
	}
	if to != "/setup" {
		return "", http.StatusSeeOther, "", nil
	}
	if s.code == "" || !equal(typedCode(r.PostForm.Get("code")), typedCode(s.code)) {
		s.log.WarnContext(r.Context(), "set-up refused", slog.String("from", s.visitor(r)))
		return "", http.StatusUnauthorized,
			"This is not the code that Postern printed when it started. It stands after “First visit” on the " +
				"console or in the journal of the service; a restart makes a new one.", nil
	}
	s.setups.clear(s.neighbourhood(r)) // the code was right: mistakes in the password need no throttle
	password := r.PostForm.Get("password")
	if password != r.PostForm.Get("again") {
		return "", http.StatusUnprocessableEntity, "The two passwords differ.", nil
	}
	hash, err = HashPassword(password)
	if errors.Is(err, ErrPassword) {
		return "", http.StatusUnprocessableEntity, sentence(err.Error()), nil
	}
	if err != nil {
		return "", 0, "", err
	}
	if err := s.store.SetPasswordHash(r.Context(), hash); err != nil {
		return "", 0, "", err
	}
	s.code = ""
	return hash, 0, "", nil
}

// typedCode is a code as somebody may type it from another screen: in small letters, without the dash.
func typedCode(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
}

// equal compares in a time that tells nothing about either.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func tooMany(w http.ResponseWriter, wait time.Duration) string {
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", fmt.Sprint(seconds))
	return "Too many attempts. Wait " + count(seconds, "second") + ", then try again."
}
