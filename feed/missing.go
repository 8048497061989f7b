package feed

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"postern/store"
)

const (
	// missingAtOnce is how many missing pictures one poll looks for.
	missingAtOnce = 5
	// missingTimeout bounds each of these looks.
	missingTimeout = 20 * time.Second
)

// findMissing looks for the pictures of a feed's posts that failed because the site did not have them, and queues those posts
// again whose picture is there now.
func (p *Poller) findMissing(ctx context.Context, f store.Feed) error {
	list, err := p.o.Store.MissingOf(ctx, f.ID, missingAtOnce)
	if err != nil {
		return err
	}
	woken := false
	for _, m := range list {
		found := p.isThere(ctx, m.URL)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := p.o.Store.SettleMissing(ctx, m, found); err != nil {
			return fmt.Errorf("looking for a missing picture: %w", err)
		}
		if found {
			p.o.Logger.Info("missing picture found", slog.Int64("publication_id", m.PublicationID))
		}
		woken = woken || found
	}
	if woken {
		p.o.Wake()
	}
	return nil
}

// isThere reports whether an address hands out anything that is no page.
func (p *Poller) isThere(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, missingTimeout)
	defer cancel()
	head, _, err := headOf(ctx, p.o.Client, address)
	return err == nil && len(head) > 0 && !strings.HasPrefix(http.DetectContentType(head), "text/")
}
