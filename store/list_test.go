package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestWords(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := h.feed("https://a.example/feed", "all")
	h.account("mira")
	var posts []store.Post
	for i, title := range []string{"Gull at the harbour", "Two gulls", "GULLIVER travels", "Möwe im Hafen",
		"Harbours of the north", "gul"} {
		posts = append(posts, store.Post{
			GUID: fmt.Sprint(i), URL: fmt.Sprintf("https://a.example/%d", i), Title: title, Decision: store.Publish,
			PublishedAt: time.Now().Add(time.Duration(i-100) * time.Minute),
			Media:       []store.Media{{Type: store.Image, URL: fmt.Sprintf("https://a.example/%d.jpg", i)}},
		})
	}
	for i := range 60 { // more than maxCompletions
		posts = append(posts, store.Post{
			GUID: fmt.Sprint("w", i), URL: fmt.Sprintf("https://a.example/w%d", i),
			Title: fmt.Sprintf("windmill%c%c", 'a'+i/10, 'a'+i%10), Decision: store.Publish,
			Media: []store.Media{{Type: store.Image, URL: fmt.Sprintf("https://a.example/w%d.jpg", i)}},
		})
	}
	h.save(f, posts...)
	found := func(words string) (guids []string) {
		list, more, err := h.PublicationPage(h.ctx(), store.Query{Words: words, Limit: 100})
		require.NoError(t, err)
		require.False(t, more)
		for _, l := range list {
			if len(l.Post.GUID) == 1 {
				guids = append(guids, l.Post.GUID)
			} else {
				guids = append(guids, "w")
			}
		}
		return guids
	}
	require.ElementsMatch(t, []string{"0", "1", "2"}, found("gull"))
	require.ElementsMatch(t, []string{"0", "1", "2"}, found("Gull"))
	require.ElementsMatch(t, []string{"0", "1", "2", "5"}, found("gul"))
	require.ElementsMatch(t, []string{"2"}, found("gulli"))
	require.Empty(t, found("gullible"))
	require.ElementsMatch(t, []string{"0"}, found("harbour gull"))
	require.ElementsMatch(t, []string{"0"}, found("gull harbour"))
	require.Empty(t, found("gul harb or"), "or is an ordinary word")
	require.ElementsMatch(t, []string{"0", "4"}, found("harbour"))
	require.ElementsMatch(t, []string{"3"}, found("möwe"))
	require.ElementsMatch(t, []string{"3"}, found("mowe"))
	require.ElementsMatch(t, []string{"3"}, found("mowe hafen"))
	require.Len(t, found("windmill"), 60)
	require.Len(t, found("windmilla"), 10)
	require.Len(t, found(`"; -- `), 66, "a text without words does not narrow the search")
}

func TestLatestPosts(t *testing.T) {
	t.Parallel()
	h := setup(t)
	a := h.account("mira")
	var want []string
	var feeds []store.Feed
	for n := range 4 {
		f := h.feed(fmt.Sprintf("https://%c.example/feed", 'a'+n), "all")
		feeds = append(feeds, f)
		var posts []store.Post
		for i := range 4 {
			p := store.Post{
				GUID: fmt.Sprintf("%c%d", 'a'+n, i), URL: fmt.Sprintf("https://%c.example/%d", 'a'+n, i), Title: "Fog",
				Decision:    store.Publish,
				PublishedAt: time.Now().Add(-time.Duration(i*4+n) * time.Hour),
				Media: []store.Media{
					{Type: store.Image, URL: fmt.Sprintf("https://%c.example/%d.jpg", 'a'+n, i)}},
			}
			if n == 2 && i == 0 {
				p.Decision, p.Reason, p.Media = store.Skip, reason.New(reason.NoMedia, ""), nil
			}
			posts = append(posts, p)
		}
		h.save(f, posts...)
	}
	// the account does not take this feed
	require.NoError(t, h.SetRoute(h.ctx(),
		store.Route{FeedID: feeds[1].ID, AccountID: a.ID, Initial: store.InitialRule}, store.Visitor, ""))
	require.NoError(t, h.RemoveFeed(h.ctx(), feeds[3].ID, store.Visitor))
	latest := func(feed int64, limit int) (guids []string) {
		posts, err := h.LatestPosts(h.ctx(), a.ID, feed, limit)
		require.NoError(t, err)
		for _, p := range posts {
			require.Len(t, p.Media, 1)
			guids = append(guids, p.GUID)
		}
		return guids
	}
	want = []string{"a0", "a1", "c1", "a2"}
	require.Equal(t, want, latest(0, 4))
	require.Equal(t, []string{"a0", "a1", "c1", "a2", "c2", "a3", "c3"}, latest(0, 100))
	require.Equal(t, want[:1], latest(0, 1))
	require.Equal(t, []string{"b0", "b1"}, latest(feeds[1].ID, 2), "a feed that is named is shown")
	require.Equal(t, []string{"c1", "c2"}, latest(feeds[2].ID, 2))
	routes, err := h.RoutesTo(h.ctx(), a.ID, []int64{feeds[0].ID, feeds[1].ID, feeds[1].ID, 99})
	require.NoError(t, err)
	require.Len(t, routes, 2)
	require.True(t, routes[feeds[0].ID].Enabled)
	require.False(t, routes[feeds[1].ID].Enabled)
}
