package words

import (
	"fmt"
	"strings"
)

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

// HistorySettingsChanged tells which settings of an account were changed, none where all were saved as they were.
func HistorySettingsChanged(names []string) string {
	if len(names) == 0 {
		return "the settings were saved without a change"
	}
	return "the settings were changed: " + strings.Join(names, ", ")
}

// HistoryRouteChanged tells which settings of a feed on an account were changed, "" for none.
func HistoryRouteChanged(account string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("the settings of this feed for %s were changed: %s", account, strings.Join(names, ", "))
}

// HistorySettingValue names a setting with its new value.
func HistorySettingValue(title, value string) string { return fmt.Sprintf("%s (%s)", title, value) }

// maxNumbers is how many publications a sentence about several of them names.
const maxNumbers = 20

// SettingsSkip tells that a change of settings skips waiting posts.
func SettingsSkip(publications []int64) string {
	switch n := len(publications); {
	case n == 1:
		return fmt.Sprintf("1 waiting post will now be skipped: publication %d. To publish it all the same, run "+
			"`postern publish %[1]d`.", publications[0])
	case n > maxNumbers:
		return fmt.Sprintf("%d waiting posts will now be skipped. `postern publications --state queued` says which.", n)
	}
	return fmt.Sprintf("%d waiting posts will now be skipped: publications %s. To publish them all the same, run "+
		"`postern publish %s`.", len(publications), inWords(publications), arguments(publications))
}

// SettingsHold tells that a change of settings puts waiting posts on hold.
func SettingsHold(publications []int64) string {
	switch n := len(publications); {
	case n == 1:
		return fmt.Sprintf("1 waiting post will now be put on hold: publication %d. To see why, run "+
			"`postern publications %[1]d`.", publications[0])
	case n > maxNumbers:
		return fmt.Sprintf("%d waiting posts will now be put on hold. `postern publications --state queued` says why.", n)
	}
	return fmt.Sprintf("%d waiting posts will now be put on hold: publications %s. To see why, run "+
		"`postern publications %s`.", len(publications), inWords(publications), arguments(publications))
}

// SettingsRelease tells that waiting posts go out after a change of settings, which would have stopped before.
func SettingsRelease(publications []int64) string {
	switch n := len(publications); {
	case n == 1:
		return fmt.Sprintf("1 waiting post will now go out in its turn: publication %d.", publications[0])
	case n > maxNumbers:
		return fmt.Sprintf("%d waiting posts will now go out in their turn. `postern publications --state queued` "+
			"lists them.", n)
	}
	return fmt.Sprintf("%d waiting posts will now go out in their turn: publications %s.", len(publications),
		inWords(publications))
}

// SettingsSooner tells that waiting posts go out earlier after a change of settings.
func SettingsSooner(publications []int64) string {
	switch n := len(publications); {
	case n == 1:
		return fmt.Sprintf("1 waiting post will now go out earlier: publication %d.", publications[0])
	case n > maxNumbers:
		return fmt.Sprintf("%d waiting posts will now go out earlier. `postern publications --state queued` says when.", n)
	}
	return fmt.Sprintf("%d waiting posts will now go out earlier: publications %s.", len(publications),
		inWords(publications))
}

// SettingsStayHeld tells that posts stay on hold although a change of settings ended the reason.
func SettingsStayHeld(publications []int64) string {
	switch n := len(publications); {
	case n == 1:
		return fmt.Sprintf("1 post stays on hold. To let it go out in its turn, run `postern approve %d`.",
			publications[0])
	case n > maxNumbers:
		return fmt.Sprintf("%d posts stay on hold until you approve them. `postern publications --state held` lists them.",
			n)
	}
	return fmt.Sprintf("%d posts stay on hold. To let them go out in their turn, run `postern approve %s`.",
		len(publications), arguments(publications))
}

// SettingsStaySkipped tells that posts stay skipped although a change of settings ended the reason.
func SettingsStaySkipped(publications []int64) string {
	switch n := len(publications); {
	case n == 1:
		return fmt.Sprintf("1 post stays skipped. To let it go out in its turn, run `postern approve %d`.",
			publications[0])
	case n > maxNumbers:
		return fmt.Sprintf("%d posts stay skipped until you approve them. `postern publications --state skipped` lists "+
			"them.", n)
	}
	return fmt.Sprintf("%d posts stay skipped. To let them go out in their turn, run `postern approve %s`.",
		len(publications), arguments(publications))
}

// PageSettingsSkip is SettingsSkip for a page.
func PageSettingsSkip(posts int) string {
	if posts == 1 {
		return "1 waiting post will now be skipped."
	}
	return fmt.Sprintf("%d waiting posts will now be skipped.", posts)
}

// PageSettingsHold is SettingsHold for a page.
func PageSettingsHold(posts int) string {
	if posts == 1 {
		return "1 waiting post will now be put on hold."
	}
	return fmt.Sprintf("%d waiting posts will now be put on hold.", posts)
}

// PageSettingsRelease is SettingsRelease for a page.
func PageSettingsRelease(posts int) string {
	if posts == 1 {
		return "1 waiting post will now go out in its turn."
	}
	return fmt.Sprintf("%d waiting posts will now go out in their turn.", posts)
}

// PageSettingsSooner is SettingsSooner for a page.
func PageSettingsSooner(posts int) string {
	if posts == 1 {
		return "1 waiting post will now go out earlier."
	}
	return fmt.Sprintf("%d waiting posts will now go out earlier.", posts)
}

// PageSettingsStayHeld is SettingsStayHeld for a page.
func PageSettingsStayHeld(posts int) string {
	if posts == 1 {
		return "1 post stays on hold until you approve, publish or skip it."
	}
	return fmt.Sprintf("%d posts stay on hold until you approve, publish or skip them.", posts)
}

// PageSettingsStaySkipped is SettingsStaySkipped for a page.
func PageSettingsStaySkipped(posts int) string {
	if posts == 1 {
		return "1 post stays skipped until you publish it or put it back in the queue."
	}
	return fmt.Sprintf("%d posts stay skipped until you publish them or put them back in the queue.", posts)
}
