package publisher

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/address"
	"postern/doors"
	"postern/egress"
	"postern/instagram"
	"postern/instagram/simulator"
	"postern/media"
	"postern/store"
	"postern/vault"
)

// theStage is the environment of a test in one process: a database file, a simulated Instagram, and a site with
// pictures.
type theStage struct {
	t             *testing.T
	dir           string
	store         *store.Store
	sim           *simulator.Server
	box           *simulator.Server // Instagram of the sandbox accounts; nil if there is none
	acc           *accounts.Accounts
	library       *media.Library
	account       store.Account
	feed          store.Feed
	posts         []store.Post // the posts in the site's feed
	public        string
	settle        time.Duration
	idle          time.Duration
	preflightTime time.Duration
	key           vault.Key
	site          *theSite
	front         http.RoundTripper // transport to our public URL; nil serves the media files
	bucket        *address.Bucket   // where files are uploaded instead; nil for none
	build         http.RoundTripper // transport to the receiver of webhooks; nil disables webhooks
	api           http.RoundTripper // transport to Instagram; nil calls the simulator directly
	base          string            // base URL for api; "" for plain HTTP

	stop func() // stops the running publisher and waits for it
	pub  *Publisher
}

// theSite serves a file at every URL, of the type that the URL's extension names.
type theSite struct {
	gone  map[string]bool
	apart bool              // the site is in a network that network.allow excludes
	moved map[string]string // by URL, the older URL of the same bytes
	shows map[string][]byte // by URL, the bytes to serve regardless of the extension
	reel  []byte
	paint uint8 // pictures of another value differ
	// URLs containing "slow" answer when it is closed, those containing "tardy" after most of a minute.
	slow chan struct{}

	mu        sync.Mutex
	asked     map[string]int
	toCrawler http.Handler // answers Instagram's fetcher; nil answers it like everybody
	crawled   int          // number of requests by Instagram's fetcher, without robots.txt
}

// paintings caches encoded pictures for all tests. Encoding them each time would take a fifth of the tests' time.
var paintings sync.Map

// pictureAt returns a picture that is unique to the path and paint, in the format of the path's extension.
func pictureAt(path string, paint uint8) []byte {
	key := fmt.Sprint(path, paint)
	if b, ok := paintings.Load(key); ok {
		return b.([]byte)
	}
	m := image.NewRGBA(image.Rect(0, 0, 640, ifElse(strings.Contains(path, "wide"), 400, 640)))
	h := fnv.New32a()
	h.Write([]byte(path))
	for i := range m.Pix {
		m.Pix[i] = uint8(h.Sum32()>>(i%4*8)) ^ uint8(i>>14) ^ paint
	}
	m.SetRGBA(1, 1, color.RGBA{1, 2, 3, 255})
	var b bytes.Buffer
	if strings.HasSuffix(path, ".png") {
		_ = png.Encode(&b, m)
	} else {
		_ = jpeg.Encode(&b, m, nil)
	}
	paintings.Store(key, b.Bytes())
	return b.Bytes()
}

func (s *theSite) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	toCrawler := s.toCrawler
	s.mu.Unlock()
	if r.Header.Get("User-Agent") == address.Crawler && toCrawler != nil {
		if r.URL.Path != "/robots.txt" {
			s.mu.Lock()
			s.crawled++
			s.mu.Unlock()
		}
		res, err := within{toCrawler}.RoundTrip(r)
		if r.Context().Err() != nil { // the handler gave up too
			return nil, r.Context().Err()
		}
		return res, err
	}
	answer := func(code int, kind string, body []byte) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{"Content-Type": {kind}},
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r, Proto: "HTTP/1.1",
			ProtoMajor: 1, ProtoMinor: 1}, nil
	}
	s.mu.Lock()
	s.asked[r.URL.Path]++
	apart := s.apart
	s.mu.Unlock()
	if apart {
		return nil, egress.ErrBlocked
	}
	if strings.Contains(r.URL.Path, "slow") {
		select {
		case <-s.slow:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if strings.Contains(r.URL.Path, "tardy") {
		time.Sleep(50 * time.Second)
	}
	p := r.URL.Path
	if from := s.moved[p]; from != "" {
		p = from
	}
	switch {
	case s.gone[p]:
		return answer(404, "text/plain", []byte("not here"))
	case s.shows[p] != nil:
		return answer(200, "image/jpeg", s.shows[p])
	case strings.HasSuffix(p, "cut.jpg"):
		return answer(200, "image/jpeg", pictureAt(p, s.paint)[:500])
	case strings.HasSuffix(p, ".jpg"):
		return answer(200, "image/jpeg", pictureAt(p, s.paint))
	case strings.HasSuffix(p, ".png"):
		return answer(200, "image/png", pictureAt(p, s.paint))
	case strings.HasSuffix(p, "endless.gif"):
		return answer(200, "image/gif", longGIF())
	case strings.HasSuffix(p, ".gif"):
		return answer(200, "image/gif", animation(p))
	case strings.HasSuffix(p, ".webp"):
		b, err := os.ReadFile("../media/testdata/animated.webp")
		if err != nil {
			return nil, err
		}
		return answer(200, "image/webp", b)
	case strings.HasSuffix(p, ".mp4"):
		return answer(200, "video/mp4", s.film(p))
	}
	return answer(404, "text/plain", nil)
}

// film returns a short reel. "long" in its path makes its header state an hour, "small" or "landscape" other
// dimensions, and "last" moves the index to the end.
func (s *theSite) film(path string) []byte {
	b := bytes.Clone(s.reel)
	if strings.Contains(path, "long") {
		at := bytes.Index(b, []byte("mvhd")) + 4 + 12 // skips version, flags and two times
		scale := binary.BigEndian.Uint32(b[at:])
		binary.BigEndian.PutUint32(b[at+4:], 3600*scale)
	}
	for name, size := range map[string]uint32{"small": 360<<16 | 640, "landscape": 1280<<16 | 720} {
		if strings.Contains(path, name) {
			at := bytes.Index(b, []byte("avc1\x00\x00\x00\x00\x00\x00")) + 4 + 24
			binary.BigEndian.PutUint32(b[at:], size)
		}
	}
	if strings.Contains(path, "last") { // moves the index after the media data
		at := bytes.Index(b, []byte("moov")) - 4
		end := at + int(binary.BigEndian.Uint32(b[at:]))
		index := bytes.Clone(b[at:end])
		b = append(append(b[:at], b[end:]...), index...)
	}
	return b
}

var discard = slog.New(slog.DiscardHandler)

func imageOf(name string) instagram.Image {
	return instagram.Image{URL: "https://elsewhere.example.org/" + name}
}

const token = "IGAA-made-up-token-of-the-tests"

// setup returns a new stage. It must be called inside a synctest bubble.
func setup(t *testing.T) *theStage {
	t.Helper()
	s := &theStage{t: t, dir: t.TempDir(), settle: 3 * time.Minute, idle: time.Hour, preflightTime: stepTime,
		public: "https://postern.example.org",
		site:   &theSite{gone: map[string]bool{}, asked: map[string]int{}, slow: make(chan struct{})}}
	s.sim = simulator.New(simulator.Options{Seed: 7, Kind: true})
	who := s.sim.AddAccount(simulator.Account{Username: "harbour", Token: token})
	var err error
	s.site.reel, err = os.ReadFile("../cmd/postern/sample/reel.mp4")
	require.NoError(t, err)
	s.key = doors.Key(t, s.dir)
	s.library, err = media.NewLibrary(filepath.Join(s.dir, "media"), &http.Client{Transport: s.site},
		media.Limits{FFmpeg: notInstalled})
	require.NoError(t, err)
	s.open()
	t.Cleanup(s.close)
	s.account, err = s.acc.Add(t.Context(), accounts.Candidate{API: store.Instagram, Label: "Harbour", Token: token})
	require.NoError(t, err)
	require.Equal(t, who.UserID, s.account.UserID)
	s.feed, err = s.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "all"})
	require.NoError(t, err)
	s.poll()
	return s
}

// open opens everything that a process opens at its start.
func (s *theStage) open() {
	s.store = doors.Open(s.t, filepath.Join(s.dir, "postern.db"))
	o := accounts.Options{Store: s.store, Key: s.key, Version: "v24.0",
		HTTP: &http.Client{Transport: s.sim.Transport()}, Timeout: time.Minute}
	if s.api != nil {
		o.BaseURL, o.HTTP.Transport = cmp.Or(s.base, "http://graph.example.org"), s.api
	}
	if s.box != nil {
		o.Sandbox = s.box.Transport()
	}
	s.acc = accounts.New(o)
}

// connect reopens the stage with another transport to Instagram.
func (s *theStage) connect(api http.RoundTripper) {
	s.api = api
	s.close()
	s.open()
}

// other opens the database a second time, as another process does.
func (s *theStage) other() *store.Store {
	s.t.Helper()
	other, err := store.Open(s.t.Context(), s.store.Path(), store.Options{})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, other.Close()) })
	return other
}

func (s *theStage) close() {
	s.stopPublisher()
	s.store.Close()
}

// start runs a publisher until stopPublisher is called.
func (s *theStage) start() {
	s.stopPublisher()
	s.pub = New(Options{Store: s.store, Accounts: s.acc, Media: s.library, Public: s.outside(), Webhooks: s.webhooks(),
		Settle: s.settle, Logger: discard})
	s.pub.idle, s.pub.preflightTime = s.idle, s.preflightTime
	run := s.pub.Run // a test may replace the publisher
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	s.stop = func() {
		cancel()
		require.NoError(s.t, <-ended)
		s.stop = nil
	}
}

// outside returns our public URL as seen from the internet. It serves the media files unless front is set.
func (s *theStage) outside() *address.Public {
	front := s.front
	switch {
	case front == nil && s.public == "": // requests go to the site
		front = s.site
	case front == nil:
		front = within{s.library.Handler()}
	}
	p, err := address.New(address.Options{BaseURL: s.public, Bucket: s.bucket, Library: s.library, Store: s.store,
		Client: &http.Client{Transport: front}, Logger: discard})
	require.NoError(s.t, err)
	return p
}

// within is a transport that calls a handler in this process, so that the time of a bubble can advance meanwhile.
type within struct{ http.Handler }

func (t within) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context()) // as a server would receive it
	in.RequestURI, in.Host = r.URL.RequestURI(), ifElse(r.Host == "", r.URL.Host, r.Host)
	if r.ContentLength > 0 {
		in.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	w := httptest.NewRecorder()
	t.ServeHTTP(w, in)
	res := w.Result()
	res.Request = r
	return res, nil
}

func (s *theStage) stopPublisher() {
	if s.stop != nil {
		s.stop()
	}
}

// restart does what a killed process and its successor do to the database.
func (s *theStage) restart() {
	s.close()
	s.open()
	s.start()
}

// notInstalled is the name of a program that no machine has.
const notInstalled = "no-such-ffmpeg"

// typeOf returns the media type for a file name.
func typeOf(name string) store.MediaType {
	if strings.HasSuffix(name, ".mp4") {
		return store.Video
	}
	return store.Image
}

// entry adds a post to the site and polls.
func (s *theStage) entry(text string, media ...string) store.Publication {
	s.t.Helper()
	p := store.Post{GUID: fmt.Sprintf("g%d", len(s.posts)+1), Text: text,
		PublishedAt: time.Now().Add(time.Duration(len(s.posts)-30) * time.Second), Decision: store.Publish}
	for _, m := range media {
		p.Media = append(p.Media, store.Media{Type: typeOf(m), URL: "https://blog.example.org/" + m, Alt: "alt of " + m})
	}
	s.posts = append(s.posts, p)
	s.poll()
	l := s.list()
	return l[len(l)-1].Publication
}

func (s *theStage) poll() {
	s.t.Helper()
	f, err := s.store.Feed(s.t.Context(), s.feed.ID)
	require.NoError(s.t, err)
	f.NextPollAt, f.LastPolledAt = time.Now().Add(time.Hour), time.Now()
	_, err = s.store.SavePosts(s.t.Context(), f, s.posts, true)
	require.NoError(s.t, err)
}

func (s *theStage) list() []store.Listed {
	s.t.Helper()
	l, err := s.store.Publications(s.t.Context(), store.Filter{})
	require.NoError(s.t, err)
	return l
}

func (s *theStage) get(id int64) store.Publication {
	s.t.Helper()
	p, err := s.store.Publication(s.t.Context(), id)
	require.NoError(s.t, err)
	return p
}

// reach lets time pass until the publication has the state, at most as long as within.
func (s *theStage) reach(id int64, want store.State, within time.Duration) store.Publication {
	s.t.Helper()
	began := time.Now()
	for end := began.Add(within); ; time.Sleep(ifElse(time.Since(began) < 10*time.Minute, time.Second, time.Minute)) {
		synctest.Wait()
		p := s.get(id)
		if p.State == want {
			return p
		}
		if time.Now().After(end) {
			s.t.Log(s.history(id))
			require.Equal(s.t, want, p.State, "after %s: %s", within, p.Reason.String())
		}
	}
}

func (s *theStage) history(id int64) string {
	events, err := s.store.EventsOf(s.t.Context(), id)
	require.NoError(s.t, err)
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%s %s %s→%s %d/%d %s\n", e.At.Format(time.TimeOnly), e.Kind, e.From, e.To, e.Code, e.Subcode,
			e.Message)
	}
	return b.String()
}

// live returns the posts on the profile.
func (s *theStage) live() []simulator.Post { return s.sim.Posts("") }
