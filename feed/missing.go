package feed

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"postern/egress"
	"postern/store"
)

const (
	// missingAtOnce is the number of missing pictures that one poll looks for, in addition to those that a person
	// asked for.
	missingAtOnce = 5
	// missingTimeout limits each attempt to fetch a missing picture.
	missingTimeout = 20 * time.Second
	// missingMost is how many bytes of a file are compared with a damaged picture; a longer file counts as a
	// different one.
	missingMost = 64 << 20
)

// FindMissingNow is like FindMissing, but also looks for pictures that were looked for less than an hour ago. It is
// for requests by a person.
func (p *Poller) FindMissingNow(ctx context.Context, f store.Feed) error {
	if err := p.o.Store.AskMissing(ctx, f.ID); err != nil {
		return err
	}
	return p.FindMissing(ctx, f)
}

// FindMissing looks for the pictures of a feed's posts that failed because the site did not serve them. Posts whose
// picture is now available are queued again. Pictures that a person asked for come first and are all looked for.
func (p *Poller) FindMissing(ctx context.Context, f store.Feed) error {
	list, err := p.o.Store.MissingOf(ctx, f.ID, missingAtOnce)
	if err != nil {
		return err
	}
	for _, m := range list {
		found := p.isAvailable(ctx, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := p.o.Store.SettleMissing(ctx, m, found); err != nil {
			return fmt.Errorf("looking for a missing picture: %w", err)
		}
		if found {
			p.o.Logger.Info("missing picture found", slog.Int64("publication_id", m.PublicationID))
		}
	}
	return nil
}

// isAvailable reports whether the URL of a missing picture now serves something that is not a page and not the same
// damaged file as before.
func (p *Poller) isAvailable(ctx context.Context, m store.Missing) bool {
	ctx, cancel := context.WithTimeout(ctx, missingTimeout)
	defer cancel()
	if m.Seen.SHA256 != "" {
		return p.isReplaced(ctx, m)
	}
	head, _, err := headOf(ctx, p.o.Client, m.URL)
	return err == nil && isNotPage(head)
}

func isNotPage(head []byte) bool {
	return len(head) > 0 && !strings.HasPrefix(http.DetectContentType(head), "text/")
}

// isReplaced reports whether a URL serves another file than the damaged one. The request is conditional, so that the
// site need not send the same file again. But a new ETag alone proves no change, because some sites send a different
// one with each answer; the content decides.
func (p *Poller) isReplaced(ctx context.Context, m store.Missing) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.URL, nil)
	if err != nil {
		return false
	}
	req.Header.Set("Accept", egress.AcceptPictures)
	if m.Seen.ETag != "" {
		req.Header.Set("If-None-Match", m.Seen.ETag)
	}
	if m.Seen.LastModified != "" {
		req.Header.Set("If-Modified-Since", m.Seen.LastModified)
	}
	resp, err := p.o.Client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false
	}
	body := bufio.NewReaderSize(io.LimitReader(resp.Body, missingMost), sniffed)
	head, _ := body.Peek(sniffed)
	sum := sha256.New()
	_, err = io.Copy(sum, body)
	return err == nil && isNotPage(head) && hex.EncodeToString(sum.Sum(nil)) != m.Seen.SHA256
}
