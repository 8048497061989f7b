package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"postern/redact"
	"postern/store"
	"postern/words"
)

const (
	keyBytes = 32
	// The first byte of everything sealed, so that a later scheme can tell what it has before it.
	sealVersion = 1
)

// Key seals secrets at rest. It lives in a file beside the database, so that a copy of the database alone opens
// nothing. However it is printed, it shows as "[key]".
type Key struct {
	// Functions, because package fmt and dumps by reflection look through every struct and pointer.
	aead  func() cipher.AEAD
	check string          // tells keys apart, and tells nothing about the key
	hide  func(...string) // is told every secret that passes; nil
	sign  func(string) string
}

// Check is what a database remembers of the key it is sealed with, to tell it from every other. It says nothing
// about the key itself. "" is no key.
func (k Key) Check() string { return k.check }

// Hiding is the key that makes everything known to r that it seals or opens: what passes here is a secret.
func (k Key) Hiding(r *redact.Redactor) Key {
	k.hide = r.Add
	return k
}

// Sealer returns the key as the store uses it, for the addresses of feeds: their secrets are hidden wherever they
// stand.
func (k Key) Sealer() store.Sealer {
	pass := func(address string) {
		if k.hide != nil {
			k.hide(store.AddressSecrets(address)...)
		}
	}
	return store.Sealer{
		Check: k.check, Sign: k.sign,
		Seal: func(place, address string) ([]byte, error) {
			pass(address)
			return k.Seal(place, redact.Secret(address))
		},
		Open: func(place string, sealed []byte) (string, error) {
			address, err := k.Open(place, sealed)
			pass(address.Reveal())
			return address.Reveal(), err
		},
	}
}

// String is what is printed instead of the key, like the other two.
func (Key) String() string { return "[key]" }

// GoString is String for %#v.
func (Key) GoString() string { return "[key]" }

// LogValue is String for slog.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// Format is String for every other verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// LoadKey reads the key file, which nobody but its owner may read: 32 bytes, or their hex or base64. A missing
// one is made only when mayCreate, which the caller says when no account has secrets yet: a new key could open
// none of them. Nothing is ever overwritten.
func LoadKey(path string, mayCreate bool) (Key, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !mayCreate {
			return Key{}, errors.New(words.SecretKeyMissing(path))
		}
		return createKey(path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("reading the key of the stored secrets: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("reading the key of the stored secrets: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return Key{}, errors.New(words.SecretKeyReadable(path, mode))
	}
	b, err := io.ReadAll(io.LimitReader(f, maxKeyText))
	if err != nil {
		return Key{}, fmt.Errorf("reading the key of the stored secrets: %w", err)
	}
	master, ok := decodeKey(b)
	if !ok {
		return Key{}, errors.New(words.SecretKeyFileInvalid(path, keyBytes, info.Size()))
	}
	return newKey(master)
}

// maxKeyText is more than any text of a key has, with what editors leave around it.
const maxKeyText = 1 << 10

// decodeKey takes 32 bytes as they are, and longer text as their hex or base64, with white space around it. No
// text is both: hex has 64 characters, base64 43 or 44.
func decodeKey(b []byte) (master []byte, ok bool) {
	if len(b) == keyBytes {
		return b, true
	}
	text := strings.TrimSpace(string(b))
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if master, err := decode(text); err == nil && len(master) == keyBytes {
			return master, true
		}
	}
	return nil, false
}

// createKey makes a key, unless another process was faster: then that one's counts.
func createKey(path string) (Key, error) {
	master := make([]byte, keyBytes)
	rand.Read(master) // never fails: the program ends when the system has no randomness
	switch err := writeKey(path, master); {
	case errors.Is(err, fs.ErrExist):
		return LoadKey(path, false)
	case err != nil:
		return Key{}, fmt.Errorf("making the key for secrets: %w", err)
	}
	return newKey(master)
}

// writeKey returns only when a key is on the disk: what is sealed with a key that a power cut takes away is lost. The
// file appears under its name as a whole or not at all. fs.ErrExist: there is one already, which is left alone.
func writeKey(path string, master []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".secret.key-") // readable by its owner only
	if err != nil {
		return err
	}
	defer func(name string) { _ = os.Remove(name) }(f.Name())
	if err := fill(f, master); err != nil {
		return err
	}
	// Unlike a rename, a link replaces nothing.
	linked := os.Link(f.Name(), path)
	if linked != nil && !errors.Is(linked, fs.ErrExist) { // no links on this file system
		f, linked = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if linked == nil {
			if err := fill(f, master); err != nil {
				return errors.Join(err, os.Remove(path)) // ours: O_EXCL made it
			}
		}
	}
	if err := syncFolder(filepath.Dir(path)); err != nil { // for another's key, too: it is about to be used
		return err
	}
	return linked
}

func fill(f *os.File, b []byte) error {
	_, err := f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // a directory cannot be synced there
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func newKey(master []byte) (Key, error) {
	derived, err := hkdf.Key(sha256.New, master, nil, "postern/account secrets/v1", keyBytes)
	if err != nil {
		return Key{}, fmt.Errorf("deriving the key for secrets: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return Key{}, fmt.Errorf("deriving the key for secrets: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Key{}, fmt.Errorf("deriving the key for secrets: %w", err)
	}
	check, err := hkdf.Key(sha256.New, master, nil, "postern/which key/v1", 16)
	if err != nil {
		return Key{}, fmt.Errorf("deriving the key for secrets: %w", err)
	}
	signing, err := hkdf.Key(sha256.New, master, nil, "postern/feed addresses/v1", keyBytes)
	if err != nil {
		return Key{}, fmt.Errorf("deriving the key for secrets: %w", err)
	}
	sign := func(text string) string {
		mac := hmac.New(sha256.New, signing)
		_, _ = io.WriteString(mac, text)
		return hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return Key{aead: func() cipher.AEAD { return aead }, check: hex.EncodeToString(check), sign: sign}, nil
}

// ErrSealed says that a sealed value is not ours: another key, another row, or damaged.
var ErrSealed = errors.New(words.SecretKeyDoesNotOpen)

// Seal makes a secret unreadable without the key. It opens again only for the same place, which names row and
// column, such as "account:1:token". It returns nil for no secret.
func (k Key) Seal(place string, s redact.Secret) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	if k.aead == nil {
		return nil, errors.New(words.SecretKeyNone)
	}
	k.pass(s)
	return k.aead().Seal([]byte{sealVersion}, nil, []byte(s.Reveal()), []byte(place)), nil
}

// Open returns what was sealed for the place, "" for no secret.
func (k Key) Open(place string, sealed []byte) (redact.Secret, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	if k.aead == nil || sealed[0] != sealVersion {
		return "", ErrSealed
	}
	plain, err := k.aead().Open(nil, nil, sealed[1:], []byte(place))
	if err != nil {
		return "", ErrSealed
	}
	k.pass(redact.Secret(plain))
	return redact.Secret(plain), nil
}

func (k Key) pass(s redact.Secret) {
	if k.hide != nil {
		k.hide(s.Reveal())
	}
}
