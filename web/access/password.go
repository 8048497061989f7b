package access

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"postern/words"
)

// MinPassword is the length of the shortest password, in characters.
const MinPassword = 10

// ErrPassword is the error of a password that is not taken. Its text says why.
var ErrPassword = errors.New(words.PasswordTooShort(MinPassword))

// cost is what OWASP's Password Storage Cheat Sheet names for machines that are not large: about 40 ms and 19 MiB.
var cost = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword returns what store.SetPasswordHash keeps. It returns ErrPassword for a password that is too short.
func HashPassword(password string) (string, error) {
	if utf8.RuneCountInString(password) < MinPassword {
		return "", ErrPassword
	}
	hash, err := argon2id.CreateHash(password, &cost)
	if err != nil {
		return "", fmt.Errorf("hashing the password: %w", err)
	}
	return hash, nil
}

// compareTime is how long one password waits for its turn to be compared.
const compareTime = 500 * time.Millisecond

// errBusy: too many passwords wait to be compared.
var errBusy = errors.New("access: too many passwords are being compared")

// TryPassword compares a password with that of a hash, as one attempt of the visitor. wait is how long the visitor has
// to wait because there were too many; then nothing was compared.
func (g *Gate) TryPassword(r *http.Request, password, hash string) (ok bool, wait time.Duration, err error) {
	who, wait := g.attempt(&g.logins, r)
	if wait == 0 {
		ok, err = g.matches(r, password, hash)
	}
	if errors.Is(err, errBusy) {
		wait, err = time.Second, nil
	}
	switch {
	case err != nil:
		return false, 0, fmt.Errorf("comparing the password: %w", err)
	case wait > 0:
		g.log.WarnContext(r.Context(), "log-in throttled", slog.String("from", g.Visitor(r)))
	case !ok:
		g.log.WarnContext(r.Context(), "log-in refused", slog.String("from", g.Visitor(r)))
	default:
		g.logins.clear(who)
	}
	return ok, wait, nil
}

// matches compares one password at a time, because each comparison takes 19 MiB. Browsers that logged in before
// have a turn of their own, so that strangers do not hold them up. It returns errBusy when the turn does not come
// in time.
func (g *Gate) matches(r *http.Request, password, hash string) (bool, error) {
	turn := g.comparing
	if g.Inside(r) || g.remembered(r) != "" {
		turn = g.comparingKnown
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

// ChangePassword sets another password, which ends every session but the visitor's own. It returns ErrPassword for one
// that is too short.
func (g *Gate) ChangePassword(r *http.Request, password string) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	if err := g.store.SetPasswordHash(r.Context(), hash); err != nil {
		return err
	}
	// That ended every session, this one too: it goes on under a new token.
	if err := g.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	g.sessions.Put(r.Context(), keyOwner, generation(hash))
	return nil
}
