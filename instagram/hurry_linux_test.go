package instagram_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"postern/instagram"
)

// TestTheKernelDoesNotDeliverLate asks the kernel, while the request is answered, how long it would try to deliver.
func TestTheKernelDoesNotDeliverLate(t *testing.T) {
	t.Parallel()
	var conn atomic.Pointer[net.TCPConn]
	limit := make(chan int, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		raw, err := conn.Load().SyscallConn()
		if err == nil {
			err = raw.Control(func(fd uintptr) {
				ms, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
				if err == nil {
					limit <- ms
				}
			})
		}
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"id":"18"}`)
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if tcp, ok := c.(*net.TCPConn); ok {
			conn.Store(tcp)
		}
		return c, err
	}}
	client := &instagram.Client{BaseURL: server.URL, UserID: "1", Token: token,
		HTTP: &http.Client{Transport: transport}}
	_, err := client.Publish(t.Context(), "17")
	require.NoError(t, err)
	require.Equal(t, 10_000, <-limit)
}
