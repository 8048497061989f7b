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
