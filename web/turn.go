package web

import (
	"net/http"
	"sync"
)

// turns are how many pages may be made at once.
type turns chan struct{}

func newTurns(n int) turns { return make(turns, n) }

// limit lets as many pages be made at once as there are processors, in the order in which they were asked for.
// All of twenty at once would take turns at every step instead, and each of them would be done when the last one
// is. A turn ends with the first byte: a visitor who takes long to receive a page keeps nobody waiting. What asks
// others over the network, or draws pictures, must not take one.
func (t turns) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case t <- struct{}{}:
		case <-r.Context().Done(): // the visitor left
			return
		}
		out := &turn{ResponseWriter: w, end: sync.OnceFunc(func() { <-t })}
		defer out.end()
		next.ServeHTTP(out, r)
	})
}

// turn is the writer of a page that is being made.
type turn struct {
	http.ResponseWriter
	end func()
}

func (t *turn) WriteHeader(code int) {
	t.end()
	t.ResponseWriter.WriteHeader(code)
}

func (t *turn) Write(b []byte) (int, error) {
	t.end()
	return t.ResponseWriter.Write(b)
}

func (t *turn) Unwrap() http.ResponseWriter { return t.ResponseWriter }
