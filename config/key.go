package config

import (
	"os"
	"path/filepath"
	"strings"

	"postern/redact"
	"postern/vault"
)

// Where the key of the stored secrets may come from, besides its file in the data directory.
const (
	envSecretKey     = "POSTERN_SECRET_KEY"
	envSecretKeyFile = "POSTERN_SECRET_KEY_FILE"
	// credentialName is the key's name among systemd's credentials: https://systemd.io/CREDENTIALS/
	credentialName = "postern.key"
)

// outsideKey returns the key that the environment has, or the name of its file; both "" when the key is in secret.key.
// It reads no file.
func outsideKey(environ []string, hide *redact.Redactor) (text, file string) {
	if text = strings.TrimSpace(variable(environ, envSecretKey)); text != "" {
		hide.Add(text)
		return text, ""
	}
	if file = variable(environ, envSecretKeyFile); file != "" {
		return "", file
	}
	if dir := variable(environ, "CREDENTIALS_DIRECTORY"); dir != "" {
		path := filepath.Join(dir, credentialName)
		if _, err := os.Stat(path); err == nil { // the unit may have other credentials and not this one
			return "", path
		}
	}
	return "", ""
}

// Keyring returns where the key of the stored secrets is.
func (c Config) Keyring() vault.Keyring {
	file := filepath.Join(c.DataDir, "secret.key")
	return vault.Keyring{Text: c.keyText, Outside: c.keyFile, File: file, Hide: c.Redactor}
}

// variable returns a value of the environment; "" when it has none.
func variable(environ []string, name string) string {
	for _, e := range environ {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
