package daemon

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := TakeLock(dir, "serve", 0)
	require.NoError(t, err)

	// flock belongs to the open file, so that this process can be its own rival.
	_, err = TakeLock(dir, "serve", 0)
	var busy *BusyError
	require.ErrorAs(t, err, &busy)
	require.ErrorContains(t, err, "in use by postern serve (process ")

	time.AfterFunc(100*time.Millisecond, first.Release)
	second, err := TakeLock(dir, "sync", time.Minute)
	require.NoError(t, err, "one that is held for a moment is waited for")
	second.Release()
	second.Release()
	_, err = os.Stat(filepath.Join(dir, "lock"))
	require.NoError(t, err, "the file stays")
}

func TestLockInADirectoryThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := TakeLock(filepath.Join(t.TempDir(), "none"), "serve", 0)
	require.ErrorContains(t, err, "cannot be written (no such file or directory)")
	require.ErrorContains(t, err, "data_dir")
}
