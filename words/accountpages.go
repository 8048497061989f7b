package words

import "fmt"

// Accounts: the cards, and the answers of their buttons. name is the account's.
const (
	TokenRefreshedDaily = "Postern refreshes it daily"
	TokenNotRefreshable = "The last refresh failed"

	PageSecretsAgain    = "Paste the secrets again: Postern does not show them."
	PageStartUnanswered = "Choose what to do with the older posts."

	PageConnectNeedsURL = "Instagram sends people back to an https address of this server, and `web.base_url` is not " +
		"set. Set it and restart Postern, or paste the four values."
	PageLogInNeedsURL = "Nothing was done, because `web.base_url` is not set. Set it and restart Postern, or paste the " +
		"four values."
	PageLogInForeign = "Not connected: this log-in was not begun here, was used already or took too long. Press Connect " +
		"with Instagram again, in the same browser and at the address in `web.base_url`."
	PageLogInRefused = "Not connected: Instagram sent no permission. Press Connect with Instagram again, and Allow there."
	PageLogInDenied  = "Not connected: you did not allow it at Instagram. Nothing was changed."
	PageAppForgotten = "Postern deleted the app and its App Secret. Connected accounts go on."
)

// DaysLeft tells how long an access token is still valid.
func DaysLeft(days int) string { return countDays(days) + " left" }

// PageAccountPaused tells what pausing an account means.
func PageAccountPaused(name string) string {
	return fmt.Sprintf("%s is paused. Postern still follows a post that it has already asked Instagram to publish.", name)
}

// PageAccountResumed tells that an account publishes again.
func PageAccountResumed(name string) string {
	return fmt.Sprintf("%s is resumed and publishes again.", name)
}

// PageAccountRemoved tells what removing an account means.
func PageAccountRemoved(name string) string {
	return fmt.Sprintf("%s is removed, and its secrets are deleted. Published posts stay.", name)
}

// PageOlderPublished counts the older posts that go out.
func PageOlderPublished(posts int) string {
	if posts == 1 {
		return "1 older post goes out in its turn."
	}
	return fmt.Sprintf("%d older posts go out in their turn.", posts)
}

// PageOlderHeld counts the older posts that wait for approval.
func PageOlderHeld(posts int) string {
	if posts == 1 {
		return "1 older post waits for your approval."
	}
	return fmt.Sprintf("%d older posts wait for your approval.", posts)
}

// PageOlderSkipped counts the older posts that are skipped.
func PageOlderSkipped(posts int) string {
	if posts == 1 {
		return "1 older post is skipped."
	}
	return fmt.Sprintf("%d older posts are skipped.", posts)
}

// PageConnected tells what a new account publishes.
func PageConnected(name string) string {
	return fmt.Sprintf("Connected %s. It publishes every feed. New posts go out automatically, older ones only if you "+
		"say so.", name)
}

// PageConnectedAgain tells that an account publishes again.
func PageConnectedAgain(name string) string {
	return fmt.Sprintf("%s is connected again, and its queue goes on.", name)
}

// PageNotConnected tells why an account was not connected. why is a sentence.
func PageNotConnected(why string) string { return fmt.Sprintf("Not connected: %s", why) }

// PageNotConnectedAgain tells why an account was not connected again. why is a sentence.
func PageNotConnectedAgain(name, why string) string {
	return fmt.Sprintf("%s is not connected: %s", name, why)
}

// PageAppNotSaved tells why the values of an app were not saved. why is a sentence.
func PageAppNotSaved(why string) string { return fmt.Sprintf("Nothing was saved: %s", why) }

// PageSandboxAdded tells what a simulated account is.
func PageSandboxAdded(name string) string {
	return fmt.Sprintf("%s is a simulated account: what is published there stays on this server. It publishes every feed.",
		name)
}

// PageSandboxNotAdded tells why a simulated account was not made. why is a sentence.
func PageSandboxNotAdded(why string) string { return fmt.Sprintf("Not made: %s", why) }

// The settings of an account, or of a feed on it.
const (
	PageSettingsPreviewed = "This is how the last posts would look. Nothing is saved yet."
	PageSharedToFeed      = "in the feed too"
	PageNotSharedToFeed   = "not in the feed"
)

// PageSettingsTitle is the title of the page.
func PageSettingsTitle(name string) string { return "Settings of " + name }

// PageSettingsSaved names the account.
func PageSettingsSaved(name string) string {
	return fmt.Sprintf("The settings of %s are saved.", name)
}

// PageRouteSaved names the feed and the account.
func PageRouteSaved(feed, account string) string {
	return fmt.Sprintf("The settings of %s on %s are saved.", feed, account)
}

// PageSettingsInvalid counts the settings that cannot be used.
func PageSettingsInvalid(settings int) string {
	if settings == 1 {
		return "1 setting isn't valid: see below."
	}
	return fmt.Sprintf("%d settings aren't valid: see below.", settings)
}

// PageSettingsHere counts the settings of a group that are set.
func PageSettingsHere(settings int) string { return fmt.Sprintf("%d set here", settings) }

// PageFeedNotTaken tells that a post of another feed does not go to an account.
func PageFeedNotTaken(account string) string {
	return fmt.Sprintf("%s does not take this feed.", account)
}

// PageWouldBeHeld tells why a post would be put on hold.
func PageWouldBeHeld(why string) string { return fmt.Sprintf("It would be put on hold: %s.", why) }

// PageWouldBeSkipped tells which filter would skip a post.
func PageWouldBeSkipped(why string) string { return fmt.Sprintf("It would be skipped: %s.", why) }
