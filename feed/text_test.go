package feed

import (
	"net/url"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestHTMLText(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("https://blog.example/2026/post/")
	require.NoError(t, err)
	tests := map[string]struct{ in, want, posse string }{
		"paragraphs":           {in: "<p>One</p><p>Two</p>", want: "One\n\nTwo"},
		"white space":          {in: "<p>  a\n  b\t c </p>\n\n\n<p> d</p>", want: "a b c\n\nd"},
		"no-break space":       {in: "<p>5&nbsp;km</p>", want: "5\u00a0km"},
		"line break":           {in: "a<br>b<br/>c", want: "a\nb\nc"},
		"many line breaks":     {in: "a<br><br><br><br>b", want: "a\n\nb"},
		"break between blocks": {in: "<p>a</p><br><br><p>b</p>", want: "a\n\nb"},
		"break at the end":     {in: "<p>a<br></p><br>", want: "a"},
		"lines of divs":        {in: "<div>a</div><div><br></div><div>b</div><div>c</div>", want: "a\n\nb\nc"},
		"heading":              {in: "<h2>Title</h2>text<h3>Next</h3>", want: "Title\n\ntext\n\nNext"},
		"inline markup":        {in: "<b>bo</b>ld and <em>it</em>.", want: "bold and it."},
		"space around markup":  {in: "a<b> b </b>c", want: "a b c"},
		"bullets": {in: "Buy:<ul><li>milk</li><li> bread </li></ul>now",
			want: "Buy:\n\n• milk\n• bread\n\nnow"},
		"numbers": {in: "<ol><li>one</li><li>two</li></ol>", want: "1. one\n2. two"},
		"numbers from elsewhere": {in: `<ol start="9"><li>nine</li><li>ten</li><li value="3">three</li></ol>`,
			want: "9. nine\n10. ten\n3. three"},
		"loose list":        {in: "<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>", want: "• a\n• b\nc"},
		"nested list":       {in: "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", want: "• a\n• b\n• c"},
		"empty item":        {in: "<ul><li></li><li>b</li></ul>", want: "• b"},
		"item without list": {in: "<li>a</li><li>b</li>", want: "• a\n• b"},
		"link": {in: `See <a href="/x">this page</a>.`, want: "See this page.",
			posse: "See this page (https://blog.example/x)."},
		"link with its address": {in: `<a href="https://www.w.example/">w.example</a>`, want: "w.example",
			posse: "w.example"},
		"link around a picture": {in: `<a href="/big.jpg"><img src="s.jpg" alt="A dog"></a>text`, want: "text",
			posse: "text"},
		"link to a place":  {in: `word<a href="#fn1">1</a>`, want: "word", posse: "word1"},
		"mail link":        {in: `<a href="mailto:a@b.example">write</a>`, want: "write", posse: "write"},
		"script and style": {in: "a<script>x()</script><style>p{}</style>b", want: "ab"},
		"media and embeds": {in: `a<video src="v.mp4">no video here</video><iframe src="y">z</iframe>` +
			`<audio>no</audio><object>o</object>b`, want: "ab"},
		"noscript": {in: `a<noscript><img src="x.jpg">turn it on</noscript>b`, want: "ab"},
		"hidden":   {in: `a<span hidden>b</span><span style="display: none">c</span>d`, want: "ad"},
		"figcaption": {in: `<p>a</p><figure><img src="x.jpg"><figcaption>The dog</figcaption>` +
			`</figure><p>b</p>`, want: "a\n\nThe dog\n\nb"},
		"quote":        {in: "<blockquote><p>q</p></blockquote><p>a</p>", want: "q\n\na"},
		"preformatted": {in: "<pre>a\n  b\n\nc</pre>", want: "a\n  b\n\nc"},
		"table":        {in: "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", want: "a b\nc"},
		"entities":     {in: "&lt;b&gt; &amp;amp; &eacute; &#128512;", want: "<b> &amp; é 😀"},
		"code of a smiley": {in: `<p>hi <img class="wp-smiley" src="u.gif" alt=":wave:"> you</p><p>` +
			`<img class="emoji" src="u.gif" alt=":two_boats:"></p>`, want: "hi you"},
		"smiley in characters": {in: `hi <img class="wp-smiley" src="u.gif" alt=":-)"> <img class="wp-smiley" ` +
			`src="u.gif" alt=":D"> you`, want: "hi :-) :D you"},
		"code as text":      {in: `<p>hi :wave: you</p>`, want: "hi :wave: you"},
		"emoji picture":     {in: `hi <img class="wp-smiley" src="u.png" alt="🙂"> you`, want: "hi 🙂 you"},
		"comment":           {in: "a<!-- b -->c", want: "ac"},
		"right to left":     {in: "<p>שלום</p><p>مرحبا</p>", want: "שלום\n\nمرحبا"},
		"no markup":         {in: "just words", want: "just words"},
		"nothing":           {in: " \n ", want: ""},
		"unclosed":          {in: "<p>a<p>b<div>c", want: "a\n\nb\n\nc"},
		"related posts":     {in: `<p>a</p><div class="jp-relatedposts"><p>b</p></div>`, want: "a", posse: "a\n\nb"},
		"a short quotation": {in: "she said <q>no</q>.", want: "she said “no”."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, htmlText(tt.in, textOptions{base: base}))
			if tt.posse != "" {
				require.Equal(t, tt.posse, htmlText(tt.in, textOptions{base: base, posse: true}))
			}
		})
	}
}

func TestPlainTitle(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Tom &amp; Jerry":          "Tom & Jerry",
		"Twice &amp;#8220;escaped": "Twice “escaped",
		"<em>Very</em> good":       "Very good",
		"Using <video> in HTML":    "Using <video> in HTML",
		"a < b > c":                "a < b > c",
		"two\n  lines":             "two lines",
	} {
		require.Equal(t, want, oneLine(plainTitle(in)), in)
	}
}

func TestDropBoilerplate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Words.\n\nThe post Words appeared first on A Blog.": "Words.",
		"Words […]":                           "Words",
		"Words\n\nRead more →":                "Words",
		"Words\n\n[gallery ids=\"1,2\"]":      "Words",
		"3 posts - 2 participants\n\nWords":   "Words",
		"Ann posted a photo:\n\nLake":         "Lake",
		"Read more books, they are good.":     "Read more books, they are good.",
		"The post office appeared on a hill.": "The post office appeared on a hill.",
		"Share":                               "",
		"I [sic] meant it":                    "I [sic] meant it",
	} {
		kept, _ := cleanLines(renderLines(parseBody(in, markupText), textOptions{keepLines: true}), "")
		require.Equal(t, want, joinLines(kept), in)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"<p>a</p>", "<ol><li>a<ul><li>b", "<pre>a\n\n b</pre>", `<a href="x">y</a>`, "&#0;<td>",
		"a<br><br><br>b"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, posse bool) {
		got := htmlText(s, textOptions{posse: posse})
		require.NotContains(t, got, "\n\n\n")
		if utf8.ValidString(s) {
			require.True(t, utf8.ValidString(got))
		}
	})
}
