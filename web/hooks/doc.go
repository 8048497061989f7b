// Package hooks answers programs that call Postern without a token of the API: a site's build that wants its feeds
// polled, and WebSub hubs. Each address contains a random token, of which only a hash is stored. A handler stores the
// call and answers it; the daemon's next tick does the work.
package hooks

import (
	"log/slog"

	"postern/store"
)

// Hooks answers the calls. Its methods are handlers and may be called concurrently.
type Hooks struct {
	store *store.Store
	log   *slog.Logger
}

// New returns the hooks of an installation.
func New(s *store.Store, log *slog.Logger) *Hooks { return &Hooks{s, log} }
