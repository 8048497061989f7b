package store_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// essay returns a text of more than forty letters that differs for each n.
func essay(n int) string {
	topics := []string{"the harbour at dawn", "a walk across the old bridge", "three boats that never left",
		"the keeper of the lighthouse", "bread from the corner shop",
		"how the fog came in", "a market on a Tuesday", "what the tide brought", "the last ferry home",
		"an afternoon with the loom", "gulls over the pier"}
	return fmt.Sprintf("This is about %s, which I saw from the window of my room and could not forget. Number %d.",
		topics[n%len(topics)], n)
}

// shown returns the n-th post of a site, newest first: dated n days ago, with a text, a title and a picture of its
// own.
func shown(n int) store.Post {
	at := time.Now().Add(-time.Duration(n)*day - time.Duration(n)*17*time.Minute).UTC().Truncate(time.Second)
	address := fmt.Sprintf("https://old.example/%s/entry-%d/", at.Format("2006/01"), n)
	return store.Post{
		GUID: fmt.Sprintf("https://old.example/?p=%d", n+100), URL: address,
		Title: fmt.Sprintf("Letters from the harbour %d", n), Text: essay(n), PublishedAt: at, Decision: store.Publish,
		Media: []store.Media{{Type: store.Image,
			URL: fmt.Sprintf("https://old.example/uploads/%s/harbour-%d-1024x768.jpg", at.Format("2006/01"), n)}},
	}
}

func site(n int) []store.Post {
	var posts []store.Post
	for i := range n {
		posts = append(posts, shown(i+1))
	}
	return posts
}

// fresh returns a post that was never on the site before.
func fresh() store.Post {
	p := shown(0)
	p.GUID, p.URL, p.Title, p.Text = "fresh", "https://old.example/fresh/", "Something that is really new",
		"Nobody has read any of these words before, for I wrote them this morning."
	p.PublishedAt = time.Now().UTC().Truncate(time.Second)
	p.Media = []store.Media{{Type: store.Image, URL: "https://old.example/uploads/fresh.jpg"}}
	return p
}

// newAddress, newID, newMedia and so on are the changes that a move can make.
func newAddress(p *store.Post) { p.URL = "https://new.example/p/" + p.GUID[len(p.GUID)-3:] }
func newID(p *store.Post)      { p.GUID = "urn:uuid:0000-" + p.GUID[len(p.GUID)-3:] }
func newDomain(p *store.Post) {
	for _, s := range []*string{&p.GUID, &p.URL, &p.Media[0].URL} {
		*s = replace(*s, "old.example", "new.example")
	}
}
func newMedia(p *store.Post) {
	p.Media[0].URL = "https://cdn.example/" + p.GUID[len(p.GUID)-3:] + "/a1b2c3.webp"
}
func newWords(p *store.Post) {
	p.Title, p.Text = "Briefe aus dem Hafen "+p.GUID[len(p.GUID)-3:],
		"Auf Deutsch: davon, was man am Morgen aus dem Fenster sehen kann, und mehr noch am Abend "+p.GUID
}

var moves = map[string][]func(*store.Post){
	"address":           {newDomain, newID},
	"guid":              {newID},
	"media":             {newID, newMedia},
	"address and media": {newAddress, newMedia, newID},
	"any two":           {newID, newAddress, func(p *store.Post) { p.Title = "" }},
	"everything but the text": {newID, newAddress, newMedia,
		func(p *store.Post) { p.PublishedAt = p.PublishedAt.Add(3 * time.Minute) }},
	"a language copy": {newAddress, newID, newWords},
	"a new theme": {newID, newAddress, newMedia, func(p *store.Post) {
		p.Title, p.Text = "", "By the keeper · 3 min read. "+p.Text+" Filed under: Harbours. Share this!"
	}},
	"https": {func(p *store.Post) {
		p.GUID, p.URL = replace(p.GUID, "https:", "http:"), replace(p.URL, "https://", "http://www.")
	}},
	"an excerpt": {newID, newAddress, newMedia, func(p *store.Post) { p.Text = p.Text[:70] + "… Read more" }},
	"a time zone": {newID, newAddress, newMedia,
		func(p *store.Post) { p.Text, p.PublishedAt = "", p.PublishedAt.Add(-2*hour) }},
	"days without times": {newID, newAddress, newMedia,
		func(p *store.Post) { p.Text, p.PublishedAt = "", p.PublishedAt.Truncate(day) }},
	"a permalink format": {newID, func(p *store.Post) {
		p.URL = replace(p.URL, p.PublishedAt.Format("/2006/01/"), "/posts/") + "index.html"
	}},
	"tracking": {newID, newMedia, func(p *store.Post) { p.URL += "?utm_source=feed&utm_campaign=move" }},
	"dates of today": {newID, newAddress,
		func(p *store.Post) { p.PublishedAt = time.Now().Add(-hour).UTC().Truncate(time.Second) }},
	"photos only": {newDomain,
		func(p *store.Post) { p.Title, p.Text, p.PublishedAt = "", "", p.PublishedAt.Truncate(day) }},
}

// After a site has moved, no post is published again, but a new post in the same poll is.
func TestMovedSites(t *testing.T) {
	t.Parallel()
	for name, change := range moves {
		for _, entries := range []int{1, 3, 6, 10, 15} {
			t.Run(fmt.Sprint(name, entries), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := setup(t)
					h.account("alice")
					f := h.feed("https://old.example/feed", "all")
					before := site(entries)
					if name == "photos only" {
						for i := range before {
							before[i].Title, before[i].Text, before[i].PublishedAt = "", "",
								before[i].PublishedAt.Truncate(day)
						}
					}
					h.save(f, before...)
					for i, p := range before {
						if i < 4 {
							h.bring(h.pub(p.GUID, 1), store.Published)
						}
					}
					time.Sleep(2 * hour)
					after := []store.Post{fresh()}
					for i := range entries {
						p := shown(i + 1)
						p.PublishedAt = before[i].PublishedAt
						for _, c := range change {
							c(&p)
						}
						after = append(after, p)
					}
					h.save(f, after...)
					for _, p := range after[1:] {
						pub := h.pub(p.GUID, 1)
						require.Equal(t, store.Held, pub.State, "%s %+v", pub.Reason.String(), p)
					}
					require.Equal(t, store.Queued, h.pub("fresh", 1).State, h.pub("fresh", 1).Reason.String())
				})
			})
		}
	}
}

// counterCases are sequences of polls, each a document with the newest entry first, in which every entry is a
// separate post.
var counterCases = map[string]func() [][]store.Post{
	"similar titles": func() (polls [][]store.Post) {
		for i, title := range []string{"Sunset at the harbour", "Sunset at the harbour II",
			"Sunset at the harbour, again", "Sunset at the harbour"} {
			p := shown(i)
			p.Title = title
			polls = grow(polls, p)
		}
		return polls
	},
	"serial comics": func() (polls [][]store.Post) {
		for i := range 6 {
			p := shown(i)
			p.Title, p.Text = fmt.Sprintf("The Lighthouse Keeper, page %d", 12+i),
				fmt.Sprintf("Page %d of the Lighthouse Keeper. Read it from the start on our site.", 12+i)
			polls = grow(polls, p)
		}
		return polls
	},
	"weekly posts with one logo": func() (polls [][]store.Post) {
		for i := range 5 {
			p := shown(i)
			p.Title, p.Media[0].URL = "Our weekly newsletter", "https://old.example/logo.png"
			polls = grow(polls, p)
		}
		return polls
	},
	"quote cards": func() (polls [][]store.Post) {
		for i := range 5 {
			p := shown(i)
			p.Title, p.Text = "Quote of the day",
				"A card from our collection of quotes. Follow us for a new one every morning of the year."
			polls = grow(polls, p)
		}
		return polls
	},
	"bursts": func() (polls [][]store.Post) {
		var burst []store.Post
		for i := range 5 {
			p := shown(i)
			p.Title, p.Text = "Walk along the coast",
				"All of these pictures are from this morning's walk along the coast with the dog."
			burst = append(burst, p)
		}
		return [][]store.Post{{shown(50)}, append(burst, shown(50))}
	},
	"two in the same minute": func() (polls [][]store.Post) {
		a, b := shown(1), shown(2)
		b.Title, b.Text, b.PublishedAt = a.Title, a.Text, a.PublishedAt
		return [][]store.Post{{shown(50)}, {a, b, shown(50)}}
	},
	"a feed that grows fast": func() (polls [][]store.Post) {
		var all []store.Post
		for i := range 5 {
			var batch []store.Post
			for k := range 4 {
				batch = append(batch, shown(4*i+k))
			}
			all = append(batch, all...)
			polls = append(polls, all)
		}
		return polls
	},
	"a short window": func() (polls [][]store.Post) {
		for i := range 6 {
			polls = append(polls, []store.Post{shown(i)})
		}
		return polls
	},
	"undated feeds": func() (polls [][]store.Post) {
		for i := range 6 {
			p := shown(i)
			p.PublishedAt = time.Time{}
			polls = grow(polls, p)
		}
		return polls
	},
	"photos without text": func() (polls [][]store.Post) {
		for i := range 6 {
			p := shown(i)
			p.Title, p.Text = "", "So it goes."
			polls = grow(polls, p)
		}
		return polls
	},
	"photo of the day": func() (polls [][]store.Post) {
		for i := range 6 {
			p := shown(i)
			p.Title, p.PublishedAt = "Photo of the day", p.PublishedAt.Truncate(day)
			polls = grow(polls, p)
		}
		return polls
	},
	"a batch of one date": func() (polls [][]store.Post) {
		for i := range 6 {
			p := shown(i)
			p.PublishedAt = time.Now().UTC().Truncate(time.Second)
			polls = grow(polls, p)
		}
		return polls
	},
	"entries of one page": func() (polls [][]store.Post) {
		for i := range 6 {
			p := shown(i)
			p.URL = "https://old.example/gallery"
			polls = grow(polls, p)
		}
		return polls
	},
}

// grow adds a poll that has one more post.
func grow(polls [][]store.Post, p store.Post) [][]store.Post {
	var last []store.Post
	if len(polls) > 0 {
		last = polls[len(polls)-1]
	}
	return append(polls, append([]store.Post{p}, last...))
}

// If every entry is a separate post, nothing is held.
func TestSeparatePostsAreNotHeld(t *testing.T) {
	t.Parallel()
	for name, polls := range counterCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := setup(t)
				h.account("alice")
				f := h.feed("https://old.example/feed", "all")
				entries := map[string]bool{}
				for n, poll := range polls() {
					for i := range poll {
						if !poll[i].PublishedAt.IsZero() && !entries[poll[i].GUID] && name != "photo of the day" {
							poll[i].PublishedAt = time.Now().Add(-time.Duration(i) * time.Second).UTC().Truncate(
								time.Second)
							if name == "a batch of one date" || name == "two in the same minute" {
								poll[i].PublishedAt = time.Date(2000, 1, 20, 10, 0, 0, 0, time.UTC)
							}
						}
						entries[poll[i].GUID] = true
					}
					h.save(f, poll...)
					for _, p := range poll {
						pub := h.pub(p.GUID, 1)
						require.Contains(t, []store.State{store.Queued, store.Published}, pub.State, "poll %d, %s: %s",
							n, p.GUID, pub.Reason.String())
						if pub.State == store.Queued {
							h.bring(pub, store.Published)
						}
					}
					time.Sleep(8 * hour)
				}
			})
		})
	}
}
