package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

type backupCmd struct {
	File string `arg:"" help:"Where the copy goes; must not be there yet." placeholder:"FILE"`
}

// Help is shown by --help.
func (backupCmd) Help() string {
	return `Example:
  postern backup /backups/postern-$(date +%F).db

The copy is consistent though the daemon runs. secret.key is not in it: keep that file elsewhere, because without it
the accounts' secrets in the copy cannot be read. Prepared media are not in it either; they are made again.`
}

// Run writes the copy.
func (c *backupCmd) Run(in *invocation) error {
	app, err := in.tools("backup")
	if err != nil {
		return err
	}
	defer app.Close()
	err = app.store.Backup(in.ctx, c.File, false)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: choose another name, or move it away", c.File)
	}
	if err != nil {
		return err
	}
	key := filepath.Join(app.cfg.DataDir, "secret.key")
	return in.say(struct {
		File string `json:"file"`
		Note string `json:"note"`
	}{c.File, key + " is not in it"}, "the database is in %s; %s is not: keep a copy of it elsewhere", c.File, key)
}
