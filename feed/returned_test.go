package feed

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// entryShowing returns an entry with the given id, title, picture and text.
func entryShowing(id, title, picture, words string, date time.Time) string {
	return fmt.Sprintf(`<item><guid isPermaLink="false">tag:blog,%s</guid><title>%s</title>`+
		`<link>https://blog.example/%s</link><pubDate>%s</pubDate>`+
		`<description>&lt;p&gt;%s&lt;/p&gt;&lt;img src="/%s"&gt;</description></item>`,
		id, title, id, date.UTC().Format(time.RFC1123Z), words, picture)
}

// An entry leaves the feed and comes back with another id and date. The same title and picture are two signs for the
// same post, unless they recur or the title is short: then it may be a different post.
func TestEntryComesBackUnderAnotherNameAndDate(t *testing.T) {
	t.Parallel()
	const held = "held: looks like publication "
	for name, c := range map[string]struct {
		title, picture, words string
		others                int    // number of posts with the same picture and title
		want                  string // prefix
	}{
		"title and picture":         {"Fog over the harbour", "fog.jpg", "Other words.", 0, held},
		"a short title":             {"Fog", "fog.jpg", "Other words.", 0, "queued"},
		"a picture of another post": {"Fog over the harbour", "fog.jpg", "Other words.", 1, "queued"},
		"a weekly cover": {"Notes of the week", "cover.jpg", "What happened this week.", 3,
			"queued"},
		"a picture that is overwritten daily": {"Photo of the day", "today.jpg", "Of today.", 3, "queued"},
		"a series with similar titles":        {"Fog over the harbour", "other.jpg", "Other words.", 0, "queued"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			now := time.Now().Truncate(time.Second)
			first := c.picture
			if c.picture == "other.jpg" {
				first = "fog.jpg"
			}
			var entries []string
			for i := range c.others + 1 {
				date := now.Add(-time.Duration(i+1)*25*time.Hour - time.Duration(i)*time.Minute)
				words := fmt.Sprintf("Words of post %d.", i)
				entries = append(entries, entryShowing(fmt.Sprintf("a%d", i), c.title, first, words, date))
			}
			rest := []string{item("r1", now.Add(-300*time.Hour), "one"), item("r2", now.Add(-400*time.Hour), "two")}
			blog := &site{entries: append(append([]string{}, entries...), rest...)}
			_, _, err := w.Add(t.Context(), serve(t, blog.ServeHTTP), "Blog", "all")
			require.NoError(t, err)
			blog.set(func(s *site) { s.entries = rest })
			w.again(t)
			blog.set(func(s *site) {
				s.entries = append([]string{entryShowing("b", c.title, c.picture, c.words, now.Add(-7*time.Minute))},
					rest...)
			})
			w.again(t)
			require.Contains(t, w.byName(t)["tag:blog,b"], c.want)
		})
	}
}

// byName returns the states and reasons of the publications by GUID.
func (w *fixture) byName(t *testing.T) map[string]string {
	list, err := w.store.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	out := map[string]string{}
	for _, p := range list {
		out[p.Post.GUID] = string(p.State)
		if !p.Reason.IsZero() {
			out[p.Post.GUID] += ": " + p.Reason.String()
		}
	}
	return out
}
