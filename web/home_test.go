package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestHomeOfANewInstallation(t *testing.T) {
	h := newHouse(t)
	p := h.owner().get("/")
	require.Equal(t, http.StatusOK, p.Status)
	require.Contains(t, p.text(".next"), "Add your blog's feed")
	require.Contains(t, p.text(".next"), "Connect an account")
	require.Equal(t, []string{"/feeds/new", "/accounts"},
		[]string{p.Find(".steps a").First().AttrOr("href", ""), p.Find(".steps a").Last().AttrOr("href", "")})
	require.Equal(t, "no-store", p.Header.Get("Cache-Control"))
}

func TestHomeShowsWhatHappensNextAndWhatNeedsItsOwner(t *testing.T) {
	h := furnished(t)
	h.bring(h.entry("Live one"), store.Published)
	h.bring(h.entry("Doubtful"), store.Unconfirmed)
	h.bring(h.entry("Waiting"), store.Held)
	h.bring(h.entry("Broken"), store.Failed)
	h.bring(h.entry("Left out"), store.Skipped)
	h.bring(h.entry("On its way"), store.Staged)
	soon := h.entry("Soon")
	h.posts = append(h.posts, store.Post{GUID: "words", Title: "Only words", Decision: store.Skip,
		Reason: reason.New(reason.NoMedia, ""), PublishedAt: time.Now()})
	h.save()
	require.NoError(t, h.store.SavePoll(t.Context(),
		store.Feed{ID: h.feed.ID, Problem: reason.Text("the server answers 404"), Failures: 2,
			NextPollAt: time.Now().Add(time.Hour), LastPolledAt: time.Now()}))
	_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.System, "", func(a *store.Account) error {
		a.Trouble, a.Problem = store.Reconnect, reason.Text("the password was changed")
		return nil
	})
	require.NoError(t, err)

	p := h.owner().get("/")
	require.Equal(t, http.StatusOK, p.Status)
	needs := p.text(`section[aria-labelledby=needs]`)
	for _, want := range []string{"Blog", "The server answers 404.", "Harbour", "The password was changed.",
		"Connect it again", "Doubtful", "unconfirmed", "Waiting", "on hold", "Broken", "failed",
		"Instagram refused it."} {
		require.Contains(t, needs, want)
	}
	work := p.text(`section[aria-labelledby=work]`)
	require.Contains(t, work, "On its way preparing")
	require.Contains(t, work, "Soon waiting")
	require.Contains(t, p.text(".next"), "3 posts, 1 feed and 1 account need your attention.",
		"the account has to be connected first")
	require.Contains(t, p.text(".next"), "Next check of the feeds:")
	require.Contains(t, p.text(`section[aria-labelledby=published]`), "Live one")
	require.Equal(t, "https://www.instagram.com/p/ABC/",
		p.Find(`section[aria-labelledby=published] a[rel=noreferrer]`).AttrOr("href", ""))
	require.Equal(t, []string{"next", "needs", "work", "skipped", "published"},
		p.Find("#live > section").Map(
			func(_ int, s *goquery.Selection) string { return s.AttrOr("aria-labelledby", "") }),
		"what was skipped stands directly below what waits")
	skipped := p.text(`section[aria-labelledby=skipped]`)
	require.Contains(t, skipped, "Left out · Harbour Was there when the feed was added.")
	require.Contains(t, skipped, "Only words · Blog No picture or video.")

	// Nothing is loaded from the blog.
	p.Find("img, video, link, source").Each(func(_ int, s *goquery.Selection) {
		for _, a := range []string{"src", "href", "poster"} {
			require.NotContains(t, s.AttrOr(a, ""), "//")
		}
	})
	require.Contains(t, p.Find(".rows img").First().AttrOr("src", ""), "/pictures/")

	_, err = h.store.UpdateAccount(t.Context(), h.account.ID, store.System, "",
		func(a *store.Account) error { a.Trouble, a.Problem = "", reason.Reason{}; return nil })
	require.NoError(t, err)
	p = h.owner().get("/")
	next := p.Find(".next")
	require.Equal(t, "On its way", p.text(".next .lead"), "an account brings out one at a time")
	require.Contains(t, h.owner().get(publicationPath(soon)).text(".next"), "It waits until “On its way” is done")
	_, ok := next.Find("time").Attr("datetime")
	require.True(t, ok)
}

func TestHomeIsCutAndSaysSo(t *testing.T) {
	h := furnished(t)
	for n := range 30 {
		h.bring(h.entry(fmt.Sprintf("Held %d", n)), store.Held)
	}
	b := h.owner()
	p := b.get("/")
	require.Equal(t, 13, p.Find(`section[aria-labelledby=needs] .rows li`).Length())
	require.Contains(t, p.text(`section[aria-labelledby=needs]`), "17 more")
	p = b.get(p.Find(`section[aria-labelledby=needs] > p a`).AttrOr("href", ""))
	require.Equal(t, "Posts", p.text("h1"))
	require.Equal(t, 24, p.Find(`.rows li`).Length())
	older := b.get(p.Find(`a[rel=next]`).AttrOr("href", ""))
	require.Equal(t, 6, older.Find(`.rows li`).Length())
	require.Equal(t, "Held 0", older.text(`.rows li:last-child .head a`))
	require.False(t, older.has(`a[rel=next]`))
	newer := b.get(older.Find(`a[rel=prev]`).AttrOr("href", ""))
	require.Equal(t, p.text(".rows"), newer.text(".rows"))
	require.False(t, newer.has(`a[rel=prev]`))
}

// A few skipped posts show, the newest found first, whether they have publications or not; the rest is one link away.
func TestHomeShowsFewSkippedPosts(t *testing.T) {
	h := furnished(t)
	require.False(t, h.owner().get("/").has(`section[aria-labelledby=skipped]`))
	for n := range 9 {
		h.words(fmt.Sprintf("Words %d", n))
	}
	h.bring(h.entry("Left out"), store.Skipped)
	p := h.owner().get("/")
	list := p.Find(`section[aria-labelledby=skipped] li`)
	require.Equal(t, 5, list.Length())
	require.Contains(t, list.First().Text(), "Left out")
	require.Contains(t, list.Eq(1).Text(), "Words 8")
	require.Equal(t, "/posts?state=skipped", p.Find(`section[aria-labelledby=skipped] .heading a`).AttrOr("href", ""))
}

func TestStrangersWordsStayWords(t *testing.T) {
	h := furnished(t)
	p := h.entry(`<script>alert("title")</script>`,
		store.Media{Type: store.Image, URL: "https://blog.example.org/a.jpg", Alt: `"><img src=x onerror=alert(1)>`})
	h.posts[0].URL = "javascript:alert(1)"
	h.save()
	b := h.owner()
	for _, path := range []string{"/", fmt.Sprintf("/publications/%d", p.ID)} {
		page := b.get(path)
		require.Zero(t, page.Find("script:not([src]), [onerror], [style]").Length(), path)
		require.NotContains(t, page.Body, `href="javascript`)
		require.Contains(t, page.text("main"), `<script>alert("title")</script>`)
	}
	require.False(t, strings.Contains(b.seen.String(), "<script>"))
}

// The headline counts everything that needs its owner, each feed and account once.
func TestTheHeadlineCountsAllThatNeedsItsOwner(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	pause := func() {
		_, err := h.store.UpdateAccount(t.Context(), h.account.ID, store.System, "", func(a *store.Account) error {
			a.Problem = reason.Text("the password was changed")
			return nil
		})
		require.NoError(t, err)
	}
	fail := func() {
		require.NoError(t, h.store.SavePoll(t.Context(),
			store.Feed{ID: h.feed.ID, Problem: reason.Text("the server answers 404"),
				Failures: 1, NextPollAt: time.Now().Add(time.Hour), LastPolledAt: time.Now()}))
	}
	require.Contains(t, b.get("/").text(".next"), "Nothing is waiting.")
	fail()
	require.Contains(t, b.get("/").text(".next"), "1 feed needs your attention.")
	pause()
	require.Contains(t, b.get("/").text(".next"), "1 feed and 1 account need your attention.")
	h.bring(h.entry("Broken"), store.Failed)
	require.Contains(t, b.get("/").text(".next"), "1 post, 1 feed and 1 account need your attention.")
}

// Before there is an account, the first page says of the feed what is so: that it is read, or that it cannot be.
func TestFirstStepsOfAFeedThatCannotBeRead(t *testing.T) {
	h := newHouse(t)
	f, err := h.store.AddFeed(t.Context(), store.Feed{URL: "https://blog.example.org/feed.xml", StartRule: "now"})
	require.NoError(t, err)
	b := h.owner()
	require.Contains(t, b.get("/").text(".steps"), "Postern reads your feed.")
	require.NoError(t, h.store.SavePoll(t.Context(),
		store.Feed{ID: f.ID, Problem: reason.Text("the server answers 404"), Failures: 1,
			NextPollAt: time.Now().Add(time.Hour)}))
	steps := b.get("/").text(".steps")
	require.NotContains(t, steps, "Postern reads your feed.")
	require.Contains(t, steps, "Postern cannot read it at the moment")
	require.Contains(t, b.get("/").text("main"), "The server answers 404.")
}

// Home names a feed or an account once, with all that is wrong with it, and what is in the way of a post once. The badge
// counts the feeds that Notices lists.
func TestHomeNamesEachOnce(t *testing.T) {
	h := furnished(t)
	b := h.owner()
	p := h.entry("Quay")
	look, err := h.store.BeginPreflight(t.Context(), p.ID, "", time.Now().Add(time.Hour))
	require.NoError(t, err)
	look.Checks = []store.Check{{ID: "media.url.not-found", Severity: store.Blocks, Text: "there is no picture at quay.jpg"}}
	require.NoError(t, h.store.SavePreflight(t.Context(), look))
	_, err = h.store.UpdateAccount(t.Context(), h.account.ID, store.CLI, "", func(a *store.Account) error {
		a.Paused, a.Trouble, a.Problem = true, store.Reconnect, reason.Text("the access token has expired")
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, h.store.SavePoll(t.Context(), store.Feed{ID: h.feed.ID, LastPolledAt: time.Now(),
		NextPollAt: time.Now().Add(time.Hour), Problem: reason.Text("the server answers 404"), Failures: 1}))
	require.NoError(t, h.store.SetRoute(t.Context(), store.Route{FeedID: h.feed.ID, AccountID: h.account.ID}, store.CLI, ""))
	home := b.get("/")
	needs := home.Find(`section[aria-labelledby=needs] .notice`)
	require.Equal(t, 2, needs.Length(), needs.Text())
	require.Contains(t, needs.First().Text(), "The server answers 404. No account takes new posts of this feed.")
	require.Contains(t, needs.Last().Text(), "The access token has expired. ")
	require.Contains(t, needs.Last().Text(), "paused")
	require.Equal(t, 1, strings.Count(home.text("main"), "here is no picture at quay.jpg"))
	require.Equal(t, b.get("/notices").Find(".list > .card, ul > .card").Length(), 1)
	require.Contains(t, home.text("#wrong .count"), "1")
}
