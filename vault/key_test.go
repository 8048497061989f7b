package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/vault"
)

func TestLoadKeyMakesOneOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret.key")
	_, err := vault.LoadKey(path, true)
	require.NoError(t, err)
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, first, 32)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	_, err = vault.LoadKey(path, true)
	require.NoError(t, err)
	_, err = vault.LoadKey(path, false)
	require.NoError(t, err)
	second, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, first, second, "an existing key is never replaced")
}

func TestLoadKeyRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		mode    os.FileMode
		says    string
	}{
		"missing":                {nil, 0, "Put it back from your copy"},
		"empty, as after a kill": {[]byte{}, 0o600, "has 0"},
		"short":                  {make([]byte, 31), 0o600, "has 31"},
		"long":                   {make([]byte, 33), 0o600, "has 33"},
		"hex of too little":      {[]byte(strings.Repeat("ab", 31)), 0o600, "has 62"},
		"words": {[]byte("the key is in the safe, third shelf\n"), 0o600,
			"as they are or in hex or base64"},
		"group may read":  {make([]byte, 32), 0o640, "chmod 600"},
		"others may read": {make([]byte, 32), 0o604, "chmod 600"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "secret.key")
			if c.mode != 0 {
				require.NoError(t, os.WriteFile(path, c.content, c.mode))
				require.NoError(t, os.Chmod(path, c.mode))
			}
			_, err := vault.LoadKey(path, c.mode != 0)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, path)
			require.NotContains(t, err.Error(), "\n")
			left, readErr := os.ReadFile(path)
			if c.mode == 0 {
				require.ErrorIs(t, readErr, os.ErrNotExist, "nothing is made")
				return
			}
			require.NoError(t, readErr)
			require.Equal(t, c.content, left)
		})
	}
	_, err := vault.LoadKey(filepath.Join(t.TempDir(), "nowhere", "secret.key"), true)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A key that was written down comes back as text.
func TestLoadKeyTakesText(t *testing.T) {
	t.Parallel()
	master := []byte(" \x00 a key of thirty-two bytes...\n")
	require.Len(t, master, 32)
	load := func(content string) vault.Key {
		path := filepath.Join(t.TempDir(), "secret.key")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		k, err := vault.LoadKey(path, false)
		require.NoError(t, err, content)
		return k
	}
	want := load(string(master)).Check()
	for _, text := range []string{
		hex.EncodeToString(master), strings.ToUpper(hex.EncodeToString(master)) + "\n",
		base64.StdEncoding.EncodeToString(master) + "\r\n",
		base64.RawURLEncoding.EncodeToString(master), " " + base64.URLEncoding.EncodeToString(master) + "\n\n",
	} {
		require.Equal(t, want, load(text).Check(), text)
	}
}

func TestKeyNeverPrintsItself(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret.key")
	planted := []byte("0123456789abcdefghijklmnopqrstuv")
	require.NoError(t, os.WriteFile(path, planted, 0o600))
	key, err := vault.LoadKey(path, false)
	require.NoError(t, err)

	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", key, "options", struct{ Key vault.Key }{key})
	type hiding struct{ k vault.Key }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", key)
		fmt.Fprintf(&out, verb+"\n", &key)
		fmt.Fprintf(&out, verb+"\n", hiding{key})
		fmt.Fprintf(&out, verb+"\n", &struct{ key vault.Key }{key})
	}
	require.Equal(printer{&out}, hiding{key}, hiding{}) // a failing comparison dumps what it was given
	for _, form := range []string{string(planted), fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted),
		fmt.Sprintf("%d", planted)} {
		require.NotContains(t, out.String(), form)
	}
	require.Contains(t, out.String(), "[key]")
}

// printer is a test that keeps what it would have printed.
type printer struct{ out *bytes.Buffer }

func (p printer) Errorf(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }
func (p printer) FailNow()                          {}
