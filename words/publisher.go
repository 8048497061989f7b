package words

import (
	"fmt"
	"time"
)

// The history of a publication.
const (
	CommentThere    = "the first comment is there"
	CommentWritten  = "the first comment was written"
	LinkNamed       = "Instagram returned the link of the post"
	FoundByAddress  = "found on the profile by its address"
	ProfileUnclear  = "Postern checked the profile again and did not find the post for certain"
	LookAtProfile   = "look at the profile"
	MediaProblemFix = "the problem with its media is fixed"
)

// CommentFailed tells why the first comment was not written.
func CommentFailed(why string) string {
	return "the first comment was not written; write it in the Instagram app if it matters: " + why
}

// CoverLeftOut tells why a video goes without its cover. where is the place in a carousel with a colon, or "".
func CoverLeftOut(where, why string) string { return where + "goes without its cover: " + why }

// ContainerMade names the container that Instagram made.
func ContainerMade(id string) string { return "Instagram took the media as container " + id }

// PublishAsked names the container that Postern asks to publish.
func PublishAsked(id string) string { return "Postern asks Instagram to publish container " + id }

// PublishUnanswered tells what came instead of an answer.
func PublishUnanswered(why string) string {
	return fmt.Sprintf("no answer from Instagram; Postern checks whether the post is live (%s)", why)
}

// SiteTold names the host of a site that knows of the copy.
func SiteTold(host string) string { return "Postern notified " + host + " that the post is live" }

// SiteNotTold tells why the site does not know of the copy.
func SiteNotTold(why string) string {
	return "your site was not notified; run `postern webhook resend` to try again: " + why
}

// AddressNotFound tells that the account has no recent post at an address that a person gave.
func AddressNotFound(permalink string) string {
	return "no recent post of the account has the address " + permalink
}

// AddressNotFoundYet is AddressNotFound while Postern looks again.
func AddressNotFoundYet(permalink string) string {
	return fmt.Sprintf("no recent post of the account has the address %s; Postern looks again", permalink)
}

// AddressOfOther tells that an address that a person gave is another publication's.
func AddressOfOther(permalink string) string {
	return fmt.Sprintf("the post at %s is another publication's", permalink)
}

// Why something beside a publication was not done.
const (
	CommentNoID         = "Instagram's id of the post is not known yet"
	CommentTooMany      = "there are too many other comments to see whether it is there"
	CommentAsked        = "Postern asked for the first comment, and it is not visible yet"
	CommentNoPermission = "the access token lacks instagram_business_manage_comments; generate one that has it, and " +
		"connect the account again"
	MediaIndistinct      = "its media cannot be told from others on the profile yet"
	ContainerUnknownHere = "the container's id is not known"
)

// GoesOutAfter tells what has to happen before a post that is held up goes out. steps is a list as it is read,
// notBefore a time or "", gates what else it waits for or "".
func GoesOutAfter(steps, notBefore, gates string) string {
	switch {
	case notBefore != "" && gates != "":
		return fmt.Sprintf("goes out after %s, not before %s (%s)", steps, notBefore, gates)
	case notBefore != "":
		return fmt.Sprintf("goes out after %s, not before %s", steps, notBefore)
	case gates != "":
		return fmt.Sprintf("goes out after %s (%s)", steps, gates)
	}
	return "goes out after " + steps
}

// What becomes of the older posts after a feed or an account was added.

// NoOlderPosts tells that only new posts go out.
const NoOlderPosts = "No older posts will be published, only new ones."

// OlderLater tells that the older posts go out once the site makes that possible.
const OlderLater = "None of the older posts can be published now. Postern publishes those that can be published later."

// OlderPublished counts the posts that go out and tells from when on, one in each pace; "" for at once.
func OlderPublished(count int, pace, from string) string {
	if count == 1 || pace == "" {
		return fmt.Sprintf("%s will be published, from %s.", countPosts(count), from)
	}
	return fmt.Sprintf("%s will be published, one %s, from %s.", countPosts(count), pace, from)
}

// Pace names how often a post goes out, length being that of every in words: "a day", "every 2 h".
func Pace(every time.Duration, length string) string {
	if every == 24*time.Hour {
		return "a day"
	}
	return "every " + length
}

// PaceSlots says that weekly slots set the pace of posts.
const PaceSlots = "for each weekly slot"

// OlderHeld counts the posts that wait for approval.
func OlderHeld(count int) string {
	if count == 1 {
		return "1 post waits for your approval."
	}
	return fmt.Sprintf("%d posts wait for your approval.", count)
}

// OlderFiltered counts the posts that filters skip.
func OlderFiltered(count int) string {
	if count == 1 {
		return "1 post is skipped by your filters."
	}
	return fmt.Sprintf("%d posts are skipped by your filters.", count)
}

// OlderUnfit counts the posts that are put on hold.
func OlderUnfit(count int) string {
	if count == 1 {
		return "1 post is put on hold, because it cannot go out as it is."
	}
	return fmt.Sprintf("%d posts are put on hold, because they cannot go out as they are.", count)
}
