package draft

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestCaptionChecks(t *testing.T) {
	t.Parallel()
	off := false
	picture := store.Media{Type: store.Image, URL: "https://blog.example.org/a.jpg", Alt: "a boat"}
	for name, c := range map[string]struct {
		post     store.Post
		settings store.Settings
		edited   string
		want     string
	}{
		"fine":    {post: store.Post{Text: "Fog.", Media: []store.Media{picture}}},
		"nothing": {post: store.Post{Text: "Fog."}, want: "blocks media.none: no picture or video"},
		"cut": {post: store.Post{Text: strings.Repeat("fog ", 1000), Media: []store.Media{picture}},
			want: "repaired caption.too-long: caption cut from 3999 to 2200 characters"},
		"cutting is off": {post: store.Post{Text: strings.Repeat("fog ", 1000), Media: []store.Media{picture}},
			settings: store.Settings{Truncate: &off},
			want:     "blocks caption.too-long: the caption has 3999 characters and Instagram takes 2200"},
		"edited": {post: store.Post{Media: []store.Media{picture}}, edited: strings.Repeat("#a ", 31),
			want: "repaired caption.hashtags: Postern turned 1 of 31 hashtags into plain words, because Instagram takes 30"},
		"mentions": {post: store.Post{Text: strings.Repeat("@a ", 21), Media: []store.Media{picture}},
			want: "repaired caption.mentions: Postern turned 1 of 21 mentions into plain words, because Instagram takes 20"},
		"no alt text": {post: store.Post{
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/a.jpg"}}},
			want: "note alt.missing: a.jpg has no alt text"},
		"long alt text": {post: store.Post{
			Media: []store.Media{{Type: store.Image, URL: "https://blog.example.org/a.jpg",
				Alt: strings.Repeat("a boat ", 200)}}},
			want: "repaired alt.too-long: a.jpg: alt text cut from 1400 to 996 characters"},
		"alternative text of a video": {post: store.Post{
			Media: []store.Media{{Type: store.Video, URL: "https://blog.example.org/a.mp4", Alt: "waves"}}},
			want: "note alt.not-taken: a.mp4: Instagram takes no alt text here"},
		"eleven": {post: store.Post{
			Media: []store.Media{picture, picture, picture, picture, picture, picture, picture, picture, picture,
				picture, picture}},
			want: "repaired media.too-many: the post has 11 pictures and videos, and Instagram takes the first 10"},
		"no address": {post: store.Post{
			Media: []store.Media{{Type: store.Image, URL: "file:///a.jpg", Alt: "a boat"}}},
			want: "blocks media.url.invalid: the address of a.jpg is neither http nor https"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e store.Edits
			if c.edited != "" {
				e.Caption = &c.edited
			}
			d, err := Plan(c.post, e, Layer{"account", c.settings})
			var all []string
			for _, k := range Checks(d, err, store.Preflight{}, "https://postern.example.org") {
				all = append(all, string(k.Severity)+" "+k.ID+": "+k.Text)
			}
			require.Equal(t, c.want, strings.Join(all, "\n"))
			require.NotEqual(t, strings.HasPrefix(c.want, "blocks caption") ||
				strings.HasPrefix(c.want, "blocks media.none"), err == nil)
			for _, i := range d.Items {
				require.LessOrEqual(t, units(i.Alt), maxAltText)
			}
		})
	}
}
