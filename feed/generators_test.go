package feed

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Typical additions of publishing programs to the texts of feeds. The last cases of each kind would be damaged by
// rules that remove too much.
func TestGenerators(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		html, text string
		pictures   []string
	}{
		"the controls of a video": {
			`<p>Fog.</p><figure class="kg-card kg-video-card"><div class="kg-video-container"><video src="/v.mp4" poster="/spacer.png" style="background: transparent url('/v-cover.jpg') 50%"></video>
			<div class="kg-video-player-container"><div class="kg-video-player"><span>0:00</span><div>/<span>0:30</span></div></div></div></div></figure>`, "Fog.", []string{"v.mp4"}},
		"an audio player": {
			`<p>Fog.</p><div class="kg-card kg-audio-card"><img src="/t.jpg" alt="audio"><div>0:00/3:12</div></div>`,
			"Fog.", []string{}},
		"buttons": {
			`<p>Fog.</p><p class="button-wrapper"><a class="button" href="/p/x?action=share">` +
				`<span>Fog teilen</span></a></p>`, "Fog.", []string{}},
		"a service's last line": {
			`<p>Fog.</p><p><a href="/2026/post">Fog</a> was originally published in <a ` +
				`href="https://o.example/pub">The Quay</a> on Medium, where people are continuing the conversation.</p>`, "Fog.", []string{}},
		"words of that kind": {`<p>The novel was originally published in parts, where people waited for it.</p>`,
			"The novel was originally published in parts, where people waited for it.", []string{}},
		"the lightbox of a forum": {
			`<p>Fog.</p><a class="lightbox" href="/o/fog.jpeg"><img src="/s/fog_2_690x500.jpeg"><div class="meta">` +
				`<span class="filename">IMG_1</span><span class="informations">4032×3024 1.35 MB</span></div></a>`,
			"Fog.", []string{"o/fog.jpeg"}},
		"line numbers": {
			`<table><tr><td class="lntd"><pre><span class="lnt">1</span></pre></td><td><pre>a = 1</pre></td>` +
				`</tr></table>`, "a = 1", []string{}},
		"a gutter with line numbers": {
			`<table><tr><td class="gutter"><pre>1</pre></td><td class="code"><pre>a = 1</pre></td></tr></table>`,
			"a = 1", []string{}},
		"a gutter of a layout": {`<div class="row gutter"><p>Fog.</p></div>`, "Fog.", []string{}},
		"a table of contents": {
			`<ul><li><a href="#a">Boats</a></li><li><a href="#b">Gulls</a><ul><li><a href="#c">Herring gulls</a>` +
				`</li></ul></li></ul><h2 id="a">Boats</h2><p>Fog.</p>`, "Boats\n\nFog.", []string{}},
		"and its heading": {
			`<h2>Contents</h2> <ol><li><a href="#a">Boats</a></li><li><a href="#b">Gulls</a></li></ol><h2>Boats</h2>` +
				`<ul><li>Fog</li></ul>`, "Boats\n\n• Fog", []string{}},
		"its box": {
			`<div id="toc" class="toc"><p>Inhalt</p><ol><li><a href="#a">Boote</a></li></ol></div><p>Nebel.</p>`,
			"Nebel.", []string{}},
		"a list of links": {`<ul><li><a href="/a">Boats</a></li><li><a href="/b">Gulls</a></li></ul>`,
			"• Boats\n• Gulls", []string{}},
		"a list with words": {`<ul><li><a href="#a">Boats</a> in fog</li><li><a href="#b">Gulls</a></li></ul>`,
			"• Boats in fog\n• Gulls", []string{}},
		"copies on other networks": {
			`<p>Fog.</p><ul class="relsyn"><li><a class="u-syndication" href="https://s.example/1">Mastodon</a>` +
				`</li></ul>`, "Fog.", []string{}},
		"reader counters": {
			`<span class="span-reading-time rt-reading-time">Lesezeit: 3 Minuten</span><p>Fog.</p>` +
				`<div class="post-views">Post Views: 1,234</div>`, "Fog.", []string{}},
		"a card of another page": {
			`<p>Fog.</p><figure class="kg-card kg-bookmark-card">` +
				`<a class="kg-bookmark-container" href="https://o.example/"><div>Theirs</div>` +
				`<img src="https://o.example/t.jpg"></a></figure>`, "Fog.", []string{}},
		"an edit button": {`<h2>Fog<span class="mw-editsection">[<a href="/edit">edit</a>]</span></h2>`,
			"Fog", []string{}},
		"share buttons": {
			`<p>Fog.</p><div class="shariff"><ul><li>teilen</li></ul></div>` +
				`<div class="heateor_sss_sharing_container">Partager</div>`, "Fog.", []string{}},
		"an empty embed": {
			`<p>Fog.</p><blockquote class="instagram-media">` +
				`<a href="https://www.instagram.com/p/x/">View this post on Instagram</a>` +
				`<p>A post shared by The Quay of Kirkwall in Fog (@quay)</p></blockquote>`, "Fog.", []string{}},
		"an embedded video": {
			`<p>Fog.</p><lite-youtube videoid="x" style="background-image:url(/x.jpg)">` +
				`<a href="https://video.example/x">Play: Fog</a></lite-youtube>`, "Fog.", []string{}},
		"ruby annotations": {`<p><ruby>漢字<rt>かんじ</rt></ruby>、<ruby>霧<rp>（</rp><rt>きり</rt><rp>）</rp></ruby></p>`,
			"漢字(かんじ)、霧（きり）", []string{}},
		"clones of a slider": {
			`<div class="slick-slide slick-cloned"><img src="/b.jpg"></div><div class="slick-slide">` +
				`<img src="/a.jpg"></div><div class="slick-slide"><img src="/b.jpg"></div>`, "",
			[]string{"a.jpg", "b.jpg"}},
		"before and after": {
			`<img-comparison-slider><img slot="first" src="/before.jpg"><img slot="second" src="/after.jpg">` +
				`</img-comparison-slider>`, "", []string{"before.jpg", "after.jpg"}},
		"a gallery of links": {
			`<div><a href="/1.jpg" class="glightbox"></a><a href="/2.jpg" data-ngthumb="/2t.jpg">The quay</a></div>`,
			"The quay", []string{"1.jpg", "2.jpg"}},
		"a download link": {
			`<img src="/fog.jpg"><a href="/full.jpg" class="download"><i class="icon"></i></a>` +
				`<a href="/plan.jpg" class="gallery">A plan</a>`, "A plan", []string{"fog.jpg"}},
		"a hidden picture": {
			`<div style="display: none"><img src="/social.jpg"></div><img src="/a.jpg"><div style="display:none">` +
				`<a href="/b.jpg" data-fancybox="g"><img src="/b-t.jpg"></a></div>`, "", []string{"a.jpg", "b.jpg"}},
		"a picture that a script shows": {
			`<img style="display:none" class="lazy" data-src="/l.jpg"><noscript><img src="/l.jpg"></noscript>`, "",
			[]string{"l.jpg"}},
		"the only picture is hidden": {`<p hidden><img src="/a.jpg"></p><p>Fog.</p>`, "Fog.", []string{"a.jpg"}},
	} {
		p := mediaIn(t, tt.html)
		require.Equal(t, tt.text, p.Text, name)
		require.Equal(t, tt.pictures, shown(p), name)
	}
	require.Equal(t, "https://blog.example/v-cover.jpg",
		mediaIn(t,
			`<video src="/v.mp4" poster="/spacer.png" style="background: transparent url('/v-cover.jpg') 50%"></video>`).Media[0].PosterURL)
	films := rssOf(t,
		`<media:group><media:content url="/ab-240.mp4" type="video/mp4" height="240"/>`+
			`<media:content url="/ab-1080.mp4" type="video/mp4" height="1080"/></media:group>`)
	require.Equal(t, []string{"ab-1080.mp4"}, shown(films[0]))
}
