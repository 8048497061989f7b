package web

import (
	"net/http"
	"time"
)

const (
	// slowGrace is how long a reader may keep an answer waiting, whatever its length.
	slowGrace = 30 * time.Second
	// slowRate is how many bytes more it has to take for each second of waiting.
	slowRate = 8 << 10
)

// cutOff ends answers to readers that are too slow. Only the time in which a write waits for the reader counts,
// not the time in which the answer is made.
func cutOff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &paced{ResponseWriter: w, out: http.NewResponseController(w)}
		defer p.limit(0) // what net/http still holds is written after this
		next.ServeHTTP(p, r)
	})
}

// paced is a writer with a deadline that moves on with the bytes that were taken.
type paced struct {
	http.ResponseWriter
	out    *http.ResponseController
	taken  int64
	waited time.Duration
}

// limit sets the deadline for the next n bytes. A writer that knows no deadline is none of net/http's.
func (p *paced) limit(n int) {
	allowed := slowGrace + time.Duration(p.taken+int64(n))*time.Second/slowRate
	_ = p.out.SetWriteDeadline(time.Now().Add(allowed - p.waited))
}

func (p *paced) Write(b []byte) (n int, err error) {
	p.limit(len(b))
	began := time.Now()
	n, err = p.ResponseWriter.Write(b)
	p.taken, p.waited = p.taken+int64(n), p.waited+time.Since(began)
	return n, err
}

// FlushError is what http.ResponseController calls.
func (p *paced) FlushError() error {
	p.limit(0)
	began := time.Now()
	err := p.out.Flush()
	p.waited += time.Since(began)
	return err
}

func (p *paced) Unwrap() http.ResponseWriter { return p.ResponseWriter }
