package vault_test

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/redact"
	"postern/store"
	"postern/vault"
)

// safe is a database with secrets of every kind, and the files around it.
type safe struct {
	t     *testing.T
	dir   string
	store *store.Store
	ring  vault.Keyring
	key   vault.Key
}

func newSafe(t *testing.T, ring func(dir string) vault.Keyring) *safe {
	v := &safe{t: t, dir: t.TempDir()}
	v.store = doors.Open(t, filepath.Join(v.dir, "postern.db"))
	t.Cleanup(func() { v.store.Close() })
	v.ring = ring(v.dir)
	v.key = v.open()
	_, err := v.store.AddAccount(t.Context(), store.Account{API: store.Instagram, UserID: "1784"},
		func(id int64) (s store.Secrets, err error) {
			s.Token, err = v.key.Seal("account:1:token", "the token")
			require.NoError(t, err)
			s.AppSecret, err = v.key.Seal("account:1:app_secret", "the app secret")
			return s, err
		})
	require.NoError(t, err)
	_, err = v.store.AddAddress(t.Context(), store.Address{Origin: store.FromPage, Label: "ntfy"},
		func(int64) ([]byte, error) { return v.key.Seal("address:1:sealed", "the address") })
	require.NoError(t, err)
	_, err = v.store.SetWebhook(t.Context(), store.Webhook{AccountID: 1, Host: "build.example.org"}, store.CLI,
		func(store.Webhook) (address, secret []byte, err error) {
			address, err = v.key.Seal("webhook:1:address", "the webhook")
			require.NoError(t, err)
			secret, err = v.key.Seal("webhook:1:secret", "its secret")
			return address, secret, err
		})
	require.NoError(t, err)
	require.NoError(t, v.key.SealSetting(t.Context(), v.store, store.SealedPrefix+"x", "the setting"))
	return v
}

func own(dir string) vault.Keyring {
	return vault.Keyring{File: filepath.Join(dir, "secret.key"), Hide: redact.New()}
}

// open is what a start does that holds the lock.
func (v *safe) open() vault.Key {
	v.t.Helper()
	k, err := v.ring.Key(v.t.Context(), v.store, true)
	require.NoError(v.t, err)
	return k
}

// opens says that everything is there.
func (v *safe) opens(k vault.Key) {
	v.t.Helper()
	want := map[string]redact.Secret{
		"account:1:token": "the token", "account:1:app_secret": "the app secret", "address:1:sealed": "the address",
		"webhook:1:address": "the webhook", "webhook:1:secret": "its secret", "setting:sealed.x": "the setting",
	}
	require.NoError(v.t, v.store.EachSealed(v.t.Context(), func(place string, b []byte) error {
		s, err := k.Open(place, b)
		require.NoError(v.t, err, place)
		require.Equal(v.t, want[place].Reveal(), s.Reveal())
		delete(want, place)
		return nil
	}))
	require.Empty(v.t, want)
}

func (v *safe) file(name string) []byte {
	b, err := os.ReadFile(filepath.Join(v.dir, name))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(v.t, err)
	return b
}

func (v *safe) write(name string, b []byte) {
	path := filepath.Join(v.dir, name)
	_ = os.Remove(path)
	if b != nil {
		require.NoError(v.t, os.WriteFile(path, b, 0o600))
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	v := newSafe(t, own)
	before := v.file("secret.key")
	n, err := v.ring.Rotate(t.Context(), v.store, v.key, vault.Key{})
	require.NoError(t, err)
	require.Equal(t, 6, n)
	require.NotEqual(t, before, v.file("secret.key"))
	require.Nil(t, v.file("secret.key.old"), "read back, and gone")
	require.Nil(t, v.file("secret.key.new"))
	info, err := os.Stat(v.ring.File)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	v.opens(v.open())
	require.Error(t, v.store.EachSealed(t.Context(),
		func(place string, b []byte) error { _, err := v.key.Open(place, b); return err }), "not by the old one")
}

// Each row is what the disk holds when the program was killed there.
func TestRotationThatWasKilled(t *testing.T) {
	t.Parallel()
	for name, disk := range map[string]struct {
		sealedAnew          bool
		inPlace, fresh, old string // which key lies there: "old", "new" or ""
	}{
		"the new key is written":                 {false, "old", "new", ""},
		"half of a new key is written":           {false, "old", "half", ""},
		"everything is sealed":                   {true, "old", "new", ""},
		"the old key is kept":                    {true, "old", "new", "old"},
		"the new key is in place":                {true, "new", "", "old"},
		"the old key is gone":                    {true, "new", "", ""},
		"in place, and one more from an earlier": {true, "new", "old", "old"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newSafe(t, own)
			keys := map[string][]byte{"old": v.file("secret.key"), "half": []byte("half"), "": nil}
			if disk.sealedAnew {
				_, err := v.ring.Rotate(t.Context(), v.store, v.key, vault.Key{})
				require.NoError(t, err)
				keys["new"] = v.file("secret.key")
			} else {
				keys["new"] = []byte("a new key that nothing knows yet"[:32])
			}
			v.write("secret.key", keys[disk.inPlace])
			v.write("secret.key.new", keys[disk.fresh])
			v.write("secret.key.old", keys[disk.old])

			// A command beside, without the lock, reads and puts nothing in order.
			k, err := v.ring.Key(t.Context(), v.store, false)
			require.NoError(t, err)
			v.opens(k)
			require.Equal(t, keys[disk.inPlace], v.file("secret.key"))

			v.opens(v.open())
			v.opens(v.open())
			require.Nil(t, v.file("secret.key.new"))
			require.Nil(t, v.file("secret.key.old"))
			_, err = v.ring.Rotate(t.Context(), v.store, v.open(), vault.Key{})
			require.NoError(t, err)
			v.opens(v.open())
		})
	}
}

func TestAWrongKeyChangesNothing(t *testing.T) {
	t.Parallel()
	v := newSafe(t, own)
	good := v.file("secret.key")
	wrong := []byte("another key of thirty-two bytes.")
	for name, b := range map[string][]byte{"wrong": wrong, "missing": nil, "too short": []byte("short")} {
		v.write("secret.key", b)
		for _, settle := range []bool{true, false} {
			_, err := v.ring.Key(t.Context(), v.store, settle)
			require.ErrorContains(t, err, "secret.key", name)
			require.ErrorContains(t, err, "copy", name)
		}
		require.Equal(t, b, v.file("secret.key"), name)
	}
	v.write("secret.key", good)
	v.opens(v.open())

	// One secret that the key does not open keeps everything as it is.
	_, err := v.store.AddAddress(t.Context(), store.Address{Origin: store.FromPage, Label: "x"},
		func(int64) ([]byte, error) { return []byte("\x01damaged"), nil })
	require.NoError(t, err)
	_, err = v.ring.Rotate(t.Context(), v.store, v.open(), vault.Key{})
	require.ErrorContains(t, err, "so Postern changed nothing")
	require.Equal(t, good, v.file("secret.key"))
	require.NoError(t, v.store.RemoveAddress(t.Context(), 2))
	v.opens(v.open())
}

func TestKeyFromOutside(t *testing.T) {
	t.Parallel()
	master := []byte("0123456789abcdef0123456789ABCDEF")
	for name, text := range map[string]string{
		"raw": string(master), "hex": hex.EncodeToString(master) + "\n",
		"base64":    base64.StdEncoding.EncodeToString(master),
		"base64url": base64.RawURLEncoding.EncodeToString(master) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newSafe(t, func(dir string) vault.Keyring {
				path := filepath.Join(t.TempDir(), "key")
				require.NoError(t, os.WriteFile(path, []byte(text), 0o444)) // systemd's are readable by whom it lets
				return vault.Keyring{Outside: path, File: filepath.Join(dir, "secret.key")}
			})
			v.opens(v.open())
			require.Nil(t, v.file("secret.key"), "none of our own is made")
			if name != "raw" {
				k, err := vault.Keyring{Text: text}.Key(t.Context(), v.store, false)
				require.NoError(t, err, "the same from the environment")
				v.opens(k)
			}
			fresh, err := vault.ParseKey(
				[]byte(hex.EncodeToString([]byte("another key of thirty-two bytes."))), "x", nil)
			require.NoError(t, err)
			_, err = v.ring.Rotate(t.Context(), v.store, v.key, v.key)
			require.ErrorContains(t, err, "the new key is the old one")
			_, err = v.ring.Rotate(t.Context(), v.store, v.key, fresh)
			require.NoError(t, err)
			v.opens(fresh)
			_, err = v.ring.Key(t.Context(), v.store, true)
			require.ErrorContains(t, err, "is not the key")
		})
	}
	for _, bad := range []string{"", "hello", "0123456789abcdef"} {
		_, err := vault.ParseKey([]byte(bad), "the key in the environment", nil)
		require.ErrorContains(t, err, "openssl rand -hex 32")
	}
}

// Our own file, put back as text, works as the bytes did, and can be rotated.
func TestOwnKeyAsText(t *testing.T) {
	t.Parallel()
	v := newSafe(t, own)
	v.write("secret.key", []byte(hex.EncodeToString(v.file("secret.key"))+"\n"))
	v.opens(v.open())
	n, err := v.ring.Rotate(t.Context(), v.store, v.key, vault.Key{})
	require.NoError(t, err)
	require.Equal(t, 6, n)
	require.Len(t, v.file("secret.key"), 32)
	require.Nil(t, v.file("secret.key.old"))
	v.opens(v.open())
}

// A command that has read its key is overtaken by a rotation in another process, before it stores what it sealed.
func TestNothingIsStoredThatTheNewKeyDoesNotOpen(t *testing.T) {
	t.Parallel()
	v := newSafe(t, own)
	beside, err := store.Open(t.Context(), filepath.Join(v.dir, "postern.db"), store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, beside.Close()) })
	old, err := v.ring.Key(t.Context(), beside, false)
	require.NoError(t, err)
	_, err = v.ring.Rotate(t.Context(), v.store, v.key, vault.Key{})
	require.NoError(t, err)

	seal := func(place string) []byte {
		b, err := old.Seal(place, "too late")
		require.NoError(t, err)
		return b
	}
	for what, write := range map[string]func() error{
		"a new account": func() error {
			_, err := beside.AddAccount(t.Context(), store.Account{API: store.Instagram, UserID: "1785"},
				func(id int64) (store.Secrets, error) {
					return store.Secrets{Token: seal("account:2:token")}, nil
				})
			return err
		},
		"a new token": func() error {
			_, err := beside.UpdateAccount(t.Context(), 1, store.CLI, "", func(a *store.Account) error {
				a.Secrets.Token = seal("account:1:token")
				return nil
			})
			return err
		},
		"an address": func() error {
			_, err := beside.AddAddress(t.Context(), store.Address{Origin: store.FromPage, Label: "x"},
				func(int64) ([]byte, error) { return seal("address:2:sealed"), nil })
			return err
		},
		"a setting": func() error { return old.SealSetting(t.Context(), beside, store.SealedPrefix+"x", "too late") },
	} {
		require.ErrorIs(t, write(), store.ErrKeyChanged, what)
	}
	_, err = beside.UpdateAccount(t.Context(), 1, store.CLI, "",
		func(a *store.Account) error { a.Paused = true; return nil })
	require.NoError(t, err, "nothing sealed is touched")
	v.opens(v.open())
}
