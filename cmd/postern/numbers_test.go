package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Several numbers that exist show those publications; numbers that do not are words of a title, as one is.
func TestSeveralNumbersShowEachPublication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.blog.add("twelve", "Roll 12 400", "twelve.jpg")
	w.addAccount()
	w.must(w.run("feed", "add", w.blog.url+"/feed", "--start", "all", "--hold"))
	both := w.publications(w.must(w.run("publications", "1", "2", "--json")))
	require.Len(t, both, 2)
	mixed := w.publications(w.must(w.run("publications", "1", "post:2", "--json")))
	require.NotEmpty(t, mixed)
	title := w.publications(w.must(w.run("publications", "12", "400", "--json")))
	require.Len(t, title, 1)
	require.Equal(t, "Roll 12 400", title[0].Post.Title)
}

// A negative number is no flag of the program; a mistyped flag still is one.
func TestANegativeNumberIsNamedAsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.run("publish", "-5")
	require.Equal(t, exitUsage, r.status)
	require.Contains(t, r.stderr, "begin at 1, so there is no -5. ")
	require.Contains(t, w.run("publish", "-q").stderr, "-q")
	require.NotContains(t, w.run("publish", "-q").stderr, "begin at 1")
}
