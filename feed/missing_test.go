package feed

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/egress"
	"postern/reason"
	"postern/store"
)

// answers is an in-process site without sockets, so that time can advance in a synctest bubble.
type answers func(r *http.Request) (status int, body []byte)

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f(r)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
}

// A later poll, whether the feed has changed or not, queues a publication again that failed because its picture was
// missing.
func TestMissingPictureIsFound(t *testing.T) {
	for name, test := range map[string]struct {
		unchanged bool // the feed answers 304
		answer    int
		body      string
		want      store.State
	}{
		"available":                         {false, 200, "\xff\xd8\xff\xe0 a picture", store.Queued},
		"available, with an unchanged feed": {true, 200, "\xff\xd8\xff\xe0 a picture", store.Queued},
		"still missing":                     {false, 404, "", store.Failed},
		"a page that says not found":        {false, 200, "<!DOCTYPE html><title>Not found</title>", store.Failed},
		"nothing":                           {false, 200, "", store.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := doors.Open(t, filepath.Join(t.TempDir(), "postern.db"))
				defer s.Close()
				_, err := s.AddAccount(t.Context(), store.Account{API: "sandbox", UserID: "17", Username: "me"},
					func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
				require.NoError(t, err)
				asked, there, unchanged := 0, false, false
				client := &http.Client{Transport: answers(func(r *http.Request) (int, []byte) {
					switch {
					case strings.HasSuffix(r.URL.Path, ".jpg"):
						asked++
						if !there {
							return 404, nil
						}
						return test.answer, []byte(test.body)
					case unchanged:
						return 304, nil
					}
					return 200, fmt.Appendf(nil, `<rss version="2.0"><channel><title>A blog</title>%s</channel></rss>`,
						item("a", time.Now().Add(-time.Hour), "Words."))
				})}
				p, err := NewPoller(Options{Store: s, Client: client, Schedule: "@every 5m"})
				require.NoError(t, err)
				_, _, err = p.Add(t.Context(), "https://blog.example/feed", "", "all")
				require.NoError(t, err)
				poll := func() {
					require.NoError(t, s.MakeFeedsDue(t.Context()))
					require.NoError(t, p.PollDue(t.Context()))
				}
				pub, err := s.Claim(t.Context(), time.Minute)
				require.NoError(t, err)
				pub, err = s.Advance(t.Context(), pub, store.Change{To: store.Failed,
					Reason: reason.New(reason.Media, "not there"), Missing: "https://blog.example/a.jpg"})
				require.NoError(t, err)

				there, unchanged = true, test.unchanged
				poll()
				require.Zero(t, asked, "it was requested a moment ago")
				time.Sleep(time.Hour)
				poll()
				require.Equal(t, 1, asked)
				poll()
				require.Equal(t, 1, asked, "once an hour")
				got, err := s.Publication(t.Context(), pub.ID)
				require.NoError(t, err)
				require.Equal(t, test.want, got.State)

				time.Sleep(40 * 24 * time.Hour)
				poll()
				require.Equal(t, 1, asked, "not forever")
			})
		})
	}
}

// A publication that failed because of a damaged picture is queued again when the URL serves another file. The file
// is requested as rarely as a missing one. If the site supports conditional requests, it sends nothing; if it sends
// a different ETag with each answer, only the content decides.
func TestDamagedPictureIsReplaced(t *testing.T) {
	bad, good := "\xff\xd8\xff\xe0 a pict", "\xff\xd8\xff\xe0 a picture"
	seen := store.Seen{SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(bad))), ETag: `"1"`,
		LastModified: "Mon, 02 Mar 2026 10:00:00 GMT"}
	for name, test := range map[string]struct {
		seen   store.Seen
		answer int
		body   string
		want   bool
	}{
		"another file": {seen, 200, good, true},
		"another file, from a site without validators": {store.Seen{SHA256: seen.SHA256}, 200, good, true},
		"the same ETag":                   {seen, 304, "", false},
		"the same file with another ETag": {seen, 200, bad, false},
		"a page":                          {seen, 200, "<!DOCTYPE html><title>Not found</title>", false},
		"nothing":                         {seen, 200, "", false},
		"gone":                            {seen, 404, good, false},
		"a server error":                  {seen, 503, good, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &http.Client{Transport: answers(func(r *http.Request) (int, []byte) {
				require.Equal(t, egress.AcceptPictures, r.Header.Get("Accept"))
				require.Equal(t, test.seen.ETag, r.Header.Get("If-None-Match"))
				require.Equal(t, test.seen.LastModified, r.Header.Get("If-Modified-Since"))
				return test.answer, []byte(test.body)
			})}
			p := &Poller{o: Options{Client: client}}
			require.Equal(t, test.want, p.isAvailable(t.Context(),
				store.Missing{URL: "https://blog.example/a.jpg", Seen: test.seen}))
		})
	}
}

// Postern looks for a missing picture at the time shown on the page and not before, and for all missing pictures
// when a person checks the feed.
func TestMissingPicturesAreLookedForOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := doors.Open(t, filepath.Join(t.TempDir(), "postern.db"))
		defer s.Close()
		_, err := s.AddAccount(t.Context(), store.Account{API: "sandbox", UserID: "17", Username: "me"},
			func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
		require.NoError(t, err)
		asked, feedAnswers := 0, 200
		client := &http.Client{Transport: answers(func(r *http.Request) (int, []byte) {
			if strings.HasSuffix(r.URL.Path, ".jpg") {
				asked++
				return 404, nil
			}
			var items strings.Builder
			for n := range missingAtOnce + 2 {
				items.WriteString(item(fmt.Sprint("a", n), time.Now().Add(-time.Hour), "Words."))
			}
			return feedAnswers, fmt.Appendf(nil, `<rss version="2.0"><channel><title>A blog</title>%s</channel></rss>`,
				items.String())
		})}
		p, err := NewPoller(Options{Store: s, Client: client, Schedule: "@every 45m"})
		require.NoError(t, err)
		f, _, err := p.Add(t.Context(), "https://blog.example/feed", "", "all")
		require.NoError(t, err)
		fail := func() (id int64) {
			pub, err := s.Claim(t.Context(), time.Minute)
			require.NoError(t, err)
			_, err = s.Advance(t.Context(), pub, store.Change{To: store.Failed,
				Reason: reason.New(reason.Media, "not there"), Missing: "https://blog.example/a.jpg"})
			require.NoError(t, err)
			return pub.ID
		}
		id := fail()
		poll := func() (looks int) {
			before := asked
			require.NoError(t, p.PollDue(t.Context()))
			return asked - before
		}
		for range 3 { // the first poll after the hour, or exactly after the hour
			l, err := s.Listed(t.Context(), id)
			require.NoError(t, err)
			at, later := l.LookedForAt()
			time.Sleep(time.Until(at) - time.Second)
			require.Zero(t, poll(), "too early")
			time.Sleep(time.Second)
			if later {
				l, err = s.Listed(t.Context(), id)
				require.NoError(t, err)
				time.Sleep(time.Until(l.Feed.NextPollAt))
			}
			require.Equal(t, 1, poll(), "at the time shown")
		}

		for range missingAtOnce + 1 {
			fail()
		}
		for range 2 {
			require.NoError(t, s.CheckFeeds(t.Context(), f.ID))
			require.Equal(t, missingAtOnce+2, poll(), "a check by a person looks for all of them")
		}
		feedAnswers = 503
		require.NoError(t, s.CheckFeeds(t.Context()))
		require.Equal(t, missingAtOnce+2, poll(), "even if the feed does not answer")
		require.NoError(t, s.MakeFeedsDue(t.Context()))
		require.Zero(t, poll(), "no person asked")
		before := asked
		require.NoError(t, p.FindMissingNow(t.Context(), f))
		require.Equal(t, before+missingAtOnce+2, asked)
		time.Sleep(2 * time.Hour)
		require.NoError(t, s.MakeFeedsDue(t.Context()))
		require.Equal(t, missingAtOnce, poll(), "only a few per poll without a person")
	})
}
