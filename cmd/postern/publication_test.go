package main

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/shape"
	"postern/store"
)

func TestCommandsOnPublications(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "approve=true", `format_string={{title}};\n{{url}}, indeed`))
	w.blog.add("pier", "The pier", "pier.jpg")
	list := w.publications(w.must(w.run("sync", "--json", "--wait", "2m")))
	require.Equal(t, store.Held, list[0].State)
	require.Equal(t, "waiting for your approval", list[0].Reason)
	require.Contains(t, list[0].Caption, "The pier;\n"+w.blog.url+"/pier, indeed")
	id := fmt.Sprint(list[0].ID)

	w.fails(w.run("retry", id), "retry is not possible while it is held")
	w.fails(w.run("confirm", id), "not possible")
	w.must(w.run("skip", id))
	w.must(w.run("publish", id))
	w.must(w.run("hold", id))
	var one shape.Publication
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("publish", id, "--json")).stdout), &one))
	require.Equal(t, store.Queued, one.State)
	require.NotEmpty(t, one.Next)

	w.must(w.run("account", "pause", "1"))
	w.must(w.run("sync", "--wait", "2m"))
	require.Empty(t, w.sim.Posts(""))
	w.must(w.run("account", "resume", "1"))
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 1)
}
