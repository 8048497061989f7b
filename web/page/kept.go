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

// maxKept bounds the addresses that forms stand for.
const maxKept = 64

// keptAddresses are addresses of feeds that hold a password or a key, while their owner decides about them. A
// page never shows such an address: its forms hold what people see of it, and a word by which it is found here
// again.
type keptAddresses struct {
	mu sync.Mutex
	of map[string]string
}

// hide returns what a form may hold for an address.
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

// reveal returns the address that a form held, which is any other than those that hide returned.
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

// at returns one at the same scheme, host and port; "" when there is none.
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

// letIn lets pictures be fetched from a site with the password or key of a feed there.
func (s *Server) letIn(ctx context.Context, address string) context.Context {
	from, err := s.store.AddressAt(ctx, address)
	if err != nil || from == "" {
		from = s.kept.at(address)
	}
	return egress.WithAddress(ctx, from)
}

// fileFetched lets Postern look again at once at what lacked the file.
func (s *Server) fileFetched(ctx context.Context, address string) {
	if err := s.store.FileFetched(ctx, address); err != nil {
		s.log.Error("look not moved ahead", slog.Any("error", err))
	}
}
