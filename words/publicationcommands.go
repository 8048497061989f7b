package words

import (
	"fmt"
	"strings"
)

// What the commands about publications answer.
const (
	NoPublicationsYet    = "There are no publications yet. Add a feed with `postern feed add URL`."
	NoPublicationsUntil  = "There are no publications yet. They appear when a feed shows posts that an account takes."
	NoPostMatches        = "No post matches."
	NoPostMatchesInState = "No post matches in these states."
	PublicationsFromOne  = "the numbers of publications begin at 1: `postern publications` shows them"
	NotLiveForOne        = "--not-live is for one publication. Name the one that you looked for"
	PermalinkNoAddress   = "--permalink must be an address such as https://www.instagram.com/p/ABC/"
	CaptionReplaced      = "Its caption was replaced."
)

// NoneInStates tells that no publication is in the states that were asked for.
func NoneInStates(states []string) string {
	return fmt.Sprintf("No post has one of these states: %s.", strings.Join(states, ", "))
}

// StateUnknown tells which states there are.
func StateUnknown(state string, all []string) string {
	return fmt.Sprintf("there is no state %q. Use one of %s", state, strings.Join(all, ", "))
}

// WriteNumbersAlone tells how the numbers of publications are written.
func WriteNumbersAlone(numbers []string) string {
	return fmt.Sprintf("No post matches. Write the numbers alone: `postern publications %s`.", strings.Join(numbers, " "))
}

// NotPublication tells that a word does not name a publication.
func NotPublication(word string) string {
	return fmt.Sprintf("%q is neither the number of a publication nor post:N; `postern publications` shows both", word)
}

// PostHasNoPublication tells why a post is skipped. remedy is what to do, as sentences.
func PostHasNoPublication(post int64, why, remedy string) string {
	return fmt.Sprintf("post %d is skipped: %s. %s", post, why, remedy)
}

// PostHasPublications lists the publications of a post, of which one is to be named.
func PostHasPublications(post int64, publications []string) string {
	return fmt.Sprintf("post %d has %d publications. Name one: %s", post, len(publications),
		strings.Join(publications, ", "))
}

// PostNotOne counts the publications of a post that names no single one.
func PostNotOne(post int64, publications int) string {
	return fmt.Sprintf("post %d has %s", post, count(publications, "publication", "publications"))
}

// CaptionForOne tells that a caption is for one publication only.
func CaptionForOne(named int) string {
	return fmt.Sprintf("--caption is for one publication. Name one, not %d", named)
}

// The answers to a decision about a publication. title is that of its post, "" for none.

// DecidedState tells in which state a publication is now, by the name of the state.
func DecidedState(id int64, title, state string) string {
	clause := state
	switch state {
	case "queued":
		clause = ClauseWaiting
	case "held":
		clause = ClauseHeld
	case "staged":
		clause = ClausePreparing
	case "publishing":
		clause = ClausePublishing
	case "published":
		clause = "is published"
	case "failed":
		clause = ClauseFailed
	case "unconfirmed":
		clause = ClauseMayBeLive
	case "skipped":
		clause = ClauseSkipped
	}
	return fmt.Sprintf("%s %s.", thePublication(id, title), clause)
}

// DecidedWaitingAlready tells that a publication was waiting before.
func DecidedWaitingAlready(id int64, title string) string {
	return thePublication(id, title) + " is already waiting."
}

// DecidedExpeditedAlready tells that a publication was to be published at once before.
func DecidedExpeditedAlready(id int64, title string) string {
	return thePublication(id, title) + " is already waiting to be published now."
}

// DecidedPutBack tells that a publication waits again.
func DecidedPutBack(id int64, title string) string {
	return thePublication(id, title) + " is back in the queue."
}

// DecidedApproved tells that a publication was approved.
func DecidedApproved(id int64, title string) string {
	return thePublication(id, title) + " is approved."
}

// DecidedStopped tells why a publication does not go out in spite of a decision. why is as a list shows it.
func DecidedStopped(id int64, title, why string) string {
	return fmt.Sprintf("%s does not go out: %s", thePublication(id, title), withStop(why))
}

// DecidedAfter tells what a waiting publication waits for, as GoesOutAfter tells it.
func DecidedAfter(id int64, title, goesOut string) string {
	return fmt.Sprintf("%s is waiting. It %s.", thePublication(id, title), goesOut)
}

// GoesOutNow tells when a publication is published that nothing holds up. isServed is whether a daemon runs.
func GoesOutNow(isServed bool) string {
	if isServed {
		return "The running daemon takes it within seconds."
	}
	return "It goes out when `postern serve` or `postern sync` runs."
}

// GoesOutInTurn tells when a publication is published that is not to be published at once. gates is what it waits for,
// "" for nothing.
func GoesOutInTurn(isServed bool, gates string) string {
	text := GoesOutInItsTurn
	if !isServed {
		text = "It goes out in its turn, when `postern serve` or `postern sync` runs."
	}
	if gates != "" {
		text = fmt.Sprintf("%s: %s.", strings.TrimSuffix(text, "."), gates)
	}
	return text
}

// MediaTriedAgain tells who tries the media of a publication again.
func MediaTriedAgain(isServed bool) string {
	if isServed {
		return "Postern tries its media again now."
	}
	return "`postern serve` or `postern sync` tries its media again."
}

// GoesOutAfterProblem tells which problem has to be fixed first. remedy is what to do, "" for nothing.
func GoesOutAfterProblem(isInTurn bool, problem, remedy string) string {
	text := "It goes out after this problem is fixed: " + withStop(problem)
	if isInTurn {
		text = "It goes out in its turn after this problem is fixed: " + withStop(problem)
	}
	return Text(text, withStop(remedy))
}

// FilterOverridden tells which filter a decision overrides.
func FilterOverridden(why string) string { return fmt.Sprintf("This overrides a filter: %s.", why) }

// The steps before a waiting publication goes out, after “after”.

// CommandStepApprove is the approval.
func CommandStepApprove(id int64) string { return fmt.Sprintf("`postern approve %d`", id) }

// CommandStepResume is the end of an account's pause.
func CommandStepResume(account int64) string {
	return fmt.Sprintf("`postern account resume %d`", account)
}

// CommandStepConnect is a new access token for an account.
func CommandStepConnect(name string) string { return name + " is connected again" }

// CommandStepConnectAndResume is both for an account.
func CommandStepConnectAndResume(name string, account int64) string {
	return fmt.Sprintf("%s is connected again and `postern account resume %d`", name, account)
}

// thePublication names a publication at the beginning of a sentence.
func thePublication(id int64, title string) string { return capital(aPublication(id, title)) }

// aPublication names a publication within a sentence.
func aPublication(id int64, title string) string {
	if title == "" {
		return fmt.Sprintf("publication %d", id)
	}
	return fmt.Sprintf("publication %d (“%s”)", id, title)
}

// withStop returns a text with a full stop at its end; "" stays.
func withStop(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// The list of publications.

// Why many publications are on hold at once, as the end of a sentence.
const (
	CrowdMany        = "because the feed showed many new entries at once"
	CrowdAlike       = "because many new entries look like earlier posts"
	CrowdDatedBefore = "because they are new in the feed but have an old date"
	CrowdStartHold   = "because they are older than their feed or account"
	CrowdStartAsk    = "because they are older than their account"
	CrowdApproval    = "because each post waits for your approval"
	CrowdApprovalOff = "because each post needed your approval when it was checked"
)

// CrowdOnHold tells why publications of an account are on hold together, and how to release them. because is one of the
// reasons above.
func CrowdOnHold(account, because string, publications []string) string {
	return fmt.Sprintf("%d posts of %s are on hold, %s. To let all of them go out, run `postern approve %s`. To skip all "+
		"of them, run `postern skip %[4]s`.", len(publications), account, because, strings.Join(publications, " "))
}

// Where no Postern runs.
const (
	IdlePublishing = "Postern is not running, so nothing is published now. Run `postern serve`, or `postern sync` for " +
		"one pass."
	IdleChecking = "Postern is not running, so no feed is checked. Run `postern serve`, or `postern sync` for one pass."
)

// FeedPausedResume tells that a feed is paused, and how to resume it.
func FeedPausedResume(id int64, name string) string {
	return fmt.Sprintf("Feed %d (%s) is paused, so Postern does not check it. To resume it, run `postern feed resume "+
		"%[1]d`.", id, name)
}

// NextCheckOf tells when a feed is checked next, such as "in 5 min".
func NextCheckOf(id int64, name, when string) string {
	return fmt.Sprintf("feed %d (%s) %s", id, name, when)
}

// NextChecks tells when new posts appear. checks are from NextCheckOf.
func NextChecks(checks []string) string {
	return fmt.Sprintf("A new post appears after the next check of its feed. Next checks: %s. To check now, run `postern "+
		"sync`.", strings.Join(checks, "; "))
}

// FeedUnreadLately tells why a feed could not be read at its last check, which was such as "2 h ago".
func FeedUnreadLately(id int64, name, when, why string) string {
	return fmt.Sprintf("Feed %d (%s) could not be read at its last check, %s: %s.", id, name, when, why)
}

// NextTryOf tells when a feed is read again, such as "in 5 min".
func NextTryOf(when string) string { return fmt.Sprintf("Next try: %s.", when) }

// NextTryWhenRunning tells that nothing reads a feed again by itself.
const NextTryWhenRunning = "Next try: when `postern serve` or `postern sync` runs."

// PausedByPostern tells how to resume a feed that Postern paused.
func PausedByPostern(id int64) string {
	return fmt.Sprintf("Postern paused it. To resume it, run `postern feed resume %d`.", id)
}

// RunFeedCheck names the command that says more about a feed.
func RunFeedCheck(id int64) string { return fmt.Sprintf("For more, run `postern feed check %d`.", id) }
