package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/feed"
	"postern/store"
)

func TestHubCallback(t *testing.T) {
	h := newHouse(t)
	b := h.stranger()
	ctx := t.Context()
	f, err := h.store.AddFeed(ctx, store.Feed{URL: "https://blog.example/feed", StartRule: "now"})
	require.NoError(t, err)
	f.NextPollAt = time.Now().Add(time.Hour)
	require.NoError(t, h.store.SavePoll(ctx, f))
	hub := store.Hub{URL: "https://hub.example/", Topic: "https://blog.example/feed", Hash: feed.HookHash("TOKEN")}
	require.NoError(t, h.store.SaveHub(ctx, f.ID, hub))

	ask := func(token, mode, topic string) *page {
		return b.get("/hooks/websub/" + token + "?" +
			url.Values{"hub.mode": {mode}, "hub.topic": {topic}, "hub.challenge": {"<b>echo"},
				"hub.lease_seconds": {"864000"}}.Encode())
	}
	require.Equal(t, http.StatusNotFound, ask("OTHER", "subscribe", hub.Topic).Status)
	require.Equal(t, http.StatusNotFound, ask("TOKEN", "subscribe", "https://blog.example/other").Status)
	require.Equal(t, http.StatusNotFound, ask("TOKEN", "unsubscribe", hub.Topic).Status)
	yes := ask("TOKEN", "subscribe", hub.Topic)
	require.Equal(t, http.StatusOK, yes.Status)
	require.Equal(t, "<b>echo", yes.Body)
	require.Equal(t, "text/plain; charset=utf-8", yes.Header.Get("Content-Type"))
	f, err = h.store.Feed(ctx, f.ID)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(180*time.Hour), f.Hub.AskAt, time.Minute)

	require.Equal(t, http.StatusNotFound, b.post("/hooks/websub/OTHER", nil).Status)
	require.Equal(t, http.StatusAccepted, b.post("/hooks/websub/TOKEN", nil).Status)
	due, err := h.store.DueFeeds(ctx)
	require.NoError(t, err)
	require.Len(t, due, 1)
}
