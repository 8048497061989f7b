package draft

import (
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// GoesOutWhen returns sentences for the owner that say under which conditions a post without a publication would be
// published.
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

// NextCheck returns when the feed is polled next; zero if it is paused or removed.
func NextCheck(f store.Feed) time.Time {
	if f.Paused || !f.RemovedAt.IsZero() {
		return time.Time{}
	}
	return f.NextPollAt
}
