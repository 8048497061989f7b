package media

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSpecimen(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	unfinished := filepath.Join(dir, tempPrefix+"1")
	require.NoError(t, os.WriteFile(unfinished, []byte("a download of the daemon"), 0o600))
	beside, err := Beside(dir)
	require.NoError(t, err)
	require.FileExists(t, unfinished)

	name, body, err := beside.Specimen()
	require.NoError(t, err)
	require.True(t, IsName(name))
	require.Greater(t, len(body), 1000, "large enough for range requests")
	require.Less(t, len(body), 32<<10)
	_, err = jpeg.Decode(bytes.NewReader(body))
	require.NoError(t, err)
	p, err := l.Path(name)
	require.NoError(t, err)
	b, err := os.ReadFile(p)
	require.NoError(t, err)
	require.Equal(t, body, b)

	other, _, err := l.Specimen()
	require.NoError(t, err)
	require.NotEqual(t, name, other)
	require.NoError(t, l.Remove(name))
	require.NoError(t, l.Remove(other))

	full, err := NewLibrary(t.TempDir(), http.DefaultClient, Limits{MaxTotal: 1})
	require.NoError(t, err)
	name, _, err = full.Specimen()
	require.NoError(t, err, "prepared files wait for the specimen")
	require.NoError(t, full.Remove(name))
}
