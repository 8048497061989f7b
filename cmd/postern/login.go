package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"postern/address"
	"postern/web/access"
	"postern/words"
)

type loginCmd struct{}

// Run makes a link that logs in once.
func (loginCmd) Run(in *invocation) error {
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	if err := hasDatabase(cfg); err != nil {
		return err
	}
	app, err := openStore(in.ctx, cfg, in.logger(cfg, false), "login")
	if err != nil {
		return err
	}
	defer app.Close()
	switch hash, err := app.store.PasswordHash(in.ctx); {
	case err != nil:
		return err
	case hash == "":
		return errors.New(words.LoginNoPassword(localURL(cfg.Web.Listen)))
	}
	path, token := access.NewLoginLink()
	expires := time.Now().Add(access.LoginLinkLife)
	if err := app.store.SetLoginLink(in.ctx, token, expires); err != nil {
		return err
	}
	var v struct {
		URL       string `json:"url"`
		LocalURL  string `json:"local_url"` // on this machine, or through ssh -L
		ExpiresAt string `json:"expires_at"`
	}
	v.LocalURL, v.ExpiresAt = strings.TrimRight(localURL(cfg.Web.Listen), "/")+path, expires.UTC().Format(time.RFC3339)
	v.URL = v.LocalURL
	if cfg.Web.BaseURL != "" && address.PathAdvice(cfg.Web.BaseURL) == "" {
		v.URL = cfg.Web.BaseURL + path
	}
	return in.print(v, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n%s\n", words.LoginLink, v.URL)
		if err == nil && v.URL != v.LocalURL {
			_, err = fmt.Fprintf(w, "%s\n%s\n", words.LoginLinkLocal, v.LocalURL)
		}
		return err
	})
}
