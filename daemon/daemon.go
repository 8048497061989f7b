package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"postern/publisher"
)

// Daemon polls, publishes and answers requests. Every field is needed but those about metrics.
type Daemon struct {
	Place     *Place
	Publisher *publisher.Publisher
	Ticks     Ticks
	Listener  net.Listener // closed by Run
	Pages     http.Handler
	Logger    *slog.Logger

	// MetricsAt is where Metrics are served without a token; nil for nowhere.
	MetricsAt net.Listener
	Metrics   http.Handler
}

// Run works until ctx ends, and then finishes the running steps. It calls ready once the servers answer requests.
func (d Daemon) Run(ctx context.Context, ready func()) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	server := Serve(d.Listener, d.Pages, d.Logger, stop)
	if d.MetricsAt != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", d.Metrics)
		defer Serve(d.MetricsAt, mux, d.Logger, stop).Stop()
		d.Logger.Info("metrics are served without a token", slog.String("at", d.MetricsAt.Addr().String()))
	}
	ready()

	published := make(chan struct{})
	go func() {
		defer close(published)
		if err := d.Publisher.Run(ctx); err != nil {
			stop(fmt.Errorf("publishing: %w", err))
		}
	}()
	stopTicks, err := d.Ticks.Start(ctx)
	if err != nil {
		stop(err)
	}

	<-ctx.Done()
	d.Logger.Info("stopping")
	stopTicks()
	<-published // Instagram may be fetching our media until then
	d.Place.Depart(ctx)
	server.Stop()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
