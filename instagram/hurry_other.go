//go:build !linux

package instagram

import (
	"net"
	"time"
)

// hurry has the kernel drop what it has not delivered as soon as the connection is closed, which is when the call ends.
func hurry(c net.Conn, _ time.Duration) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}
