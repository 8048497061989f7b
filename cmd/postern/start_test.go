package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/shape"
	"postern/store"
)

// The start choice belongs to the feed: the first account takes it, whenever it comes; every later one takes what
// is new.
func TestTheStartBelongsToTheFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 4 {
		w.blog.add(fmt.Sprintf("post-%d", n), fmt.Sprintf("Post number %d of the blog", n), fmt.Sprintf("p%d.jpg", n))
	}
	w.blog.add("words", "Only words", "")
	refused := w.run("account", "add", "--hold")
	require.Equal(t, exitUsage, refused.status)
	require.Contains(t, refused.stderr, "need --start")
	var added struct {
		WillPublish *shape.WillPublish `json:"will_publish"`
	}
	read := func(r result) shape.WillPublish {
		t.Helper()
		added.WillPublish = nil
		require.NoError(t, json.Unmarshal([]byte(w.must(r).stdout), &added))
		require.NotNil(t, added.WillPublish)
		return *added.WillPublish
	}
	require.Equal(t, shape.WillPublish{},
		read(w.run("feed", "add", w.blog.url+"/feed", "--start", "last:3", "--daily", "--json")))
	connect := func(name string, more ...string) result {
		file := filepath.Join(t.TempDir(), "token")
		require.NoError(t, os.WriteFile(file, []byte("IGAA-"+name), 0o600))
		w.sim.AddAccount(simulator.Account{Username: name, Token: "IGAA-" + name})
		return w.run(append([]string{"account", "add", "--label", name, "--access-token-file", file, "--json"},
			more...)...)
	}
	first := read(connect("first"))
	require.Equal(t, 3, first.Count, "last counts posts that can be published")
	require.Equal(t, "24h", first.Every)
	require.NotEmpty(t, first.FirstAt)
	require.Equal(t, shape.WillPublish{}, read(connect("second")), "a later account takes what is new")
	require.Equal(t, 5, read(connect("third", "--start", "all")).Count)
	require.Equal(t, shape.WillPublish{}, read(connect("fourth", "--start", "last:2", "--hold")))
	held := w.publications(w.must(w.run("publications", "--json", "--state", "held")))
	require.Len(t, held, 2)
	for _, p := range held {
		require.Equal(t, "fourth", p.Account.Label)
		require.Equal(t, store.Held, p.State)
	}
}
