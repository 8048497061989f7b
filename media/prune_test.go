package media

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLimitOfTheFolder(t *testing.T) {
	t.Parallel()
	a := encodeJPEG(t, quarters(400, 400, plainCorners))
	b := encodeJPEG(t, quarters(400, 400, corners{blue, red, red, blue}))
	c := encodeJPEG(t, quarters(330, 360, corners{blue, red, red, blue}))
	l, dir := setupWith(t, Limits{MaxTotal: int64(len(a) + max(len(b), len(c)))})
	prepare := func(body []byte) (File, error) { return l.PrepareBytes(t.Context(), body, source(t), feed) }
	fa, err := prepare(a)
	require.NoError(t, err)
	fb, err := prepare(b)
	require.NoError(t, err)
	used, err := l.Used()
	require.NoError(t, err)
	require.EqualValues(t, len(a)+len(b), used)
	_, err = prepare(c)
	requireRule(t, err, "media.library.full", true)
	_, err = prepare(a) // the file exists already
	require.NoError(t, err)

	tight, _ := setupWith(t, Limits{MaxTotal: int64(len(a))})
	_, err = tight.PrepareBytes(t.Context(), a, source(t), feed)
	require.NoError(t, err)
	_, err = tight.Prepare(t.Context(), address(t, "http://127.0.0.1:1/"), feed) // no request is sent
	requireRule(t, err, "media.library.full", true)

	day := 24 * time.Hour
	now := time.Now()
	for _, f := range []File{fa, fb} {
		require.NoError(t, os.Chtimes(filepath.Join(dir, f.Name()), now, now.Add(-3*day)))
	}
	keepA := func(name string) bool { return name == fa.Name() }
	n, bytes, err := l.Prune(keepA, now.Add(-4*day))
	require.NoError(t, err)
	require.Equal(t, [2]int64{0, 0}, [2]int64{int64(n), bytes})
	_, err = prepare(b) // updates its time, so that it is kept
	require.NoError(t, err)
	n, _, err = l.Prune(keepA, now.Add(-2*day))
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, os.Chtimes(filepath.Join(dir, fb.Name()), now, now.Add(-3*day)))
	n, bytes, err = l.Prune(keepA, now.Add(-2*day))
	require.NoError(t, err)
	require.Equal(t, [2]int64{1, fb.Bytes}, [2]int64{int64(n), bytes})
	_, err = l.Path(fa.Name())
	require.NoError(t, err)
	_, err = prepare(c)
	require.NoError(t, err)

	// Another call prepares the file again while keep runs.
	require.NoError(t, os.Chtimes(filepath.Join(dir, fa.Name()), now, now.Add(-3*day)))
	n, _, err = l.Prune(func(name string) bool {
		if name == fa.Name() {
			_, err := prepare(a)
			require.NoError(t, err)
		}
		return name != fa.Name()
	}, now.Add(-2*day))
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = l.Path(fa.Name())
	require.NoError(t, err)
}
