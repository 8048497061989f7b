package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAccountAddedAgainKeepsItsSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "approve=true"))
	w.must(w.run("account", "pause", "1"))
	w.must(w.run("account", "remove", "1"))
	r := w.must(w.post(worldToken, "account", "add", "--access-token-file", "-"))
	require.Contains(t, r.stdout,
		"; it has the settings it had before, and is still paused. No older posts will be published, only new ones.")
	require.Contains(t, w.must(w.run("account", "set", "1", "--json")).stdout, `"approve"`)
}
