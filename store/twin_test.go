package store_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestOnePostInTwoFeeds(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	blog := h.feed("https://blog.example/feed", "all")
	photos := h.feed("https://blog.example/photos", "all")
	other := h.feed("https://other.example/feed", "all")
	h.save(blog, post("https://blog.example/1", -hour), post("12", -2*hour), post("13", -3*hour))

	sameGUID := post("https://blog.example/1", -hour)
	sameGUID.URL = "https://cdn.example/somewhere"
	sameAddress := post("another guid", -2*hour)
	sameAddress.URL = "http://www.blog.example/12/?utm_source=rss#top"
	shortGUID := post("13", -3*hour)
	shortGUID.URL = "https://blog.example/photos/13"
	different := post("fresh", -hour)
	h.save(photos, sameGUID, sameAddress, shortGUID, different)
	elsewhere := post("13", -hour)
	elsewhere.URL, elsewhere.Media[0].URL = "https://other.example/13", "https://other.example/13.jpg"
	h.save(other, elsewhere)

	states, number := map[string]string{}, regexp.MustCompile(`\d+`)
	list, err := h.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	for _, l := range list {
		states[l.Feed.URL+" "+l.Post.GUID] = string(l.State) + l.Reason.String()
		if l.Reason.Is(reason.AlreadyFromFeed) {
			of, err := h.Listed(t.Context(), l.Reason.Publication())
			require.NoError(t, err)
			require.Equal(t, "https://blog.example/feed", of.Feed.URL)
			states[l.Feed.URL+" "+l.Post.GUID] = number.ReplaceAllString(string(l.State)+" "+l.Reason.String(), "N")
		}
	}
	on := "skipped the feed blog.example/feed brought the same post: publication N, waiting to be published"
	require.Equal(t, map[string]string{
		"https://blog.example/feed https://blog.example/1": "queued", "https://blog.example/feed 12": "queued",
		"https://blog.example/feed 13":                       "queued",
		"https://blog.example/photos https://blog.example/1": on, "https://blog.example/photos another guid": on,
		"https://blog.example/photos 13": on, "https://blog.example/photos fresh": "queued",
		"https://other.example/feed 13": "queued", // a short GUID is a different one on another site
	}, states)
}

func TestAPostThatWasSkippedElsewhereIsTaken(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	blog := h.feed("https://blog.example/feed", "now")
	h.save(blog, post("https://blog.example/1", -hour))
	photos := h.feed("https://blog.example/photos", "all")
	h.save(photos, post("https://blog.example/1", -hour))
	require.Len(t, h.all(), 2)
	require.Equal(t, store.Queued, h.pub2(photos.ID).State)
}

// pub2 returns the only publication of a feed.
func (h fixture) pub2(feedID int64) store.Listed {
	h.t.Helper()
	list, err := h.Publications(h.ctx(), store.Filter{FeedID: feedID})
	require.NoError(h.t, err)
	require.Len(h.t, list, 1)
	return list[0]
}

func TestAChangedIDPublishesNothingAgain(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("1", 0))
	id := h.bring(h.pub("1", 1), store.Published).ID
	renamed := post("1", 0)
	renamed.GUID = "tag:blog.example,2026:1"
	h.save(f, renamed)
	p := h.pub(renamed.GUID, 1)
	require.Equal(t, store.Held, p.State)
	today := time.Now().UTC().Format("2 January 2006")
	require.Equal(t, fmt.Sprintf("looks like publication %d, \"Title of 1\", published on %s", id, today),
		p.Reason.String())

	update := post("1", 0) // another entry with the same page
	update.GUID, update.Media[0].URL = "2", "https://blog.example/other.jpg"
	h.save(f, update)
	require.Equal(t, store.Queued, h.pub("2", 1).State)
}

func TestOnePageUnderTwoIDsAtTheFirstPoll(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	first := post("1", -hour)
	twin := first // a copy: two readings of the clock may fall into two seconds, and the older post goes first
	twin.GUID, twin.URL = "other", "http://www.blog.example/1/"
	h.save(h.feed("https://blog.example/feed", "all"), first, twin)
	require.Equal(t, store.Queued, h.pub("1", 1).State)
	require.Equal(t, store.Held, h.pub("other", 1).State)
}

// A skipped publication without an answer may be live, so no other feed and no other id may publish the post again.
func TestSkippedButMaybeLiveBlocksCopies(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("1", -hour))
	h.bring(h.pub("1", 1), store.Unconfirmed)
	h.do(h.pub("1", 1).ID, store.CommandSkip)

	renamed := post("1", -hour)
	renamed.GUID = "renamed"
	h.save(h.feed("https://blog.example/photos", "all"), renamed)
	require.Equal(t, store.Skipped, h.pub("renamed", 1).State)
	renamed.GUID = "renamed again"
	h.save(f, post("1", -hour), renamed)
	require.NotEqual(t, store.Queued, h.pub("renamed again", 1).State)
}

// A command to publish a post that another feed has brought already must not create a second post.
func TestPublishOfATwinIsRefused(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	blog, photos := h.feed("https://blog.example/feed", "all"), h.feed("https://blog.example/photos", "all")
	h.save(blog, post("https://blog.example/1", -hour))
	h.save(photos, post("https://blog.example/1", -hour))
	first, twin := h.pub2(blog.ID), h.pub2(photos.ID)
	h.bring(first.Publication, store.Published)
	_, err := h.Do(t.Context(), twin.ID, store.Order{Command: store.CommandPublish})
	require.ErrorIs(t, err, store.ErrIllegal)
	require.ErrorContains(t, err, fmt.Sprintf("publication %d is the same post as publication %d of the feed "+
		"blog.example/feed, published on ", twin.ID, first.ID))
	require.ErrorContains(t, err, ". An account publishes a post once")

	// The skipped one may be published instead of the other, and then the first no longer can be.
	h.save(blog, post("https://blog.example/2", -hour))
	h.save(photos, post("https://blog.example/2", -hour))
	list, err := h.Publications(t.Context(), store.Filter{States: []store.State{store.Queued}})
	require.NoError(t, err)
	require.Len(t, list, 1)
	skipped, err := h.Publications(t.Context(), store.Filter{FeedID: photos.ID, Newest: true, Limit: 1})
	require.NoError(t, err)
	_, err = h.Do(t.Context(), skipped[0].ID, store.Order{Command: store.CommandApprove})
	require.ErrorContains(t, err, fmt.Sprintf(", waiting to be published. Skip publication %d first to publish this one",
		list[0].ID))
	now := func() string {
		of, err := h.FromOtherFeeds(t.Context(), skipped)
		require.NoError(t, err)
		return of[skipped[0].ID].String()
	}
	same := fmt.Sprintf("the feed blog.example/feed brought the same post: publication %d, ", list[0].ID)
	require.Equal(t, same+"waiting to be published", now())
	h.do(list[0].ID, store.CommandHold)
	require.Equal(t, same+"on hold and not published", now())
	h.do(list[0].ID, store.CommandSkip)
	require.Equal(t, fmt.Sprintf("the feed blog.example/feed brought the same post as publication %d, which was skipped "+
		"since", list[0].ID), now())
	h.do(skipped[0].ID, store.CommandPublish)
	_, err = h.Do(t.Context(), list[0].ID, store.Order{Command: store.CommandPublish})
	require.ErrorIs(t, err, store.ErrIllegal)
}

// Many posts are looked up together, but each gets its own result.
func TestManyPostsInTwoFeeds(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.account("alice")
	blog := h.feed("https://blog.example/feed", "all")
	copied := h.feed("https://copy.example/feed", "all")
	var posts, again []store.Post
	for i := range 100 {
		p := post(fmt.Sprintf("https://blog.example/%d", i), -time.Duration(i+1)*hour)
		if i%3 == 0 {
			posts = append(posts, p)
		}
		again = append(again, p)
	}
	h.save(blog, posts...)
	h.save(copied, again...)
	list, err := h.Publications(t.Context(), store.Filter{FeedID: copied.ID})
	require.NoError(t, err)
	require.Len(t, list, len(again))
	for _, l := range list {
		var n int
		_, err := fmt.Sscanf(l.Post.GUID, "https://blog.example/%d", &n)
		require.NoError(t, err)
		require.Equal(t, n%3 == 0, l.State == store.Skipped, "%s: %s", l.Post.GUID, l.Reason.String())
	}
}
