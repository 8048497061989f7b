package draft

import (
	"time"

	"postern/reason"
	"postern/store"
)

// GoesOutWhen returns what would make a post go out that was not taken: sentences for its owner.
func GoesOutWhen(p store.Post, f store.Feed) string {
	if !f.RemovedAt.IsZero() {
		return "The feed was removed, so Postern no longer reads this post. Add the feed again to publish it."
	}
	remedy := "Change this on the site."
	switch p.WhyLeftOut().Code {
	case reason.NoAccount:
		return "Connect an account, or let one take the feed in its settings."
	case reason.EntryUnreadable:
		return "Please report this fault. Postern reads the post again at each check of the feed."
	case reason.PasswordProtected:
		remedy = "Remove the password on the site."
	case reason.EntryRepeatsID:
		remedy = "Give it an id of its own on the site."
	case reason.NoMedia:
		remedy = "Add a picture on the site."
		if p.WhyLeftOut() != reason.New(reason.NoMedia, "") {
			remedy = "Add a JPEG or PNG picture with an address of its own on the site."
		}
	}
	if f.Paused {
		remedy += " Then resume the feed."
	}
	if p.Initial && !f.Takes(p) {
		return remedy + " It was there when the feed was added, so publish it yourself after the next check."
	}
	return remedy + " Postern takes the post as a new one at its next check of the feed."
}

// NextCheck returns when the post's feed is checked next; zero when the feed is paused or was removed.
func NextCheck(f store.Feed) time.Time {
	if f.Paused || !f.RemovedAt.IsZero() {
		return time.Time{}
	}
	return f.NextPollAt
}
