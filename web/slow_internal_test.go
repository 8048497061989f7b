package web

import (
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// slowWriter waits before it takes bytes, as a connection with a slow reader does, and keeps its deadline.
type slowWriter struct {
	http.ResponseWriter
	wait     time.Duration
	deadline time.Time
}

func (w *slowWriter) SetWriteDeadline(at time.Time) error {
	w.deadline = at
	return nil
}

func (w *slowWriter) Write(b []byte) (int, error) {
	if until := time.Until(w.deadline); until < w.wait {
		time.Sleep(max(until, 0))
		return 0, net.ErrClosed
	}
	time.Sleep(w.wait)
	return len(b), nil
}

func TestSlowReadersAreCutOff(t *testing.T) {
	t.Parallel()
	const piece = 32 << 10
	for _, c := range []struct {
		name          string
		wait, between time.Duration
		whole         bool
	}{
		{"quick", 0, 0, true},
		{"a line of 16 KiB a second", 2 * time.Second, 0, true},
		{"one that takes a byte now and then", 20 * time.Second, 0, false},
		{"one that takes nothing", time.Hour, 0, false},
		{"an answer that takes long to be made", 0, time.Minute, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &slowWriter{wait: c.wait}
				began := time.Now()
				var err error
				cutOff(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for range 100 {
						time.Sleep(c.between)
						if _, err = w.Write(make([]byte, piece)); err != nil {
							return
						}
					}
				})).ServeHTTP(w, nil)
				if c.whole {
					require.NoError(t, err)
				} else {
					require.Error(t, err)
					require.Less(t, time.Since(began), 2*time.Minute)
				}
				require.True(t, w.deadline.After(time.Now()) || !c.whole, "what is left over can still be written")
			})
		})
	}
}
