package web_test

import (
	"net/http"
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
	page = page.submit(form(p, "approve"), nil)
	require.Contains(t, page.notice(), "Approved. It goes out in its turn after its date, ")
}
