package egress

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"

	"postern/reason"
)

const (
	// encodingHead is how many bytes of a body decide how it is compressed.
	encodingHead = 4 << 10
	// maxEncodings bounds how often one body is compressed again.
	maxEncodings = 3
)

// encodingError names the compression of a body that cannot be read.
type encodingError string

func (e encodingError) Error() string {
	return reason.New(reason.NetEncoding, string(e)).String()
}

// decode replaces the body of an answer by one that decompresses it. The header Content-Encoding is often wrong, so the
// first bytes decide: a body that does not begin as the header says stays as it is, and gzip is read without a header.
func decode(res *http.Response) {
	if res.Body == nil || res.Body == http.NoBody || res.StatusCode == http.StatusPartialContent {
		return
	}
	var named []string
	for _, v := range res.Header.Values("Content-Encoding") {
		for _, name := range strings.Split(v, ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" && name != "identity" {
				named = append(named, name)
			}
		}
	}
	if len(named) > 0 {
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength, res.Uncompressed = -1, true
	}
	res.Body = &decoded{body: res.Body, named: named}
}

// decoded decides at the first Read, so that the head of an answer does not wait for its body.
type decoded struct {
	body  io.ReadCloser
	named []string // from Content-Encoding, in the order in which they were applied
	r     io.Reader
	err   error
}

func (d *decoded) Read(p []byte) (int, error) {
	if d.r == nil && d.err == nil {
		d.r, d.err = decoderOf(d.body, d.named)
	}
	if d.err != nil {
		return 0, d.err
	}
	return d.r.Read(p)
}

func (d *decoded) Close() error { return d.body.Close() }

// decoderOf returns a reader of what was compressed.
func decoderOf(body io.Reader, named []string) (io.Reader, error) {
	r := body
	for range maxEncodings {
		b := bufio.NewReaderSize(r, encodingHead)
		head, err := peek(b)
		if err != nil && len(head) == 0 {
			return b, nil // its first Read returns the error
		}
		name := ""
		if len(named) > 0 {
			name, named = named[len(named)-1], named[:len(named)-1]
		}
		open, err := openerOf(head, name)
		switch {
		case err != nil:
			return nil, err
		case open == nil && len(named) == 0:
			return b, nil
		case open == nil:
			r = b
		default:
			if r, err = open(b); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// peek returns the first bytes of a body. It waits for more only while there are too few to decide.
func peek(b *bufio.Reader) ([]byte, error) {
	_, err := b.Peek(4)
	head, _ := b.Peek(b.Buffered())
	return head, err
}

type opener func(io.Reader) (io.Reader, error)

// openerOf returns what decompresses a body that begins with head and is called name; nil for a body that is not
// compressed.
func openerOf(head []byte, name string) (opener, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}):
		return openGzip, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, encodingError("zstd")
	case bytes.HasPrefix(head, []byte{0x1f, 0x9d}):
		return nil, encodingError("compress")
	}
	var candidates []opener
	switch name {
	case "br":
		candidates = []opener{openBrotli}
	case "gzip", "x-gzip":
		candidates = []opener{openZlib}
	case "deflate":
		// Browsers take both: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
		candidates = []opener{openZlib, openDeflate}
	}
	for _, open := range candidates {
		if decodes(open, head) {
			return open, nil
		}
	}
	return nil, nil
}

// decodes reports whether head is the beginning of what open reads.
func decodes(open opener, head []byte) bool {
	r, err := open(bytes.NewReader(head))
	if err != nil {
		return false
	}
	_, err = io.CopyN(io.Discard, r, 512)
	return err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func openBrotli(r io.Reader) (io.Reader, error)  { return brotli.NewReader(r), nil }
func openZlib(r io.Reader) (io.Reader, error)    { return zlib.NewReader(r) }
func openDeflate(r io.Reader) (io.Reader, error) { return flate.NewReader(r), nil }

func openGzip(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return &gzipBody{b: b, z: z}, nil
}

// gzipBody reads one member after the other. It ignores other bytes behind them, as browsers do.
type gzipBody struct {
	b *bufio.Reader
	z *gzip.Reader
}

func (g *gzipBody) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if next, _ := g.b.Peek(3); !bytes.HasPrefix(next, []byte{0x1f, 0x8b, 8}) {
		return n, io.EOF
	}
	if err := g.z.Reset(g.b); err != nil {
		return n, err
	}
	g.z.Multistream(false)
	return n, nil
}
