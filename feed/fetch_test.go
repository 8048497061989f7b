package feed

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/require"

	"postern/egress"
)

// client returns a client that may connect to loopback, where the test servers listen.
func client(t *testing.T) *http.Client {
	c := egress.NewClient(egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		UserAgent: "Postern/test"})
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// serve starts a server that only answers below a path, so that a URL wrongly resolved against the root fails.
func serve(t *testing.T, h http.HandlerFunc) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/blog/", h)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/blog/feed.xml"
}

const small = `<rss version="2.0"><channel><title>Small</title><link>https://small.example/</link>
<item><guid isPermaLink="false">s1</guid><link>https://small.example/1</link><description>&lt;img src="1.jpg"&gt;</description></item></channel></rss>`

func TestFetchConditional(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		require.Contains(t, r.Header.Get("Accept"), "application/atom+xml")
		require.Equal(t, "Postern/test", r.Header.Get("User-Agent"))
		w.Header().Set("ETag", `W/"v1"`)
		w.Header().Set("Last-Modified", "Fri, 06 Mar 2026 08:30:00 GMT")
		w.Header().Set("Cache-Control", "public, max-age=600")
		if r.Header.Get("If-None-Match") == `W/"v1"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		io.WriteString(w, small)
	})
	f, err := Fetch(t.Context(), client(t), address, "", "", 1<<20)
	require.NoError(t, err)
	require.Equal(t, small, string(f.Body))
	require.Equal(t, "application/rss+xml", f.ContentType)
	require.Equal(t, 10*time.Minute, f.MaxAge)
	require.False(t, f.NotModified)
	require.Equal(t, address, f.FinalURL)
	require.Empty(t, f.MovedTo)

	f, err = Fetch(t.Context(), client(t), address, f.ETag, f.LastModified, 1<<20)
	require.NoError(t, err)
	require.True(t, f.NotModified)
	require.Empty(t, f.Body)
}

// TestFetchCompressedAndCookie fetches feeds that are compressed without being asked for, or that require a cookie.
func TestFetchCompressedAndCookie(t *testing.T) {
	t.Parallel()
	var br, zl bytes.Buffer
	for _, w := range []io.WriteCloser{brotli.NewWriter(&br), zlib.NewWriter(&zl)} {
		_, err := io.WriteString(w, small)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	encoded := func(name, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", name)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"brotli":            encoded("br", br.String()),
		"deflate":           encoded("deflate", zl.String()),
		"plain called gzip": encoded("gzip", small),
		"cookie": func(w http.ResponseWriter, r *http.Request) {
			if _, err := r.Cookie("ok"); err != nil {
				http.SetCookie(w, &http.Cookie{Name: "ok", Value: "1", Path: "/"})
				http.Redirect(w, r, r.URL.Path, http.StatusMovedPermanently)
				return
			}
			_, _ = io.WriteString(w, small)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serve(t, answer)
			d, err := Source(t.Context(), client(t), address, nil, nil)
			require.NoError(t, err)
			require.Equal(t, address, d.URL)
			require.Len(t, d.Posts, 1)
			require.Equal(t, "s1", d.Posts[0].GUID)
		})
	}
}

func TestFetchErrors(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
		check  func(*testing.T, *FetchError)
	}{
		"not found": {answer: status(404), want: "there is nothing at this address (404 Not Found); check the address"},
		"gone": {answer: status(410), want: "gone for good (410 Gone)",
			check: func(t *testing.T, e *FetchError) { require.True(t, e.Gone()) }},
		"forbidden": {answer: status(403), want: "403 Forbidden"},
		"too many": {answer: status(429, "Retry-After", "120"), want: "asks to wait (429 Too Many Requests)",
			check: func(t *testing.T, e *FetchError) {
				require.Equal(t, 2*time.Minute, e.RetryAfter)
			}},
		"unavailable": {answer: status(503, "Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)),
			want: "503 Service Unavailable", check: func(t *testing.T, e *FetchError) {
				require.InDelta(t, time.Hour, e.RetryAfter, float64(5*time.Minute),
					"Retry-After counts from the answer, which may have taken long")
			}},
		"broken":   {answer: status(500), want: "an error of its own (500 Internal Server Error)"},
		"teapot":   {answer: status(418), want: "answered 418 I'm a teapot instead of a feed"},
		"declared": {answer: status(200, "Content-Length", "99999999"), want: "larger than 4096 bytes"},
		"endless": {answer: func(w http.ResponseWriter, r *http.Request) {
			line := bytes.Repeat([]byte("x"), 512)
			for {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}, want: "the answer is larger than 4096 bytes, which is too much for a feed"},
		"cut": {answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "<rss>")
		}, want: "the connection ended before the answer was complete"},
		"loop": {answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, want: "redirects more than 10 times"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Fetch(t.Context(), client(t), serve(t, tt.answer)+"?token=hidden", "", "", 4096)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hidden")
			require.NotContains(t, err.Error(), "\n")
			var fe *FetchError
			require.ErrorAs(t, err, &fe)
			if tt.check != nil {
				tt.check(t, fe)
			}
		})
	}
}

func TestFetchTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	_, err := Fetch(t.Context(), client(t), s.URL+"/feed.xml?token=hidden", "", "", 1<<20)
	require.EqualError(t, err, "the server's certificate is signed by an authority this machine does not know; give the server a "+
		"certificate of a public authority, such as Let's Encrypt")
}

func TestFetchNoServer(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	_, err := Fetch(t.Context(), client(t), s.URL+"/feed.xml", "", "", 1<<20)
	require.ErrorContains(t, err, "refused the connection")
	_, err = Fetch(t.Context(), client(t), "https://feeds.invalid/x?token=hidden", "", "", 1<<20)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hidden")
	_, err = Fetch(t.Context(), client(t), "http://10.1.2.3/feed.xml", "", "", 1<<20)
	require.ErrorContains(t, err, "network.allow")
	_, err = Fetch(t.Context(), client(t), "::bad", "", "", 1<<20)
	require.ErrorContains(t, err, "not a web address")
}

func TestFetchSlow(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<rss>")
		w.(http.Flusher).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Fetch(ctx, client(t), address, "", "", 1<<20)
	require.EqualError(t, err, "the server took too long to answer; check that the server is up")

	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, err = Fetch(stopped, client(t), address, "", "", 1<<20)
	require.ErrorIs(t, err, context.Canceled, "stopping the program is not an error of the feed")
}

func TestFetchRedirect(t *testing.T) {
	t.Parallel()
	hop := func(code int, to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, code) }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/a", hop(301, "/b"))
	mux.HandleFunc("/b", hop(308, "/c"))
	mux.HandleFunc("/c", hop(302, "/d"))
	mux.HandleFunc("/d", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, small) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	f, err := Fetch(t.Context(), client(t), s.URL+"/a", "", "", 1<<20)
	require.NoError(t, err)
	require.Equal(t, s.URL+"/d", f.FinalURL)
	require.Equal(t, s.URL+"/c", f.MovedTo, "up to the last permanent redirect")
	f, err = Fetch(t.Context(), client(t), s.URL+"/c", "", "", 1<<20)
	require.NoError(t, err)
	require.Empty(t, f.MovedTo)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 6, 8, 30, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, " 5 ": 5 * time.Second, "-3": 0, "soon": 0, "99999999999999": 7 * 24 * time.Hour,
		"Fri, 06 Mar 2026 09:00:00 GMT": 30 * time.Minute, "Fri, 06 Mar 2026 08:00:00 GMT": 0,
	} {
		require.Equal(t, want, retryAfter(in, now), in)
	}
}

func TestWebAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"example.org":                  "https://example.org",
		" https://example.org/x?a=b#c": "https://example.org/x?a=b",
		"feed://example.org/rss":       "https://example.org/rss",
		"feed:http://example.org/rss":  "http://example.org/rss",
		"http://127.0.0.1:80/feed.xml": "http://127.0.0.1:80/feed.xml",
	} {
		got, err := webAddress(in)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"", "ftp://example.org/x", "https://", "not an address", "file:///etc/passwd"} {
		_, err := webAddress(in)
		require.Error(t, err, in)
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/blog/feed.xml":
			io.WriteString(w, small)
		case "/blog/comments.xml":
			io.WriteString(w, strings.ReplaceAll(small, "Small", "Comments"))
		case "/blog/none":
			io.WriteString(w, "<!doctype html><title>x</title>")
		case "/blog/wrong":
			io.WriteString(w,
				`<html><head><link rel="alternate" type="application/rss+xml" href="/blog/missing.xml"></head></html>`)
		case "/blog/header":
			w.Header().Set("Link",
				`</blog/style.css>; rel="preload", </blog/feed.xml>; rel="alternate"; type="application/rss+xml"`)
			io.WriteString(w, "<!doctype html><title>x</title>")
		case "/blog/missing.xml":
			http.NotFound(w, r)
		default:
			io.WriteString(w,
				`<!doctype html><head><link rel="alternate" type="application/rss+xml" title="Comments" href="comments.xml">
				<link rel=alternate type=application/rss+xml href=feed.xml></head>`)
		}
	})
	site := strings.TrimSuffix(address, "feed.xml")
	for _, source := range []string{address, site, site + "header"} {
		d, err := Source(t.Context(), client(t), source, nil, nil)
		require.NoError(t, err, source)
		require.Equal(t, "Small", d.Title, source)
		require.Equal(t, address, d.URL)
		if source == site {
			require.Equal(t, []Candidate{{URL: site + "comments.xml", Title: "Comments", Type: "application/rss+xml"}},
				d.Others)
		}
	}
	_, err := Source(t.Context(), client(t), site+"none", nil, nil)
	require.ErrorIs(t, err, ErrNotAFeed)
	require.ErrorContains(t, err, "names no feed")
	_, err = Source(t.Context(), client(t), site+"wrong", nil, nil)
	require.ErrorContains(t, err, "404 Not Found")

	d, err := Source(t.Context(), nil, "-", strings.NewReader(small), nil)
	require.NoError(t, err)
	require.Equal(t, "https://small.example/1.jpg", d.Posts[0].Media[0].URL)
	d, err = Source(t.Context(), nil, "testdata/latin1.xml", nil, nil)
	require.NoError(t, err)
	require.Equal(t, "Café", d.Title)
	_, err = Source(t.Context(), nil, "-", endless{}, nil)
	require.ErrorContains(t, err, "standard input is larger than 20 MB")
	require.False(t, errors.Is(err, ErrNotAFeed))
}

// A source that can only be a file is treated as one, without a DNS query for a server of that name.
func TestSourceFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	binary, empty, page, inFile := put("binary.xml", "\x89PNG\r\n\x1a\n\x00\x00"), put("empty.xml", "\n"),
		put("page.html", "<!doctype html><title>x</title>"), put("file.xml", small)
	for source, want := range map[string]string{
		"testdata": "testdata is a folder. Name the feed file in it", "testdata/": "testdata/ is a folder",
		"./none.xml": "there is no file ./none.xml. Check its name, or begin an address with https://",
		"nothing":    "there is no file nothing.", "none.xml": "there is no file none.xml.",
		"none.rss": "there is no file none.rss.",
		"none/":    "there is no file none/.", "none.xml/": "there is no file none.xml/.",
		"public/feed.xml":  "there is no file public/feed.xml.",
		`public\feed.xml`:  `there is no file public\feed.xml.`,
		`C:\site\feed.xml`: `there is no file C:\site\feed.xml.`, "my feed.xml": "there is no file my feed.xml.",
		"": "no feed is named", " ": "no feed is named",
		binary:               binary + ": this is not a feed: it is neither XML nor JSON. Name a feed file",
		empty:                empty + " is empty. Name a file with a feed",
		page:                 page + ": this is a web page",
		inFile + "/feed.xml": inFile + "/feed.xml cannot be read (not a directory)",
	} {
		_, err := Source(t.Context(), nil, source, nil, nil)
		require.ErrorContains(t, err, want, source)
		require.NotContains(t, err.Error(), "\n")
	}
	if os.Getuid() != 0 { // root can read every file
		require.NoError(t, os.Chmod(inFile, 0))
		_, err := Source(t.Context(), nil, inFile, nil, nil)
		require.EqualError(t, err, inFile+" cannot be read (permission denied). Let this user read it")
	}
	for _, address := range []string{"example.org", "example.org/", "example.org/feed.xml", "localhost:8080/feed.xml",
		"localhost/feed", "192.0.2.1/feed", "feed:https://example.org/a"} {
		require.False(t, namesFile(address), address)
	}
}

// A source without a scheme may be a file or a server, and the error mentions both.
func TestSourceNeitherFileNorServer(t *testing.T) {
	t.Parallel()
	nowhere := &http.Client{
		Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "site.example", IsNotFound: true}
		}}}
	_, err := Source(t.Context(), nowhere, "site.example/feed.xml", nil, nil)
	require.EqualError(t, err,
		"there is neither a file site.example/feed.xml nor a server named site.example. Check the spelling")
	_, err = Source(t.Context(), nowhere, "https://site.example/feed.xml", nil, nil)
	require.ErrorContains(t, err, "there is no server named site.example")
	require.NotContains(t, err.Error(), "file")
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }
