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

// loginByLink logs in a browser with the link that `postern login` printed. No throttle is needed: a link has 130
// random bits.
func (s *Server) loginByLink(w http.ResponseWriter, r *http.Request) error {
	// A prefetch or a HEAD request must not use up the link.
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
