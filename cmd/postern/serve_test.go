package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.serve()
	w.connect() // beside the daemon

	w.fails(w.run("serve"), "in use by postern serve (process ", "stop that first")

	w.blog.add("pier", "The pier", "pier.jpg")
	require.Eventually(t, func() bool { return len(w.sim.Posts("")) == 1 }, time.Minute, 100*time.Millisecond)

	require.Equal(t, 0, stop(), "a stop that was asked for is no failure")
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 1)
}
