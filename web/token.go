package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"postern/store"
	"postern/web/api"
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
				"a token is needed: make one with `postern token add` or in Settings, and send it as "+
					"`Authorization: Bearer TOKEN`")
			return
		}
		t, found, err := s.store.TokenOf(r.Context(), value)
		switch {
		case err != nil && r.Context().Err() != nil: // the client left
			return
		case err != nil:
			s.log.ErrorContext(r.Context(), "token not read", slog.Any("error", err))
			api.AnswerProblem(w, http.StatusInternalServerError, "Postern cannot read its database; its log says more")
			return
		case !found:
			s.refuseToken(w, r)
			return
		case !t.Scope.Covers(needed):
			w.Header().Set("WWW-Authenticate",
				`Bearer realm="postern", error="insufficient_scope", scope="`+string(needed)+`"`)
			api.AnswerProblem(w, http.StatusForbidden,
				"this token may only read: use one made with `postern token add --write`, or with “read and "+
					"write” in Settings")
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
	if wait := s.tokens.take(time.Now(), s.neighbourhood(r)); wait > 0 {
		s.log.WarnContext(r.Context(), "tokens throttled", slog.String("from", s.visitor(r)))
		api.AnswerProblem(w, http.StatusTooManyRequests, tooMany(w, wait))
		return
	}
	s.log.WarnContext(r.Context(), "token refused", slog.String("from", s.visitor(r)))
	w.Header().Set("WWW-Authenticate", `Bearer realm="postern", error="invalid_token"`)
	api.AnswerProblem(w, http.StatusUnauthorized,
		"this token is not known here, or was removed: make another with `postern token add` or in Settings")
}

// tokenLine is one token as Settings shows it.
type tokenLine struct {
	ID    int64
	Label string
	May   string
	Made  moment
	Used  moment
}

func newTokenLines(list []store.Token, now time.Time) []tokenLine {
	var out []tokenLine
	for _, t := range list {
		out = append(out, tokenLine{
			ID: t.ID, Label: t.Label, May: either(t.Scope == store.WriteScope, "reads and writes", "reads"),
			Made: newMoment(t.CreatedAt, now), Used: newMoment(t.LastUsedAt, now),
		})
	}
	return out
}

// addToken makes a token and shows it with this answer and never again. It does not redirect, because the value
// would have to be kept on the way.
func (s *Server) addToken(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	t, value, err := s.orders.AddToken(r.Context(), r.PostForm.Get("label"),
		r.PostForm.Get("scope") == string(store.WriteScope))
	if errors.Is(err, store.ErrLabel) {
		return s.showInstallation(w, r, http.StatusUnprocessableEntity,
			installationView{Wrong: "No token was made: " + sentence(err.Error())})
	}
	if err != nil {
		return err
	}
	return s.showInstallation(w, r, http.StatusOK, installationView{Token: value, TokenOf: t.Label})
}

func (s *Server) removeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	t, err := s.orders.RemoveToken(r.Context(), id)
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings", notice{Text: "The token “" + t.Label + "” is revoked."})
}
