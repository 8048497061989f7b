package main

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync"

	"postern/accounts"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/store"
)

// sandbox is the simulated Instagram of sandbox accounts, which is made when it is first asked for anything.
type sandbox struct {
	app  *App
	once sync.Once
	sim  *simulator.Server
}

// sandboxPath is where the pages of the simulated Instagram are among ours.
const sandboxPath = "/sandbox"

func (s *sandbox) server() *simulator.Server {
	s.once.Do(func() {
		cfg := s.app.cfg
		base := cfg.Web.BaseURL
		if base == "" {
			base = strings.TrimSuffix(localURL(cfg.Web.Listen), "/")
		}
		s.sim = simulator.New(simulator.Options{
			StateFile: filepath.Join(cfg.DataDir, "sandbox.json"), Fetch: s.app.fetch, Logger: s.app.log, Prefix: sandboxPath, PublicURL: base + sandboxPath,
		})
	})
	return s.sim
}

// RoundTrip answers calls of the API in process.
func (s *sandbox) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.server().Transport().RoundTrip(r)
}

// ServeHTTP shows the pages.
func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.StripPrefix(sandboxPath, s.server().Pages()).ServeHTTP(w, r)
}

// add makes an account there, or finds it again, and connects it.
func (s *sandbox) add(ctx context.Context, label string) (store.Account, error) {
	made := s.server().AddAccount(simulator.Account{Username: userName(label)})
	return s.app.accounts.Add(ctx, accounts.Candidate{API: store.Sandbox, Label: label, Token: instagram.Secret(made.Token)})
}

// userName makes of a label what stands in the address of a profile; "" for one without letters.
func userName(label string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '.'
	}, strings.ToLower(strings.Join(strings.Fields(label), "."))), ".")
}
