package words

import "fmt"

// SearchMayMiss ends what a search without a result tells of feeds.
const SearchMayMiss = "A new post may be missing here for that reason."

// SearchFeedBroken tells that the posts of a feed may be missing, because it cannot be read. why is a sentence.
func SearchFeedBroken(feed, why string) string {
	return fmt.Sprintf("Postern cannot read the feed “%s” at the moment: %s", feed, why)
}

// PausedFeed tells that a feed is not checked.
func PausedFeed(feed string) string {
	return fmt.Sprintf("The feed “%s” is paused: Postern does not check it for new posts.", feed)
}

// SearchFeedOff tells that no new post of a feed goes to the account that a list is narrowed to.
func SearchFeedOff(feed, account string) string {
	return fmt.Sprintf("The feed “%s” is switched off for %s: no new post of it goes there.", feed, account)
}
