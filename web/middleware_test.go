package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/web"
)

// oneConn is a listener with a single connection, in memory, so that its deadlines are those of a bubble.
type oneConn struct {
	net.Conn
	conns chan net.Conn
}

func listenOnce() (net.Listener, net.Conn) {
	server, client := net.Pipe()
	l := oneConn{server, make(chan net.Conn, 1)}
	l.conns <- server
	return l, client
}

func (l oneConn) Addr() net.Addr { return l.LocalAddr() }
func (l oneConn) Close() error   { close(l.conns); return nil }
func (l oneConn) Accept() (net.Conn, error) {
	if c, ok := <-l.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func TestAFormIsWaitedForHalfAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, conn := listenOnce()
		var got []string
		s := &http.Server{Handler: web.Limited(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			time.Sleep(2 * time.Minute) // an answer may take longer than the form did
			require.NoError(t, r.Context().Err())
			got = append(got, string(body))
		}))}
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(l) }()
		answer := bufio.NewReader(conn)
		send := func(body string) *http.Response {
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n%s", body)
			res, err := http.ReadResponse(answer, nil)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, res.Body)
			require.NoError(t, err)
			return res
		}
		require.Equal(t, http.StatusOK, send("the whole.").StatusCode)
		began := time.Now()
		res := send("half")
		require.Equal(t, http.StatusRequestTimeout, res.StatusCode)
		require.True(t, res.Close)
		require.Equal(t, 30*time.Second, time.Since(began))
		require.Equal(t, []string{"the whole."}, got)
		_, err := answer.ReadByte()
		require.ErrorIs(t, err, io.EOF, "the connection is given up")
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
}
