package instagram_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/instagram/simulator"
)

// line is a client and what happened on its network, in order.
type line struct {
	*instagram.Client
	transport *http.Transport
	wire      *simulator.Wire
	mu        sync.Mutex
	seen      []string
}

func (l *line) note(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, what)
}

func (l *line) happened() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen
}

// intent notes that it was called.
func (l *line) intent() error {
	l.note("intent")
	return nil
}

// trust is a certificate of example.com and who trusts it.
func trust(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	return s.TLS.Certificates[0], s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
}

// newLine has a server over TLS that needs so long for its part of the handshake, and after the request came for
// the answer. It offers HTTP/2, as Instagram does.
func newLine(t *testing.T, cert tls.Certificate, roots *x509.CertPool, handshake, answer time.Duration) *line {
	t.Helper()
	l := &line{wire: simulator.NewWire()}
	l.wire.Wait = handshake
	server := &http.Server{
		ReadHeaderTimeout: time.Hour,
		ErrorLog:          log.New(io.Discard, "", 0),
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{cert}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				l.note("half a request")
				return
			}
			l.note(r.Proto + " " + r.URL.Path + " " + r.Form.Get("creation_id"))
			time.Sleep(answer)
			_, _ = io.WriteString(w, `{"id":"18"}`)
		}),
	}
	go func() { _ = server.ServeTLS(l.wire, "", "") }()
	l.transport = &http.Transport{DialContext: l.wire.Dial, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{RootCAs: roots}}
	l.Client = &instagram.Client{BaseURL: "https://example.com", UserID: "1", Token: token,
		HTTP: &http.Client{Transport: l.transport, Timeout: time.Minute}}
	t.Cleanup(func() {
		l.wire.Cut()
		synctest.Wait()
		l.transport.CloseIdleConnections()
		_ = server.Close()
	})
	return l
}

// TestPublishConnectsFirst is for a handshake of 20 s and an answer after 50 s, with a limit of a minute for each.
func TestPublishConnectsFirst(t *testing.T) {
	t.Parallel()
	cert, roots := trust(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, cert, roots, 20*time.Second, 50*time.Second)
		began := time.Now()
		id, err := l.PublishAfter(t.Context(), "17", func() error {
			require.Equal(t, 20*time.Second, time.Since(began), "connecting comes first")
			return l.intent()
		})
		require.NoError(t, err)
		require.Equal(t, "18", id)
		require.Equal(t, []string{"intent", "HTTP/1.1 /1/media_publish 17"}, l.happened())
		require.Equal(t, 70*time.Second, time.Since(began))
	})
}

func TestPublishGoesThroughAProxy(t *testing.T) {
	t.Parallel()
	cert, roots := trust(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, cert, roots, 20*time.Second, 50*time.Second)
		w := simulator.NewWire()
		proxy := &http.Server{ReadHeaderTimeout: time.Hour,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				l.note(r.Method + " " + r.Host)
				l.wire.Connect(w, r)
			})}
		go func() { _ = proxy.Serve(w) }()
		defer func() { _ = errors.Join(proxy.Close(), w.Close()) }()
		l.transport.DialContext = w.Dial
		l.transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"})
		id, err := l.PublishAfter(t.Context(), "17", l.intent)
		require.NoError(t, err)
		require.Equal(t, "18", id)
		require.Equal(t, []string{"CONNECT example.com:443", "intent", "HTTP/1.1 /1/media_publish 17"}, l.happened())
	})
}

// TestLateRequestsAreNotSent is for what comes between intent and request: the machine sleeps, the process is stopped.
func TestLateRequestsAreNotSent(t *testing.T) {
	t.Parallel()
	cert, roots := trust(t)
	for name, test := range map[string]struct {
		pause time.Duration
		sent  bool
	}{"in time": {9 * time.Second, true}, "late": {11 * time.Second, false}, "very late": {time.Hour, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLine(t, cert, roots, 0, 0)
				_, err := l.PublishAfter(t.Context(), "17", func() error { time.Sleep(test.pause); return l.intent() })
				if test.sent {
					require.NoError(t, err)
					require.Len(t, l.happened(), 2)
					return
				}
				require.ErrorIs(t, err, instagram.ErrNotSent)
				time.Sleep(time.Hour)
				require.Equal(t, []string{"intent"}, l.happened())
			})
		})
	}
}

func TestNoIntentNoRequest(t *testing.T) {
	t.Parallel()
	cert, roots := trust(t)
	taken := errors.New("somebody else was faster")
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, cert, roots, 0, 0)
		_, err := l.PublishAfter(t.Context(), "17", func() error { return taken })
		require.ErrorIs(t, err, taken)
		require.ErrorIs(t, err, instagram.ErrNotSent)
		require.Empty(t, l.happened())
	})
}

func TestNoConnectionNoIntent(t *testing.T) {
	t.Parallel()
	cert, roots := trust(t)
	for name, spoil := range map[string]func(*line){
		"not to be dialled": func(l *line) {
			l.transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("an address that may not be reached")
			}
		},
		"a stranger's certificate":    func(l *line) { l.transport.TLSClientConfig.RootCAs = x509.NewCertPool() },
		"a handshake of five minutes": func(l *line) { l.HTTP.Timeout = 10 * time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLine(t, cert, roots, 5*time.Minute, 0)
				spoil(l)
				_, err := l.PublishAfter(t.Context(), "17", l.intent)
				require.ErrorIs(t, err, instagram.ErrNotSent)
				require.NotErrorIs(t, err, context.Canceled)
				time.Sleep(time.Hour)
				require.Empty(t, l.happened())
			})
		})
	}
}

// TestHalfARequestProvesNothing is for a connection that takes a part of a long request and then nothing for a while.
func TestHalfARequestProvesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := simulator.NewWire()
		defer w.Close()
		client := &instagram.Client{BaseURL: "http://example.com", UserID: "1", Token: token,
			HTTP: &http.Client{Transport: &http.Transport{DialContext: w.Dial}}}
		taken := make(chan string, 1)
		go func() {
			c, err := w.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			head := make([]byte, 1000)
			_, _ = io.ReadFull(c, head)
			time.Sleep(11 * time.Second)
			rest, _ := io.ReadAll(c)
			taken <- string(head) + string(rest)
		}()
		long := strings.Repeat("x", 50_000)
		_, err := client.CommentAfter(t.Context(), "17", long, func() error { return nil })
		require.Error(t, err)
		require.NotErrorIs(t, err, instagram.ErrNotSent)
		require.Less(t, len(<-taken), len(long), "the rest is not sent either")
	})
}

// TestAnAnswerThatNeverComes ends the call when its limit is over, counted from the intent.
func TestAnAnswerThatNeverComes(t *testing.T) {
	t.Parallel()
	cert, roots := trust(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, cert, roots, 20*time.Second, 5*time.Minute)
		began := time.Now()
		_, err := l.PublishAfter(t.Context(), "17", l.intent)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, instagram.ErrNotSent)
		require.Equal(t, 80*time.Second, time.Since(began))
		time.Sleep(time.Hour)
		require.Len(t, l.happened(), 2)
	})
}
