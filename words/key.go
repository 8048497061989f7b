package words

import "fmt"

// KeyRotateNeedsFile tells that Postern cannot replace a key. where names its place.
func KeyRotateNeedsFile(where string) string {
	return fmt.Sprintf("Postern cannot replace %s. Name the new key with --new-key-file", where)
}

// KeyRotateWithoutFile tells that Postern makes the new key itself. where names its place.
func KeyRotateWithoutFile(where string) string {
	return fmt.Sprintf("Postern makes the new key for %s itself. Leave --new-key-file out", where)
}

// KeyRotatedElsewhere counts the secrets that a key of the owner seals now. where names the place of the key.
func KeyRotatedElsewhere(secrets int, where string) string {
	return fmt.Sprintf("Postern sealed %s with the new key and read them back. Put the new key in the place of %s "+
		"before the next start", count(secrets, "secret", "secrets"), where)
}

// KeyRotated counts the secrets that a key of Postern's seals now. file is the key's.
func KeyRotated(secrets int, file string) string {
	return fmt.Sprintf("Postern sealed %s with a new key and read them back. Make a new copy of %s, and keep the old "+
		"copy as long as you keep backups from before", count(secrets, "secret", "secrets"), file)
}

// KeyFromInput names the place of a new key that standard input holds.
const KeyFromInput = "standard input"
