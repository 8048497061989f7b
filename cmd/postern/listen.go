package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"postern/config"
)

// shutdownTime is what requests may still take when everything else has stopped.
const shutdownTime = 5 * time.Second

// listen binds an address; the error says what to do.
func listen(ctx context.Context, key, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	key = config.Named(key)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port in use: another program listens on %s; stop it, or set %s to a free address",
			address, key)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("not allowed to listen on %s: set %s to a port above 1023", address, key)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return nil, fmt.Errorf("cannot listen on %s (%w): set %s to an address of this machine", address, err, key)
}

// httpServer is a server with the goroutine it runs in.
type httpServer struct {
	*http.Server
	end  context.CancelFunc // of the requests' contexts
	done chan struct{}
}

// serveHTTP answers requests on l; failed is told when that ends by itself.
func (a *App) serveHTTP(l net.Listener, h http.Handler, failed context.CancelCauseFunc) *httpServer {
	base, end := context.WithCancel(context.Background())
	s := &httpServer{end: end, done: make(chan struct{}), Server: &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}}
	go func() {
		defer close(s.done)
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serving the pages: %w", err))
		}
	}()
	return s
}

// stop ends event streams first, then waits for the other requests.
func (s *httpServer) stop() {
	s.end()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		_ = s.Close()
	}
	<-s.done
}
