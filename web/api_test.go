package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/reason"
	"postern/shape"
	"postern/store"
)

// onePublication is what the API tells about one publication.
type onePublication struct {
	shape.Publication
	Feed        map[string]any      `json:"feed"`
	Part        int                 `json:"part"`
	Parts       int                 `json:"parts"`
	PublishedAt string              `json:"published_at"`
	CreatedAt   string              `json:"created_at"`
	Media       []map[string]string `json:"media"`
	Checks      []store.Check       `json:"checks"`
	Events      []map[string]any    `json:"events"`
}

func TestAPIReads(t *testing.T) {
	h := furnished(t, public("https://posse.example.org"))
	p := h.program(store.ReadScope)
	var none []shape.Publication
	p.get("/api/v1/publications").into(&none)
	require.NotNil(t, none)
	require.Empty(t, none)
	live := h.bring(h.entry("Quay"), store.Published)
	held := h.bring(h.entry("Boats"), store.Held)
	h.bring(h.entry("Storm"), store.Failed)

	var list []shape.Publication
	p.get("/api/v1/publications").into(&list)
	require.Len(t, list, 3)
	require.Equal(t, []store.State{store.Failed, store.Held, store.Published},
		[]store.State{list[0].State, list[1].State, list[2].State}, "newest first")
	require.Equal(t, "https://www.instagram.com/p/ABC/", list[2].Permalink)
	require.Equal(t, shape.Post{ID: 1, GUID: "g1", URL: "https://blog.example.org/Quay", Title: "Quay"}, list[2].Post)
	require.Equal(t, shape.Poster{ID: 1, Label: "Harbour", Username: "harbour"}, list[2].Account)
	require.Contains(t, list[1].Caption, "Words about Boats.", "what is not sent yet is told as it would be")
	p.get("/api/v1/publications?state=held,%20failed&account=1&feed=1").into(&list)
	require.Len(t, list, 2)
	p.get("/api/v1/publications?account=9").into(&list)
	require.Empty(t, list)

	var one onePublication
	p.get(fmt.Sprintf("/api/v1/publications/%d", live.ID)).into(&one)
	require.Equal(t, "As it was sent", one.Caption)
	require.Equal(t, "Blog", one.Feed["label"])
	require.Len(t, one.Media, 1)
	require.Equal(t, "The quay at dawn", one.Media[0]["alt"])
	require.NotEmpty(t, one.PublishedAt)
	require.Equal(t, "found", one.Events[0]["kind"])
	require.Equal(t, "published", one.Events[len(one.Events)-1]["to"])
	p.get(fmt.Sprintf("/api/v1/publications/%d", held.ID)).into(&one)
	require.Empty(t, one.PublishedAt)

	var feeds []shape.Feed
	p.get("/api/v1/feeds").into(&feeds)
	require.Len(t, feeds, 1)
	var feed shape.Feed
	p.get("/api/v1/feeds/1").into(&feed)
	require.Equal(t, feeds[0], feed)
	var accounts []shape.Account
	p.get("/api/v1/accounts").into(&accounts)
	var account shape.Account
	p.get("/api/v1/accounts/1").into(&account)
	require.Equal(t, []shape.Account{account}, accounts)
	require.Equal(t, "Harbour", account.Label)

	var well map[string]any
	p.get("/api/v1/health").into(&well)
	require.Equal(t, true, well["well"])
	require.InDelta(t, 1, well["publications"].(map[string]any)["failed"], 0)
	require.NoError(t, h.store.SyncNotices(t.Context(),
		store.NoticeChange{Opened: []store.Notice{
			{Cause: "publication:3", Level: 1, Severity: store.Bad, Text: "“Storm” was not published",
				Remedy: "mend it", PublicationID: 3}}, Message: func(store.Notice) string { return "" }}))
	p.get("/api/v1/health").into(&well)
	require.Equal(t, false, well["well"])
	var notices []shape.Notice
	p.get("/api/v1/notices").into(&notices)
	require.Equal(t, "publication:3", notices[0].Cause)

	p.get("/api/v1/openapi.json")
	for _, path := range []string{"/api/v1/publications/9", "/api/v1/publications/x", "/api/v1/feeds/9",
		"/api/v1/accounts/9", "/api/v1/publications/99999999999999999999", "/api/v1/nothing", "/api/v1/",
		"/api/v2/feeds", "/api/x"} {
		p.get(path).refused(http.StatusNotFound)
	}
	for _, path := range []string{"/api/v1/feeds?label=x", "/api/v1/feeds/1?x=", "/api/v1/publications?state=gone",
		"/api/v1/publications?state=", "/api/v1/publications?limit=201",
		"/api/v1/publications?limit=0", "/api/v1/publications?before=-1",
		"/api/v1/publications?state=held&state=failed", "/api/v1/publications?%zz", "/api/v1/health?a;b",
		"/api/v1/accounts?after=one", "/api/v1/feeds?after=9223372036854775807"} {
		p.get(path).refused(http.StatusBadRequest)
	}
	require.Contains(t, p.get("/api/v1/feeds?label=x").refused(http.StatusBadRequest),
		`there is no parameter "label": this address takes after, limit`)
	require.NotContains(t, h.log.String(), "API failed")
	for _, secret := range []string{token, appSecret, p.token, passwordHash()} {
		require.NotContains(t, p.seen.String(), secret)
		require.NotContains(t, h.log.String(), secret)
	}
}

func TestAPIPages(t *testing.T) {
	h := furnished(t)
	for i := range 7 {
		h.entry(fmt.Sprintf("Post %d", i))
	}
	for i := range 4 {
		_, err := h.store.AddFeed(t.Context(),
			store.Feed{URL: fmt.Sprintf("https://me:hush-%d@blog%[1]d.example.org/feed", i), StartRule: "now"})
		require.NoError(t, err)
	}
	p := h.program(store.ReadScope)
	walk := func(path string, read func(r reply) []int64) (ids []int64) {
		for pages := 0; path != ""; pages++ {
			require.Less(t, pages, 10)
			r := p.get(path)
			ids = append(ids, read(r)...)
			link := r.Header.Get("Link")
			path = ""
			if link != "" {
				require.True(t, strings.HasSuffix(link, `>; rel="next"`), link)
				path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
			}
		}
		return ids
	}
	require.Equal(t, []int64{7, 6, 5, 4, 3, 2, 1},
		walk("/api/v1/publications?limit=3&state=queued", func(r reply) (ids []int64) {
			var list []shape.Publication
			r.into(&list)
			require.LessOrEqual(t, len(list), 3)
			for _, x := range list {
				ids = append(ids, x.ID)
			}
			return ids
		}))
	require.Equal(t, []int64{1, 2, 3, 4, 5}, walk("/api/v1/feeds?limit=1", func(r reply) (ids []int64) {
		var list []shape.Feed
		r.into(&list)
		for _, x := range list {
			ids = append(ids, x.ID)
		}
		return ids
	}))
	require.NotContains(t, p.seen.String(), "hush", "of an address of a feed the password is left out")
	require.Equal(t, []int64{1}, walk("/api/v1/accounts?limit=1", func(r reply) (ids []int64) {
		var list []shape.Account
		r.into(&list)
		return append(ids, list[0].ID)
	}))
}

func TestAPIDecides(t *testing.T) {
	h := furnished(t)
	p := h.program(store.WriteScope)
	at := func(x store.Publication, command string) string {
		return fmt.Sprintf("/api/v1/publications/%d/%s", x.ID, command)
	}
	says := func(r reply) store.State {
		t.Helper()
		var v shape.Publication
		r.into(&v)
		require.Equal(t, h.state(v.ID).State, v.State)
		return v.State
	}
	quay := h.entry("Quay")
	require.Equal(t, store.Held, says(p.post(at(quay, "hold"), `{"state": "queued"}`)))
	p.post(at(quay, "publish"), `{"state": "queued"}`).refused(http.StatusConflict, "it is held by now, not queued",
		"read it again")
	p.post(at(quay, "hold"), `{"state": "held"}`).refused(http.StatusConflict,
		"nothing was done: publication "+fmt.Sprint(quay.ID)+" is already on hold")
	require.Equal(t, store.Queued, says(p.post(at(quay, "publish"), `{"state": "held"}`)))
	require.Equal(t, store.Skipped, says(p.post(at(quay, "skip"), `{"state": "queued"}`)))

	boats := h.bring(h.entry("Boats"), store.Failed)
	require.Equal(t, store.Queued, says(p.post(at(boats, "retry"), `{"state": "failed"}`)))
	storm := h.bring(h.entry("Storm"), store.Unconfirmed)
	require.Equal(t, store.Unconfirmed, says(p.post(at(storm, "check"), `{"state": "unconfirmed"}`)))
	p.post(at(storm, "check"), `{"state": "failed"}`).refused(http.StatusConflict, "it is unconfirmed by now")
	p.post(at(boats, "check"), `{"state": "queued"}`).refused(http.StatusConflict, "only an unconfirmed one")
	h.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "media", Reply: simulator.Internal,
		Times: simulator.Forever})
	p.post(at(storm, "check"), `{"state": "unconfirmed"}`).refused(http.StatusBadGateway, "Postern could not look")
	p.post(at(storm, "retry"), `{"state": "unconfirmed"}`).refused(http.StatusUnprocessableEntity,
		"the publication may be live")
	p.post(at(storm, "retry"), `{"state": "unconfirmed", "not_live": false}`).refused(http.StatusUnprocessableEntity,
		`"not_live": true`)
	p.post(at(storm, "confirm"), `{"state": "unconfirmed", "permalink": "javascript:1"}`).refused(
		http.StatusUnprocessableEntity, "permalink")
	require.Equal(t, store.Unconfirmed, h.state(storm.ID).State)
	require.Equal(t, store.Published,
		says(p.post(at(storm, "confirm"), `{"state": "unconfirmed", "permalink": "https://www.instagram.com/p/XYZ/"}`)))
	require.Equal(t, "https://www.instagram.com/p/XYZ/", h.state(storm.ID).Permalink)
	gull := h.bring(h.entry("Gull"), store.Unconfirmed)
	require.Equal(t, store.Queued, says(p.post(at(gull, "retry"), `{"state": "unconfirmed", "not_live": true}`)))

	for body, want := range map[string]int{
		`{}`: 422, `{"state": ""}`: 422, `{"state": "none"}`: 422, `{"state": 3}`: 400, `[]`: 400, `"held"`: 400,
		`{"state": "held"} {}`: 400, `{"state": "held"`: 400, `nonsense`: 400,
		`{"state": "held", "force": true}`: 400, `{"state": "held", "not_live": true}`: 400,
		`{"state": "` + strings.Repeat("x", 17<<10) + `"}`:  413,
		`{"state": "` + strings.Repeat("x", 300<<10) + `"}`: 413,
	} {
		r := p.post(at(quay, "publish"), body)
		r.refused(want)
		require.NotContains(t, r.Body, "nonsense")
	}
	p.ask(http.MethodPost, at(quay, "publish"), `{"state": "skipped"}`, "Content-Type",
		"application/x-www-form-urlencoded").refused(http.StatusUnsupportedMediaType)
	p.ask(http.MethodPost, at(quay, "publish"), "").refused(http.StatusUnsupportedMediaType)
	p.post("/api/v1/publications/99/hold", `{"state": "queued"}`).refused(http.StatusNotFound)
	require.Equal(t, store.Skipped, h.state(quay.ID).State)

	events, err := h.store.EventsOf(t.Context(), quay.ID)
	require.NoError(t, err)
	require.Equal(t, store.Visitor, events[len(events)-1].Actor)
}

func TestAPIFeedsAndAccounts(t *testing.T) {
	h := newHouse(t)
	h.connect()
	h.site.item("Quay", "quay.jpg")
	p := h.program(store.WriteScope)
	var f struct {
		shape.Feed
		WillPublish shape.WillPublish `json:"will_publish"`
	}
	add := fmt.Sprintf(`{"url": %q, "label": " Light ", "start": "last:1"}`, h.site.URL+"/feed.xml")
	r := p.post("/api/v1/feeds", add)
	r.into(&f)
	require.Equal(t, http.StatusCreated, r.Status)
	require.Equal(t, "/api/v1/feeds/1", r.Header.Get("Location"))
	require.Equal(t, "Light", f.Label)
	require.Equal(t, 1, f.WillPublish.Count)
	require.NotEmpty(t, f.WillPublish.FirstAt)
	require.Equal(t, store.Queued, h.state(1).State)
	p.post("/api/v1/feeds", add).refused(http.StatusConflict, "is already there as feed 1")
	for body, words := range map[string]string{
		`{"url": ""}`: "is missing", `{"url": "https://x.example", "start": "yesterday"}`: "not added",
		fmt.Sprintf(`{"url": %q}`, h.site.URL+"/nothing"):               "404",
		fmt.Sprintf(`{"url": "https://%s"}`, strings.Repeat("x", 3000)): "too long",
	} {
		p.post("/api/v1/feeds", body).refused(http.StatusUnprocessableEntity, words)
	}

	p.post("/api/v1/feeds/1/pause", "").into(&f)
	require.Empty(t, f.NextPollAt)
	p.post("/api/v1/feeds/1/poll", "").refused(http.StatusConflict, "paused")
	p.post("/api/v1/feeds/1/resume", "{}").into(&f)
	require.NotEmpty(t, f.NextPollAt)
	p.post("/api/v1/feeds/1/resume", `{"x": 1}`).refused(http.StatusBadRequest, "takes no body")
	h.site.item("Boats", "boats.jpg")
	p.post("/api/v1/feeds/1/poll", "").into(&f)
	require.Empty(t, f.Problem)
	require.Equal(t, "Boats", h.listed(2).Post.Title)
	h.site.set(func() { h.site.gone = true })
	p.post("/api/v1/feeds/1/poll", "").into(&f)
	require.Contains(t, f.Problem, "404")
	require.Equal(t, reason.FeedNotFound, f.ProblemCode)
	require.Contains(t, h.owner().get("/feeds").text("main"), "There is nothing at this address (404 Not Found)")

	var a shape.Account
	p.post("/api/v1/accounts/1/pause", "").into(&a)
	require.True(t, a.Paused)
	p.post("/api/v1/accounts/1/resume", "").into(&a)
	require.False(t, a.Paused)
	p.post("/api/v1/accounts/9/pause", "").refused(http.StatusNotFound)

	r = p.ask(http.MethodDelete, "/api/v1/feeds/1", "")
	require.Equal(t, http.StatusNoContent, r.Status)
	require.Equal(t, store.Skipped, h.state(2).State)
	for _, path := range []string{"/api/v1/feeds/1/poll", "/api/v1/feeds/1/pause"} {
		p.post(path, "").refused(http.StatusNotFound)
	}
	p.ask(http.MethodDelete, "/api/v1/feeds/1", "").refused(http.StatusNotFound)
	p.get("/api/v1/feeds/1").refused(http.StatusNotFound)

	r = p.ask(http.MethodDelete, "/api/v1/accounts/1", "")
	r.refused(http.StatusMethodNotAllowed, "takes GET only")
	require.Equal(t, "GET", r.Header.Get("Allow"))
	r = p.ask(http.MethodPut, "/api/v1/feeds/1", "{}")
	r.refused(http.StatusMethodNotAllowed)
	require.Equal(t, "GET, DELETE", r.Header.Get("Allow"))
}

func (h *house) listed(id int64) store.Listed {
	h.t.Helper()
	l, err := h.store.Listed(h.t.Context(), id)
	require.NoError(h.t, err)
	return l
}

// Whoever may only read changes nothing, at no address; whoever has no token learns nothing.
func TestAPIIsClosed(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	p := h.program(store.ReadScope)
	reads := p.token
	list, err := h.store.Tokens(t.Context())
	require.NoError(t, err)
	_, err = h.store.RemoveToken(t.Context(), list[0].ID, store.CLI)
	require.NoError(t, err)
	p = h.program(store.ReadScope)
	removed := reads
	reads = p.token
	tried := 0
	for _, operation := range p.spec.operations() {
		method, path, _ := strings.Cut(operation, " ")
		path = strings.ReplaceAll(path, "{id}", "1")
		if path == "/api/v1/openapi.json" {
			continue
		}
		body := ""
		if method == http.MethodPost {
			body = `{"state": "queued"}`
		}
		p.token = ""
		r := p.ask(method, path, body)
		r.refused(http.StatusUnauthorized, "a token is needed")
		require.Equal(t, `Bearer realm="postern"`, r.Header.Get("WWW-Authenticate"))
		require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
		p.token = removed
		if tried++; tried <= 5 {
			p.ask(method, path, body).refused(http.StatusUnauthorized, "not known here, or was removed")
		} else {
			p.ask(method, path, body).refused(http.StatusTooManyRequests)
		}
		p.token = reads
		if method != http.MethodGet {
			r := p.ask(method, path, body)
			r.refused(http.StatusForbidden, "--write")
			require.Contains(t, r.Header.Get("WWW-Authenticate"), "insufficient_scope")
		} else {
			require.Equal(t, http.StatusOK, p.get(path).Status, path)
		}
	}
	require.Greater(t, tried, 20)
	require.Equal(t, store.Queued, h.state(1).State)

	// The owner's own session is none of a program's, and a token opens no page.
	b := h.owner()
	require.Equal(t, http.StatusUnauthorized, b.get("/api/v1/feeds").Status)
	require.Equal(t, http.StatusUnauthorized,
		b.post("/api/v1/publications/1/hold", url.Values{"state": {"queued"}}).Status)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.http.URL+"/feeds", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+reads)
	require.Equal(t, "/login", h.stranger().do(req).Path)
}

// A program may run in a browser, or send what one does: its token, not where it comes from, lets it in.
func TestAPITakesProgramsFromAnywhere(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	p := h.program(store.WriteScope)
	for _, header := range [][]string{{"Origin", "https://build.example.org"}, {"Sec-Fetch-Site", "cross-site"}} {
		r := p.ask(http.MethodPost, "/api/v1/publications/1/hold", `{"state": "queued"}`, header...)
		require.Equal(t, http.StatusOK, r.Status, r.Body)
		require.Empty(t, r.Header.Get("Access-Control-Allow-Origin"))
		require.Equal(t, http.StatusOK, p.post("/api/v1/publications/1/publish", `{"state": "held"}`).Status)
	}
}

// A post names its publication, as on the command line; one without a publication, or with several, is no order's.
func TestAPITakesPosts(t *testing.T) {
	h := furnished(t)
	p := h.program(store.WriteScope)
	one := h.entry("Quay")
	at := func(post int64) string { return fmt.Sprintf("/api/v1/publications/post:%d", post) }
	var v onePublication
	p.get(at(one.PostID)).into(&v)
	require.Equal(t, one.ID, v.ID)
	p.post(at(one.PostID)+"/hold", `{"state": "queued"}`)
	require.Equal(t, store.Held, h.state(one.ID).State)
	p.post(at(one.PostID)+"/check", `{"state": "held"}`).refused(http.StatusConflict, "only an unconfirmed one")

	h.posts = append(h.posts, store.Post{GUID: "words", Title: "Words", URL: "https://blog.example.org/words",
		PublishedAt: time.Now(), Decision: store.Skip})
	h.save()
	left, _, err := h.store.LeftOutPage(t.Context(), store.LeftOutQuery{Limit: 9})
	require.NoError(t, err)
	require.Len(t, left, 1)
	p.get(at(left[0].Post.ID)).into(&v)
	require.Equal(t, shape.LeftOut(left[0]), v.Publication)
	p.post(at(left[0].Post.ID)+"/publish", `{"state": "skipped"}`).refused(http.StatusConflict,
		fmt.Sprintf("nothing was done: post %d is skipped: ", left[0].Post.ID), v.Remedy)

	h.another("Lighthouse")
	two := h.entry("Boats")
	p.get(at(two.PostID)).refused(http.StatusConflict, "has 2 publications. Name one: ", "(Lighthouse)")
	for _, path := range []string{"post:99", "post:0", "post:", "post:post:1", "1:post"} {
		p.get("/api/v1/publications/" + path).refused(http.StatusNotFound)
	}
}
