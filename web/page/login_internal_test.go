package page

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestALogInEnds(t *testing.T) {
	t.Parallel()
	now := time.Now()
	is := func(state string, until time.Time, came string) bool {
		return logIn{State: hashed(state), Until: until}.is(came, now)
	}
	require.True(t, is("S", now.Add(time.Minute), "S"))
	require.False(t, is("S", now, "S"), "too late")
	require.False(t, is("S", now.Add(time.Minute), "s"))
	require.False(t, is("", now.Add(time.Minute), ""))
}
