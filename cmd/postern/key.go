package main

import (
	"fmt"
	"io"

	"postern/redact"
	"postern/vault"
)

type keyRotateCmd struct {
	NewKeyFile string `help:"help_key_rotate_new_key_file" placeholder:"F"`
}

// Run replaces the key.
func (c *keyRotateCmd) Run(in *invocation) error {
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	if cfg.Keyring().KeepsOwn() != (c.NewKeyFile == "") {
		if c.NewKeyFile == "" {
			return usage("the key is %s, which Postern cannot replace: name the new one with --new-key-file",
				cfg.Keyring().Where())
		}
		return usage("the key is %s, and Postern makes the new one by itself: leave --new-key-file out",
			cfg.Keyring().Where())
	}
	var fresh vault.Key
	if c.NewKeyFile != "" {
		if fresh, err = in.newKey(c.NewKeyFile, cfg.Redactor); err != nil {
			return err
		}
	}
	if err := hasDatabase(cfg); err != nil {
		return err
	}
	app, err := newApp(in.ctx, cfg, in.logger(cfg, false), "key rotate")
	if err != nil {
		return err
	}
	defer app.Close()
	old, err := cfg.Keyring().Key(in.ctx, app.store, true)
	if err != nil {
		return err
	}
	n, err := cfg.Keyring().Rotate(in.ctx, app.store, old, fresh)
	if err != nil {
		return err
	}
	v := struct {
		Sealed int `json:"sealed"`
	}{n}
	if c.NewKeyFile != "" {
		return in.say(v, "sealed with the new key and read back: %d %s; put it in the place of %s before the next start", n, either(n == 1, "secret", "secrets"), cfg.Keyring().Where())
	}
	return in.say(v, "sealed with a new key and read back: %d %s; make a new copy of %s, and keep the old copy as long as backups made before today", n, either(n == 1, "secret", "secrets"), cfg.Keyring().File)
}

func (in *invocation) newKey(file string, hide *redact.Redactor) (vault.Key, error) {
	if file != "-" {
		return vault.ReadKey(file, hide)
	}
	b, err := io.ReadAll(io.LimitReader(in.input(),
		maxSecret)) // as it is: the bytes of a key may look like white space
	if err != nil {
		return vault.Key{}, fmt.Errorf("reading the new key: %w", err)
	}
	return vault.ParseKey(b, "standard input", hide)
}

// keyTrouble says when the key's file is not what the daemon started with: the next start would fail.
func (a *App) keyTrouble() string {
	if !a.cfg.Keyring().KeepsOwn() {
		return ""
	}
	if _, err := vault.LoadKey(a.cfg.Keyring().File, false); err != nil {
		return fmt.Sprintf("The key of the stored secrets cannot be read: %s.", err)
	}
	return ""
}
