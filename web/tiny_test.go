package web_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/store"
)

// A post of which each picture is an icon is skipped in its turn, and goes out when its owner approves or publishes it.
// Its page says so in each state, and never that something keeps it from going out.
func TestAPostOfIconsSaysWhatTheStepsDo(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.entry("Sign")
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Checks = []store.Check{{ID: draft.TinyRule, Severity: store.Noted, URL: "https://blog.example.org/pictures/quay.jpg",
		Text: "picture quay.jpg is left out, because it is 20×20 pixels; icons are smaller than 32"}}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))

	page := b.get(publicationPath(p))
	require.Equal(t, "Each picture is smaller than 32 pixels, as icons are.", page.Find(".next .lead").Text())
	require.Contains(t, page.text(".next"), "When its turn comes, Postern skips it.")
	require.Contains(t, page.text("main"), "Publish now: it goes out at once.")
	require.NotContains(t, page.text("main"), "in the way")
	require.NotContains(t, page.text("main"), "fix")
	require.NotContains(t, b.get("/posts").text("#live"), "sends it to")

	for _, command := range []store.Command{store.CommandHold, store.CommandSkip, store.CommandApprove, store.CommandPublish} {
		_, err := h.store.Do(t.Context(), p.ID, store.Order{Command: command})
		require.NoError(t, err)
		page := b.get(publicationPath(p))
		require.NotContains(t, page.text("main"), "in the way", command)
		require.NotContains(t, page.text("main"), "is left out", command)
		require.NotContains(t, page.text("main"), "Postern skips it", command)
		require.Contains(t, page.text(".checks"), "note Each picture is smaller than 32 pixels, as icons are. If you "+
			"approve or publish the post, Postern sends them all the same.", command)
		require.True(t, page.has(".phone img"), "what goes out is shown: %s", command)
	}
}
