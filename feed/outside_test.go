package feed

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// inSummary returns an item with a text and a summary.
func inSummary(text, summary string) string {
	return inItem(summary) + `<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[` +
		text + `]]></content:encoded>`
}

func TestPicturesOfTheSummary(t *testing.T) {
	t.Parallel()
	cover := `<p><img src="/covers/fog.webp" width="0" height="0" alt="Fog"></p><p>In short.</p>`
	for name, c := range map[string]struct {
		item string
		want []string
	}{
		"the text has none": {inSummary("<p>Fog all day.</p>", cover), []string{"covers/fog.webp Fog"}},
		"the text has a smiley": {inSummary(`<p>Fog. <img class="wp-smiley" src="/smilies/s.gif"></p>`, cover),
			[]string{"covers/fog.webp Fog"}},
		"the text has one":     {inSummary(`<img src="/quay.jpg">`, cover), []string{"quay.jpg"}},
		"the text has a video": {inSummary(`<video src="/quay.mp4"></video>`, cover), []string{"quay.mp4"}},
		"enclosed": {inSummary("<p>Fog.</p>", cover) + `<enclosure url="/quay.jpg" type="image/jpeg"/>`,
			[]string{"quay.jpg"}},
		"audio": {inSummary("<p>Fog.</p>", cover) + `<enclosure url="/fog.mp3" type="audio/mpeg"/>`,
			[]string{}},
		"too small": {inSummary("<p>Fog.</p>", `<img src="/fog-150x150.jpg" width="150" `+
			`height="150">In short.`), []string{}},
		"a button": {inSummary("<p>Fog.</p>", `<div class="sharedaddy"><img src="/share.png">`+
			`</div>In short.`), []string{}},
		"a thumbnail and buttons": {inSummary("<p>Fog.</p>", `<div class="sharedaddy"><img src="/share.png"></div>`) +
			`<media:thumbnail url="/fog.jpg" width="640"/>`, []string{"fog.jpg"}},
	} {
		require.Equal(t, c.want, shown(rssOf(t, c.item)[0]), name)
	}
	sign := inSummary("<p>Words alone.</p>", `<img src="/logo.jpg">In short.`)
	for _, p := range rssOf(t, sign, sign, sign) {
		require.Empty(t, p.Media, "the same picture in most entries")
	}
}

func TestDescribedThumbnail(t *testing.T) {
	t.Parallel()
	text := inItem(`<p>The two above are mine. All of a morning.</p><img src="/quay.jpg">`)
	sketch := func(attributes, words string) string {
		return `<media:thumbnail url="/` + attributes + `/><media:description type="html"><![CDATA[` + words +
			`]]></media:description>`
	}
	for name, c := range map[string]struct {
		item string
		want []string
	}{
		"with a description of its own": {text + sketch(`fog.jpg"`, `<p>A sketch of <a href="/fog">fog</a></p>`),
			[]string{"fog.jpg A sketch of fog", "quay.jpg"}},
		"shown in the text":                {text + sketch(`quay.jpg"`, "A sketch"), []string{"quay.jpg A sketch"}},
		"no text":                          {sketch(`fog.jpg"`, "A sketch"), []string{"fog.jpg A sketch"}},
		"without words":                    {text + sketch(`fog.jpg"`, ""), []string{"quay.jpg"}},
		"with a description from the text": {text + sketch(`fog.jpg"`, "All of a morning."), []string{"quay.jpg"}},
		"by its size":                      {text + sketch(`fog.jpg" width="150"`, "A sketch"), []string{"quay.jpg"}},
		"by its name":                      {text + sketch(`fog-150x150.jpg"`, "A sketch"), []string{"quay.jpg"}},
		"by its folder":                    {text + sketch(`thumbs/fog.jpg"`, "A sketch"), []string{"quay.jpg"}},
		"next to a file": {text + sketch(`fog.jpg"`, "A film") + `<media:content url="/fog.mp4" ` +
			`type="video/mp4"/>`, []string{"quay.jpg", "fog.mp4 A film"}},
	} {
		require.Equal(t, c.want, shown(rssOf(t, c.item)[0]), name)
	}
}

func TestFoldersOfUploads(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"uploads/2026/fog.jpg":                       "https://blog.example/uploads/2026/fog.jpg",
		"wp-content/uploads/2026/05/fog-300x200.jpg": "https://blog.example/wp-content/uploads/2026/05/fog-300x200.jpg",

		"fog.jpg":                 "https://blog.example/2026/05/walk/fog.jpg",
		"images/2026/fog.jpg":     "https://blog.example/2026/05/walk/images/2026/fog.jpg",
		"./uploads/2026/fog.jpg":  "https://blog.example/2026/05/walk/uploads/2026/fog.jpg",
		"../uploads/2026/fog.jpg": "https://blog.example/2026/05/uploads/2026/fog.jpg",
		"uploads/fog.jpg":         "https://blog.example/2026/05/walk/uploads/fog.jpg",
	} {
		for site, fromSite := range map[string]string{"https://blog.example/": "",
			"https://other.example/": "https://blog.example/2026/05/walk/" + src} {
			item := map[string]any{"id": "1", "url": "https://blog.example/2026/05/walk/",
				"content_html": `<img src="` + src + `">`}
			text, err := json.Marshal(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": "T",
				"home_page_url": site, "items": []any{item}})
			require.NoError(t, err)
			d, err := Parse(text, "", nil)
			require.NoError(t, err)
			if fromSite == "" || src[0] == '.' {
				fromSite = want
			}
			require.Equal(t, fromSite, d.Posts[0].Media[0].URL)
		}
	}
}

func TestTheLogoOfTheFeed(t *testing.T) {
	t.Parallel()
	const logo = "https://img.example/fetch/w_256,c_limit/https%3A%2F%2Ffiles.example%2Flogo.png"
	const large = "https://img.example/fetch/w_1456,c_limit/https%3A%2F%2Ffiles.example%2Flogo.png"
	for name, c := range map[string]struct {
		item string
		want []string
	}{
		"enclosed": {inItem("<p>Words.</p>") + `<enclosure url="` + logo + `" type="image/jpeg" ` +
			`length="0"/>`, []string{}},
		"named as media": {inItem("<p>Words.</p>") + `<m:content xmlns:m="http://search.yahoo.com/mrss/" url="` +
			logo + `" medium="image"/>`, []string{}},
		"next to another one": {inItem(`<img src="https://blog.example/fog.jpg">`) + `<enclosure url="` + logo +
			`" type="image/jpeg" length="0"/>`, []string{"fog.jpg"}},
		"a post about it": {inItem(`<p>Our new logo:</p><img src="` + logo + `">`), []string{logo}},
		"the newest photo": {inItem("<p>Words.</p>") + `<enclosure url="` + large + `" type="image/jpeg" ` +
			`length="0"/>`, []string{large}},
		"another of that size": {inItem("<p>Words.</p>") +
			`<enclosure url="https://img.example/fetch/w_256,c_limit/https%3A%2F%2Ffiles.example%2Ffog.png" ` +
			`type="image/png" length="0"/>`,
			[]string{"https://img.example/fetch/w_256,c_limit/https%3A%2F%2Ffiles.example%2Ffog.png"}},
	} {
		text := `<rss version="2.0"><channel><title>T</title><link>https://blog.example/</link><image><url>` + logo +
			`</url><title>T</title><link>https://blog.example/</link></image><item><guid isPermaLink="false">1</guid>` +
			c.item + `</item></channel></rss>`
		d, err := Parse([]byte(text), "", nil)
		require.NoError(t, err)
		require.Equal(t, c.want, shown(d.Posts[0]), name)
	}
}

func TestCropsOfOnePicture(t *testing.T) {
	t.Parallel()
	group := func(files ...string) string {
		item := inItem("<p>Fog.</p>") + "<media:group>"
		for _, f := range files {
			var name string
			var w, h int
			_, err := fmt.Sscanf(f, "%s %dx%d", &name, &w, &h)
			require.NoError(t, err)
			item += fmt.Sprintf(`<media:content medium="image" url="https://blog.example/a/%s" width="%d" height="%d"/>`, name, w, h)
		}
		return item + "</media:group>"
	}
	for name, c := range map[string]struct {
		files []string
		want  int
	}{
		"one picture": {[]string{"260512-fog-harbour-super.jpg 1100x619", "260512-fog-harbour-square.jpg 300x300",
			"260512-fog-harbour-tall.jpg 414x552", "260512-fog-harbour-story.jpg 300x169"}, 1},
		"numbered": {[]string{"260512-fog-harbour-1.jpg 1100x619", "260512-fog-harbour-2.jpg 300x300",
			"260512-fog-harbour-3.jpg 414x552", "260512-fog-harbour-4.jpg 300x169"}, 4},
		"of the same width": {[]string{"260512-fog-harbour-dawn.jpg 1100x619", "260512-fog-harbour-noon.jpg 1100x619",
			"260512-fog-harbour-dusk.jpg 1100x733", "260512-fog-harbour-night.jpg 733x1100"}, 4},
		"all large": {[]string{"260512-fog-harbour-dawn.jpg 1100x619", "260512-fog-harbour-noon.jpg 1000x619",
			"260512-fog-harbour-dusk.jpg 900x733", "260512-fog-harbour-night.jpg 733x1100"}, 4},
		"with different names": {[]string{"dawn.jpg 1100x619", "noon.jpg 300x300", "dusk.jpg 414x552", "night.jpg 300x169"},
			4},
		"a few": {[]string{"260512-fog-harbour-dawn.jpg 1100x619", "260512-fog-harbour-dusk.jpg 300x300"}, 2},
		"in two folders": {[]string{"260512-fog-harbour-super.jpg 1100x619", "260512-fog-harbour-square.jpg 300x300",
			"260512-fog-harbour-tall.jpg 414x552", "b/260512-fog-harbour-story.jpg 300x169"}, 4},
	} {
		require.Len(t, rssOf(t, group(c.files...))[0].Media, c.want, name)
	}
	require.Equal(t, []string{"a/260512-fog-harbour-super.jpg"},
		shown(rssOf(t, group("260512-fog-harbour-square.jpg 300x300", "260512-fog-harbour-super.jpg 1100x619",
			"260512-fog-harbour-tall.jpg 414x552", "260512-fog-harbour-story.jpg 300x169"))[0]))
}
