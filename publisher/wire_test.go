package publisher

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// wire serves the simulator on a network in memory and returns a way to it. Each of its connections is given to wrap.
func (s *theStage) wire(wrap func(net.Conn) net.Conn) *http.Transport {
	s.t.Helper()
	w := simulator.NewWire()
	server := &http.Server{Handler: s.sim, ReadHeaderTimeout: 24 * time.Hour, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(w) }()
	transport := &http.Transport{Proxy: nil, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := w.Dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return wrap(c), nil
	}}
	s.t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(s.t, w.Close())
		require.NoError(s.t, server.Close())
		synctest.Wait()
	})
	return transport
}

// stopped is a connection whose process is stopped between the intent to publish and the request: a deadline for writing is
// what the fence sets just then.
type stopped struct {
	net.Conn
	stop func()
}

func (c stopped) SetWriteDeadline(t time.Time) error {
	if !t.IsZero() {
		c.stop()
	}
	return c.Conn.SetWriteDeadline(t)
}

// TestAProcessThatIsStopped is for SIGSTOP, or a machine that sleeps, between the intent and the request.
func TestAProcessThatIsStopped(t *testing.T) {
	for name, pause := range map[string]time.Duration{"a moment": 5 * time.Second, "a minute": time.Minute, "longer than its lease": time.Hour} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				var stops atomic.Int32
				s.connect(s.wire(func(c net.Conn) net.Conn {
					return stopped{c, func() {
						if stops.Add(1) == 1 {
							time.Sleep(pause)
						}
					}}
				}))
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				pub = s.reach(pub.ID, store.Published, 2*time.Hour)
				require.Len(t, s.live(), 1)
				require.Equal(t, 1, s.sim.CallCount("publish"), "what was refused was not sent")
				require.EqualValues(t, either(pause < 10*time.Second, 1, 2), stops.Load())
				require.Zero(t, pub.Tries)
				require.Zero(t, pub.Unanswered)
			})
		})
	}
}

// TestAStoppedProcessIsOvertaken has another process take it for dead, look, and publish, before the first one goes on.
func TestAStoppedProcessIsOvertaken(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		var stops atomic.Int32
		s.connect(s.wire(func(c net.Conn) net.Conn {
			return stopped{c, func() {
				if stops.Add(1) == 1 {
					time.Sleep(10 * time.Minute)
				}
			}}
		}))
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Publishing, time.Minute)
		rival := New(Options{Store: s.other(), Accounts: s.acc, Media: s.library, Public: s.outside(), Settle: s.settle, Logger: discard})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- rival.Run(ctx) }()
		s.reach(pub.ID, store.Published, 5*time.Minute)
		require.Len(t, s.live(), 1)
		time.Sleep(3 * time.Hour)
		require.Len(t, s.live(), 1, "the request of the first is refused when it goes on")
		require.EqualValues(t, 2, stops.Load())
		cancel()
		require.NoError(t, <-ended)
	})
}

// TestFourCallsOverAWire counts what a picture costs where there are connections to be made.
func TestFourCallsOverAWire(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		var dials atomic.Int32
		s.connect(s.wire(func(c net.Conn) net.Conn { dials.Add(1); return c }))
		before := s.sim.CallCount("")
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, time.Minute)
		time.Sleep(time.Hour)
		require.Equal(t, 4, s.sim.CallCount("")-before)
		require.LessOrEqual(t, dials.Load(), int32(4))
	})
}
