package page

import (
	"errors"
	"log/slog"
	"net/http"
	"postern/store"
	"postern/words"
	"strings"
	"time"
)

// loginByLink logs in whoever has the link that `postern login` printed. No throttle applies: a guess is one of 2^130.
func (s *Server) loginByLink(w http.ResponseWriter, r *http.Request) error {
	// A browser that prefetches, and a program that asks for the head, must not use it up.
	if r.Method == http.MethodHead ||
		strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose"), "prefetch") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return nil
	}
	if s.gate.Inside(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	err := s.store.TakeLoginLink(r.Context(), r.PathValue("token"), time.Now())
	if errors.Is(err, store.ErrNotFound) {
		s.log.WarnContext(r.Context(), "log-in link refused", slog.String("from", s.gate.Visitor(r)))
		return s.showLogin(w, r, http.StatusUnauthorized,
			words.LogInLinkSpent)
	}
	if err != nil {
		return err
	}
	hash, err := s.store.PasswordHash(r.Context())
	if err != nil {
		return err
	}
	return s.enter(w, r, hash)
}
