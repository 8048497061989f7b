package daemon

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	require.True(t, outOfMemory("boot 3", "boot 4"))
	for _, same := range [][2]string{{"boot 3", "boot 3"}, {"boot 3", "other 4"}, {"", "boot 4"}, {"boot 3", ""},
		{"", ""}, {"boot x", "boot 4"}} {
		require.False(t, outOfMemory(same[0], same[1]), same)
	}
}
