package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// A page says of what is over when it was, and what was checked before; nothing is called next.
func TestPublishedIsOver(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.entry("Quay")
	require.Equal(t, "What happens next", b.get(publicationPath(p)).text(".next > h2"))
	p = h.bring(p, store.Published)
	page := b.get(publicationPath(p))
	require.Contains(t, page.text(".next > h2"), "Published")
	require.True(t, page.has(".next > h2 time"))
	require.NotContains(t, page.text("main"), "What happens next")
	require.NotContains(t, page.text("main"), "Checks before it goes out")
}

// What is in the way is said once: where the reason says it, the checks do not repeat it.
func TestReasonIsNotRepeatedByACheck(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	why := reason.New(reason.MediaNotFound, "picture", "blog.example.org/pictures/quay.jpg", 404).ByRule(
		"media.url.not-found")
	what, remedy := why.Parts()
	require.NotEmpty(t, remedy)
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Checks = []store.Check{
		{ID: "media.url.not-found", Severity: store.Blocks, Text: what},
		{ID: "media.url.not-found", Severity: store.Blocks, Text: "there is no picture at another address"},
	}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	_, err = h.store.Advance(t.Context(), h.state(p.ID), store.Change{To: store.Failed, Reason: why})
	require.NoError(t, err)
	page := h.owner().get(publicationPath(p))
	live := page.text(".next") + page.text("#checks") + page.text(".pieces")
	require.Equal(t, 1, strings.Count(live, "pictures/quay.jpg (the server answered 404)"), live)
	require.Contains(t, page.text("#checks"), "no picture at another address")
}
