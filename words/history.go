package words

import (
	"fmt"
	"strings"
	"time"
)

// What the history of a publication tells about its owner and its site.
const (
	HistoryPublishAsked   = "you asked to publish it now"
	HistoryApproved       = "you approved it"
	HistoryPutBack        = "you put it back in the queue"
	HistoryRetryAsked     = "you asked to retry it"
	HistoryOlderApproved  = "you approved all older posts"
	HistoryDateCorrected  = "the site corrected its date"
	HistoryBackOnSite     = "the post is on the site again"
	HistoryPictureFound   = "the site has the picture now"
	HistoryChanged        = "the site changed the post"
	HistoryChangedTooLate = "the post was changed on the site; the copy stays as it was sent"
)

// HistoryNewID tells that the entry of a publication has a new id in its feed.
func HistoryNewID(id string) string { return "its entry has a new id, " + id }

// HistoryEdited names what an edit changed: one or more of the constants below.
func HistoryEdited(what []string) string { return "edited: " + strings.Join(what, ", ") }

// The parts of an edit.
const (
	EditCaption         = "the caption"
	EditCaptionFollows  = "the caption follows the site again"
	EditPictures        = "the choice of pictures"
	EditPicturesFollow  = "the pictures follow the site again"
	EditAlternativeText = "alt text"
)

// HistoryAccountAdded tells the name of an account that was added. again is whether it had been removed before.
func HistoryAccountAdded(name string, again bool) string {
	if again {
		return fmt.Sprintf("the account was added as %s, with its earlier settings", name)
	}
	return "the account was added as " + name
}

// HistoryFeedAdded tells with which start rule a feed was added.
func HistoryFeedAdded(start string) string { return "the feed was added with start " + start }

// What the history of a feed tells.
const (
	HistoryFeedReadable = "the feed can be read again"
	HistoryDatesRight   = "new entries are no longer dated ahead, so Postern uses their dates unchanged again"
)

// HistoryDatesAhead tells that Postern subtracts lead, in hours and minutes, from the dates of a feed.
func HistoryDatesAhead(lead time.Duration) string {
	return fmt.Sprintf("the feed dates its entries %d:%02d h ahead, as with the wrong time zone: Postern subtracts that",
		int(lead.Hours()), int(lead.Minutes())%60)
}

// HistoryClockRight tells how far ahead the clock of the machine was.
func HistoryClockRight(ahead time.Duration) string {
	return fmt.Sprintf("the clock was %s ahead and is right again; the times that it set are corrected", ahead)
}

// HistoryRestored tells from when the restored backup was, and how many publications were put on hold.
func HistoryRestored(backup time.Time, held int) string {
	return fmt.Sprintf("restored from a backup of %s: %d held", backup.Format(minuteLayout), held)
}

// HistoryMoved tells that the database lies in another place, and since when Postern compares posts with the profile.
func HistoryMoved(since time.Time) string {
	return fmt.Sprintf("the database is no longer in its previous place; what was not published by %s is compared with "+
		"the profile before it goes out", since.Format(minuteLayout))
}

// HistoryPutBackDatabase tells that the database is an earlier one, and since when Postern compares posts with the
// profile.
func HistoryPutBackDatabase(since time.Time) string {
	return fmt.Sprintf("the database is older than the one used before; what was not published by %s is compared with the "+
		"profile before it goes out", since.Format(minuteLayout))
}

// minuteLayout is a time to the minute with its zone.
const minuteLayout = "2 January 2006 15:04 MST"

// HistoryTokenMade tells that an API token was made. mayWrite is whether it may give orders.
func HistoryTokenMade(label string, mayWrite bool) string {
	if mayWrite {
		return fmt.Sprintf("API token “%s” created, for reading and writing", label)
	}
	return fmt.Sprintf("API token “%s” created, for reading", label)
}

// HistoryTokenRemoved tells that an API token was removed.
func HistoryTokenRemoved(label string) string {
	return fmt.Sprintf("API token “%s” removed", label)
}

// What the history of an account tells of its webhook.
const (
	HistoryWebhookOff     = "Postern sends no webhook when a post is live"
	HistoryWebhookRemoved = "the webhook was removed"
)

// HistoryWebhookSet tells to which host Postern sends a webhook.
func HistoryWebhookSet(host string) string {
	return fmt.Sprintf("Postern sends a webhook to %s when a post is live", host)
}

// What became of an earlier post, as it follows the title of that post in a sentence.
const (
	FateNotPublished   = "which this account has not published"
	FateWaiting        = "waiting to be published"
	FateInProgress     = "which is being published"
	FateHeld           = "on hold and not published"
	FateFailed         = "failed and not published"
	FateMayBeLive      = "which may be live"
	FateSkipped        = "skipped and never published"
	FateSkippedOrLive  = "skipped, though it may be live"
	fatePublishedStart = "published on "
)

// FatePublished tells the day on which an earlier post was published.
func FatePublished(day time.Time) string { return fatePublishedStart + day.Format("2 January 2006") }
