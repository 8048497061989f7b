package publisher

import (
	"time"

	"postern/store"
)

// GoesOutWhen returns what would make a post go out that was not taken: a sentence for its owner.
func GoesOutWhen(p store.Post, f store.Feed) string {
	switch {
	case len(p.Media) == 0 && p.Initial && f.StartRule != "all":
		return "Add a picture on the site. The post is older than the feed's start, so publish it yourself after the next check."
	case len(p.Media) == 0:
		return "Add a picture on the site. Postern publishes the post after its next check of the feed."
	}
	return "Change this on the site. Postern reads the post again at each check of the feed."
}

// NextCheck returns when the post's feed is checked next; zero when the feed is paused or was removed.
func NextCheck(f store.Feed) time.Time {
	if f.Paused || !f.RemovedAt.IsZero() {
		return time.Time{}
	}
	return f.NextPollAt
}
