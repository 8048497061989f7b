package feed

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	five := large()
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			_, _ = w.Write(five)
			return
		}
		// Send no Content-Length, so that the limit must be enforced while reading.
		w.Header().Set("Transfer-Encoding", "chunked")
		_, _ = io.Copy(w, io.LimitReader(io.MultiReader(bytes.NewReader(five), endless{}), 21<<20))
	})
	d, err := Source(t.Context(), client(t), address, nil, nil)
	require.NoError(t, err)
	require.True(t, d.Complete)
	require.Greater(t, len(d.Posts), 1000)
	_, err = Source(t.Context(), client(t), address+"?large", nil, nil)
	require.EqualError(t, err, "the answer is larger than 20 MB, which is too much for a feed")
}

func TestBadEntryAffectsNoOther(t *testing.T) {
	t.Parallel()
	feed := func(bad string) string {
		return `<rss version="2.0"><channel><title>T</title>` + item("1", time.Time{}, "one") + bad +
			item("3", time.Time{}, "three") + `</channel></rss>`
	}
	for name, bad := range map[string]string{
		"not ended": `<item><guid>2</guid>`,
		"wrong end": `<item><guid>2</guid><title>x</link></item>`,
		"attribute": `<item><guid isPermaLink=>2</guid></item>`,
		"date":      `<item><guid>2</guid><pubDate>tomorrow, perhaps</pubDate></item>`,
		"address":   `<item><guid>2</guid><author>Ada <ada+fog@blog.example></author></item>`,
		"addresses": strings.Repeat(`<item><guid>2</guid><author>Ada <ada@blog.example></author></item>`,
			2*maxDepth),
		"empty":          `<item/>`,
		"unknown entity": `<item><guid>2</guid><title>&nope; & <3</title></item>`,
		"deep": `<item><guid>2</guid><description><![CDATA[` + strings.Repeat("<div>", 5000) +
			`]]></description></item>`,
		"many attributes": `<item><guid>2</guid><description><![CDATA[<img ` + strings.Repeat("a ", 50000) +
			`>]]></description></item>`,
		"srcset": `<item><guid>2</guid><description><![CDATA[<img srcset="` + strings.Repeat("a 1w,", 20000) +
			`">]]></description></item>`,
		"posse": `<item><guid>2</guid>` +
			`<p:post xmlns:p="https://posseparty.com/2024/Feed">{"media": [{"url": {}}], "title": [1]</p:post></item>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse([]byte(feed(bad)), "", nil)
			require.NoError(t, err)
			ids := map[string]store.Decision{}
			for _, p := range d.Posts {
				ids[p.GUID] = p.Decision
			}
			require.Equal(t, store.Publish, ids["tag:blog,1"], d.Problems)
			require.Equal(t, store.Publish, ids["tag:blog,3"], d.Problems)
		})
	}
}

// Damage before the first entry affects no entry, and not the title either if it is still readable.
func TestBadHeadAffectsNoEntry(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]struct{ text, title string }{
		"address in the author": {
			`<title>T</title><author><name>Ada <ada@blog.example></name><email></email></author>`, "T"},
		"no tag":          {`<title>T</title><author><name>Ada <ada!></name></author>`, ""},
		"wrong attribute": {`<title>T</title><image href=><url>x</url></image>`, "T"},
		"stray end":       {`<title>T</title></image>`, "T"},
		"bare ampersand":  {`<title>T & U</title>`, "T & U"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entry := func(id string) string {
				return `<entry><id>tag:` + id + `</id><author><name>Ada <ada@blog.example></name></author><title>` +
					id + `</title><content type="html">&lt;img src="https://a.example/` + id +
					`.jpg"&gt;</content></entry>`
			}
			d, err := Parse(
				[]byte(`<feed xmlns="http://www.w3.org/2005/Atom">`+head.text+entry("1")+entry("2")+`</feed>`), "", nil)
			require.NoError(t, err)
			require.Len(t, d.Posts, 2, d.Problems)
			require.Equal(t, "tag:1", d.Posts[0].GUID)
			require.Equal(t, store.Publish, d.Posts[0].Decision)
			require.Equal(t, head.title, d.Title)
		})
	}
}

func TestAChangedIDAndAChangedEntry(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blog := &site{entries: []string{item("1", time.Now(), "one")}}
	_, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "", "all")
	require.NoError(t, err)
	require.Equal(t, "queued", w.states(t)["Post 1"])
	again := strings.Replace(item("1", time.Now(), "one"), "tag:blog,1", "tag:moved,1", 1)
	blog.set(func(s *site) { s.entries = []string{again} })
	w.again(t)
	pubs, err := w.store.Publications(t.Context(), store.Filter{States: []store.State{store.Held}})
	require.NoError(t, err)
	require.NotEmpty(t, pubs)
	require.Contains(t, pubs[len(pubs)-1].Reason.String(), "looks like publication")

	blog.set(func(s *site) { s.entries = []string{strings.Replace(again, "one", "another", 1)} })
	w.again(t)
	all, err := w.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	require.Len(t, all, 2, "a changed entry creates no new publication")
	require.Contains(t, all[1].Post.Text, "another")
	require.False(t, all[1].Post.ChangedAt.IsZero())
}

// Each entry of a damaged feed is parsed as a document of its own, together with the elements around it. Their size
// is limited, whatever the feed contains there.
func TestSalvageRepeatsLittle(t *testing.T) {
	t.Parallel()
	items := strings.Repeat("<item><guid>1</guid></b></item>", 1000)
	for name, head := range map[string]string{
		"open elements": `<rss version="2.0"><channel>` + strings.Repeat("<a></b>", 10_000),
		"long elements": `<rss version="2.0" x="` + strings.Repeat("x", 1<<20) + `"><channel y="` +
			strings.Repeat("y", 1<<20) + `">`,
		"an ordinary one": `<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title>`,
	} {
		text := []byte(head + items + "</channel></rss>")
		docs, bytes, last := 0, 0, ""
		salvage(text, func(doc []byte, cut bool) bool {
			require.False(t, cut)
			bytes += len(doc)
			if last = string(doc); strings.Contains(last, "<item>") { // not the document before the first entry
				docs++
			}
			return true
		})
		require.Equal(t, 1000, docs, name)
		require.Less(t, bytes, 2*len(text)+docs*12_000, name)
		require.Contains(t, last, "<rss", name)
		require.True(t, strings.HasSuffix(last, "</channel></rss>"), name)
		if name == "an ordinary one" {
			require.Equal(t,
				`<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><item><guid>1</guid></item>`+
					`</channel></rss>`, last)
		}
	}
}
