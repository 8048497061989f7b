package page

import (
	"errors"
	"log/slog"
	"net/http"
	"postern/store"
	"postern/web/access"
	"postern/words"
)

// handler serves a page or a form. page turns a returned error into an error page.
type handler func(w http.ResponseWriter, r *http.Request) error

// page converts a handler to an http.Handler. It logs internal errors and does not show them.
func (s *Server) page(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		err := h(w, r)
		var tooLarge *http.MaxBytesError
		switch {
		case err == nil:
		case errors.Is(err, store.ErrNotFound):
			s.problem(w, r, http.StatusNotFound, words.PageNothingHere,
				words.PageNothingHereWhy)
		case errors.As(err, &tooLarge):
			s.problem(w, r, http.StatusRequestEntityTooLarge, words.PageTooMuch,
				words.PageTooMuchWhy)
		case r.Context().Err() != nil: // the visitor closed the connection
		default:
			s.log.ErrorContext(r.Context(), "page failed", slog.String("route", r.Pattern), slog.Any("error", err))
			s.problem(w, r, http.StatusInternalServerError, words.PageFault,
				words.PageFaultWhy)
		}
	})
}

// ownerOnly lets only a logged-in owner through.
func (s *Server) ownerOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.gate.Inside(r) {
			if r.URL.Path == "/" && r.URL.RawQuery == enteredQuery {
				http.Redirect(w, r, "/", http.StatusSeeOther)
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			s.problem(w, r, http.StatusForbidden, words.PageLoggedOut, words.PageLoggedOutWhy)
			return
		}
		to, err := s.gate.Entrance(r.Context())
		if err != nil {
			s.log.ErrorContext(r.Context(), "password not read", slog.Any("error", err))
			s.problem(w, r, http.StatusInternalServerError, words.PageFault,
				words.PageFaultDatabase)
			return
		}
		if r.URL.RawQuery == enteredQuery && to == access.LogInPath {
			to += "?unkept"
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
}

// forGuests serves a page without log-in.
func (s *Server) forGuests(h handler) http.Handler {
	return s.gate.Local(s.gate.WithSession(s.page(h)))
}

// forOwner serves a page to a logged-in owner only.
func (s *Server) forOwner(h handler) http.Handler {
	return s.gate.Local(s.gate.WithSession(s.ownerOnly(s.page(h))))
}

// forReading is forOwner for pages that only read the database. It limits how many are rendered at once.
func (s *Server) forReading(h handler) http.Handler { return s.inTurn(s.forOwner(s.watched(h))) }
