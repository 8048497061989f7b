package simulator

import (
	"context"
	"errors"
	"net"
	"sync"
)

// Wire is a network in memory with room for one server. Unlike Transport it has connections, so that net/http does what it
// does over a real network: dialing, TLS, requests that are written late or in part. It works inside testing/synctest.
type Wire struct {
	conns  chan net.Conn
	closed chan struct{}
	end    sync.Once
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
		return c, nil
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

type wireAddr struct{}

func (wireAddr) Network() string { return "pipe" }
func (wireAddr) String() string  { return "wire" }
