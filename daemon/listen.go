package daemon

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
	"postern/words"
)

// shutdownTime is what requests may still take when everything else has stopped.
const shutdownTime = 5 * time.Second

// Listen binds an address, which stands in the configuration under a key. The error says what to do.
func Listen(ctx context.Context, key, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	key = config.Named(key)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, errors.New(words.PortInUse(address, key))
	case errors.Is(err, syscall.EACCES):
		return nil, errors.New(words.PortForbidden(address, key))
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return nil, fmt.Errorf("cannot listen on %s (%w): set %s to an address of this machine", address, err, key)
}

// Server answers requests in a goroutine of its own until Stop.
type Server struct {
	http *http.Server
	end  context.CancelFunc // of the requests' contexts
	done chan struct{}
}

// Serve answers requests on l until Stop; failed is called when that ends by itself.
func Serve(l net.Listener, h http.Handler, log *slog.Logger, failed func(error)) *Server {
	base, end := context.WithCancel(context.Background())
	s := &Server{end: end, done: make(chan struct{}), http: &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serving the pages: %w", err))
		}
	}()
	return s
}

// Stop ends event streams first, then waits for the other requests.
func (s *Server) Stop() {
	s.end()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
	<-s.done
}
