package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// The address of a button leads to the publication when it is loaded again.
func TestAddressOfAButtonLeadsToThePublication(t *testing.T) {
	h := furnished(t)
	p := h.entry("Quay")
	page := h.owner().get(publicationPath(p) + "/approve")
	require.Equal(t, http.StatusOK, page.Status)
	require.Equal(t, publicationPath(p), page.Path)
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
