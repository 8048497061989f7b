package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"postern/store"
	"postern/web/api"
	"postern/web/page"
	"postern/words"
)

// bearer lets programs pass that show a token of the scope, as RFC 6750 says: in the header and nowhere else, because
// addresses are written into logs. What it refuses is told as a problem.
//
// A right token passes whatever others from the same address tried: the throttle is for who has none, and a wrong
// guess is one of 2^130, so nothing is won by keeping an installation's own programs out.
func (s *Server) bearer(needed store.Scope, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		kind, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if value = strings.TrimSpace(value); !strings.EqualFold(kind, "Bearer") || value == "" {
			w.Header().Set("WWW-Authenticate", `Bearer realm="postern"`)
			api.AnswerProblem(w, http.StatusUnauthorized,
				words.TokenNeeded)
			return
		}
		t, found, err := s.store.TokenOf(r.Context(), value)
		switch {
		case err != nil && r.Context().Err() != nil: // the client left
			return
		case err != nil:
			s.log.ErrorContext(r.Context(), "token not read", slog.Any("error", err))
			api.AnswerProblem(w, http.StatusInternalServerError, words.TokenFault)
			return
		case !found:
			s.refuseToken(w, r)
			return
		case !t.Scope.Covers(needed):
			w.Header().Set("WWW-Authenticate",
				`Bearer realm="postern", error="insufficient_scope", scope="`+string(needed)+`"`)
			api.AnswerProblem(w, http.StatusForbidden,
				words.TokenReadsOnly)
			return
		}
		s.tokenUsed(r.Context(), t)
		next.ServeHTTP(w, r)
	})
}

// tokenUsed keeps that a token was used. That must hold nobody up: neither a full disk, nor a long write of
// somebody else, may take the metrics away that would tell of it.
func (s *Server) tokenUsed(ctx context.Context, t store.Token) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := s.store.TokenUsed(ctx, t, time.Now()); err != nil {
		s.log.WarnContext(ctx, "use of a token not kept", slog.Any("error", err))
	}
}

func (s *Server) refuseToken(w http.ResponseWriter, r *http.Request) {
	if wait := s.gate.AttemptToken(r); wait > 0 {
		s.log.WarnContext(r.Context(), "tokens throttled", slog.String("from", s.gate.Visitor(r)))
		api.AnswerProblem(w, http.StatusTooManyRequests, page.TooMany(w, wait))
		return
	}
	s.log.WarnContext(r.Context(), "token refused", slog.String("from", s.gate.Visitor(r)))
	w.Header().Set("WWW-Authenticate", `Bearer realm="postern", error="invalid_token"`)
	api.AnswerProblem(w, http.StatusUnauthorized,
		words.TokenForeign)
}
