package page

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/media"
	"postern/publisher"
	"postern/store"
)

func TestProgressWords(t *testing.T) {
	t.Parallel()
	queued := store.Listed{Publication: store.Publication{ID: 7, State: store.Queued}}
	staged := store.Listed{Publication: store.Publication{ID: 7, State: store.Staged}}
	paused := staged
	paused.Account.Paused = true
	of := func(converting bool, done, total int64, position, of int) publisher.Progress {
		return publisher.Progress{Progress: media.Progress{Converting: converting, Done: done, Total: total},
			Position: position, Of: of}
	}
	for _, c := range []struct {
		l         store.Listed
		p         publisher.Progress
		preparing bool
		want      string
		full      int64
	}{
		{queued, publisher.Progress{}, false, "", 0},
		{queued, of(false, 0, 0, 1, 1), true, "Fetching from the site, 1 KB so far.", 0},
		{queued, of(false, 1<<20, 4<<20, 1, 1), true, "Fetching from the site, 1.0 MB of 4.0 MB.", 4 << 20},
		{queued, of(false, 4<<20, 4<<20, 2, 3), true, "2 of 3: fetched, being prepared.", 4 << 20},
		{queued, of(true, 15_000, 60_000, 1, 1), true, "Converting the video, 25% (15s of 1m0s).", 60_000},
		{queued, of(true, 15_000, 0, 1, 1), true, "Converting the video, 15s so far.", 0},
		{staged, publisher.Progress{}, false, "Instagram is processing it.", 0},
		{paused, publisher.Progress{}, false, "", 0},
	} {
		v := newProgressView(c.l, c.p, c.preparing)
		require.Equal(t, c.want, v.Words)
		require.Equal(t, c.full, v.Full)
		var b strings.Builder
		require.NoError(t, progressTempl(v).Render(t.Context(), &b))
		require.Equal(t, c.want != "", strings.Contains(b.String(), `href="/publications/7"`))
		require.Equal(t, c.full > 0, strings.Contains(b.String(), "<progress"))
		require.True(t, strings.HasPrefix(b.String(), `<div id="progress">`))
	}
}
