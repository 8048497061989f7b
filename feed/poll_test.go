package feed

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/store"
)

// site is a blog whose feed a test can change between polls.
type site struct {
	mu      sync.Mutex
	entries []string
	status  int
	header  map[string]string
	body    string // sent instead of the entries
	hits    atomic.Int64
	asked   []string // If-None-Match of each request
}

func (s *site) set(f func(*site)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hits.Add(1)
	s.asked = append(s.asked, r.Header.Get("If-None-Match"))
	for k, v := range s.header {
		w.Header().Set(k, v)
	}
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	body := s.body
	if body == "" {
		body = `<rss version="2.0"><channel><title>A blog</title><link>https://blog.example/</link>` +
			strings.Join(s.entries, "\n") + `</channel></rss>`
	}
	etag := fmt.Sprintf(`"%x"`, body)
	if len(etag) > 60 {
		etag = fmt.Sprintf(`"%d-%x"`, len(body), body[len(body)-20:])
	}
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	io.WriteString(w, body)
}

func item(id string, date time.Time, text string) string {
	pub := ""
	if !date.IsZero() {
		pub = "<pubDate>" + date.UTC().Format(time.RFC1123Z) + "</pubDate>"
	}
	return fmt.Sprintf(
		`<item><guid isPermaLink="false">tag:blog,%s</guid><title>Post %s</title>`+
			`<link>https://blog.example/%s</link>%s<description>&lt;p&gt;%s&lt;/p&gt;&lt;img `+
			`src="/%s.jpg"&gt;</description></item>`,
		id, id, id, pub, text, id)
}

// fixture is a Poller with a real store and account.
type fixture struct {
	*Poller
	store   *store.Store
	account store.Account
	wakes   atomic.Int64
}

func setup(t *testing.T) *fixture {
	ctx := t.Context()
	var err error
	s := doors.Store(t, t.TempDir())
	w := &fixture{store: s}
	s.OnDue(func() { w.wakes.Add(1) })
	w.account, err = s.AddAccount(ctx, store.Account{API: "sandbox", UserID: "17", Username: "me"},
		func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
	require.NoError(t, err)
	w.Poller, err = NewPoller(
		Options{Store: s, Client: client(t), Schedule: "@every 5m",
			Logger: slog.New(slog.DiscardHandler), MaxBytes: 1 << 20, Timeout: time.Minute})
	require.NoError(t, err)
	return w
}

// again polls all feeds now.
func (w *fixture) again(t *testing.T) {
	require.NoError(t, w.store.MakeFeedsDue(t.Context()))
	require.NoError(t, w.PollDue(t.Context()))
}

func (w *fixture) feed(t *testing.T, id int64) store.Feed {
	f, err := w.store.Feed(t.Context(), id)
	require.NoError(t, err)
	return f
}

// states returns the states and reasons of the publications by title.
func (w *fixture) states(t *testing.T) map[string]string {
	list, err := w.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	out := map[string]string{}
	for _, p := range list {
		out[p.Post.Title] = strings.TrimSuffix(string(p.Publication.State)+": "+p.Publication.Reason.String(), ": ")
	}
	return out
}

func TestPolling(t *testing.T) {
	t.Parallel()
	w := setup(t)
	old := time.Now().Add(-48 * time.Hour)
	blog := &site{entries: []string{item("1", old, "one"), item("2", time.Time{}, "two")}}
	f, saved, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "Blog", "now")
	require.NoError(t, err)
	require.Equal(t, 2, saved.New)
	require.Equal(t, "A blog", f.Title)
	require.Equal(t, "Blog", f.Label)
	require.False(t, f.FirstPolledAt.IsZero())
	require.NotEmpty(t, f.ETag)
	require.WithinDuration(t, time.Now().Add(5*time.Minute), f.NextPollAt, time.Minute)
	require.Equal(t, map[string]string{"Post 1": "skipped: was there when the feed was added",
		"Post 2": "skipped: was there when the feed was added"}, w.states(t))
	require.EqualValues(t, 1, blog.hits.Load())

	require.NoError(t, w.PollDue(t.Context()), "nothing is due")
	require.EqualValues(t, 1, blog.hits.Load())

	w.again(t)
	require.EqualValues(t, 2, blog.hits.Load())
	require.Equal(t, []string{"", f.ETag}, blog.asked, "the second poll is conditional")
	require.Equal(t, f.ETag, w.feed(t, f.ID).ETag, "a 304 keeps the validators")
	posts, err := w.store.Posts(t.Context(), f.ID, 10)
	require.NoError(t, err)
	require.Len(t, posts, 2, "a 304 keeps the posts")

	wakes := w.wakes.Load()
	blog.set(func(s *site) {
		s.entries = append([]string{item("3", time.Now().Add(time.Minute), "three"), item("4", old, "four"),
			item("5", time.Time{}, "five")}, s.entries...)
	})
	w.again(t)
	require.Greater(t, w.wakes.Load(), wakes)
	states := w.states(t)
	require.Equal(t, "queued", states["Post 3"])
	require.Equal(t, "queued", states["Post 5"], "an entry without a date that was not seen before is new")
	require.Contains(t, states["Post 4"], "held: appeared now but is dated ")

	blog.set(func(s *site) { s.entries[0] = item("3", time.Now().Add(time.Minute), "three, corrected") })
	w.again(t)
	posts, err = w.store.Posts(t.Context(), f.ID, 10)
	require.NoError(t, err)
	require.Equal(t, "three, corrected", posts[0].Text)
	require.False(t, posts[0].ChangedAt.IsZero())
	require.Equal(t, "queued", w.states(t)["Post 3"])
}

func TestPollingFlood(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog := &site{entries: []string{item("0", time.Time{}, "zero")}}
	_, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "now")
	require.NoError(t, err)
	blog.set(func(s *site) {
		for i := range 12 {
			s.entries = append(s.entries, item(fmt.Sprint("n", i), time.Now().Add(time.Minute), "new"))
		}
	})
	w.again(t)
	for i := range 12 {
		require.Equal(t, "held: 12 new entries at once", w.states(t)[fmt.Sprint("Post n", i)])
	}
}

func TestPollingTwoFeedsOnePost(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a, b := &site{}, &site{}
	_, _, err := w.Add(t.Context(), serve(t, a.ServeHTTP), "First", "now")
	require.NoError(t, err)
	second, _, err := w.Add(t.Context(), serve(t, b.ServeHTTP), "Second", "now")
	require.NoError(t, err)
	entry := item("9", time.Now().Add(time.Minute), "nine")
	a.set(func(s *site) { s.entries = []string{entry} })
	w.again(t)
	b.set(func(s *site) { s.entries = []string{entry} })
	w.again(t)
	list, err := w.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	require.Len(t, list, 2)
	for _, p := range list {
		if p.Post.FeedID == second.ID {
			require.Equal(t, store.Skipped, p.Publication.State)
			require.Regexp(t, `^the feed First brought the same post: publication \d+, waiting to be published$`,
				p.Publication.Reason.String())
		} else {
			require.Equal(t, store.Queued, p.Publication.State)
		}
	}
}

func TestPollingFailures(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog, other := &site{entries: []string{item("1", time.Time{}, "one")}}, &site{}
	f, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "now")
	require.NoError(t, err)
	good, _, err := w.Add(t.Context(), serve(t, other.ServeHTTP), "", "now")
	require.NoError(t, err)
	in := func(d time.Duration) {
		t.Helper()
		require.WithinDuration(t, time.Now().Add(d), w.feed(t, f.ID).NextPollAt, time.Minute)
	}

	blog.set(func(s *site) { s.status = 404 })
	other.set(func(s *site) { s.entries = []string{item("2", time.Now(), "two")} })
	w.again(t)
	require.Equal(t, 1, w.feed(t, f.ID).Failures)
	require.Contains(t, w.feed(t, f.ID).Problem.String(), "404 Not Found")
	require.Equal(t, "queued", w.states(t)["Post 2"], "a failing feed does not affect others")
	require.Empty(t, w.feed(t, good.ID).Problem)
	in(5 * time.Minute)
	w.again(t)
	in(10 * time.Minute)
	w.again(t)
	in(20 * time.Minute)

	blog.set(func(s *site) { s.status, s.header = 503, map[string]string{"Retry-After": "7200"} })
	w.again(t)
	in(2 * time.Hour)
	blog.set(func(s *site) { s.status, s.header = 410, nil })
	w.again(t)
	require.Contains(t, w.feed(t, f.ID).Problem.String(), "gone for good")
	require.True(t, w.feed(t, f.ID).Paused, "410 stops the polling")
	hits := blog.hits.Load()
	w.again(t)
	require.Equal(t, hits, blog.hits.Load())

	blog.set(func(s *site) { s.status = 0 })
	require.NoError(t, w.store.PauseFeed(t.Context(), f.ID, false, store.Visitor))
	require.Zero(t, w.feed(t, f.ID).Failures)
	w.again(t)
	require.Zero(t, w.feed(t, f.ID).Failures)
	require.Empty(t, w.feed(t, f.ID).Problem)
	in(5 * time.Minute)
	require.Equal(t, f.ETag, blog.asked[len(blog.asked)-1], "failures keep the validators")

	blog.set(func(s *site) { s.body = "<!doctype html><p>Moved" })
	w.again(t)
	require.Equal(t, "this is a web page, not a feed", w.feed(t, f.ID).Problem.String())
	blog.set(func(s *site) { s.body = strings.Repeat("x", 1<<20+1) })
	w.again(t)
	require.Contains(t, w.feed(t, f.ID).Problem.String(), "larger than 1 MB")
}

func TestPollingCutFeedKeepsNoValidators(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog := &site{entries: []string{item("1", time.Time{}, "one")}}
	f, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "now")
	require.NoError(t, err)
	require.NotEmpty(t, f.ETag)
	blog.set(func(s *site) {
		s.body = `<rss version="2.0"><channel><title>A blog</title>` + item("2", time.Time{}, "two") +
			`<item><guid>3</guid><desc`
	})
	w.again(t)
	f = w.feed(t, f.ID)
	require.Empty(t, f.ETag)
	require.Contains(t, f.Problem.String(), "cut off")
	require.Zero(t, f.Failures)
	require.Equal(t, "queued", w.states(t)["Post 2"])
	require.NotContains(t, w.states(t), "Post 3")
}

func TestPollingTTL(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog := &site{body: `<rss version="2.0"><channel><title>Slow</title><ttl>90</ttl>` + item("1", time.Time{}, "one") +
		`</channel></rss>`}
	f, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "all")
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(90*time.Minute), f.NextPollAt, time.Minute)
	require.Equal(t, "queued", w.states(t)["Post 1"])
	w.again(t)
	require.EqualValues(t, 2, blog.hits.Load())
	require.WithinDuration(t, time.Now().Add(90*time.Minute), w.feed(t, f.ID).NextPollAt, time.Minute,
		"a 304 does not change it")
}

func TestUpdatePeriod(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		`<sy:updatePeriod> Hourly </sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>`: time.Hour,
		`<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>`:   15 * time.Minute,
		`<sy:updatePeriod>weekly</sy:updatePeriod>`:                                             24 * time.Hour,
		`<sy:updatePeriod>sometimes</sy:updatePeriod>`:                                          0,
		`<sy:updatePeriod>hourly</sy:updatePeriod><ttl>90</ttl>`:                                90 * time.Minute,
	} {
		for _, format := range []string{
			`<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>T</title>` +
				text + item("1", time.Time{}, "one") + `</channel></rss>`,
			`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">` +
				`<title>T</title>` + text + `<entry><id>1</id></entry></feed>`,
		} {
			d, err := Parse([]byte(format), "", nil)
			require.NoError(t, err)
			if d.Format == "rss" || !strings.Contains(text, "ttl") {
				require.Equal(t, want, d.TTL, format)
			}
		}
	}
}

// mover redirects all requests to another server.
func mover(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) }
}

func TestPollingMove(t *testing.T) {
	t.Parallel()
	for status, moves := range map[int]bool{301: true, 308: true, 302: false, 307: false} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			blog := &site{entries: []string{item("1", time.Time{}, "one")}}
			next := serve(t, blog.ServeHTTP)
			var moved atomic.Bool
			f, _, err := w.Add(t.Context(), serve(t, func(rw http.ResponseWriter, r *http.Request) {
				if moved.Load() {
					mover(status, next)(rw, r)
				} else {
					blog.ServeHTTP(rw, r)
				}
			}), "", "now")
			require.NoError(t, err)
			old := f.URL
			moved.Store(true)
			w.again(t) // a 304 at the new address moves the feed too
			got := w.feed(t, f.ID)
			require.Empty(t, got.Problem)
			if moves {
				require.Equal(t, next, strings.TrimSuffix(got.URL, "/"))
			} else {
				require.Equal(t, old, got.URL)
			}
		})
	}
}

func TestPollingMoveToAnotherFeed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog := &site{entries: []string{item("1", time.Time{}, "one")}}
	first, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "now")
	require.NoError(t, err)
	var moved atomic.Bool
	second, _, err := w.Add(t.Context(), serve(t, func(rw http.ResponseWriter, r *http.Request) {
		if moved.Load() {
			mover(301, first.URL)(rw, r)
		} else {
			blog.ServeHTTP(rw, r)
		}
	}), "", "now")
	require.NoError(t, err)
	moved.Store(true)
	w.again(t)
	got := w.feed(t, second.ID)
	require.Equal(t, second.URL, got.URL)
	require.Equal(t,
		fmt.Sprintf("the feed has moved for good to %s: the address is that of feed %d; remove one of the two",
			publicURL(first.URL), first.ID), got.Problem.String())
	require.Zero(t, got.Failures)
}

func TestPollingFewPerHost(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var now, most atomic.Int64
	blog := &site{entries: []string{item("1", time.Time{}, "one")}}
	one := serve(t, func(rw http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(10 * time.Millisecond)
		now.Add(-1)
		blog.ServeHTTP(rw, r)
	})
	for i := range 8 {
		_, err := w.store.AddFeed(t.Context(), store.Feed{URL: fmt.Sprintf("%s/%d", one, i), StartRule: "now"})
		require.NoError(t, err)
	}
	other := &site{}
	_, err := w.store.AddFeed(t.Context(), store.Feed{URL: serve(t, other.ServeHTTP), StartRule: "now"})
	require.NoError(t, err)
	require.NoError(t, w.PollDue(t.Context()))
	require.EqualValues(t, 8, blog.hits.Load())
	require.EqualValues(t, 1, other.hits.Load())
	require.LessOrEqual(t, most.Load(), int64(pollsPerHost))
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	w := setup(t)
	page := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "feed.xml") {
			io.WriteString(w, "<!doctype html><title>no feed here</title>")
			return
		}
		http.NotFound(w, r)
	})
	_, _, err := w.Add(t.Context(), page, "", "now")
	require.ErrorIs(t, err, ErrNotAFeed)
	_, _, err = w.Add(t.Context(), strings.TrimSuffix(page, "feed.xml")+"gone?key=hidden", "", "now")
	require.ErrorContains(t, err, "404")
	require.NotContains(t, err.Error(), "hidden")
	_, _, err = w.Add(t.Context(), page, "", "yesterday")
	require.ErrorContains(t, err, "start")
	feeds, err := w.store.Feeds(t.Context())
	require.NoError(t, err)
	require.Empty(t, feeds, "a feed that cannot be read is not added")

	blog := &site{}
	address := serve(t, blog.ServeHTTP)
	_, _, err = w.Add(t.Context(), address, "", "")
	require.NoError(t, err)
	_, _, err = w.Add(t.Context(), address, "", "")
	require.ErrorIs(t, err, store.ErrConflict)
}

func TestPollingStop(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog := &site{}
	held := make(chan struct{})
	address := serve(t, func(rw http.ResponseWriter, r *http.Request) {
		if blog.hits.Load() > 0 {
			close(held)
			<-r.Context().Done()
			return
		}
		blog.ServeHTTP(rw, r)
	})
	f, _, err := w.Add(t.Context(), address, "", "")
	require.NoError(t, err)
	require.NoError(t, w.store.MakeFeedsDue(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.PollDue(ctx) }()
	<-held
	require.NoError(t, w.PollDue(t.Context()), "a feed that is being polled is not polled twice")
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.Zero(t, w.feed(t, f.ID).Failures, "stopping the program is not a failure of the feed")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog := &site{entries: []string{item("1", time.Now(), "one")}}
	f, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "")
	require.NoError(t, err)
	for _, finding := range w.Check(t.Context(), f) {
		require.True(t, finding.OK, finding)
		require.Empty(t, finding.Remedy)
	}
	last := func() store.Finding {
		list := w.Check(t.Context(), f)
		require.NotEmpty(t, list)
		for _, finding := range list {
			require.Equal(t, finding.OK, finding.Remedy == "", finding)
		}
		for _, finding := range list {
			if !finding.OK {
				return finding
			}
		}
		return store.Finding{}
	}
	blog.set(func(s *site) {
		s.entries = []string{`<item><guid>https://blog.example/w</guid><title>Words</title></item>`}
	})
	require.Equal(t, "media", last().Check)
	blog.set(func(s *site) { s.body = "<html>" })
	require.Equal(t, "feed", last().Check)
	blog.set(func(s *site) { s.status = 500 })
	require.Equal(t, "reachable", last().Check)
}

func TestNewPoller(t *testing.T) {
	t.Parallel()
	_, err := NewPoller(Options{Schedule: "TZ="})
	require.Error(t, err)
}

// If a poll is requested while another one that has already read the site is running, the requested poll follows,
// whatever the first one finds.
func TestPollRequestedDuringAPoll(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(blog *site){
		"read": func(*site) {}, "not modified": nil, "failed": func(blog *site) { blog.status = http.StatusBadGateway },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			blog := &site{entries: []string{item("1", time.Now().Add(-time.Hour), "one")}}
			reading, ask := make(chan struct{}, 1), make(chan struct{})
			holds := atomic.Bool{}
			address := serve(t, func(rw http.ResponseWriter, r *http.Request) {
				if holds.Load() {
					reading <- struct{}{}
					<-ask
				}
				blog.ServeHTTP(rw, r)
			})
			f, _, err := w.Add(t.Context(), address, "Blog", "now")
			require.NoError(t, err)
			if answer != nil {
				blog.set(func(b *site) { b.entries = append(b.entries, item("2", time.Now(), "two")) })
				blog.set(answer)
			}
			require.NoError(t, w.store.MakeFeedsDue(t.Context()))
			time.Sleep(2 * time.Millisecond) // times are stored in milliseconds
			holds.Store(true)
			polled := make(chan error, 1)
			go func() { polled <- w.PollDue(t.Context()) }()
			<-reading
			require.NoError(t, w.store.MakeFeedsDue(t.Context(), f.ID))
			holds.Store(false)
			close(ask)
			require.NoError(t, <-polled)
			before := blog.hits.Load()
			require.NoError(t, w.PollDue(t.Context()))
			require.Equal(t, before+1, blog.hits.Load(), "the requested poll was made")
			require.NoError(t, w.PollDue(t.Context()))
			require.Equal(t, before+1, blog.hits.Load(), "once")
		})
	}
}
