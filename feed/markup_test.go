package feed

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestPostFigure(t *testing.T) {
	t.Parallel()
	p := mediaIn(t, `<p>Words of the page.</p><img src="/other.jpg"><figure data-post-type="post">
		<img src="/1.jpg" alt="One"><img src="/2" data-media-type="video" data-cover-url="/2.png">
		<figcaption>The <b>whole</b> caption.<br>#fog</figcaption></figure>`)
	require.Equal(t, []store.Media{
		{Type: store.Image, URL: "https://blog.example/1.jpg", Alt: "One"},
		{Type: store.Video, URL: "https://blog.example/2", PosterURL: "https://blog.example/2.png"},
	}, p.Media)
	require.Equal(t, "The whole caption.\n#fog", p.Text)
	require.Equal(t, "{{content}}", *p.Markup.Entry.FormatString)
	require.Equal(t, "feed", *p.Markup.Entry.Channel)

	p = mediaIn(t, `<figure data-post-type="stories"><img src="/1.jpg"></figure>`)
	require.Equal(t, "story", *p.Markup.Entry.Channel)
	p = mediaIn(t, `<figure data-post-type="reels"><img src="/film"></figure>`)
	require.Equal(t, store.Video, p.Media[0].Type)
	p = mediaIn(t, `<figure data-post-type="poster"><img src="/1.jpg"></figure>`)
	require.Contains(t, strings.Join(p.Markup.Notes, "\n"), "data-post-type poster is unknown")
	p = mediaIn(t, `<figure data-post-type="post"></figure><img src="/1.jpg">`)
	require.Equal(t, store.Skip, p.Decision, "only the figure's media count")
}

func TestMicroformatsInContent(t *testing.T) {
	t.Parallel()
	urls := func(html string) []string {
		var out []string
		for _, m := range mediaIn(t, html).Media {
			out = append(out, string(m.Type)+" "+m.URL)
		}
		return out
	}
	require.Equal(t, []string{"image https://blog.example/a.jpg", "video https://blog.example/v.mp4",
		"image https://blog.example/b"},
		urls(
			`<a class="u-photo" href="/a.jpg">photo</a><a class="u-video" href="/v.mp4">film</a>`+
				`<data class="u-photo" value="/b"></data>`))
	require.Equal(t, []string{"image https://blog.example/a.jpg"},
		urls(`<a class="u-photo" href="/a.jpg"><img src="/a.jpg"></a>`))
	require.Empty(t, urls(`<a class="p-author h-card" href="/"><img class="u-photo" src="/me.jpg"></a>`),
		"the author's portrait")
	require.Empty(t, urls(`<div class="u-in-reply-to h-cite"><img class="u-photo" src="/theirs.jpg"></div>`),
		"another person's post")
}
