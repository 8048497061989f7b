package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"postern/words"
)

// robots lets Instagram's fetcher, and everybody else's, have the media and nothing more.
func robots(w http.ResponseWriter, _ *http.Request) {
	text(w, http.StatusOK, "User-agent: *\nAllow: /media/\nDisallow: /\n")
}

// healthz answers as long as the process does.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok\n") }

// readyz answers 200 when the database does. It is open only after its migrations are done.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		s.log.ErrorContext(ctx, "database does not answer", slog.Any("error", err))
		text(w, http.StatusServiceUnavailable, words.DatabaseSilent+"\n")
		return
	}
	text(w, http.StatusOK, "ready\n")
}

func text(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, body)
}
