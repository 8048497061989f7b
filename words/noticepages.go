package words

import (
	"fmt"
	"strings"
)

// Notices, and the pages of webhooks.
const (
	SeverityInfo = "good to know"
	LinkWebhook  = "To the webhook"
	LinkPost     = "To the publication"
	LinkAccounts = "To the accounts"
	LinkFeeds    = "To the feeds"
	TargetInFile = "Nothing was done: this target is in the configuration. Take it out of `notify.urls` and restart " +
		"Postern."
	WebhookGone   = "The webhook and its secret are deleted."
	WebhookSilent = "The test did not arrive: there was no answer."
	NobodyTold    = "Postern notifies nobody."
)

// MessagesOfNotice counts the messages about a notice by what became of them.
func MessagesOfNotice(sent, underway, undelivered int) string {
	var list []string
	if sent > 0 {
		list = append(list, count(sent, "message sent", "messages sent"))
	}
	if underway > 0 {
		list = append(list, count(underway, "message on its way", "messages on their way"))
	}
	if undelivered > 0 {
		list = append(list, count(undelivered, "message not delivered", "messages not delivered"))
	}
	return strings.Join(list, ", ")
}

// TargetNotKept tells why a notification target was not added. why is a sentence.
func TargetNotKept(why string) string {
	return fmt.Sprintf("Nothing was saved: %s Paste it again: Postern does not show it.", why)
}

// TargetKept tells that notices go to one more target.
func TargetKept(target string) string {
	return fmt.Sprintf("Postern now also sends notices to %s. Send a test to see whether they arrive.", target)
}

// TargetTestFailed tells why a test did not arrive. why is a sentence.
func TargetTestFailed(target, why string) string {
	return fmt.Sprintf("%s did not take the test: %s", target, why)
}

// TargetTestSent tells that a test was taken.
func TargetTestSent(target string) string {
	return fmt.Sprintf("Sent a test to %s. If it does not arrive, look there.", target)
}

// TargetGone tells that a target was removed.
func TargetGone(target string) string {
	return fmt.Sprintf("Postern sends no more notices to %s.", target)
}

// WebhookNotKept tells why an address was not saved. why is a reason without a full stop.
func WebhookNotKept(why string) string {
	return fmt.Sprintf("Nothing was saved: %s. Paste it again: Postern does not show it.", why)
}

// WebhookKept tells what a webhook needs next.
func WebhookKept(host string) string {
	return fmt.Sprintf("Postern notifies %s when a post is live. Give it the secret, and send a test.", host)
}

// WebhookTestFailed tells why a test did not arrive. why is a sentence.
func WebhookTestFailed(why string) string { return fmt.Sprintf("The test did not arrive: %s", why) }

// PageWebhookAnswered tells the HTTP status of a test.
func PageWebhookAnswered(host string, status int) string {
	return fmt.Sprintf("%s answered %d.", host, status)
}

// FeedOnAccount names a feed on one account.
func FeedOnAccount(feed, account string) string { return fmt.Sprintf("%s on %s", feed, account) }
