package words

import "fmt"

// The page of a publication.
const (
	NoCaption    = "No caption."
	NoAltTextYet = "Picture without an alternative text"

	FateSentAsIs   = "sent from its own address"
	FatePrepared   = "prepared when its turn comes"
	FateNotShown   = "cannot be shown"
	VideosPrepared = "videos are prepared when their turn comes"

	ProgressAtInstagram = "Instagram is processing it."
)

// nothingElseHoldsIt follows what publishes a post at once.
const nothingElseHoldsIt = "Its date, minimum age, cool-down, posts per day and quiet hours no longer apply. " +
	"Instagram's own limit does."

// Turn is what a post waits for before it goes out in its turn; "" is nothing. Date is its date while that is ahead,
// Step what has to happen before its account publishes, and Problem what a check found that keeps it from going out.
type Turn struct {
	Date, Step string
	Problem    Problem
}

// Problem is what a check found that keeps a post from going out; the zero value is none.
type Problem struct {
	Text     string
	IsStated bool // the page states it already
}

// words returns what the post does in its turn, after "it".
func (t Turn) words() string {
	text := "goes out in its turn, keeping quiet hours and pace."
	switch {
	case t.Date != "" && t.Step != "":
		text = fmt.Sprintf("goes out in its turn after its date, %s, and after %s, keeping quiet hours and pace.", t.Date,
			t.Step)
	case t.Date != "":
		text = fmt.Sprintf("goes out in its turn after its date, %s, keeping quiet hours and pace.", t.Date)
	case t.Step != "":
		text = fmt.Sprintf("goes out in its turn after %s, keeping quiet hours and pace.", t.Step)
	}
	if t.Problem.Text == "" {
		return text
	}
	return text + " " + fixFirst(t.Problem)
}

// fixFirst names the problem that keeps a post from going out.
func fixFirst(p Problem) string {
	if p.IsStated {
		return "Before that, fix the problem above."
	}
	return fmt.Sprintf("Before that, fix this problem: %s", withStop(p.Text))
}

// AboutApprove tells what Approve does.
func AboutApprove(turn Turn) string { return fmt.Sprintf("Approve: it %s", turn.words()) }

// DateFarAhead asks whether a post is meant to go out on a date more than a year ahead. button is pressed again then.
func DateFarAhead(date, button string) string {
	return fmt.Sprintf("This post is dated %s, more than a year ahead, and would go out after that. If you mean that date, "+
		"press “%s” again. If not, correct the date on your site.", date, button)
}

// AboutPutBack tells what Put back in the queue does.
func AboutPutBack(turn Turn) string { return fmt.Sprintf("Put back in the queue: it %s", turn.words()) }

// AboutPutBackNew is AboutPutBack for an entry that was skipped as the same as another.
func AboutPutBackNew(turn Turn) string {
	return fmt.Sprintf("Put back in the queue: the entry counts as a new post and %s", turn.words())
}

// AboutPublish tells what Publish now does. step is what has to happen before, "" for nothing.
func AboutPublish(step string, p Problem) string {
	switch {
	case p.Text != "" && step != "":
		return fmt.Sprintf("Publish now: it goes out after %s. %s %s", step, fixFirst(p), nothingElseHoldsIt)
	case p.IsStated:
		return "Publish now: it goes out after you fix the problem above. " + nothingElseHoldsIt
	case p.Text != "":
		return fmt.Sprintf("Publish now: it goes out after you fix this problem: %s %s", withStop(p.Text),
			nothingElseHoldsIt)
	case step != "":
		return fmt.Sprintf("Publish now: it goes out after %s. %s", step, nothingElseHoldsIt)
	}
	return "Publish now: it goes out at once. " + nothingElseHoldsIt
}

// AboutRetry tells what Retry does. step is what has to happen before, "" for nothing.
func AboutRetry(step string) string {
	if step == "" {
		return "Retry: Postern tries the post again at once from the start. " + nothingElseHoldsIt
	}
	return fmt.Sprintf("Retry: Postern tries the post again from the start after %s. %s", step, nothingElseHoldsIt)
}

// TriesSoFar counts the answers with an error and how often the media were handed over.
func TriesSoFar(failed, rounds int) string {
	if failed == 0 {
		return fmt.Sprintf("Postern sent the media %s.", times(rounds))
	}
	return fmt.Sprintf("Instagram answered with an error %s so far. Postern sent the media %s.", times(failed),
		times(rounds))
}

// FeedOffStillGoes tells that a waiting post goes out though its feed is switched off for the account.
func FeedOffStillGoes(feed, account string) string {
	return fmt.Sprintf("The feed “%s” is switched off for %s, so no new post of it goes there. This post still goes "+
		"out.", feed, account)
}

// FeedOffNeedsYou tells that a post does not go out by itself when its feed is switched off for the account.
func FeedOffNeedsYou(feed, account string) string {
	return fmt.Sprintf("The feed “%s” is switched off for %s, so no new post of it goes there. This post goes out only "+
		"if you let it.", feed, account)
}

// FeedOffMayGo tells that a post can still go out by itself though its feed is switched off for the account.
func FeedOffMayGo(feed, account string) string {
	return fmt.Sprintf("The feed “%s” is switched off for %s, so no new post of it goes there. This post can still go "+
		"out.", feed, account)
}

// TraceID is Meta's trace id of an answer.
func TraceID(id string) string { return "trace id " + id }

// FateNotShownBecause tells why a picture cannot be shown.
func FateNotShownBecause(why string) string { return fmt.Sprintf("cannot be shown: %s", why) }

// Progress of a publication. position counts from 1 to of; where there is one file, of is 1.

// ProgressConverting tells how far a conversion is. done and all are lengths of the video, all is "" while unknown.
func ProgressConverting(position, of int, percent int64, done, all string) string {
	if all == "" {
		return progress(position, of, fmt.Sprintf("converting the video, %s so far.", done))
	}
	return progress(position, of, fmt.Sprintf("converting the video, %d%% (%s of %s).", percent, done, all))
}

// ProgressFetching tells how far a download is. done and all are sizes, all is "" while unknown.
func ProgressFetching(position, of int, done, all string) string {
	if all == "" {
		return progress(position, of, fmt.Sprintf("fetching from the site, %s so far.", done))
	}
	return progress(position, of, fmt.Sprintf("fetching from the site, %s of %s.", done, all))
}

// ProgressFetched tells that a file is there and is being prepared.
func ProgressFetched(position, of int) string {
	return progress(position, of, "fetched, being prepared.")
}

// progress puts the place among several files before what is done with one.
func progress(position, of int, does string) string {
	if of > 1 {
		return fmt.Sprintf("%d of %d: %s", position, of, does)
	}
	return capital(does)
}
