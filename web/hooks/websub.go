package hooks

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"postern/feed"
	"postern/store"
	"postern/words"
)

// The longest and the shortest time after which a hub is asked again.
const (
	longestLease  = 20 * 24 * time.Hour
	shortestLease = 2 * time.Hour
)

// hubFeed finds the feed by the token in the address. Without one it answers.
func (h *Hooks) hubFeed(w http.ResponseWriter, r *http.Request) (store.Feed, bool) {
	w.Header().Set("Cache-Control", "no-store")
	f, err := h.store.FeedByHub(r.Context(), feed.HookHash(r.PathValue("token")))
	if err != nil {
		http.NotFound(w, r)
		return f, false
	}
	return f, true
}

// ConfirmHub tells a hub that it was us who asked: https://www.w3.org/TR/websub/#hub-verifies-intent
func (h *Hooks) ConfirmHub(w http.ResponseWriter, r *http.Request) {
	f, ok := h.hubFeed(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	switch {
	case q.Get("hub.mode") == "denied":
		return // asked again in a day; polls go on
	case q.Get("hub.mode") != "subscribe" || q.Get("hub.topic") != f.Hub.Topic:
		http.NotFound(w, r)
		return
	}
	lease := longestLease
	if n, err := strconv.Atoi(q.Get("hub.lease_seconds")); err == nil && n > 0 {
		lease = min(lease, time.Duration(min(n, 1<<30))*time.Second)
	}
	f.Hub.AskAt = time.Now().Add(max(lease, shortestLease) * 3 / 4)
	if err := h.store.SaveHub(r.Context(), f.ID, f.Hub); err != nil {
		h.log.ErrorContext(r.Context(), "hub not confirmed", slog.Any("error", err))
		http.Error(w, words.HookFault, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, q.Get("hub.challenge"))
}

// HubCalls polls the feed at once. The body is not read: the feed itself says what is new.
func (h *Hooks) HubCalls(w http.ResponseWriter, r *http.Request) {
	f, ok := h.hubFeed(w, r)
	if !ok {
		return
	}
	if err := h.store.MakeFeedsDue(r.Context(), f.ID); err != nil {
		h.log.ErrorContext(r.Context(), "hub's call not kept", slog.Any("error", err))
		http.Error(w, words.HookFault, http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}
