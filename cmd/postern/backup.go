package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"postern/vault"
	"postern/words"
)

type backupCmd struct {
	File string `arg:"" help:"help_backup_file" placeholder:"FILE"`
}

// backupSize returns how many bytes of a copy to a file are written.
func backupSize(to string) (n int64) {
	parts, _ := filepath.Glob(filepath.Join(filepath.Dir(to), ".backup-*")) // the pattern is right
	for _, part := range parts {
		n = max(n, fileSize(part))
	}
	return n
}

// fileSize returns the size of a file, 0 where there is none.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Run writes the copy. It opens no secret, so it works when the key is lost, which is when a copy is wanted.
func (c *backupCmd) Run(in *invocation) error {
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	if err := hasDatabase(cfg); err != nil {
		return err
	}
	app, err := openStore(in.ctx, cfg, in.logger(cfg, false), "backup")
	if err != nil {
		return err
	}
	defer app.Close()
	total := fileSize(app.store.Path())
	stop := in.progress(func() (string, int64, int64) {
		return words.BackupProgress, backupSize(c.File) >> 20, total >> 20
	})
	err = app.store.Backup(in.ctx, c.File, false)
	stop()
	if errors.Is(err, fs.ErrExist) {
		return errors.New(words.BackupExists(c.File))
	}
	if err != nil {
		return err
	}
	sealed, err := vault.Sealed(in.ctx, app.store)
	if err != nil {
		return err
	}
	key := cfg.Keyring().Where()
	text := words.BackupDone(c.File, key)
	if _, err := os.Stat(key); cfg.Keyring().KeepsOwn() && errors.Is(err, fs.ErrNotExist) && sealed {
		text = words.BackupDoneKeyMissing(c.File, key)
	}
	return in.answer(struct {
		File string `json:"file"`
		Note string `json:"note"`
	}{c.File, words.BackupWithoutKey(key)}, text)
}
