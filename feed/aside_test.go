package feed

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A text that was set aside is put back unchanged. A feed for which that is not certain is parsed in its original
// form.
func TestLongTextsAreSetAside(t *testing.T) {
	t.Parallel()
	long := " \r\n<p>Fog &amp; mist &#8230; <b>]] > " + strings.Repeat("fog ", asideFrom/4) + "</p>\n "
	cdata := func(s string) string { return "<![CDATA[" + s + "]]>" }
	const mark = asideMark + "0" + asideMark
	for name, c := range map[string]struct {
		items string
		aside int
	}{
		"description": {"<item><description>" + cdata(long) + "</description></item>", 1},
		"content": {"<item><description>short</description><content:encoded>\n" + cdata(long) +
			"\t</content:encoded></item><item><description>" + cdata(long+"2") + "</description></item>", 2},
		"short":        {"<item><description>" + cdata("Fog") + "</description></item>", 0},
		"in two parts": {"<item><description>" + cdata(long) + cdata(long) + "</description></item>", 0},
		"with words":   {"<item><description>Fog: " + cdata(long) + "</description></item>", 0},
		"twice": {"<item><description>" + cdata(long) + "</description><description>" + cdata(long+"2") +
			"</description></item>", 2},
		"a mark": {"<item><description>" + cdata(long) + "</description></item><item><description>" + mark +
			"</description></item>", 1},
		"another mark": {"<item><description>" + cdata(long) + "</description></item><item><description>" +
			asideMark + "00" + asideMark + "</description></item>", 1},
		"a mark in a mark": {"<item><description>" + cdata(mark+long) + "</description></item>", 1},
		"of the feed": {"<item><description>Fog</description></item><description>" + cdata(long) +
			"</description>", 1},
		"in a comment": {"<item><title>Fog</title><!-- <description>" + cdata(long) + "</description> --></item>",
			1},
		"other namespace": {`<item xmlns:content="https://other.example/"><content:encoded>` + cdata(long) +
			"</content:encoded></item>", 1},
		"base": {`<item><description xml:base="https://blog.example/">` + cdata(long) +
			"</description></item>", 0},
	} {
		text := []byte(
			`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Blog</title>` +
				c.items + `</channel></rss>`)
		short, texts := setAside(text)
		require.Len(t, texts, c.aside, name)
		require.Equal(t, c.aside > 0, len(short) < len(text), name)
		want, err := parseWholeXML(text)
		require.NoError(t, err, name)
		got, err := parseXML(text)
		require.NoError(t, err, name)
		require.Equal(t, want.Description, got.Description, name)
		require.Len(t, got.Items, len(want.Items), name)
		for i := range want.Items {
			require.Equal(t, want.Items[i].Description, got.Items[i].Description, name)
			require.Equal(t, want.Items[i].Content, got.Items[i].Content, name)
			require.Equal(t, want.Items[i].Extensions, got.Items[i].Extensions, name)
		}
	}
}
