package words

import (
	"fmt"
	"strings"
)

// What the commands about feeds answer.
const (
	NoFeedsYet         = "There are no feeds yet. Add one with `postern feed add URL`."
	NoAccountTakesFeed = "No account takes the feed yet. Add one with `postern account add`, or on the pages."
	ReadingFeed        = "reading the feed and the pages of its posts"
	OlderPostsSkipped  = "Postern skips the posts that the feed has already. To list them, run `postern publications " +
		"--state skipped`."
)

// FirstOfFeeds tells that a site has several feeds, of which the first one was added as feed id.
func FirstOfFeeds(all int, first string, id int64, others []string) string {
	return fmt.Sprintf("the site has %d feeds, and Postern added the first one, %s. To take another one instead, remove "+
		"feed %d and add the other address: %s", all, first, id, strings.Join(others, ", "))
}

// FeedAdded names a feed that was added.
func FeedAdded(id int64, name string) string { return fmt.Sprintf("Feed %d was added: %s.", id, name) }

// ChosenStartLater tells when the start that was chosen for a feed applies.
func ChosenStartLater(start string) string {
	return fmt.Sprintf("The start that you chose, %s, applies then.", start)
}

// FoundPosts counts the posts of a new feed, and in which state they are on all accounts together.
func FoundPosts(posts, accounts, waiting, onHold, skipped int) string {
	text := countPosts(posts)
	if accounts > 1 {
		text = fmt.Sprintf("%s on %d accounts", text, accounts)
	}
	var states []string
	for _, s := range []struct {
		n     int
		state string
	}{{waiting, "waiting"}, {onHold, "on hold"}, {skipped, "skipped"}} {
		if s.n > 0 {
			states = append(states, fmt.Sprintf("%d %s", s.n, s.state))
		}
	}
	if len(states) == 0 {
		return text + "."
	}
	return fmt.Sprintf("%s: %s.", text, strings.Join(states, ", "))
}

// MoreAboutFeed adds to the problem of a feed the command that says more.
func MoreAboutFeed(problem string, id int64) string {
	return fmt.Sprintf("%s. For more, run `postern feed check %d`", problem, id)
}

// PollingPaused tells that a feed was paused.
func PollingPaused(feed string) string {
	return fmt.Sprintf("Postern no longer polls %s. Posts that are waiting still go out.", feed)
}

// PollingResumed tells that a feed was resumed.
func PollingResumed(feed string) string { return fmt.Sprintf("Postern polls %s again.", feed) }

// FeedForgotten tells that a feed was removed.
func FeedForgotten(feed string) string {
	return fmt.Sprintf("%s was removed. Postern skips its posts that are not published yet.", feed)
}

// FeedRouted tells that an account takes a feed. settings are those that were changed, as a list.
func FeedRouted(account, feed int64, settings string) string {
	if settings == "" {
		return fmt.Sprintf("Account %d takes feed %d.", account, feed)
	}
	return fmt.Sprintf("Account %d takes feed %d: %s.", account, feed, settings)
}

// FeedNotRouted tells that an account takes a feed no longer.
func FeedNotRouted(account, feed int64) string {
	return fmt.Sprintf("Account %d no longer takes feed %d. Posts that are waiting still go out.", account, feed)
}

// The settings that a command names as KEY=VALUE.

// SettingToDefault tells that a setting has its default again.
func SettingToDefault(name, value string) string {
	return fmt.Sprintf("%s has its default again (%s)", name, value)
}

// SettingToOrigin tells that a setting has the value from somewhere else again, such as the account.
func SettingToOrigin(name, origin, value string) string {
	return fmt.Sprintf("%s has the value of the %s again (%s)", name, origin, value)
}

// QuietHoursSwapped tells that quiet hours cover most of the day, and which ones were probably meant.
func QuietHoursSwapped(value, meant string) string {
	return fmt.Sprintf("with quiet_hours=%s Postern publishes nothing for most of the day. For the night, use "+
		"quiet_hours=%s", value, meant)
}

// KeepQuietHours asks whether such quiet hours are meant.
func KeepQuietHours(value, meant string) string {
	return fmt.Sprintf("with quiet_hours=%s Postern publishes nothing for most of the day. The night is quiet_hours=%s. "+
		"Keep quiet_hours=%[1]s? [y/N] ", value, meant)
}

// QuietHoursNotKept answers that a command was given up for the sake of its quiet hours.
func QuietHoursNotKept(meant string) string {
	return fmt.Sprintf("nothing was changed. For the night, use quiet_hours=%s", meant)
}

// SettingNotPair tells that a word is not KEY=VALUE.
func SettingNotPair(word string) string {
	return fmt.Sprintf("%q is not KEY=VALUE, such as approve=yes. Run `postern account set --help` for the list", word)
}

// SettingTwice tells that a setting is given more than once.
func SettingTwice(name string) string { return fmt.Sprintf("%s is given twice: give it once", name) }

// SettingNameUnknown tells that there is no such setting. meant is the one that was probably meant, "" for none.
func SettingNameUnknown(name, meant string) string {
	if meant == "" {
		return fmt.Sprintf("there is no setting %q. Run `postern account set --help` for the list", name)
	}
	return fmt.Sprintf("there is no setting %q; did you mean %s? Run `postern account set --help` for the list", name,
		meant)
}
