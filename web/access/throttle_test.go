package access

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestThrottleOpensAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := &throttle{}
		for range 5 {
			require.Zero(t, th.take(time.Now(), "a"))
			time.Sleep(time.Second)
		}
		require.Equal(t, 55*time.Second, th.take(time.Now(), "a"))
		require.Zero(t, th.take(time.Now(), "b"))
		time.Sleep(55 * time.Second)
		require.Zero(t, th.take(time.Now(), "a"))
		require.Equal(t, time.Second, th.take(time.Now(), "a"))
		th.clear("a")
		require.Zero(t, th.take(time.Now(), "a"))

		time.Sleep(time.Minute)
		for n := range 1500 {
			require.Zero(t, th.take(time.Now(), fmt.Sprint(n)))
		}
		require.Equal(t, time.Minute, th.take(time.Now(), "one more"), "of all together")
		time.Sleep(time.Minute)
		require.Zero(t, th.take(time.Now(), "one more"))
	})
}
