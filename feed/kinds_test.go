package feed

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// rssOf parses an RSS feed. Each item is the content of an <item> after its title, link and guid.
func rssOf(t *testing.T, items ...string) []store.Post {
	t.Helper()
	var b strings.Builder
	b.WriteString(
		`<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" ` +
			`xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Fog</title>` +
			`<link>https://blog.example/</link>`)
	for i, item := range items {
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">g%d</guid><link>https://blog.example/post-%d</link>%s</item>`,
			i, i, item)
	}
	d, err := Parse([]byte(b.String()+"</channel></rss>"), "", nil)
	require.NoError(t, err)
	require.Len(t, d.Posts, len(items))
	return d.Posts
}

func inItem(html string) string { return "<description><![CDATA[" + html + "]]></description>" }

func shown(p store.Post) []string {
	out := []string{}
	for _, m := range p.Media {
		out = append(out, strings.TrimSpace(strings.TrimPrefix(m.URL, "https://blog.example/")+" "+m.Alt))
	}
	return out
}

func TestPicturesByFolderAreNoRepeats(t *testing.T) {
	t.Parallel()
	var items []string
	for week := range 5 {
		items = append(items,
			inItem(
				fmt.Sprintf(
					`<p>Day %d</p><img src="/w4%d/1.jpg" alt="one of %d"><img src="/w4%d/2.jpg" alt="two of %d">`, week,
					week, week, week, week)))
	}
	for week, p := range rssOf(t, items...) {
		require.Equal(t, []string{fmt.Sprintf("w4%d/1.jpg one of %d", week, week),
			fmt.Sprintf("w4%d/2.jpg two of %d", week, week)}, shown(p))
	}
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	item := func(n int, extra string) string {
		return inItem(fmt.Sprintf(`<p>Day %d</p><img src="/%d.jpg">%s`, n, n, extra))
	}
	sign := `<img src="/logo.jpg"><p>Thank you for reading.</p>`
	for _, p := range rssOf(t, item(0, sign), item(1, sign), item(2, sign), item(3, "")) {
		require.Len(t, p.Media, 1, "the logo is in three of four")
		require.Regexp(t, `^Day \d$`, p.Text)
	}
	posts := rssOf(t, item(0, sign), item(1, sign), item(2, sign), item(3, ""), item(4, ""), item(5, ""))
	require.Len(t, posts[0].Media, 2, "half of the entries are not most of them")
	require.Contains(t, posts[0].Text, "Thank you for reading.")
	tags := `<p>#fog #harbour</p>`
	require.Contains(t, rssOf(t, item(0, tags), item(1, tags), item(2, tags))[1].Text, "#fog #harbour",
		"hashtags are meant to be repeated")
	require.Equal(t, "Photo of the day.",
		rssOf(t, inItem("Photo of the day."), inItem("Photo of the day."), inItem("Photo of the day."))[0].Text,
		"the only text of an entry stays")
}

func TestAnUnrelatedEntryChangesNoOther(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var items []string
		pictures := map[string]int{}
		n := 1 + random.IntN(7)
		for i := range n {
			html := fmt.Sprintf("<p>Words %d</p>", i)
			seen := map[string]bool{}
			for range random.IntN(4) {
				name := fmt.Sprintf("/%d/%s-%d.jpg", random.IntN(3), []string{"fog", "quay", "w44"}[random.IntN(3)],
					random.IntN(3))
				html += `<img src="` + name + `">`
				if !seen[name] {
					pictures[name]++
				}
				seen[name] = true
			}
			items = append(items, inItem(html))
		}
		before := rssOf(t, items...)
		after := rssOf(t, append(items, inItem(`<p>Apart</p><img src="/apart/only.jpg">`))...)
		repeated := false // most entries share a picture, with or without the new entry
		for _, times := range pictures {
			repeated = repeated || times >= repeats
		}
		for i := range n {
			if !repeated {
				require.Equal(t, before[i].Media, after[i].Media)
			}
			require.Equal(t, before[i].Text, after[i].Text)
		}
	}
}

func TestDifferentPicturesAreNotMerged(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"small-boat.jpg dinghy", "large-boat.jpg ferry"},
		shown(mediaIn(t, `<img src="/small-boat.jpg" alt="dinghy"><img src="/large-boat.jpg" alt="ferry">`)))
	require.Equal(t, []string{"fog-300x200.jpg", "fog-600x800.jpg"},
		shown(mediaIn(t, `<img src="/fog-300x200.jpg"><img src="/fog-600x800.jpg">`)))
	require.Equal(t, []string{"fog.jpg A"},
		shown(mediaIn(t, `<img src="/fog-300x200.jpg" alt="A"><img src="/fog.jpg">`)))
	require.Equal(t, []string{"1.png", "1.gif"}, shown(mediaIn(t, `<img src="/1.png"><img src="/1.gif">`)))
}

func TestMainPictureOnce(t *testing.T) {
	t.Parallel()
	for main, inText := range map[string]string{
		"https://blog.example/wp-content/uploads/2026/05/harbour.jpg": "https://cdn.blog.example/wp-content/uploads/2026/05/harbour-1024x683.jpg",
		"https://blog.example/images/fog.jpg":                         "/_next/image?url=%2Fimages%2Ffog.jpg&amp;w=1080",
		"https://blog.example/posts/x/fog.jpg":                        "/posts/x/fog_hu_9d3a4bc1.jpg",
	} {
		p := rssOf(t, inItem(`<p>Fog.</p><img src="`+inText+`" alt="the quay in fog">`)+`<media:content url="`+main+
			`" medium="image"/>`)[0]
		require.Equal(t, []store.Media{{Type: store.Image, URL: main, Alt: "the quay in fog"}}, p.Media)
	}
	for main, inText := range map[string]string{
		"https://blog.example/2025/harbour.jpg": "https://blog.example/2026/harbour-at-night.jpg",
		"https://blog.example/u/large-boat.jpg": "https://blog.example/u/small-boat.jpg",
	} {
		require.Len(t,
			rssOf(t, inItem(`<img src="`+inText+`">`)+`<media:content url="`+main+`" medium="image"/>`)[0].Media, 2,
			main)
	}
}

// A main picture that is also in the text, under the URL of an image service or of the site's own resizing, is one
// picture, of which the largest URL is used.
func TestMainPictureOfServices(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ main, inText, want string }{
		"Wix": {"https://static.wixstatic.com/media/aa_bb~mv2.jpg/v1/fit/w_1000,h_1000,al_c,q_80/file.png",
			`<img src="https://static.wixstatic.com/media/aa_bb~mv2.jpg/v1/fill/w_740,h_493,al_c/aa_bb~mv2.jpg">`, ""},
		"Cloudinary": {"https://res.cloudinary.com/demo/image/upload/c_fill,w_1200,h_630/v1612/blog/fog.jpg",
			`<img src="https://res.cloudinary.com/demo/image/upload/w_800,c_limit/v1612/blog/fog.jpg">`, ""},
		"Netlify": {"https://blog.example/img/fog.jpg",
			`<img src="/.netlify/images?url=/img/fog.jpg&amp;w=800">`, ""},
		"Eleventy": {"https://blog.example/img/AbCdEf1234-1200.jpeg", `<img src="/img/AbCdEf1234-600.jpeg">`, ""},
		"Sanity": {"https://cdn.sanity.io/images/p/d/abc123-4000x3000.jpg?w=1200&amp;h=630",
			`<img src="https://cdn.sanity.io/images/p/d/abc123-4000x3000.jpg?w=800&amp;rect=0,0,10,10">`,
			"https://cdn.sanity.io/images/p/d/abc123-4000x3000.jpg?w=1200&h=630"},
		"ImageKit": {"https://ik.example/x/fog.jpg",
			`<img src="https://ik.example/x/tr:w-800,h-600/fog.jpg">`, ""},
		"Flickr": {"https://live.staticflickr.com/65535/5312_123456_o.jpg",
			`<img src="https://live.staticflickr.com/65535/5312_abcdef_b.jpg">`, ""},
		"Squarespace": {"https://images.squarespace-cdn.com/content/v1/5a/1612-XYZ/fog.jpg",
			`<img src="https://images.squarespace-cdn.com/content/v1/5a/1612-XYZ/fog.jpg?format=1000w">`, ""},
		"Shopify": {"https://cdn.shopify.com/s/files/1/2/files/fog.jpg?v=161",
			`<img src="https://cdn.shopify.com/s/files/1/2/files/fog_1024x1024.jpg?v=161">`, ""},
		"Blogger": {"https://blogger.googleusercontent.com/img/a/AV1=s72-w400-h300-c",
			`<a href="https://blogger.googleusercontent.com/img/a/AV1=s4032">` +
				`<img src="https://blogger.googleusercontent.com/img/a/AV1=w400-h300"></a>`,
			"https://blogger.googleusercontent.com/img/a/AV1=s4032"},
		"a larger text": {"https://blog.example/fog-300x200.jpg", `<img src="/fog.jpg">`,
			"https://blog.example/fog.jpg"},
	} {
		p := rssOf(t, inItem(`<p>Fog.</p>`+tt.inText)+`<media:content url="`+tt.main+`" medium="image"/>`)[0]
		require.Len(t, p.Media, 1, name)
		require.Equal(t, firstOf(tt.want, tt.main), p.Media[0].URL, name)
	}
	for name, tt := range map[string][2]string{
		"another number": {"https://live.staticflickr.com/65535/5313_123456_o.jpg",
			`<img src="https://live.staticflickr.com/65535/5312_abcdef_b.jpg">`},
		"another original": {"https://blog.example/img/quay.jpg",
			`<img src="/.netlify/images?url=/img/fog.jpg&amp;w=800">`},
		"another file": {"https://ik.example/x/quay.jpg", `<img src="https://ik.example/x/tr:w-800/fog.jpg">`},
		"another link": {"https://blog.example/quay.jpg",
			`<a href="https://blogger.googleusercontent.com/img/a/AV2=s4032">` +
				`<img src="https://blogger.googleusercontent.com/img/a/AV1=w400-h300"></a>`},
	} {
		require.Len(t, rssOf(t, inItem(`<p>Fog.</p>`+tt[1])+`<media:content url="`+tt[0]+`" medium="image"/>`)[0].Media,
			2, name)
	}
}

func TestPicturesOutsideTheText(t *testing.T) {
	t.Parallel()
	words := inItem("<p>Fog.</p>")
	for name, element := range map[string]string{
		"url":      `<image><url>https://blog.example/x.jpg</url></image>`,
		"text":     `<image>https://blog.example/x.jpg</image>`,
		"itunes":   `<itunes:image href="https://blog.example/x.jpg"/>`,
		"featured": `<featuredImage>https://blog.example/x.jpg</featuredImage>`,
	} {
		require.Equal(t, []string{"x.jpg"}, shown(rssOf(t, words+element)[0]), name)
	}
	audio := `<enclosure url="https://blog.example/a.mp3" type="audio/mpeg" length="1"/>`
	require.Empty(t, rssOf(t, words+audio+`<itunes:image href="https://blog.example/x.jpg"/>`)[0].Media,
		"the cover of a podcast")
	require.Empty(t, rssOf(t, words+`<image>no address</image>`)[0].Media)
}

func TestPicturesWithoutImg(t *testing.T) {
	t.Parallel()
	for html, want := range map[string][]string{
		`<div class="wp-block-cover" style="background-image:url('/c.jpg')"></div>`: {"c.jpg"},
		`<div class="button" style="background-image:url(/b.jpg)"></div>`:           {},
		`<a href="/full.jpg"><div data-thumbnail="/full-300x200.jpg"></div></a>`:    {"full.jpg"},
		`<amp-img src="/a.jpg" width="1200" height="800" alt="fog"></amp-img>`:      {"a.jpg fog"},
		`<img src="/r.jpg" width="16" height="9" alt="wide">`:                       {"r.jpg wide"},
		`<img src="/i.png" width="16" height="16" alt="icon">`:                      {},
		`<img src="/z.jpg" width="0" height="0" alt="fog">`:                         {"z.jpg fog"},
		`<img src="/count.gif" width="0" height="0">`:                               {},
		`<p>Fog</p><img src="{{ root }}/x.jpg"><img src="/x/undefined">`:            {},
		`<p>Words</p><img src="https://m.example/tracking/p.png?s=1">`:              {},
		`<p>Phone</p><img src="/google-pixel-camera.jpg">`:                          {"google-pixel-camera.jpg"},
		`<p>a</p><a href="https://o.example/x"><img src="/n.jpg" width=600></a>b`:   {"n.jpg"},
		`<p>a</p><a href="https://o.example/vote/x"><img src="/badge.gif"></a><p>b`: {},
	} {
		require.Equal(t, want, shown(mediaIn(t, html)), html)
	}
}

func TestUnreadMediaAreNoted(t *testing.T) {
	t.Parallel()
	for html, left := range map[string]string{
		`<p>Words</p>`: "",
		`<p>Words <a href="/2026/other/">and more</a> <a href="/notes.pdf">in print</a></p>`:                         "",
		`<p>:-) <svg width="16" height="16"><path d="M0 0"/></svg></p>`:                                              "",
		`<p>:-) <svg viewBox="0 0 512 512"><path d="M0 0"/></svg></p>`:                                               "",
		`<img src="/i.png" width="16" height="16">`:                                                                  "an icon of 16×16 pixels: https://blog.example/i.png",
		`<iframe src="https://video.example/embed/7"></iframe>`:                                                      "an embedded page: https://video.example/embed/7",
		`<object data="https://video.example/player"></object>`:                                                      "an embedded page: https://video.example/player",
		`<img src="/chart.svg" width="800">`:                                                                         "a drawing (SVG): https://blog.example/chart.svg",
		`<p><svg width="600" height="400"><path d="M0 0"/></svg></p>`:                                                "a drawing inside the text (SVG)",
		`<p><svg width="100%" viewBox="0 0 800 400"><path d="M0 0"/></svg></p>`:                                      "a drawing inside the text (SVG)",
		`<img src="data:image/png;base64,AAAA" alt="fog">`:                                                           "a picture without an address of its own (data:)",
		`<img alt="the quay in fog" class="lazy">`:                                                                   "a picture without an address of its own",
		`<img src="/x/undefined" alt="fog">`:                                                                         "a picture without an address of its own: https://blog.example/x/undefined",
		`<div class="row" style="background:url(/b.jpg)"></div>`:                                                     "the background of an element, not a cover: https://blog.example/b.jpg",
		`<video poster="/p.jpg" data-video-id="7"></video>`:                                                          "a video without an address of its own: https://blog.example/p.jpg",
		`<video src="/live.m3u8"></video>`:                                                                           "a stream, not a file: https://blog.example/live.m3u8",
		`<p>See <a href="/fog.jpg">the photo</a>.</p>`:                                                               "a picture that is only linked: https://blog.example/fog.jpg",
		`<a href="https://video.example/7"><img src="https://i.ytimg.com/vi/7/hq.jpg"></a>`:                          "the cover of a video on another site: https://i.ytimg.com/vi/7/hq.jpg",
		`<div class="h-cite"><img src="/theirs.jpg"></div>`:                                                          "part of a block that is not the post's (h-cite): https://blog.example/theirs.jpg",
		`<p><a class="tumblr_blog" href="https://o.example/1">o</a>:</p><blockquote><img src="/t.jpg"></blockquote>`: "part of another person's post: https://blog.example/t.jpg",
	} {
		want := "no picture or video"
		if left != "" {
			want += ". Left out: " + left
		}
		require.Equal(t, want, mediaIn(t, html).Reason.String(), html)
	}
	for element, left := range map[string]string{
		`<media:content url="https://blog.example/asset/7"/>`:                                            "neither a picture nor a video: https://blog.example/asset/7",
		`<media:thumbnail url="https://blog.example/t.jpg" width="72" height="72"/>`:                     "a thumbnail too small to publish: https://blog.example/t.jpg",
		`<enclosure url="/a.mp3" type="audio/mpeg"/><itunes:image href="https://blog.example/c.jpg"/>`:   "the cover of an audio entry: https://blog.example/c.jpg",
		`<enclosure url="/a.mp3" type="audio/mpeg"/><media:thumbnail url="https://blog.example/c.jpg"/>`: "the cover of an audio entry: https://blog.example/c.jpg",
	} {
		require.Equal(t, "no picture or video. Left out: "+left,
			rssOf(t, inItem("Words.")+element)[0].Reason.String(), element)
	}
	require.Empty(t, mediaIn(t, `<p>See <a href="/fog.jpg">the photo</a>.</p><img src="/quay.jpg">`).Markup.Notes,
		"a link next to a picture")
}

func TestReblogs(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"mine.jpg"},
		shown(
			mediaIn(t,
				`<p><a class="tumblr_blog" href="https://other.example/1">other</a>:</p><blockquote>`+
					`<img src="/theirs.jpg"></blockquote><img src="/mine.jpg">`)))
	require.Equal(t, []string{"mine.jpg"},
		shown(mediaIn(t, `<p>I said:</p><blockquote><img src="/mine.jpg"></blockquote>`)), "the author's own quotation")
}

func TestWordsOfKinds(t *testing.T) {
	t.Parallel()
	for html, want := range map[string]string{
		`<p>Fog<sup><a href="#fn1">1</a></sup>, gulls.</p>`:                                "Fog, gulls.",
		`<p>10<sup>3</sup> gulls</p>`:                                                      "103 gulls",
		`<h2>Quay <a class="headerlink" href="#q">¶</a></h2>`:                              "Quay",
		`<h2><a class="anchor" href="#q">Quay</a></h2>`:                                    "Quay",
		`<p>The map<span class="screen-reader-text"> (new tab)</span>.</p>`:                "The map.",
		`<p>Foto&shy;walk</p><p>&#8203;</p><p>x</p>`:                                       "Fotowalk\n\nx",
		`<p>Fog.</p><form><label>Email</label></form><nav><a href="/p">Back</a></nav>`:     "Fog.",
		`<p>Fog.</p><p><a href="https://blog.example/2026/post/#more">Weiterlesen</a></p>`: "Fog.",
		`<p>See <a href="https://blog.example/2026/other/">the other one</a></p>`:          "See the other one",
		`<p>Fog.</p><p>Der Beitrag <a href="https://blog.example/2026/post/">A</a> erschien auf <a ` +
			`href="https://blog.example">B</a>.</p>`: "Fog.",
		`<p>[gallery ids="1"] Fog [/gallery] and [sic] gulls</p>`:                                                "Fog  and [sic] gulls",
		`<pre><b>if</b> <i>x</i>  <u>y</u></pre>`:                                                                "if x  y",
		`<p><a class="mention" href="https://social.example/@ann">@ann</a>, @bob@other.example, @own_handle</p>`: "ann@social.example, bob@other.example, @own_handle",
		`<blockquote class="twitter-tweet">` +
			`<p>words of @ann</p>&mdash; A (@carol) <a href="https://s.example">date</a></blockquote>` +
			`<p>by @own_handle</p>`: "words of ann\n\n— A (carol) date\n\nby @own_handle",
		`<p><a href="https://www.instagram.com/cat">@cat</a></p>`: "@cat",
	} {
		require.Equal(t, want, mediaIn(t, html).Text, html)
	}
}

func TestEscapedOnceTooOften(t *testing.T) {
	t.Parallel()
	for text, pictures := range map[string]int{
		`&amp;lt;p&amp;gt;Fog.&amp;lt;/p&amp;gt;&amp;lt;img src="/x.jpg"&amp;gt;`: 1,
		`&lt;![CDATA[&lt;p&gt;Fog.&lt;/p&gt;&lt;img src="/x.jpg"/&gt;]]&gt;`:      1,
		`Write &amp;lt;img src="/x.jpg"&amp;gt; to show it.`:                      0,
	} {
		require.Len(t, rssOf(t, "<description>"+text+"</description>")[0].Media, pictures, text)
	}
	p := rssOf(t, `<title>Wink &#55357;&#56841; &#55357;x &#8364;</title>`+inItem(`<p>&#xD83D;&#xDE09;</p>`))[0]
	require.Equal(t, "Wink 😉 x €", p.Title)
	require.Equal(t, "😉", p.Text)
}

// TestRulesNameServicesOnly checks the hosts named in rules: they may be services, but never blogs or publications.
func TestRulesNameServicesOnly(t *testing.T) {
	t.Parallel()
	allowed := strings.Fields(
		`gravatar.com s.w.org latex.codecogs.com feedburner.com feeds.feedburner.com feedburner.google.com feeds.wordpress.com stats.wordpress.com pixel.wp.com feedsportal.com
		medium.com doubleclick.net googlesyndication.com pheedo.com a8.net linksynergy.com shareasale.com amazon-adsystem.com tradedoubler.com flattr.com addtoany.com addthis.com sharethis.com
		buymeacoffee.com paypal.com paypalobjects.com img.shields.io badge.fury.io travis-ci.org licensebuttons.net creativecommons.org vgwort.de google-analytics.com statcounter.com
		ytimg.com img.youtube.com vimeocdn.com instagram.com bsky.app bsky.social posseparty.com jsonfeed.org`)
	host := regexp.MustCompile("[\"`/][/.]*([a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.(?:com|org|net|io|de|app|social))[/\"`.]")
	for _, file := range []string{"junk.go", "boilerplate.go", "lines.go", "marks.go", "words.go", "alt.go",
		"outside.go", "shown.go", "media.go", "rendition.go"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, l := range strings.Split(string(text), "\n") {
			if l = strings.TrimSpace(l); strings.HasPrefix(l, "//") || strings.HasPrefix(l, `"golang.org`) {
				continue
			}
			for _, m := range host.FindAllStringSubmatch(l, -1) {
				require.Contains(t, allowed, m[1], "%s: %s", file, l)
			}
		}
	}
}

func TestOtherAddressesOfAPictureAreKept(t *testing.T) {
	t.Parallel()
	at := func(names ...string) (all []string) {
		for _, n := range names {
			all = append(all, "https://blog.example/"+n)
		}
		return all
	}
	for html, want := range map[string]map[string][]string{
		`<a href="/full/fog.jpg"><img src="/fog-300x200.jpg" srcset="/fog-300x200.jpg 300w, /fog-900x600.jpg 900w"></a>`: {at("full/fog.jpg")[0]: at("fog-900x600.jpg", "fog-300x200.jpg")},
		`<img src="/s/fog.jpg" data-orig-file="/o/fog.jpg">`:                                                             {at("o/fog.jpg")[0]: at("s/fog.jpg")},
		`<img src="/fog.jpg" srcset="/fog-300x200.jpg 300w">`:                                                            nil,
		`<a href="/fog.jpg"><img src="/fog.jpg"></a>`:                                                                    nil,
		`<a href="/photos/fog"><img src="/fog.jpg"></a>`:                                                                 nil,
	} {
		require.Equal(t, want, mediaIn(t, html).Markup.Instead, html)
	}
}
