package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// A caption that Instagram does not take is shown as it is, and every button takes a shorter one.
func TestATooLongCaptionIsShortened(t *testing.T) {
	h := furnished(t)
	off := false
	h.set(func(s *store.Settings) { s.Truncate = &off })
	long := strings.Repeat("A long walk. ", 200)
	h.entry("Quay")
	h.posts[0].Text = long
	h.save()
	const shorter = "A short walk."
	b := h.owner()
	for i, command := range []string{"caption", "approve", "publish", "hold", "skip"} {
		p := h.entry(strings.Repeat("Quay ", i+2))
		h.posts[len(h.posts)-1].Text = long
		h.save()
		if command == "approve" {
			p = h.bring(h.state(p.ID), store.Held)
		}
		page := b.get(publicationPath(p))
		require.Contains(t, page.Find("textarea[name=caption]").Text(), "A long walk. A long walk.", command)
		require.Regexp(t, `Shorten the caption by \d+ characters\.`, page.text("#fields"), command)
		if command != "approve" { // its reason is another one, and its orders name the problem
			require.Equal(t, 1, strings.Count(page.text("main"), "Instagram takes 2200"), command)
		}
		page = page.submit(form(p, command), url.Values{"caption": {shorter}})
		require.Equal(t, http.StatusOK, page.Status, command+": "+page.notice())
		require.Equal(t, shorter, *h.state(p.ID).Edits.Caption, command)
	}
}

// What stops a post needs no caption that Instagram takes.
func TestHoldAndSkipAreNotRefusedForACaption(t *testing.T) {
	h := furnished(t)
	off := false
	h.set(func(s *store.Settings) { s.Truncate = &off })
	b := h.owner()
	for command, want := range map[string]store.State{"hold": store.Held, "skip": store.Skipped} {
		for _, typed := range []url.Values{nil, {"caption": {strings.Repeat("Longer still. ", 200)}}} {
			p := h.entry("Quay " + command + typed.Encode()[:min(3, len(typed.Encode()))])
			h.posts[len(h.posts)-1].Text = strings.Repeat("A long walk. ", 200)
			h.save()
			page := b.get(publicationPath(p)).submit(form(p, command), typed)
			require.Equal(t, http.StatusOK, page.Status, page.notice())
			require.Equal(t, want, h.state(p.ID).State, command)
			require.Nil(t, h.state(p.ID).Edits.Caption)
			if typed != nil {
				require.Contains(t, page.notice(), "Your changes were not saved: The edited caption has")
				require.Contains(t, page.Body, "Longer still.", "what was typed is not lost")
			}
		}
	}
}
