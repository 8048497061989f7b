package draft

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

func TestGoesOutWhen(t *testing.T) {
	t.Parallel()
	const (
		alone    = " Postern takes the post as a new one at its next check of the feed."
		yourself = " It was there when the feed was added, so publish it yourself after the next check."
	)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	later := store.Post{Reason: reason.New(reason.NoMedia, ""), PublishedAt: day}
	first := later
	first.Initial, first.Rank = true, 6
	for name, c := range map[string]struct {
		post store.Post
		feed store.Feed
		want string
	}{
		"no picture": {later, store.Feed{StartRule: "now"}, "Add a picture on the site." + alone},
		"a drawing": {
			store.Post{Reason: reason.New(reason.NoMedia, "a drawing (SVG), https://a.example/d.svg")}, store.Feed{},
			"Add a JPEG or PNG picture with an address of its own on the site." + alone},
		"protected": {store.Post{Reason: reason.New(reason.PasswordProtected)}, store.Feed{},
			"Remove the password on the site." + alone},
		"protected with picture": {store.Post{Reason: reason.New(reason.PasswordProtected), Media: []store.Media{{}}},
			store.Feed{}, "Remove the password on the site." + alone},
		"repeats an id": {store.Post{Reason: reason.New(reason.EntryRepeatsID)}, store.Feed{},
			"Give it an id of its own on the site." + alone},
		"not wanted": {store.Post{Reason: reason.New(reason.SyndicateFalse)}, store.Feed{},
			"Change this on the site." + alone},
		"stored before codes": {store.Post{Reason: reason.Text("no way")}, store.Feed{},
			"Change this on the site." + alone},
		"unreadable": {
			store.Post{Reason: reason.New(reason.EntryUnreadable, "index out of range"), Initial: true},
			store.Feed{StartRule: "now"},
			"Please report this fault. Postern reads the post again at each check of the feed."},
		"start now":             {first, store.Feed{StartRule: "now"}, "Add a picture on the site." + yourself},
		"start now, all held":   {first, store.Feed{StartRule: "now hold"}, "Add a picture on the site." + yourself},
		"start all":             {first, store.Feed{StartRule: "all"}, "Add a picture on the site." + alone},
		"start all, daily":      {first, store.Feed{StartRule: "all daily"}, "Add a picture on the site." + alone},
		"start with the last":   {first, store.Feed{StartRule: "last:3"}, "Add a picture on the site." + yourself},
		"start before its date": {first, store.Feed{StartRule: "2026-02-01"}, "Add a picture on the site." + alone},
		"start after its date":  {first, store.Feed{StartRule: "2026-04-01"}, "Add a picture on the site." + yourself},
		"paused": {later, store.Feed{Paused: true},
			"Add a picture on the site. Then resume the feed." + alone},
		"no account": {store.Post{Decision: store.Publish}, store.Feed{StartRule: "now"},
			"Connect an account, or let one take the feed in its settings."},
		"removed": {later, store.Feed{RemovedAt: day},
			"The feed was removed, so Postern no longer reads this post. Add the feed again to publish it."},
	} {
		require.Equal(t, c.want, GoesOutWhen(store.LeftOut{Post: c.post, Feed: c.feed,
			Older: c.post.Initial && !c.feed.Takes(c.post)}), name)
	}
}
