package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"postern/store"
	"postern/words"
)

// Where a visitor without a session is sent: to log in, or to choose the first password.
const (
	LogInPath = "/login"
	SetupPath = "/setup"
)

const (
	sessionLife = 30 * 24 * time.Hour
	keyOwner    = "owner" // logged in; the generation of the password that opened it
)

// sessionStore keeps sessions in the database. scs calls the methods with a context; those without are there because
// its interface asks for them.
type sessionStore struct{ db *store.Store }

func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.db.SessionFind(ctx, token)
}

// Keeping and ending a session are outcomes: they must not be lost because the visitor left.

func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.db.SessionCommit(context.WithoutCancel(ctx), token, b, expiry)
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.db.SessionDelete(context.WithoutCancel(ctx), token)
}

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// sessionManagers returns two that differ in the cookie's Secure attribute. They are not made by scs.New, whose store
// in memory would start a goroutine that nobody stops.
func (g *Gate) sessionManagers() (plain, secure *scs.SessionManager) {
	m := scs.SessionManager{
		Lifetime: sessionLife,
		Store:    sessionStore{g.store},
		Codec:    scs.GobCodec{},
		Cookie: scs.SessionCookie{Name: "postern_session", HttpOnly: true, Path: "/", SameSite: http.SameSiteLaxMode,
			Persist: true},
		ErrorFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			g.log.ErrorContext(r.Context(), "session failed", slog.Any("error", err))
			http.Error(w, words.PageFaultSessions, http.StatusInternalServerError)
		},
	}
	withTLS := m
	withTLS.Cookie.Secure = true
	return &m, &withTLS
}

// WithSession gives the requests of a handler their session.
func (g *Gate) WithSession(next http.Handler) http.Handler {
	next = g.currentOnly(next)
	plain, secure := g.plain.LoadAndSave(next), g.overTLS.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.noteProxy(r)
		if g.Secure(r) {
			secure.ServeHTTP(w, r)
			return
		}
		plain.ServeHTTP(w, r)
	})
}

// generation names a password without telling anything about it.
func generation(hash string) string {
	sum := sha256.Sum256([]byte("postern/session/" + hash))
	return hex.EncodeToString(sum[:8])
}

// currentOnly logs out whoever came in with an earlier password. That one's sessions were ended, but a request that was
// on its way then may have kept another.
func (g *Gate) currentOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.sessions.Exists(r.Context(), keyOwner) {
			hash, err := g.store.PasswordHash(r.Context())
			if err != nil {
				g.plain.ErrorFunc(w, r, err)
				return
			}
			if g.sessions.GetString(r.Context(), keyOwner) != generation(hash) {
				g.sessions.Remove(r.Context(), keyOwner)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Entrance returns where a visitor without a session is sent: LogInPath, or SetupPath while no password is set.
func (g *Gate) Entrance(ctx context.Context) (string, error) {
	hash, err := g.store.PasswordHash(ctx)
	if err != nil {
		return "", err
	}
	if hash == "" {
		return SetupPath, nil
	}
	return LogInPath, nil
}

// Inside reports whether the visitor needs no log-in any more.
func (g *Gate) Inside(r *http.Request) bool {
	return g.open || g.sessions.Exists(r.Context(), keyOwner)
}

// Enter starts the owner's session under a new token, so that one planted before is worth nothing. hash is that of the
// password that was given.
func (g *Gate) Enter(w http.ResponseWriter, r *http.Request, hash string) error {
	if err := g.sessions.RenewToken(r.Context()); err != nil {
		return fmt.Errorf("renewing the session: %w", err)
	}
	if err := g.remember(w, r); err != nil {
		return err
	}
	g.sessions.Put(r.Context(), keyOwner, generation(hash))
	g.log.InfoContext(r.Context(), "logged in", slog.String("from", g.Visitor(r)))
	return nil
}

// Leave ends the visitor's session.
func (g *Gate) Leave(ctx context.Context) error {
	if err := g.sessions.Destroy(ctx); err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}
	return nil
}

// Session returns the token of the visitor's session; store.SessionID names it.
func (g *Gate) Session(ctx context.Context) string { return g.sessions.Token(ctx) }

// GoesOn reports whether the session that asked is still open: it ends with the log-out and with the password, in
// whatever browser or process that happens. A database that cannot be read at this moment ends nothing.
func (g *Gate) GoesOn(ctx context.Context) bool {
	if g.open {
		return true
	}
	_, found, err := g.store.SessionFind(ctx, g.sessions.Token(ctx))
	return err != nil || found
}

// Opens reports whether a session's data are those of somebody who is logged in.
func (g *Gate) Opens(data []byte) bool {
	_, values, err := g.plain.Codec.Decode(data)
	if err != nil {
		return false
	}
	_, ok := values[keyOwner]
	return ok
}
