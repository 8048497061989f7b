package address

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/egress"
	"postern/media"
	"postern/store"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// theHouse is what a public address leads to.
type theHouse struct {
	t       *testing.T
	dir     string
	library *media.Library
	store   *store.Store
}

func setup(t *testing.T) *theHouse {
	t.Helper()
	t.Parallel()
	h := &theHouse{t: t, dir: t.TempDir()}
	var err error
	h.library, err = media.NewLibrary(filepath.Join(h.dir, "media"), http.DefaultClient, media.Limits{})
	require.NoError(t, err)
	h.store = doors.Store(t, h.dir)
	return h
}

// public is the address as the configuration would have it; client nil is the guarded one with loopback allowed.
func (h *theHouse) public(base string, client *http.Client, b ...*Bucket) *Public {
	h.t.Helper()
	if client == nil {
		client = egress.NewClient(egress.Options{Allow: loopback})
		h.t.Cleanup(client.CloseIdleConnections)
	}
	o := Options{BaseURL: base, Library: h.library, Store: h.store, Client: client, Allow: loopback,
		Logger: slog.New(slog.DiscardHandler)}
	if len(b) > 0 {
		o.Bucket = b[0]
	}
	p, err := New(o)
	require.NoError(h.t, err)
	return p
}

// front is a server before the library's handler.
func (h *theHouse) front(f func(w http.ResponseWriter, r *http.Request, next http.Handler)) *httptest.Server {
	next := h.library.Handler()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, next) }))
	h.t.Cleanup(s.Close)
	return s
}

// nothingLeft: a check leaves no file behind.
func (h *theHouse) nothingLeft() {
	h.t.Helper()
	left, err := os.ReadDir(filepath.Join(h.dir, "media"))
	require.NoError(h.t, err)
	require.Empty(h.t, left)
}
