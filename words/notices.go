package words

import (
	"fmt"
	"time"
)

// The notices: what is wrong, and what its owner can do. account, feed, target and post are names; why is a sentence
// with its full stop.

// NoticeTargetFails tells that messages to a target do not arrive.
func NoticeTargetFails(target, why string) string {
	return fmt.Sprintf("Messages to %s do not arrive: %s", target, why)
}

// Remedies of notices.
const (
	FixTargetFails = "Postern tries again. Send a test; if it fails, remove the target and add it again."
	FixFeedFails   = "Postern tries again. If the site has moved, add its new address and remove this feed."
	FixTokenLost   = "Make a new access token in Meta's app dashboard and connect the account again. Waiting " +
		"posts then go on where they were."
	FixTokenRefresh     = "Postern tries again, and publishing goes on meanwhile."
	FixTokenRefreshSoon = "Postern tries again. If that keeps failing, publishing stops when the token expires. " +
		"To be safe, make a new access token in Meta's app dashboard and connect the account again."
	FixPublicationFailed  = "Fix the problem, then retry or skip the post on its page."
	FixPublicationSetting = "Correct the setting, then approve or skip the post on its page."
	FixPublicationWaits   = "Postern asks the site again every 10 minutes and then publishes. Or skip the " +
		"post on its page."
	FixPublicationBlocked = "Set `network.allow` and restart Postern. It then publishes the post. Or skip " +
		"the post on its page."
	FixPublicationFFmpeg = "Install ffmpeg on this machine (apt-get install ffmpeg) and restart Postern. It then " +
		"publishes the post. Or skip the post on its page."
	FixPublicationFFmpegOff = "Switch `media.ffmpeg` on in the configuration and restart Postern. It then publishes the " +
		"post. Or skip the post on its page."
	FixPublicationUnconfirmed = "Check the profile, then say on the post's page whether the post is there."
	FixWebhookStopped         = "When it accepts messages again, send a test from the account's webhook page. Or " +
		"set another address there, or remove the webhook."
)

// NoticeFeedCrashed tells that Postern paused a feed after crashes.
func NoticeFeedCrashed(feed string, crashes int) string {
	return fmt.Sprintf("Postern crashed %s while it read the feed %s, so it paused the feed.", times(crashes), feed)
}

// FixFeedCrashed names the command that resumes a feed.
func FixFeedCrashed(id int64) string {
	return fmt.Sprintf("Check what the feed shows, then resume it (`postern feed resume %d`). Other feeds are not "+
		"affected.", id)
}

// NoticeFeedFails tells how many times in a row a feed could not be read.
func NoticeFeedFails(feed string, failures int, why string) string {
	if failures == 1 {
		return fmt.Sprintf("Postern could not read the feed %s at its last check: %s", feed, why)
	}
	return fmt.Sprintf("Postern could not read the feed %s %d times in a row: %s", feed, failures, why)
}

// FixFeedFailsFirst says when a feed that failed is read again, and after how many failures its owner is notified.
func FixFeedFailsFirst(next, now time.Time, failures int) string {
	return fmt.Sprintf("Postern tries again at %s. It notifies you after %d failures in a row.",
		Clock(next, now), failures)
}

// FixFeedFailsNow is FixFeedFailsFirst for a feed whose next check is due.
func FixFeedFailsNow(failures int) string {
	return fmt.Sprintf("Postern tries again now. It notifies you after %d failures in a row.", failures)
}

// FixFeedFailsStopped is FixFeedFailsFirst where no daemon runs.
func FixFeedFailsStopped(failures int) string {
	return fmt.Sprintf("Postern tries again when `postern serve` or `postern sync` runs. It notifies you after %d "+
		"failures in a row.", failures)
}

// NoticeFeedStopped tells why Postern paused a feed.
func NoticeFeedStopped(feed, why string) string {
	return fmt.Sprintf("Postern paused the feed %s: %s", feed, why)
}

// FixFeedStopped names the command that resumes a feed.
func FixFeedStopped(id int64) string {
	return fmt.Sprintf("If the feed is back, resume it: run `postern feed resume %d`.", id)
}

// NoticeTokenRefresh tells that an access token could not be refreshed and in how many days it expires.
func NoticeTokenRefresh(account string, days int, ends time.Time, why string) string {
	return fmt.Sprintf("%s: Postern could not refresh the access token, which expires in %s, on %s. %s", account,
		countDays(days), dayOf(ends), why)
}

// NoticeTokenRefreshUnknown tells that an access token could not be refreshed and by when it expires at the latest.
func NoticeTokenRefreshUnknown(account string, latest time.Time, why string) string {
	return fmt.Sprintf("%s: Postern could not refresh the access token, which expires on %s at the latest. %s",
		account, dayOf(latest), why)
}

// NoticeTokenLost tells that an access token no longer works.
func NoticeTokenLost(account, why string) string {
	return fmt.Sprintf("%s needs reconnecting: %s", account, why)
}

// NoticeWaits tells that an account or a post waits.
func NoticeWaits(name, why string) string { return fmt.Sprintf("%s waits: %s", name, why) }

// FixAccountWaits tells until when an account waits. A long wait may come with a message in the Instagram app.
func FixAccountWaits(until, now time.Time, isLong bool) string {
	at := Clock(until, now)
	if isLong {
		return fmt.Sprintf("Postern continues at %s. Nothing is lost meanwhile. Check the Instagram app for a "+
			"message.", at)
	}
	return fmt.Sprintf("Postern continues at %s. Nothing is lost meanwhile.", at)
}

// NoticePublicationFailed tells that a post was not published.
func NoticePublicationFailed(post, why string) string {
	return fmt.Sprintf("%s was not published: %s", post, why)
}

// NoticePublicationUnconfirmed tells that a post may be live.
func NoticePublicationUnconfirmed(post, why string) string {
	return fmt.Sprintf("%s may be published, and Postern cannot tell: %s", post, why)
}

// NoticePublication names a post without title and address.
func NoticePublication(id int64) string { return fmt.Sprintf("Publication %d", id) }

// NoticeWebhookStopped tells that the receiver of a webhook wants no more messages.
func NoticeWebhookStopped(host, account string) string {
	return fmt.Sprintf("Postern no longer notifies %s about posts of %s: it answered that it wants no messages (410 "+
		"Gone).", host, account)
}

// How notices ended.
const (
	OutcomeFeedRemoved        = "The feed was removed or paused."
	OutcomeTargetWorks        = "Messages arrive again, or the target was removed."
	OutcomePublicationSkipped = "The post was skipped."
	OutcomeAccountGone        = "The account was removed."
	OutcomeWebhookRemoved     = "The webhook was removed."
)

// OutcomeAccountRemoved names a removed account.
func OutcomeAccountRemoved(account string) string { return account + " was removed." }

// OutcomeTokenWorks tells that an access token is refreshed again.
func OutcomeTokenWorks(account string) string {
	return account + " has an access token that works, and Postern refreshes it daily again."
}

// OutcomeAccountContinues tells that an account no longer waits.
func OutcomeAccountContinues(account string) string { return account + " no longer waits." }

// OutcomeFeedWorks tells that a feed can be read.
func OutcomeFeedWorks(feed string) string {
	return fmt.Sprintf("Postern reads the feed %s again.", feed)
}

// OutcomePublished tells that a post is live after all.
func OutcomePublished(post string) string { return post + " is published." }

// OutcomeWebhookWorks tells that a webhook's receiver takes messages.
func OutcomeWebhookWorks(host string) string {
	return fmt.Sprintf("Postern notifies %s again when a post is live.", host)
}

// OutcomeOver repeats the text of a notice that is over.
func OutcomeOver(text string) string { return "This is over: " + text }

// MessageTest is the message that tests a notification target.
const MessageTest = "This is a test. Postern sends a message here when a problem needs you, and when it is fixed."

// MessageFixed tells how a notice ended.
func MessageFixed(outcome string) string { return "Fixed: " + outcome }

// MessageMore counts the notices that are not in the message.
func MessageMore(count int) string { return fmt.Sprintf("… and %d more.", count) }

// Why a message does not arrive, or a notification target cannot be used.
const (
	TargetInvalid = "this is not a notification target such as ntfy://ntfy.sh/TOPIC or " +
		"smtp://USER:PASSWORD@HOST:587/?from=A&to=B (special characters of a password are written as %XX)"
	TargetMattermost = "for Mattermost, use the address of its incoming webhook: " +
		"generic+https://HOST/hooks/KEY?template=json&messagekey=text"
	TargetWithoutMail = "the mail address is missing. Add &to=YOU@EXAMPLE.ORG"
	TargetRedirects   = "the server answers with a redirect, which Postern does not follow. Use the address that " +
		"it leads to"
	SenderSilent    = "the sending process ended without an answer"
	SenderNoMessage = "the sending process got no message"
)

// TargetWebhook tells how to write the target of a webhook, with its scheme.
func TargetWebhook(scheme string) string {
	return fmt.Sprintf("for a webhook, put generic+ before the address: generic+%s://…", scheme)
}

// TargetServiceUnknown lists the services that there are.
func TargetServiceUnknown(services string) string {
	return fmt.Sprintf("Postern does not know this service. Use one of %s", services)
}

// TargetIncomplete tells how the target of a service is written. form is "" where only the library's pages tell.
func TargetIncomplete(service, form string) string {
	if form == "" {
		return fmt.Sprintf("a part of this target is missing or wrong. Write one for %s as "+
			"https://shoutrrr.nickfedor.com/ shows", service)
	}
	return fmt.Sprintf("a part of this target is missing or wrong. Write one for %s as %s", service, form)
}

// TargetUnusable tells that the library that sends messages fails with a target.
func TargetUnusable(why string) string {
	return fmt.Sprintf("the notification library cannot use this target: %s", why)
}

// TargetSilent tells that a target does not answer in time.
func TargetSilent(limit time.Duration) string { return fmt.Sprintf("no answer within %s", limit) }

// NoticesNone tells that nothing is wrong.
const NoticesNone = "no problems"

// NoticeCommandPublication names the command that shows more about a publication.
func NoticeCommandPublication(id int64) string {
	return fmt.Sprintf("For more, run `postern publications %d`.", id)
}

// NoticeCommandFeed names the command that shows more about a feed.
func NoticeCommandFeed(id int64) string {
	return fmt.Sprintf("For more, run `postern feed check %d`.", id)
}

// NoticeCommandAccount names the command that shows more about an account.
func NoticeCommandAccount(id int64) string {
	return fmt.Sprintf("For more, run `postern account check %d`.", id)
}

// NoticeCommandWebhook names the command that shows more about a webhook.
const NoticeCommandWebhook = "For more, run `postern webhook list`."

// What `postern notify` prints.
const (
	TargetsOnlyPages = "problems appear only on the pages. Run `postern notify add`, or add a notification target " +
		"on the pages"
	TargetsNone    = "there is no notification target yet. Run `postern notify add`, or add one on the pages"
	TargetFromFile = "a notification target contains a secret, so Postern reads it from standard input or a file. " +
		"Run echo 'ntfy://ntfy.sh/TOPIC' | postern notify add"
	TargetMissing = "there is no notification target on standard input or in the file. Run echo " +
		"'ntfy://ntfy.sh/TOPIC' | postern notify add"
	TargetPrompt = "Type the notification target, such as ntfy://ntfy.sh/TOPIC or " +
		"smtp://USER:PASSWORD@HOST:587/?from=A&to=B, then Enter and Ctrl-D:"
	TargetTested    = "the service accepted the test message"
	FixTargetTested = "check the notification target and what its service allows"
)

// TargetAdded names a new notification target and the command that tests it.
func TargetAdded(target string, id int64) string {
	return fmt.Sprintf("Postern sends notifications to %s from now on. Test it with `postern notify test %d`",
		target, id)
}

// TargetRemoved names a notification target that was removed.
func TargetRemoved(target string) string {
	return fmt.Sprintf("Postern sends no more notifications to %s", target)
}

// TargetNone tells that there is no notification target of a number.
func TargetNone(id int64) string {
	return fmt.Sprintf("there is no notification target %d. List them with `postern notify list`", id)
}
