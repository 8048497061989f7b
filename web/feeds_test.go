package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/reason"
	"postern/shape"
	"postern/store"
)

const addFeed = `form[action="/feeds"]`

func action(what string, id int64, command string) string {
	return fmt.Sprintf(`form[action="/%s/%d/%s"]`, what, id, command)
}

// The pictures of a failed publication are those that its site shows by now, and none that were sent.
func TestFailedPublicationShowsItsSite(t *testing.T) {
	h := furnished(t)
	l := h.listed(h.bring(h.entry("Quay"), store.Failed).ID)
	l.MissingURL, l.MissingAt, l.Kind = l.Post.Media[0].URL, time.Now(), ""
	l.Feed.NextPollAt = time.Now().Add(30 * time.Minute)
	require.Contains(t, shape.LooksAgain(l, time.Now()), "at the first check of the feed after ")
	l.Feed.NextPollAt = time.Now().Add(90 * time.Minute)
	require.Equal(t, "Postern looks for the file again at "+draft.DayClock(l.Feed.NextPollAt, time.Now())+
		", and each time you check the feed.", shape.LooksAgain(l, time.Now()))
	l.Feed.Paused = true
	require.Equal(t, "Postern looks for the file again after you resume the feed.", shape.LooksAgain(l, time.Now()))
	require.Equal(t, "As it would be sent", h.owner().get(publicationPath(l.Publication)).text("#preview"))
}

// A check that a person asks for takes up a post whose picture is there by now, though it was looked for a moment ago.
func TestFeedCheckLooksForMissingPictures(t *testing.T) {
	for _, command := range []string{"poll", "check"} {
		t.Run(command, func(t *testing.T) {
			h := newHouse(t)
			h.connect()
			h.site.item("Quay", "quay.jpg")
			b := h.owner()
			b.get("/feeds").submit(addFeed, url.Values{"address": {h.site.URL + "/feed.xml"}, "start": {"all"}})
			list, err := h.store.Publications(t.Context(), store.Filter{})
			require.NoError(t, err)
			require.Len(t, list, 1)
			p, err := h.store.Advance(t.Context(), list[0].Publication,
				store.Change{To: store.Failed, Reason: reason.New(reason.Media, "gone"),
					Missing: h.site.URL + "/quay.jpg"})
			require.NoError(t, err)
			page := b.get("/feeds")
			if command == "check" { // offered where something is wrong
				h.site.set(func() { h.site.gone = true })
				page = page.submit(action("feeds", list[0].Feed.ID, "poll"), nil)
				h.site.set(func() { h.site.gone = false })
			}
			require.Equal(t, store.Failed, h.state(p.ID).State)
			page.submit(action("feeds", list[0].Feed.ID, command), nil)
			require.Equal(t, store.Queued, h.state(p.ID).State)
		})
	}
}

// The card of a feed says what its start left out, and leads to those posts, each of which can be published.
func TestFeedLeadsToItsOlderPosts(t *testing.T) {
	h := furnished(t)
	old := h.bring(h.entry("Old pier"), store.Skipped)
	for rule, want := range map[string]string{
		"now":              "Posts that were there when you added the feed are skipped.",
		"last:6":           "When you added the feed, posts older than the newest 6 were skipped.",
		"2026-01-31 daily": "Posts dated before 31 January 2026 are skipped.", "all": "",
	} {
		f, err := h.store.AddFeed(t.Context(),
			store.Feed{URL: "https://blog.example.org/" + url.PathEscape(rule), Label: rule, StartRule: rule})
		require.NoError(t, err)
		card := fmt.Sprintf("#feed-%d", f.ID)
		p := h.owner().get("/feeds")
		require.Equal(t, want != "", p.has(card+` a[href^="/posts?state=skipped"]`), rule)
		require.Contains(t, p.text(card), want)
	}
	b := h.owner()
	p := b.get(fmt.Sprintf("/posts?state=skipped&feed=%d", h.feed.ID))
	require.Contains(t, p.text("main"), "Open a skipped post to read why")
	require.Equal(t, "Old pier skipped", p.text(".rows .head"))
	p = b.get(p.Find(".rows a").First().AttrOr("href", ""))
	require.True(t, p.has(asButton(form(old, "publish"))) || p.has(form(old, "publish")))
}

func TestFeedIsAddedWithItsStart(t *testing.T) {
	for _, c := range []struct {
		name   string
		values url.Values
		rule   string
		queued int
		says   string
	}{
		{"now", url.Values{"start": {"now"}}, "now", 0, "No older posts will be published, only new ones."},
		{"all", url.Values{"start": {"all"}}, "all", 3, "3 posts will be published, from today "},
		{"last", url.Values{"start": {"last"}, "last": {"1"}}, "last:1", 1, "1 post will be published, from today "},
		{"date", url.Values{"start": {"date"}, "date": {"2020-01-31"}}, "2020-01-31", 3,
			"3 posts will be published, from today "},
		{"daily", url.Values{"start": {"daily"}}, "all daily", 3, "3 posts will be published, one a day, from today "},
		{"all, protected", url.Values{"start": {"all"}}, "all", 0,
			"None of the older posts can be published now. Postern publishes those that can be published later."},
		{"unchanged form", url.Values{}, "now", 0, "No older posts will be published, only new ones."},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.connect()
			for n := range 3 {
				name, picture := fmt.Sprintf("Post %d", n), fmt.Sprintf("p%d.jpg", n)
				if c.name == "all, protected" {
					name, picture = "Protected: "+name, ""
				}
				h.site.item(name, picture)
			}
			c.values.Set("address", h.site.URL+"/feed.xml")
			c.values.Set("label", "My blog")
			p := h.owner().get("/feeds").submit(addFeed, c.values)
			require.Equal(t, http.StatusOK, p.Status, p.notice())
			require.Equal(t, "/feeds", p.Path)
			require.Contains(t, p.notice(), "Added My blog with 3 posts.")
			require.Contains(t, p.notice(), c.says)
			require.Contains(t, p.text(".card"), "Harbour light")
			require.Contains(t, p.text(".card"), "Published on Harbour")
			feeds, err := h.store.Feeds(t.Context())
			require.NoError(t, err)
			require.Len(t, feeds, 1)
			require.Equal(t, c.rule, feeds[0].StartRule)
			counts, err := h.store.CountStates(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.queued, counts[store.Queued])
		})
	}
}

func TestFeedThatCannotBeAddedIsExplainedAndKeptInTheForm(t *testing.T) {
	h := newHouse(t)
	b := h.owner()
	typed := func(address string, more url.Values) url.Values {
		v := url.Values{"address": {address}, "label": {"My blog"}, "start": {"last"}, "last": {"2"}}
		for k, x := range more {
			v[k] = x
		}
		return v
	}
	for _, c := range []struct {
		name, says string
		values     url.Values
	}{
		{"missing", "The address of the feed is missing.", typed("", nil)},
		{"not found", "404", typed(h.site.URL+"/none.xml", nil)},
		{"no server", "The feed was not added. http://localhost:1/", typed("http://localhost:1/", nil)},
		{"no feed", "feed", typed(h.site.URL+"/a.jpg", nil)},
		{"number", "a number from 1", typed(h.site.URL+"/feed.xml", url.Values{"last": {"0"}})},
		{"date", "from which date", typed(h.site.URL+"/feed.xml", url.Values{"start": {"date"}, "date": {"soon"}})},
		{"start", "Choose which of the older posts to publish.", typed(h.site.URL+"/feed.xml", url.Values{"start": {"sometime"}})},
	} {
		p := b.get("/feeds").submit(addFeed, c.values)
		require.Equal(t, http.StatusUnprocessableEntity, p.Status, c.name)
		require.Contains(t, p.notice(), "The feed was not added.", c.name)
		require.Contains(t, p.notice(), c.says, c.name)
		require.Equal(t, c.values.Get("address"), p.Find("input[name=address]").AttrOr("value", ""), c.name)
		require.Equal(t, "My blog", p.Find("input[name=label]").AttrOr("value", ""), c.name)
		require.True(t, p.has("details.add[open]"), c.name)
	}
	feeds, err := h.store.Feeds(t.Context())
	require.NoError(t, err)
	require.Empty(t, feeds)

	ok := typed(h.site.URL+"/feed.xml", nil)
	require.Equal(t, http.StatusOK, b.get("/feeds").submit(addFeed, ok).Status)
	p := b.get("/feeds").submit(addFeed, ok)
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Contains(t, p.notice(), "already there")
}

func TestFeedButtons(t *testing.T) {
	h := newHouse(t)
	h.site.item("Old", "old.jpg")
	b := h.owner()
	p := b.get("/feeds").submit(addFeed, url.Values{"address": {h.site.URL + "/feed.xml"}})
	require.Contains(t, p.text(".card"), "no account yet: connect one")
	h.connect()
	feeds, err := h.store.Feeds(t.Context())
	require.NoError(t, err)
	id := feeds[0].ID

	h.site.item("New", "new.jpg")
	p = b.get("/feeds").submit(action("feeds", id, "poll"), nil)
	require.Contains(t, p.notice(), "Postern checked Harbour light.")
	posts, err := h.store.Posts(t.Context(), id, 10)
	require.NoError(t, err)
	require.Len(t, posts, 2)
	require.False(t, p.has(action("feeds", id, "check")), "nothing is wrong")

	h.site.set(func() { h.site.gone = true })
	p = p.submit(action("feeds", id, "poll"), nil)
	require.Contains(t, p.notice(), "Postern could not read ")
	require.True(t, p.has(".notice.bad"))
	p = p.submit(action("feeds", id, "check"), nil)
	require.Contains(t, p.notice(), "and found ")
	require.Contains(t, p.text(".findings"), "reachable")
	h.site.set(func() { h.site.gone = false })
	p = p.submit(action("feeds", id, "check"), nil)
	require.Contains(t, p.text(".findings"), "RSS")

	stale := b.get("/feeds")
	p = stale.submit(action("feeds", id, "pause"), nil)
	require.Contains(t, p.notice(), "is paused")
	require.Contains(t, p.text(".card .badge"), "paused")
	require.False(t, p.has(action("feeds", id, "poll")))
	polls := h.site.polls
	require.Contains(t, stale.submit(action("feeds", id, "poll"), nil).notice(), "Resume it first")
	require.Equal(t, polls, h.site.polls)
	p = p.submit(action("feeds", id, "resume"), nil)
	require.Contains(t, p.notice(), "for new posts again")

	counts, err := h.store.CountStates(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, counts[store.Queued]+counts[store.Held])
	p = b.get(p.Find(`a[href$="/remove"]`).AttrOr("href", ""))
	require.Contains(t, p.text("h1"), "Remove the feed “Harbour light”?")
	require.Contains(t, p.text("main"), "1 publication that was not sent yet will be skipped.")
	feeds, err = h.store.Feeds(t.Context())
	require.NoError(t, err)
	require.Len(t, feeds, 1, "asking removes nothing")
	p = p.submit(action("feeds", id, "remove"), nil)
	require.Equal(t, "/feeds", p.Path)
	require.Contains(t, p.notice(), "is removed")
	counts, err = h.store.CountStates(t.Context())
	require.NoError(t, err)
	require.Zero(t, counts[store.Queued]+counts[store.Held])
	require.Equal(t, http.StatusNotFound, b.post(fmt.Sprintf("/feeds/%d/remove", id), nil).Status, "twice")
	require.Equal(t, http.StatusNotFound, b.post(fmt.Sprintf("/feeds/%d/poll", id), nil).Status)
}

func TestFeedWithoutAnAccountIsPointedOut(t *testing.T) {
	h := furnished(t)
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: h.feed.ID, AccountID: h.account.ID}, store.CLI, ""))
	b := h.owner()
	p := b.get("/feeds")
	require.Contains(t, p.text(".card"), "no account, so Postern publishes no new posts")
	require.Contains(t, p.text(".card"), "Switched off for: Harbour")
	require.Contains(t, b.get("/").text(`section[aria-labelledby=needs]`), "No account takes new posts of this feed.")
}

// A feed that fails says when it was read last, and when it was tried in vain. Tries that failed for different reasons
// are not said to be one problem.
func TestAFailingFeedSaysWhenItWasRead(t *testing.T) {
	h := furnished(t)
	read, tried := time.Now().Add(-2*time.Hour), time.Now().Add(-10*time.Minute)
	save := func(f store.Feed) {
		f.ID, f.NextPollAt = h.feed.ID, time.Now().Add(time.Hour)
		require.NoError(t, h.store.SavePoll(t.Context(), f))
	}
	save(store.Feed{LastPolledAt: read})
	b := h.owner()
	card := b.get("/feeds").text(".card dl")
	require.Contains(t, card, "2 hours ago")
	require.NotContains(t, card, "failed")
	save(store.Feed{LastPolledAt: tried, Problem: reason.Text("the server answers 404"), Failures: 2})
	page := b.get("/feeds")
	require.Regexp(t, `^Last check .*2 hours ago Last try, failed .*10 minutes ago Next check .*in 1 hour`,
		page.text(".card dl"))
	require.Contains(t, page.text(".card .bad"),
		"The server answers 404. Postern could not read the feed at the last 2 tries; this was the last problem.")
	save(store.Feed{LastPolledAt: time.Now()})
	card = b.get("/feeds").text(".card dl")
	require.NotContains(t, card, "failed")
	require.NotContains(t, card, "ago Next")
}

// A feed that was read before is not said to have a wrong address: the page says since when it cannot be read, and when
// it is tried next. One that never was is.
func TestAFeedThatWorkedMayBeDown(t *testing.T) {
	h := furnished(t)
	gone := func() {
		require.NoError(t, h.store.SavePoll(t.Context(), store.Feed{ID: h.feed.ID, LastPolledAt: time.Now(),
			Problem: reason.New(reason.FeedNotFound), Failures: 2, NextPollAt: time.Now().Add(time.Hour)}))
	}
	b := h.owner()
	gone()
	require.Contains(t, b.get("/feeds").text(".card .bad"), "check the address")
	require.NotContains(t, b.get("/feeds").text(".card .bad"), "may be down")
	require.Contains(t, b.get("/").text(".bad"), "check the address")

	require.NoError(t, h.store.SavePoll(t.Context(),
		store.Feed{ID: h.feed.ID, LastPolledAt: time.Now().Add(-3 * time.Hour), NextPollAt: time.Now()}))
	gone()
	card, home := b.get("/feeds").text(".card"), b.get("/").text(".bad")
	require.Contains(t, card, "The site may be down for a while, and Postern tries again by itself. If the feed has "+
		"moved, add its new address and remove this one.")
	require.NotContains(t, card, "check the address")
	require.Regexp(t, `There is nothing at this address \(404 Not Found\)\. Look at the feed Last check .*3 hours ago `+
		`Next check .*in 1 hour`, home)
	require.NotContains(t, b.get("/posts?q=ferry").text("#live"), "check the address")
}

// The search says which feeds cannot be read, because what is new in them is not found.
func TestASearchWithoutAHitNamesFeedsThatCannotBeRead(t *testing.T) {
	h := furnished(t)
	h.entry("Quay")
	b := h.owner()
	const why = "Postern cannot read the feed “Blog” at the moment: The server answers 404. A new post may be missing here for that reason."
	require.NotContains(t, b.get("/posts?q=ferry").text("#live"), "cannot read")
	require.NoError(t, h.store.SavePoll(t.Context(),
		store.Feed{ID: h.feed.ID, Problem: reason.Text("the server answers 404"), Failures: 1,
			NextPollAt: time.Now().Add(time.Hour), LastPolledAt: time.Now()}))
	for _, path := range []string{"/posts?q=ferry", "/posts?state=published",
		fmt.Sprintf("/posts?q=ferry&feed=%d", h.feed.ID)} {
		require.Contains(t, b.get(path).text(".empty"), why, path)
	}
	for _, path := range []string{"/posts?q=quay", "/posts", fmt.Sprintf("/posts?q=ferry&feed=%d", h.feed.ID+1)} {
		require.NotContains(t, b.get(path).text("#live"), "cannot read", path)
	}
}

// A search that is narrowed to an account names the feeds that keep a post from it: those that go there and cannot be
// read, and those that are switched off for it.
func TestASearchOfAnAccountNamesItsFeeds(t *testing.T) {
	h := furnished(t)
	other := h.another("Harbour two")
	err := h.store.PauseFeed(t.Context(), h.feed.ID, true, store.CLI)
	require.NoError(t, err)
	b := h.owner()
	of := func(account int64) string {
		return b.get(fmt.Sprintf("/posts?q=ferry&account=%d", account)).text("#live")
	}
	for _, account := range []store.Account{h.account, other} {
		require.Contains(t, of(account.ID), "The feed “Blog” is paused")
	}
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: h.feed.ID, AccountID: other.ID}, store.CLI, ""))
	require.Contains(t, of(other.ID), "The feed “Blog” is switched off for Harbour two: no new post of it goes there. "+
		"A new post may be missing here for that reason.")
	require.NotContains(t, of(other.ID), "paused")
	require.Contains(t, b.get(fmt.Sprintf("/posts?q=ferry&account=%d&feed=%d", other.ID, h.feed.ID)).text("#live"),
		"switched off")
	require.NotContains(t, b.get(fmt.Sprintf("/posts?q=ferry&account=%d&feed=99", other.ID)).text("#live"), "Blog")
	require.NotContains(t, of(h.account.ID), "switched off")
}

// A feed without a name is called by its host and path, and its whole address is one move away.
func TestFeedsWithoutANameAreShort(t *testing.T) {
	h := furnished(t)
	for address, want := range map[string]string{
		"https://www.example.org/a/feed.xml":                "example.org/a/feed.xml",
		"https://example.net/index.php?option=rss&type=all": "example.net/index.php?…",
		"https://example.com/":                              "example.com",
	} {
		f, err := h.store.AddFeed(t.Context(), store.Feed{URL: address, StartRule: "now"})
		require.NoError(t, err)
		card := h.owner().get("/feeds").Find(fmt.Sprintf("#feed-%d .address", f.ID))
		require.Equal(t, want, strings.TrimSpace(card.Text()))
		require.Equal(t, address, card.Find("[title]").AttrOr("title", ""))
	}
}

// A feed whose posts went out a day apart says so only as long as they do.
func TestOneADayEndsWithItsCoolDown(t *testing.T) {
	h := newHouse(t)
	h.connect()
	f, err := h.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed", Label: "Blog",
		StartRule: store.StartRule("all", true, false)})
	require.NoError(t, err)
	b := h.owner()
	require.Contains(t, b.get("/feeds").text(".card"), "all its posts, one a day")
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: f.ID, AccountID: h.account.ID, Enabled: true}, store.CLI, ""))
	require.Contains(t, b.get("/feeds").text(".card"), "all its posts")
	require.NotContains(t, b.get("/feeds").text(".card"), "one a day")
}

// A feed that is switched off for its accounts says for which, and leads to where that is switched; so does the page of
// a post that waits for its owner.
func TestASwitchedOffFeedSaysForWhom(t *testing.T) {
	h := furnished(t)
	held := h.bring(h.entry("Held"), store.Held)
	b := h.owner()
	require.NotContains(t, b.get(publicationPath(held)).text(".next"), "switched off")
	require.NoError(t, h.store.SetRoute(t.Context(),
		store.Route{FeedID: h.feed.ID, AccountID: h.account.ID}, store.CLI, ""))
	settings := fmt.Sprintf("/accounts/%d/settings?feed=%d", h.account.ID, h.feed.ID)
	home := b.get("/")
	require.Contains(t, home.text("main"),
		"No account takes new posts of this feed. The feed is switched off for Harbour.")
	require.True(t, home.has(`main a[href="`+settings+`"]`))
	require.True(t, b.get("/feeds").has(`.card a[href="`+settings+`"]`))
	page := b.get(publicationPath(held))
	require.Contains(t, page.text(".next"), "The feed “Blog” is switched off for Harbour, so no new post of it goes "+
		"there. This post goes out only if you let it.")
	require.True(t, page.has(`.next a[href="`+settings+`"]`))
	// A post that comes meanwhile says it on its own page.
	h.entry("Left")
	post, err := h.store.PostByGUID(t.Context(), h.feed.ID, h.posts[len(h.posts)-1].GUID)
	require.NoError(t, err)
	left := b.get(fmt.Sprintf("/posts/%d", post.ID))
	require.Contains(t, left.text(".next"), "No account takes this feed. The feed is switched off for Harbour. "+
		"After you switch it on, this post stays skipped until you publish it.")
	require.True(t, left.has(`.next a[href="`+settings+`"]`))
}

// A post without a picture of a feed that no account takes needs the account first. With it, the picture is enough.
func TestAPostWithoutPictureOfASwitchedOffFeed(t *testing.T) {
	h := furnished(t)
	b, route := h.owner(), store.Route{FeedID: h.feed.ID, AccountID: h.account.ID}
	const picture = "Add a picture on the site. Postern takes the post as a new one at its next check of the feed."
	h.entry("Before the words")
	id, older := h.words("Words alone"), h.words("Older words")
	db := h.raw()
	_, err := db.ExecContext(t.Context(), `UPDATE posts SET initial = (id = $1)`, older)
	require.NoError(t, err)
	page := func() string { return b.get(fmt.Sprintf("/posts/%d", id)).text(".next") }
	require.Contains(t, page(), picture)
	require.NotContains(t, page(), "switched off")
	require.NoError(t, h.store.SetRoute(t.Context(), route, store.CLI, ""))
	require.Contains(t, page(), "The feed is switched off for Harbour. Switch it on first. Settings of the feed "+picture)
	require.Contains(t, b.get(fmt.Sprintf("/posts/%d", older)).text(".next"), "Add a picture on the site. It was there "+
		"when the feed was added, so publish it yourself after the next check.", "its start rule is for a first account")
	left, _, err := h.store.LeftOutPage(t.Context(), store.LeftOutQuery{Limit: 9})
	require.NoError(t, err)
	require.Contains(t, shape.LeftOut(left[1]).Remedy, fmt.Sprintf("The feed is switched off. Run `postern feed route "+
		"%d %d` to switch it on for Harbour. %s", h.feed.ID, h.account.ID, picture))

	route.Enabled = true // as the page says
	require.NoError(t, h.store.SetRoute(t.Context(), route, store.CLI, ""))
	for i := range h.posts[1:] {
		p := &h.posts[i+1]
		p.Decision, p.Reason = store.Publish, reason.Reason{}
		p.Media = []store.Media{{Type: store.Image, URL: fmt.Sprintf("https://blog.example.org/new%d.jpg", i)}}
	}
	h.save()
	for post, want := range map[int64]store.State{id: store.Queued, older: store.Skipped} {
		pubs, err := h.store.PublicationsOfPost(t.Context(), post)
		require.NoError(t, err)
		require.Len(t, pubs, 1)
		require.Equal(t, want, pubs[0].State, pubs[0].Reason.String())
	}
}

// A paused feed is named where its posts are missed: on Home, and where a search finds nothing.
func TestAPausedFeedIsNamed(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	const why = "The feed “Blog” is paused: Postern does not check it for new posts."
	require.NotContains(t, b.get("/").text("main"), why)
	require.NotContains(t, b.get("/posts?q=nowhere").text("main"), why)
	b.get("/feeds").submit(fmt.Sprintf(`form[action="/feeds/%d/pause"]`, h.feed.ID), nil)
	require.Contains(t, b.get("/").text(".next"), why)
	require.Contains(t, b.get("/posts?q=nowhere").text("main"), why+" A new post may be missing here for that reason.")
	require.NotContains(t, b.get("/").text(".next"), "need")
}
