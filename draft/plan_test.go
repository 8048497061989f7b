package draft

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestPlanPart(t *testing.T) {
	t.Parallel()
	post := store.Post{Text: "Fog.", URL: "https://example.org/1", Categories: []string{"sea"}}
	for i := range 11 {
		post.Media = append(post.Media,
			store.Media{Type: store.Image, URL: fmt.Sprintf("https://example.org/%d.jpg", i+1)})
	}
	five := 5
	tags := Layer{"account", store.Settings{Hashtags: &five}}
	one, err := PlanPart(post, 1, 2, store.Edits{}, tags)
	require.NoError(t, err)
	two, err := PlanPart(post, 2, 2, store.Edits{}, tags)
	require.NoError(t, err)
	require.Len(t, one.Items, 6)
	require.Len(t, two.Items, 5)
	require.Equal(t, "https://example.org/7.jpg", two.Items[0].SourceURL)
	require.Equal(t, 1, two.Items[0].Position)
	require.Equal(t, "Fog. (1/2)\n\n#sea\n\nSee the full post at:\nhttps://example.org/1", one.Caption.Text)
	require.Equal(t, []string{"part 2 of 2: pictures and videos 7 to 11 of 11"}, two.Notes)

	post.Text = strings.Repeat("fog ", 1000)
	two, err = PlanPart(post, 2, 2, store.Edits{})
	require.NoError(t, err)
	require.Contains(t, two.Caption.Text, "… (2/2)\n\nSee the full post")
	require.LessOrEqual(t, units(two.Caption.Text), maxCaption)

	post.Media = post.Media[:1]
	_, err = PlanPart(post, 2, 2, store.Edits{})
	require.EqualError(t, err, "nothing is left for part 2 of 2: the post now shows fewer pictures and videos (1); skip this part, or add pictures on the site and approve it")

	post.Media = make([]store.Media, 25)
	d, err := PlanPart(post, 2, 2, store.Edits{})
	require.NoError(t, err)
	require.Equal(t, "Postern leaves out the last 5, because the post had fewer when it was found", d.Checks[0].Text)
}

// TestKindOfAPostThatIsOff shows that a post excluded by its settings still has a kind, which the lists show.
func TestKindOfAPostThatIsOff(t *testing.T) {
	t.Parallel()
	off := Layer{"account", store.Settings{Syndicate: new(false)}}
	picture, film := store.Media{Type: store.Image, URL: "https://example.org/1.jpg"},
		store.Media{Type: store.Video, URL: "https://example.org/2.mp4"}
	for want, media := range map[store.Kind][]store.Media{"": nil, store.KindImage: {picture}, store.KindReel: {film},
		store.KindCarousel: {picture, film}} {
		d, err := PlanPart(store.Post{Media: media}, 1, 1, store.Edits{}, off)
		require.Error(t, err)
		require.Equal(t, want, d.Kind)
		require.Empty(t, d.Items)
	}
}
