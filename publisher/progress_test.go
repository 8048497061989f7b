package publisher

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/store"
)

// halting delivers the first bytes of every response at once and the rest a minute later.
type halting struct{ next http.RoundTripper }

func (h halting) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := h.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(b[:2000]), &pause{time.Minute}, bytes.NewReader(b[2000:])))
	return res, err
}

type pause struct{ d time.Duration }

func (p *pause) Read([]byte) (int, error) {
	time.Sleep(p.d)
	return 0, io.EOF
}

func TestProgressOfAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		lib, err := media.NewLibrary(t.TempDir(), &http.Client{Transport: halting{s.site}},
			media.Limits{Timeout: time.Hour, FFmpeg: media.NoFFmpeg})
		require.NoError(t, err)
		s.library = lib
		s.start()
		_, ok := s.pub.Progress(1)
		require.False(t, ok)
		p := s.entry("A carousel", "a.jpg", "b.jpg") // its step may already be running
		require.EqualValues(t, 1, p.ID)
		seen := map[int]bool{}
		for s.get(p.ID).State == store.Queued {
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if now, ok := s.pub.Progress(p.ID); ok {
				seen[now.Position] = true
				require.Equal(t, 2, now.Of)
				require.EqualValues(t, 2000, now.Done)
				require.Greater(t, now.Total, now.Done)
			}
		}
		require.Equal(t, map[int]bool{1: true, 2: true}, seen)
		_, ok = s.pub.Progress(p.ID)
		require.False(t, ok, "progress is removed at the end")
		s.reach(p.ID, store.Published, 10*time.Minute)
	})
}
