package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// proxied counts what reaches the proxy that the environment names.
var proxied atomic.Int64

func TestMain(m *testing.M) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	// net/http reads these once in a process, so they are set before any request.
	for _, k := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		if err := os.Setenv(k, proxy.URL); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	proxy.Close()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Println(err)
		code = 1
	}
	os.Exit(code)
}

func client(t *testing.T, o Options) *http.Client {
	t.Helper()
	c := NewClient(o)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// serveAt is a server on another loopback address than httptest's 127.0.0.1.
func serveAt(t *testing.T, addr string, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", addr+":0")
	if err != nil {
		t.Skipf("this machine has no address %s: %v", addr, err)
	}
	s := httptest.NewUnstartedServer(h)
	require.NoError(t, s.Listener.Close())
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, c *http.Client, u string) (string, error) {
	t.Helper()
	res, err := c.Get(u)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := ReadAll(res.Body, 1<<20)
	return string(b), err
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	c := client(t, Options{})
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "10.0.0.1", "172.16.0.1",
		"192.168.1.1",
		"169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "224.0.0.1", "255.255.255.255",
	} {
		_, err := get(t, c, "http://"+host+":"+port+"/")
		require.ErrorIs(t, err, ErrBlocked, host)
		require.Contains(t, Describe(err), "network.allow", host)
	}
}

func TestAllowedRangesAreReached(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	for _, p := range []string{"127.0.0.1/32", "127.0.0.0/8", "::ffff:127.0.0.0/104"} {
		body, err := get(t, client(t, Options{Allow: []netip.Prefix{netip.MustParsePrefix(p)}}), s.URL)
		require.NoError(t, err, p)
		require.Equal(t, "hello", body)
	}
	_, err := get(t, client(t, Options{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), {}}}), s.URL)
	require.ErrorIs(t, err, ErrBlocked)
}

func TestRedirectToPrivateAddressIsRefused(t *testing.T) {
	t.Parallel()
	inner := serveAt(t, "127.0.0.2", func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, http.StatusFound) })
	_, err := get(t, client(t, Options{Allow: loopback}), s.URL)
	require.ErrorIs(t, err, ErrBlocked)
	require.Equal(t, `127.0.0.2 is a private address; add its range to network.allow (POSTERN_NETWORK_ALLOW), such `+
		`as "127.0.0.0/8", and restart Postern if it is running`,
		Describe(err))
	for address, private := range map[string]string{"192.168.7.9:80": "192.168.7.0/24",
		"[fe80::1%eth0]:80": "fe80::/64", "[::1]:80": "::1/128", "[::ffff:10.1.2.3]:80": "10.1.2.0/24"} {
		require.Contains(t, blocked(address).Error(), `such as "`+private+`"`)
	}
}

// A proxy would be the one to connect, and the check would look at the proxy.
// The target is a documentation address: net/http never sends loopback to a proxy.
func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Parallel()
	_, err := get(t, client(t, Options{Allow: loopback}), "http://192.0.2.1/")
	require.ErrorIs(t, err, ErrBlocked)
	require.Zero(t, proxied.Load())
	require.Equal(t, "192.0.2.1 is not a public address; if it is yours, add its range to network.allow (POSTERN_NETWORK_ALLOW) and "+
		"restart Postern if it is running", Describe(err))
}

func TestUserAgentRefererAndCookies(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		if r.URL.Path != "/end" {
			http.Redirect(w, r, "/end", http.StatusFound)
			return
		}
		_, _ = fmt.Fprintf(w, "%s|%s|%s", r.UserAgent(), r.Referer(), r.Header.Get("Cookie"))
	})
	c := client(t, Options{Allow: loopback, UserAgent: "Postern/test"})
	body, err := get(t, c, s.URL+"/?token=secret")
	require.NoError(t, err)
	require.Equal(t, "Postern/test||a=b", body)

	req, err := http.NewRequest(http.MethodGet, s.URL+"/end", nil)
	require.NoError(t, err)
	req.Header.Set("User-Agent", "own")
	res, err := c.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "own||", string(b))
}

func TestRedirectsEnd(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	_, err := get(t, client(t, Options{Allow: loopback}), s.URL)
	require.ErrorIs(t, err, ErrTooManyRedirects)
	require.EqualValues(t, 10, n.Load())
	require.Contains(t, Describe(err), "redirects")
}

func TestOnlyHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	c := client(t, Options{Allow: loopback})
	for _, u := range []string{"ftp://127.0.0.1/", "file:///etc/passwd", s.URL} {
		_, err := get(t, c, u)
		require.ErrorIs(t, err, ErrScheme, u)
	}
}

// A server that is slow to answer is given up; one that sends a long body is not.
func TestTimeoutEndsWithTheHead(t *testing.T) {
	t.Parallel()
	const limit = 100 * time.Millisecond
	stop := make(chan struct{})
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	defer close(stop)
	_, err := get(t, client(t, Options{Allow: loopback, Timeout: limit}), slow.URL)
	require.Error(t, err)
	require.Equal(t, "the server took too long to answer; check that the server is up", Describe(err))

	// The head has to come within the limit, the rest need not. On a slow machine the head takes its time, too.
	for limit := limit; ; limit *= 2 {
		long := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			time.Sleep(2 * limit)
			_, _ = io.WriteString(w, "late")
		})
		res, err := client(t, Options{Allow: loopback, Timeout: limit}).Get(long.URL)
		if err != nil && limit < time.Minute {
			require.Equal(t, "the server took too long to answer; check that the server is up", Describe(err))
			continue
		}
		require.NoError(t, err)
		body, err := ReadAll(res.Body, 1<<20)
		res.Body.Close()
		require.NoError(t, err)
		require.Equal(t, "late", string(body))
		break
	}
}

func TestReadAll(t *testing.T) {
	t.Parallel()
	b, err := ReadAll(strings.NewReader("1234"), 4)
	require.NoError(t, err)
	require.Equal(t, "1234", string(b))
	b, err = ReadAll(strings.NewReader("12345"), 4)
	require.ErrorIs(t, err, ErrTooLarge)
	require.Nil(t, b)
	b, err = ReadAll(strings.NewReader(""), 0)
	require.NoError(t, err)
	require.Empty(t, b)
	var before []byte // stays as it is while the buffer is used again
	for i, size := range []int{1, small - 1, small, small + 1, 3 * small, 2} {
		want := strings.Repeat(string(rune('a'+i)), size)
		b, err = ReadAll(iotest.HalfReader(strings.NewReader(want)), int64(size))
		require.NoError(t, err)
		require.Equal(t, want, string(b))
		_, err = ReadAll(strings.NewReader(want+"z"), int64(size))
		require.ErrorIs(t, err, ErrTooLarge)
		_, err = ReadAll(io.MultiReader(strings.NewReader(want), iotest.ErrReader(io.ErrUnexpectedEOF)), int64(size)+1)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, max(0, len(before)), strings.Count(string(before), string(rune('a'+i-1))))
		before = b
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		host, allow string
		want        bool
	}{
		{"127.0.0.1", "127.0.0.0/8", true},
		{"localhost", "127.0.0.0/8", true},
		{"LOCALHOST.", "127.0.0.0/8", true},
		{"localhost", "::1/128", true},
		{"[::1]", "::1/128", true},
		{"::1", "::1/128", true},
		{"::ffff:10.1.2.3", "10.0.0.0/8", true},
		{"10.1.2.3", "::ffff:10.0.0.0/104", true},
		{"fe80::1%eth0", "fe80::/10", true},
		{"10.1.2.3", "10.9.9.9/8", true},
		{"127.0.0.1", "10.0.0.0/8", false},
		{"localhost", "10.0.0.0/8", false},
		{"localhost.example.org", "127.0.0.0/8", false},
		{"example.org", "0.0.0.0/0", false},
		{"", "0.0.0.0/0", false},
	} {
		require.Equal(t, c.want, Allowed(c.host, []netip.Prefix{netip.MustParsePrefix(c.allow)}), "%s in %s",
			c.host, c.allow)
	}
	require.False(t, Allowed("127.0.0.1", nil))
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that are meant to fail
	t.Cleanup(secure.Close)
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/location":
			w.Header().Set("Location", "http://user:secret@[broken/?token=secret")
			w.WriteHeader(http.StatusFound)
		case "/cut":
			c, _, _ := http.NewResponseController(w).Hijack()
			_ = c.Close()
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := l.Addr().String()
	require.NoError(t, l.Close())

	c := client(t, Options{Allow: loopback, Timeout: time.Minute})
	fetch := func(u string) error {
		_, err := get(t, c, u)
		require.Error(t, err, u)
		return err
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wrap := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://user:secret@example.org/?token=secret", Err: err}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{fetch(secure.URL + "/?token=secret"),
			"the server's certificate is signed by an authority this machine does not know; give the server a " +
				"certificate of a public authority, such as Let's Encrypt"},
		{fetch(strings.Replace(plain.URL, "http:", "https:", 1)),
			"the server does not speak https on this port; where it is meant to speak plain http, begin the " +
				"address with http://"},
		{fetch("http://" + closed), "the server refused the connection at " + closed +
			"; check the address, and that the server is running"},
		{fetch(plain.URL + "/cut?token=secret"), "the connection ended before the answer was complete; check that the server is running"},
		{wrap(&net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}),
			"there is no server named nowhere.example (DNS); check the spelling of the address"},
		{wrap(&net.DNSError{Err: "i/o timeout", Name: "slow.example", IsTimeout: true}),
			"the DNS server gave no answer for slow.example; check this machine's DNS"},
		{wrap(context.DeadlineExceeded), "the server took too long to answer; check that the server is up"},
		{wrap(cancelled.Err()), "stopped before it was finished"},
		{wrap(ErrTooLarge), "the answer is larger than allowed"},
		{wrap(errors.New("odd\nthing at https://user:secret@example.org/a?token=secret \x1b[31mred")),
			"odd thing at https://example.org/a [31mred"},
	} {
		require.Equal(t, c.want, Describe(c.err))
	}
	require.NotContains(t, Describe(fetch(plain.URL+"/location?token=secret")), "secret")
	require.Less(t, len(Describe(errors.New(strings.Repeat("ä", 1000)))), 400)
}
