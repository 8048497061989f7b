package store_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), filepath.Join(dir, "postern.db"), store.Options{Migrate: true})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.SetPasswordHash(t.Context(), "before"))

	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 20 {
				if err := s.SetPasswordHash(t.Context(), "meanwhile"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	copied := filepath.Join(dir, "copy.db")
	require.NoError(t, s.Backup(t.Context(), copied, false))
	writers.Wait()

	require.ErrorIs(t, s.Backup(t.Context(), copied, false), fs.ErrExist, "an older copy is not replaced")
	require.NoError(t, s.Backup(t.Context(), copied, true))
	info, err := os.Stat(copied)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	left, err := filepath.Glob(filepath.Join(dir, ".backup-*"))
	require.NoError(t, err)
	require.Empty(t, left)

	c, err := store.Open(t.Context(), copied, store.Options{})
	require.NoError(t, err, "the copy is a database of the same version")
	defer c.Close()
	hash, err := c.PasswordHash(t.Context())
	require.NoError(t, err)
	require.Equal(t, "meanwhile", hash)

	require.ErrorContains(t, s.Backup(t.Context(), filepath.Join(dir, "none", "x.db"), false),
		"cannot be written into "+filepath.Join(dir, "none")+": no such file or directory")
}
