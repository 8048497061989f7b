package web_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"postern/accounts"
	"postern/doors"
	"postern/feed"
	"postern/media"
	"postern/publisher"
	"postern/store"
	"postern/web"
)

// fill makes a database of n publications of a thousand feeds on ten accounts, one feed of them a fifth of all, with
// four events each; about one in a hundred is not settled.
func fill(t testing.TB, path string, n int) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	require.NoError(t, err)
	defer db.Close()
	run := func(query string, args ...any) {
		_, err := db.ExecContext(t.Context(), query, args...)
		require.NoError(t, err)
	}
	const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
	run(numbers+`INSERT INTO feeds (url, title, next_poll_at, last_polled_at, first_polled_at, problem_code, created_at)
		SELECT 'https://blog' || i || '.example.org/feed', 'Blog ' || i, $2 + i * 1000, $2, $2,
			CASE WHEN i % 90 = 0 THEN 'feed_not_found' ELSE '' END, $2 FROM n`, 1000, time.Now().UnixMilli())
	run(numbers+`INSERT INTO accounts (api, user_id, username, label, created_at)
		SELECT 'instagram', '1784' || i, 'user' || i, 'Account ' || i, 1 FROM n`, 10)
	run(`INSERT INTO routes (feed_id, account_id, initial) SELECT feeds.id, accounts.id, 'rule' FROM feeds, accounts`)
	run(numbers+`INSERT INTO posts (feed_id, guid, url, first_seen_at, published_at, initial, content_hash, title, text,
		decision)
		SELECT CASE WHEN i % 5 = 0 THEN 1 ELSE 1 + i % 1000 END, 'g' || i, 'https://blog.example.org/' || i,
			$2 - i * 1000, $2 - i * 1000, 0, '',
			'Post ' || i || substr(' harbour gull rope mountain rain ', i % 20, 12),
				'Words about it, and some more of them, so that a caption has a length that is usual for one.',
					'publish' FROM n`, n, time.Now().UnixMilli())
	run(`INSERT INTO media (post_id, position, type, url, alt) SELECT posts.id, p.i, 'image',
		'https://blog.example.org/' || posts.id || '-' || p.i || '.jpg', 'What it shows'
		FROM posts, (SELECT 1 AS i UNION ALL SELECT 2 UNION ALL SELECT 3) AS p WHERE p.i <= 1 + posts.id % 3`)
	run(`INSERT INTO publications (post_id, feed_id, account_id, kind, state, reason_code, caption, due_at,
		published_at, media_id, permalink, created_at)
		SELECT id, feed_id, 1 + id % 10, CASE WHEN s IN ('published', 'failed') THEN 'image' ELSE '' END, s,
			CASE WHEN s = 'published' THEN '' ELSE 'working' END,
			CASE WHEN s IN ('published', 'failed') THEN title || ' ' || text ELSE '' END,
			CASE WHEN s = 'queued' THEN $1 + id * 1000 END, CASE WHEN s = 'published' THEN first_seen_at END,
			CASE WHEN s = 'published' THEN 'm' || id ELSE '' END,
				CASE WHEN s = 'published' THEN 'https://www.instagram.com/p/x' || id ELSE '' END, 1
		FROM (SELECT *, CASE id % 400 WHEN 0 THEN 'held' WHEN 1 THEN 'failed' WHEN 2 THEN 'unconfirmed' WHEN 3 THEN 'queued' ELSE CASE WHEN id % 4 = 0 THEN 'skipped' ELSE 'published' END END AS s FROM posts)`, time.Now().UnixMilli())
	run(`INSERT INTO items (publication_id, position, type, source_url, asset, sent_url)
		SELECT id, 1, 'image', 'https://blog.example.org/' || post_id || '.jpg', printf('%064x.jpg', id), 'x'
			FROM publications WHERE kind <> ''`)
	for kind := range 4 {
		run(`INSERT INTO events (at, feed_id, account_id, publication_id, actor, kind, from_state, to_state, message)
			SELECT 1 + $1, feed_id, account_id, id, 'system', 'note', '', CASE WHEN $1 = 3 THEN state ELSE 'queued' END,
				'what happened to it' FROM publications ORDER BY id`, kind)
	}
	run(`ANALYZE`)
}

// BenchmarkFigures measures what one scrape of /metrics asks of a database with 100,000 publications and 1,000 feeds.
func BenchmarkFigures(b *testing.B) {
	path := filepath.Join(b.TempDir(), "postern.db")
	s, err := store.Open(b.Context(), path, store.Options{Migrate: true})
	require.NoError(b, err)
	defer s.Close()
	fill(b, path, 100_000)
	for b.Loop() {
		_, err := s.Figures(b.Context())
		require.NoError(b, err)
	}
}

// loaded is the whole of the pages and the API on 100,000 publications.
func loaded(b *testing.B) (http.Handler, *store.Store) {
	dir := b.TempDir()
	path := filepath.Join(dir, "postern.db")
	s, err := store.Open(b.Context(), path, store.Options{Migrate: true})
	require.NoError(b, err)
	require.NoError(b, s.Close())
	fill(b, path, 100_000)
	s, err = store.Open(b.Context(), path, store.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	library, err := media.NewLibrary(filepath.Join(dir, "media"), http.DefaultClient, media.Limits{})
	require.NoError(b, err)
	key := doors.Key(b, dir)
	acc := accounts.New(accounts.Options{Store: s, Key: key, Version: "v24.0"})
	poller, err := feed.NewPoller(feed.Options{Store: s, Client: http.DefaultClient, Schedule: "@every 1h"})
	require.NoError(b, err)
	require.NoError(b, s.SetPasswordHash(b.Context(), passwordHash()))
	srv, err := web.New(web.Options{Store: s, Accounts: acc, Media: library, Poller: poller,
		Publisher: publisher.New(publisher.Options{Store: s, Accounts: acc, Media: library})})
	require.NoError(b, err)
	return srv.Handler(), s
}

// BenchmarkPages measures every page with twenty viewers at once on 100,000 publications and 1,000 feeds: first viewers
// who ask for the next page as soon as they have one, then viewers who look at each for a second. The figures are the
// 95th percentile of the slowest page. The output says each page's, and the time of the fastest answer to a single
// visitor.
func BenchmarkPages(b *testing.B) {
	h, _ := loaded(b)
	cookie := logIn(b, h)

	pages := []string{
		"/", "/posts", "/posts?before=50000", "/posts?state=asking", "/posts?state=skipped", "/posts?feed=1",
		"/posts?feed=77&state=held", "/posts?account=3&state=published",
		"/posts?q=harbour", "/posts?q=gull&feed=9", "/posts?q=po", "/publications/50000", "/publications/400", "/feeds",
		"/feeds?from=700", "/feeds?q=blog+9", "/accounts",
		"/activity", "/activity?before=200000", "/activity?kind=trouble", "/activity?q=harbour", "/activity?feed=1",
		"/activity?account=4&kind=trouble", "/settings", "/feeds/new",
		"/notices", "/accounts/3/settings", "/accounts/3/remove", "/feeds/5/remove", "/help/instagram", "/help/states",
		"/schedule?account=3",
	}
	ask := func(n int) time.Duration {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, pages[n], nil)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		start := time.Now()
		h.ServeHTTP(w, r)
		d := time.Since(start)
		if w.Code != http.StatusOK {
			b.Errorf("%s answers %d", pages[n], w.Code)
		}
		return d
	}
	alone := make([]time.Duration, len(pages))
	for round := range 10 { // what SQLite reads first, it keeps
		for n := range pages {
			if d := ask(n); round == 0 || d < alone[n] {
				alone[n] = d
			}
		}
	}
	// Every viewer goes through the pages from another one on, so that at each moment many different ones are asked
	// for.
	const viewers = 20
	view := func(rounds int, pause time.Duration) (took [][]time.Duration) {
		took = make([][]time.Duration, len(pages))
		var mu sync.Mutex
		var wg sync.WaitGroup
		for v := range viewers {
			wg.Go(func() {
				time.Sleep(pause * time.Duration(v) * 7 / viewers % max(pause, 1)) // they did not come together
				for i := range rounds {
					n := (v + i) % len(pages)
					d := ask(n)
					mu.Lock()
					took[n] = append(took[n], d)
					mu.Unlock()
					time.Sleep(pause)
				}
			})
		}
		wg.Wait()
		for _, list := range took {
			slices.Sort(list)
		}
		return took
	}
	var hurried, calm [][]time.Duration
	start := spentTime()
	for b.Loop() {
		hurried = view(4*len(pages), 0)
	}
	cost := (spentTime() - start) / time.Duration(b.N*viewers*4*len(pages))
	calm = view(40, time.Second)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-34s %8s %17s %17s\n%-34s %8s %8s %8s %8s %8s\n", "milliseconds", "", "without pause",
		"a page a second", "", "alone", "p50", "p95", "p50", "p95")
	var worst [2]time.Duration
	for n := range pages {
		fmt.Printf("%-34s %8.1f", pages[n], ms(alone[n]))
		for i, list := range [][]time.Duration{hurried[n], calm[n]} {
			p95 := list[len(list)*95/100]
			worst[i] = max(worst[i], p95)
			fmt.Printf(" %8.1f %8.1f", ms(list[len(list)/2]), ms(p95))
		}
		fmt.Println()
	}
	b.ReportMetric(ms(worst[0]), "ms-p95-slowest-page")
	b.ReportMetric(ms(worst[1]), "ms-p95-slowest-page-calm")
	b.ReportMetric(ms(cost), "ms-cpu/page")
}

// spentTime is the processor time of this process so far.
func spentTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func logIn(t testing.TB, h http.Handler) *http.Cookie {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", formBody("password", password))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusSeeOther, w.Code)
	for _, c := range w.Result().Cookies() {
		if c.Name == "postern_session" {
			return c
		}
	}
	require.FailNow(t, "no session")
	return nil
}

func formBody(key, value string) *strings.Reader {
	return strings.NewReader(url.Values{key: {value}}.Encode())
}
