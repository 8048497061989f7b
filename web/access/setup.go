package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// Why the first password is not set, besides ErrPassword.
var (
	ErrSet    = errors.New("access: a password is set already")
	ErrCode   = errors.New("access: the code is not the one that was printed")
	ErrDiffer = errors.New("access: the two passwords differ")
)

// HasCode reports whether there is a one-time code that lets a visitor choose the first password.
func (g *Gate) HasCode() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.code != ""
}

// AttemptSetup counts an attempt to choose the first password, and returns how long the visitor has to wait; 0 for not
// at all.
func (g *Gate) AttemptSetup(r *http.Request) (wait time.Duration) {
	return g.setups.take(time.Now(), g.neighbourhood(r))
}

// ChooseFirst sets the first password for whoever has the code from the console, one visitor at a time, so that the code
// is good for one password only. It returns the hash of the password, or ErrSet, ErrCode, ErrDiffer or ErrPassword.
func (g *Gate) ChooseFirst(r *http.Request, code, password, again string) (hash string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	to, err := g.Entrance(r.Context())
	if err != nil {
		return "", err
	}
	if to != SetupPath {
		return "", ErrSet
	}
	if g.code == "" || !equal(typedCode(code), typedCode(g.code)) {
		g.log.WarnContext(r.Context(), "set-up refused", slog.String("from", g.Visitor(r)))
		return "", ErrCode
	}
	g.setups.clear(g.neighbourhood(r)) // the code was right: mistakes in the password need no throttle
	if password != again {
		return "", ErrDiffer
	}
	hash, err = HashPassword(password)
	if err != nil {
		return "", err
	}
	if err := g.store.SetPasswordHash(r.Context(), hash); err != nil {
		return "", err
	}
	g.code = ""
	return hash, nil
}

// typedCode returns a code as somebody may type it from another screen: in small letters, without the dash.
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
