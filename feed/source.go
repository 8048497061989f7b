package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"

	"postern/egress"
	"postern/words"
)

// DefaultMaxBytes is the default maximum size of a feed in bytes.
const DefaultMaxBytes = 20 << 20

// Source reads a feed from a source that a person names: the address of a feed or site, a file, or "-" for standard
// input. base is the URL against which relative addresses in a file are resolved; nil leaves them out, unless the
// file itself declares a base.
func Source(ctx context.Context, client *http.Client, source string, stdin io.Reader, base *url.URL) (Document, error) {
	if strings.TrimSpace(source) == "" {
		return Document{},
			errors.New(words.SourceNone)
	}
	if source == "-" {
		return fromFile("standard input", stdin, base)
	}
	_, err := os.Stat(source)
	if !strings.Contains(source, "://") && (err == nil || !errors.Is(err, fs.ErrNotExist) || namesFile(source)) {
		return openFile(source, base)
	}
	address, err := webAddress(source)
	if err != nil {
		return Document{}, err
	}
	// A base that the owner names takes precedence over the address.
	_, d, err := find(ctx, client, address, DefaultMaxBytes, base)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound && !strings.Contains(source, "://") {
		return Document{}, errors.New(words.SourceNeither(source, dns.Name))
	}
	if err != nil {
		return Document{}, err
	}
	return d, nil
}

// namesFile reports whether a source can only be a file or folder, and not an address without https://. In
// "example.org/feed.xml" the part before the slash may be a server; in "public/feed.xml" and "feed.xml" it cannot.
func namesFile(source string) bool {
	first, rest, slash := strings.Cut(source, "/")
	switch {
	case strings.ContainsAny(source, `\ `), strings.HasPrefix(source, "."), strings.HasPrefix(source, "~"), first == "":
		return true
	case strings.HasPrefix(strings.ToLower(source), "feed:"): // this is an address too
		return false
	case len(first) == 2 && first[1] == ':': // a Windows drive
		return true
	case slash && rest != "":
		return !strings.ContainsAny(first, ".:") && first != "localhost"
	}
	switch strings.ToLower(path.Ext(first)) {
	case ".xml", ".rss", ".atom", ".rdf", ".json", ".jsonfeed", ".feed", ".html", ".htm", ".txt", "":
		return !strings.Contains(first, ":") && first != "localhost"
	}
	return false
}

// openFile reads a feed from a local file.
func openFile(name string, base *url.URL) (Document, error) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return Document{}, errors.New(words.SourceFolder(name))
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Document{}, errors.New(words.SourceNoFile(name))
	case errors.Is(err, fs.ErrPermission):
		return Document{}, errors.New(words.SourceForbidden(name))
	case err != nil:
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return Document{}, fmt.Errorf("%s cannot be read (%w); check its name", name, err)
	}
	defer file.Close()
	return fromFile(name, file, base)
}

// fromFile reads a feed from r. Errors name the file.
func fromFile(name string, r io.Reader, base *url.URL) (Document, error) {
	body, err := egress.ReadAll(r, DefaultMaxBytes)
	switch {
	case errors.Is(err, egress.ErrTooLarge):
		return Document{}, errors.New(words.SourceTooLarge(name, bytesText(DefaultMaxBytes)))
	case errors.Is(err, context.Canceled):
		return Document{}, err
	case err != nil:
		return Document{}, fmt.Errorf("reading %s: %s", name, egress.Describe(err))
	case len(bytes.TrimSpace(body)) == 0:
		return Document{}, errors.New(words.SourceEmptyFile(name))
	}
	d, err := parseAny(body, "", base)
	var not *NotAFeedError
	if errors.As(err, &not) {
		return d, &NotAFeedError{Why: not.Why, HTML: not.HTML, file: name}
	}
	return d, err
}

// parseAny reads a feed, or else a page by its microformats. If both fail, it returns the error of the feed.
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
