package web_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/shape"
	"postern/store"
)

// words saves one more post of the feed that has no picture.
func (h *house) words(title string) int64 {
	h.t.Helper()
	h.posts = append(h.posts, store.Post{
		GUID: fmt.Sprintf("w%d", len(h.posts)+1), Title: title, Text: "Nothing but words about " + title + ".", URL: "https://blog.example.org/words",
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
	for _, path := range []string{"/posts", "/posts?q=lighthou", "/posts?q=Keepers&state=skipped", "/posts?state=not-taken", "/posts?state=not-taken&q=lighthouse&feed=1"} {
		require.Contains(t, b.get(path).text(`section[aria-labelledby=left-out]`), "Lighthouse keepers · Blog No picture or video.", path)
	}
	for _, path := range []string{"/posts?q=ferry", "/posts?state=published", "/posts?account=1", "/posts?state=not-taken&feed=9"} {
		require.NotContains(t, b.get(path).Body, "Lighthouse", path)
	}
	home := b.get("/")
	require.Equal(t, fmt.Sprintf("/posts/%d", id), home.Find(".skipped a").First().AttrOr("href", ""))

	page := b.get(fmt.Sprintf("/posts/%d", id))
	require.Equal(t, http.StatusOK, page.Status)
	require.Contains(t, page.text(".next"), "Why it was not published No picture or video. Add a picture on the site. Postern publishes the post after its next check of the feed.")
	require.Equal(t, http.StatusNotFound, b.get("/posts/99").Status)

	var list []shape.Publication
	p := h.program(store.ReadScope)
	p.get("/api/v1/publications").into(&list)
	require.Len(t, list, 2)
	require.Equal(t, shape.Publication{State: store.Skipped, Reason: list[1].Reason, ReasonCode: reason.NoMedia, Post: shape.Post{ID: id, GUID: "w2", URL: "https://blog.example.org/words", Title: "Lighthouse keepers"}}, list[1])
	p.get("/api/v1/publications?state=queued").into(&list)
	require.Len(t, list, 1)

	// With a picture it is one publication, and no longer a post that was not taken.
	h.posts[1].Decision, h.posts[1].Reason, h.posts[1].Media = store.Publish, reason.Reason{}, []store.Media{{Type: store.Image, URL: "https://blog.example.org/keeper.jpg"}}
	h.save()
	require.NotContains(t, b.get("/posts?state=not-taken").Body, "Lighthouse")
	require.Contains(t, b.get(fmt.Sprintf("/posts/%d", id)).text(".rows"), "Lighthouse keepers")
	p.get("/api/v1/publications?state=queued").into(&list)
	require.Len(t, list, 2)
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
		require.Equal(t, []string{"Post 2", "Post 1", "Post 0", "Words 2", "Words 1", "Words 0"}, titles, "pages of %d", limit)
	}
}
