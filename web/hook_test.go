package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
	"postern/web/hooks"
)

func TestPollHook(t *testing.T) {
	h := newHouse(t)
	b := h.stranger()
	ctx := t.Context()
	f, err := h.store.AddFeed(ctx, store.Feed{URL: "https://blog.example/feed", StartRule: "now"})
	require.NoError(t, err)
	f.NextPollAt = time.Now().Add(time.Hour)
	require.NoError(t, h.store.SavePoll(ctx, f))
	path, hash := hooks.NewPoll()
	due := func() bool {
		feeds, err := h.store.DueFeeds(ctx)
		require.NoError(t, err)
		return len(feeds) > 0
	}

	require.Equal(t, http.StatusNotFound, b.post(path, nil).Status, "none was made")
	require.NoError(t, h.store.SetSetting(ctx, store.HookSetting, hash))
	require.Equal(t, http.StatusNotFound, b.post("/hooks/poll/"+strings.Repeat("A", 26), nil).Status)
	require.Equal(t, http.StatusNotFound, b.post("/hooks/poll/"+hash, nil).Status, "what is kept opens nothing")
	require.False(t, due())
	require.Equal(t, http.StatusAccepted, b.post(path, nil).Status)
	require.True(t, due())
	require.NotContains(t, h.log.String(), strings.TrimPrefix(path, "/hooks/poll/"))
}
