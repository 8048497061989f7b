package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.must(w.run("hook")).stdout
	_, token, ok := strings.Cut(strings.TrimSpace(first), "/hooks/poll/")
	require.True(t, ok, first)
	require.Len(t, token, 26)
	require.Contains(t, first, "http://127.0.0.1:", "an address that curl takes, with or without web.base_url")
	require.Contains(t, first, "web.base_url")
	require.NotContains(t, w.must(w.run("hook")).stdout, "/hooks/", "it is shown once")
	second := w.must(w.run("hook", "--new", "--json")).stdout
	require.Contains(t, second, `"path": "/hooks/poll/`)
	require.NotContains(t, second, token)

	r := w.run("account", "set", "1", "hashtags=40")
	require.Equal(t, exitUsage, r.status)
	require.Contains(t, r.stderr, `"40" is not a number from 0 to 30`)
}
