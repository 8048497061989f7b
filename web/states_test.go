package web_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// Every state that a publication can have is explained, and leads to the posts that are in it.
func TestStatesAreExplained(t *testing.T) {
	states := []store.State{store.Queued, store.Held, store.Staged, store.Publishing, store.Published, store.Failed,
		store.Unconfirmed, store.Skipped}
	for i, s := range states {
		t.Run(string(s), func(t *testing.T) {
			h := furnished(t)
			p := h.entry("The quay")
			if s != store.Queued {
				h.bring(p, s)
			}
			other := h.entry("The lighthouse")
			if s == store.Queued {
				h.bring(other, store.Held)
			}
			b := h.owner()
			require.True(t, b.get("/").has(`footer a[href="/help/states"]`))
			lines := b.get("/help/states").Find("main .checks > li")
			require.Equal(t, len(states), lines.Length())
			line := lines.Eq(i)
			require.Contains(t, b.get(publicationPath(p)).text("main"), line.Find(".badge").Text())
			link, _ := line.Find("a").Attr("href")
			require.Contains(t, b.get(link).text("main"), "The quay", link)
			require.NotContains(t, b.get(link).text("main"), "The lighthouse", "the posts of this state alone")
		})
	}
}
