package web_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/accounts"
	"postern/doors"
	"postern/instagram/simulator"
	"postern/store"
	"postern/web"
)

type crosspost struct {
	Platform     string  `json:"platform"`
	Account      string  `json:"account"`
	URL          *string `json:"url"`
	Status       string  `json:"status"`
	CrosspostURL string  `json:"crosspost_url"`
	Error        *string `json:"error"`
}

type crossposts struct {
	Crossposts map[string][]crosspost `json:"crossposts"`
	UpdatedAt  *string                `json:"updated_at"`
}

func TestCrossposts(t *testing.T) {
	h := furnished(t, public("https://posse.example.org/"))
	p := h.program(store.ReadScope)
	require.Equal(t, "{\"crossposts\":{},\"updated_at\":", p.get("/api/crossposts").Body[:30],
		"an account is there, and nothing else")
	h.sim.AddAccount(simulator.Account{Username: "mill", Token: token + "2"})
	_, err := h.acc.Add(t.Context(), accounts.Candidate{API: store.Instagram, Token: token + "2"})
	require.NoError(t, err)

	h.entry("Quay")
	h.bring(h.state(1), store.Published)
	h.entry("Boats")
	h.bring(h.state(3), store.Failed)
	r := p.get("/api/crossposts")
	require.Equal(t, "application/json", r.Header.Get("Content-Type"))
	require.JSONEq(t,
		fmt.Sprintf(
			`{"crossposts": {"g1": [{"platform": "instagram", "account": "Harbour", "url": "https://www.instagram.com/p/ABC/", "status": "published",
		"crosspost_url": "https://posse.example.org/publications/1", "error": null}]}, "updated_at": %q}`,
			h.lastPublished().Format(time.RFC3339)), r.Body, "what is live, and nothing else")
	var list []crosspost
	p.get("/api/crossposts?id=g1").into(&list)
	require.Len(t, list, 1)
	require.Equal(t, "[]\n", p.get("/api/crossposts?id=g2").Body, "not live")
	require.Equal(t, "[]\n", p.get("/api/crossposts?id=unknown").Body)
	require.Equal(t, r.Body, p.get("/api/crossposts?id=").Body)

	var all crossposts
	p.get("/api/crossposts?status=all").into(&all)
	require.Len(t, all.Crossposts, 2)
	require.Equal(t, "published", all.Crossposts["g1"][0].Status)
	require.Equal(t, crosspost{"instagram", "mill", nil, "skipped", "https://posse.example.org/publications/2", nil},
		all.Crossposts["g1"][1])
	require.Equal(t, crosspost{"instagram", "mill", nil, "ready", "https://posse.example.org/publications/4", nil},
		all.Crossposts["g2"][1])
	require.Equal(t, "failed", all.Crossposts["g2"][0].Status)
	require.Equal(t, "Instagram refused it", *all.Crossposts["g2"][0].Error)
	p.get("/api/crossposts?status=failed,wip").into(&all)
	p.get("/api/crossposts?status=ready&id=g1").into(&list)
	require.Empty(t, list)
	require.Contains(t, p.get("/api/crossposts?status=gone").refused(http.StatusBadRequest),
		"there are all, ready, wip")
	p.get("/api/crossposts?status=").refused(http.StatusBadRequest)
	p.get("/api/crossposts?guid=x").refused(http.StatusBadRequest)
	require.NotContains(t, p.seen.String(), token)
}

func (h *house) lastPublished() time.Time {
	events, err := h.store.Events(h.t.Context(), 100)
	require.NoError(h.t, err)
	for _, e := range events {
		if e.To == store.Published {
			return e.At
		}
	}
	return time.Time{}
}

// Guids are strangers' words; one may be in two feeds.
func TestCrosspostsByStrangeGuids(t *testing.T) {
	h := furnished(t)
	guids := []string{`a"b\c`, "</script>", "ümläut 🌊", "https://blog.example.org/?p=1&q=2#x", "{$x}", " "}
	for i, guid := range guids {
		h.entry(fmt.Sprintf("Post %d", i))
		_, err := h.raw().Exec(`UPDATE posts SET guid = ? WHERE id = ?`, guid, i+1)
		require.NoError(t, err)
		h.posts[i].GUID = guid
		h.bring(h.state(int64(i+1)), store.Published)
	}
	p := h.program(store.ReadScope)
	var all crossposts
	p.get("/api/crossposts").into(&all)
	require.Len(t, all.Crossposts, len(guids))
	for _, guid := range guids {
		require.Len(t, all.Crossposts[guid], 1, guid)
		var list []crosspost
		p.get("/api/crossposts?id=" +
			strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", " ", "%20", "+", "%2B", `"`, "%22", `\`,
				"%5C").Replace(guid)).into(&list)
		require.Len(t, list, 1, guid)
	}
	require.True(t, strings.HasPrefix(all.Crossposts[" "][0].CrosspostURL, h.http.URL+"/publications/"),
		"without a public address: where it was asked")
}

func (h *house) raw() *sql.DB {
	h.t.Helper()
	db, err := sql.Open("sqlite", h.store.Path()+"?_pragma=busy_timeout(5000)")
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestCrosspostsAreAskedForOften(t *testing.T) {
	h := furnished(t)
	p := h.program(store.ReadScope)
	h.bring(h.entry("Quay"), store.Published)
	r := p.get("/api/crossposts")
	tag := r.Header.Get("ETag")
	require.NotEmpty(t, tag)
	require.Equal(t, "private, no-cache", r.Header.Get("Cache-Control"))
	require.Empty(t, r.Header.Get("Last-Modified"), "more may happen in this second")
	again := func(header ...string) int { return p.ask(http.MethodGet, "/api/crossposts", "", header...).Status }
	require.Equal(t, http.StatusNotModified, again("If-None-Match", tag))
	require.Equal(t, http.StatusNotModified, again("If-None-Match", `"other", `+strings.TrimPrefix(tag, "W/")))
	require.Equal(t, http.StatusOK, again("If-None-Match", `"other"`))
	other := p.ask(http.MethodGet, "/api/crossposts?id=g1", "", "If-None-Match", tag)
	require.Equal(t, http.StatusOK, other.Status, "of another list")

	h.entry("Boats") // found, and not live
	require.Equal(t, http.StatusNotModified, again("If-None-Match", tag))
	h.bring(h.state(2), store.Published)
	require.Equal(t, http.StatusOK, again("If-None-Match", tag))
	tag = p.get("/api/crossposts").Header.Get("ETag")
	_, err := h.store.UpdateAccount(t.Context(), 1, store.Visitor, "",
		func(a *store.Account) error { a.Label = "Pier"; return nil })
	require.NoError(t, err)
	r = p.ask(http.MethodGet, "/api/crossposts", "", "If-None-Match", tag)
	require.Contains(t, r.Body, `"Pier"`)

	_, err = h.raw().Exec(`UPDATE events SET at = at - 3600000`)
	require.NoError(t, err)
	r = p.get("/api/crossposts")
	modified := r.Header.Get("Last-Modified")
	require.NotEmpty(t, modified)
	require.Equal(t, http.StatusNotModified, again("If-Modified-Since", modified))
	require.Equal(t, http.StatusOK, again("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"))
	require.Equal(t, http.StatusOK, again("If-Modified-Since", modified, "If-None-Match", `"other"`),
		"the tag is the better word")
	head := p.ask(http.MethodHead, "/api/crossposts", "")
	require.Equal(t, http.StatusOK, head.Status)
	require.Equal(t, r.Header.Get("ETag"), head.Header.Get("ETag"))
	require.Empty(t, head.Body)
}

// The map is streamed in pages, of which none is lost and none is there twice.
func TestCrosspostsOfManyPosts(t *testing.T) {
	h := newHouse(t)
	require.NoError(t, h.store.Close())
	path := filepath.Join(t.TempDir(), "postern.db")
	s := doors.Open(t, path)
	const posts = 5000
	fill(t, path, posts)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	h.store, h.options.Store = s, s
	srv, err := web.New(h.options)
	require.NoError(t, err)
	h.http.Config.Handler = srv.Handler()
	_, err = h.raw().Exec(
		`UPDATE posts SET guid = 'shared' WHERE feed_id <> 1 AND id % 2 = 1 AND id IN (SELECT max(id) FROM posts
			GROUP BY feed_id)`)
	require.NoError(t, err)
	want := map[string]int{}
	rows, err := h.raw().Query(
		`SELECT guid, count(*) FROM posts JOIN publications ON post_id = posts.id WHERE state = 'published'
			GROUP BY guid`)
	require.NoError(t, err)
	for rows.Next() {
		var guid string
		var n int
		require.NoError(t, rows.Scan(&guid, &n))
		want[guid] = n
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	require.Greater(t, want["shared"], 100)

	p := h.program(store.ReadScope)
	var all crossposts
	p.get("/api/crossposts").into(&all)
	require.Len(t, all.Crossposts, len(want))
	for guid, list := range all.Crossposts {
		require.Len(t, list, want[guid], guid)
		seen := map[string]bool{}
		for _, x := range list {
			require.False(t, seen[x.CrosspostURL])
			seen[x.CrosspostURL] = true
		}
	}
	var list []crosspost
	p.get("/api/crossposts?id=shared").into(&list)
	require.Len(t, list, want["shared"])

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.http.URL+"/api/crossposts?status=all", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+p.token)
	res, err := h.http.Client().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, []string{"chunked"}, res.TransferEncoding)
	require.NoError(t, json.NewDecoder(bufio.NewReader(res.Body)).Decode(&all))
}

// BenchmarkCrossposts asks for the whole map of 100,000 publications, and then whether it changed.
func BenchmarkCrossposts(b *testing.B) {
	h, s := loaded(b)
	_, value, err := s.AddToken(b.Context(), "benchmark", store.ReadScope, store.CLI)
	require.NoError(b, err)
	heap := func() float64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / (1 << 20)
	}
	ask := func(tag string) (*counter, time.Duration) {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/crossposts", nil)
		r.Header.Set("Authorization", "Bearer "+value)
		r.Header.Set("If-None-Match", tag)
		w := &counter{header: http.Header{}, heap: heap}
		start := time.Now()
		h.ServeHTTP(w, r)
		return w, time.Since(start)
	}
	var whole *counter
	for b.Loop() {
		whole, _ = ask("")
	}
	again, took := ask(whole.header.Get("ETag"))
	require.Equal(b, http.StatusNotModified, again.status)
	b.ReportMetric(float64(whole.bytes)/(1<<20), "MiB")
	b.ReportMetric(whole.peak, "MiB-heap-at-most")
	b.ReportMetric(float64(took.Microseconds()), "µs-unchanged")
}

// counter counts what is written, and looks at the heap meanwhile.
type counter struct {
	header http.Header
	status int
	bytes  int
	writes int
	heap   func() float64
	peak   float64
}

func (c *counter) Header() http.Header  { return c.header }
func (c *counter) WriteHeader(code int) { c.status = code }
func (c *counter) Write(p []byte) (int, error) {
	if c.bytes += len(p); c.writes%50 == 0 { // asking takes its time, too
		c.peak = max(c.peak, c.heap())
	}
	c.writes++
	return len(p), nil
}
