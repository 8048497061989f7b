package instagram_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestNothingWasSent(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the handshake, rightly
	tls.StartTLS()
	t.Cleanup(tls.Close)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, test := range map[string]struct {
		ctx  context.Context
		base string
	}{
		"refused":          {t.Context(), closed.URL},
		"no trust in TLS":  {t.Context(), tls.URL},
		"not a URL":        {t.Context(), "http://[bad"},
		"already stopped":  {stopped, closed.URL},
		"no such protocol": {t.Context(), "gopher://x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &instagram.Client{BaseURL: test.base, UserID: "1", Token: token,
				HTTP: &http.Client{Transport: &http.Transport{}}}
			_, err := client.Publish(test.ctx, "17")
			var e *instagram.TransportError
			require.ErrorAs(t, err, &e)
			if name == "no such protocol" {
				return // never asked for a connection, so nothing is known
			}
			require.False(t, e.Sent)
			v := instagram.Classify(err)
			require.Equal(t, instagram.Retry, v.Action)
			require.True(t, v.Account)
		})
	}
}

// keepAlive is a server that answers the first request of a connection and
// then does as told: the situation in which net/http sends requests again.
func keepAlive(t *testing.T, second func(net.Conn)) (address string, requests func() []string) {
	t.Helper()
	var posts [64]atomic.Value
	var n atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	note := func(head string) { posts[n.Add(1)-1].Store(strings.SplitN(head, " HTTP", 2)[0]) }
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				buf := make([]byte, 8192)
				size, err := conn.Read(buf)
				if err != nil {
					return
				}
				note(string(buf[:size]))
				body := `{"id":"18","status_code":"FINISHED"}`
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
				if second == nil {
					return // and close: the client learns of it too late
				}
				if size, err = conn.Read(buf); err != nil {
					return
				}
				note(string(buf[:size]))
				second(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String(), func() []string {
		var all []string
		for i := range n.Load() {
			if s, ok := posts[i].Load().(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
}

func TestPostIsNotReplayed(t *testing.T) {
	t.Parallel()
	t.Run("create on a reused connection that dies", func(t *testing.T) {
		t.Parallel()
		base, requests := keepAlive(t, func(net.Conn) {})
		client := &instagram.Client{BaseURL: base, UserID: "1", Token: token,
			HTTP: &http.Client{Transport: &http.Transport{}}}
		_, err := client.Status(t.Context(), "17")
		require.NoError(t, err)
		_, err = client.CreateImage(t.Context(), instagram.Image{URL: "https://example.org/a.jpg"})
		var e *instagram.TransportError
		require.ErrorAs(t, err, &e)
		require.True(t, e.Sent)
		require.Equal(t, []string{"GET /17", "POST /1/media"}, withoutQuery(requests()))
	})
	t.Run("publish takes a new connection", func(t *testing.T) {
		t.Parallel()
		for range 20 {
			base, requests := keepAlive(t, nil)
			client := &instagram.Client{BaseURL: base, UserID: "1", Token: token,
				HTTP: &http.Client{Transport: &http.Transport{}}}
			_, err := client.Status(t.Context(), "17")
			require.NoError(t, err)
			_, err = client.Publish(t.Context(), "17")
			require.NoError(t, err)
			require.Equal(t, []string{"GET /17", "POST /1/media_publish"}, withoutQuery(requests()))
		}
	})
	t.Run("over HTTP/2", func(t *testing.T) {
		t.Parallel()
		var posts atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			posts.Add(1)
			panic(http.ErrAbortHandler) // resets the stream
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		client := &instagram.Client{BaseURL: server.URL, UserID: "1", Token: token, HTTP: server.Client()}
		_, err := client.Publish(t.Context(), "17")
		var e *instagram.TransportError
		require.ErrorAs(t, err, &e)
		require.True(t, e.Sent)
		require.EqualValues(t, 1, posts.Load())
	})
}

func withoutQuery(requests []string) []string {
	for i, r := range requests {
		requests[i], _, _ = strings.Cut(r, "?")
	}
	return requests
}

// What net/http needs to send a POST again is not there to be used.
func TestPostCannotBeRewound(t *testing.T) {
	t.Parallel()
	client := &instagram.Client{BaseURL: "http://x.invalid", UserID: "1", Token: token}
	client.HTTP = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil || r.Body == nil || r.ContentLength <= 0 || len(r.Header["Idempotency-Key"]) > 0 {
			t.Errorf("%s %s can be sent again", r.Method, r.URL.Path)
		}
		return nil, io.ErrUnexpectedEOF
	})}
	_, err := client.CreateImage(t.Context(), instagram.Image{URL: "https://example.org/a.jpg"})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = client.Publish(t.Context(), "17")
	require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action,
		"a RoundTripper that traces nothing proves nothing")
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			client, api := setup(t)
			api.HandleFunc("/v24.0/", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, basePa+"/trap", code)
			})
			api.HandleFunc("/trap", func(w http.ResponseWriter, _ *http.Request) {
				t.Error("followed a redirect")
				_, _ = io.WriteString(w, `{"id":"18"}`)
			})
			_, err := client.Me(t.Context())
			require.Equal(t, instagram.Retry, instagram.Classify(err).Action)
			_, err = client.Publish(t.Context(), "17")
			require.Equal(t, instagram.Ambiguous, instagram.Classify(err).Action)
			require.ErrorContains(t, err, fmt.Sprint(code))
		})
	}
}
