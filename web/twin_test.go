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
	old = h.entry("Letters from the old harbour")
	return h.again(h.bring(old, store.Published), words), old
}

// again puts the post of a publication on the site once more, under another id and address.
func (h *house) again(old store.Publication, words string) store.Publication {
	h.t.Helper()
	t := h.t
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
	return held[0].Publication
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
	require.Equal(t, "Skip, it is the same", twin.Find(asButton(form(p, "skip"))).Text())
	require.Equal(t, "Publish now, it is new", twin.Find(asButton(form(p, "publish"))).Text())

	require.Equal(t, http.StatusOK, b.post(publicationPath(p)+"/"+command, url.Values{"state": {"held"}}).Status)
	require.Equal(t, want, h.state(p.ID).State)
	page = b.get(publicationPath(p))
	require.Zero(t, page.Find(`section[aria-labelledby="twin"]`).Length())
	require.False(t, page.has("button.main"), "it is decided")
	if want == store.Skipped {
		require.Contains(t, page.text(".next"),
			"You decided that this entry and the earlier post are the same, so this entry stays skipped.")
		require.NotContains(t, page.text(".next"), "It goes out only if you publish it.")
	}
}

// The question says what became of the earlier post by now, and offers nothing that the page does not have.
func TestTwinQuestionIsWhole(t *testing.T) {
	h := furnished(t)
	p, old := h.twins("The new words.")
	b := h.owner()
	page := b.get(publicationPath(p))
	twin := page.Find(`section[aria-labelledby="twin"]`).Text()
	for _, want := range []string{"Letters from the old harbour", "publication 1", "on Postern:", "published",
		"“Skip, it is the same” skips the new entry", "“Approve, it is new” lets the new entry go out in its turn",
		"“Publish now, it is new” publishes it at once"} {
		require.Contains(t, twin, want)
	}
	require.NotContains(t, twin, "does not publish it either")
	require.Contains(t, page.text(".next"), `“Letters from the old harbour”, published on `)
	require.NotContains(t, page.Find("main").Text(), "Skip it", "no such button is there")
	require.Equal(t, 1, page.Find(`.next a[href="`+publicationPath(old)+`"]`).Length())
}

// An earlier post that was skipped is not said to be published.
func TestTwinOfWhatIsSkippedSaysSo(t *testing.T) {
	h := furnished(t)
	old := h.entry("Letters from the old harbour")
	p := h.again(old, "The new words.")
	_, err := h.store.Do(t.Context(), old.ID, store.Order{Command: store.CommandSkip, By: store.CLI})
	require.NoError(t, err)
	page := h.owner().get(publicationPath(p))
	require.Contains(t, page.text(".next"), `“Letters from the old harbour”, skipped and never published`)
	require.Contains(t, page.Find(`section[aria-labelledby="twin"]`).Text(),
		"The earlier post is not published. “Skip, it is the same” does not publish it either.")
}

// Putting an entry back that was skipped as the same post says that it is new: nothing asks about it again, and the
// feed's ids are those of before.
func TestPutBackOfATwinIsTheAnswerThatItIsNew(t *testing.T) {
	h := furnished(t)
	p, old := h.twins("The new words.")
	b := h.owner()
	page := b.get(publicationPath(p))
	require.Contains(t, page.Find(`section[aria-labelledby="twin"]`).Text(), "skips the new entry for all accounts")
	page = page.submit(form(p, "skip"), nil)
	require.Contains(t, page.text(".next"), "Put back in the queue: the entry counts as a new post")
	page = page.submit(form(p, "approve"), nil)
	require.Contains(t, page.notice(), "Back in the queue.")
	require.Equal(t, store.Queued, h.state(p.ID).State)
	entry, err := h.store.Post(t.Context(), p.PostID)
	require.NoError(t, err)
	require.True(t, entry.IsNew)
	require.Zero(t, entry.LooksLike)
	require.Equal(t, "another", entry.GUID)
	earlier, err := h.store.Post(t.Context(), old.PostID)
	require.NoError(t, err)
	require.Equal(t, "g1", earlier.GUID)
}
