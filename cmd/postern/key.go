package main

import (
	"fmt"
	"io"

	"postern/redact"
	"postern/vault"
	"postern/words"
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
			return usage(words.KeyRotateNeedsFile(cfg.Keyring().Where()))
		}
		return usage(words.KeyRotateWithoutFile(cfg.Keyring().Where()))
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
	app, err := newProgram(in.ctx, cfg, in.logger(cfg, false), "key rotate")
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
		return in.answer(v, words.KeyRotatedElsewhere(n, cfg.Keyring().Where()))
	}
	return in.answer(v, words.KeyRotated(n, cfg.Keyring().File))
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
	return vault.ParseKey(b, words.KeyFromInput, hide)
}

// keyTrouble says when the key's file is not what the daemon started with: the next start would fail.
func (a *App) keyTrouble() string {
	if !a.cfg.Keyring().KeepsOwn() {
		return ""
	}
	if _, err := vault.LoadKey(a.cfg.Keyring().File, false); err != nil {
		return words.NoticeKeyUnreadable(err.Error())
	}
	return ""
}
