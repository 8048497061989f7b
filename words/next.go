package words

import (
	"fmt"
	"strings"
)

// What happens next to a post, as its page tells it. instagram names where the account's posts go, name is the
// account's.
const (
	NextHeldForApproval = "When its turn comes, Postern puts it on hold for your approval."
	NextMediaTried      = "Postern retries its media automatically. The post goes out once the problem is fixed."
	NextLive            = "It is live."
	NextNotLive         = "It is not live."
	NextWithFile        = "Once the file is there, the post goes out by itself. You can also retry it at once or skip it."
	NextFailed          = "It is not live, and Postern does not try again by itself. Fix the problem, then retry or " +
		"skip it."
	NextUnconfirmed    = "It may be live. Look at the profile, then say whether it is there."
	NextNoAccount      = "Nothing happens, because the account was removed."
	NextNotLiveForGood = "It is not live, and nothing happens, because the account was removed."
	NextSkippedAsked   = "Nothing happens. Postern asked once to publish the post. It may be live, so it stays skipped."
	NextFiltered       = "Postern decided this when it checked the post. A later change of the filters or of the post " +
		"does not bring it back. It goes out only if you publish it or put it back in the queue."
	NextFromFeed = "It stays skipped, because an account publishes a post once. To publish this one instead, skip the " +
		"other one before it goes out. If they are two posts, give this one an address and an id of its own on your site."
	NextStaysSkipped = "Postern does not put a skipped post back in the queue by itself. It goes out only if you publish it " +
		"or put it back in the queue."
	NextSame = "You decided that this entry and the earlier post are the same, so this entry stays " +
		"skipped."
	NextSkipped  = "It goes out only if you publish it or put it back in the queue."
	NextHeld     = "It stays here until you approve, publish or skip it."
	NextHeldDate = "It stays here until you approve, publish or skip it. If your site corrects its date, it goes " +
		"out in its turn."
	NextHeldDatePaused = "It stays here until you approve, publish or skip it. If your site corrects its date, Postern " +
		"reads the new date after you resume the feed."
	NextHeldGonePaused = "It stays here until you approve, publish or skip it. If the post comes back to the site, " +
		"Postern sees it after you resume the feed."
	NextHeldGone      = "It stays here until the post comes back to the site, or you approve, publish or skip it."
	NextHeldSyndicate = "It stays here until you switch the setting on and approve it, or skip it."
	NextHeldTwin      = "It stays here until you say whether it is the same post or a new one."
)

// NextShown tells that Instagram has the files of a post.
func NextShown(instagram string) string {
	return fmt.Sprintf("%s has it but shows it to nobody yet. Postern asks whether it is ready, then publishes it.",
		capital(instagram))
}

// NextAsked tells that Postern does not know yet whether a post is live.
func NextAsked(instagram string) string {
	return fmt.Sprintf("Postern asked %s to publish the post and now checks whether that worked. Postern does not send "+
		"it again before it knows.", instagram)
}

// NextAskedLost is NextAsked where the account has to be connected again.
func NextAskedLost(instagram, name string) string {
	return fmt.Sprintf("Postern asked %s to publish the post, and can check whether that worked when %s is connected "+
		"again. Postern does not send it again before it knows.", instagram, name)
}

// NextPrepares tells that a post is about to go out.
func NextPrepares(instagram string) string {
	return fmt.Sprintf("Postern prepares it and sends it to %s.", instagram)
}

// NextPreparesAfterOthers tells that other posts of the account go out first.
func NextPreparesAfterOthers(instagram string) string {
	return fmt.Sprintf("Other posts of the account go out before it. Then Postern prepares it and sends it to %s.",
		instagram)
}

// NextPreparesAfter names the post that goes out first.
func NextPreparesAfter(ahead, instagram string) string {
	return fmt.Sprintf("It waits until “%s” is done, then Postern prepares it and sends it to %s.", ahead, instagram)
}

// NextTries tells that Postern tries a post again that failed.
func NextTries(instagram string) string {
	return fmt.Sprintf("Postern tries again by itself, then sends it to %s.", instagram)
}

// NextTriesOrCorrect is NextTries where a change on the site helps.
func NextTriesOrCorrect(instagram string) string {
	return fmt.Sprintf("Postern tries again by itself, then sends it to %s. You can also correct the post on your site.",
		instagram)
}

// NextLiveUnnamed tells that a post has no known address.
func NextLiveUnnamed(instagram string) string {
	return fmt.Sprintf("It is live. %s did not return its URL.", capital(instagram))
}

// NextLiveUnnamedYet is NextLiveUnnamed while Postern asks.
func NextLiveUnnamedYet(instagram string) string {
	return fmt.Sprintf("It is live. Postern asks %s for its URL a few more times.", instagram)
}

// NextAfter makes a sentence of GoesOutAfter, "" of none.
func NextAfter(goesOut string) string {
	if goesOut == "" {
		return ""
	}
	return fmt.Sprintf("It %s.", goesOut)
}

// NextWaitsToo tells what else a post on hold waits for. step is one of the steps below.
func NextWaitsToo(step string) string { return fmt.Sprintf("It also waits until %s.", step) }

// StepApprove is what the owner does before a post goes out, after “after” or “until”.
const StepApprove = "you approve it"

// StepResume names the paused account.
func StepResume(name string) string { return fmt.Sprintf("you resume %s on Accounts", name) }

// StepConnect names the account that has to be connected again.
func StepConnect(name string) string { return fmt.Sprintf("you connect %s again on Accounts", name) }

// StepConnectAndResume names the account that is paused and has to be connected again.
func StepConnectAndResume(name string) string {
	return fmt.Sprintf("you connect %s again and resume it on Accounts", name)
}

// StepRest names the account for which Instagram takes no calls for a while.
func StepRest(name string) string { return fmt.Sprintf("Instagram accepts calls for %s again", name) }

// capital begins a text with a capital.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
