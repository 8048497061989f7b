package web_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// The address of each button leads to the page of the button when it is loaded again.
func TestAddressesOfButtonsLeadToTheirPages(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	b := h.owner()
	source, err := os.ReadFile("page/routes.go")
	require.NoError(t, err)
	buttons := regexp.MustCompile(`"POST (/[^"]+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(buttons), 30)
	for _, button := range buttons {
		path := strings.ReplaceAll(button[1], "{id}", "1")
		page := b.get(path)
		require.Equal(t, http.StatusOK, page.Status, path)
		first := strings.Split(path, "/")[1]
		switch first {
		case "setup", "login", "logout", "theme":
			require.Equal(t, "/", page.Path, path)
		default:
			require.True(t, strings.HasPrefix(page.Path, "/"+first), "%s leads to %s", path, page.Path)
		}
	}
	require.Equal(t, publicationPath(p), b.get(publicationPath(p)+"/approve").Path)
	require.Equal(t, "/accounts/1/webhook", b.get("/accounts/1/webhook/test").Path)
	require.Equal(t, "/login", h.stranger().get("/accounts/1/pause").Path)
	require.Equal(t, http.StatusNotFound, b.get("/feeds/none/pause").Status)
}

// Approving a post of a later date names that date, before and after.
func TestApproveNamesADateAhead(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	h.posts[0].PublishedAt, h.posts[0].NotBefore = time.Now().AddDate(2, 0, 0), time.Now().AddDate(2, 0, 0)
	h.save()
	list, err := h.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	p := list[0].Publication
	if p.State != store.Held {
		p = h.bring(p, store.Held)
	}
	page := h.owner().get(publicationPath(p))
	require.Contains(t, page.text(".orders"), "in its turn after its date, ")
	page = page.submit(form(p, "approve"), url.Values{"caption": {"Typed"}})
	require.Contains(t, page.notice(), "more than a year ahead")
	require.Contains(t, page.notice(), "If you mean that date, press “Approve” again.")
	require.Equal(t, store.Held, h.state(p.ID).State, "nothing is approved yet")
	require.Equal(t, "Typed", page.text(`textarea[name="caption"]`))
	page = page.submit(form(p, "approve?date="+h.posts[0].NotBefore.UTC().Format(time.DateOnly)), nil)
	require.Contains(t, page.notice(), "Approved. It goes out in its turn after its date, ")
}
