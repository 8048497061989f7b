package draft

import (
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// GoesOutWhen returns what would make a post go out that was not taken: sentences for its owner.
func GoesOutWhen(l store.LeftOut) string {
	p, f := l.Post, l.Feed
	if !f.RemovedAt.IsZero() {
		return words.LeftOutFeedRemoved
	}
	remedy := words.LeftOutOther
	switch p.WhyLeftOut().Code {
	case reason.NoAccount:
		return words.LeftOutNoAccount
	case reason.EntryUnreadable:
		return words.LeftOutFault
	case reason.PasswordProtected:
		remedy = words.LeftOutPassword
	case reason.EntryRepeatsID:
		remedy = words.LeftOutID
	case reason.NoMedia:
		remedy = words.LeftOutPicture
		if p.WhyLeftOut() != reason.New(reason.NoMedia, "") {
			remedy = words.LeftOutOwnPicture
		}
	}
	return words.LeftOutUntilCheck(remedy, f.Paused, l.Older)
}

// NextCheck returns when the post's feed is checked next; zero when the feed is paused or was removed.
func NextCheck(f store.Feed) time.Time {
	if f.Paused || !f.RemovedAt.IsZero() {
		return time.Time{}
	}
	return f.NextPollAt
}
