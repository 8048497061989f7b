package web_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"postern/accounts"
	"postern/feed"
	"postern/media"
	"postern/publisher"
	"postern/store"
	"postern/web"
)

// fill makes a database of n publications of a thousand feeds on ten accounts, one feed of them a fifth of all, with four
// events each; about one in a hundred is not settled.
func fill(t testing.TB, path string, n int) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	require.NoError(t, err)
	defer db.Close()
	run := func(query string, args ...any) {
		_, err := db.ExecContext(t.Context(), query, args...)
		require.NoError(t, err)
	}
	const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
	run(numbers+`INSERT INTO feeds (url, title, next_poll_at, last_polled_at, first_polled_at, problem, created_at)
		SELECT 'https://blog' || i || '.example.org/feed', 'Blog ' || i, $2 + i * 1000, $2, $2, CASE WHEN i % 90 = 0 THEN 'the server answers 404' ELSE '' END, $2 FROM n`, 1000, time.Now().UnixMilli())
	run(numbers+`INSERT INTO accounts (api, user_id, username, label, created_at) SELECT 'instagram', '1784' || i, 'user' || i, 'Account ' || i, 1 FROM n`, 10)
	run(`INSERT INTO routes (feed_id, account_id, initial) SELECT feeds.id, accounts.id, 'rule' FROM feeds, accounts`)
	run(numbers+`INSERT INTO posts (feed_id, guid, url, first_seen_at, published_at, initial, content_hash, title, text, decision)
		SELECT CASE WHEN i % 5 = 0 THEN 1 ELSE 1 + i % 1000 END, 'g' || i, 'https://blog.example.org/' || i, $2 - i * 1000, $2 - i * 1000, 0, '',
			'Post ' || i || substr(' harbour gull rope mountain rain ', i % 20, 12), 'Words about it, and some more of them, so that a caption has a length that is usual for one.', 'publish' FROM n`, n, time.Now().UnixMilli())
	run(`INSERT INTO media (post_id, position, type, url, alt) SELECT posts.id, p.i, 'image', 'https://blog.example.org/' || posts.id || '-' || p.i || '.jpg', 'What it shows'
		FROM posts, (SELECT 1 AS i UNION ALL SELECT 2 UNION ALL SELECT 3) AS p WHERE p.i <= 1 + posts.id % 3`)
	run(`INSERT INTO publications (post_id, feed_id, account_id, kind, state, reason, due_at, published_at, media_id, permalink, created_at)
		SELECT id, feed_id, 1 + id % 10, CASE WHEN s IN ('published', 'failed') THEN 'image' ELSE '' END, s, CASE WHEN s = 'published' THEN '' ELSE 'some reason for it' END,
			CASE WHEN s = 'queued' THEN $1 + id * 1000 END, CASE WHEN s = 'published' THEN first_seen_at END,
			CASE WHEN s = 'published' THEN 'm' || id ELSE '' END, CASE WHEN s = 'published' THEN 'https://www.instagram.com/p/x' || id ELSE '' END, 1
		FROM (SELECT *, CASE id % 400 WHEN 0 THEN 'held' WHEN 1 THEN 'failed' WHEN 2 THEN 'unconfirmed' WHEN 3 THEN 'queued' ELSE CASE WHEN id % 4 = 0 THEN 'skipped' ELSE 'published' END END AS s FROM posts)`, time.Now().UnixMilli())
	run(`INSERT INTO items (publication_id, position, type, source_url, asset, sent_url) SELECT id, 1, 'image', 'https://blog.example.org/' || post_id || '.jpg', printf('%064x.jpg', id), 'x' FROM publications WHERE kind <> ''`)
	for kind := range 4 {
		run(`INSERT INTO events (at, feed_id, account_id, publication_id, actor, kind, from_state, to_state, message)
			SELECT 1 + $1, feed_id, account_id, id, 'system', 'note', '', CASE WHEN $1 = 3 THEN state ELSE 'queued' END, 'what happened to it' FROM publications ORDER BY id`, kind)
	}
	run(`ANALYZE`)
}

// BenchmarkPages measures every page with twenty viewers at once on 100,000 publications and 1,000 feeds. The figure is
// the 95th percentile of the slowest page. The log says each page's.
func BenchmarkPages(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "postern.db")
	s, err := store.Open(b.Context(), path, store.Options{Migrate: true})
	require.NoError(b, err)
	require.NoError(b, s.Close())
	fill(b, path, 100_000)
	s, err = store.Open(b.Context(), path, store.Options{})
	require.NoError(b, err)
	defer s.Close()
	library, err := media.NewLibrary(filepath.Join(dir, "media"), http.DefaultClient, media.Limits{})
	require.NoError(b, err)
	key, err := accounts.LoadKey(filepath.Join(dir, "secret.key"), true)
	require.NoError(b, err)
	acc := accounts.New(accounts.Options{Store: s, Key: key, Version: "v24.0"})
	poller, err := feed.NewPoller(feed.Options{Store: s, Client: http.DefaultClient, Schedule: "@every 1h"})
	require.NoError(b, err)
	require.NoError(b, s.SetPasswordHash(b.Context(), passwordHash()))
	srv, err := web.New(web.Options{Store: s, Accounts: acc, Media: library, Poller: poller, Publisher: publisher.New(publisher.Options{Store: s, Accounts: acc, Media: library})})
	require.NoError(b, err)
	h := srv.Handler()
	cookie := logIn(b, h)

	pages := []string{
		"/", "/posts", "/posts?before=50000", "/posts?state=asking", "/posts?state=skipped", "/posts?feed=1", "/posts?feed=77&state=held", "/posts?account=3&state=published",
		"/posts?q=harbour", "/posts?q=gull&feed=9", "/posts?q=po", "/publications/50000", "/publications/400", "/feeds", "/feeds?from=700", "/feeds?q=blog+9", "/accounts",
		"/activity", "/activity?before=200000", "/activity?kind=trouble", "/activity?q=harbour", "/activity?feed=1", "/activity?account=4&kind=trouble", "/settings", "/feeds/new",
	}
	took := make([][]time.Duration, len(pages))
	var mu sync.Mutex
	ask := func(n int) {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, pages[n], nil)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		start := time.Now()
		h.ServeHTTP(w, r)
		d := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		took[n] = append(took[n], d)
		if w.Code != http.StatusOK {
			b.Errorf("%s answers %d", pages[n], w.Code)
		}
	}
	for range 3 {
		for n := range pages {
			ask(n) // what SQLite reads first, it keeps
		}
	}
	alone := make([]time.Duration, len(pages))
	for n := range took {
		alone[n] = slices.Min(took[n])
		took[n] = took[n][:0]
	}
	const viewers, rounds = 20, 12
	for b.Loop() {
		// Every viewer goes through the pages from another one on, so that at each moment many different ones are asked for.
		var wg sync.WaitGroup
		var next atomic.Int64
		for range viewers {
			wg.Go(func() {
				at := int(next.Add(1))
				for i := range rounds * len(pages) / 4 {
					ask((at + i) % len(pages))
				}
			})
		}
		wg.Wait()
	}
	var worst time.Duration
	for n, list := range took {
		slices.Sort(list)
		p95 := list[len(list)*95/100]
		worst = max(worst, p95)
		if os.Getenv("POSTERN_PAGES") != "" {
			fmt.Printf("%-40s alone %8s  p50 %8s  p95 %8s\n", pages[n], alone[n].Round(100*time.Microsecond), list[len(list)/2].Round(100*time.Microsecond), p95.Round(100*time.Microsecond))
		}
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms-p95-slowest-page")
}

func logIn(t testing.TB, h http.Handler) *http.Cookie {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", formBody("password", password))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusSeeOther, w.Code)
	return w.Result().Cookies()[0]
}

func formBody(key, value string) *strings.Reader {
	return strings.NewReader(url.Values{key: {value}}.Encode())
}
