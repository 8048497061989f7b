package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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

// A post is named through the API as on the command line, with the same outcome and the same words.
func TestPostsAreNamedAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := doors.Port(t)
	w.configure("web.listen", at)
	w.connect()
	w.must(w.run("account", "set", "1", "min_age=1000h"))
	w.blog.add("words", "Only words", "")
	w.blog.add("pier", "The pier", "pier.jpg")
	w.must(w.run("sync", "--wait", "1s"))
	posts := map[string]string{}
	for _, p := range w.publications(w.must(w.run("publications", "--json"))) {
		posts[p.Post.Title] = fmt.Sprintf("post:%d", p.Post.ID)
	}
	token := strings.TrimSpace(w.must(w.run("token", "add", "--label", "test", "--write")).stdout)
	w.serve()
	ask := func(method, path, body string) (status int, answer string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+at+"/api/v1/publications/"+path,
			strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(b)
	}
	for _, c := range []struct {
		name, state string
		read, order int
	}{
		{posts["The pier"], "queued", http.StatusOK, http.StatusOK},
		{posts["Only words"], "skipped", http.StatusOK, http.StatusConflict},
		{"post:987654", "skipped", http.StatusNotFound, http.StatusNotFound},
		{"post:0", "skipped", http.StatusNotFound, http.StatusNotFound},
		{"post:x", "skipped", http.StatusNotFound, http.StatusNotFound},
	} {
		var status int
		var answer string
		require.EventuallyWithT(t, func(both *assert.CollectT) { // a step of the daemon may lie between the two
			r := w.run("publications", c.name, "--json")
			status, answer = ask(http.MethodGet, c.name, "")
			require.Equal(both, c.read, status, answer)
			require.Equal(both, r.status == 0, status < 400, c.name)
			if status < 400 {
				var detail shape.Publication
				require.NoError(both, json.Unmarshal([]byte(answer), &detail))
				require.Equal(both, w.publications(r)[0], detail)
			}
		}, time.Minute, 200*time.Millisecond)
		status, answer = ask(http.MethodPost, c.name+"/hold", `{"state": "`+c.state+`"}`)
		require.Equal(t, c.order, status, answer)
		if status < 400 {
			w.must(w.run("approve", c.name))
		}
		ordered := w.run("hold", c.name)
		require.Equal(t, ordered.status == 0, status < 400, c.name)
		if c.order == http.StatusConflict {
			var problem struct{ Detail string }
			require.NoError(t, json.Unmarshal([]byte(answer), &problem))
			require.Equal(t, "nothing was done: "+strings.TrimPrefix(strings.TrimSpace(ordered.stderr), "postern: "),
				problem.Detail)
		}
	}
}
