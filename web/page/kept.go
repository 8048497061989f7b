package page

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"postern/egress"
	"postern/store"
	"postern/words"
)

// maxKept limits how many feed URLs are kept.
const maxKept = 64

// keptAddresses keeps feed URLs that contain a password or a key while the owner decides about them. Pages never show
// such a URL: their forms contain the redacted URL and a random word by which reveal finds the full one.
type keptAddresses struct {
	mu sync.Mutex
	of map[string]string
}

// hide returns the value that a form may contain in place of the URL.
func (k *keptAddresses) hide(address string) string {
	if !store.HidesSecrets(address) {
		return address
	}
	shown := store.MaskAddress(address) + "#" + rand.Text()[:8]
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil || len(k.of) >= maxKept {
		k.of = map[string]string{}
	}
	k.of[shown] = address
	return shown
}

// reveal returns the URL for a form value. A value that hide did not return is itself the URL.
func (k *keptAddresses) reveal(typed string) (string, error) {
	if !strings.Contains(typed, store.Masked) {
		return typed, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if address := k.of[typed]; address != "" {
		return address, nil
	}
	return "",
		errors.New(words.AddressMasked(store.Masked))
}

// at returns a kept URL with the same scheme, host and port; "" when there is none.
func (k *keptAddresses) at(address string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range k.of {
		if store.SiteOf(a) == store.SiteOf(address) {
			return a
		}
	}
	return ""
}

// letIn returns a context in which pictures of a site are fetched with the credentials of a feed there.
func (s *Server) letIn(ctx context.Context, address string) context.Context {
	from, err := s.store.AddressAt(ctx, address)
	if err != nil || from == "" {
		from = s.kept.at(address)
	}
	return egress.WithAddress(ctx, from)
}

// fileFetched schedules a new preflight of the publications that lacked this file.
func (s *Server) fileFetched(ctx context.Context, address string) {
	if err := s.store.FileFetched(ctx, address); err != nil {
		s.log.Error("look not moved ahead", slog.Any("error", err))
	}
}
