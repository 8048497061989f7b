package page

import "postern/store"

// The words of the pages' templates: headings, labels, buttons, states. Together with words.go, which makes the
// sentences that depend on something, english.go and english_*.go are what a translation replaces. Each text has
// one name, wherever it is shown; a test finds words that stand in a template instead.

// stateWord is a state of a publication as people read it.
func stateWord(s store.State) string {
	switch s {
	case store.Queued:
		return "waiting"
	case store.Held:
		return "on hold"
	case store.Staged:
		return "preparing"
	case store.Publishing:
		return "publishing"
	case store.Published:
		return "published"
	case store.Failed:
		return "failed"
	case store.Unconfirmed:
		return "unconfirmed"
	case store.Skipped:
		return "skipped"
	}
	return string(s)
}

// How an account stands.
const (
	sayNotConnected   = "not connected"
	sayNoToken        = "no token"
	sayPaused         = "paused"
	sayWaiting        = "waiting"
	sayNeedsAttention = "needs attention"
	sayIsOK           = "OK"
)

// components.templ
const (
	sayWell      = "well:"
	sayNotWell   = "not well:"
	sayVideo     = "video"
	sayPicture   = "picture"
	sayInTheWay  = "in the way"
	sayNext      = "next:"
	sayMorePages = "More pages"
	sayNewer     = "Newer"
	sayOlder     = "Older"
)

// help.templ
const (
	sayToTheAccounts = "To the accounts"
)

// installation.templ
const (
	sayNetwork                 = "Network"
	sayThesePages              = "These pages"
	sayPreparedFiles           = "Prepared files"
	sayLastAsked               = "Last asked"
	sayInstagramCanFetchThem   = "Instagram can fetch them."
	sayNotYetItIsAsked         = "not yet; it is asked before the first post goes out"
	sayCheckTheAddress         = "Check the address"
	sayStorage                 = "Storage"
	sayPreparedMedia           = "Prepared media"
	sayRoomUsedByPreparedMedia = "Room used by prepared media"
	sayDatabase                = "Database"
	sayNotifications           = "Notifications"
	sayNoticesAndWhereTheyAre  = "Notices and targets"
	sayAboutThisPostern        = "About this Postern"
	sayVersion                 = "Version"
	sayAPITokens               = "API tokens"
	sayMade                    = "made"
	sayLastUsed                = "last used"
	sayNeverUsed               = "never used"
	sayWhoUsesIt               = "Who will use it, such as “site build”."
	sayReadOnly                = "it may read only"
	sayReadAndWrite            = "it may read and write: publish, hold, poll, pause, add and remove"
	sayMakeAToken              = "Make a token"
	sayWhereYouAreLoggedIn     = "Where you are logged in"
	sayThisBrowser             = "This browser"
	sayAnotherBrowser          = "Another browser"
	sayUntil                   = "until"
	sayLogOutBrowser           = "Log out"
	sayPassword                = "Password"
	sayCurrentPassword         = "Current password"
	sayNewPassword             = "New password"
	sayTheNewOneAgain          = "The new one again"
	sayChangeThePassword       = "Change the password"
)

// layout.templ
const (
	sayPostern                     = "Postern"
	saySkipToTheContent            = "Skip to the content"
	sayPages                       = "Pages"
	sayPosts                       = "Posts"
	sayProfile                     = "Profile"
	sayNotices                     = "Notices"
	sayADemonstrationOnThisMachine = "a demonstration on this machine, with a simulated Instagram"
	sayTheGuideToConnecting        = "The guide to connecting"
	saySystem                      = "System"
	sayLight                       = "Light"
	sayDark                        = "Dark"
	sayLogOut                      = "Log out"
	sayColours                     = "Colours:"
	sayLogIn                       = "Log in"
	sayToTheFirstPage              = "To the first page"
)

// login.templ
const (
	sayWelcome                       = "Welcome"
	sayPosternBringsThePhotographsOf = "Postern brings the photographs of your blog to Instagram. First choose " +
		"the password that opens these pages."
	sayOneTimeCode           = "One-time code"
	sayPosternPrintedItOnThe = "Postern printed it on the console when it started."
	sayAtLeast10Characters   = "At least 10 characters."
	sayTheSameAgain          = "The same again"
	saySetThePassword        = "Set the password"
)

// notices.templ
const (
	sayAtPresent               = "Now"
	sayNothingIsWrong          = "No notices."
	sayWhenSomethingNeedsYouIt = "Notices stay here until the problem is over. Postern sends each once to the " +
		"targets below. A feed gets a notice after several failures in a row; Home shows it after the first."
	saySendTo                  = "Send to"
	sayNoticesAreShownHereOnly = "Notices are shown on this page only. Add a notification target: Postern " +
		"sends one message when something breaks and one when it is fixed."
	sayAddATarget             = "Add a target"
	sayAddress                = "URL of the target"
	saySealed                 = "Stored sealed, and never shown again."
	sayNtfy                   = "ntfy"
	sayMail                   = "Mail"
	sayTelegram               = "Telegram"
	sayWebhook                = "Webhook"
	sayAdd                    = "Add"
	sayOver                   = "Over"
	saySince                  = "Since"
	sayLastTold               = "Last message"
	sayNothingWasSentThereYet = "Nothing was sent there yet."
	sayFromTheConfiguration   = "from the configuration"
	saySendATest              = "Send a test"
	sayRemoveAddress          = "Remove"
	sayRevoke                 = "Revoke"
)
