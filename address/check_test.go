package address

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/egress"
	"postern/media"
	"postern/store"
)

func isCrawler(r *http.Request) bool {
	return strings.HasPrefix(r.UserAgent(), "facebookexternalhit/")
}

// Each row is a public address as owners have them, behind a real server.
func TestCheck(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }
	page := func(w http.ResponseWriter, code int) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "<!doctype html><title>Just a moment…</title>")
	}
	for name, c := range map[string]struct {
		front  func(w http.ResponseWriter, r *http.Request, next http.Handler)
		rule   string // "": only the warning about plain http
		shut   bool
		ok     bool
		detail string
		remedy string
	}{
		"good": {front: serve},
		"redirect": {func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "https://www.example.org"+r.URL.Path+"?token=hunter2", http.StatusMovedPermanently)
		}, ruleRedirect, true, false, "redirects (301) to https://www.example.org/media/", "web.base_url"},
		"log-in": {func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "/login", http.StatusFound)
		},
			ruleRedirect, true, false, "redirects (302) to /login,", "without log-in"},
		"password": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { page(w, 401) }, ruleWall, true,
			false, "answers 401", "without log-in"},
		"wall for the crawler": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isCrawler(r) {
				page(w, 403)
				return
			}
			next.ServeHTTP(w, r)
		}, ruleWall, true, false, "refuses Instagram's fetcher (facebookexternalhit), though not others",
			"bot protection"},
		"page for the crawler": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isCrawler(r) {
				page(w, 200)
				return
			}
			next.ServeHTTP(w, r)
		}, ruleWall, true, false, "with a web page instead", "bot protection"},
		"challenge": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Cf-Mitigated", "challenge")
			page(w, 503)
		}, ruleWall, true, false, "bot challenge (503)", "bot protection"},
		"page called a picture": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "<!doctype html><title>Log in</title>")
		}, ruleWall, true, false, "web page", "log-in"},
		"somebody else": {func(w http.ResponseWriter, r *http.Request, _ http.Handler) { http.NotFound(w, r) },
			ruleNotFound, true, false, "answers 404", "web.listen"},
		"proxy alone": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(502) },
			ruleUnreachable, true, false, "answers 502", "web.listen"},
		"strange answer": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(204) },
			ruleRefused, true, false, "answers 204", ""},
		"wrong type": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(retyped{w}, r)
		}, ruleType, true, false, `sends a JPEG with the Content-Type "application/octet-stream"`, "Content-Type"},
		"cut off": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = w.Write(rec.Body.Bytes()[:500])
		}, ruleLength, true, false, "only a part of the file: 500 of", ""},
		"lying about its length": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			w.Header().Set("Content-Type", "image/jpeg")
			w.Header().Set("Content-Length", fmt.Sprint(rec.Body.Len()))
			_, _ = w.Write(rec.Body.Bytes()[:500])
		}, ruleLength, true, false, "only a part of the file: 500 of", ""},
		"optimised": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "\xff\xd8\xff\xe0 another picture")
		}, ruleContent, true, false, "another file than ours", "image optimisation"},
		"no length": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodGet && r.Header.Get("Range") == "" {
				rec := httptest.NewRecorder()
				next.ServeHTTP(rec, r)
				w.Header().Set("Content-Type", "image/jpeg")
				w.WriteHeader(200)
				w.(http.Flusher).Flush() // chunked from here
				_, _ = w.Write(rec.Body.Bytes())
				return
			}
			next.ServeHTTP(w, r)
		}, ruleLength, false, true, "sends no Content-Length", "Content-Length"},
		"no HEAD": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodHead {
				w.WriteHeader(405)
				return
			}
			next.ServeHTTP(w, r)
		}, ruleHead, false, false, "answers HEAD with 405", "HEAD"},
		"ranges ignored": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Header.Del("Range")
			next.ServeHTTP(w, r)
		}, ruleRange, false, true, "only whole files", "Range"},
		"wrong range": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("Range") != "" {
				r.Header.Set("Range", "bytes=0-199")
			}
			next.ServeHTTP(w, r)
		}, ruleRange, false, false, "another part", "Range"},
		"robots": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path == "/robots.txt" {
				_, _ = io.WriteString(w, "User-agent: *\nDisallow: /\n")
				return
			}
			next.ServeHTTP(w, r)
		}, ruleRobots, false, false, "/robots.txt forbids", "allow /media/"},
	} {
		t.Run(name, func(t *testing.T) {
			h := setup(t)
			s := h.front(c.front)
			p := h.public(s.URL+"/", nil)
			found := p.Check(t.Context())
			require.Equal(t, ruleHTTP, found[0].Check, found)
			require.True(t, found[0].OK)
			r, err := p.last(t.Context())
			require.NoError(t, err)
			h.nothingLeft()
			if c.rule == "" {
				require.Len(t, found, 2, found)
				require.Equal(t, store.Finding{Check: rule, OK: true,
					Detail: "the public address " + s.URL + " serves our files"}, found[1])
				require.Empty(t, r.Shut+r.Unsure)
				return
			}
			require.Len(t, found, 2+count(!c.shut && c.ok), found)
			f := found[1]
			require.Equal(t, c.rule, f.Check, f)
			require.Equal(t, c.ok, f.OK, f)
			require.Contains(t, f.Detail, c.detail)
			require.Contains(t, f.Remedy, c.remedy)
			require.NotEmpty(t, f.Remedy)
			require.NotContains(t, f.Detail+f.Remedy, "hunter2")
			require.Equal(t, c.shut, r.Shut != "", r)
			require.Empty(t, r.Unsure)
		})
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

type retyped struct{ http.ResponseWriter }

func (w retyped) WriteHeader(code int) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.ResponseWriter.WriteHeader(code)
}

// What is asked, and as whom.
func TestCheckAsksAsInstagramDoes(t *testing.T) {
	h := setup(t)
	var asked []string
	s := h.front(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		require.Equal(t, Crawler, r.UserAgent())
		require.Empty(t, r.Header.Get("Cookie")+r.Header.Get("Authorization")+r.URL.RawQuery)
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Range"))
		next.ServeHTTP(w, r)
	})
	p := h.public(s.URL, nil)
	p.Check(t.Context())
	require.Len(t, asked, 4)
	file := strings.Fields(asked[0])[1]
	require.True(t, media.IsName(strings.TrimPrefix(file, "/media/")), file)
	require.Equal(t, []string{"GET " + file + " ", "HEAD " + file + " ", "GET " + file + " bytes=100-299",
		"GET /robots.txt "}, asked)
	p.Check(t.Context())
	require.NotEqual(t, asked[0], asked[4], "a cache on the way must not answer for us")
}

func TestCheckOfEncryption(t *testing.T) {
	h := setup(t)
	s := httptest.NewTLSServer(h.library.Handler())
	t.Cleanup(s.Close)
	host := strings.TrimPrefix(s.URL, "https://")
	one := func(base string, client *http.Client) (store.Finding, Report) {
		p := h.public(base, client)
		found := p.Check(t.Context())
		r, err := p.last(t.Context())
		require.NoError(t, err)
		return found[len(found)-1], r
	}

	f, r := one(s.URL, s.Client())
	require.Equal(t, rule, f.Check, f)
	require.Empty(t, r.Shut)

	f, r = one(s.URL, nil) // nobody knows who signed it
	require.Equal(t, ruleTLS, f.Check, f)
	require.Contains(t, f.Detail, "authority this machine does not know")
	require.NotEmpty(t, r.Shut)

	_, port, err := net.SplitHostPort(host)
	require.NoError(t, err)
	f, r = one("https://localhost:"+port, s.Client()) // made out to 127.0.0.1
	require.Equal(t, ruleTLS, f.Check, f)
	require.Contains(t, f.Detail, "for another name")
	require.NotEmpty(t, r.Shut)

	plain := h.front(func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) })
	f, r = one(strings.Replace(plain.URL, "http:", "https:", 1), nil)
	require.Equal(t, ruleTLS, f.Check, f)
	require.Contains(t, f.Detail, "does not speak https")
	require.NotEmpty(t, r.Shut)

	plain.Close()
	f, r = one(plain.URL, nil)
	require.Equal(t, ruleUnreachable, f.Check, f)
	require.Contains(t, f.Detail, "refused the connection")
	require.Contains(t, r.Shut, "and that Postern and its proxy or tunnel run")
	h.nothingLeft()
}

// Nothing is asked where nobody outside could.
func TestPrivateAddressesAndPlainHTTP(t *testing.T) {
	h := setup(t)
	for base, want := range map[string]string{
		"https://10.1.2.3": rulePrivate, "https://192.168.1.5:8443": rulePrivate, "https://[::1]": rulePrivate,
		"https://[fd00::1]":  rulePrivate,
		"https://100.64.0.9": rulePrivate, "https://nas": rulePrivate, "https://nas.local": rulePrivate,
		"https://postern.lan.":     rulePrivate,
		"http://posse.example.org": ruleHTTP, "posse.example.org": ruleUnreachable,
	} {
		p := h.public(base, &http.Client{Transport: dialed(func(string) error { t.Error("asked"); return nil })})
		if p.allow = nil; strings.HasPrefix(base, "https://10.") {
			p.allow = []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}
		}
		found := p.Check(t.Context())
		require.Len(t, found, 1, base)
		require.Equal(t, want, found[0].Check, base)
		require.False(t, found[0].OK)
		r, err := p.Ready(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, r.Shut)
	}
	// Names of the own network count as reachable when they lead into network.allow.
	p := h.public("https://localhost.",
		&http.Client{Transport: dialed(func(string) error { return syscall.ECONNREFUSED })})
	p.allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	found := p.Check(t.Context())
	require.Equal(t, rulePrivate, found[0].Check)
	require.True(t, found[0].OK)
	for host, want := range map[string]bool{"127.0.0.9": true, "[::1]": true, "10.1.2.3": false} {
		require.Equal(t, want, p.inAllow(t.Context(), host), host)
	}
	p.allow = nil
	require.False(t, p.inAllow(t.Context(), "127.0.0.9"))

	found = h.public("", nil).Check(t.Context())
	require.Len(t, found, 1)
	require.Equal(t, ruleNone, found[0].Check)
	require.True(t, found[0].OK)
	require.Contains(t, found[0].Remedy, "web.base_url")
	require.Equal(t, found, (*Public)(nil).Check(t.Context()))
}

// dialed is a transport whose connections fail, or lead to a server of the test.
func dialed(dial func(address string) error) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: dial(address)}
	}}
}

// Behind a home router the world may reach what this machine cannot: told, and nothing waits for it.
func TestHairpin(t *testing.T) {
	h := setup(t)
	router := httptest.NewTLSServer(http.NotFoundHandler()) // its own pages, with its own certificate
	t.Cleanup(router.Close)
	toRouter := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, router.Listener.Addr().String())
	}}
	t.Cleanup(toRouter.CloseIdleConnections)
	guarded := egress.NewClient(egress.Options{}) // as where the name leads into the own network by split DNS
	for name, transport := range map[string]http.RoundTripper{
		"refused":     dialed(func(string) error { return syscall.ECONNREFUSED }),
		"no way":      dialed(func(string) error { return syscall.EHOSTUNREACH }),
		"no answer":   dialed(func(string) error { return context.DeadlineExceeded }),
		"router page": toRouter,
		"private":     guarded.Transport,
	} {
		p := h.public("https://203.0.113.7", &http.Client{Transport: transport})
		found := p.Check(t.Context())
		require.Len(t, found, 1, name)
		require.Equal(t, ruleHairpin, found[0].Check, name)
		require.True(t, found[0].OK, name)
		require.Contains(t, found[0].Detail, "cannot tell whether Instagram can", name)
		require.Contains(t, found[0].Remedy, "on a phone without Wi-Fi", name)
		r, err := p.Ready(t.Context())
		require.NoError(t, err)
		require.Empty(t, r.Shut, name)
		require.NotEmpty(t, r.Unsure, name)
	}

	// A certificate for our own name is no router's.
	p := h.public("https://example.com", &http.Client{Transport: toRouter})
	found := p.Check(t.Context())
	require.Equal(t, ruleTLS, found[0].Check, found)
	require.False(t, found[0].OK)
}

func TestReadyRemembersAndForgets(t *testing.T) {
	h := setup(t)
	var broken atomic.Bool
	var asked atomic.Int64
	s := h.front(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		asked.Add(1)
		if broken.Load() {
			w.WriteHeader(403)
			return
		}
		next.ServeHTTP(w, r)
	})
	ready := func(p *Public) (Report, int64) {
		before := asked.Load()
		r, err := p.Ready(t.Context())
		require.NoError(t, err)
		return r, asked.Load() - before
	}
	p := h.public(s.URL, nil)
	r, n := ready(p)
	require.Empty(t, r.Shut)
	require.EqualValues(t, 4, n)
	require.WithinDuration(t, time.Now().Add(goodFor), r.Again(), time.Minute)
	_, n = ready(p)
	require.Zero(t, n)

	broken.Store(true)
	_, n = ready(p)
	require.Zero(t, n, "a good answer counts for a day")
	p.Doubt(t.Context())
	r, n = ready(p)
	require.NotZero(t, n)
	require.Contains(t, r.Shut, "refuses to serve our files (it answers 403); let everyone fetch /media/")
	require.WithinDuration(t, time.Now().Add(badFor), r.Again(), time.Minute)
	_, n = ready(p)
	require.Zero(t, n, "not at once again")

	broken.Store(false)
	require.True(t, h.public(s.URL, nil).Check(t.Context())[1].OK) // a command beside us
	r, n = ready(p)
	require.Empty(t, r.Shut)
	require.Zero(t, n)

	// Another address, another process, another time.
	_, n = ready(h.public(s.URL+"/elsewhere", nil))
	require.NotZero(t, n)
	_, n = ready(p)
	require.NotZero(t, n)
	p.began = time.Now().Add(time.Hour)
	_, n = ready(p)
	require.NotZero(t, n)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.Doubt(t.Context())
	_, err := p.Ready(ctx)
	require.True(t, errors.Is(err, context.Canceled), err)
	last, err := p.last(t.Context())
	require.NoError(t, err)
	require.Zero(t, last.At, "what was cut short says nothing")
}

// Since when it does not work is known across doubts and restarts, and forgotten with a good answer.
func TestSinceWhenTheAddressDoesNotWork(t *testing.T) {
	h := setup(t)
	var broken atomic.Bool
	broken.Store(true)
	s := h.front(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if broken.Load() {
			http.Error(w, "go away", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
	p := h.public(s.URL, nil)
	r, err := p.Ready(t.Context())
	require.NoError(t, err)
	require.Equal(t, r.At, r.Since)
	require.False(t, r.Persists(time.Now()), "it may be a proxy that is restarted")
	require.True(t, r.Persists(time.Now().Add(badFor)))

	began := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	r.At, r.Since = began, began
	require.NoError(t, p.keep(t.Context(), r))
	for what, again := range map[string]func(){
		"a restart": func() { p = h.public(s.URL, nil) }, "a doubt": func() { p.Doubt(t.Context()) },
		"a check by hand": func() { p.Check(t.Context()) },
	} {
		again()
		r, err = p.Ready(t.Context())
		require.NoError(t, err)
		require.Equal(t, began, r.Since, what)
		require.True(t, r.Persists(time.Now()), what)
	}
	broken.Store(false)
	p.Check(t.Context())
	r, err = p.Last(t.Context())
	require.NoError(t, err)
	require.Zero(t, r.Since)
	require.False(t, r.Persists(time.Now().Add(time.Hour)))
}

// A full media folder is no fault of the address, and keeps nobody from asking.
func TestFullFolderIsNoFaultOfTheAddress(t *testing.T) {
	h := setup(t)
	var err error
	h.library, err = media.NewLibrary(h.dir+"/full", http.DefaultClient, media.Limits{MaxTotal: 1})
	require.NoError(t, err)
	s := h.front(func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) })
	r, err := h.public(s.URL, nil).Ready(t.Context())
	require.NoError(t, err)
	require.Empty(t, r.Shut)
}

func TestRobots(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true,
		"User-agent: *\nAllow: /media/\nDisallow: /\n":                                       true,
		"User-agent: *\nDisallow: /\n":                                                       false,
		"User-agent: *\nDisallow:\n":                                                         true,
		"user-agent: *\ndisallow: /media # ours":                                             false,
		"User-agent: *\nDisallow: /\n\nUser-agent: facebookexternalhit\nDisallow: /admin/\n": true,
		"User-agent: FacebookExternalHit\nDisallow: /media/\nUser-agent: *\nAllow: /":        false,
		"User-agent: a\nUser-agent: facebookexternalhit\nDisallow: /":                        false,
		"User-agent: a\nDisallow: /":                                                         true,
		"User-agent: *\nDisallow: /*.jpg$":                                                   false,
		"User-agent: *\nDisallow: /*.png$":                                                   true,
		"User-agent: *\nDisallow: /media/$":                                                  true,
		"User-agent: *\nDisallow: /media/\nAllow: /media/":                                   true,
		"\ufeffUser-agent: *\r\nDisallow: /m*a/\r\n":                                         false,
		"nonsense\n\x00:\n":                                                                  true,
	} {
		require.Equal(t, want, allowedBy(text, "facebookexternalhit", "/media/abc.jpg"), "%q", text)
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*$\n", "/media/a.jpg")
	f.Fuzz(func(t *testing.T, text, path string) {
		allowedBy(text, "facebookexternalhit", path)
	})
}

func TestPlacesOfRedirects(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"":                                  "nowhere",
		"/login?next=x":                     "/login",
		"https://u:p@a.example/x?token=y#z": "https://a.example/x",
		"https://a.example/" + strings.Repeat("x", 300): "https://a.example/" + strings.Repeat("x", 102) + "…",
	} {
		require.Equal(t, want, target(location))
	}
}
