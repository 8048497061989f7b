package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// A blog moves: other ids, other addresses, other pictures. Nothing is published again, the new post is, and the
// owner says on the command line what the held ones are.
func TestMovedBlog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	for i, title := range []string{"The quay in the first light", "Boats that wait for the tide",
		"An evening at the lighthouse"} {
		w.blog.add(fmt.Sprint("post", i), title, fmt.Sprintf("picture%d.jpg", i))
		time.Sleep(1100 * time.Millisecond)
		w.must(w.run("sync"))
	}
	require.Len(t, w.sim.Posts(""), 3)

	w.blog.mu.Lock()
	for i, e := range w.blog.entries {
		e = strings.ReplaceAll(e, w.blog.url+"/post", w.blog.url+"/archive-")
		e = strings.ReplaceAll(e, w.blog.url+"/picture", w.blog.url+"/moved")
		w.blog.entries[i] = strings.ReplaceAll(e, "<guid>", "<guid>tag:")
	}
	w.blog.mu.Unlock()
	time.Sleep(1100 * time.Millisecond)
	w.blog.add("fresh", "Written after the move", "fresh.jpg")
	w.must(w.run("sync"))
	require.Len(t, w.sim.Posts(""), 4, "the new post and nothing else")

	held := w.publications(w.run("publications", "--state", "held", "--json"))
	require.Len(t, held, 4, "and the one that was there before")
	var same, other int64
	for _, p := range held {
		if !strings.Contains(p.Reason, "looks like publication") {
			t.Fatal(p.Reason)
		}
		if strings.Contains(p.Post.URL, "archive-0") {
			same = p.ID
		} else if strings.Contains(p.Post.URL, "archive-1") {
			other = p.ID
		}
	}
	w.must(w.run("skip", fmt.Sprint(same)))
	w.must(w.run("publish", fmt.Sprint(other)))
	w.must(w.run("sync"))
	require.Len(t, w.sim.Posts(""), 5)
	names := map[string]store.State{}
	for _, p := range w.publications(w.run("publications", "--json")) {
		names[p.Post.GUID] = p.State
	}
	require.Equal(t, store.Published, names["tag:"+w.blog.url+"/archive-0"], "the copy goes by the new name")
	require.Equal(t, store.Skipped, names[w.blog.url+"/post0"])
}
