package words

import "fmt"

// What the owner can do about a post on the command line. A remedy is one of these sentences, or several as a Text.
const (
	AccountWasRemoved = "The account was removed."
	AccountIsPaused   = "The account is paused."
	RunAccountAdd     = "Run `postern account add` to add the account again."
	RunReconnect      = "Run `postern account add --access-token-file FILE` to connect the account again with a " +
		"new access token."
	RunDoctor          = "Run `postern doctor` to see the problem."
	RunSync            = "Run `postern sync` to check now."
	SetBaseURL         = "Set `web.base_url` in the configuration, then restart Postern."
	AddPictureOnSite   = "Add a picture on the site."
	FixPostAnywhere    = "Fix the post on the site or on its page of Postern."
	FixProblem         = "Fix the problem."
	CorrectDatePaused  = "Correct the date on the site. Postern reads it after you resume the feed."
	CorrectDate        = "Correct the date on the site."
	NoAccountTakesIt   = "No account takes the feed."
	FeedIsOff          = "The feed is switched off."
	HeldInItsTurn      = "When its turn comes, Postern puts it on hold."
	HeldUntilItFits    = "It stays on hold until the caption fits."
	SkippedInItsTurn   = "When its turn comes, Postern skips it."
	PublishedAfterThat = "Postern publishes it after that."
	GoesOutInItsTurn   = "It goes out in its turn."
	GoesOutAfterFix    = "The post goes out after the problem is fixed."
	NoRetry            = "Postern does not try again by itself."
	ContinuesWhenBack  = "It continues when the post is back on the site."
	FilterIsFinal      = "A later change of the filters or of the post does not bring it back."
	FromFeed           = "An account publishes a post once. To publish this one instead, skip the other one before it goes " +
		"out. If they are two posts, give this one an address and an id of its own on the site."
	StaysSkipped     = "Postern does not put a skipped post back in the queue by itself."
	MayBeLiveForGood = "Look at the profile: the post may be live, so Postern does not publish it again."
	LooksAfterResume = "Postern looks for the file again after you resume the feed."
	LooksAtCheckNow  = "Postern looks for the file again at the next check of the feed, which is due now."
)

// RunApprove names the command that lets a publication go out in its turn.
func RunApprove(id int64) string {
	return fmt.Sprintf("Run `postern approve %d` to publish it in its turn.", id)
}

// RunPublish names the command that publishes at once.
func RunPublish(id int64) string {
	return fmt.Sprintf("Run `postern publish %d` to publish it now.", id)
}

// RunPublishAnyway names the command that publishes in spite of a filter.
func RunPublishAnyway(id int64) string {
	return fmt.Sprintf("Run `postern publish %d` to publish it anyway.", id)
}

// RunSkip names the command that leaves a publication out.
func RunSkip(id int64) string { return fmt.Sprintf("Run `postern skip %d` to skip it.", id) }

// RunRetry names the command that tries a failed publication at once.
func RunRetry(id int64) string { return fmt.Sprintf("Run `postern retry %d` to try again now.", id) }

// ThenRunApprove names the command after a first step, and the other one.
func ThenRunApprove(id int64) string {
	return fmt.Sprintf("Then run `postern approve %d`. Or run `postern skip %[1]d` to skip it.", id)
}

// ThenRunRetry names the command after a first step, and the other one.
func ThenRunRetry(id int64) string {
	return fmt.Sprintf("Then run `postern retry %d`. Or run `postern skip %[1]d` to skip it.", id)
}

// ConfirmOrRetry tells what to do with a publication that may be live.
func ConfirmOrRetry(id int64) string {
	return fmt.Sprintf("Look at the profile. If the post is there, run `postern confirm %d`. If it is not there, run "+
		"`postern retry %[1]d --not-live`.", id)
}

// PublishOrSkip tells what to do with a publication on hold that may be live already.
func PublishOrSkip(id int64) string {
	return fmt.Sprintf("Look at the profile. If the post is not there, run `postern publish %d`. If it is there, run "+
		"`postern skip %[1]d`.", id)
}

// RunAccountResume names the command that resumes an account.
func RunAccountResume(account int64) string {
	return fmt.Sprintf("Run `postern account resume %d` to resume the account.", account)
}

// RunAccountSet names the command that corrects or clears a setting of an account.
func RunAccountSet(account int64, setting string) string {
	return fmt.Sprintf("Correct the setting with `postern account set %d %s=VALUE`, or clear it with an empty value.",
		account, setting)
}

// RunFeedRouteSet names the command that corrects or clears a setting of a feed on an account.
func RunFeedRouteSet(feed, account int64, setting string) string {
	return fmt.Sprintf("Correct the setting with `postern feed route %d %d %s=VALUE`, or clear it with an empty value.",
		feed, account, setting)
}

// CorrectSettingOnSite says where a setting of the post's own is corrected.
func CorrectSettingOnSite(setting string) string {
	return fmt.Sprintf("Correct `%s` in the post on your site.", setting)
}

// RunApproveCaption names the command that shortens a caption.
func RunApproveCaption(id int64) string {
	return fmt.Sprintf("Shorten the caption with `postern approve %d --caption TEXT`.", id)
}

// ShortenOrSetAccount names the commands that shorten a caption, and that let it be cut.
func ShortenOrSetAccount(id, account int64) string {
	return fmt.Sprintf("Shorten the caption with `postern approve %d --caption TEXT`. Or run `postern account set %d "+
		"truncate=yes`, then `postern approve %[1]d`.", id, account)
}

// ShortenOrSetRoute is ShortenOrSetAccount where the feed on the account keeps the caption from being cut.
func ShortenOrSetRoute(id, feed, account int64) string {
	return fmt.Sprintf("Shorten the caption with `postern approve %d --caption TEXT`. Or run `postern feed route %d %d "+
		"truncate=yes`, then `postern approve %[1]d`.", id, feed, account)
}

// ShortenOrCorrectEntry is ShortenOrSetAccount where the post's own markup keeps the caption from being cut.
func ShortenOrCorrectEntry(id int64) string {
	return fmt.Sprintf("Shorten the caption with `postern approve %d --caption TEXT`. Or switch `truncate` on in the "+
		"post on your site, then run `postern approve %[1]d`.", id)
}

// SwitchSyndicateOnSite is for a post whose entry has syndicate off.
const SwitchSyndicateOnSite = "Switch `syndicate` on in the post on your site."

// SwitchSyndicateOnAccount is for syndicate that is off in the settings of an account.
func SwitchSyndicateOnAccount(account int64) string {
	return fmt.Sprintf("Switch `syndicate` on with `postern account set %d syndicate=true`.", account)
}

// SwitchSyndicateOnRoute is for syndicate that is off in the settings of a feed on an account.
func SwitchSyndicateOnRoute(feed, account int64) string {
	return fmt.Sprintf("Switch `syndicate` on with `postern feed route %d %d syndicate=true`.", feed, account)
}

// SwitchSyndicateOn names the places where syndicate may be off.
func SwitchSyndicateOn(account, feed int64) string {
	return fmt.Sprintf("Switch `syndicate` on where it is off: on the site, with `postern account set %d "+
		"syndicate=true`, or with `postern feed route %d %[1]d syndicate=true`.", account, feed)
}

// ReleaseAlike counts the posts that are on hold for one reason, which one command releases.
func ReleaseAlike(held int) string {
	return fmt.Sprintf("%d posts are on hold for this reason. Run `postern publications --state held` to see how to "+
		"release all of them.", held)
}

// IfNew names the commands for a held post that is a new one.
func IfNew(id int64) string {
	return fmt.Sprintf("If it is a new post, run `postern approve %d`, or run `postern publish %[1]d` to publish it now.",
		id)
}

// IfSame names the command for a held post that is a known one.
func IfSame(id int64) string {
	return fmt.Sprintf("If it is the same post, run `postern skip %d`.", id)
}

// IfSameUnpublished is IfSame where the earlier post was not published.
func IfSameUnpublished(id int64) string {
	return fmt.Sprintf("If it is the same post, run `postern skip %d`. Postern then publishes neither of the two.", id)
}

// IfSamePublication is IfSame where the earlier post has a publication.
func IfSamePublication(id, earlier int64) string {
	return fmt.Sprintf("If it is the same post, run `postern skip %d`. Publication %d stays as it is. Run `postern "+
		"publications %[2]d` to see it.", id, earlier)
}

// OthersGoFirst tells when a publication goes out after others of its account. clock is a time in words.
func OthersGoFirst(clock string) string {
	return fmt.Sprintf("Others go out before it. Postern publishes it at about %s.", clock)
}

// AsksForFileAgain tells when Postern fetches a file again, "" for as soon as the turn of its post comes.
func AsksForFileAgain(clock string) string {
	if clock == "" {
		return "Postern asks for the file again as soon as its turn comes."
	}
	return fmt.Sprintf("Postern asks for the file again at %s.", clock)
}

// Continues tells when Postern does the next step of a publication, "" for as soon as its turn comes.
func Continues(clock string) string {
	if clock == "" {
		return "Postern continues by itself as soon as its turn comes."
	}
	return fmt.Sprintf("Postern continues by itself at %s.", clock)
}

// TriesAgain tells when Postern tries a publication again, "" for as soon as its turn comes.
func TriesAgain(clock string) string {
	if clock == "" {
		return "Postern tries again by itself as soon as its turn comes."
	}
	return fmt.Sprintf("Postern tries again by itself at %s.", clock)
}

// LooksAgainAt tells when Postern looks for a missing file again. day is a day and a time in words.
func LooksAgainAt(day string) string {
	return fmt.Sprintf("Postern looks for the file again at %s, and each time you check the feed.", day)
}

// LooksAgainAfter is LooksAgainAt where the first check after the time looks for it.
func LooksAgainAfter(day string) string {
	return fmt.Sprintf("Postern looks for the file again at the first check of the feed after %s, and each time you "+
		"check the feed.", day)
}

// RunAccountAddOrRoute names the commands that give a feed an account.
func RunAccountAddOrRoute(feed int64) string {
	return fmt.Sprintf("Run `postern account add`, or `postern feed route %d ACCOUNT`.", feed)
}

// RunFeedResume names the command that resumes a feed.
func RunFeedResume(feed int64) string {
	return fmt.Sprintf("Run `postern feed resume %d` to resume it.", feed)
}

// RunFeedRoute names the command that switches a feed on for an account.
func RunFeedRoute(feed, account int64, name string) string {
	return fmt.Sprintf("Run `postern feed route %d %d` to switch it on for %s.", feed, account, name)
}

// ThenRunPublishPost names the command that publishes an older post after it was read again.
func ThenRunPublishPost(post int64) string {
	return fmt.Sprintf("Then run `postern publish post:%d` to publish it.", post)
}

// StaysSkippedBefore tells that a post does not go out when its feed is switched on, and how it does.
func StaysSkippedBefore(post int64) string {
	return fmt.Sprintf("The post stays skipped then, because it was there before. Run `postern publish post:%d` after "+
		"that to publish it.", post)
}
