package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/reason"
	"postern/shape"
	"postern/store"
)

// hand is how an owner acts on an installation: by commands, or through the API.
type hand struct {
	addFeed func(start string, daily bool) string
	do      func(p shape.Publication, command, caption string) string
}

// byCommands acts with the command line.
func (w *world) byCommands() hand {
	return hand{
		addFeed: func(start string, daily bool) string {
			return w.must(w.run("feed", "add", w.blog.url+"/feed", "--label", "Blog", "--start", start, "--json",
				fmt.Sprintf("--daily=%t", daily))).stdout
		},
		do: func(p shape.Publication, command, caption string) string {
			return w.must(w.run(command, fmt.Sprint(p.ID), "--caption", caption, "--json")).stdout
		},
	}
}

// byAPI acts through the API of the running daemon.
func (w *world) byAPI(at, token string) hand {
	return hand{
		addFeed: func(start string, daily bool) string {
			return w.ask(at, token, "/feeds",
				map[string]any{"url": w.blog.url + "/feed", "label": "Blog", "start": start, "daily": daily})
		},
		do: func(p shape.Publication, command, caption string) string {
			return w.ask(at, token, fmt.Sprintf("/publications/%d/%s", p.ID, command),
				map[string]any{"state": p.State, "caption": caption})
		},
	}
}

// ask sends a request to the API, a POST where there is a body, and returns the answer.
func (w *world) ask(at, token, path string, body any) string {
	w.t.Helper()
	method, sent := http.MethodGet, []byte(nil)
	if body != nil {
		var err error
		method = http.MethodPost
		sent, err = json.Marshal(body)
		require.NoError(w.t, err)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+at+"/api/v1"+path, bytes.NewReader(sent))
	require.NoError(w.t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	require.NoError(w.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	require.Less(w.t, res.StatusCode, 300, string(answer))
	return string(answer)
}

// clockTime is a time as a reason or a remedy shows it: "14:05 UTC" today, "1 December 14:05 UTC" on another day, and
// with the year in another one. Two journeys through the same steps take place in different minutes.
var clockTime = regexp.MustCompile(`(?:\d{1,2} [A-Z][a-z]+ (?:\d{4} )?)?\d{2}:\d{2} UTC`)

// plain returns JSON without what differs between two installations: addresses, ids that Instagram gave, and the
// time of day.
func (w *world) plain(document string) any {
	w.t.Helper()
	var v any
	require.NoError(w.t, json.Unmarshal([]byte(strings.ReplaceAll(document, w.blog.url, "http://blog")), &v), document)
	var walk func(key string, v any) any
	walk = func(key string, v any) any {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "others") // feeds that the command line names for the owner to choose
			for k := range v {
				v[k] = walk(k, v[k])
			}
		case []any:
			for i := range v {
				v[i] = walk(key, v[i])
			}
		case string:
			if at, err := time.Parse(time.RFC3339, v); err == nil {
				return fmt.Sprintf("in %.0f days", math.Abs(math.Round(time.Until(at).Hours()/24)))
			}
			if v != "" && (key == "container_id" || key == "media_id" || key == "permalink") {
				return "given by Instagram"
			}
			if key == "reason" || key == "remedy" {
				return clockTime.ReplaceAllString(v, "TIME")
			}
		}
		return v
	}
	return walk("", v)
}

// journey goes from a feed without an account to captions that are edited, quiet hours and a picture that comes
// later, and returns what was answered on the way. At each step the command line and the API list the same.
func journey(t *testing.T, withAPI bool) (answers []any) {
	w := newWorld(t)
	at := doors.Port(t)
	w.configure("web.listen", at)
	for n := range 2 {
		w.blog.add(fmt.Sprintf("post-%d", n), fmt.Sprintf("Post number %d", n), fmt.Sprintf("p%d.jpg", n))
	}
	token := strings.TrimSpace(w.must(w.run("token", "add", "--label", "test", "--write")).stdout)
	w.serve()
	owner := w.byCommands()
	if withAPI {
		owner = w.byAPI(at, token)
	}
	keep := func(document string) { answers = append(answers, w.plain(document)) }
	// listed waits until the publications have come to rest in these states, the oldest first: a step that begins
	// between the two questions shows in one of them only.
	listed := func(want ...store.State) (list []shape.Publication) {
		t.Helper()
		var document string
		require.Eventually(t, func() bool {
			document = reversed(t, w.ask(at, token, "/publications", nil))
			list = w.publications(result{stdout: document})
			var states []store.State
			for _, p := range list {
				states = append(states, p.State)
				if p.State == store.Published && p.Permalink == "" || p.State == store.Queued && p.Reason == "" {
					return false
				}
			}
			return slices.Equal(states, want) &&
				assert.ObjectsAreEqual(parsed(document), parsed(w.must(w.run("publications", "--json")).stdout))
		}, time.Minute, 100*time.Millisecond, "want %v, from the API and the command line alike", want)
		keep(document)
		return list
	}

	keep(owner.addFeed("all", true))
	for _, p := range listed(store.Skipped, store.Skipped, store.Skipped) {
		require.Equal(t, reason.NoAccount, p.ReasonCode)
	}
	added := w.must(w.post(worldToken+"\n", "account", "add", "--label", "Harbour", "--access-token-file", "-",
		"--json")).stdout
	keep(added)
	require.Equal(t, map[string]any{"count": 3.0, "first_at": "in 0 days", "every": "24h"},
		w.plain(added).(map[string]any)["will_publish"])
	for i, p := range listed(store.Published, store.Queued, store.Queued)[1:] {
		require.Equal(t, fmt.Sprintf("in %d days", i+1), w.plain(fmt.Sprintf("%q", p.Next)), "one a day")
	}

	quiet := time.Now().UTC().Add(-time.Hour).Format("15:04") + "-" + time.Now().UTC().Add(2*time.Hour).Format("15:04")
	w.must(w.run("account", "set", "1", "approve=true", "quiet_hours="+quiet))
	w.must(w.run("feed", "route", "1", "1", "cool_down=0s"))
	list := listed(store.Published, store.Held, store.Held)
	keep(owner.do(list[1], "publish", "Published now."))
	listed(store.Published, store.Published, store.Held)
	keep(owner.do(list[2], "approve", "Approved at night."))
	listed(store.Published, store.Published, store.Queued)
	w.must(w.run("account", "set", "1", "approve=", "quiet_hours="))
	list = listed(store.Published, store.Published, store.Published)
	require.Contains(t, []string{list[1].Caption, list[2].Caption}, "Published now.")
	require.Contains(t, []string{list[1].Caption, list[2].Caption}, "Approved at night.")

	w.blog.add("words", "Only words", "")
	list = listed(store.Published, store.Published, store.Published, store.Skipped)
	require.Zero(t, list[3].ID)
	w.blog.drop("words")
	w.blog.add("words", "Only words", "keeper.jpg")
	listed(store.Published, store.Published, store.Published, store.Published)
	require.Len(t, w.sim.Posts(""), 4, "each once")
	return answers
}

// What an owner does with commands or through the API has the same answers and the same outcome.
func TestCommandLineAndAPIAgree(t *testing.T) {
	t.Parallel()
	var answers [2][]any
	var both sync.WaitGroup
	for i, way := range []string{"commands", "API"} {
		both.Go(func() {
			t.Run(way, func(t *testing.T) { answers[i] = journey(t, way == "API") })
		})
	}
	both.Wait()
	if !t.Failed() {
		require.Equal(t, answers[0], answers[1])
	}
}

// reversed returns a list of the API, which begins with the newest, in the order of the command line; posts that
// were not taken end both.
func reversed(t *testing.T, document string) string {
	t.Helper()
	var all, taken, left []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(document), &all))
	for _, p := range all {
		var one shape.Publication
		require.NoError(t, json.Unmarshal(p, &one))
		if one.ID == 0 {
			left = append([]json.RawMessage{p}, left...)
		} else {
			taken = append([]json.RawMessage{p}, taken...)
		}
	}
	raw, err := json.Marshal(append(taken, left...))
	require.NoError(t, err)
	return string(raw)
}

// parsed returns what a JSON document says, and nil for one that is none.
func parsed(document string) (v any) {
	_ = json.Unmarshal([]byte(document), &v)
	return v
}
