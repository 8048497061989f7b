package publisher

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/store"
)

// wire serves the simulator on an in-memory network and returns a transport to it. wrap is called with each
// connection.
func (s *theStage) wire(wrap func(net.Conn) net.Conn) *http.Transport {
	s.t.Helper()
	w := simulator.NewWire()
	server := &http.Server{Handler: s.sim, ReadHeaderTimeout: 24 * time.Hour, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(w) }()
	transport := &http.Transport{Proxy: nil,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := w.Dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return wrap(c), nil
		}}
	s.t.Cleanup(func() {
		w.Cut()
		synctest.Wait()
		transport.CloseIdleConnections()
		require.NoError(s.t, server.Close())
	})
	return transport
}

// stopped is a connection whose process is suspended between the intent to publish and the request, when the client
// sets a write deadline.
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

// TestAProcessThatIsStopped suspends the process between the intent and the request, as SIGSTOP or a sleeping machine
// does.
func TestAProcessThatIsStopped(t *testing.T) {
	for name, pause := range map[string]time.Duration{"a moment": 5 * time.Second, "a minute": time.Minute,
		"longer than its lease": time.Hour} {
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
				require.Equal(t, 1, s.sim.CallCount("publish"), "the refused request was not sent")
				require.EqualValues(t, ifElse(pause < 10*time.Second, 1, 2), stops.Load())
				require.Zero(t, pub.Tries)
				require.Zero(t, pub.Unanswered)
			})
		})
	}
}

// TestAStoppedProcessIsOvertaken has another process take over the lease, read the profile and publish before the
// first one resumes.
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
		rival := New(Options{Store: s.other(), Accounts: s.acc, Media: s.library, Public: s.outside(), Settle: s.settle,
			Logger: discard})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- rival.Run(ctx) }()
		s.reach(pub.ID, store.Published, 5*time.Minute)
		require.Len(t, s.live(), 1)
		time.Sleep(3 * time.Hour)
		require.Len(t, s.live(), 1, "the first process's request is refused when it resumes")
		require.EqualValues(t, 2, stops.Load())
		cancel()
		require.NoError(t, <-ended)
	})
}

// TestFourCallsOverAWire counts the calls and connections for one picture.
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

// TestASlowWayToInstagram has a TLS handshake of 20 s through a proxy and an answer 50 s after the request. Each is
// within its limit of a minute, but not both together.
func TestASlowWayToInstagram(t *testing.T) {
	certificates := httptest.NewTLSServer(http.NotFoundHandler())
	certificates.Close()
	inBubble(t, func(t *testing.T, s *theStage) {
		graph, between := simulator.NewWire(), simulator.NewWire()
		graph.Wait = 20 * time.Second
		server := &http.Server{Handler: s.sim, ReadHeaderTimeout: time.Hour, ErrorLog: log.New(io.Discard, "", 0),
			TLSConfig: &tls.Config{Certificates: certificates.TLS.Certificates}}
		go func() { _ = server.ServeTLS(graph, "", "") }()
		var connects atomic.Int32
		proxy := &http.Server{ReadHeaderTimeout: time.Hour,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				require.Equal(t, "CONNECT graph.example.org:443", r.Method+" "+r.Host)
				connects.Add(1)
				graph.Connect(w, r)
			})}
		go func() { _ = proxy.Serve(between) }()
		transport := &http.Transport{DialContext: between.Dial,
			Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"}),
			TLSClientConfig: &tls.Config{
				RootCAs:    certificates.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
				ServerName: "example.com"}}
		s.t.Cleanup(func() {
			graph.Cut()
			between.Cut()
			synctest.Wait()
			transport.CloseIdleConnections()
			require.NoError(t, errors.Join(server.Close(), proxy.Close()))
		})
		s.base = "https://graph.example.org"
		s.connect(transport)
		s.sim.Fault(simulator.Fault{Kind: simulator.Hold, Op: "publish", After: 50 * time.Second})
		before := s.sim.CallCount("")
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, 10*time.Minute)
		time.Sleep(time.Hour)
		require.Len(t, s.live(), 1)
		require.Equal(t, 1, s.sim.CallCount("publish"))
		require.Equal(t, 4, s.sim.CallCount("")-before, "the profile was not read")
		require.NotZero(t, connects.Load())
	})
}
