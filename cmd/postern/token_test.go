package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Contains(t, w.must(w.run("token", "list")).stdout, "no API tokens yet")
	require.JSONEq(t, "[]", w.must(w.run("token", "list", "--json")).stdout)
	value := w.must(w.run("token", "add", "--label", "site build")).stdout
	require.Regexp(t, `^postern_[A-Z2-7]{26}\n$`, value, "nothing else is on standard output")
	value = strings.TrimSpace(value)

	var v tokenJSON
	require.NoError(t,
		json.Unmarshal([]byte(w.must(w.run("token", "add", "--label", "desk", "--write", "--json")).stdout), &v))
	require.Equal(t, tokenJSON{ID: 2, Label: "desk", Scope: "write", CreatedAt: v.CreatedAt, Token: v.Token}, v)
	require.Regexp(t, `^postern_`, v.Token)
	require.NotEqual(t, value, v.Token)

	for _, args := range [][]string{{"token", "list"}, {"token", "list", "--json"}} {
		list := w.must(w.run(args...)).stdout
		require.Contains(t, list, "site build")
		require.NotContains(t, list, "postern_")
	}
	require.Contains(t, w.must(w.run("token", "remove", "1")).stdout, "the API token “site build” is revoked")
	w.fails(w.run("token", "remove", "1"), "there is no API token 1", "postern token list")
	require.Equal(t, exitUsage, w.run("token", "add").status)
	require.Equal(t, exitUsage, w.run("token", "add", "--label", " ").status)
}
