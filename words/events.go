package words

import "strings"

// events tell what an event is, by its kind, where it has no message. {account} is the name of its account.
var events = map[string]string{
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
	"route":           "The settings of this feed for {account} were changed.",
	"route-off":       "Posts of this feed no longer go to {account}.",
	"route-on":        "New posts of this feed go to {account}.",
	"state":           "The post has a new state.",
	"token-added":     "An API token was created.",
	"token-removed":   "An API token was removed.",
	"webhook":         "The webhook was changed.",
}

// Event tells what an event is, by its kind, where it has no message; "" for a kind that there is not. account is the
// name of its account, "" where the page does not name it.
func Event(kind, account string) string {
	if account == "" {
		account = "an account"
	}
	return strings.ReplaceAll(events[kind], "{account}", account)
}

// EventState tells the new state of a post, as State names it.
func EventState(state string) string { return "The post is now " + state + "." }

// State returns a state of a publication as people read it.
func State(state string) string {
	switch state {
	case "queued":
		return "waiting"
	case "held":
		return "on hold"
	case "staged":
		return "preparing"
	}
	return state
}
