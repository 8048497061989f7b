package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Before the first password `postern login` names the two ways that there are; afterwards it prints its link.
func TestLoginBeforeThePassword(t *testing.T) {
	t.Parallel()
	config := write(t, "postern.toml", `data_dir = "`+filepath.ToSlash(t.TempDir())+`"
[web]
listen = "127.0.0.1:8485"`)
	status, _, stderr := call(t, nil, "account", "add", "--sandbox", "--label", "Play", "--config", config)
	require.Equal(t, exitWell, status, stderr)
	status, _, stderr = call(t, nil, "login", "--config", config)
	require.Equal(t, exitFailed, status)
	require.Equal(t,
		"postern: no password is set yet, so no link can log in. Open http://127.0.0.1:8485/ and enter the "+
			"one-time code that `postern serve` prints, or set a password with `postern password`\n", stderr)
	status, _, stderr = call(t, strings.NewReader("a made-up password\n"), "password", "--config", config)
	require.Equal(t, exitWell, status, stderr)
	status, stdout, stderr := call(t, nil, "login", "--config", config)
	require.Equal(t, exitWell, status, stderr)
	require.Contains(t, stdout, "http://127.0.0.1:8485/login/")
}
