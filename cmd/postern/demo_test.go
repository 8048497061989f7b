package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("watches the demo, which takes half a minute")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), builtBinary(t), "demo", "--json")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "POSTERN_WEB_LISTEN=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	var told struct{ Pages, Profile, Feed string }
	require.NoError(t, json.NewDecoder(out).Decode(&told))

	get := func(address string) string {
		res, err := http.Get(address)
		if err != nil {
			return err.Error()
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return string(b)
	}
	posts := len(samplePosts) - 2 // one has no pictures, one is a story
	require.Eventually(t, func() bool {
		profile := get(told.Profile)
		return strings.Count(profile, `href="/p/`)+strings.Count(profile, `href="/reel/`) >= posts &&
			strings.Contains(profile, "/stories/")
	},
		3*time.Minute, time.Second, "the sample posts appear on the profile")
	require.Contains(t, get(told.Pages+"publications/1"), "checks whether the post is live", "the lost answer is told")
	require.Contains(t, get(told.Pages+"publications/2"), "not ready", "so is the refusal")

	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing is left behind")
}
