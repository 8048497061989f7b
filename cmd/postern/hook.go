package main

import (
	"fmt"
	"io"
	"strings"

	"postern/store"
	"postern/web/hooks"
	"postern/words"
)

type hookCmd struct {
	New bool `help:"help_hook_new"`
}

// Run makes the address that a build pipeline posts to.
func (c *hookCmd) Run(in *invocation) error {
	app, err := in.firstTools("hook")
	if err != nil {
		return err
	}
	defer app.Close()
	old, err := app.store.Setting(in.ctx, store.HookSetting)
	if err != nil {
		return err
	}
	var v struct {
		Path string `json:"path"`
		URL  string `json:"url"`
	}
	if old != "" && !c.New {
		return in.answer(v, words.HookExists)
	}
	path, hash := hooks.NewPoll()
	if err := app.store.SetSetting(in.ctx, store.HookSetting, hash); err != nil {
		return err
	}
	isLocal := app.cfg.Web.BaseURL == ""
	base := ifElse(isLocal, localURL(app.cfg.Web.Listen), app.cfg.Web.BaseURL)
	v.Path, v.URL = path, strings.TrimRight(base, "/")+path
	return in.print(v, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n%s\n", words.HookShown(isLocal), v.URL)
		return err
	})
}
