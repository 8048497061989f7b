package words

import (
	"fmt"
	"strings"
	"time"
)

// What keeps a database from being used.
const (
	DatabaseDamaged  = "the database is damaged"
	DatabaseNotToEnd = "it could not be read to its end"
	DatabaseOlder    = "the database is older than this program: start `postern serve` once, it migrates the " +
		"database"
	DatabaseNewer = "the database was written by a newer version of postern: use that version, or restore a " +
		"backup"
	DatabaseLogInUse    = "emptying the database's log: another process is reading the database"
	KeyChangedMeanwhile = "the key of the stored secrets was changed at this moment, nothing was stored: do that again"
	FeedKeyMissing      = "the address of the feed holds a password or a key, and there is no key to seal it with"
	FeedRemoved         = "the feed was removed"
)

// What an order meets that came too late.
const (
	ChangedMeanwhile = "changed meanwhile by someone else"
	NotPossibleNow   = "this is not possible now"
)

// FileForeign tells that the file at path is something else than a database of Postern's.
func FileForeign(path string) string { return path + " is not a database of postern" }

// FileForeignInTheWay is FileForeign where a database should be.
func FileForeignInTheWay(path string) string {
	return path + " is not a database of postern. Move it away, or restore a backup"
}

// DatabaseSmuggled names triggers and views that another program put into the database.
func DatabaseSmuggled(names []string) string {
	return "the database has triggers or views that are not Postern's: " + strings.Join(names, ", ")
}

// FileDamaged tells that the database at path is damaged.
func FileDamaged(path string) string {
	return fmt.Sprintf("the database %s is damaged: restore a backup", path)
}

// DatabaseDamagedBecause tells what SQLite finds wrong with the database.
func DatabaseDamagedBecause(finding string) string {
	return fmt.Sprintf("the database is damaged (%s)", finding)
}

// DatabaseNotLocal tells that the data directory is on a disk where SQLite cannot work. mode is what SQLite fell back
// to.
func DatabaseNotLocal(mode string) string {
	return fmt.Sprintf("the database could not be put into WAL mode (it is %q): the data directory must be on a "+
		"local disk",
		mode)
}

// AccountKnown tells that an Instagram account is connected already.
func AccountKnown(id int64, name string) string {
	return fmt.Sprintf("this Instagram account is already there as account %d (%s)", id, name)
}

// FeedKnown tells that a feed was added already.
func FeedKnown(name string, id int64) string {
	return fmt.Sprintf("%s is already there as feed %d", name, id)
}

// AddressOfFeed tells that an address is that of another feed.
func AddressOfFeed(id int64, removed bool) string {
	if removed {
		return fmt.Sprintf("the address is that of feed %d, which was removed", id)
	}
	return fmt.Sprintf("the address is that of feed %d", id)
}

// TokenLabelInvalid tells how long the label of an API token may be.
func TokenLabelInvalid(most int) string {
	return fmt.Sprintf("a token needs a label of 1 to %d characters that says who uses it", most)
}

// StartAdditionUnknown tells what may follow a start rule.
func StartAdditionUnknown(rule string) string {
	return fmt.Sprintf("start %q is not known: after the rule come daily or hold", rule)
}

// StartNumberInvalid tells that last: in a start rule needs a number.
func StartNumberInvalid(rule string) string {
	return fmt.Sprintf("start %q: after last: comes a number from 1", rule)
}

// StartUnknown tells which start rules there are.
func StartUnknown(rule string) string {
	return fmt.Sprintf("start %q is not known: use now, all, last:N or a date such as 2026-01-31", rule)
}

// OrderStale tells that a publication is in another state than the one that was decided about.
func OrderStale(id int64, state, shown string) string {
	return fmt.Sprintf("publication %d: it is %s by now, not %s", id, state, shown)
}

// EditStale tells that a publication was edited since it was read.
func EditStale(id int64) string {
	return fmt.Sprintf("publication %d was edited meanwhile: look at it again", id)
}

// RetryMayBeLive tells that a publication may be live, and how to say that it is not.
func RetryMayBeLive(id int64) string {
	return fmt.Sprintf("publication %d may be live. Look at the profile first, and say --not-live if it is not there",
		id)
}

// AccountOfPublicationRemoved tells that a publication has no account to go to.
func AccountOfPublicationRemoved(id int64) string {
	return fmt.Sprintf("the account of publication %d was removed. Add the account again first", id)
}

// SkippedMayBeLive tells that a skipped publication was asked for and may be live.
func SkippedMayBeLive(id int64, asked time.Time) string {
	return fmt.Sprintf("publication %d was asked for on %s and may be live, so it stays skipped", id,
		asked.Format("2 January 2006 15:04"))
}

// SameElsewhere tells that another feed brought the same post, whose publication is other. fate is what became of that.
func SameElsewhere(id, other int64, feed, fate string) string {
	return fmt.Sprintf("publication %d is the same post as publication %d of the feed %s, %s. An account publishes a post "+
		"once", id, other, feed, fate)
}

// SameElsewhereWaits is SameElsewhere for another publication that can be skipped.
func SameElsewhereWaits(id, other int64, feed, fate string) string {
	return fmt.Sprintf("publication %d is the same post as publication %d of the feed %s, %s. Skip publication %[2]d first "+
		"to publish this one", id, other, feed, fate)
}

// NotLiveWithAddress tells that there is nothing of a publication to send to a webhook.
func NotLiveWithAddress(id int64) string {
	return fmt.Sprintf("publication %d has no webhook to send yet, because it is not live or has no permalink", id)
}

// PublicationWithoutWebhook tells that no webhook is set for a publication.
func PublicationWithoutWebhook(id int64) string {
	return fmt.Sprintf("publication %d has no webhook. Set one for its account first", id)
}

// PublicationHeldAlready tells why a publication is on hold, and which commands are possible.
func PublicationHeldAlready(id int64, reason string, commands []string) string {
	return fmt.Sprintf("publication %d is already on hold: %s. %s", id, reason, doOneOf(commands))
}

// PublicationIs tells the state of a publication, of which nothing more can be done. clause is such as "is already
// published".
func PublicationIs(id int64, clause string) string {
	return fmt.Sprintf("publication %d %s", id, clause)
}

// PublicationIsAndTakes tells the state of a publication and which commands are possible.
func PublicationIsAndTakes(id int64, clause string, commands []string) string {
	return fmt.Sprintf("publication %d %s. %s", id, clause, doOneOf(commands))
}

// PublicationMayBeLive tells that a person has to look for a publication, and which commands are possible then.
func PublicationMayBeLive(id int64, commands []string) string {
	return fmt.Sprintf("publication %d %s. Look at the profile, then %s it", id, ClauseMayBeLive, orList(commands))
}

// EditsClosed tells that a publication cannot be edited in its state; it may be able to later.
func EditsClosed(id int64, clause string) string {
	return fmt.Sprintf("publication %d %s, so its caption and pictures can't be edited now", id, clause)
}

// EditsFinal tells that a publication cannot be edited any more.
func EditsFinal(id int64, clause string) string {
	return fmt.Sprintf("publication %d %s, so its caption and pictures are final", id, clause)
}

// The state of a publication, as it follows its number.
const (
	ClauseWaiting          = "is waiting"
	ClauseHeld             = "is on hold"
	ClauseHeldAlready      = "is already on hold"
	ClausePreparing        = "is being prepared at Instagram"
	ClausePreparingAlready = "is already being prepared at Instagram"
	ClausePublishing       = "is being published"
	ClausePublishedNow     = "is already being published"
	ClausePublished        = "is already published"
	ClauseFailed           = "failed"
	ClauseMayBeLive        = "may be live"
	ClauseSkipped          = "is skipped"
	ClauseSkippedAlready   = "is already skipped"
)

// doOneOf is the sentence that names commands: "Publish, approve or skip it".
func doOneOf(commands []string) string {
	list := orList(commands)
	return strings.ToUpper(list[:1]) + list[1:] + " it"
}

// orList joins words with commas, and the last two with "or".
func orList(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return fmt.Sprintf("%s or %s", strings.Join(list[:last], ", "), list[last])
}

// WebhookOfAccount names the webhook of an account.
func WebhookOfAccount(account int64) string { return fmt.Sprintf("webhook of account %d", account) }

// WebhookOfFeed names the webhook of a feed on an account.
func WebhookOfFeed(feed, account int64) string {
	return fmt.Sprintf("webhook of feed %d on account %d", feed, account)
}
