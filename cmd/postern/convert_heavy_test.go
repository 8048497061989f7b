//go:build nodynamic

package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConvertWritesPixels(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain.avif", "plain.heic"} {
		picture, err := os.ReadFile("../../media/testdata/" + name)
		require.NoError(t, err)
		status, stdout, stderr := convert(t, picture)
		require.Equal(t, exitWell, status, stderr)
		require.Greater(t, len(stdout), 1000, name)
		require.Equal(t, "POSTERN1", stdout[:8])
	}
}
