package feed

import (
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"postern/store"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                             "the answer is empty, not a feed",
		" \n":                          "the answer is empty, not a feed",
		"hello":                        "this is not a feed: it is neither XML nor JSON",
		"<!DOCTYPE html><html></html>": "this is a web page, not a feed",
		"<!-- x --><HTML><body>":       "this is a web page, not a feed",
		"<opml><body/></opml>": "this is not a feed: its root element is <opml>, not <rss>, " +
			"<rdf:RDF> or <feed>",
		"<rss": "the feed is broken and no entry of it can be read: it does not " +
			"begin like a feed",
		"{}":                                 "this is JSON, but not a JSON Feed: it has no list of items",
		`{"a": `:                             "this is not a feed: the JSON is broken (EOF)",
		`{"items": "x"}`:                     "this is not a feed: the JSON is broken (items is not a list)",
		`{"items": [], "version": "2"}`:      "this is JSON, but not a JSON Feed: it has no list of items",
		"<!-- only a comment -->":            "this is not a feed: it holds no XML element",
		"<rss>" + strings.Repeat("<a>", 600): "this is not a feed: its elements are nested too deeply",
		"<rss><channel><title>x</title>" +
			strings.Repeat("<a>", 1_000_000): "this is not a feed: its elements are nested too deeply",
	} {
		_, err := Parse([]byte(body), "", nil)
		require.ErrorIs(t, err, ErrNotAFeed, shorten(body, 40))
		require.EqualError(t, err, want)
	}
}

func TestParseEncodings(t *testing.T) {
	t.Parallel()
	doc := func(encoding string) string {
		return `<?xml version="1.0" encoding="` + encoding +
			`"?><rss version="2.0"><channel><title>Привет</title><item><guid>1</guid></item></channel></rss>`
	}
	cyrillic, err := charmap.Windows1251.NewEncoder().String(doc("windows-1251"))
	require.NoError(t, err)
	unlabelled, err := charmap.Windows1251.NewEncoder().String(doc("utf-8"))
	require.NoError(t, err)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(doc("utf-16"))
	require.NoError(t, err)
	bare16, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(doc("utf-16"))
	require.NoError(t, err)
	for name, tt := range map[string]struct{ body, contentType string }{
		"utf-8":                    {doc("utf-8"), ""},
		"BOM":                      {"\ufeff" + doc("utf-8"), ""},
		"blank line first":         {"\n\n" + doc("utf-8"), ""},
		"declared":                 {cyrillic, ""},
		"declared by HTTP":         {unlabelled, "text/xml; charset=windows-1251"},
		"UTF-16":                   {utf16, ""},
		"UTF-16 without BOM":       {bare16, ""},
		"UTF-8 declared as UTF-16": {doc("utf-16"), ""},
		"UTF-8 declared as latin1": {doc("iso-8859-1"), "text/xml; charset=iso-8859-1"},
		"unknown encoding":         {doc("x-none"), ""},
		"control characters":       {strings.Replace(doc("utf-8"), "<channel>", "<channel>\x02\x1f&#2;&#x1F;", 1), ""},
		"text after the end":       {doc("utf-8") + "<script>x()</script>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse([]byte(tt.body), tt.contentType, nil)
			require.NoError(t, err)
			require.Equal(t, "Привет", d.Title)
			require.Len(t, d.Posts, 1)
			require.True(t, d.Complete)
		})
	}
}

func TestParseCutJSON(t *testing.T) {
	t.Parallel()
	whole :=
		`{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": ` +
			`"https://j.example/1", "image": "/1.jpg"}, {"id": "2", "content_html": 7}, {"id": "3", ` +
			`"content_text": "x"}]}`
	d, err := Parse([]byte(whole), "application/feed+json", nil)
	require.NoError(t, err)
	require.True(t, d.Complete)
	require.GreaterOrEqual(t, len(d.Posts), 2, "an entry with a wrong type affects no other")
	d, err = Parse([]byte(whole[:len(whole)-20]), "", nil)
	require.NoError(t, err)
	require.False(t, d.Complete)
	require.Equal(t, "1", d.Posts[0].GUID)
	require.NotEmpty(t, d.Problems)
}

func TestParseMissingEnds(t *testing.T) {
	t.Parallel()
	feed := func(items string) string {
		return `<rss version="2.0"><channel><title>T</title>` + items + `</channel></rss>`
	}
	one := `<item><guid>1</guid><description>&lt;img src="https://a.example/1.jpg"&gt;</description></item>`
	two := `<item><guid>2</guid><description>&lt;img src="https://a.example/2.jpg"&gt;</description></item>`
	for name, tt := range map[string]struct {
		body     string
		complete bool
	}{
		"sound":             {feed(one + two), true},
		"stray end":         {feed("</b>" + one + "</i>" + two), false},
		"stray end inside":  {feed(strings.Replace(one, "</guid>", "</guid></p>", 1) + two), false},
		"item not ended":    {feed(strings.TrimSuffix(one, "</item>") + two), false},
		"channel not ended": {strings.TrimSuffix(feed(one+two), "</channel></rss>"), false},
		"root not ended":    {strings.TrimSuffix(feed(one+two), "</rss>"), false},
		"bare ampersand":    {feed(strings.Replace(one, "<guid>", "<title>A & B</title><guid>", 1) + two), true},
		"unknown entity": {feed(strings.Replace(one, "<guid>", "<title>A &nbsp;&foo; B</title><guid>", 1) + two),
			true},
		"markup not escaped": {feed(strings.Replace(one, "<guid>", "<title>A <b>B</b><br></title><guid>", 1) + two),
			true},
		"empty item inside": {feed(strings.Replace(one, "<guid>", "<item /><guid>", 1) + two), true},
		"item in a comment": {feed("<!-- <item> -->" + one + two), true},
		"item in CDATA": {feed(
			strings.Replace(one, "<guid>", "<title><![CDATA[ <item> </b> ]]></title><guid>", 1) + two), true},
		"attribute holds a >": {feed(strings.Replace(one, "<guid>", `<guid isPermaLink=">">`, 1) + two), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse([]byte(tt.body), "", nil)
			require.NoError(t, err)
			require.Len(t, d.Posts, 2)
			for i, p := range d.Posts {
				require.Equal(t, fmt.Sprint(i+1), p.GUID)
				require.Equal(t, store.Publish, p.Decision)
			}
			require.Equal(t, tt.complete, d.Complete, d.Problems)
		})
	}
}

// mediaIn returns the post of an entry with the HTML as its text, at https://blog.example/2026/post/.
func mediaIn(t *testing.T, text string) store.Post {
	t.Helper()
	body :=
		`<rss version="2.0"><channel><title>T</title><item><guid isPermaLink="false">1</guid><title>A title</title>` +
			`<link>https://blog.example/2026/post/</link><description><![CDATA[` + text + `]]></description></item>` +
			`</channel></rss>`
	d, err := Parse([]byte(body), "", nil)
	require.NoError(t, err)
	require.Len(t, d.Posts, 1)
	return d.Posts[0]
}

func TestMedia(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		html string
		want []string // type url [alt]
		note string
	}{
		"relative": {html: `<img src="a.jpg"><img src="/b.jpg"><img src="//cdn.example/c.jpg">`,
			want: []string{"https://blog.example/2026/post/a.jpg", "https://blog.example/b.jpg",
				"https://cdn.example/c.jpg"}},
		"no extension": {html: `<img src="/photo?id=7"><img src="/photo?id=8">`,
			want: []string{"https://blog.example/photo?id=7", "https://blog.example/photo?id=8"}},
		"spaces in the address": {html: `<img src="/my dog 100%.jpg">`,
			want: []string{"https://blog.example/my%20dog%20100%25.jpg"}},
		"non-ASCII address": {html: `<img src="https://cdn.example/Fjällräven.jpg">`,
			want: []string{"https://cdn.example/Fjällräven.jpg"}},
		"signature is kept": {html: `<img src="https://cdn.example/a.jpg?w=300&amp;s=abc&amp;x=%2F">`,
			want: []string{"https://cdn.example/a.jpg?w=300&s=abc&x=%2F"}},
		"twice": {
			html: `<img src="http://blog.example/a.jpg"><p></p><img src="https://blog.example/a.jpg?w=100">`,
			want: []string{"http://blog.example/a.jpg"}},
		"small first, place kept": {html: `<img src="/a-300x200.jpg" alt="A"><img src="/b.jpg"><img src="/a.jpg">`,
			want: []string{"https://blog.example/a.jpg A", "https://blog.example/b.jpg"}},
		"srcset": {
			html: `<img src="/a-300.jpg" srcset="/a-300.jpg 300w, /a-2000.jpg 2000w, /a-600.jpg 600w">`,
			want: []string{"https://blog.example/a-2000.jpg"}},
		"srcset density": {html: `<img src="/a.jpg" srcset="/a.jpg, /a@2x.jpg 2x">`,
			want: []string{"https://blog.example/a@2x.jpg"}},
		"srcset with commas": {
			html: `<img srcset="https://c.example/w_400,c_limit/a.jpg 400w, https://c.example/w_1600,c_limit/a.jpg ` +
				`1600w" src="https://c.example/w_400,c_limit/a.jpg">`,
			want: []string{"https://c.example/w_1600,c_limit/a.jpg"}},
		"picture": {
			html: `<picture><source srcset="/a.avif" type="image/avif">` +
				`<source srcset="/a-big.jpg 2000w" type="image/jpeg"><img src="/a.jpg" alt="An a"></picture>`,
			want: []string{"https://blog.example/a-big.jpg An a"}},
		"picture, webp only": {html: `<picture><source srcset="/a.webp"><img alt="x"></picture>`,
			want: []string{"https://blog.example/a.webp x"}},
		"picture, dark": {
			html: `<picture><source srcset="/dark.png" media="(prefers-color-scheme: dark)"><img src="/light.png">` +
				`</picture>`, want: []string{"https://blog.example/light.png"}},
		"link to the full one": {html: `<a href="/full.jpg"><img src="/thumb.jpg" alt="T"></a>`,
			want: []string{"https://blog.example/full.jpg T"}},
		"link to a page": {
			html: `<a href="/wiki/File:full.jpg"><img src="/thumb.png"></a><a href="/album/7"><img src="/p.jpg"></a>`,
			want: []string{"https://blog.example/thumb.png", "https://blog.example/p.jpg"}},
		"lazy": {
			html: `<img src="data:image/gif;base64,R0" data-src="/a.jpg">` +
				`<img class="lazy" src="/blank.gif" data-lazy-src="/b.jpg">`,
			want: []string{"https://blog.example/a.jpg", "https://blog.example/b.jpg"}},
		"noscript": {html: `<img data-foo="x"><noscript><img src="/a.jpg" alt="A"></noscript>`,
			want: []string{"https://blog.example/a.jpg A"}},
		"image service": {
			html: `<img src="https://i0.wp.com/blog.example/a.jpg?w=600"><img src="https://blog.example/a.jpg">`,
			want: []string{"https://blog.example/a.jpg"}},
		"video": {
			html: `<img src="/1.jpg"><video poster="/p.jpg" controls><source src="/v.webm" type="video/webm">` +
				`<source src="/v.mp4" type="video/mp4"><a href="/v.mp4">get it</a></video><img src="/p.jpg">` +
				`<img src="/2.jpg">`,
			want: []string{"https://blog.example/1.jpg", "video https://blog.example/v.mp4",
				"https://blog.example/2.jpg"}},
		"figcaption": {
			html: `<figure><img src="/a.jpg" alt="IMG_1234.JPG"><figcaption>The <b>dog</b></figcaption></figure>`,
			want: []string{"https://blog.example/a.jpg The dog"}},
		"alt is the title": {html: `<img src="/a.jpg" alt="A title">`,
			want: []string{"https://blog.example/a.jpg A title"}},
		"title on all": {html: `<img src="/a.jpg" alt="A title"><img src="/b.jpg" alt="A title">`,
			want: []string{"https://blog.example/a.jpg", "https://blog.example/b.jpg"}},
		"pixel": {html: `<img src="https://t.example/x?u=1" width=1 height=1>`,
			note: "left out: 1×1 pixel: https://t.example/x"},
		"pixel by style":  {html: `<img src="https://t.example/x" style="width:1px;height: 1px">`, note: "1×1 pixel"},
		"icon":            {html: `<img src="/i.png" width="16" height="16">`, note: "an icon of 16×16 pixels"},
		"percent is none": {html: `<img src="/i.png" width="1%">`, want: []string{"https://blog.example/i.png"}},
		"emoji":           {html: `<img class="wp-smiley" src="/smile.png">`, note: "wp-smiley"},
		"avatar":          {html: `<img src="https://secure.gravatar.com/avatar/abc?s=96">`, note: "an avatar"},
		"drawing":         {html: `<img src="/logo.svg">`, note: "a drawing (SVG)"},
		"data": {html: `<img src="data:image/png;base64,AAAA">`,
			note: "left out: a picture without an address of its own (data:)"},
		"iframe": {html: `<iframe src="https://www.youtube.com/embed/x"></iframe>`},
		"audio":  {html: `<audio src="/a.mp3"></audio>`},
		"quoted reply": {html: `<aside class="quote no-group"><img src="/theirs.jpg"></aside><img src="/mine.jpg">`,
			want: []string{"https://blog.example/mine.jpg"}, note: "part of a quoted post"},
		"embedded post": {html: `<blockquote class="twitter-tweet"><img src="/theirs.jpg"></blockquote>`,
			note: "twitter-tweet"},
		"share button": {html: `<div class="sharedaddy"><img src="/share.png"></div>`, note: "not the post's"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mediaIn(t, tt.html)
			var got []string
			for _, m := range p.Media {
				s := m.URL
				if m.Type == store.Video {
					s = "video " + s
				}
				got = append(got, strings.TrimSpace(s+" "+m.Alt))
			}
			require.Equal(t, tt.want, got, p.Markup.Notes)
			if tt.note != "" {
				require.Contains(t, strings.Join(p.Markup.Notes, "\n"), tt.note)
			}
			if len(tt.want) == 0 {
				require.Equal(t, store.Skip, p.Decision)
				require.Contains(t, p.Reason.String(), "no picture or video")
			}
		})
	}
}

func TestReadRelaxed(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"strict":         `{"a": "b"}`,
		"trailing comma": `{"a": "b",}`,
		"comments":       "{ // one\n /* two */ \"a\": \"b\" }",
		"single quotes":  `{'a': 'b'}`,
		"bare key":       `{a: "b"}`,
		"smart quotes":   `{“a”: “b”}`,
		"BOM":            "\ufeff{\"a\": \"b\"}",
	} {
		m, err := readRelaxed(in)
		require.NoError(t, err, name)
		require.Equal(t, map[string]any{"a": "b"}, m, name)
	}
	m, err := readRelaxed("{\"a\": \"it's “so”\nand so\"}")
	require.NoError(t, err)
	require.Equal(t, "it's “so”\nand so", m["a"], "quotes within a string are kept")
	for _, in := range []string{"", "null", "[]", `"a"`, `{"a"`, "{]", strings.Repeat("[", 100),
		`{"a": "` + strings.Repeat("x", maxPosse) + `"}`} {
		_, err := readRelaxed(in)
		require.Error(t, err, shorten(in, 20))
		require.NotContains(t, err.Error(), "\n")
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range fixtures(f) {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body, "text/xml")
	}
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1","author":"Ada","items":[null,{"id":7,"tags":"fog,quay","authors":[null],"attachments":{"url":"/1.jpg"},"image":["/2.jpg"]}]}`), "application/json")
	f.Add([]byte(page), "text/html")
	f.Add([]byte(small[:len(small)-40]), "text/xml; charset=utf-16")
	base, err := url.Parse("https://feeds.example/feed.xml")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		d, err := Parse(body, contentType, base)
		if err != nil {
			require.ErrorIs(t, err, ErrNotAFeed)
			require.NotContains(t, err.Error(), "\n")
			if d, err = ParsePage(body, contentType, base); err != nil {
				require.ErrorIs(t, err, ErrNotAFeed)
				return
			}
		}
		for _, p := range d.Posts {
			require.NotContains(t, p.Reason.String(), "the entry could not be read")
			require.NotEmpty(t, p.GUID)
			require.True(t, utf8.ValidString(p.Title+p.Text+p.GUID+p.URL))
			require.Equal(t, p.Decision == store.Skip || p.Markup.Problem != "", !p.Reason.IsZero())
			if p.Decision == store.Publish {
				require.NotEmpty(t, p.Media)
			}
			for _, m := range p.Media {
				require.True(t, isWebAddress(m.URL), m.URL)
				require.Contains(t, []store.MediaType{store.Image, store.Video}, m.Type)
			}
		}
	})
}

// large returns a feed of about 5 MB.
func large() []byte {
	var b strings.Builder
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom"><title>Large</title><id>urn:large</id>`)
	text := strings.Repeat(
		`&lt;p&gt;Some words of a paragraph, with &lt;a href="/x"&gt;a link&lt;/a&gt; and &lt;em&gt;more&lt;/em&gt; `+
			`words after it, as people write.&lt;/p&gt;`, 20)
	for i := 0; b.Len() < 5<<20; i++ {
		fmt.Fprintf(&b,
			`<entry><id>urn:%d</id><title>Entry %d</title><link href="https://large.example/%d"/>`+
				`<updated>2026-01-01T00:00:00Z</updated>`+
				`<content type="html">%s&lt;img src="/%d.jpg" alt="x"&gt;</content></entry>`, i, i, i, text, i)
	}
	return []byte(b.String() + "</feed>")
}

func BenchmarkParse(b *testing.B) {
	body := large()
	base, _ := url.Parse("https://large.example/feed.xml")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(body, "", base)
		require.NoError(b, err)
		require.True(b, d.Complete)
	}
}

// BenchmarkGofeed measures the library alone, for comparison.
func BenchmarkGofeed(b *testing.B) {
	body := string(large())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := gofeed.NewParser().ParseString(body)
		require.NoError(b, err)
	}
}

// Parsing a feed allocates less than 2.1 times as much memory as the library alone.
func TestMemoryOfParse(t *testing.T) {
	if underRace {
		t.Skip("under the race detector, allocations do not compare")
	}
	body := large()
	base, err := url.Parse("https://large.example/feed.xml")
	require.NoError(t, err)
	allocated := func(read func()) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		read()
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	ours := allocated(func() {
		d, err := Parse(body, "", base)
		require.NoError(t, err)
		require.True(t, d.Complete)
	})
	library := allocated(func() {
		_, err := gofeed.NewParser().ParseString(string(body))
		require.NoError(t, err)
	})
	require.Less(t, ours/library, 2.1, "%.0f MB, the library alone %.0f MB", ours/1e6, library/1e6)
}

// The credentials in a feed's address must not appear in URLs that are resolved against it, because those are
// published.
func TestParseHidesPassword(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("https://reader:s3cretword@blog.example/feed")
	require.NoError(t, err)
	for name, body := range map[string]string{
		"rss": `<rss version="2.0"><channel><title>B</title><link>/</link><item><guid>a</guid><title>A</title>` +
			`<link>/a</link><description>&lt;img src="a.jpg"&gt;&lt;a href="/b"&gt;b&lt;/a&gt;</description>` +
			`<enclosure url="/b.jpg" type="image/jpeg" length="1"/></item></channel></rss>`,
		"atom": `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/x/"><title>B</title><entry><id>a</id>` +
			`<title>A</title><link href="../a"/><link rel="related" href="r"/>` +
			`<content type="html">&lt;img src="../a.jpg"&gt;&lt;img src="/b.jpg"&gt;</content></entry></feed>`,
		"json": `{"version": "https://jsonfeed.org/version/1.1", "title": "B", "items": [{"id": "a", "title": "A", ` +
			`"url": "/a", "external_url": "/r", "image": "/a.jpg", "content_html": "<img src=b.jpg>"}]}`,
	} {
		d, err := Parse([]byte(body), "", base)
		require.NoError(t, err, name)
		require.Len(t, d.Posts, 1, name)
		require.Equal(t, "https://blog.example/a", d.Posts[0].URL, name)
		require.Len(t, d.Posts[0].Media, 2, name)
		require.NotContains(t, fmt.Sprintf("%+v", d.Posts), "s3cretword", name)
	}
	require.Equal(t, "reader", base.User.Username(), "the next poll needs it")
}
