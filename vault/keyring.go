package vault

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"postern/redact"
	"postern/store"
	"postern/words"
)

// Keyring is where the key may be. The first that is named counts: Text, Outside, then File.
type Keyring struct {
	Text    string // the key itself, from the environment: 32 bytes in hex or base64
	Outside string // a file that somebody else provides, with the 32 bytes or with text; never written
	File    string // secret.key beside the database, which is made when nothing is sealed yet
	Hide    *redact.Redactor
	Log     *slog.Logger // told when addresses of an earlier version are sealed; nil discards
}

// KeepsOwn says whether the key is a file of ours, which can be made and replaced.
func (r Keyring) KeepsOwn() bool { return r.Text == "" && r.Outside == "" }

// Where says in words where the key is.
func (r Keyring) Where() string {
	switch {
	case r.Text != "":
		return words.SecretKeyInEnvironment
	case r.Outside != "":
		return r.Outside
	}
	return r.File
}

// next is where a new key waits while everything is sealed with it.
func (r Keyring) next() string { return r.File + ".new" }

// previous is where the old key stays until everything was opened with the new one.
func (r Keyring) previous() string { return r.File + ".old" }

// Key returns the key that the database is sealed with. A missing file is made when nothing is sealed yet. A key
// that is not the database's is an error, and nothing is changed. settle puts the files in order that a rotation
// left behind which was interrupted: only the holder of the data directory's lock may ask for it.
func (r Keyring) Key(ctx context.Context, s *store.Store, settle bool) (Key, error) {
	want, err := s.Setting(ctx, store.KeySetting)
	if err != nil {
		return Key{}, err
	}
	sealed, err := Sealed(ctx, s)
	if err != nil {
		return Key{}, err
	}
	k, err := r.load(!sealed)
	if r.KeepsOwn() && want != "" && (err != nil || k.check != want) {
		// Killed after everything was sealed with the new key and before that took its place.
		if fresh, freshErr := LoadKey(r.next(), false); freshErr == nil && fresh.check == want {
			k, err = fresh, nil
			if settle {
				err = r.takeOver()
			}
		}
	}
	switch {
	case err != nil:
		return Key{}, err
	case want != "" && k.check != want && sealed:
		return Key{}, r.another()
	case k.check != want:
		if err := s.SetSetting(ctx, store.KeySetting, k.check); err != nil {
			return Key{}, err
		}
	}
	if settle && r.KeepsOwn() {
		if err := r.forget(ctx, s, k); err != nil {
			return Key{}, err
		}
	}
	if r.Hide != nil {
		k = k.Hiding(r.Hide)
	}
	s.SealWith(k.Sealer())
	return k, s.SealAddresses(ctx, r.Log)
}

// Inspect returns the key that the database is sealed with, and how many secrets are there, which it all opens. It
// makes and changes nothing: the error says what is wrong, the zero Key with no secrets that there is no key yet.
func (r Keyring) Inspect(ctx context.Context, s *store.Store) (k Key, secrets int, err error) {
	want, err := s.Setting(ctx, store.KeySetting)
	if err != nil {
		return Key{}, 0, err
	}
	err = s.EachSealed(ctx, func(string, []byte) error {
		secrets++
		return nil
	})
	if err != nil {
		return Key{}, 0, err
	}
	if _, err := os.Stat(r.File); secrets == 0 && r.KeepsOwn() && errors.Is(err, fs.ErrNotExist) {
		return Key{}, 0, nil
	}
	k, err = r.load(false)
	if r.KeepsOwn() && want != "" && (err != nil || k.check != want) {
		if fresh, freshErr := LoadKey(r.next(), false); freshErr == nil && fresh.check == want {
			k, err = fresh, nil // a rotation was interrupted; the next start puts the files in order
		}
	}
	if err == nil && want != "" && k.check != want && secrets > 0 {
		err = r.another()
	}
	if err != nil {
		return Key{}, secrets, err
	}
	if r.Hide != nil {
		k = k.Hiding(r.Hide)
	}
	s.SealWith(k.Sealer())
	return k, secrets, opens(ctx, s, k)
}

// another says that the key is not the database's.
func (r Keyring) another() error {
	return errors.New(words.SecretKeyOfOther(r.Where()))
}

func (r Keyring) load(mayCreate bool) (Key, error) {
	switch {
	case r.Text != "":
		return ParseKey([]byte(r.Text), words.SecretKeyInEnvironment, r.Hide)
	case r.Outside != "":
		return ReadKey(r.Outside, r.Hide)
	}
	return LoadKey(r.File, mayCreate)
}

// ReadKey reads a key that somebody else keeps: 32 bytes, or their hex or base64. Who may read it is theirs to decide.
func ReadKey(path string, hide *redact.Redactor) (Key, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("reading the key of the stored secrets: %w", err)
	}
	return ParseKey(b, path, hide)
}

// ParseKey reads a key: 32 bytes, or their hex or base64. where names it in errors.
func ParseKey(b []byte, where string, hide *redact.Redactor) (Key, error) {
	if len(b) != keyBytes {
		hide.Add(string(b))
	}
	if master, ok := decodeKey(b); ok {
		return newKey(master)
	}
	return Key{}, errors.New(words.SecretKeyInvalid(where, keyBytes))
}

// Rotate seals everything with a new key. The caller holds the data directory's lock and passes the key that
// Keyring.Key returned. For a key from outside, fresh is the new one, which the owner puts in the place of the
// old one afterwards; otherwise fresh is the zero Key and a new one is made.
//
// Whenever it is interrupted, either everything opens with the old key or everything with the new one, and both are
// there: the database remembers in the same transaction which it is.
func (r Keyring) Rotate(ctx context.Context, s *store.Store, old, fresh Key) (sealed int, err error) {
	if r.KeepsOwn() {
		if fresh, err = r.make(); err != nil {
			return 0, err
		}
	}
	if fresh.check == "" || fresh.check == old.check {
		return 0, errors.New(words.SecretKeyNotNew)
	}
	if sealed, err = s.Reseal(ctx, fresh.Sealer(), func(place string, b []byte) ([]byte, error) {
		secret, err := old.Open(place, b)
		if err != nil {
			return nil, errors.New(words.SecretKeyCannotRotate(place))
		}
		return fresh.Seal(place, secret)
	}); err != nil {
		return 0, err
	}
	if r.KeepsOwn() {
		if err := r.takeOver(); err != nil {
			return sealed, err
		}
	}
	if !r.KeepsOwn() {
		return sealed, opens(ctx, s, fresh)
	}
	// Read back by the way everybody reads; only then the old key may go.
	k, err := LoadKey(r.File, false)
	if err == nil {
		err = opens(ctx, s, k)
	}
	if err != nil {
		return sealed, fmt.Errorf("reading back what was sealed with the new key: %w; the old one is still in %s", err,
			r.previous())
	}
	return sealed, r.forget(ctx, s, k)
}

// opens says whether the key opens everything there is.
func opens(ctx context.Context, s *store.Store, k Key) error {
	return s.EachSealed(ctx, func(place string, b []byte) error {
		if _, err := k.Open(place, b); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		return nil
	})
}

// make writes a new key beside the one in use, over one that an interrupted rotation left.
func (r Keyring) make() (Key, error) {
	if err := os.Remove(r.next()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Key{}, fmt.Errorf("making a new key: %w", err)
	}
	master := make([]byte, keyBytes)
	rand.Read(master)
	if err := writeKey(r.next(), master); err != nil {
		return Key{}, fmt.Errorf("making a new key: %w", err)
	}
	return newKey(master)
}

// takeOver puts the new key in the place of the old one, which is kept beside it. Done twice it does no harm.
func (r Keyring) takeOver() error {
	if _, err := os.Stat(r.File); err == nil {
		if err := os.Remove(r.previous()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keeping the old key: %w", err)
		}
		if err := os.Link(r.File, r.previous()); err != nil { // no links on this file system
			b, readErr := os.ReadFile(r.File)
			if err := errors.Join(readErr, os.WriteFile(r.previous(), b, 0o600)); err != nil {
				return fmt.Errorf("keeping the old key: %w", err)
			}
		}
	}
	if err := os.Rename(r.next(), r.File); err != nil {
		return fmt.Errorf("putting the new key in place: %w", err)
	}
	return syncFolder(filepath.Dir(r.File))
}

// forget removes what a rotation has left besides the key in use: an unused new key, and the old one when
// everything opens without it.
func (r Keyring) forget(ctx context.Context, s *store.Store, inUse Key) error {
	if there, err := LoadKey(r.File, false); err != nil || there.check != inUse.check {
		return err
	}
	leftovers := []string{r.next()}
	if _, err := os.Stat(r.previous()); err == nil && opens(ctx, s, inUse) == nil {
		leftovers = append(leftovers, r.previous())
	}
	for _, path := range leftovers {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a key that is of no use any more: %w", err)
		}
	}
	return nil
}

// OpenSetting reads a secret that is kept in the settings under a name that begins with store.SealedPrefix.
func (k Key) OpenSetting(ctx context.Context, s *store.Store, name string) (redact.Secret, error) {
	text, err := s.Setting(ctx, name)
	if err != nil || text == "" {
		return "", err
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", ErrSealed
	}
	return k.Open(store.SettingPlace(name), b)
}

// SealSetting keeps a secret in the settings under a name that begins with store.SealedPrefix; "" removes it.
func (k Key) SealSetting(ctx context.Context, s *store.Store, name string, secret redact.Secret) error {
	b, err := k.Seal(store.SettingPlace(name), secret)
	if err != nil {
		return err
	}
	return s.SetSetting(ctx, name, base64.StdEncoding.EncodeToString(b))
}

// Sealed says whether the database has any secret, so that a missing key must not be replaced by a new one.
func Sealed(ctx context.Context, s *store.Store) (any bool, err error) {
	err = s.EachSealed(ctx, func(string, []byte) error {
		any = true
		return nil
	})
	return any, err
}
