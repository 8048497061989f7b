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

// DefaultMaxBytes is the largest feed that is read.
const DefaultMaxBytes = 20 << 20

// Source reads a feed from wherever a person says it is: a feed's or site's address, a file, or "-" for stdin. base is
// where a file's relative addresses start; nil leaves them out, unless the file says it itself.
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
	// the owner knows better where relative addresses start
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

// namesFile tells what can only be meant as a file or folder from what may be an address without its https://. In
// "example.org/feed.xml" the part before the slash could be a server, in "public/feed.xml" and "feed.xml" it could not.
func namesFile(source string) bool {
	first, rest, slash := strings.Cut(source, "/")
	switch {
	case strings.ContainsAny(source, `\ `), strings.HasPrefix(source, "."), strings.HasPrefix(source, "~"), first == "":
		return true
	case strings.HasPrefix(strings.ToLower(source), "feed:"): // an address, too
		return false
	case len(first) == 2 && first[1] == ':': // a drive of Windows
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

// openFile reads a feed from a file of this machine.
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

// fromFile reads a feed that no server sent; what is wrong with it is said of its name.
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
