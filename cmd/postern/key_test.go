package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/daemon"
	"postern/redact"
	"postern/store"
	"postern/vault"
)

// The program is killed while it rotates the key, earlier and later each time: afterwards it always opens what is
// stored.
func TestKeyRotateKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	killed := 0
	for i := range 24 {
		cmd := w.command("key", "rotate")
		require.NoError(t, cmd.Start())
		time.Sleep(time.Duration(i) * 4 * time.Millisecond)
		_ = cmd.Process.Kill()
		if cmd.Wait() != nil {
			killed++
		}
		s, err := store.Open(t.Context(), filepath.Join(w.dir, "data", "postern.db"), store.Options{})
		require.NoError(t, err)
		key, err := vault.Keyring{File: filepath.Join(w.dir, "data", "secret.key"), Hide: redact.New()}.Key(t.Context(),
			s, false)
		require.NoError(t, err, "killed at %d", i)
		acc, err := s.Account(t.Context(), 1)
		require.NoError(t, err)
		token, err := key.Open("account:1:token", acc.Secrets.Token)
		require.NoError(t, err, "killed at %d", i)
		require.Equal(t, worldToken, token.Reveal())
		require.NoError(t, s.Close())
	}
	require.NotZero(t, killed)
	w.must(w.run("key", "rotate"))
	w.must(w.run("account", "check", "1"))
	for _, left := range []string{"secret.key.new", "secret.key.old"} {
		require.NoFileExists(t, filepath.Join(w.dir, "data", left))
	}
}

func TestKeyRotateRefusesBesideADaemon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	l, err := daemon.TakeLock(filepath.Join(w.dir, "data"), "serve", daemon.LockPatience)
	require.NoError(t, err)
	before, err := os.ReadFile(filepath.Join(w.dir, "data", "secret.key"))
	require.NoError(t, err)
	r := w.run("key", "rotate")
	require.Equal(t, exitFailed, r.status)
	require.Contains(t, r.stderr, "in use by postern serve")
	after, err := os.ReadFile(filepath.Join(w.dir, "data", "secret.key"))
	require.NoError(t, err)
	require.Equal(t, before, after)
	l.Release()
	require.Equal(t, exitUsage, w.run("key", "rotate", "--new-key-file", "x").status)
	w.must(w.run("key", "rotate"))
}

func TestKeyFromSystemd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "postern.key"),
		[]byte("4f1d8c7a0b9e2d3c5f6a1b8e7d4c3b2a4f1d8c7a0b9e2d3c5f6a1b8e7d4c3b2a\n"), 0o400))
	w.environ = append(w.environ, "CREDENTIALS_DIRECTORY="+dir)
	w.connect()
	w.must(w.run("account", "check", "1"))
	require.NoFileExists(t, filepath.Join(w.dir, "data", "secret.key"))
	require.Contains(t, w.run("key", "rotate").stderr, "--new-key-file")
	w.environ = append(w.environ, "POSTERN_SECRET_KEY=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	r := w.run("account", "list")
	require.Equal(t, exitFailed, r.status)
	require.Contains(t, r.stderr, "the key in the environment is not the key that the stored secrets are sealed with")
	require.NotContains(t, r.stderr, "aaaaaaaa")
}

// The bytes of a key may look like white space at both ends, which a secret of text would lose.
func TestKeyRotateToBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte{7}, 32), 0o400))
	w.environ = append(w.environ, "POSTERN_SECRET_KEY_FILE="+file)
	w.connect()
	fresh := "\n" + strings.Repeat("k", 30) + " "
	w.must(w.post(fresh, "key", "rotate", "--new-key-file", "-"))
	require.NoError(t, os.Chmod(file, 0o600))
	require.NoError(t, os.WriteFile(file, []byte(fresh), 0o600))
	w.must(w.run("account", "check", "1"))
}
