package instagram

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"postern/words"
)

// ErrNotSent matches every error that proves that no byte of a request was sent: see TransportError.Sent.
var ErrNotSent = errors.New(words.RequestNotSent)

// errLate is why the bytes of a request are refused.
var errLate = errors.New(words.RequestTooLate)

// sendWindow is how long after the intent to publish the request may be written. Whoever takes over a publication
// counts on it that later nothing more arrives at Instagram.
const sendWindow = 10 * time.Second

// fence guards one request that must not be sent late: the connection first, then the intent, then the request, at most
// sendWindow apart. It works at the connection, because a process can be suspended and a connection can take its time
// anywhere above.
type fence struct {
	intent func() error  // is called once, when the connection is there
	limit  time.Duration // for connecting, and again for the answer; 0 is none

	mu    sync.Mutex
	phase phase
	at    time.Time // when the intent began, with the monotonic clock
	wrote bool      // a byte of the request may have been sent
	err   error     // of the intent
	conn  net.Conn
	timer *time.Timer
}

// phase says what may be written to the connection.
type phase int

const (
	connecting phase = iota // anything: CONNECT, TLS
	asking                  // the request, within sendWindow
	asked                   // anything: the answer is coming
	refused                 // nothing
)

// guarded fences the one request that h will send: its bytes pass within sendWindow after intent was called,
// which is when the connection is there. A RoundTripper of another kind has no connection that could be seen:
// there intent is called at once. Afterwards sent reports whether a byte may have been sent, and cancel must be
// called.
func guarded(ctx context.Context, h *http.Client,
	intent func() error) (_ context.Context, cancel context.CancelFunc, sent func() bool, err error) {
	f := &fence{intent: intent, limit: h.Timeout}
	h.Timeout = 0 // covers connecting and answer together
	ctx, cancel = f.watch(ctx)
	base := h.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	if t, ok := base.(*http.Transport); ok {
		h.Transport = f.transport(t)
		return httptrace.WithClientTrace(ctx, f.trace()), cancel, f.shut, nil
	}
	if err = f.open(); err == nil {
		err = f.admit()
	}
	return ctx, cancel, f.shut, err
}

// watch returns a context that is cancelled when connecting, or later waiting for the answer, takes longer than limit.
func (f *fence) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if f.limit > 0 {
		f.timer = time.AfterFunc(f.limit, func() { cancel(context.DeadlineExceeded) })
	}
	return ctx, func() {
		if f.timer != nil {
			f.timer.Stop()
		}
		cancel(context.Canceled)
	}
}

// trace has the intent written as soon as there is a connection.
func (f *fence) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { _ = f.open() },
		// WroteRequest would be too early: it comes before the last bytes leave net/http's buffer.
		GotFirstResponseByte: f.answered,
	}
}

// open has the intent written and lets the request pass from then on. It refuses the request when that fails.
func (f *fence) open() error {
	f.mu.Lock()
	first := f.phase == connecting
	if !first { // a second connection for the same request: it must not be sent twice
		f.phase = refused
	}
	f.mu.Unlock()
	if !first {
		return errLate
	}
	if f.timer != nil {
		f.timer.Stop()
	}
	at := time.Now()
	err := f.intent()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.err, f.phase = at, err, asking
	if err != nil {
		f.phase = refused
		return err
	}
	if f.conn != nil {
		_ = f.conn.SetWriteDeadline(at.Add(sendWindow))
		hurry(f.conn, sendWindow)
	}
	if f.timer != nil {
		f.timer.Reset(f.limit)
	}
	return nil
}

// admit decides whether bytes may be written now.
func (f *fence) admit() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.phase {
	case connecting, asked:
		return nil
	case asking:
		// The monotonic clock stands still while the machine sleeps, the other one may be set.
		if time.Since(f.at) <= sendWindow && time.Now().Round(0).Sub(f.at.Round(0)).Abs() <= sendWindow {
			f.wrote = true
			return nil
		}
		f.phase = refused
	}
	return cmp.Or(f.err, errLate)
}

// answered lets everything pass: what is written during an answer is no part of the request.
func (f *fence) answered() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.phase != asking {
		return
	}
	f.phase = asked
	if f.conn != nil {
		_ = f.conn.SetWriteDeadline(time.Time{})
	}
}

// shut ends it: nothing can be written any more. It reports whether a byte of the request may have been sent.
func (f *fence) shut() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.phase = refused
	return f.wrote
}

// transport returns a copy of base that makes one new connection, speaks HTTP/1.1, in which the request is
// written after GotConn and by nobody else, and writes what the fence lets pass. Proxy, dialing and trust are
// those of base.
func (f *fence) transport(base *http.Transport) *http.Transport {
	t := base.Clone()
	t.DisableKeepAlives, t.ForceAttemptHTTP2 = true, false
	t.TLSHandshakeTimeout = 0 // see limit
	t.Protocols = &http.Protocols{}
	t.Protocols.SetHTTP1(true)
	t.TLSNextProto = nil
	if t.TLSClientConfig != nil {
		t.TLSClientConfig.NextProtos = []string{"http/1.1"}
	}
	dial := t.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	t.DialContext = f.guard(dial)
	if t.DialTLSContext != nil {
		t.DialTLSContext = f.guard(t.DialTLSContext)
	}
	return t
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (f *fence) guard(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.conn = conn
		return &fencedConn{conn, f}, nil
	}
}

// fencedConn asks the fence before each write.
type fencedConn struct {
	net.Conn
	f *fence
}

func (c *fencedConn) Write(b []byte) (int, error) {
	if err := c.f.admit(); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
