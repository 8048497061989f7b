package web_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThemeIsChosenWithoutAScriptAndLeadsBack(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	require.Empty(t, b.get("/posts").Find("html").AttrOr("data-theme", "none"))
	p := b.get("/posts?state=held").submit(`form[action="/theme"]`, url.Values{"theme": {"dark"}})
	require.Equal(t, "/posts", p.Path)
	require.Equal(t, "dark", p.Find("html").AttrOr("data-theme", ""))
	require.Equal(t, "true", p.Find(`.theme button[value=dark]`).AttrOr("aria-pressed", ""))
	p = p.submit(`form[action="/theme"]`, url.Values{"theme": {"pink"}, "here": {"//elsewhere.example"}})
	require.Equal(t, "/", p.Path, "never to another host")
	require.Empty(t, p.Find("html").AttrOr("data-theme", "none"))
}

func TestOtherBrowsersAreListedAndLoggedOut(t *testing.T) {
	h := newHouse(t)
	one, other := h.owner(), h.owner()
	h.stranger().get("/login")
	p := one.get("/settings")
	require.Equal(t, 2, p.Find(`section[aria-labelledby=browsers] li`).Length())
	p = p.submit(`form[action="/settings/sessions"]`, nil)
	require.Contains(t, p.notice(), "logged out")
	require.Equal(t, "/login", other.get("/").Path)
	require.Equal(t, "/", one.get("/").Path)
}

func TestPasswordIsChangedOnThePage(t *testing.T) {
	h := newHouse(t)
	one, other := h.owner(), h.owner()
	const form = `form[action="/settings/password"]`
	p := one.get("/settings").submit(form,
		url.Values{"current": {"not this one"}, "password": {"another password"}, "again": {"another password"}})
	require.Contains(t, p.notice(), "The password is not changed")
	require.Equal(t, "/", other.get("/").Path)
	p = one.get("/settings").submit(form,
		url.Values{"current": {password}, "password": {"another password"}, "again": {"another password"}})
	require.Contains(t, p.notice(), "The password is changed")
	require.Equal(t, "/", one.get("/").Path, "who changed it stays")
	require.Equal(t, "/login", other.get("/").Path)
}
