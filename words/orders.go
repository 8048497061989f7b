package words

import "strings"

// Why an order of the owner is not carried out.
const (
	StartAnswerMissing = "choose what to do with the older posts"
	EditNoPicture      = "choose at least one picture. To send none, skip the post"
	FeedPaused         = "the feed is paused: resume it first"
	AddressConfigured  = "this address is in the configuration: take it out of notify.urls and restart the daemon"
	MayBeLive          = "the publication may be live: look at the profile first"
	PermalinkInvalid   = "the permalink is not a web address"
)

// What an order wrote into the history of an account.
const (
	HistoryAccountPaused  = "the account was paused"
	HistoryAccountResumed = "the account was resumed"
	HistoryApprovalOn     = "posts of this account wait for approval"
	HistoryApprovalOff    = "Postern publishes on this account without approval"
)

// HistorySettingsChanged tells which settings of an account were changed; none are named where a whole form was sent.
func HistorySettingsChanged(names []string) string {
	if len(names) == 0 {
		return "the settings were changed"
	}
	return "the settings were changed: " + strings.Join(names, ", ")
}
