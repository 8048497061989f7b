package publisher

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// written returns a post with a title and one picture, dated an hour ago.
func written(guid, title, picture string) store.Post {
	return store.Post{GUID: guid, Title: title, PublishedAt: time.Now().Add(-time.Hour - 7*time.Minute),
		Decision: store.Publish,
		Media:    []store.Media{{Type: store.Image, URL: "https://blog.example.org/" + picture}}}
}

// of returns the publication of a post.
func (s *theStage) of(guid string) store.Publication {
	s.t.Helper()
	for _, l := range s.list() {
		if l.Post.GUID == guid {
			return l.Publication
		}
	}
	require.Fail(s.t, "no publication of "+guid)
	return store.Publication{}
}

// TestMovedPicturesAreRecognisedByTheirBytes checks that a post whose picture moved to another URL is recognised by its
// bytes and its title before any container is created.
func TestMovedPicturesAreRecognisedByTheirBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.site.moved = map[string]string{"/cdn/9f2c.jpg": "/harbour.jpg"}
		s.posts = []store.Post{written("old", "Letters from the harbour", "harbour.jpg")}
		s.poll()
		s.start()
		first := s.reach(s.of("old").ID, store.Published, time.Hour)

		moved, fresh := written("new", "Letters from the harbour", "cdn/9f2c.jpg"),
			written("fresh", "Something else entirely", "fresh.jpg")
		moved.PublishedAt = moved.PublishedAt.Add(-24 * time.Hour)
		fresh.PublishedAt = time.Now()
		s.posts = []store.Post{fresh, moved}
		s.poll()
		s.reach(s.of("fresh").ID, store.Published, time.Hour)
		held := s.reach(s.of("new").ID, store.Held, time.Hour)
		require.Contains(t, held.Reason.String(), fmt.Sprintf("looks like publication %d of ", first.ID))
		require.Empty(t, held.Containers)
		require.Len(t, s.live(), 2)

		// The owner says that it is a new post.
		_, err := s.store.Do(t.Context(), held.ID, store.Order{Command: store.CommandPublish, By: store.Visitor})
		require.NoError(t, err)
		s.reach(held.ID, store.Published, time.Hour)
		require.Len(t, s.live(), 3)
	})
}

// TestRepeatedPostOfOneFeedGetsANote checks that a repeated post within one feed is published with a note, even if
// the file has moved.
func TestRepeatedPostOfOneFeedGetsANote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.site.moved = map[string]string{"/logo2.jpg": "/logo.jpg"}
		s.start()
		var ids []int64
		for i, picture := range []string{"logo.jpg", "logo2.jpg", "logo.jpg", "logo2.jpg"} {
			p := written(fmt.Sprint("week", i), "Our weekly newsletter", picture)
			p.PublishedAt = time.Now()
			s.posts = append([]store.Post{p}, s.posts...)
			s.poll()
			ids = append(ids, s.reach(s.of(p.GUID).ID, store.Published, time.Hour).ID)
			time.Sleep(7 * 24 * time.Hour)
		}
		require.Len(t, s.live(), 4)
		preflight, err := s.store.Preflight(t.Context(), ids[1])
		require.NoError(t, err)
		require.Contains(t, fmt.Sprint(preflight.Checks), fmt.Sprintf("publication %d has the same pictures", ids[0]))
	})
}

// TestEqualPicturesOfOneDocumentInAnyOrder has a feed with two posts of the same second that show one picture under two
// URLs. Both are published. A separate poll finds the later post, which is published first, so that the earlier one
// is compared with it.
func TestEqualPicturesOfOneDocumentInAnyOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := setup(t)
		s.site.moved = map[string]string{"/boat-1.jpg": "/not-there-yet.jpg"}
		s.site.gone["/not-there-yet.jpg"] = true
		at := time.Now().Add(-14*time.Hour - 7*time.Second)
		for _, p := range []store.Post{written("one", "In the morning mist", "boat-1.jpg"),
			written("two", "Back before the storm", "boat-2.jpg")} {
			p.PublishedAt = at
			s.posts = append([]store.Post{p}, s.posts...)
			s.poll()
			time.Sleep(time.Minute)
		}
		s.start()
		s.reach(s.of("two").ID, store.Published, time.Hour)
		s.stopPublisher()
		s.site.moved["/boat-1.jpg"] = "/boat-2.jpg"
		s.start()
		s.reach(s.of("one").ID, store.Published, 3*time.Hour)
		require.Len(t, s.live(), 2)
	})
}

// TestEqualPicturesOfTwoFeeds has two feeds of one site, for instance in two languages, show one picture to one
// account.
func TestEqualPicturesOfTwoFeeds(t *testing.T) {
	t.Parallel()
	story := "story"
	for name, c := range map[string]struct {
		later  time.Duration
		change func(*store.Post)
		before int // number of posts in the first feed with the picture
		want   store.State
	}{
		"a minute later": {time.Minute, func(*store.Post) {}, 1, store.Held},
		"same bytes, other URL": {time.Minute, func(p *store.Post) { p.Media[0].URL = "https://blog.example.org/de/one.jpg" },
			1, store.Held},
		"after a month":   {31 * 24 * time.Hour, func(*store.Post) {}, 1, store.Published},
		"another channel": {time.Minute, func(p *store.Post) { p.Markup.Entry.Channel = &story }, 1, store.Published},
		"a logo":          {time.Minute, func(*store.Post) {}, 2, store.Published},
		"one more picture": {time.Minute, func(p *store.Post) {
			p.Media = append(p.Media, store.Media{Type: store.Image, URL: "https://blog.example.org/two.jpg"})
		}, 1, store.Published},
		"another picture at the same path": {time.Minute,
			func(p *store.Post) { p.Media[0].URL = "https://other.example.org/one.png" }, 1, store.Published},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := setup(t)
				s.site.moved = map[string]string{"/de/one.jpg": "/one.jpg"}
				s.start()
				for i := range c.before {
					p := written(fmt.Sprint("en", i), fmt.Sprint("In English, number ", i), "one.jpg")
					p.PublishedAt = time.Now().Add(time.Duration(i) * time.Second)
					s.posts = append([]store.Post{p}, s.posts...)
					s.poll()
					s.reach(s.of(p.GUID).ID, store.Published, time.Hour)
				}
				time.Sleep(c.later)
				german, err := s.store.AddFeed(t.Context(),
					store.Feed{URL: "https://blog.example.org/de/feed", StartRule: "all"})
				require.NoError(t, err)
				p := written("de", "Auf Deutsch, eins", "one.jpg")
				p.PublishedAt = time.Now().Add(3 * time.Second)
				c.change(&p)
				german.NextPollAt, german.LastPolledAt = time.Now().Add(time.Hour), time.Now()
				_, err = s.store.SavePosts(t.Context(), german, []store.Post{p}, true)
				require.NoError(t, err)
				got := s.reach(s.of("de").ID, c.want, time.Hour)
				if c.want == store.Held {
					require.Contains(t, got.Reason.String(),
						"has the pictures of publication 1, which came from blog.example.org/feed")
				}
			})
		})
	}
}
