// Package doors gives tests what several packages need: a database, a key, and the programs and ports of this machine.
// All of it is real, and closed when the test ends.
package doors

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"postern/store"
	"postern/vault"
)

// empty returns the bytes of an empty database of the newest schema. The migrations run once per process.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "doors-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "postern.db")
	s, err := store.Open(context.Background(), path, store.Options{Migrate: true})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Open opens the database at path. If the file does not exist, Open creates it without running the migrations again.
// The caller closes it.
func Open(t testing.TB, path string) *store.Store {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		db, err := empty()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, db, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Store opens the database of a data directory as Open does, and closes it when the test ends.
func Store(t testing.TB, dir string) *store.Store {
	t.Helper()
	s := Open(t, filepath.Join(dir, "postern.db"))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return s
}

// Key returns the key of a data directory, and creates one if there is none.
func Key(t testing.TB, dir string) vault.Key {
	t.Helper()
	key, err := vault.LoadKey(filepath.Join(dir, "secret.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// FFmpeg returns the path of ffmpeg. If ffmpeg is not installed, FFmpeg skips the test, or fails it in CI.
func FFmpeg(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ffmpeg is not installed")
		}
		t.Skip("LEFT OUT: ffmpeg is not installed (apt-get install ffmpeg); conversions of video are not tested")
	}
	return path
}

// ports counts up from a random port below the range from which the system assigns ports itself. The system could
// assign a port of that range to someone else between choice and use.
var ports = func() *atomic.Int32 {
	var next atomic.Int32
	next.Store(10000 + rand.Int32N(20000))
	return &next
}()

// Port returns an address of this machine on which no program listens. It returns each port once per process.
func Port(t testing.TB) string {
	t.Helper()
	for range 1000 {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", ports.Add(1)))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}
