package words

import (
	"fmt"
	"strings"
)

// Home: the first steps, and what needs the owner.
const (
	StartNoFeed         = "Postern reads no feed yet."
	StartAddFeed        = "Add your blog's feed"
	StartFeedBroken     = "Your feed is added, but Postern cannot read it at the moment: see below."
	StartFeedPaused     = "Your feed is added."
	StartFeedRead       = "Postern reads your feed."
	StartNoAccount      = "There is no Instagram account to post to yet."
	StartConnect        = "Connect an account"
	StartConnected      = "An account is connected."
	SeeFeed             = "Look at the feed"
	SeeAccount          = "Look at the account"
	ConnectAccountAgain = "Connect it again"
	ResumeOnAccounts    = "Resume it on Accounts"
	AskReconnect        = "Connect the account again with a new access token."
	AskPausedWaiting    = "The account is paused and posts are waiting."
	AskFeedUntaken      = "No account takes this feed yet."
	SwitchFeedOnFirst   = "Switch it on first."
	ConnectFirst        = "No account takes this feed. Connect one first, or let one take the feed in its settings."
	StaysSkippedFeedOn  = "After you switch it on, this post stays skipped until you publish it."
	ChoiceTrouble       = "problems and waiting posts"
	AsSoonAsTurn        = "as soon as its turn comes"
	SimulatedInstagram  = "the simulated Instagram"
	YouByCommand        = "You, on the command line"
	ChoiceAsking        = "needs your attention"
	NextHeading         = "What happens next"
)

// NamedFeed names a feed that needs its owner.
func NamedFeed(name string) string { return fmt.Sprintf("Feed “%s”", name) }

// NamedAccount names an account that needs its owner.
func NamedAccount(name string) string { return fmt.Sprintf("Account “%s”", name) }

// FeedSwitchedOff names the accounts for which a feed is switched off.
func FeedSwitchedOff(accounts []string) string {
	return fmt.Sprintf("The feed is switched off for %s.", andList(accounts))
}

// FeedSwitchedOffForAll is FeedSwitchedOff where no other account takes the feed.
func FeedSwitchedOffForAll(accounts []string) string {
	return fmt.Sprintf("No account takes new posts of this feed. The feed is switched off for %s.", andList(accounts))
}

// NeedsAttention counts what needs its owner.
func NeedsAttention(posts, feeds, accounts int) string {
	var list []string
	if posts > 0 {
		list = append(list, countPosts(posts))
	}
	if feeds > 0 {
		list = append(list, count(feeds, "feed", "feeds"))
	}
	if accounts > 0 {
		list = append(list, count(accounts, "account", "accounts"))
	}
	if posts+feeds+accounts == 1 {
		return fmt.Sprintf("%s needs your attention.", andList(list))
	}
	return fmt.Sprintf("%s need your attention.", andList(list))
}

// PutAllBack puts every skipped post of a page back in the queue.
func PutAllBack(posts int) string { return fmt.Sprintf("Put all %d back", posts) }

// andList joins words with commas, and the last two with "and".
func andList(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return fmt.Sprintf("%s and %s", strings.Join(list[:last], ", "), list[last])
}
