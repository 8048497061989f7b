package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// A new entry that looks like an earlier post stands beside it, with one button for each answer.
func TestTwinsStandSideBySide(t *testing.T) {
	for command, want := range map[string]store.State{"skip": store.Skipped, "publish": store.Queued} {
		t.Run(command, func(t *testing.T) { answerTwin(t, command, want) })
	}
}

// twins returns the publication of an entry that looks like an earlier post, and that of the earlier post.
func (h *house) twins(words string) (p, old store.Publication) {
	h.t.Helper()
	t := h.t
	old = h.entry("Letters from the old harbour")
	h.bring(old, store.Published)
	l, err := h.store.Listed(t.Context(), old.ID)
	require.NoError(t, err)
	renamed := l.Post
	renamed.GUID, renamed.URL, renamed.Text = "another", "https://moved.example.org/letters", words
	f, err := h.store.Feed(t.Context(), l.Post.FeedID)
	require.NoError(t, err)
	f.LastPolledAt, f.NextPollAt = time.Now(), time.Now().Add(time.Hour)
	_, err = h.store.SavePosts(t.Context(), f, []store.Post{renamed}, false)
	require.NoError(t, err)
	held, err := h.store.Publications(t.Context(),
		store.Filter{States: []store.State{store.Held}, Newest: true, Limit: 1})
	require.NoError(t, err)
	require.Len(t, held, 1)
	return held[0].Publication, old
}

func answerTwin(t *testing.T, command string, want store.State) {
	h := furnished(t)
	p, old := h.twins("The new words.")
	b := h.owner()
	page := b.get(publicationPath(p))
	require.Equal(t, http.StatusOK, page.Status)
	twin := page.Find(`section[aria-labelledby="twin"]`)
	require.Equal(t, 1, twin.Length())
	require.Equal(t, 1, twin.Find(`a[href="`+publicationPath(old)+`"]`).Length())
	require.Equal(t, 1, twin.Find(`a[href="https://moved.example.org/letters"]`).Length())
	require.Contains(t, twin.Text(), "The new words.")
	for _, c := range []string{"skip", "publish"} {
		require.Equal(t, 1, page.Find(asButton(form(p, c))).Length(), "one button for each answer")
	}
	require.Equal(t, "It is the same", twin.Find(asButton(form(p, "skip"))).Text())
	require.Equal(t, "Publish, it is new", twin.Find(asButton(form(p, "publish"))).Text())

	require.Equal(t, http.StatusOK, b.post(publicationPath(p)+"/"+command, url.Values{"state": {"held"}}).Status)
	require.Equal(t, want, h.state(p.ID).State)
	page = b.get(publicationPath(p))
	require.Zero(t, page.Find(`section[aria-labelledby="twin"]`).Length())
	require.False(t, page.has("button.main"), "it is decided")
	if want == store.Skipped {
		require.Contains(t, page.text(".next"),
			"You decided that it is the same post, so Postern does not publish it again.")
		require.NotContains(t, page.text(".next"), "It goes out only if you publish it.")
	}
}
