package main

import (
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/config"
	"postern/media"
)

func TestPruneMedia(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	a, err := newProgram(t.Context(), cfg, slog.New(slog.DiscardHandler), "test")
	require.NoError(t, err)
	defer a.Close()
	file := func(letter string, age time.Duration) string {
		path := filepath.Join(cfg.DataDir, "media", strings.Repeat(letter, 64)+".jpg")
		require.NoError(t, os.WriteFile(path, []byte("a picture"), 0o600))
		when := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(path, when, when))
		return path
	}
	old, young := file("a", 8*24*time.Hour), file("b", 6*24*time.Hour)
	require.NoError(t, a.cleaner().Prune(t.Context()))
	require.NoFileExists(t, old)
	require.FileExists(t, young)
}

// What was published or skipped makes room earlier when something waits for it.
func TestMakeRoom(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.DataDir, cfg.Media.MaxBytes = t.TempDir(), 1<<20
	a, err := newProgram(t.Context(), cfg, slog.New(slog.DiscardHandler), "test")
	require.NoError(t, err)
	defer a.Close()
	file := func(letter string, size int, age time.Duration) string {
		path := filepath.Join(cfg.DataDir, "media", strings.Repeat(letter, 64)+".jpg")
		require.NoError(t, os.WriteFile(path, make([]byte, size), 0o600))
		when := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(path, when, when))
		return path
	}
	old, young := file("a", 900<<10, 26*time.Hour), file("b", 1<<10, time.Minute)
	require.NoError(t, a.cleaner().MakeRoom(t.Context()))
	require.FileExists(t, old, "nothing waits")
	picture := noisePicture(t, 1)
	prepare := func() error {
		_, err := a.media.PrepareBytes(t.Context(), picture, &url.URL{Scheme: "https", Host: "example.org"},
			media.Rules{})
		return err
	}
	require.ErrorContains(t, prepare(), "the media folder is full")
	require.NoError(t, a.cleaner().MakeRoom(t.Context()))
	require.NoFileExists(t, old)
	require.FileExists(t, young, "Instagram may be fetching it")
	require.False(t, a.media.Full())
	require.NoError(t, prepare())
}
