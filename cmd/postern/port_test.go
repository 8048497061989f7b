package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// ports are below those that systems hand out by themselves, to other tests and to either end of a connection: one of
// those could be taken again between its choice and its use.
var ports = func() *atomic.Int32 {
	var next atomic.Int32
	next.Store(10000 + rand.Int32N(10000))
	return &next
}()

// freePort is an address of this machine where nothing listens, and that nobody else here is given.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", ports.Add(1)))
		if err == nil {
			require.NoError(t, l.Close())
			return l.Addr().String()
		}
	}
	require.FailNow(t, "no port is free")
	return ""
}
