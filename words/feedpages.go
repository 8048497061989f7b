package words

import (
	"fmt"
	"time"
)

// Feeds: the cards, and the answers of their buttons.
const (
	StartsWithAll   = "all its posts"
	StartsWithDaily = "all its posts, one a day"
	OlderSkipped    = "Posts that were there when you added the feed are skipped."

	StartNeedsNumber  = "Say how many of the newest posts to publish: a number from 1."
	StartNeedsDate    = "Say from which date on, as in 2026-01-31."
	StartNeedsChoice  = "Choose which of the older posts to publish."
	PageFeedNoAddress = "The address of the feed is missing."

	PageFeedTakesLong = "The feed is slow to answer. Postern keeps trying."

	RemoveFeedTitle    = "Remove a feed"
	RemoveAccountTitle = "Remove an account"
	AddFeedTitle       = "Add a feed"
)

// StartsWithNewest counts the posts that go out of those that were there.
func StartsWithNewest(posts int) string {
	return fmt.Sprintf("the newest %s and what came after", countPosts(posts))
}

// StartsFrom tells from which day on posts go out.
func StartsFrom(day time.Time) string {
	return fmt.Sprintf("posts from %s on", day.Format("2 January 2006"))
}

// StartsWhenAdded is StartsFrom for the day on which the feed was added.
func StartsWhenAdded(day time.Time) string {
	return fmt.Sprintf("posts from %s on, when it was added", day.Format("2 January 2006"))
}

// OlderThanNewest tells which posts were skipped when the feed was added.
func OlderThanNewest(newest int) string {
	if newest == 1 {
		return "When you added the feed, posts older than the newest one were skipped."
	}
	return fmt.Sprintf("When you added the feed, posts older than the newest %d were skipped.", newest)
}

// OlderThan tells from which day on posts are not skipped.
func OlderThan(day time.Time) string {
	return fmt.Sprintf("Posts dated before %s are skipped.", day.Format("2 January 2006"))
}

// PageFeedFailures counts the tries in a row that failed.
func PageFeedFailures(tries int) string {
	return fmt.Sprintf("Postern could not read the feed at the last %d tries; this was the last problem.", tries)
}

// PageFeedAdded counts the posts of a new feed. older tells in sentences which of them go out.
func PageFeedAdded(name string, posts int, older string) string {
	return fmt.Sprintf("Added %s with %s. %s", name, countPosts(posts), older)
}

// StartKept tells which posts go out once an account is connected. start is such as StartsWithAll.
func StartKept(start string) string {
	return fmt.Sprintf("Nothing goes out before you connect an account. Postern then publishes %s.", start)
}

// PageFeedNotAdded tells why a feed was not added. why is a sentence.
func PageFeedNotAdded(why string) string { return fmt.Sprintf("The feed was not added. %s", why) }

// PageFeedNotPreviewed tells why Postern cannot show what a feed has. why is a sentence.
func PageFeedNotPreviewed(why string) string {
	return fmt.Sprintf("Postern cannot show the posts of this feed. %s", why)
}

// PageFeedIsPausedResume tells why a feed was not checked.
func PageFeedIsPausedResume(name string) string {
	return fmt.Sprintf("%s is paused. Resume it first.", name)
}

// PageFeedUnread tells why a feed could not be read. why is a sentence.
func PageFeedUnread(name, why string) string {
	return fmt.Sprintf("Postern could not read %s. %s", name, why)
}

// PageFeedChecked tells that a feed was read.
func PageFeedChecked(name string) string {
	return fmt.Sprintf("Postern checked %s. New posts are under Posts, each with what happens to it.", name)
}

// CheckedWell tells that a check found no problem. name is that of a feed or an account.
func CheckedWell(name string) string { return fmt.Sprintf("Checked %s and found no problems.", name) }

// CheckedBad counts the problems that a check found. name is that of a feed or an account.
func CheckedBad(name string, problems int) string {
	return fmt.Sprintf("Checked %s and found %s.", name, count(problems, "problem", "problems"))
}

// PageFeedNowPaused tells what pausing a feed means.
func PageFeedNowPaused(name string) string {
	return fmt.Sprintf("%s is paused. Posts that are waiting still go out.", name)
}

// PageFeedNowResumed tells that Postern checks a feed again.
func PageFeedNowResumed(name string) string {
	return fmt.Sprintf("Postern checks %s for new posts again.", name)
}

// PageFeedNowRemoved tells what removing a feed means.
func PageFeedNowRemoved(name string) string {
	return fmt.Sprintf("%s is removed. Published posts stay.", name)
}

// RemoveFeedAsk asks before a feed is removed.
func RemoveFeedAsk(name string) string { return fmt.Sprintf("Remove the feed “%s”?", name) }

// RemoveAccountAsk asks before an account is removed.
func RemoveAccountAsk(name string) string { return fmt.Sprintf("Remove the account “%s”?", name) }

// RemoveSkips counts the publications that removing their feed or account skips.
func RemoveSkips(publications int) string {
	if publications == 1 {
		return "1 publication that was not sent yet will be skipped."
	}
	return fmt.Sprintf("%d publications that were not sent yet will be skipped.", publications)
}

// AddFeedNamed is the title of the page that shows a feed before it is added.
func AddFeedNamed(name string) string { return "Add " + name }

// AddressMasked tells that the password or key of an address is not kept in a form. mask stands in its place.
func AddressMasked(mask string) string {
	return fmt.Sprintf("The address shows %s in place of its password or key. Type the whole address again.", mask)
}
