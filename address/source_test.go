package address

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/egress"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64)), nil))
	return b.Bytes()
}

// A host in network.allow counts as reachable, with a note. Others in a private network are refused by name, whatever
// leads there.
func TestSourceInAPrivateNetwork(t *testing.T) {
	h := setup(t)
	body := picture(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write(body)
	}))
	t.Cleanup(site.Close)
	r, err := h.public("", nil).AskSource(t.Context(), Source{Address: site.URL + "/a.jpg"})
	require.NoError(t, err)
	require.Empty(t, r.Shut+r.Busy)
	require.Contains(t, r.Note, "is in network.allow. Servers there can fetch from it, Instagram itself cannot")

	strict := egress.NewClient(egress.Options{})
	t.Cleanup(strict.CloseIdleConnections)
	r, err = h.public("", strict).AskSource(t.Context(), Source{Address: site.URL + "/a.jpg?key=hidden"})
	require.NoError(t, err)
	require.Contains(t, r.Shut, "is in a private network")
	require.Contains(t, r.Shut, "(media.url.private)")
	require.NotContains(t, r.Shut, "hidden")
	require.Empty(t, r.Busy+r.Note)
}

// No public address at all is no reason to fail: sandbox accounts and doctor have none.
func TestSourceWithoutAClient(t *testing.T) {
	t.Parallel()
	var none *Public
	r, err := none.AskSource(t.Context(), Source{Address: "https://blog.example/a.jpg"})
	require.NoError(t, err)
	require.Zero(t, r)
	none.Doubt(t.Context())
}

func TestSourceFits(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{
		"image/jpeg": true, "image/jpg": true, "image/pjpeg": true, "image/png": true, "": true,
		"text/html": false, "text/plain": false, "application/octet-stream": false, "binary/octet-stream": false,
		"image/webp": false, "image/svg+xml": false, "video/mp4": false,
	} {
		require.Equal(t, want, Source{}.fits(kind), kind)
	}
	for kind, want := range map[string]bool{"video/mp4": true, "video/quicktime": true, "application/mp4": true,
		"": true, "application/octet-stream": false, "text/html": false, "image/jpeg": false} {
		require.Equal(t, want, Source{Video: true}.fits(kind), kind)
	}
}
