package media

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLibraryRemovesUnfinishedFiles(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	f, err := l.PrepareBytes(t.Context(), encodeJPEG(t, quarters(400, 400, plainCorners)), source(t), feed)
	require.NoError(t, err)
	// A crash during a download leaves such a file.
	require.NoError(t, os.WriteFile(filepath.Join(dir, tempPrefix+"123"), []byte("half"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "README"), []byte("the owner's"), 0o600))
	l, err = NewLibrary(dir, http.DefaultClient, Limits{})
	require.NoError(t, err)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2)
	list, err := l.List()
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, f.Name(), list[0].Name)
	require.Equal(t, f.Bytes, list[0].Bytes)
	require.False(t, list[0].ModTime.IsZero())
}

func TestPathAndRemove(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	f, err := l.PrepareBytes(t.Context(), encodeJPEG(t, quarters(400, 400, plainCorners)), source(t), feed)
	require.NoError(t, err)
	p, err := l.Path(f.Name())
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, f.Name()), p)
	require.NoError(t, os.Mkdir(filepath.Join(dir, strings.Repeat("a", 64)+".jpg"), 0o700))
	outside := filepath.Join(dir, "..", "secret.key")
	require.NoError(t, os.WriteFile(outside, []byte("hunter2"), 0o600))
	for _, name := range []string{
		"", ".", "..", "../secret.key", f.SHA256, f.SHA256 + ".png", f.SHA256 + ".jpg/", "/" + f.Name(),
		strings.ToUpper(f.SHA256) + ".jpg",
		f.Name() + "\n", strings.Repeat("0", 64) + ".jpg", strings.Repeat("0", 64) + ".mp4",
		strings.Repeat("a", 64) + ".jpg",
	} {
		_, err := l.Path(name)
		require.ErrorIs(t, err, fs.ErrNotExist, "%q", name)
		if name != strings.Repeat("a", 64)+".jpg" {
			require.NoError(t, l.Remove(name), "%q", name)
		}
	}
	require.FileExists(t, outside)
	require.FileExists(t, p)
	require.NoError(t, l.Remove(f.Name()))
	require.NoFileExists(t, p)
}

func TestHandler(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	body := encodeJPEG(t, quarters(400, 400, plainCorners))
	f, err := l.PrepareBytes(t.Context(), body, source(t), feed)
	require.NoError(t, err)
	mov := strings.Repeat("b", 64) + ".mov"
	require.NoError(t, os.WriteFile(filepath.Join(dir, mov), []byte("0123456789"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, tempPrefix+"1"), []byte("half"), 0o600))
	s := httptest.NewServer(l.Handler())
	t.Cleanup(s.Close)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask := func(method, path string, header ...string) (*http.Response, string) {
		req, err := http.NewRequest(method, s.URL+path, nil)
		require.NoError(t, err)
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Empty(t, res.Header.Values("Set-Cookie"))
		return res, string(b)
	}

	etag := `"` + f.SHA256 + `"`
	for _, method := range []string{"GET", "HEAD"} {
		res, got := ask(method, "/media/"+f.Name())
		require.Equal(t, 200, res.StatusCode)
		require.Equal(t, "image/jpeg", res.Header.Get("Content-Type"))
		require.Equal(t, etag, res.Header.Get("ETag"))
		require.Equal(t, "public, max-age=31536000, immutable", res.Header.Get("Cache-Control"))
		require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
		require.EqualValues(t, len(body), res.ContentLength)
		require.Equal(t, "bytes", res.Header.Get("Accept-Ranges"))
		if method == "GET" {
			require.Equal(t, string(body), got)
		} else {
			require.Empty(t, got)
		}
	}
	// Instagram's fetcher sends such a request.
	const crawler = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
	ranged, part := ask("GET", "/media/"+f.Name(), "User-Agent", crawler, "Range", "bytes=0-524287", "Accept-Encoding",
		"deflate, gzip")
	require.Equal(t, 206, ranged.StatusCode)
	require.Equal(t, string(body), part)
	require.Empty(t, ranged.Header.Get("Content-Encoding"))
	ranged, part = ask("GET", "/media/"+f.Name(), "User-Agent", crawler, "Range", "bytes=-2")
	require.Equal(t, 206, ranged.StatusCode)
	require.Equal(t, "\xff\xd9", part)
	ranged, _ = ask("HEAD", "/media/"+mov, "User-Agent", crawler)
	require.Equal(t, 200, ranged.StatusCode)
	require.EqualValues(t, 10, ranged.ContentLength)
	require.Equal(t, "video/quicktime", ranged.Header.Get("Content-Type"))
	res, got := ask("GET", "/media/"+mov, "Range", "bytes=2-4")
	require.Equal(t, 206, res.StatusCode)
	require.Equal(t, "234", got)
	require.Equal(t, "bytes 2-4/10", res.Header.Get("Content-Range"))
	require.Equal(t, "video/quicktime", res.Header.Get("Content-Type"))
	res, _ = ask("GET", "/media/"+f.Name(), "If-None-Match", etag)
	require.Equal(t, 304, res.StatusCode)
	res, _ = ask("GET", "/media/"+mov, "Range", "bytes=99-")
	require.Equal(t, 416, res.StatusCode)

	for _, path := range []string{
		"/", "/media", "/media/", "/media/index.html", "/media/../media/" + f.Name(), "/media//" + f.Name(),
		"/" + f.Name(), "/media/" + f.SHA256,
		"/media/" + f.SHA256 + ".mp4", "/media/" + f.Name() + "/", "/media/" + tempPrefix + "1",
		"/media/%2e%2e%2fsecret.key",
	} {
		res, _ := ask("GET", path)
		require.Equal(t, 404, res.StatusCode, path)
		require.Equal(t, "no-store", res.Header.Get("Cache-Control"), path)
	}
	res, _ = ask("POST", "/media/"+f.Name())
	require.Equal(t, 405, res.StatusCode)
	require.Equal(t, "GET, HEAD", res.Header.Get("Allow"))
}
