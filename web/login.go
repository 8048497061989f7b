package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

const minPassword = 10

// ErrPassword: a password that is not taken. Its text says why.
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
	NoCode bool // setup: there is no code to be had
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
	return s.render(w, r, http.StatusOK, loginTempl(loginView{frame: s.frame(r, "Log in", "")}))
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
	again := func(status int, message string) error {
		v := loginView{frame: s.frame(r, "Log in", "")}
		v.Notice = &notice{Bad: true, Text: message}
		return s.render(w, r, status, loginTempl(v))
	}
	if wait := s.logins.take(time.Now(), neighbourhood(r)); wait > 0 {
		s.log.WarnContext(r.Context(), "log-in throttled", slog.String("from", visitor(r)))
		return again(http.StatusTooManyRequests, tooMany(w, wait))
	}
	ok, err := s.matches(r.PostForm.Get("password"), hash)
	if err != nil {
		return fmt.Errorf("comparing the password: %w", err)
	}
	if !ok {
		s.log.WarnContext(r.Context(), "log-in refused", slog.String("from", visitor(r)))
		return again(http.StatusUnauthorized, "This is not the password.")
	}
	s.logins.clear(neighbourhood(r))
	return s.enter(w, r, hash)
}

// matches compares for one visitor at a time: each comparison takes 19 MiB.
func (s *Server) matches(password, hash string) (bool, error) {
	s.comparing.Lock()
	defer s.comparing.Unlock()
	return argon2id.ComparePasswordAndHash(password, hash)
}

// enter starts the owner's session under a new token, so that one planted before is worth nothing. hash is that of the
// password that was given.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, hash string) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return fmt.Errorf("renewing the session: %w", err)
	}
	s.sessions.Put(r.Context(), keyOwner, generation(hash))
	s.log.InfoContext(r.Context(), "logged in", slog.String("from", visitor(r)))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

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
	return loginView{frame: s.frame(r, "Welcome", ""), NoCode: s.setupCode() == ""}
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
	if wait := s.setups.take(time.Now(), neighbourhood(r)); wait > 0 {
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
		s.log.WarnContext(r.Context(), "set-up refused", slog.String("from", visitor(r)))
		return "", http.StatusUnauthorized, "This is not the code that Postern printed when it started. It stands after “First visit” on the console or in the journal of the service; a restart makes a new one.", nil
	}
	s.setups.clear(neighbourhood(r)) // the code was right: mistakes in the password need no throttle
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

// visitor is the address a request came from, without the port. A proxy on this machine is believed when it says for
// whom it asks; only what it added itself, the last element, is its own word.
func visitor(r *http.Request) string {
	if said := r.Header.Values("X-Forwarded-For"); len(said) > 0 && loopback(r.RemoteAddr) {
		last := said[len(said)-1]
		last = strings.TrimSpace(last[strings.LastIndex(last, ",")+1:])
		if a, err := netip.ParseAddr(last); err == nil {
			return a.Unmap().WithZone("").String()
		}
		if a, err := netip.ParseAddrPort(last); err == nil {
			return a.Addr().Unmap().WithZone("").String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// neighbourhood is the visitor as the throttle counts: who has one IPv6 address has its whole /64.
func neighbourhood(r *http.Request) string {
	v := visitor(r)
	if a, err := netip.ParseAddr(v); err == nil && a.Is6() && !a.Is4In6() {
		p, _ := a.Prefix(64)
		return p.Masked().String()
	}
	return v
}
