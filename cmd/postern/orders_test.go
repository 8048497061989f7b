package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/owner"
	"postern/reason"
	"postern/store"
)

// An owner orders on a page, through the API or on the command line. Each way reports whether the order was carried
// out.
type way struct {
	name   string
	decide func(p store.Publication, d owner.Decision) bool
	feed   func(id int64, order string) bool // pause, resume, poll, remove
	pause  func(account int64, order string) bool
	set    func(account, feed int64, setting,
		text string) bool // feed 0: of the account; nil: this way has no such order
}

const orderPassword = "a long web password"

// ways returns the three ways to order of an installation whose daemon runs.
func (w *world) ways(at, token string) []way {
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	browser := &http.Client{Jar: jar}
	send := func(client *http.Client, method, path, kind, body string) (status int) {
		r, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+at+path, strings.NewReader(body))
		require.NoError(w.t, err)
		r.Header.Set("Content-Type", kind)
		if client == http.DefaultClient {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := client.Do(r)
		require.NoError(w.t, err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		require.NoError(w.t, err)
		require.Less(w.t, res.StatusCode, 500, string(b))
		return res.StatusCode
	}
	form := func(path string, values url.Values) bool {
		status := send(browser, http.MethodPost, path, "application/x-www-form-urlencoded", values.Encode())
		return status < 400
	}
	api := func(method, path string, body any) bool {
		sent, err := json.Marshal(body)
		require.NoError(w.t, err)
		status := send(http.DefaultClient, method, "/api/v1"+path, "application/json", string(sent))
		return status < 400
	}
	command := func(args ...string) bool { return w.run(args...).status == 0 }
	require.True(w.t, form("/login", url.Values{"password": {orderPassword}}))
	empty := struct{}{}
	return []way{
		{
			name: "page",
			decide: func(p store.Publication, d owner.Decision) bool {
				values := url.Values{"shown": {string(p.State)}, "revision": {fmt.Sprint(p.Revision)}}
				if d.NotLive {
					values.Set("not_live", "yes")
				}
				if d.Command == store.CommandConfirm {
					values.Set("permalink", d.Permalink)
				}
				if d.Edit != nil {
					values.Set("caption", *d.Edit.Caption)
				}
				return form(fmt.Sprintf("/publications/%d/%s", p.ID, d.Command), values)
			},
			feed:  func(id int64, order string) bool { return form(fmt.Sprintf("/feeds/%d/%s", id, order), nil) },
			pause: func(id int64, order string) bool { return form(fmt.Sprintf("/accounts/%d/%s", id, order), nil) },
			set: func(account, feed int64, setting, text string) bool {
				values := url.Values{setting: {text}}
				if feed != 0 {
					values["feed"], values["takes"] = []string{fmt.Sprint(feed)}, []string{"yes"}
				}
				return form(fmt.Sprintf("/accounts/%d/settings", account), values)
			},
		},
		{
			name: "API",
			decide: func(p store.Publication, d owner.Decision) bool {
				body := map[string]any{"state": p.State}
				if d.NotLive {
					body["not_live"] = true
				}
				if d.Permalink != "" {
					body["permalink"] = d.Permalink
				}
				if d.Edit != nil {
					body["caption"] = *d.Edit.Caption
				}
				return api(http.MethodPost, fmt.Sprintf("/publications/%d/%s", p.ID, d.Command), body)
			},
			feed: func(id int64, order string) bool {
				if order == "remove" {
					return api(http.MethodDelete, fmt.Sprintf("/feeds/%d", id), empty)
				}
				return api(http.MethodPost, fmt.Sprintf("/feeds/%d/%s", id, order), empty)
			},
			pause: func(id int64, order string) bool {
				return api(http.MethodPost, fmt.Sprintf("/accounts/%d/%s", id, order), empty)
			},
		},
		{
			name: "command line",
			decide: func(p store.Publication, d owner.Decision) bool {
				args := []string{string(d.Command), fmt.Sprint(p.ID)}
				if d.NotLive {
					args = append(args, "--not-live")
				}
				if d.Permalink != "" {
					args = append(args, "--permalink", d.Permalink)
				}
				if d.Edit != nil {
					args = append(args, "--caption", *d.Edit.Caption)
				}
				return command(args...)
			},
			feed:  func(id int64, order string) bool { return command("feed", order, fmt.Sprint(id)) },
			pause: func(id int64, order string) bool { return command("account", order, fmt.Sprint(id)) },
			set: func(account, feed int64, setting, text string) bool {
				if feed != 0 {
					return command("feed", "route", fmt.Sprint(feed), fmt.Sprint(account), setting+"="+text)
				}
				return command("account", "set", fmt.Sprint(account), setting+"="+text)
			},
		},
	}
}

// Each order has the same outcome whichever way it comes.
func TestOrdersAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := doors.Port(t)
	w.configure("web.listen", at)
	w.addAccount()
	w.must(w.run("account", "pause", "1")) // nothing moves but by an order
	for range 3 {
		w.must(w.run("feed", "add", fmt.Sprintf("%s/feed?%d", w.blog.url, len(w.blog.entries)), "--start", "all"))
		w.blog.add(fmt.Sprint("post-", len(w.blog.entries)), "A post", "p.jpg")
	}
	w.must(w.post(orderPassword+"\n", "password"))
	token := strings.TrimSpace(w.must(w.run("token", "add", "--label", "test", "--write")).stdout)
	s, err := store.Open(t.Context(), filepath.Join(w.dir, "data", "postern.db"), store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })

	caption, tooLong := "Low tide", strings.Repeat("long ", 600)
	link := "https://www.instagram.com/p/ABC/"
	rows := []struct {
		from store.State
		owner.Decision
		want bool
	}{
		{store.Queued, owner.Decision{Command: store.CommandPublish}, true},
		{store.Queued, owner.Decision{Command: store.CommandApprove}, true},
		{store.Queued, owner.Decision{Command: store.CommandHold, Edit: &owner.Edit{Caption: &caption}}, true},
		{store.Queued, owner.Decision{Command: store.CommandSkip}, true},
		{store.Queued, owner.Decision{Command: store.CommandRetry}, false},
		{store.Held, owner.Decision{Command: store.CommandPublish}, true},
		{store.Held, owner.Decision{Command: store.CommandApprove, Edit: &owner.Edit{Caption: &caption}}, true},
		{store.Held, owner.Decision{Command: store.CommandApprove, Edit: &owner.Edit{Caption: &tooLong}}, false},
		{store.Held, owner.Decision{Command: store.CommandHold}, false},
		{store.Skipped, owner.Decision{Command: store.CommandApprove}, true},
		{store.Skipped, owner.Decision{Command: store.CommandPublish}, true},
		{store.Failed, owner.Decision{Command: store.CommandRetry}, true},
		{store.Failed, owner.Decision{Command: store.CommandConfirm}, false},
		{store.Unconfirmed, owner.Decision{Command: store.CommandRetry}, false},
		{store.Unconfirmed, owner.Decision{Command: store.CommandRetry, NotLive: true}, true},
		{store.Unconfirmed, owner.Decision{Command: store.CommandConfirm, Permalink: link}, true},
		{store.Unconfirmed, owner.Decision{Command: store.CommandConfirm, Permalink: "p/ABC"}, false},
		{store.Unconfirmed, owner.Decision{Command: store.CommandSkip}, true},
		{store.Published, owner.Decision{Command: store.CommandSkip}, false},
	}
	pubs := manyPublications(t, s, 3*len(rows))
	for i, r := range rows {
		for j := range 3 {
			pubs[3*i+j] = bring(t, s, pubs[3*i+j], r.from)
		}
	}
	w.serve()
	ways := w.ways(at, token)
	for i, r := range rows {
		var first any
		for j, way := range ways {
			p := pubs[3*i+j]
			about := fmt.Sprintf("%s of one that is %s, by the %s", r.Command, r.from, way.name)
			require.Equal(t, r.want, way.decide(p, r.Decision), about)
			got, err := s.Publication(t.Context(), p.ID)
			require.NoError(t, err)
			why := ifElse(got.State == store.Queued, "", got.Reason.Code) // a step may have named the pause meanwhile
			outcome := []any{got.State, why, got.Approved, got.Expedited, got.Edits.Caption, got.Permalink,
				got.Revision, got.AskedAt.IsZero()}
			if j == 0 {
				first = outcome
			}
			require.Equal(t, first, outcome, about)
		}
	}
	settings := func(feed int64) store.Settings {
		if feed != 0 {
			r, err := s.Route(t.Context(), feed, 1)
			require.NoError(t, err)
			return r.Settings
		}
		a, err := s.Account(t.Context(), 1)
		require.NoError(t, err)
		return a.Settings
	}
	put := func(feed int64, to store.Settings) {
		t.Helper()
		if feed != 0 {
			require.NoError(t, s.SetRoute(t.Context(),
				store.Route{FeedID: feed, AccountID: 1, Enabled: true, Settings: to}, store.CLI, ""))
			return
		}
		_, err := s.UpdateAccount(t.Context(), 1, store.CLI, "", func(a *store.Account) error {
			a.Settings = to
			return nil
		})
		require.NoError(t, err)
	}
	for _, c := range []struct {
		setting, text string
		want          bool
	}{
		{"cool_down", "2h", true}, {"cool_down", "soon", false}, {"quiet_hours", "22:00-07:00", true},
		{"quiet_hours", "22-7-3", false}, {"format_string", "{{title}}", true}, {"hashtags", "many", false},
		{"cool_down", "", true},
	} {
		for feed := range int64(2) {
			var after []store.Settings
			before := settings(feed)
			for _, way := range ways {
				if way.set == nil {
					continue
				}
				put(feed, before)
				require.Equal(t, c.want, way.set(1, feed, c.setting, c.text), "%s=%s by the %s", c.setting, c.text,
					way.name)
				after = append(after, settings(feed))
			}
			require.Equal(t, after[0], after[1], "%s=%s", c.setting, c.text)
			require.Equal(t, !c.want, assert.ObjectsAreEqual(before, after[0]), "%s=%s", c.setting, c.text)
		}
	}
	for i, way := range ways {
		id := int64(i + 1)
		for _, order := range []struct {
			name string
			want bool
		}{{"pause", true}, {"pause", true}, {"resume", true}, {"remove", true}, {"remove", false}, {"pause", false}} {
			require.Equal(t, order.want, way.feed(id, order.name), "%s feed by the %s", order.name, way.name)
			f, err := s.Feed(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, order.name == "remove" || !f.RemovedAt.IsZero(), !f.RemovedAt.IsZero(), way.name)
			if f.RemovedAt.IsZero() {
				require.Equal(t, order.name == "pause", f.Paused, way.name)
			}
		}
		for _, paused := range []bool{false, true} {
			require.True(t, way.pause(1, ifElse(paused, "pause", "resume")), way.name)
			a, err := s.Account(t.Context(), 1)
			require.NoError(t, err)
			require.Equal(t, paused, a.Paused, way.name)
		}
		require.False(t, way.pause(99, "pause"), way.name)
	}
}

// manyPublications returns so many queued publications of the first account, of posts that do not resemble each other.
func manyPublications(t *testing.T, s *store.Store, n int) []store.Publication {
	t.Helper()
	f, err := s.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", StartRule: "all"})
	require.NoError(t, err)
	require.NoError(t, s.PauseFeed(t.Context(), f.ID, true, store.CLI))
	f, err = s.Feed(t.Context(), f.ID)
	require.NoError(t, err)
	var posts []store.Post
	for i := range n {
		at := fmt.Sprintf("https://blog.example.org/%d", i)
		posts = append(posts, store.Post{GUID: at, URL: at, Title: fmt.Sprintf("Title %d", i),
			Text: fmt.Sprintf("Words of number %d.", i), PublishedAt: time.Now().Add(time.Duration(i-1000) * time.Hour),
			Decision: store.Publish, Media: []store.Media{{Type: store.Image, URL: at + ".jpg"}}})
	}
	_, err = s.SavePosts(t.Context(), f, posts, true)
	require.NoError(t, err)
	list, err := s.Publications(t.Context(), store.Filter{FeedID: f.ID, States: []store.State{store.Queued}})
	require.NoError(t, err)
	require.Len(t, list, n)
	var pubs []store.Publication
	for _, l := range list {
		pubs = append(pubs, l.Publication)
	}
	return pubs
}

// bring moves a queued publication to a state by legal moves.
func bring(t *testing.T, s *store.Store, p store.Publication, to store.State) store.Publication {
	t.Helper()
	move := func(c store.Change) {
		var err error
		c.DueAt = time.Now().Add(time.Hour)
		p, err = s.Advance(t.Context(), p, c)
		require.NoError(t, err)
	}
	switch to {
	case store.Held, store.Skipped, store.Failed:
		move(store.Change{To: to, Reason: reason.Text("as the test wants it")})
	case store.Unconfirmed, store.Published:
		move(store.Change{To: store.Staged, Reason: reason.New(reason.Working),
			Freeze: &store.Frozen{Kind: store.KindImage, Caption: "As it was sent",
				Items: []store.Item{{Position: 1, Type: store.Image, SourceURL: "https://blog.example.org/a.jpg"}}},
			Containers: []store.Container{{Round: 1, ID: fmt.Sprintf("c%d", p.ID), CreatedAt: time.Now(),
				Status: "FINISHED"}}})
		move(store.Change{To: store.Publishing, Reason: reason.Text("asked Instagram to publish")})
		move(store.Change{To: to, Reason: reason.Text("as the test wants it"),
			MediaID: ifElse(to == store.Published, fmt.Sprint("m", p.ID), "")})
	}
	return p
}
