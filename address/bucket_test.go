package address

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/address/s3test"
	"postern/media"
	"postern/store"
)

// theStorage is a storage on a socket.
type theStorage struct {
	*s3test.Storage
	*httptest.Server
	t *testing.T
}

func newStorage(t *testing.T, start func(http.Handler) *httptest.Server) *theStorage {
	t.Helper()
	s := s3test.New()
	h := start(s)
	t.Cleanup(h.Close)
	return &theStorage{s, h, t}
}

// bucket is the configuration that fits the storage.
func (s *theStorage) bucket() *Bucket {
	return &Bucket{
		Endpoint: s.URL, Region: "us-east-1", Name: s3test.Bucket, Prefix: "/of/postern/",
		PublicURL: s.URL + "/pictures/",
		AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey,
	}
}

func (s *theStorage) keys() []string {
	keys, err := s.Keys()
	require.NoError(s.t, err)
	return keys
}

// Encrypted, the body is not signed: another way through the client.
func TestBucketBehindTLS(t *testing.T) {
	h := setup(t)
	s := newStorage(t, httptest.NewTLSServer)
	p := h.public("", s.Client(), s.bucket())
	found := p.Check(t.Context())
	require.Equal(t, rule, found[len(found)-1].Check, found)
	name, body, err := h.library.Specimen()
	require.NoError(t, err)
	require.NoError(t, p.Offer(t.Context(), name))
	res, err := s.Client().Get(p.URL(name))
	require.NoError(t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, body, got)
}

func TestBucketTakesEachFileOnce(t *testing.T) {
	h := setup(t)
	s := newStorage(t, httptest.NewServer)
	p := h.public("https://unused.example.org", nil, s.bucket())
	name, body, err := h.library.Specimen()
	require.NoError(t, err)
	require.Equal(t, s.URL+"/pictures/of/postern/"+name, p.URL(name))

	require.NoError(t, p.Offer(t.Context(), name))
	at := "/pictures/of/postern/" + name
	require.Equal(t, []string{"HEAD " + at, "PUT " + at}, s.Calls())
	require.Equal(t, "image/jpeg", s.Head(at).Get("Content-Type"))
	require.Equal(t, "public, max-age=31536000, immutable", s.Head(at).Get("Cache-Control"))
	res, err := http.Get(p.URL(name))
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
	require.EqualValues(t, len(body), res.ContentLength)
	require.Equal(t, "image/jpeg", res.Header.Get("Content-Type"))

	require.NoError(t, p.Offer(t.Context(), name))
	require.Equal(t, []string{"HEAD " + at}, s.Calls(), "it is there already")

	// One that is there but not whole is replaced.
	require.NoError(t, s.Put("of/postern/"+name, "image/jpeg", "half"))
	require.NoError(t, p.Offer(t.Context(), name))
	require.Equal(t, []string{"HEAD " + at, "PUT " + at}, s.Calls())

	var me *media.Error
	require.ErrorAs(t, p.Offer(t.Context(), strings.Repeat("0", 64)+".jpg"), &me)
	require.Equal(t, "media.library", me.Rule)
}

// A video is larger than what the library would send in parts.
func TestBucketTakesVideosInOnePiece(t *testing.T) {
	h := setup(t)
	s := newStorage(t, httptest.NewServer)
	p := h.public("", nil, s.bucket())
	name := strings.Repeat("a", 64) + ".mp4"
	require.NoError(t, os.WriteFile(filepath.Join(h.dir, "media", name), make([]byte, 24<<20), 0o600))
	require.NoError(t, p.Offer(t.Context(), name))
	at := "/pictures/of/postern/" + name
	require.Equal(t, []string{"HEAD " + at, "PUT " + at}, s.Calls())
	require.Equal(t, "video/mp4", s.Head(at).Get("Content-Type"))
}

func TestCheckOfABucket(t *testing.T) {
	h := setup(t)
	s := newStorage(t, httptest.NewServer)
	last := func(p *Public) store.Finding {
		found := p.Check(t.Context())
		return found[len(found)-1]
	}
	p := h.public("", nil, s.bucket())
	f := last(p)
	require.Equal(t, rule, f.Check, f)
	require.Equal(t, "the public address "+s.URL+"/pictures serves our files", f.Detail)
	require.Empty(t, s.keys(), "the check takes its file away again")
	h.nothingLeft()

	s.Hide(true)
	f = last(p)
	require.Equal(t, ruleWall, f.Check, f)
	require.Contains(t, f.Remedy, "let everyone read the files under the bucket's prefix")
	s.Hide(false)

	wrong := s.bucket()
	wrong.PublicURL = s.URL + "/else"
	f = last(h.public("", nil, wrong))
	require.Equal(t, ruleNotFound, f.Check, f)
	require.Contains(t, f.Remedy, "media.s3.public_url")

	for name, c := range map[string]struct {
		change func(b *Bucket)
		says   string
	}{
		"secret": {func(b *Bucket) { b.SecretKey = "wrong-secret" },
			"does not take the secret key; correct media.s3.secret_key_file"},
		"access": {func(b *Bucket) { b.AccessKey = "WRONGKEY" }, "does not know the access key"},
		"bucket": {func(b *Bucket) { b.Name = "none-such" }, `there is no bucket "none-such"`},
		"endpoint": {func(b *Bucket) { b.Endpoint = "http://127.0.0.1:1" },
			"cannot be reached: the server refused the connection"},
	} {
		b := s.bucket()
		c.change(b)
		p := h.public("", nil, b)
		f := last(p)
		require.Equal(t, ruleBucket, f.Check, name)
		require.False(t, f.OK, name)
		require.Contains(t, f.Detail, c.says, name)
		r, err := p.Ready(t.Context())
		require.NoError(t, err)
		require.Contains(t, r.Shut, c.says, name)
		for _, secret := range []string{s3test.SecretKey, "wrong-secret", s3test.AccessKey, "WRONGKEY"} {
			require.NotContains(t, fmt.Sprintf("%v %+v %s", f, r, p.Offer(t.Context(), "x")), secret, name)
		}
	}
	s.Refuse("SlowDown")
	require.Contains(t, last(p).Detail, "the bucket refused (SlowDown, status 403)")
	h.nothingLeft()
}

func TestBucketNeedsAPlainEndpoint(t *testing.T) {
	h := setup(t)
	for _, endpoint := range []string{"", "s3.example.org", "https://s3.example.org/pictures"} {
		_, err := New(Options{Bucket: &Bucket{Endpoint: endpoint, Name: "b"}, Client: http.DefaultClient,
			Store: h.store})
		require.ErrorContains(t, err, "media.s3.endpoint", endpoint)
	}
}

// Only old files of ours go, and none that is needed or just now offered.
func TestPruneOfABucket(t *testing.T) {
	h := setup(t)
	s := newStorage(t, httptest.NewServer)
	p := h.public("", nil, s.bucket())
	put := func(key string) { require.NoError(t, s.Put(key, "", "x")) }
	digits := func(c string) string { return strings.Repeat(c, 64) + ".jpg" }
	for _, c := range "abc" {
		put("of/postern/" + digits(string(c)))
	}
	for _, key := range []string{digits("d"), "of/postern/README.md", "of/postern/deeper/" + digits("e"),
		"of/postern2/" + digits("f")} {
		put(key)
	}
	offered, _, err := h.library.Specimen()
	require.NoError(t, err)
	require.NoError(t, p.Offer(t.Context(), offered))
	keep := func(name string) bool { return name == digits("b") }

	n, err := p.Prune(t.Context(), keep, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Zero(t, n, "all are too young")

	// As if an hour had passed for the storage, and the file had been offered again in this moment.
	soon := time.Now().Add(time.Hour)
	p.bucket.offered[offered] = soon
	n, err = p.Prune(t.Context(), keep, soon)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.ElementsMatch(t, []string{
		digits("d"), "of/postern/README.md", "of/postern/deeper/" + digits("e"), "of/postern2/" + digits("f"),
		"of/postern/" + digits("b"), "of/postern/" + offered,
	}, s.keys())

	s.Refuse("AccessDenied")
	_, err = p.Prune(t.Context(), keep, soon)
	require.ErrorContains(t, err, "give the access key the rights")
	n, err = h.public("https://posse.example.org", nil).Prune(t.Context(), keep, soon)
	require.NoError(t, err)
	require.Zero(t, n)
}
