package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"postern/accounts"
	"postern/address"
	"postern/config"
	"postern/instagram/simulator"
	"postern/media"
	"postern/redact"
	"postern/store"
	"postern/words"
)

// sandbox is the simulated Instagram of sandbox accounts, which is made when it is first asked for anything.
type sandbox struct {
	cfg     config.Config
	log     *slog.Logger
	library *media.Library // nil: this program does not publish

	once sync.Once
	sim  *simulator.Server
}

// sandboxPath is where the pages of the simulated Instagram are among ours.
const sandboxPath = "/sandbox"

func (s *sandbox) server() *simulator.Server {
	s.once.Do(func() {
		s.sim = simulator.New(simulator.Options{
			StateFile: filepath.Join(s.cfg.DataDir, "sandbox.json"), Logger: s.log, Prefix: sandboxPath,
			PublicURL: s.base(),
			Fetch:     &http.Client{Transport: ownFiles{s.library}},
		})
	})
	return s.sim
}

// base is the address of the pages, as far as the configuration tells it.
func (s *sandbox) base() string {
	return cmp.Or(s.cfg.Web.BaseURL, strings.TrimSuffix(localURL(s.cfg.Web.Listen), "/")) + sandboxPath
}

// profile is where an account's posts are shown.
func (s *sandbox) profile(a store.Account) string { return s.base() + "/" + a.Username + "/" }

// RoundTrip answers calls of the API in process.
func (s *sandbox) RoundTrip(r *http.Request) (*http.Response, error) {
	return s.server().Transport().RoundTrip(r)
}

// ServeHTTP shows the pages.
func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.StripPrefix(sandboxPath, s.server().Pages()).ServeHTTP(w, r)
}

// addSandbox makes an account of the simulated Instagram, or finds it again, and connects it.
func (a *App) addSandbox(ctx context.Context, label string) (store.Account, error) {
	made := a.sandbox.server().AddAccount(simulator.Account{Username: userName(label)})
	return a.accounts.Add(ctx,
		accounts.Candidate{API: store.Sandbox, Label: label, Token: redact.Secret(made.Token)})
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

// ownFiles hands the simulated Instagram what publications of sandbox accounts consist of: files of the library,
// without any network, so that no public address is needed. It knows no other address than [address.Inside].
type ownFiles struct{ library *media.Library }

func (o ownFiles) RoundTrip(r *http.Request) (*http.Response, error) {
	name, ours := strings.CutPrefix(r.URL.String(), address.Inside+"/")
	if !ours || o.library == nil { // only a program that publishes has a library
		return nil, errors.New(words.SandboxOwnFiles)
	}
	path, err := o.library.Path(name)
	if err != nil {
		return nil, fmt.Errorf("fetching our own file: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("fetching our own file: %w", err)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {media.ContentType(name)}}, Body: f, ContentLength: -1, Request: r,
	}, nil
}
