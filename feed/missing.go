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
	// missingAtOnce is how many missing pictures one poll looks for that no person asked for.
	missingAtOnce = 5
	// missingTimeout bounds each of these looks.
	missingTimeout = 20 * time.Second
	// missingMost bounds the bytes of a damaged picture that are compared; one with more of them is another one.
	missingMost = 64 << 20
)

// FindMissingNow is FindMissing for a person: it looks for all of them, however long ago they were looked for.
func (p *Poller) FindMissingNow(ctx context.Context, f store.Feed) error {
	if err := p.o.Store.AskMissing(ctx, f.ID); err != nil {
		return err
	}
	return p.FindMissing(ctx, f)
}

// FindMissing looks for the pictures of a feed's posts that failed because the site did not have them, and queues those
// posts again whose picture is there now. Those that a person asked for come first, and all of them.
func (p *Poller) FindMissing(ctx context.Context, f store.Feed) error {
	list, err := p.o.Store.MissingOf(ctx, f.ID, missingAtOnce)
	if err != nil {
		return err
	}
	for _, m := range list {
		found := p.isThere(ctx, m)
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

// isThere reports whether the address of a missing picture hands out anything that is no page, and not the damaged file
// that it handed out before.
func (p *Poller) isThere(ctx context.Context, m store.Missing) bool {
	ctx, cancel := context.WithTimeout(ctx, missingTimeout)
	defer cancel()
	if m.Seen.SHA256 != "" {
		return p.isReplaced(ctx, m)
	}
	head, _, err := headOf(ctx, p.o.Client, m.URL)
	return err == nil && isNoPage(head)
}

func isNoPage(head []byte) bool {
	return len(head) > 0 && !strings.HasPrefix(http.DetectContentType(head), "text/")
}

// isReplaced reports whether an address hands out another file than the damaged one. A site that knows the file's
// version is not asked for the bytes again. Versions prove no change, because some sites give each answer another one:
// the bytes do.
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
	return err == nil && isNoPage(head) && hex.EncodeToString(sum.Sum(nil)) != m.Seen.SHA256
}
