package hooks

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
	"net/http"

	"postern/store"
	"postern/words"
)

// NewPoll returns the path of a new poll hook, to be shown once, and the hash to be kept of it. The token has 130
// random bits, so a plain hash is enough.
func NewPoll() (path, hash string) {
	token := rand.Text()
	return "/hooks/poll/" + token, hookHash(token)
}

func hookHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Poll lets every feed be polled now, for a site's build pipeline. It answers at once; the daemon's next tick
// polls.
func (h *Hooks) Poll(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	want, err := h.store.Setting(r.Context(), store.HookSetting)
	if err == nil &&
		(want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(hookHash(r.PathValue("token")))) != 1) {
		http.NotFound(w, r)
		return
	}
	if err == nil {
		err = h.store.MakeFeedsDue(r.Context())
	}
	if err != nil {
		h.log.ErrorContext(r.Context(), "poll hook failed", slog.Any("error", err))
		http.Error(w, words.HookFault, http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte("polling\n"))
}
