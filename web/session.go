package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"postern/store"
)

const (
	sessionLife = 30 * 24 * time.Hour
	keyOwner    = "owner"  // logged in; the generation of the password that opened it
	keyNotice   = "notice" // what the next page says, as JSON
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
func (s *Server) sessionManagers() (plain, secure *scs.SessionManager) {
	m := scs.SessionManager{
		Lifetime: sessionLife,
		Store:    sessionStore{s.store},
		Codec:    scs.GobCodec{},
		Cookie: scs.SessionCookie{Name: "postern_session", HttpOnly: true, Path: "/", SameSite: http.SameSiteLaxMode,
			Persist: true},
		ErrorFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			s.log.ErrorContext(r.Context(), "session failed", slog.Any("error", err))
			http.Error(w, "Postern cannot read its sessions; its log says more.", http.StatusInternalServerError)
		},
	}
	withTLS := m
	withTLS.Cookie.Secure = true
	return &m, &withTLS
}

func (s *Server) withSession(next http.Handler) http.Handler {
	next = s.currentOnly(next)
	plain, secure := s.plain.LoadAndSave(next), s.overTLS.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.noteProxy(r)
		if s.secure(r) {
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
func (s *Server) currentOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.sessions.Exists(r.Context(), keyOwner) {
			hash, err := s.store.PasswordHash(r.Context())
			if err != nil {
				s.plain.ErrorFunc(w, r, err)
				return
			}
			if s.sessions.GetString(r.Context(), keyOwner) != generation(hash) {
				s.sessions.Remove(r.Context(), keyOwner)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// ownerOnly lets nobody but the owner pass.
func (s *Server) ownerOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.inside(r) {
			if r.URL.Path == "/" && r.URL.RawQuery == enteredQuery {
				http.Redirect(w, r, "/", http.StatusSeeOther)
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			s.problem(w, r, http.StatusForbidden, "You are logged out", "Nothing was done. Log in and try again.")
			return
		}
		to, err := s.entrance(r.Context())
		if err != nil {
			s.log.ErrorContext(r.Context(), "password not read", slog.Any("error", err))
			s.problem(w, r, http.StatusInternalServerError, "That went wrong",
				"Postern cannot read its database; its log says more.")
			return
		}
		if r.URL.RawQuery == enteredQuery && to == "/login" {
			to += "?unkept"
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
}

// entrance is where a visitor without a session is sent.
func (s *Server) entrance(ctx context.Context) (string, error) {
	hash, err := s.store.PasswordHash(ctx)
	if err != nil {
		return "", err
	}
	if hash == "" {
		return "/setup", nil
	}
	return "/login", nil
}

// notice is one message at the top of a page.
type notice struct {
	Bad      bool      `json:"bad,omitempty"`
	Text     string    `json:"text"`
	Guide    string    `json:"guide,omitempty"` // the step of the guide that helps
	Findings []finding `json:"findings,omitempty"`
}

// finding is a store.Finding that keeps its step of the guide on the way through the session.
type finding struct {
	Check, Detail, Remedy, Guide string
	OK                           bool
}

// done ends a form: the notice is shown by the page it redirects to.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to string, n notice) error {
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), keyNotice, b)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// takeNotice returns what the last form left to say, once.
func (s *Server) takeNotice(ctx context.Context) *notice {
	b := s.sessions.PopBytes(ctx, keyNotice)
	if b == nil {
		return nil
	}
	var n notice
	if json.Unmarshal(b, &n) != nil {
		return nil
	}
	return &n
}
