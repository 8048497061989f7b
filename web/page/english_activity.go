package page

import (
	"strings"

	"postern/store"
)

// eventSentences say what an event is, by its kind, where it has no message. {account} is the name of its account.
var eventSentences = map[string]string{
	"account":         "The account was changed.",
	"account-added":   "The account was added.",
	"account-removed": "The account was removed. Its secrets are deleted.",
	"clock":           "The clock of this machine is right again.",
	"compared":        "Postern compares the waiting posts with the profile before they go out.",
	"feed-added":      "The feed was added.",
	"feed-moved":      "The feed has a new URL.",
	"feed-paused":     "The feed was paused. Postern no longer checks it.",
	"feed-problem":    "Postern could not read the feed.",
	"feed-removed":    "The feed was removed. Published posts stay.",
	"feed-resumed":    "The feed was resumed. Postern checks it again.",
	"feed-well":       "Postern can read the feed again.",
	"feed-zone":       "Postern corrects the dates of this feed.",
	"found":           "Postern found the post in the feed.",
	"note":            "The post stays in its state.",
	"publish-answer":  "Instagram answered the request to publish.",
	"restored":        "The database was restored from a backup.",
	"route-off":       "Posts of this feed no longer go to {account}.",
	"route-on":        "New posts of this feed go to {account}.",
	"state":           "The post has a new state.",
	"token-added":     "An API token was created.",
	"token-removed":   "An API token was removed.",
	"webhook":         "The webhook was changed.",
}

// eventSentence returns what happened as a sentence. account is the name of the event's account, "" where the
// page does not say it.
func eventSentence(e store.Event, account string) string {
	switch {
	case e.Message != "":
		return sentence(e.Message)
	case e.Kind != "found" && e.To != "" && e.To != e.From:
		return "The post is now " + stateWord(e.To) + "."
	}
	return strings.ReplaceAll(eventSentences[e.Kind], "{account}", either(account == "", "an account", account))
}
