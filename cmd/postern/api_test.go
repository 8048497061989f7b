package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/shape"
	"postern/store"
)

// What docs/api.md shows is run as it stands there, against the program.
func TestExamplesOfTheAPI(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") != "" {
			require.FailNow(t, "curl is not installed")
		}
		t.Skip("left out: curl is not installed")
	}
	w := newWorld(t)
	at := doors.Port(t)
	w.configure("web.listen", at)
	w.connect()
	w.must(w.run("account", "set", "1", "min_age=1000h"))
	w.blog.add("pier", "The pier", "pier.jpg")
	w.must(w.run("sync", "--wait", "1s"))
	token := strings.TrimSpace(w.must(w.run("token", "add", "--label", "site build", "--write")).stdout)
	w.serve()

	docs, err := os.ReadFile("../../docs/api.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(docs), -1)
	require.Greater(t, len(blocks), 3)
	ran := 0
	for _, b := range blocks {
		for line := range strings.Lines(b[1]) {
			line = strings.TrimSpace(line)
			cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
			cmd.Dir, cmd.Env = w.dir, append(os.Environ(), "POSTERN=http://"+at, "TOKEN="+token)
			var errs bytes.Buffer
			cmd.Stderr = &errs
			out, err := cmd.Output()
			require.NoError(t, err, "%s\n%s%s", line, out, errs.String())
			if !strings.Contains(line, " -o ") {
				require.True(t, json.Valid(out), "%s\n%s", line, out)
			}
			ran++
		}
	}
	require.Greater(t, ran, 10)
	kept, err := os.ReadFile(w.dir + "/crossposts.json")
	require.NoError(t, err)
	require.Contains(t, string(kept), `"crossposts":{`)

	// What was said to be published is, and the map tells where.
	require.Eventually(t, func() bool { return len(w.sim.Posts("")) == 1 }, time.Minute, 100*time.Millisecond)
	var list []shape.Publication
	require.Eventually(t, func() bool {
		list = w.publications(w.must(w.run("publications", "--state", "published", "--json")))
		return len(list) == 1 && list[0].Permalink != ""
	}, time.Minute, 100*time.Millisecond)
	curl := exec.CommandContext(t.Context(), "curl", "-fsS", "-H", "Authorization: Bearer "+token,
		fmt.Sprintf("http://%s/api/crossposts", at))
	out, err := curl.Output()
	require.NoError(t, err)
	var all struct {
		Crossposts map[string][]map[string]any `json:"crossposts"`
	}
	require.NoError(t, json.Unmarshal(out, &all))
	require.Len(t, all.Crossposts, 1)
	copies := all.Crossposts[list[0].Post.GUID]
	require.Len(t, copies, 1)
	require.Equal(t, list[0].Permalink, copies[0]["url"])
	require.Equal(t, "Harbour", copies[0]["account"])
	require.Equal(t, string(store.Published), copies[0]["status"])

	// The command line and the API say the same.
	curl = exec.CommandContext(t.Context(), "curl", "-fsS", "-H", "Authorization: Bearer "+token,
		fmt.Sprintf("http://%s/api/v1/publications?state=published", at))
	out, err = curl.Output()
	require.NoError(t, err)
	require.JSONEq(t, w.must(w.run("publications", "--state", "published", "--json")).stdout, string(out))
}
