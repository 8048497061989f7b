package feed

import (
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/doors"
	"postern/store"
)

// untypedItem returns an entry whose only picture is named outside the text and without a type.
func untypedItem(guid, element string) string {
	return fmt.Sprintf(
		`<item><guid isPermaLink="false">%s</guid><title>%s</title><link>https://blog.example/%s</link>`+
			`<pubDate>Sat, 01 Jan 2000 00:00:00 GMT</pubDate><description>Words.</description>%s</item>`, guid, guid,
		guid, element)
}

func untypedContent(address string) string { return `<media:content url="` + address + `"/>` }

// An untyped URL is fetched once, and only if the entry has no other media.
func TestUntypedIsFetchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := doors.Open(t, filepath.Join(t.TempDir(), "postern.db"))
		defer s.Close()
		_, err := s.AddAccount(t.Context(), store.Account{API: "sandbox", UserID: "17", Username: "me"},
			func(int64) (store.Secrets, error) { return store.Secrets{}, nil })
		require.NoError(t, err)
		asked := map[string]int{}
		items := untypedItem("old", untypedContent("https://cdn.example/old"))
		client := &http.Client{Transport: answers(func(r *http.Request) (int, []byte) {
			if r.URL.Host == "cdn.example" || r.URL.Host == "dead.example" {
				asked[r.URL.Path]++
			}
			switch path := r.URL.Path; {
			case path == "/feed":
				return 200,
					[]byte(`<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>F</title>` +
						items + `</channel></rss>`)
			case r.URL.Host == "dead.example":
				<-r.Context().Done()
				return 504, nil
			case strings.HasPrefix(path, "/picture"), path == "/old", path == "/logo":
				return 200, []byte("\xff\xd8\xff\xe0 a picture")
			case path == "/film":
				return 200, append([]byte("\x00\x00\x00\x18ftypmp42"), bytes.Repeat([]byte{0}, 20)...)
			case path == "/page":
				return 200, []byte("<!DOCTYPE html><title>A player</title>")
			case path == "/drawing":
				return 200, []byte(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`)
			}
			return 404, nil
		})}
		p, err := NewPoller(Options{Store: s, Client: client, Schedule: "@every 5m"})
		require.NoError(t, err)
		f, _, err := p.Add(t.Context(), "https://blog.example/feed", "", "now")
		require.NoError(t, err)
		poll := func() {
			require.NoError(t, s.MakeFeedsDue(t.Context()))
			require.NoError(t, p.PollDue(t.Context()))
		}
		post := func(guid string) store.Post {
			p, err := s.PostByGUID(t.Context(), f.ID, guid)
			require.NoError(t, err)
			return p
		}
		require.Empty(t, asked, "the files of existing entries are not fetched")

		items += untypedItem("picture", untypedContent("https://cdn.example/picture")) +
			untypedItem("film", `<enclosure url="https://cdn.example/film" length="0" type=""/>`) +
			untypedItem("page", untypedContent("https://cdn.example/page")) +
			untypedItem("drawing", untypedContent("https://cdn.example/drawing")) +
			untypedItem("gone", untypedContent("https://cdn.example/gone")) +
			untypedItem("named", untypedContent("https://cdn.example/reader.php")) +
			untypedItem("shown", untypedContent("https://cdn.example/beside")+
				`<media:content url="https://cdn.example/x.jpg"/>`) +
			untypedItem("song", untypedContent("https://cdn.example/cover")+
				`<enclosure url="https://cdn.example/a.mp3" type="audio/mpeg"/>`) +
			untypedItem("one", untypedContent("https://cdn.example/logo")) +
			untypedItem("two", untypedContent("https://cdn.example/logo")) +
			untypedItem("dead", untypedContent("https://dead.example/a")) +
			untypedItem("dead2", untypedContent("https://dead.example/b"))
		before := time.Now()
		poll()
		require.LessOrEqual(t, time.Since(before), untypedTotal, "a silent server delays the poll only a little")
		require.Equal(t, []store.Media{{Type: store.Image, URL: "https://cdn.example/picture"}}, post("picture").Media)
		require.Equal(t, []store.Media{{Type: store.Video, URL: "https://cdn.example/film"}}, post("film").Media)
		for _, guid := range []string{"old", "page", "drawing", "gone", "named", "song", "one", "two", "dead"} {
			require.Equal(t, store.Skip, post(guid).Decision, guid)
		}
		require.Equal(t, "no picture or video. Left out: neither a picture nor a video: https://cdn.example/page",
			post("page").Reason.String())
		for range 5 {
			poll()
		}
		require.Equal(t, map[string]int{"/picture": 1, "/film": 1, "/page": 1, "/drawing": 1, "/gone": 1, "/a": 3},
			asked, "each once, a silent server three times")
		require.True(t, post("picture").ChangedAt.IsZero())
	})
}

func TestNextAnswer(t *testing.T) {
	for _, tt := range [][3]string{
		{"", "image", "image"}, {"", kindUnread, kindUnread}, {kindUnread, kindUnread, kindAgain},
		{kindAgain, kindUnread, kindNone}, {kindAgain, "image", "image"},
		{"", kindLater, kindLater}, {kindLater, kindLater, kindLater}, {kindLater, kindUnread, kindUnread},
		{kindUnread, kindLater, kindUnread},
	} {
		require.Equal(t, tt[2], nextAnswer(tt[0], tt[1]), "%q %q", tt[0], tt[1])
	}
}

// In a feed with only untyped URLs, each poll fetches a few of them.
func TestUntypedIsBounded(t *testing.T) {
	asked := 0
	posts := make([]store.Post, 3*untypedAtOnce)
	for i := range posts {
		posts[i] = rssOf(t, inItem("Words.")+untypedContent(fmt.Sprintf("https://cdn.example/picture%d", i)))[0]
	}
	AskTypes(t.Context(), &http.Client{Transport: answers(func(r *http.Request) (int, []byte) {
		asked++
		return 200, []byte("\x89PNG\r\n\x1a\n a picture")
	})}, posts)
	require.Equal(t, untypedAtOnce, asked)
	require.Len(t, posts[0].Media, 1)
	require.Contains(t, strings.Join(posts[len(posts)-1].Markup.Notes, ""), "has not answered yet")
}
