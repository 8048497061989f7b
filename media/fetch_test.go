package media

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/egress"

	"github.com/stretchr/testify/require"
)

func TestPrepareFetches(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	body := encodeJPEG(t, quarters(400, 400, plainCorners))
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		// The server must receive %2F and %20 unchanged.
		if r.URL.EscapedPath() != "/a%2Fb%20c.jpg" || r.URL.RawQuery != "sig=a%2Bb" ||
			!strings.Contains(r.Header.Get("Accept"), "image/*") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain") // wrong, and ignored
		_, _ = w.Write(body)
	})
	src := address(t, u+"/a%2Fb%20c.jpg?sig=a%2Bb")
	f, err := l.Prepare(t.Context(), src, feed)
	require.NoError(t, err)
	require.Equal(t, body, stored(t, l, f))
	require.Equal(t, src.String(), f.SourceURL)
}

func TestPrepareGetsJPEGBeforeWebP(t *testing.T) {
	t.Parallel()
	jpeg := encodeJPEG(t, quarters(400, 400, plainCorners))
	webp := testfile(t, "lossy.webp")
	for name, c := range map[string]struct {
		webp  func(accept string) bool
		still bool // the JPEG is stored unchanged
	}{
		"if accepted":              {func(accept string) bool { return strings.Contains(accept, "image/webp") }, true},
		"unless JPEG is preferred": {func(accept string) bool { return !strings.HasPrefix(accept, "image/jpeg,") }, true},
		"always":                   {func(string) bool { return true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := setup(t)
			u := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Vary", "Accept")
				if c.webp(r.Header.Get("Accept")) {
					_, _ = w.Write(webp)
					return
				}
				_, _ = w.Write(jpeg)
			})
			f, err := l.Prepare(t.Context(), address(t, u+"/fog.jpg"), feed)
			require.NoError(t, err)
			if c.still {
				require.Equal(t, jpeg, stored(t, l, f))
			} else {
				require.NotEqual(t, webp, stored(t, l, f), "WebP is converted where nothing else comes")
			}
		})
	}
}

func TestPrepareKeepsCookiesOfRedirects(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	jpeg := encodeJPEG(t, quarters(400, 400, plainCorners))
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("ok"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "ok", Value: "1", Path: "/"})
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
			return
		}
		_, _ = w.Write(jpeg)
	})
	f, err := l.Prepare(t.Context(), address(t, u+"/fog.jpg"), feed)
	require.NoError(t, err)
	require.Equal(t, jpeg, stored(t, l, f))
}

func TestResponsesWithoutPicture(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	for _, c := range []struct {
		status    int
		rule      string
		temporary bool
	}{
		{404, "media.url.not-found", false},
		{410, "media.url.not-found", false},
		{401, "media.url.forbidden", false},
		{403, "media.url.forbidden", false},
		{204, "media.url.refused", false},
		{302, "media.url.refused", false}, // without Location
		{400, "media.url.refused", false},
		{429, "media.url.unreachable", true},
		{500, "media.url.unreachable", true},
		{503, "media.url.unreachable", true},
	} {
		u := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) })
		for _, prepare := range []func(context.Context, string) error{
			func(ctx context.Context, u string) error {
				_, err := l.Prepare(ctx, address(t, u), feed)
				return err
			},
			func(ctx context.Context, u string) error {
				_, err := l.PrepareVideo(ctx, address(t, u), feed)
				return err
			},
		} {
			e := requireRule(t, prepare(t.Context(), u+"/x?token=hunter2"), c.rule, c.temporary)
			if c.status != 302 {
				require.Contains(t, e.Error(), strconv.Itoa(c.status))
			}
		}
	}
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = io.WriteString(w, "<!doctype html><title>Log in</title>")
	})
	_, err := l.Prepare(t.Context(), address(t, u), feed)
	e := requireRule(t, err, "media.type.unsupported", false)
	require.Contains(t, e.Error(), "web page")
	for _, s := range []string{"data:image/png;base64,AAAA", "ftp://example.org/a.jpg", "/a.jpg", "https:///a.jpg",
		"https://example.org:65536/a.jpg", "https://example.org:0/a.jpg", "https://192.0.2.256/a.jpg",
		"https://example..org/a.jpg"} {
		_, err = l.Prepare(t.Context(), address(t, s), feed)
		requireRule(t, err, "media.url.invalid", false)
	}
	empty(t, dir)
}

func TestUnreachableServers(t *testing.T) {
	t.Parallel()
	body := encodeJPEG(t, quarters(800, 800, plainCorners))
	gone := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2]) // then the connection is closed
	})
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(body[:2000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	l, dir := setupWith(t, Limits{Timeout: 200 * time.Millisecond})
	for _, u := range []string{gone, slow, "http://127.0.0.1:1"} {
		_, err := l.Prepare(t.Context(), address(t, u+"/?token=hunter2"), feed)
		requireRule(t, err, "media.url.unreachable", true)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.Prepare(ctx, address(t, slow), feed)
	requireRule(t, err, "media.url.unreachable", true)
	require.ErrorIs(t, err, context.Canceled)
	empty(t, dir)
}

func TestEndlessBodiesAreCut(t *testing.T) {
	t.Parallel()
	l, dir := setupWith(t, Limits{MaxSource: 1 << 20, MaxVideo: 1 << 20})
	endless := func(head string) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, head)
			for err == nil {
				_, err = w.Write(make([]byte, 64<<10))
			}
		})
	}
	declared := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(1<<40))
		_, _ = io.WriteString(w, "\xff\xd8\xff")
	})
	_, err := l.Prepare(t.Context(), address(t, endless("\xff\xd8\xff\xe0")), feed)
	requireRule(t, err, "media.image.too-large", false)
	_, err = l.Prepare(t.Context(), address(t, declared), feed)
	requireRule(t, err, "media.image.too-large", false)
	_, err = l.PrepareVideo(t.Context(), address(t, endless("\x00\x00\x00\x10ftypisom\x00\x00\x00\x00")),
		Rules{Name: "reel"})
	requireRule(t, err, "media.video.too-large", false)
	_, err = l.PrepareVideo(t.Context(), address(t, endless("<html>")), Rules{Name: "reel"})
	requireRule(t, err, "media.type.unsupported", false)
	empty(t, dir)
}

func TestPrivateAddressesAreBlocked(t *testing.T) {
	t.Parallel()
	l, err := NewLibrary(t.TempDir(), egress.NewClient(egress.Options{}), Limits{})
	require.NoError(t, err)
	u := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	_, err = l.Prepare(t.Context(), address(t, u+"/?token=hunter2"), feed)
	e := requireRule(t, err, "media.url.blocked", false)
	require.Contains(t, e.Error(), "network.allow")
	require.ErrorIs(t, err, egress.ErrBlocked)

	// Redirects lead from an allowed server to a blocked one, and into a loop.
	var next string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, next, http.StatusFound) })
	client := egress.NewClient(egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	t.Cleanup(client.CloseIdleConnections)
	l, err = NewLibrary(t.TempDir(), client, Limits{})
	require.NoError(t, err)
	next = "http://169.254.169.254/latest/meta-data/"
	_, err = l.Prepare(t.Context(), address(t, s), feed)
	requireRule(t, err, "media.url.blocked", false)
	next = s
	_, err = l.Prepare(t.Context(), address(t, s), feed)
	requireRule(t, err, "media.url.redirects", false)
	for _, next = range []string{"file:///etc/passwd", "http://127.0.0.1:70000/"} {
		_, err = l.Prepare(t.Context(), address(t, s), feed)
		requireRule(t, err, "media.url.invalid", false)
	}
}

func TestDiskErrorsAreNotTheSourcesFault(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	l.dir = dir + "/gone"
	_, err := l.PrepareBytes(t.Context(), encodeJPEG(t, quarters(400, 400, plainCorners)), source(t), feed)
	requireRule(t, err, "media.library", true)
	require.ErrorIs(t, err, fs.ErrNotExist)

	// When the disk is full, deleting unused files may make room.
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no such device")
	}
	require.False(t, l.Full())
	temp := &temp{f: full, sum: newHash(), full: &l.full}
	_, err = temp.Write([]byte("x"))
	require.Error(t, err)
	require.True(t, l.Full())
}
