package words

import "fmt"

// What a button on the page of a post has done.
const (
	DonePublish   = "Postern publishes it now."
	DoneHold      = "On hold. It stays here until you approve, publish or skip it."
	DoneSkip      = "Skipped. It goes out only if you publish it or put it back in the queue."
	DoneRetry     = "Postern tries it again from the start."
	DoneConfirm   = "Kept as published."
	DoneCheckLive = "It is live. Kept as published."
	DoneCheck     = "Postern looked again and found no sign that settles it."

	DoneApproveBlocked = "Approved. It goes out when the problem with its media is fixed."
	DonePutBackBlocked = "Back in the queue. It goes out when the problem with its media is fixed."
	DoneRetryBlocked   = "Postern tries it again now. It goes out when the problem with its media is fixed."

	DoneEdits          = "Caption and pictures saved."
	DoneEditCaption    = "Caption saved."
	DoneEditPictures   = "Pictures saved."
	DoneNoEdit         = "Nothing changed."
	DoneCaptionFollows = "The caption follows your site again."
	DonePicturesFollow = "The pictures follow your site again."
	NotDoneMayBeLive   = "Nothing was done. It may be live: look at the profile, then tick the box if it is not there."
	NotDonePermalink   = "Nothing was done. The address of the post starts with https://. Leave it empty if you do " +
		"not know it."
	NotDoneChanged      = "Nothing was done. This post changed meanwhile. Here is its current state."
	NotDoneChangedOther = "Nothing was done. This post changed meanwhile."
	NotDoneNoneChosen   = "Nothing was done. Choose at least one post."
	PutPostsBack        = "Put posts back"
)

// DoneApprove tells when a post goes out that was approved. date is its date while that is ahead, else "".
func DoneApprove(date string) string {
	if date == "" {
		return "Approved. It goes out in its turn."
	}
	return fmt.Sprintf("Approved. It goes out in its turn after its date, %s.", date)
}

// DonePutBack tells when a post goes out that was put back in the queue. date is its date while that is ahead, else "".
func DonePutBack(date string) string {
	if date == "" {
		return "Back in the queue. It goes out in its turn."
	}
	return fmt.Sprintf("Back in the queue. It goes out in its turn after its date, %s.", date)
}

// DoneAfterRest tells when a post goes out whose account Instagram wants no calls for. at is a time in words.
func DoneAfterRest(name, at string) string {
	return fmt.Sprintf("Postern publishes it when Instagram accepts calls for %s again, at about %s.", name, at)
}

// DoneAfterQuota tells that a post goes out when Instagram takes more. why is a sentence.
func DoneAfterQuota(why string) string {
	return fmt.Sprintf("Postern publishes it when Instagram takes more posts. %s", why)
}

// DoneAfterBegun tells when a post goes out whose account has begun with another one. at is a time in words.
func DoneAfterBegun(name, at string) string {
	return fmt.Sprintf("Postern publishes it after another post of %s that it has begun with, at about %s.", name, at)
}

// DoneStopped tells why a post still does not go out.
func DoneStopped(why string) string { return fmt.Sprintf("It does not go out: %s.", why) }

// DoneOverrides names the filter that no longer keeps a post back.
func DoneOverrides(filter string) string { return fmt.Sprintf("This overrides a filter: %s.", filter) }

// NotSavedBecause tells why changes were not saved beside an order that was carried out. why is a sentence.
func NotSavedBecause(why string) string { return fmt.Sprintf("Your changes were not saved: %s", why) }

// NotSaved tells why nothing was saved. why is a sentence.
func NotSaved(why string) string { return fmt.Sprintf("Nothing was saved. %s", why) }

// NotDone tells why an order was not carried out. why is a sentence.
func NotDone(why string) string { return fmt.Sprintf("Nothing was done. %s", why) }

// NotChecked tells why Postern could not look for a post at Instagram. why is a sentence.
func NotChecked(why string) string { return fmt.Sprintf("Postern could not look: %s", why) }

// PutBackAsk asks before posts go back in the queue.
func PutBackAsk(posts int) string { return fmt.Sprintf("Put %s back in the queue?", countPosts(posts)) }

// PutBackButton puts posts back in the queue.
func PutBackButton(posts int) string {
	return fmt.Sprintf("Put %s back in the queue", countPosts(posts))
}

// DonePutAllBack counts the posts that went back.
func DonePutAllBack(posts int) string {
	return fmt.Sprintf("%s went back in the queue.", countPosts(posts))
}

// DonePutSomeBack counts the posts that went back, of those that were chosen.
func DonePutSomeBack(moved, posts int) string {
	return fmt.Sprintf("%d of %s went back in the queue.", moved, countPosts(posts))
}
