package words

import (
	"fmt"
	"io/fs"
)

// The key that seals secrets at rest.
const (
	SecretKeyInEnvironment = "the key in the environment"
	SecretKeyDoesNotOpen   = "secret.key does not open what is stored"
	SecretKeyNone          = "there is no key to seal secrets with"
	SecretKeyNotNew        = "the new key is the old one. Make another with `openssl rand -hex 32`"
)

// SecretKeyMissing tells that the key file of a database with secrets is not there.
func SecretKeyMissing(path string) string {
	return fmt.Sprintf("%s is missing, and Postern cannot open the stored access tokens without it. Put it back from "+
		"your copy, or start with a new data directory and connect the accounts again", path)
}

// SecretKeyReadable tells that others than its owner may read the key file.
func SecretKeyReadable(path string, mode fs.FileMode) string {
	return fmt.Sprintf("other users can read %s (mode %04o). Run chmod 600 %s", path, mode, path)
}

// SecretKeyFileInvalid tells that the key file holds no key.
func SecretKeyFileInvalid(path string, want int, has int64) string {
	return fmt.Sprintf("%s is not a key (a key has %d bytes, as they are or in hex or base64; this file has %d). Put "+
		"it back from your copy, or delete it if no account was ever connected", path, want, has)
}

// SecretKeyInvalid tells that a key from elsewhere is none. where names its place.
func SecretKeyInvalid(where string, want int) string {
	return fmt.Sprintf("%s is not a key (a key has %d bytes, as they are or in hex or base64). Make one with "+
		"`openssl rand -hex %[2]d`", where, want)
}

// SecretKeyOfOther tells that a key is not the one that the database is sealed with. where names its place.
func SecretKeyOfOther(where string) string {
	return fmt.Sprintf("%s is not the key that the stored secrets are sealed with. Put the right one back from your "+
		"copy; Postern changed nothing", where)
}

// SecretKeyCannotRotate tells that the key in use does not open a secret, named by its place, so that no new key
// took its place.
func SecretKeyCannotRotate(place string) string {
	return fmt.Sprintf("the key in use does not open %s, so Postern changed nothing. Remove or connect that again "+
		"first", place)
}
