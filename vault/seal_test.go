package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/redact"
)

func TestSealBindsToItsPlace(t *testing.T) {
	t.Parallel()
	key, err := newKey(bytes.Repeat([]byte{1}, keyBytes))
	require.NoError(t, err)
	other, err := newKey(bytes.Repeat([]byte{2}, keyBytes))
	require.NoError(t, err)
	const secret = redact.Secret("IGQWRtoken")

	sealed, err := key.Seal("account:1:token", secret)
	require.NoError(t, err)
	require.NotContains(t, string(sealed), secret.Reveal())
	again, err := key.Seal("account:1:token", secret)
	require.NoError(t, err)
	require.NotEqual(t, sealed, again, "the nonce is random")

	got, err := key.Open("account:1:token", sealed)
	require.NoError(t, err)
	require.Equal(t, secret.Reveal(), got.Reveal())

	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	later := bytes.Clone(sealed)
	later[0] = sealVersion + 1
	for name, open := range map[string]func() (redact.Secret, error){
		"another row":    func() (redact.Secret, error) { return key.Open("account:2:token", sealed) },
		"another column": func() (redact.Secret, error) { return key.Open("account:1:app_secret", sealed) },
		"another key":    func() (redact.Secret, error) { return other.Open("account:1:token", sealed) },
		"damaged":        func() (redact.Secret, error) { return key.Open("account:1:token", damaged) },
		"cut":            func() (redact.Secret, error) { return key.Open("account:1:token", sealed[:5]) },
		"version only":   func() (redact.Secret, error) { return key.Open("account:1:token", sealed[:1]) },
		"later version":  func() (redact.Secret, error) { return key.Open("account:1:token", later) },
		"no key":         func() (redact.Secret, error) { return Key{}.Open("account:1:token", sealed) },
	} {
		got, err := open()
		require.ErrorIs(t, err, ErrSealed, name)
		require.Empty(t, got.Reveal(), name)
	}

	none, err := key.Seal("account:1:token", "")
	require.NoError(t, err)
	require.Nil(t, none)
	got, err = key.Open("account:1:token", nil)
	require.NoError(t, err)
	require.Empty(t, got.Reveal())
	_, err = Key{}.Seal("account:1:token", secret)
	require.Error(t, err, "without a key nothing is stored in clear")
}

func TestOneKeyForAllWhoMakeIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret.key")
	const makers = 32
	type result struct {
		Key
		err error
	}
	start, made := make(chan struct{}), make(chan result, makers)
	for range makers {
		go func() {
			<-start
			k, err := LoadKey(path, true)
			made <- result{k, err}
		}()
	}
	close(start)
	first := <-made
	require.NoError(t, first.err)
	sealed, err := first.Seal("account:1:token", "IGQWRtoken")
	require.NoError(t, err)
	for range makers - 1 {
		other := <-made
		require.NoError(t, other.err)
		got, err := other.Open("account:1:token", sealed)
		require.NoError(t, err)
		require.Equal(t, "IGQWRtoken", got.Reveal())
	}
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}
