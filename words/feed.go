package words

import (
	"fmt"
	"strings"
	"time"
)

// What is left out of a post. LeftOutAt tells where it is, LeftOutNote that it is left out.
const (
	LeftHidden           = "hidden from readers"
	LeftAdvertising      = "advertising, by its class"
	LeftStrip            = "an advertising banner"
	LeftSmallLink        = "a small linked picture without a description"
	LeftLinkHome         = "a linked picture that leads to a front page"
	LeftLinkAtEnd        = "a linked picture after the end of the text"
	LeftOthersPost       = "part of another person's post"
	LeftRepeated         = "the same picture is in most entries of the feed"
	LeftAudioCovers      = "the cover of several audio entries"
	LeftBullet           = "a bullet of a list"
	LeftFeedService      = "a button or counter of a feed service"
	LeftVideoCover       = "the cover of a video on another site"
	LeftQuote            = "part of a quoted post"
	LeftSVG              = "a drawing (SVG)"
	LeftTooMany          = "more pictures than Postern reads of one feed"
	LeftInlineSVG        = "a drawing inside the text (SVG)"
	LeftEmbed            = "an embedded page"
	LeftNoPictureAddress = "a picture without an address of its own"
	LeftNoVideoAddress   = "a video without an address of its own"
	LeftStream           = "a stream, not a file"
	LeftLogo             = "the logo of the feed"
	LeftAudioCover       = "the cover of an audio entry"
	LeftThumbnail        = "a thumbnail too small to publish"
	LeftUnfilled         = "an address that a program did not fill in"
	LeftPlayer           = "a page with a player instead of a file"
	LeftOther            = "neither a picture nor a video"
	LeftBackground       = "the background of an element, not a cover"
	LeftLinkedPicture    = "a picture that is only linked"
	LeftEndOfText        = "the end of the text, which is longer than Postern reads"
	LeftEndOfTitle       = "the end of the title, which is longer than Postern reads"
)

// LeftOutAt tells what is left out and where it is; address is "" for nowhere. Of data: it names only the scheme.
func LeftOutAt(what, address string) string {
	switch {
	case address == "":
		return what
	case strings.HasPrefix(address, "data:"):
		return what + " (data:)"
	}
	return fmt.Sprintf("%s: %s", what, address)
}

// LeftOutNote is the note that something is left out of a post.
func LeftOutNote(what string) string { return "left out: " + what }

// Why a line is left out of a post.
const (
	LineBeforePictures = "it stands before every picture in most entries of the feed"
	LineLinksToPost    = "it only links to the post itself"
	LineFooter         = "it is a footer that links to the post and to the front page"
	LineTrail          = "it is a trail of links that leads to the post"
	LineOfProgram      = "a program added it"
	LineReadMore       = "it leads to the rest of the post"
	LineRepeated       = "most entries of the feed have it"
)

// Why a post may not be for everybody.
const (
	SensitiveRatedAdult = "its media are rated adult"
	SensitiveMarked     = "the site marks it as sensitive"
	SensitiveVideo      = "the site marks its video as explicit"
	SensitiveWarning    = "it has a content warning"
)

// What became of the picture that the page of a post names.
const (
	PagePictureTaken    = "the picture is the one its page names (og:image)"
	PagePictureNone     = "its page names no picture either (og:image)"
	PagePictureUnread   = "its page was not read yet, in which there may be a picture (og:image)"
	PagePictureRepeated = "the picture that its page names, because other pages name it too (og:image)"
)

// What is wrong with the markup of a post.
const (
	PosseEmpty        = "it is empty"
	PosseTooLarge     = "it is larger than 1 MB"
	PosseTooDeep      = "it is nested too deeply"
	PosseNoJSONObject = "it is not a JSON object"
)

// The check of a feed, and what its owner can do.
const (
	FeedWasRemoved  = "which was removed"
	FeedItemsNoList = "items is not a list"
	XMLEndTag       = "an end tag is wrong or missing"
	XMLNoFeed       = "it does not begin like a feed"
	FixSchedule     = "correct the feed's schedule"
	FeedIsPaused    = "the feed is paused, so Postern does not check it for new posts"
	FixPollsFailed  = "fix what the other checks of this feed found. Postern reads it again at its next check"
	ServerAnswers   = "the server answers"
	FixNotAFeed     = "add the address of the feed itself"
	FixTimeZone     = "correct the time zone in the settings of the site or of its generator"
	FixContent      = "correct it on the site"
	FixUnreached    = "open the address in a browser. If it works there, try again later"
	FixFeedEmpty    = "publish a post on the site, because the feed is empty"
	FixNoMedia      = "put the full text of the posts into the feed, or add enclosures, because no entry has a " +
		"picture or video"
	FixFeedMayBeDown = "the site may be down for a while, and Postern tries again by itself. If the feed has moved, " +
		"add its new address and remove this one"
	FormatHEntry = "web page with h-entry"
)

// Why a feed cannot be read, or a schedule used.
const (
	ScheduleEmpty = `the schedule is empty. Use "@every 5m" or a cron expression such as "*/10 * * * *"`
	SourceNone    = "no feed is named. Give the address of a feed or site, the name of a feed file, or - for " +
		"standard input"
)

// LeftIcon tells the size of an icon.
func LeftIcon(width, height string) string {
	return fmt.Sprintf("an icon of %s×%s pixels", width, height)
}

// LeftPortrait tells the size of a portrait.
func LeftPortrait(width, height string) string {
	return fmt.Sprintf("a portrait of %s×%s pixels", width, height)
}

// LeftMarkedLink names the word that marks a linked picture.
func LeftMarkedLink(word string) string {
	return fmt.Sprintf("a linked picture that is marked %s", word)
}

// LeftButtonTo names what the page is for that a button leads to.
func LeftButtonTo(purpose string) string {
	return fmt.Sprintf("a button that leads to a page to %s", purpose)
}

// LeftBlock names the class of a block that is not the post's.
func LeftBlock(class string) string {
	return fmt.Sprintf("part of a block that is not the post's (%s)", class)
}

// LeftLine tells why a line of the text is left out.
func LeftLine(line, why string) string { return fmt.Sprintf("the line %q: %s", line, why) }

// SensitiveRated names the rating of a post's media.
func SensitiveRated(rating string) string { return "its media are rated " + rating }

// SensitiveMarkedAs names the tag that marks a post.
func SensitiveMarkedAs(tag string) string { return "the site marks it as " + tag }

// PostTypeUnknown names a post type that there is not.
func PostTypeUnknown(kind string) string {
	return fmt.Sprintf("data-post-type %s is unknown. Use post, reels or stories", kind)
}

// PosseChannelUnknown names a channel that there is not.
func PosseChannelUnknown(channel string) string {
	return fmt.Sprintf("channel %q of posse:post is unknown. Use feed or story", channel)
}

// PosseNoObject names a medium, counted from 1, that is no object.
func PosseNoObject(number int) string {
	return fmt.Sprintf("medium %d of posse:post is not an object", number)
}

// PosseNoAddress names a medium, counted from 1, without an address.
func PosseNoAddress(number int) string {
	return fmt.Sprintf("medium %d of posse:post has no web address", number)
}

// PosseTypeUnknown names a medium, counted from 1, of a type that there is not.
func PosseTypeUnknown(number int, kind string) string {
	return fmt.Sprintf("medium %d of posse:post has the unknown type %q", number, kind)
}

// PosseBroken tells what is wrong with the JSON.
func PosseBroken(why string) string { return fmt.Sprintf("its JSON is broken (%s)", why) }

// TypeOfServer names what a server calls a file whose type the feed does not name.
func TypeOfServer(address, kind string) string {
	return fmt.Sprintf("the feed names no type for %s, and its server says %s", address, kind)
}

// TypeUnknownYet names a file whose type nobody named yet.
func TypeUnknownYet(address string) string {
	return fmt.Sprintf("the feed names no type for %s, and its server has not answered yet", address)
}

// FeedIsPausedBecause tells why Postern paused a feed.
func FeedIsPausedBecause(why string) string { return "the feed is paused: " + why }

// FixFeedPaused names the command that resumes a feed.
func FixFeedPaused(id int64) string {
	return fmt.Sprintf("resume it with `postern feed resume %d`", id)
}

// PollsFailed counts the polls in a row that failed.
func PollsFailed(count int, why string) string {
	if count == 1 {
		return "the last poll failed: " + why
	}
	return fmt.Sprintf("the last %d polls failed: %s", count, why)
}

// FeedMoved names the address that a feed has moved to.
func FeedMoved(address string) string { return "the feed moved permanently to " + address }

// FeedMovedForGood names the address that the next poll keeps.
func FeedMovedForGood(address string) string {
	return fmt.Sprintf("the feed has moved permanently to %s. Postern uses that address from the next poll on", address)
}

// FixFeedDamaged tells what is wrong with the XML or JSON of a feed.
func FixFeedDamaged(why string) string {
	return fmt.Sprintf("check the feed with a feed validator, or tell the site's owner: %s", why)
}

// EntriesWithMedia counts the entries of a feed.
func EntriesWithMedia(with, all int) string {
	return fmt.Sprintf("%d of %d entries have a picture or video", with, all)
}

// NewestEntry tells the date of the newest entry.
func NewestEntry(date time.Time) string {
	return "the newest entry is dated " + date.Format("2 January 2006")
}

// FeedUntitled names the format of a feed without a title.
func FeedUntitled(format string) string { return format + " without a title" }

// FileNoFeed tells why a file is not a feed.
func FileNoFeed(file, why string) string {
	return fmt.Sprintf("%s: %s. Name a feed file (RSS, Atom or JSON Feed)", file, why)
}

// ScheduleZone tells that a schedule has no time zone of its own.
func ScheduleZone(schedule string) string {
	return fmt.Sprintf("schedule %q has a time zone, but Postern uses the one of this machine. Leave the time zone "+
		"out", schedule)
}

// ScheduleNoSpan tells that @every needs a length of time.
func ScheduleNoSpan(schedule string) string {
	return fmt.Sprintf("schedule %q needs a length of time after @every, such as 90s, 5m, 12h or 2d", schedule)
}

// ScheduleTooOften tells how far apart polls are.
func ScheduleTooOften(schedule string) string {
	return fmt.Sprintf("schedule %q polls too often. Leave at least a second between polls", schedule)
}

// ScheduleNever tells that a schedule has no date.
func ScheduleNever(schedule string) string {
	return fmt.Sprintf("schedule %q names a date that does not exist", schedule)
}

// SourceNeither tells that a name is neither a file nor a server.
func SourceNeither(file, server string) string {
	return fmt.Sprintf("there is neither a file %s nor a server named %s. Check the spelling", file, server)
}

// SourceFolder tells that a folder was named.
func SourceFolder(name string) string { return name + " is a folder. Name the feed file in it" }

// SourceNoFile tells that a file is not there.
func SourceNoFile(name string) string {
	return fmt.Sprintf("there is no file %s. Check its name, or begin an address with https://", name)
}

// SourceForbidden tells that this user may not read a file.
func SourceForbidden(name string) string {
	return name + " cannot be read (permission denied). Let this user read it"
}

// SourceTooLarge tells the most that a feed may be.
func SourceTooLarge(name, most string) string {
	return fmt.Sprintf("%s is larger than %s, which is too much for a feed", name, most)
}

// SourceEmptyFile tells that a file is empty.
func SourceEmptyFile(name string) string {
	return name + " is empty. Name a file with a feed (RSS, Atom or JSON Feed)"
}

// HubInvalid tells that the address of a hub is none.
func HubInvalid(address string) string { return fmt.Sprintf("%q is not a web address", address) }

// HubAnswered tells the HTTP status with which a hub refused a subscription.
func HubAnswered(status string) string { return "the hub answered " + status }
