package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"postern/words"
)

// logged writes one line per request: the route's pattern and never the address, which may hold more than a log should.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			s.log.DebugContext(r.Context(), "request", slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.Int("status", rec.status), slog.Duration("took", time.Since(start)))
		}()
		next.ServeHTTP(rec, r)
	})
}

type recorder struct {
	http.ResponseWriter
	status  int
	written bool
}

func (w *recorder) WriteHeader(code int) {
	if !w.written && code >= 200 {
		w.status, w.written = code, true
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(b []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(b)
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // it is the value that net/http asks for
				panic(v)
			}
			s.log.ErrorContext(r.Context(), "handler panicked", slog.String("route", r.Pattern), slog.Any("panic", v),
				slog.String("stack", string(debug.Stack())))
			http.Error(w, words.PageCrashed, http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}

// policy allows our own files, and nothing else: no style and no script within a page, and none that is made of words.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// Not "no-referrer": with it browsers send "Origin: null" with our own forms, which then look like a
		// stranger's.
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// cleanPath answers 404 to the paths that ServeMux would redirect, such as /media//x: what is public never redirects.
func cleanPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clean := path.Clean(r.URL.Path)
		if clean != "/" && strings.HasSuffix(r.URL.Path, "/") {
			clean += "/"
		}
		if clean != r.URL.Path {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// maxForm is far above the longest caption.
const maxForm = 256 << 10

// formTime is how long a form may be on its way.
const formTime = 30 * time.Second

// limited reads the whole of a form, within bounds of size and time, before anybody asks whose it is: one that is only
// half sent holds up nothing, and is not decided about by a session that may have ended when the rest comes.
// http.MaxBytesHandler would hand on a copy of the request, and the log would never learn which route it took.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		// net/http takes it away when the body has been read. A writer that cannot do it is none of net/http's.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTime))
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
		var tooLarge *http.MaxBytesError
		if err != nil && !errors.As(err, &tooLarge) {
			w.Header().Set("Connection", "close")
			http.Error(w, words.PageFormCut, http.StatusRequestTimeout)
			return
		}
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		next.ServeHTTP(w, r)
	})
}

// failing is what comes after a body: nothing, or the error that ended it.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) {
	s.log.WarnContext(r.Context(), "form from another site refused")
	http.Error(w,
		words.PageOtherSite, http.StatusForbidden)
}
