package simulator

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Wire is a network in memory with room for one server. Unlike Transport it has connections, so that net/http
// does what it does over a real network: dialing, TLS, requests that are written late or in part. It works inside
// testing/synctest.
type Wire struct {
	// Wait is what passes before the server reads the first byte of a connection, as in a slow handshake. It is
	// set before use.
	Wait time.Duration

	conns  chan net.Conn
	closed chan struct{}
	end    sync.Once

	mu       sync.Mutex
	accepted []net.Conn
}

// NewWire returns a net.Listener whose connections come from Dial.
func NewWire() *Wire { return &Wire{conns: make(chan net.Conn), closed: make(chan struct{})} }

var errWireClosed = errors.New("simulator: the network is down")

// Dial connects with the server, whatever the address. It waits until the server accepts.
func (w *Wire) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case w.conns <- theirs:
		return ours, nil
	case <-w.closed:
		return nil, errWireClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept returns the server's end of the next connection, or net.ErrClosed.
func (w *Wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		w.mu.Lock()
		w.accepted = append(w.accepted, c)
		w.mu.Unlock()
		return &tardy{Conn: c, wait: w.Wait}, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Addr returns an address without meaning.
func (w *Wire) Addr() net.Addr { return wireAddr{} }

// Close lets nobody connect any more. Connections are the server's to close.
func (w *Wire) Close() error {
	w.end.Do(func() { close(w.closed) })
	return nil
}

// Cut lets nobody connect any more and ends all connections, as when a cable is pulled. In testing/synctest it
// comes before the server's own Close: a server says goodbye in TLS with a lock in hand, perhaps to a side that
// reads no more, and the clock stands still while somebody waits for a lock.
func (w *Wire) Cut() {
	_ = w.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.accepted {
		_ = c.Close()
	}
}

// Connect answers a CONNECT as a proxy does: with a tunnel, which leads to this network whatever was asked for.
func (w *Wire) Connect(rw http.ResponseWriter, r *http.Request) {
	out, err := w.Dial(r.Context(), "", "")
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	in, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		_ = out.Close()
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
	_, _ = io.Copy(in, out)
	_ = in.Close()
}

// tardy is a connection whose first read takes its time.
type tardy struct {
	net.Conn
	wait time.Duration
	once sync.Once
}

func (t *tardy) Read(b []byte) (int, error) {
	t.once.Do(func() { time.Sleep(t.wait) })
	return t.Conn.Read(b)
}

type wireAddr struct{}

func (wireAddr) Network() string { return "pipe" }
func (wireAddr) String() string  { return "wire" }
