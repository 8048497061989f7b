package feed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLinesBeforeEveryPicture(t *testing.T) {
	t.Parallel()
	shows := func(n int, labels ...string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "<p>Day %d.</p>", n)
		for i, label := range labels {
			fmt.Fprintf(&b, `<br><img class="emoji" src="/jpg.gif">%s<br><a href="/%d-%d.jpg">`+
				`<img src="/%d-%d.jpg"></a>`, label, n, i, n, i)
		}
		return inItem(b.String() + fmt.Sprintf("<p>Gone at %d.</p>", n))
	}
	many := strings.Split(strings.Repeat("Picture:|", 20), "|")[:20]
	posts := rssOf(t, shows(1, "Picture:", "Picture:"), shows(2, "Picture:"), shows(3, "图片："), shows(4, many...),
		inItem("<p>No picture:</p><p>Words.</p>"))
	for i, want := range []string{"Day 1.\n\nGone at 1.", "Day 2.\n\nGone at 2.", "Day 3.\n图片：\n\nGone at 3.",
		"Day 4.\n\nGone at 4.", "No picture:\n\nWords."} {
		require.Equal(t, want, strings.ReplaceAll(posts[i].Text, "Day 3.\n\n", "Day 3.\n"), i)
	}
	require.Contains(t, strings.Join(posts[0].Markup.Notes, "\n"), "stands before every picture")

	for name, labels := range map[string][]string{
		"different lines":   {"Before:", "After:"},
		"no announcement":   {"Fog", "Fog"},
		"not before all":    {"Picture:", ""},
		"longer than a few": {strings.Repeat("Fog ", 30) + ":"},
	} {
		for _, p := range rssOf(t, shows(1, labels...), shows(2, labels...), shows(3, labels...)) {
			for _, label := range labels {
				require.Contains(t, p.Text, strings.TrimSpace(label), name)
			}
		}
	}
	require.Contains(t, rssOf(t, shows(1, "Picture:"), shows(2, "Picture:"), shows(3, "A boat:"),
		shows(4, "A gull:"))[0].Text, "Picture:", "half is not most")
	part := inItem(`<p>Day %d, <a href="/">seen</a> from the quay:</p><img src="/%d.jpg">`)
	for _, p := range rssOf(t, fmt.Sprintf(part, 1, 1), fmt.Sprintf(part, 2, 2), fmt.Sprintf(part, 3, 3)) {
		require.Contains(t, p.Text, "seen from the quay:", "only whole lines count")
		require.NotContains(t, strings.Join(p.Markup.Notes, ""), "stands before every picture")
	}
	only := inItem(`Picture:<br><img src="/%d.jpg">`)
	for _, p := range rssOf(t, fmt.Sprintf(only, 1), fmt.Sprintf(only, 2), fmt.Sprintf(only, 3)) {
		require.Equal(t, "Picture:", p.Text, "the only text of an entry stays")
	}
}
