package main

import (
	"fmt"
	"io"
	"net"

	"postern/daemon"
	"postern/words"
)

type serveCmd struct{}

// Run is the daemon.
func (c *serveCmd) Run(in *invocation) error {
	cfg, err := in.loadConfigWithRisks()
	if err != nil {
		return err
	}
	log := in.logger(cfg, true)
	app, err := newProgram(in.ctx, cfg, log, "serve")
	if err != nil {
		return err
	}
	defer app.Close()
	var at listeners
	if cfg.Metrics.Listen != "" {
		if at.metrics, err = daemon.Listen(in.ctx, "metrics.listen", cfg.Metrics.Listen); err != nil {
			return err
		}
		defer at.metrics.Close()
	}
	if at.pages, err = daemon.Listen(in.ctx, "web.listen", cfg.Web.Listen); err != nil {
		return err
	}
	return app.Run(in.ctx, at, func(code string) {
		v := struct {
			Pages     string `json:"pages"`
			SetupCode string `json:"setup_code"`
		}{pagesURL(at.pages.Addr()), code}
		_ = in.print(v, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, words.ServeStarted(v.Pages, code))
			return err
		})
	})
}

// pagesURL is the address to open on this machine.
func pagesURL(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// localURL is the address of the pages on this machine by the configuration; "" when that is not to be told from it.
func localURL(address string) string {
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return ""
	}
	return pagesURL(a)
}
