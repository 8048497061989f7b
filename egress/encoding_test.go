package egress

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/require"
)

// packed compresses text, first by the first name.
func packed(t *testing.T, text []byte, names ...string) []byte {
	t.Helper()
	for _, name := range names {
		var b bytes.Buffer
		var w io.WriteCloser
		switch name {
		case "br":
			w = brotli.NewWriter(&b)
		case "gzip":
			w = gzip.NewWriter(&b)
		case "zlib":
			w = zlib.NewWriter(&b)
		case "raw":
			var err error
			w, err = flate.NewWriter(&b, flate.BestCompression)
			require.NoError(t, err)
		}
		_, err := w.Write(text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		text = b.Bytes()
	}
	return text
}

func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	feed := []byte(`<?xml version="1.0"?><rss version="2.0"><channel>` +
		strings.Repeat("<item><title>Fog over the bay</title></item>\n", 500) + `</channel></rss>`)
	json := []byte("\n" + `{"version": "https://jsonfeed.org/version/1.1", "items": []}`)
	wide := []byte("\xff\xfe<\x00r\x00s\x00s\x00>\x00")
	jpeg := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00 and so on")
	for name, c := range map[string]struct {
		header string
		body   []byte
		want   []byte
	}{
		"gzip":   {"gzip", packed(t, feed, "gzip"), feed},
		"x-gzip": {"X-GZIP", packed(t, feed, "gzip"), feed},
		"gzip in two members": {"gzip",
			append(packed(t, feed[:900], "gzip"), packed(t, feed[900:], "gzip")...), feed},
		"gzip and more":          {"gzip", append(packed(t, feed, "gzip"), "\r\n<!-- cached -->"...), feed},
		"gzip and one byte":      {"gzip", append(packed(t, feed, "gzip"), 0), feed},
		"gzip without header":    {"", packed(t, feed, "gzip"), feed},
		"gzip twice, named once": {"gzip", packed(t, feed, "gzip", "gzip"), feed},
		"gzip called deflate":    {"deflate", packed(t, feed, "gzip"), feed},
		"gzip called br":         {"br", packed(t, feed, "gzip"), feed},
		"gzip called UTF-8":      {"UTF-8", packed(t, feed, "gzip"), feed},
		"zlib called gzip":       {"gzip", packed(t, feed, "zlib"), feed},
		"br":                     {"br", packed(t, feed, "br"), feed},
		"br then gzip":           {"br, gzip", packed(t, feed, "br", "gzip"), feed},
		"deflate as zlib":        {"deflate", packed(t, feed, "zlib"), feed},
		"deflate as raw":         {"deflate", packed(t, feed, "raw"), feed},
		"short br":               {"br", packed(t, json, "br"), json},
		"short raw":              {"deflate", packed(t, json, "raw"), json},
		"empty gzip":             {"gzip", packed(t, nil, "gzip"), []byte{}},
		"plain":                  {"", feed, feed},
		"plain, identity":        {"identity", feed, feed},
		"plain called UTF-8":     {"UTF-8", feed, feed},
		"plain called zstd":      {"zstd", feed, feed},
		"plain called gzip":      {"gzip", feed, feed},
		"plain called deflate":   {"deflate", feed, feed},
		"plain called br":        {"br", feed, feed},
		"JSON called br":         {"br", json, json},
		"JSON called deflate":    {"deflate", json, json},
		"UTF-16 called br":       {"br", wide, wide},
		"UTF-16 called deflate":  {"deflate", wide, wide},
		"picture called gzip":    {"gzip", jpeg, jpeg},
		"picture called br":      {"br", jpeg, jpeg},
		"one byte called gzip":   {"gzip", []byte("x"), []byte("x")},
		"nothing called gzip":    {"gzip", nil, []byte{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				require.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
				if c.header != "" {
					w.Header().Set("Content-Encoding", c.header)
				}
				_, _ = w.Write(c.body)
			})
			got, err := get(t, client(t, Options{Allow: loopback}), s.URL)
			require.NoError(t, err, Describe(err))
			require.Equal(t, string(c.want), got)
		})
	}
}

func TestCompressedAnswersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	feed := bytes.Repeat([]byte("<item>fog</item> and wind, "), 5000)
	for name, c := range map[string]struct {
		header string
		body   []byte
		want   string
	}{
		"zstd": {"zstd", []byte("\x28\xb5\x2f\xfd\x04\x00\x19\x00\x00"),
			"the server compresses its answer with zstd, which Postern cannot read; set the server to send gzip"},
		"cut gzip": {"gzip", packed(t, feed, "gzip")[:100],
			"the connection ended before the answer was complete; check that the server is running"},
		"cut br": {"br", packed(t, feed, "br")[:30], "the connection ended before the answer was complete; check that the server is running"},
		"cut raw": {"deflate", packed(t, feed, "raw")[:100],
			"the connection ended before the answer was complete; check that the server is running"},
		"much of a gzip": {"gzip", packed(t, make([]byte, 8<<20), "gzip"), "the answer is larger than allowed"},
		"much of a br":   {"br", packed(t, make([]byte, 8<<20), "br"), "the answer is larger than allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", c.header)
				_, _ = w.Write(c.body)
			})
			_, err := get(t, client(t, Options{Allow: loopback}), s.URL)
			require.Equal(t, c.want, Describe(err))
		})
	}
}

// A caller that asks for a range or names its own encoding gets the bytes as they are.
func TestAnswersThatStayCompressed(t *testing.T) {
	t.Parallel()
	body := packed(t, bytes.Repeat([]byte("fog "), 100), "gzip")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
	for _, h := range []string{"Range", "Accept-Encoding"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		require.NoError(t, err)
		r.Header.Set(h, map[string]string{"Range": "bytes=0-9999", "Accept-Encoding": "gzip"}[h])
		res, err := client(t, Options{Allow: loopback}).Do(r)
		require.NoError(t, err)
		got, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, body, got, h)
	}
}

func TestCookiesOfOneChain(t *testing.T) {
	t.Parallel()
	var other string
	hop := func(w http.ResponseWriter, r *http.Request) {
		has := func(name string) bool { _, err := r.Cookie(name); return err == nil }
		set := func(name, path string, age int) {
			http.SetCookie(w, &http.Cookie{Name: name, Value: "1", Path: path, MaxAge: age})
		}
		to := func(u string) { http.Redirect(w, r, u, http.StatusFound) }
		switch r.URL.Path {
		case "/same":
			if !has("ok") {
				set("ok", "/", 0)
				to("/same")
				return
			}
		case "/consent":
			if !has("asked") {
				set("asked", "/", 0)
				to("/question?back=/consent")
				return
			}
			if !has("given") {
				to("/question?back=/consent")
				return
			}
		case "/question":
			set("given", "/", 0)
			to(r.URL.Query().Get("back"))
			return
		case "/away":
			set("ours", "/", 0)
			to(other + "/end")
			return
		case "/elsewhere":
			set("inside", "/private", 0)
			to("/end")
			return
		case "/withdrawn":
			if !has("first") {
				set("first", "/", 0)
				to("/withdrawn")
				return
			}
			set("first", "/", -1)
			to("/end")
			return
		}
		_, _ = io.WriteString(w, "cookies: "+r.Header.Get("Cookie"))
	}
	s := serve(t, hop)
	u, err := url.Parse(serveAt(t, "127.0.0.2", hop).URL)
	require.NoError(t, err)
	other = u.String()
	c := client(t, Options{Allow: append(loopback[:1:1], netip.MustParsePrefix("127.0.0.2/32"))})
	for path, want := range map[string]string{
		"/same":      "cookies: ok=1",
		"/consent":   "cookies: asked=1; given=1",
		"/away":      "cookies: ",
		"/elsewhere": "cookies: ",
		"/withdrawn": "cookies: ",
	} {
		for range 2 { // the second request starts without cookies
			got, err := get(t, c, s.URL+path)
			require.NoError(t, err, path)
			require.Equal(t, want, got, path)
		}
	}
	got, err := get(t, c, s.URL+"/end")
	require.NoError(t, err)
	require.Equal(t, "cookies: ", got)
}
