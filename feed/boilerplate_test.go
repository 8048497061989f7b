package feed

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shapes are texts as programs for sites write them, each to be filled with the number of an entry.
var shapes = []string{
	`<p>Words %[1]d.</p><img src="/photos/w4%[1]d/1.jpg" alt="one"><img src="/photos/w4%[1]d/2.jpg">`,
	`<figure class="wp-block-image"><a href="/wp-content/uploads/2026/05/fog-%[1]d.jpg">` +
		`<img src="/wp-content/uploads/2026/05/fog-%[1]d-300x200.jpg" ` +
		`srcset="/wp-content/uploads/2026/05/fog-%[1]d-1024x683.jpg 1024w"></a><figcaption>Fog %[1]d</figcaption>` +
		`</figure><p>The post <a href="https://blog.example/post-%[1]d">Fog</a> appeared first on <a ` +
		`href="https://blog.example">Quay</a>.</p>`,
	`<p>Words %[1]d.</p><picture><source srcset="/%[1]d.avif" type="image/avif"><img src="/%[1]d.jpg"></picture><p>` +
		`<a href="https://blog.example/post-%[1]d#more">…</a></p>`,
	`<p>Words %[1]d.</p><a href="https://shop.example/vote"><img src="/badge.gif" width="88" height="31"></a>`,
	`<p>Words %[1]d.</p><img src="https://i0.wp.com/blog.example/%[1]d.jpg?resize=300%%2C200">` +
		`<img src="/i.png" width="16" height="16">`,
	`<p>Words %[1]d.</p><div style="background-image:url(/cover-%[1]d.jpg)" class="cover"></div><p>#fog #quay</p>`,
	`<video src="/film-%[1]d.mp4" poster="/film-%[1]d.jpg"></video><p>Words %[1]d.</p>`,
	`<p>Only words %[1]d.</p><ul><li><a href="#a">A</a></li><li><a href="#b">B</a></li></ul>`,
	`<p><a class="tumblr_blog" href="https://other.example/1">other %[1]d</a>:</p><blockquote>` +
		`<img src="/theirs-%[1]d.jpg"></blockquote><p>Words %[1]d.</p>`,
	`<img src="/get?id=%[1]d&amp;w=300"><img src="/get?id=9%[1]d&amp;w=300"><p>Words %[1]d.</p>`,
	`<img src="/comic-%[1]d.png" title="The gulls of day %[1]d have read the whole manual.">`,
}

// An entry of any of these shapes changes the pictures and words of no other one, wherever it stands.
func TestAnUnrelatedEntryOfAnyShapeChangesNoOther(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	of := func(shape, n int) string { return inItem(fmt.Sprintf(shapes[shape], n)) }
	for range 300 {
		var items []string
		for n := range 1 + random.IntN(6) {
			items = append(items, of(random.IntN(len(shapes)), n))
		}
		added := `<guid isPermaLink="false">apart</guid>` + of(random.IntN(len(shapes)), 77)
		before, after := rssOf(t, items...), rssOf(t, append(items, added)...)
		for i := range before {
			require.Equal(t, before[i].Media, after[i].Media, items)
			require.Equal(t, before[i].Text, after[i].Text, items)
			require.Equal(t, before[i].Decision, after[i].Decision, items)
		}
	}
}

// FuzzBoilerplate has entries share a beginning, an end and a picture: what is left of each is in the order of its
// text, and an entry apart from them changes none.
func FuzzBoilerplate(f *testing.F) {
	f.Add("<p>Fog.</p>", "<p>Thank you.</p><img src='/logo.png'>", "Words", 3)
	f.Add("<p>The post <a href='https://blog.example/1'>A</a> appeared first on <a href='https://blog.example'>B</a>.</p>", "#fog", "[gallery ids=\"1\"]", 4)
	f.Add("", "<p>A signature</p><p>of two lines</p>",
		"<ul><li><a href='#a'>A</a></li><li><a href='#b'>B</a></li></ul>", 2)
	base, err := url.Parse("https://blog.example/feed")
	require.NoError(f, err)
	make := func(head, foot, own string, n int) []entry {
		var entries []entry
		for i := range n {
			entries = append(entries, entry{guid: fmt.Sprint("g", i), title: fmt.Sprint("Title ", i),
				links:    []link{{"alternate", fmt.Sprint("https://blog.example/", i)}},
				body:     fmt.Sprintf("%s<p>%s %d</p><img src='/own-%d.jpg'>%s", head, own, i, i, foot),
				bodyKind: markupHTML})
		}
		return entries
	}
	f.Fuzz(func(t *testing.T, head, foot, own string, n int) {
		n = max(1, min(n, 6))
		var d, more Document
		finishEntries(make(head, foot, own, n), &d, base, 0)
		apart := entry{guid: "apart", title: "Apart", links: []link{{"alternate", "https://blog.example/apart"}},
			body: "<p>Nothing of that.</p><img src='/apart.jpg'>", bodyKind: markupHTML}
		finishEntries(append(make(head, foot, own, n), apart), &more, base, 0)
		for i, p := range d.Posts {
			whole := renderText(parseBody(make(head, foot, own, n)[i].body, markupHTML), textOptions{base: base})
			rest := strings.Join(strings.Fields(whole), "")
			for _, word := range strings.Fields(p.Text) {
				_, after, ok := strings.Cut(rest, word)
				require.True(t, ok, "%q of %q is not in the text %q", word, p.Text, whole)
				rest = after
			}
			if n == 1 || 2*n > n+1 && n >= repeats { // else one entry more decides what most of them are
				require.Equal(t, p.Text, more.Posts[i].Text)
				require.Equal(t, p.Media, more.Posts[i].Media)
			}
		}
	})
}

func TestLinesOfPrograms(t *testing.T) {
	t.Parallel()
	trail := `<a href="https://blog.example/">Home</a> / <a href="/photos/">Photos</a> / `
	for html, want := range map[string]string{
		`<p>` + trail + `the Gold Land</p><p>Fog.</p>`:                                         "Fog.",
		`<p>` + trail + `<a href="/gold/">the Gold Land</a></p><p>Fog.</p>`:                    "Fog.",
		`<p>Fog all day. <em>By Ada.</em>[<a href="https://blog.example/post-0">mehr</a>]</p>`: "Fog all day. By Ada.",
		`<p>Fog all day. (<a href="https://blog.example/post-0">lire la suite</a>)</p>`:        "Fog all day.",

		`<p>Home / Photos / the Gold Land</p><p>Fog.</p>`:                                                        "Home / Photos / the Gold Land\n\nFog.",
		`<p><a href="https://ada.example/">Ada</a> / <a href="https://bob.example/">Bob</a> / me</p><p>Fog.</p>`: "Ada / Bob / me\n\nFog.",
		`<p>Fog.</p><p>` + trail + `the Gold Land</p><p>Quay.</p>`:                                               "Fog.\n\nHome / Photos / the Gold Land\n\nQuay.",
		`<p><a href="https://blog.example/">We</a> left at 9 / 10 and walked / ran home.</p>`:                    "We left at 9 / 10 and walked / ran home.",
		`<p>Fog all day. [<a href="https://other.example/fog">more</a>]</p>`:                                     "Fog all day. [more]",
		`<p>Fog all day. [<a href="https://blog.example/post-0">mehr</a>]</p><p>Quay.</p>`:                       "Fog all day. [mehr]\n\nQuay.",
		`<p>Fog (I wrote <a href="https://blog.example/post-0">more about that one day</a>)</p>`:                 "Fog (I wrote more about that one day)",
	} {
		require.Equal(t, want, rssOf(t, inItem(html))[0].Text, html)
	}
}

func TestListsOfOtherPosts(t *testing.T) {
	t.Parallel()
	links := func(rel string) string {
		return `<li><a href="/quay/"` + rel + `>Quay at night</a></li><li><a href="/gulls/"` + rel + `>Gulls</a></li>`
	}
	marked := links(` rel="bookmark"`)
	for html, want := range map[string]string{
		`<p>Fog.</p><p><strong>More:</strong></p><ul>` + marked + `</ul>`:                                "Fog.",
		`<p>Fog.</p><p><b>Read on</b></p> <ol>` + marked + `</ol><p>Gone.</p>`:                           "Fog.\n\nGone.",
		`<p>Fog.</p><h3>Read on</h3><ul class="similar-posts">` + links("") + `</ul>`:                    "Fog.",
		`<p>Fog.</p><p>Similar posts:</p><div class="related-posts">` + links("") + `</div>`:             "Fog.",
		`<p>Fog.</p><p>On this page:</p><ul><li><a href="#a">A</a></li><li><a href="#b">B</a></li></ul>`: "Fog.",

		`<p>Fog.</p><p>My best of the year:</p><ul>` + links("") + `</ul>`:                     "Fog.\n\nMy best of the year:\n\n• Quay at night\n• Gulls",
		`<p>Fog.</p><p>All of it was gone at noon.</p><ul>` + marked + `</ul>`:                 "Fog.\n\nAll of it was gone at noon.",
		`<p>Fog.</p><p>Seen: <b>gulls</b></p><ul class="related-posts">` + links("") + `</ul>`: "Fog.\n\nSeen: gulls",
		`<p>Fog.</p><p><b>Seen:</b></p><ul><li>Gulls</li><li>A boat</li></ul>`:                 "Fog.\n\nSeen:\n\n• Gulls\n• A boat",
		`<p>Fog.</p><p>Seen:</p>and then<ul>` + marked + `</ul>`:                               "Fog.\n\nSeen:\n\nand then",
		`<p>Fog.</p><ul>` + marked + `<li>and a boat</li></ul>`:                                "Fog.\n\n• Quay at night\n• Gulls\n• and a boat",
		`<p>Fog.</p><ul><li><a href="/quay/" rel="bookmark">Quay</a></li></ul>`:                "Fog.\n\n• Quay",
	} {
		require.Equal(t, want, rssOf(t, inItem(html))[0].Text, html)
	}
}

func TestStripByName(t *testing.T) {
	t.Parallel()
	end := `<p>Fog.</p><img src="/fog.jpg"><p>Vote for me.</p>`
	for html, want := range map[string]int{
		`<a href="https://poll.example/1"><img src="/awards468x60.gif" width="450"></a>`:            1,
		`<a href="https://poll.example/1"><img src="/awards-728x90.png" width="100%"></a>`:          1,
		`<a href="https://poll.example/1"><img src="/quay-600x400.jpg" width="450"></a>`:            2,
		`<a href="https://poll.example/1"><img src="/quay468x60.jpg" width="450" height="300"></a>`: 2, // what is declared counts
		`<img src="/awards468x60.gif" width="450">`:                                                 2,
		`<a href="/fog/"><img src="/quay468x60.gif" width="450"></a>`:                               2,
	} {
		require.Len(t, rssOf(t, inItem(end+html))[0].Media, want, html)
	}
}
