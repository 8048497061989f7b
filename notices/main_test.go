package notices_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/doors"
	"postern/instagram/simulator"
	"postern/notices"
	"postern/redact"
	"postern/store"
)

// The test binary is also the sending process, as the program is its own.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "tell" {
		if err := notices.SendMain(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const token = "IGAA-made-up-token-of-the-tests"

// house is a database, an account at a simulated Instagram, and a letter box.
type house struct {
	t       *testing.T
	dir     string
	sim     *simulator.Server
	store   *store.Store
	acc     *accounts.Accounts
	keeper  *notices.Keeper
	account store.Account
	probes  []store.Notice
	log     *slog.Logger

	mu   sync.Mutex
	box  []string // what arrived
	shut error    // why nothing arrives
}

// setup must be called inside a synctest bubble.
func setup(t *testing.T) *house {
	h := &house{t: t, dir: t.TempDir(), sim: simulator.New(simulator.Options{Seed: 7, Kind: true})}
	h.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	h.open()
	t.Cleanup(func() { h.store.Close() })
	var err error
	h.account, err = h.acc.Add(t.Context(), accounts.Candidate{API: store.Instagram, Label: "Harbour", Token: token})
	require.NoError(t, err)
	_, err = h.keeper.Add(t.Context(), store.FromPage, "ntfy://ntfy.example.org/some-topic-9")
	require.NoError(t, err)
	return h
}

// open is what a start of the program does.
func (h *house) open() {
	key := doors.Key(h.t, h.dir)
	h.store = doors.Open(h.t, filepath.Join(h.dir, "postern.db"))
	h.acc = accounts.New(accounts.Options{Store: h.store, Key: key, Version: "v24.0",
		HTTP: &http.Client{Transport: h.sim.Transport()}})
	h.keeper = notices.New(notices.Options{
		Store: h.store, Key: key, PublicURL: "https://postern.example.org", Send: h.send, Redact: redact.New(),
		Logger: h.log,
		Probes: []func(context.Context) []store.Notice{func(context.Context) []store.Notice { return h.probes }},
	})
}

func (h *house) restart() {
	h.store.Close()
	h.open()
}

func (h *house) send(_ context.Context, address redact.Secret, m notices.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shut != nil {
		return fmt.Errorf("%w at %s", h.shut, address.Reveal())
	}
	if m.Title != "Postern" {
		return errors.New("no title")
	}
	h.box = append(h.box, m.Text)
	return nil
}

// pass is what the program's ticks do at one moment.
func (h *house) pass() {
	h.t.Helper()
	require.NoError(h.t, h.acc.RefreshDue(h.t.Context()))
	require.NoError(h.t, h.keeper.Refresh(h.t.Context()))
	require.NoError(h.t, h.keeper.Tell(h.t.Context()))
}

func (h *house) live(d, step time.Duration) {
	h.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(step) {
		h.pass()
	}
}

func (h *house) received() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	box := h.box
	h.box = nil
	return box
}

func (h *house) openNotices() []store.Notice {
	h.t.Helper()
	n, err := h.store.OpenNotices(h.t.Context())
	require.NoError(h.t, err)
	return n
}

func inBubble(t *testing.T, f func(t *testing.T, h *house)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { f(t, setup(t)) })
}
