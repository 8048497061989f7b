package page

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What belongs to Instagram itself keeps its name.
func TestNaming(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"Instagram didn't confirm. Instagram's quota is used":     "The simulated Instagram didn't confirm. The simulated Instagram's quota is used",
		"waits until Instagram answers":                           "waits until the simulated Instagram answers",
		"approve it if Instagram's Community Guidelines allow it": "approve it if Instagram's Community Guidelines allow it",
		"Look into the Instagram app; at the simulated Instagram": "Look into the Instagram app; at the simulated Instagram",
		"https://www.instagram.com/p/1":                           "https://www.instagram.com/p/1",
	} {
		require.Equal(t, want, naming(from, "the simulated Instagram", true))
		require.Equal(t, from, naming(from, "Instagram", true))
	}
}
