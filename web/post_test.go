package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/shape"
	"postern/store"
)

// What is the same for several accounts stands once on the page of their post, with a link to each of them.
func TestAPostSaysOnceWhatItsAccountsShare(t *testing.T) {
	h := furnished(t)
	h.another("Pier")
	h.another("Quayside")
	h.another("Marina")
	h.entry("Fog")
	list, err := h.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	require.Len(t, list, 4)
	page := h.owner().get(fmt.Sprintf("/posts/%d", list[0].PostID)) // the later three skip what was there before them
	require.Equal(t, 2, page.Find(".rows > li").Length())
	require.Contains(t, page.text(".rows > li:first-child"), "Blog → Harbour")
	last := page.Find(".rows > li:last-child")
	require.Contains(t, last.Find(".head").Text(), "Pier, Quayside, Marina")
	require.Contains(t, last.Text(), "Was there before the account took this feed")
	require.NotContains(t, last.Text(), "→")
	require.NotContains(t, last.Text(), "Settings of the feed", "each account has its own")
	for i, l := range list[1:] {
		require.Equal(t, publicationPath(l.Publication), last.Find(".head a").Eq(i).AttrOr("href", ""))
	}
}

// words saves one more post of the feed that has no picture.
func (h *house) words(title string) int64 {
	h.t.Helper()
	h.posts = append(h.posts, store.Post{
		GUID: fmt.Sprintf("w%d", len(h.posts)+1), Title: title, Text: "Nothing but words about " + title + ".",
		URL:         "https://blog.example.org/words",
		PublishedAt: time.Now(), Decision: store.Skip, Reason: reason.New(reason.NoMedia, ""),
	})
	h.save()
	p, err := h.store.PostByGUID(h.t.Context(), h.feed.ID, h.posts[len(h.posts)-1].GUID)
	require.NoError(h.t, err)
	return p.ID
}

func TestAPostThatWasNotTakenIsFound(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	id := h.words("Lighthouse keepers")
	b := h.owner()
	for _, path := range []string{"/posts", "/posts?q=lighthou", "/posts?q=Keepers&state=skipped",
		"/posts?state=skipped", "/posts?state=skipped&q=lighthouse&feed=1", "/posts?before_post=99"} {
		require.Contains(t, b.get(path).text(`section[aria-labelledby=left-out]`),
			"Lighthouse keepers skipped No picture or video. Blog", path)
	}
	for _, path := range []string{"/posts?q=ferry", "/posts?state=published", "/posts?account=1",
		"/posts?state=skipped&feed=9", "/posts?before_post=2"} {
		require.NotContains(t, b.get(path).Body, "Lighthouse", path)
	}
	home := b.get("/")
	require.Equal(t, fmt.Sprintf("/posts/%d", id),
		home.Find("section[aria-labelledby=skipped] li a").First().AttrOr("href", ""))

	page := b.get(fmt.Sprintf("/posts/%d", id))
	require.Equal(t, http.StatusOK, page.Status)
	require.Contains(t, page.text(".next"),
		"Why it was not published No picture or video. Add a picture on the site. Postern takes the post "+
			"as a new one at its next check of the feed.")
	require.Equal(t, http.StatusNotFound, b.get("/posts/99").Status)

	var list []shape.Publication
	p := h.program(store.ReadScope)
	p.get("/api/v1/publications").into(&list)
	require.Len(t, list, 2)
	require.Equal(t, shape.Publication{State: store.Skipped, Reason: list[1].Reason, ReasonCode: reason.NoMedia,
		Remedy: list[1].Remedy, Post: shape.Post{ID: id, GUID: "w2", URL: "https://blog.example.org/words",
			Title: "Lighthouse keepers"}}, list[1])
	p.get("/api/v1/publications?state=queued").into(&list)
	require.Len(t, list, 1)

	// With a picture it is one publication, and no longer a post that was not taken.
	h.posts[1].Decision, h.posts[1].Reason, h.posts[1].Media = store.Publish, reason.Reason{},
		[]store.Media{{Type: store.Image, URL: "https://blog.example.org/keeper.jpg"}}
	h.save()
	require.NotContains(t, b.get("/posts?state=skipped").Body, "Lighthouse")
	require.Contains(t, b.get(fmt.Sprintf("/posts/%d", id)).text(".rows"), "Lighthouse keepers")
	p.get("/api/v1/publications?state=queued").into(&list)
	require.Len(t, list, 2)
}

// A post of a feed that no account takes is found, too, and no longer when one does.
func TestAPostWithoutAnAccountIsFound(t *testing.T) {
	h := newHouse(t)
	var err error
	h.feed, err = h.store.AddFeed(t.Context(),
		store.Feed{URL: "https://blog.example.org/feed", Label: "Blog", StartRule: "all"})
	require.NoError(t, err)
	h.posts = []store.Post{
		{GUID: "1", Title: "Quay", PublishedAt: time.Now(), Decision: store.Publish,
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/quay.jpg"}}},
	}
	h.save()
	id := h.words("Lighthouse keepers")
	b, p := h.owner(), h.program(store.ReadScope)
	for _, path := range []string{"/posts", "/posts?q=quay", "/posts?state=skipped", "/posts?state=skipped&feed=1"} {
		require.Contains(t, b.get(path).text(`section[aria-labelledby=left-out]`),
			"Quay skipped No account takes this feed. Blog", path)
	}
	require.Contains(t, b.get("/posts/1").text(".next"),
		"No account takes this feed. Connect an account, or let one take the feed in its settings.")
	for limit := 1; limit <= 3; limit++ {
		var list, page []shape.Publication
		for path := fmt.Sprintf("/api/v1/publications?limit=%d", limit); path != ""; {
			r := p.get(path)
			r.into(&page)
			list = append(list, page...)
			path, _, _ = strings.Cut(strings.TrimPrefix(r.Header.Get("Link"), "<"), ">")
		}
		require.Len(t, list, 2)
		require.Equal(t, []int64{id, 1}, []int64{list[0].Post.ID, list[1].Post.ID})
		require.Equal(t, reason.NoAccount, list[1].ReasonCode)
		require.Equal(t, store.Skipped, list[1].State)
	}
	h.connect()
	require.NotContains(t, b.get("/posts?state=skipped").Body, "Quay")
	require.Contains(t, b.get("/posts/1").text(".rows"), "Quay")
	err = h.store.RemoveAccount(t.Context(), h.account.ID, store.CLI)
	require.NoError(t, err)
	h.posts = append(h.posts, store.Post{GUID: "3", Title: "Buoy", PublishedAt: time.Now(), Decision: store.Publish,
		Media: h.posts[0].Media})
	h.save()
	require.Contains(t, b.get("/posts?state=skipped").Body, "Buoy")
}

// The page says skipped of every post that does not go out, and offers one filter for them; each is on one page of it.
func TestSkippedIsOneWord(t *testing.T) {
	h := furnished(t)
	h.bring(h.entry("Left out"), store.Skipped)
	for i := range 12 {
		h.words(fmt.Sprintf("Words %d", i))
	}
	b := h.owner()
	p := b.get("/posts?state=skipped")
	require.Equal(t, 1, strings.Count(p.text("select[name=state]"), "skipped"))
	require.NotContains(t, p.text("main"), "not taken")
	require.Equal(t, "Left out skipped", p.text(".rows:first-child .head"))
	seen := p.text("#live")
	require.Equal(t, 9, p.Find(".rows .badge").Length())
	p = b.get(p.Find(`section[aria-labelledby=left-out] a[rel=next]`).AttrOr("href", ""))
	require.Equal(t, 4, p.Find(".rows .badge").Length())
	require.False(t, p.has("a[rel=next]"))
	seen += p.text("#live")
	for i := range 12 {
		require.Equal(t, 1, strings.Count(seen, fmt.Sprintf("Words %d skipped", i)), i)
	}
}

// Behind the last publication the API goes on with the posts that were not taken, each once.
func TestAPIPagesReachEveryPost(t *testing.T) {
	h := furnished(t)
	for i := range 3 {
		h.entry(fmt.Sprintf("Post %d", i))
		h.words(fmt.Sprintf("Words %d", i))
	}
	p := h.program(store.ReadScope)
	for limit := 1; limit <= 7; limit++ {
		var titles []string
		for path, n := fmt.Sprintf("/api/v1/publications?limit=%d", limit), 0; path != ""; n++ {
			require.Less(t, n, 10)
			var list []shape.Publication
			r := p.get(path)
			r.into(&list)
			for _, v := range list {
				titles = append(titles, v.Post.Title)
			}
			path = ""
			if link := r.Header.Get("Link"); link != "" {
				path = link[1 : len(link)-len(`>; rel="next"`)]
			}
		}
		require.Equal(t, []string{"Post 2", "Post 1", "Post 0", "Words 2", "Words 1", "Words 0"}, titles,
			"pages of %d", limit)
	}
}

// A date that lies ahead is no time at which a post was written.
func TestADateAheadIsNoWriting(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	for title, at := range map[string]time.Time{"Ahead": time.Now().Add(27 * time.Hour),
		"Behind": time.Now().Add(-27 * time.Hour)} {
		h.posts = append(h.posts, store.Post{GUID: title, Title: title, Decision: store.Skip,
			Reason: reason.New(reason.NoMedia, ""), PublishedAt: at},
			store.Post{GUID: title + " shown", Title: title, Decision: store.Publish, PublishedAt: at,
				Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/a.jpg"}}})
		h.save()
		words := map[bool]string{true: "dated", false: "written"}
		p, err := h.store.PostByGUID(t.Context(), h.feed.ID, title)
		require.NoError(t, err)
		paths := []string{fmt.Sprintf("/posts/%d", p.ID)}
		list, err := h.store.Publications(t.Context(), store.Filter{Newest: true, Limit: 1})
		require.NoError(t, err)
		paths = append(paths, publicationPath(list[0].Publication))
		for _, path := range paths {
			facts := b.get(path).text(".facts")
			require.Contains(t, facts, words[title == "Ahead"]+" ", path)
			require.NotContains(t, facts, words[title != "Ahead"]+" ", path)
		}
	}
}

// Posts of a simulated account are at the simulated Instagram, and nowhere else.
func TestSimulatedPostsAreNotOnInstagram(t *testing.T) {
	h := furnished(t)
	p := h.bring(h.entry("Quay"), store.Published)
	waits := h.entry("Waits")
	b := h.owner()
	at := map[string]string{publicationPath(p): ".facts", publicationPath(waits): ".next", "/": "#live",
		"/accounts": ".account"}
	for path, part := range at {
		require.NotContains(t, b.get(path).text(part), "imulated Instagram", path)
	}
	t.Run("in the demonstration", func(t *testing.T) {
		demo := furnished(t, opened)
		demo.bring(demo.entry("Quay"), store.Published)
		demo.entry("Waits")
		b := demo.stranger()
		for path, part := range at { // with the same numbers
			require.Contains(t, b.get(path).text(part), "simulated Instagram", path)
			require.NotRegexp(t, `(on|to) Instagram\b`, b.get(path).text(part), path)
		}
	})
}

// No page says that a simulated post is at Instagram itself, whatever its state; a real one is nowhere else.
func TestEachPageNamesTheSimulatedInstagram(t *testing.T) {
	real := regexp.MustCompile(`(?:^|[^d]) Instagram(?: (?:is|did|has|answered|refused|said|shows|was)|'s|\.|$)`)
	states := []store.State{store.Staged, store.Publishing, store.Published, store.Failed, store.Unconfirmed}
	for n := range 2 * len(states) {
		simulated, state := n%2 == 0, states[n/2]
		t.Run(fmt.Sprintf("%s, simulated: %t", state, simulated), func(t *testing.T) {
			var h *house
			var b *browser
			if simulated {
				h = furnished(t, opened)
				b = h.stranger()
			} else {
				h = furnished(t)
				b = h.owner()
			}
			p := h.bring(h.entry("Quay"), state)
			require.NoError(t, h.store.AddEvent(t.Context(),
				store.Event{AccountID: p.AccountID, PublicationID: p.ID, Kind: "note",
					From: p.State, To: p.State, Code: 9, Subcode: 2207042,
					Message: "Instagram is working on the media"}))
			for path, says := range map[string]bool{"/": false, "/posts": false, "/activity": true,
				publicationPath(p): true} {
				words := b.get(path).text("main")
				switch {
				case !simulated:
					require.NotContains(t, words, "imulated Instagram", "%s, %s", path, state)
				case says:
					require.Contains(t, words, "imulated Instagram", "%s, %s", path, state)
					fallthrough
				default:
					require.NotRegexp(t, real, words, "%s, %s", path, state)
				}
			}
		})
	}
}

// A problem with a file stands once in a list: as the reason, or as what is in the way.
func TestAMissingFileIsSaidOnce(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	why := reason.New(reason.MediaNotFound, "picture", "blog.example.org/a.jpg", 404).ByRule("media.url.not-found")
	p, err := h.store.Advance(t.Context(), h.state(p.ID),
		store.Change{To: store.Queued, DueAt: time.Now().Add(time.Hour),
			Reason: why.AskedUntil("1 December 10:00 UTC")})
	require.NoError(t, err)
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	what, _ := why.Parts()
	look.Valid = true
	look.Checks = []store.Check{{ID: "media.url.not-found", Severity: store.Blocks, Text: what}}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	b := h.owner()
	for _, path := range []string{"/", "/posts", publicationPath(p)} {
		words := b.get(path).text("#live")
		require.Contains(t, words, "Postern asks for it again until 1 December 10:00 UTC, then the publication fails.",
			path)
		require.NotContains(t, words, "in the way", path)
		require.Equal(t, 1, strings.Count(words, "404"), "%s: %s", path, words)
	}
	require.NotContains(t, b.get(publicationPath(p)).text("#checks"), "in the way")
}
