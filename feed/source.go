package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"postern/egress"
)

// DefaultMaxBytes is the largest feed that is read.
const DefaultMaxBytes = 20 << 20

// Source reads a feed from wherever a person says it is: a feed's or site's address, a file, or "-" for stdin. base is
// where a file's relative addresses start; nil leaves them out, unless the file says it itself.
func Source(ctx context.Context, client *http.Client, source string, stdin io.Reader, base *url.URL) (Document, error) {
	if source == "-" {
		body, err := egress.ReadAll(stdin, DefaultMaxBytes)
		if err != nil {
			return Document{}, fmt.Errorf("reading standard input: %s", egress.Describe(err))
		}
		return parseAny(body, "", base)
	}
	info, err := os.Stat(source)
	if err == nil && !strings.Contains(source, "://") {
		if info.IsDir() {
			return Document{}, fmt.Errorf("%s is a folder, not a feed file", source)
		}
		file, err := os.Open(source)
		if err != nil {
			return Document{}, fmt.Errorf("opening the feed file: %w", err)
		}
		defer file.Close()
		body, err := egress.ReadAll(file, DefaultMaxBytes)
		if err != nil {
			return Document{}, fmt.Errorf("reading %s: %s", source, egress.Describe(err))
		}
		return parseAny(body, "", base)
	}
	if !strings.Contains(source, "://") && (strings.HasPrefix(source, ".") || strings.HasPrefix(source, "/") || !strings.Contains(source, ".")) {
		return Document{}, fmt.Errorf("there is no file %s", source)
	}
	address, err := webAddress(source)
	if err != nil {
		return Document{}, err
	}
	f, d, err := find(ctx, client, address, DefaultMaxBytes)
	if err != nil {
		return Document{}, err
	}
	if base != nil {
		// The owner knows better where relative addresses start.
		if d2, err := parseAny(f.Body, f.ContentType, base); err == nil {
			d2.URL = d.URL
			d = d2
		}
	}
	return d, nil
}

// parseAny reads a feed, or a page by its microformats. The error is that of the feed.
func parseAny(body []byte, contentType string, base *url.URL) (Document, error) {
	d, err := Parse(body, contentType, base)
	var not *NotAFeedError
	if errors.As(err, &not) && not.HTML {
		if page, err := ParsePage(body, contentType, base); err == nil {
			return page, nil
		}
	}
	return d, err
}
