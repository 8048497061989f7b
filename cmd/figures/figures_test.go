package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	h, err := readHouse(os.DirFS("testdata/house"))
	require.NoError(t, err)
	got := map[string]figure{}
	for _, f := range h.figures() {
		got[f.name] = f
	}
	for name, want := range map[string]figure{
		"functions over 60 lines, tests apart": {value: "1", list: []string{"cmd/tool/main.go:69: long has 61 lines"}},
		"doc comments that open with the name and a verb": {value: "77.8 % (7 of 9)", list: []string{
			"shop/shop.go:16: What is asked for it.", "shop/shop.go:28: Adding to it."}},
		"packages":                          {value: "4", list: []string{"cmd/tool", "reason", "shop", "words"}},
		"exported names, methods with them": {value: "11"},
		"import arrows among our packages": {value: "3",
			list: []string{"cmd/tool -> reason", "cmd/tool -> shop", "shop -> reason"}},
		"sentences outside the catalogue": {value: "4", list: []string{
			"shop/shop.go:23: Name of the basket.", "shop/shop.go:58: the basket of … is full",
			"shop/shop.go:61: a basket needs a name",
			"shop/shop.go:63: no such basket: %s"}},
		"sentences in templates": {value: "2", list: []string{
			"shop/page.templ:8: The shop is closed today.", "shop/page.templ:7: what the shop sells"}},
	} {
		require.Equal(t, want.value, got[name].value, name)
		require.Equal(t, want.list, got[name].list, name)
	}
	require.Equal(t, []string{"README.md:4: 135 columns"}, got["lines over 120 columns in Go and Markdown"].list)
}

func TestRun(t *testing.T) {
	t.Parallel()
	var short, long strings.Builder
	require.NoError(t, run(t.Context(), &short, "testdata/house", false, false))
	require.NoError(t, run(t.Context(), &long, "testdata/house", true, false))
	require.Contains(t, short.String(), "import arrows among our packages                     3\n")
	require.NotContains(t, short.String(), "->")
	require.Contains(t, long.String(), "    shop -> reason\n")
	require.Error(t, run(t.Context(), &short, "testdata", false, false), "no module stands there")
}

func TestIsSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"There is no account": true, "no such feed %q": true, "“Quiet hours” isn't valid": true, "it is: %s; %s": true,
		"two words": false, "the %s is": true, "GET POST PUT": false, "application/json; charset=utf-8": false,
		"%d of %d": false, "": false,
		"SELECT id FROM feeds": false, "WHERE a = $1 AND b IS NULL": false,
		"posts JOIN feeds ON feeds.id = posts.feed_id": false, "id, label, created_at": false,
		"leased = 0, due_at = $2 where it was": false, "publish, approve or skip": true, "id, label and address": true,
		"Select what you publish": true, "choose where it is from": true,
	} {
		require.Equal(t, want, isSentence(text), text)
	}
}

func TestOpensWell(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Look returns what is there.": true, "A Look is one.": true, "Look reports whether": true, "Looks of": false,
		"Look at it.":   false,
		"Look this up.": false, "Look": false, "Look: what is there": false, "It returns a Look.": false,
	} {
		require.Equal(t, want, opensWell(text, "Look"), text)
	}
}
