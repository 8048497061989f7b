package main

import (
	"fmt"
	"io"
	"strings"

	"postern/store"
	"postern/web/hooks"
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
		return in.say(v,
			"there is one already, and it was shown when it was made; `postern hook --new` makes another and ends "+
				"the old one")
	}
	path, hash := hooks.NewPoll()
	if err := app.store.SetSetting(in.ctx, store.HookSetting, hash); err != nil {
		return err
	}
	base, reach := app.cfg.Web.BaseURL, ""
	if base == "" {
		base, reach = localURL(app.cfg.Web.Listen), " From other machines it is reached when web.base_url is set."
	}
	v.Path, v.URL = path, strings.TrimRight(base, "/")+path
	return in.print(v, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "POST to this address polls all feeds now. It is shown this once.%s\n%s\n",
			reach, v.URL)
		return err
	})
}
