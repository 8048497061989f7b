package instagram

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// hurry has the kernel give a connection up whose bytes are not acknowledged for so long. Else it would deliver
// them minutes later, when the network is back.
func hurry(c net.Conn, d time.Duration) {
	tcp, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	// A kernel that does not take it (none since 2.6.37) leaves its own limit in place.
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
	})
}
