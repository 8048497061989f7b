package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPruneMedia(t *testing.T) {
	t.Parallel()
	cfg := defaultConfig()
	cfg.DataDir = t.TempDir()
	a, err := newApp(t.Context(), cfg, slog.New(slog.DiscardHandler), "test")
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
	require.NoError(t, a.pruneMedia(t.Context()))
	require.NoFileExists(t, old)
	require.FileExists(t, young)
}
