package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/shape"
	"postern/store"
	"postern/words"
)

// Whoever names a site gets its first feed, and hears of the others.
func TestFeedAddNamesTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><head><link rel=alternate type=application/rss+xml href=/posts.xml>
			<link rel=alternate type=application/rss+xml href=/photos.xml title=Photos></head>`)
	})
	for _, name := range []string{"posts", "photos"} {
		mux.HandleFunc("/"+name+".xml", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `<rss version="2.0"><channel><title>`+name+`</title></channel></rss>`)
		})
	}
	site := httptest.NewServer(mux)
	defer site.Close()

	out, err := w.command("feed", "add", site.URL, "--json").Output()
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal(out, &got), string(out))
	require.Equal(t, site.URL+"/posts.xml", got["url"])
	require.Equal(t, []any{map[string]any{"url": site.URL + "/photos.xml", "title": "Photos"}}, got["others"])
	w.must(w.run("feed", "remove", "1"))
	cmd := w.command("feed", "add", site.URL)
	var said bytes.Buffer
	cmd.Stderr = &said
	require.NoError(t, cmd.Run())
	require.Contains(t, said.String(),
		"postern: warning: the site has 2 feeds, and Postern added the first one, "+site.URL+
			"/posts.xml. To take another one instead, remove feed 1 and add the other address: "+site.URL+
			"/photos.xml Photos\n")

	w.must(w.run("feed", "remove", "1"))
	r := w.must(w.run("feed", "add", site.URL+"/posts.xml", "--start", "last:2"))
	require.Contains(t, r.stdout, "No account takes the feed yet.")
	require.Contains(t, r.stdout, "The start that you chose, last:2, applies then.")
	require.NotContains(t, r.stdout, "No older posts will be published", "two will be, once an account is there")
	r = w.must(w.run("feed", "add", site.URL+"/photos.xml", "--json"))
	require.Contains(t, r.stdout, `"others": []`)
	require.NotContains(t, w.must(w.run("feed", "list", "--json")).stdout, "others", "as scripts know it")
}

func TestFoundPosts(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1 post: 1 waiting.", words.FoundPosts(1, 1, 1, 0, 0))
	require.Equal(t, "6 posts on 2 accounts: 6 waiting, 1 on hold, 5 skipped.", words.FoundPosts(6, 2, 6, 1, 5))
	require.Equal(t, "0 posts.", words.FoundPosts(0, 1, 0, 0, 0))
}

func TestFeedsAndAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	var feeds, accounts []map[string]any
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("feed", "list", "--json")).stdout), &feeds))
	require.Len(t, feeds, 1)
	for _, k := range []string{"next_poll_at", "last_polled_at"} {
		_, err := time.Parse(time.RFC3339, feeds[0][k].(string))
		require.NoError(t, err, k)
		delete(feeds[0], k)
	}
	require.Equal(t, map[string]any{"id": 1.0, "url": w.blog.url + "/feed", "label": "Blog", "title": "The blog",
		"paused": false, "failures": 0.0, "problem": "", "problem_code": ""}, feeds[0])
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "list", "--json")).stdout), &accounts))
	require.Equal(t, []map[string]any{{
		"id": 1.0, "label": "Harbour", "user_id": "17841400000000007", "username": "harbour", "token_expires_at": "",
		"paused": false, "problem": "", "problem_code": "",
	}}, accounts)

	w.change(`UPDATE feeds SET problem_code = 'feed_not_found'`)
	w.change(
		`UPDATE accounts SET problem_code = 'refresh_failed',
			problem_args = '{"answer": {"code": "instagram_temporary_error", "args": {"answered": "code 2"}}}'`)
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("feed", "list", "--json")).stdout), &feeds))
	require.Equal(t, []any{"feed_not_found", "there is nothing at this address (404 Not Found)"},
		[]any{feeds[0]["problem_code"], feeds[0]["problem"]})
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "list", "--json")).stdout), &accounts))
	require.Equal(t, []any{"refresh_failed",
		"the access token could not be refreshed, it is tried again: Instagram had a temporary error. (code 2)"},
		[]any{accounts[0]["problem_code"], accounts[0]["problem"]})
	w.change(`UPDATE accounts SET problem_code = '', problem_args = ''`)

	w.change(`UPDATE feeds SET failures = 1, problem_code = 'feed_not_found'`)
	w.change(`UPDATE feeds SET last_polled_at = ?`, time.Now().UnixMilli())
	text := "Postern could not read the feed Blog at its last check: there is nothing at this address (404 Not Found)."
	remedy := "Postern tries again when `postern serve` or `postern sync` runs. It notifies you after 5 failures in a row."
	require.Equal(t, "info  "+text+"\n  "+remedy+"\n  For more, run `postern feed check 1`.\n",
		w.must(w.run("notices")).stdout, "no notice is open yet")
	r := w.must(w.run("notices", "--json"))
	var noticed []shape.Notice
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &noticed))
	require.Equal(t, []shape.Notice{{Cause: "feed:1", Severity: store.Info, Text: text, Remedy: remedy}}, noticed,
		"JSON says as much as the text")
	require.Empty(t, r.stderr)
	for _, command := range []string{"feed list", "publications"} { // it worked before: the address is right
		require.Contains(t, w.must(w.run(strings.Fields(command)...)).stdout, "(404 Not Found). ", command)
	}
	require.Contains(t, w.must(w.run("feed", "list")).stdout, "(404 Not Found). For more, run `postern feed check 1`")
	w.change(`UPDATE feeds SET failures = 0, problem_code = ''`)

	var found []store.Finding
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("account", "check", "1", "--json")).stdout), &found))
	require.NotEmpty(t, found)
	w.must(w.run("feed", "check", "1"))
	require.Contains(t, w.must(w.run("feed", "pause", "1", "--json")).stdout, `"paused": true`)
	require.Contains(t, w.must(w.run("feed", "check", "1")).stdout,
		"ok    polling: the feed is paused, so Postern does not check it for new posts\n"+
			"      resume it with `postern feed resume 1`\n")
	require.Equal(t, "Feed 1 (Blog) is paused, so Postern does not check it. To resume it, run "+
		"`postern feed resume 1`.\n", w.must(w.run("sync")).stdout)
	w.must(w.run("feed", "resume", "1"))
	w.must(w.run("feed", "route", "1", "1", "--off"))
	w.must(w.run("feed", "route", "1", "1", "channel=story"))
	require.Equal(t, exitUsage, w.run("feed", "route", "1", "1", "channel=reel").status)
	w.fails(w.run("feed", "route", "1", "9"), "account 9: not found")

	w.must(w.run("account", "remove", "1"))
	w.must(w.run("feed", "remove", "1"))
	require.Equal(t, "[]\n", w.must(w.run("feed", "list", "--json")).stdout)
	require.Equal(t, "[]\n", w.must(w.run("account", "list", "--json")).stdout)
	w.fails(w.run("feed", "check", "1"), "feed 1 was removed")

	var made shape.Account
	require.NoError(t,
		json.Unmarshal([]byte(w.must(w.run("account", "add", "--sandbox", "--label", "Sand box", "--json")).stdout),
			&made))
	require.Equal(t, "sand.box", made.Username)
	w.must(w.run("account", "check", fmt.Sprint(made.ID)))
}
