package words

import "fmt"

// Sentences of the pages with a link, in brackets, or with names of settings and commands, in backquotes.
const (
	PageTrySimulated = "No account at hand? [A simulated account] shows everything, and nothing leaves this server."
	PageGuideAhead   = "You need a professional account at Instagram and an app of your own at Meta. [The " +
		"illustrated guide] takes you step by step to a working access token."
	PageNoBaseURL = "There is no public URL. Set `web.base_url` and restart Postern, so that Instagram can fetch the " +
		"files that Postern prepares."
	PageBackupRunning = "Run `postern backup FILE` to copy the database while Postern runs."
	PageOtherSettings = "Everything else is in the configuration file. `config.example.toml` explains each key."
	PageTokensMay     = "A program with a token can read `/api/v1` and `/api/crossposts`. Write tokens can " +
		"also publish, hold and skip."
	PageLockedOut   = "Too many attempts? Run `postern login` on the server to print a link that logs you in."
	PageForgotten   = "Forgotten? Run `postern password` on the server to set a new password."
	PageSetupClosed = "The code no longer works. Restart Postern to print a new one, or run `postern password` " +
		"on the server to set a password."
	PageFeedUntakenYet = "no account yet: [connect one]"
	PageTargetForms    = "[shoutrrr] describes how the targets of other services are written."
	PageSettingsOfAll  = "These apply to every feed unless a feed or post overrides them. Empty fields use the " +
		"default."
	PageOneBeingSent = "Postern has just asked Instagram to publish one publication and is waiting for the " +
		"outcome."
)

// PageMoreAsking counts the posts that need the owner and are not shown; 0 for many.
func PageMoreAsking(posts int) string {
	switch posts {
	case 0:
		return "Many more posts need you"
	case 1:
		return "1 more post needs you"
	}
	return fmt.Sprintf("%d more posts need you", posts)
}

// PageMoreOpen counts the posts that are in progress and are not shown; 0 for many.
func PageMoreOpen(posts int) string {
	switch posts {
	case 0:
		return "Many more posts are in progress"
	case 1:
		return "1 more post is in progress"
	}
	return fmt.Sprintf("%d more posts are in progress", posts)
}

// PageOlderAsk asks what to do with older posts. will tells in sentences what happens if they go out.
func PageOlderAsk(will string) string {
	return fmt.Sprintf("Older posts are on hold until you answer. If you publish them: %s", will)
}

// PageQuotaAsked tells who counts the posts, before the time.
func PageQuotaAsked(instagram string) string { return fmt.Sprintf("Reported by %s", instagram) }

// PageQuotaNotAsked tells that the count is not known yet.
func PageQuotaNotAsked(instagram string) string {
	return fmt.Sprintf("Postern has not asked %s yet.", instagram)
}

// PageOnInstagram names where a copy is.
func PageOnInstagram(instagram string) string { return "on " + instagram }

// PageCopyOn names a copy, with the name of its account or nothing before it.
func PageCopyOn(account, title, instagram string) string {
	if account == "" {
		return fmt.Sprintf("on %s: “%s”", instagram, title)
	}
	return fmt.Sprintf("%s: “%s” on %s", account, title, instagram)
}

// PageAppInUse names the app that the button uses.
func PageAppInUse(appID string) string { return fmt.Sprintf("App %s: use another one", appID) }

// PageRouteSettings tells what the settings of a feed on an account are for.
func PageRouteSettings(feed, account string) string {
	return fmt.Sprintf("These apply to %s on %s and override those of the account. Empty fields use the account's "+
		"setting.", feed, account)
}

// PageAccountIsPaused tells what a paused account does.
func PageAccountIsPaused(name string) string {
	return fmt.Sprintf("%s is paused: Postern publishes nothing there.", name)
}

// PageTakesFeed is the choice whether an account takes a feed.
func PageTakesFeed(account string) string { return fmt.Sprintf("%s takes this feed", account) }

// PageFeedOff names a feed that is switched off.
func PageFeedOff(feed string) string { return feed + " (off)" }

// PageSwappedQuiet asks about quiet hours whose ends look swapped.
func PageSwappedQuiet(hours, meant string) string {
	return fmt.Sprintf("%s publishes nothing for most of the day. %s would be the night.", hours, meant)
}

// PageTokenMade names a new token, which is shown once.
func PageTokenMade(label string) string {
	return fmt.Sprintf("This is the token for “%s”. Copy it now: Postern does not show it again.", label)
}

// PageRevokeToken names the token that a button revokes.
func PageRevokeToken(label string) string { return fmt.Sprintf("Revoke the token “%s”", label) }

// PagePasswordLength tells how long a new password is and what follows.
func PagePasswordLength(least int) string {
	return fmt.Sprintf("At least %d characters. Every other browser is logged out.", least)
}

// PageNoticesGoTo tells where notices are sent.
func PageNoticesGoTo(targets int) string {
	switch targets {
	case 0:
		return "Postern shows notices on these pages only."
	case 1:
		return "Postern shows notices on these pages and sends them to 1 target."
	}
	return fmt.Sprintf("Postern shows notices on these pages and sends them to %d targets.", targets)
}

// PageMediaUsed tells how full the media folder is.
func PageMediaUsed(used, limit string) string { return fmt.Sprintf("%s of %s", used, limit) }

// PageWaitingForYou counts the posts that need the owner, in the navigation. number may end with a plus.
func PageWaitingForYou(number string) string { return fmt.Sprintf("%s waiting for you", number) }

// PageOpenNotices counts the open notices, in the navigation. number may end with a plus.
func PageOpenNotices(number string) string { return fmt.Sprintf("%s open", number) }

// PageMessageLost tells why the last message to a target did not arrive. why is a sentence, waiting counts the
// messages that Postern sends again.
func PageMessageLost(why string, waiting int) string {
	if waiting == 0 {
		return fmt.Sprintf("The last message did not arrive: %s", why)
	}
	return fmt.Sprintf("The last message did not arrive: %s Postern sends %s again.", why,
		count(waiting, "message", "messages"))
}

// PageWebhookLost tells why the last message of a webhook did not arrive. why is a sentence.
func PageWebhookLost(why string) string {
	return fmt.Sprintf("The last message did not arrive: %s The post's page shows what was not delivered.", why)
}

// PageWebhookSigned names the host whose messages a secret signs.
func PageWebhookSigned(host string) string {
	return fmt.Sprintf("Postern signs the messages to %s with:", host)
}

// PageWebhookFor names the account, or the feed on it, that a webhook is for.
func PageWebhookFor(name string) string { return fmt.Sprintf("Notified about posts of %s", name) }

// PageWebhookInherited tells that the webhook of the account applies to a feed. host is "" where there is none.
func PageWebhookInherited(host string) string {
	if host == "" {
		return "As for every feed: Postern notifies nobody."
	}
	return fmt.Sprintf("As for every feed: %s", host)
}

// PageMetaSaid tells what Meta sent with an answer. sent is such as "code 4, trace id Abc".
func PageMetaSaid(instagram, sent string) string {
	return fmt.Sprintf("%s sent %s.", instagram, sent)
}

// PageShortenBy counts the characters that a caption has too many.
func PageShortenBy(characters int) string {
	return fmt.Sprintf("Shorten the caption by %s.", count(characters, "character", "characters"))
}

// PageSettingFrom names where a setting is from.
func PageSettingFrom(origin string) string { return "from the " + origin }

// PageOriginal names the original of a picture or video. kind is its word.
func PageOriginal(kind string, number int) string {
	return fmt.Sprintf("The original %s %d, larger", kind, number)
}

// PageOnSite names a picture or video on its site. kind is its word.
func PageOnSite(kind string, number int) string {
	return fmt.Sprintf("the %s on its site (%d)", kind, number)
}

// PageSizeSent tells the size of a file as it is sent.
func PageSizeSent(size string) string { return "as sent: " + size }

// PageSizeNow tells the size of a file that the site shows now.
func PageSizeNow(size string) string { return "now on the site: " + size }

// PageCaptionOf names the caption of a post.
func PageCaptionOf(title string) string { return fmt.Sprintf("Caption of %s", title) }

// PageChoosePost names the post that a box chooses.
func PageChoosePost(title string) string { return fmt.Sprintf("Choose: %s", title) }

// PageEarlierState tells the state of a publication.
func PageEarlierState(state string) string { return "on Postern: " + state }

// PageSeeFeed names a feed of a site to look at.
func PageSeeFeed(name string) string { return fmt.Sprintf("%s: look at this feed instead", name) }
