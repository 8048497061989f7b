package words

import (
	"fmt"
	"net/http"
)

// The webhook that notifies a site's build: its settings.
const (
	WebhookAddressInvalid = "a webhook's address begins with https:// (http:// only inside network.allow), such as " +
		"https://build.example.org/hooks/postern?key=…"
	WebhookNone          = "there is no webhook. Set its address first"
	WebhookSecretDamaged = "the webhook's secret is damaged. Make a new one with `postern webhook secret --new`"
)

// WebhookRefused tells how a receiver refused a message.
func WebhookRefused(host string, status int) string {
	switch name := statusName(status); {
	case status == http.StatusGone:
		return fmt.Sprintf("%s answered %s. Postern sends nothing more there until a test arrives or you set the "+
			"webhook again", host, name)
	case status >= 300 && status < 400:
		return fmt.Sprintf("%s answered %s, a redirect, which Postern does not follow. Set the address that it "+
			"leads to",
			host, name)
	default:
		return fmt.Sprintf("%s answered %s", host, name)
	}
}

// statusName returns the number of an HTTP status with its name, if it has one: "410 (Gone)".
func statusName(status int) string {
	if name := http.StatusText(status); name != "" {
		return fmt.Sprintf("%d (%s)", status, name)
	}
	return fmt.Sprint(status)
}

// What `postern webhook` prints; see also the history of an account.
const (
	WebhookAddressOrOff = "give either an address or --off"
	WebhooksNone        = "there are no webhooks. Set one with `postern webhook set`, or on the pages"
)

// WebhookAddressMissing tells how to name the address of a webhook. variable is of the environment.
func WebhookAddressMissing(variable string) string {
	return fmt.Sprintf("the address is missing. Name its file with --address-file (- is standard input), or set %s",
		variable)
}

// WebhookUnset tells that an account, or a feed on it unless that is 0, has no webhook.
func WebhookUnset(account, feed int64) string {
	if feed != 0 {
		return fmt.Sprintf("feed %d has no webhook of its own on account %d. Set one with `postern webhook set`", feed,
			account)
	}
	return fmt.Sprintf("account %d has no webhook. Set one with `postern webhook set`", account)
}

// WebhookSet tells to which host Postern sends a webhook, and how to check it. feed is 0 for the webhook of an account.
func WebhookSet(host string, account, feed int64) string {
	flag := ""
	if feed != 0 {
		flag = fmt.Sprintf(" --feed %d", feed)
	}
	return fmt.Sprintf("Postern sends a webhook to %s when a post is live. Run `postern webhook secret %d%s` to see "+
		"the secret that signs it, and `postern webhook test %d%s` to test it", host, account, flag, account, flag)
}

// WebhookAnswered tells how a receiver answered a message.
func WebhookAnswered(host string, status int) string {
	return fmt.Sprintf("%s answered %d", host, status)
}

// WebhookResent tells that the message about a publication is sent again.
func WebhookResent(id int64) string {
	return fmt.Sprintf("the daemon or the next `postern sync` sends the webhook of publication %d again", id)
}

// WebhookOfFeedRemoved tells that the webhook of a feed was removed and that of the account applies.
func WebhookOfFeedRemoved(host string) string {
	return fmt.Sprintf("Postern no longer sends a webhook to %s. The account's webhook applies to the feed again", host)
}
