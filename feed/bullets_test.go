package feed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBullets(t *testing.T) {
	t.Parallel()
	items := func(format string, pictures ...string) string {
		var b strings.Builder
		for i, p := range pictures {
			fmt.Fprintf(&b, format, p, i)
		}
		return b.String()
	}
	signs := []string{"ask", "text", "ask", "text", "ask"}
	steps := []string{"chop", "stir", "bake", "eat", "eat"}
	for name, c := range map[string]struct {
		html string
		want int
	}{
		"signs": {"<ul>" + items(`<li><img src="/%s.png" alt="Sign"> <b>Step</b> %d</li>`, signs...) +
			"</ul>", 1},
		"signs in rows": {"<table>" + items(`<tr><td><img src="/%s.png"></td><td>Row %d</td></tr>`,
			signs...) + "</table>", 1},
		"signs in an inner list": {"<ul>" + items(`<li><img src="/%s.png"> Step %d<ul><li>`+
			`<img src="/text.png"> Inner</li></ul></li>`, "ask", "ask", "ask") + "</ul>", 1},
		"photos of steps":         {"<ol>" + items(`<li><img src="/%s.jpg"> Step %d</li>`, steps...) + "</ol>", 5},
		"photos behind the words": {"<ol>" + items(`<li>Step <img src="/%s.jpg"> %d</li>`, signs...) + "</ol>", 3},
		"a slider":                {"<ul>" + items(`<li><img src="/%s.jpg"><!-- %d --></li>`, signs...) + "</ul>", 3},
		"captions": {"<ul>" + items(`<li><figure><img src="/%s.jpg"><figcaption>Photo %d</figcaption>`+
			`</figure></li>`, signs...) + "</ul>", 3},
		"paragraphs": {items(`<p><img src="/%s.jpg"> Photo %d</p>`, signs...), 3},
		"few":        {"<ul>" + items(`<li><img src="/%s.jpg"> Photo %d</li>`, "ask", "ask", "text") + "</ul>", 3},
	} {
		post := rssOf(t, inItem(`<p>Words.</p><img src="/fog.jpg">`+c.html))[0]
		require.Len(t, post.Media, c.want, name)
	}
}
