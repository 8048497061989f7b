package words

import (
	"fmt"
	"strings"
)

// What a check found in one post. name is that of a picture or video.
const (
	FoundNothing         = "no picture or video"
	FoundStoryWords      = "a story has no caption"
	FoundNotChecked      = "not checked: a picture that needs a repair would wait for a public address"
	FoundPosterInstead   = "instead of the feed's poster, which cannot be used"
	FoundPublicURLNeeded = "Instagram cannot fetch this: set web.base_url and restart Postern"
	FixPartShown         = "Skip it. To send them again, choose them in the post's pictures."
	FixCaptionCut        = "To choose which words stay, shorten the caption."
	FixEditTooLong       = "Shorten it."
	FixLeavesNothing     = "If you approve or publish the post, Postern sends them all the same."
	FixAllTiny           = "Show a larger picture on the site."
)

// FoundSyndicateOff tells which setting does not want the post published.
func FoundSyndicateOff(origin string) string {
	return fmt.Sprintf("`syndicate` is off, from the %s", origin)
}

// FoundCaptionTooLong counts characters.
func FoundCaptionTooLong(has, most int) string {
	return fmt.Sprintf("the caption has %d characters and Instagram takes %d", has, most)
}

// FoundEditTooLong counts characters of a caption that a person wrote.
func FoundEditTooLong(has, most int) string {
	return fmt.Sprintf("the edited caption has %d characters and Instagram takes %d", has, most)
}

// FoundCaptionCut counts characters.
func FoundCaptionCut(from, to int) string {
	return fmt.Sprintf("caption cut from %d to %d characters", from, to)
}

// FoundHashtags counts hashtags.
func FoundHashtags(plain, all, most int) string {
	return fmt.Sprintf("Postern turned %d of %d hashtags into plain words, because Instagram takes %d", plain, all,
		most)
}

// FoundMentions counts mentions.
func FoundMentions(plain, all, most int) string {
	return fmt.Sprintf("Postern turned %d of %d mentions into plain words, because Instagram takes %d", plain, all,
		most)
}

// FoundPartShown names the publication that shows the pictures of a part.
func FoundPartShown(publication int64) string {
	return fmt.Sprintf("publication %d shows the pictures of this part", publication)
}

// FoundStill tells why an animation stays a picture.
func FoundStill(why string) string {
	return fmt.Sprintf("the animation could not be made a video, so its first frame is sent: %s", why)
}

// FoundCoverUnusable tells why the feed's cover is left out.
func FoundCoverUnusable(why string) string { return "Postern left the cover out: " + why }

// FoundNoCover tells why neither the feed's cover nor a picture of the reel can be used.
func FoundNoCover(why, whyNotReel string) string {
	return fmt.Sprintf("Postern left the cover out (%s) and could not take one from the reel (%s)", why, whyNotReel)
}

// FoundNoReelCover tells why no cover was taken from the reel.
func FoundNoReelCover(why string) string {
	return "Postern could not take a cover from the reel: " + why
}

// FoundReelCover tells why the cover is a picture of the reel.
func FoundReelCover(why string) string {
	return "the cover is a picture of the reel, because the feed's cannot be used: " + why
}

// FoundStoryTooMany counts the pictures and videos of a story.
func FoundStoryTooMany(count int) string {
	return fmt.Sprintf("a story shows only the first of %d pictures and videos", count)
}

// FoundTooMany counts pictures and videos.
func FoundTooMany(count, most int) string {
	return fmt.Sprintf("the post has %d pictures and videos, and Instagram takes the first %d", count, most)
}

// FoundPartEmpty counts the pictures and videos that a post of several parts has now.
func FoundPartEmpty(part, parts, count int) string {
	return fmt.Sprintf("nothing is left for part %d of %d: the post now shows fewer pictures and videos (%d)", part,
		parts,
		count)
}

// FoundPartsTooMany counts what is beyond the last part.
func FoundPartsTooMany(count int) string {
	return fmt.Sprintf("Postern leaves out the last %d, because the post had fewer when it was found", count)
}

// FoundAltNotTaken tells that Instagram takes no alt text there.
func FoundAltNotTaken(name string) string { return name + ": Instagram takes no alt text here" }

// FoundAltMissing names a picture without alt text.
func FoundAltMissing(name string) string { return name + " has no alt text" }

// FoundAltTooLong counts characters.
func FoundAltTooLong(name string, from, to int) string {
	return fmt.Sprintf("%s: alt text cut from %d to %d characters", name, from, to)
}

// FoundCaptionRepeated names the publication with the same caption.
func FoundCaptionRepeated(publication int64) string {
	return fmt.Sprintf("publication %d has the same words", publication)
}

// FoundPicturesRepeated names the publication with the same pictures.
func FoundPicturesRepeated(publication int64) string {
	return fmt.Sprintf("publication %d has the same pictures", publication)
}

// FoundNoWebAddress tells that an address cannot be fetched.
func FoundNoWebAddress(name string) string {
	return fmt.Sprintf("the address of %s is neither http nor https", name)
}

// FoundNeedsConverting tells that Instagram cannot take a file as it is.
func FoundNeedsConverting(name string) string { return name + " needs converting" }

// FoundRepaired names the repair of a file.
func FoundRepaired(name, repair string) string { return fmt.Sprintf("%s: %s", name, repair) }

// FoundEnlarged names the repair of a file that it makes less sharp.
func FoundEnlarged(name, repair string) string {
	return fmt.Sprintf("%s: %s, so it looks less sharp", name, repair)
}

// FoundNeedsAddress names the repairs of a file that Instagram could not fetch.
func FoundNeedsAddress(name string, repairs []string) string {
	return fmt.Sprintf("%s must be repaired (%s), and the result has no address that Instagram could fetch", name,
		strings.Join(repairs, ", "))
}

// FoundInstead tells that another address of a picture is used.
func FoundInstead(name string) string {
	return name + ": its address serves no picture. Postern sends the one that the post shows"
}

// FoundVideoSmall tells the least side of a video in pixels.
func FoundVideoSmall(name string, side int) string {
	return fmt.Sprintf("%s: its short side has fewer than %d pixels, and people report that Instagram refuses "+
		"some such videos", name, side)
}

// FoundVideoFit tells that a story does not show all of a video.
func FoundVideoFit(name string) string {
	return name + ": a story is shown in 9:16, and Instagram cuts off what is beyond"
}

// FoundASCII tells that an address has characters outside ASCII.
func FoundASCII(name string) string { return name + ": Postern wrote its address in ASCII" }

// FoundCropped tells that a carousel has one ratio.
func FoundCropped(name string) string { return name + ": Instagram crops it to the ratio of the first" }

// FoundSandbox names the files that a real account could not send.
func FoundSandbox(names []string) string {
	return fmt.Sprintf("%s: a real account would need a public address to send it like this", strings.Join(names, "; "))
}

// Notes about what a post becomes.
const (
	NoteChosen      = "you chose the pictures"
	NoteEdited      = "you edited the caption"
	NoteStoryExtras = "a story takes no location, collaborators or first comment"
)

// NotePart tells which pictures and videos a part shows.
func NotePart(part, parts, first, last, all int) string {
	return fmt.Sprintf("part %d of %d: pictures and videos %d to %d of %d", part, parts, first, last, all)
}

// OriginOverride names the place of a setting that a post's markup has for Instagram alone.
const OriginOverride = "entry for Instagram"

// OriginThisFeed names the settings of a feed on an account, on their own page and in their own list.
const OriginThisFeed = "this feed"

// How a post that was left out is published after all.
const (
	LeftOutFeedRemoved = "The feed was removed, so Postern no longer reads this post. Add the feed again to publish it."
	LeftOutNoAccount   = "Connect an account, or let one take the feed in its settings."
	LeftOutFault       = "Please report this fault. Postern reads the post again at each check of the feed."
	LeftOutOther       = "Change this on the site."
	LeftOutPassword    = "Remove the password on the site."
	LeftOutID          = "Give it an id of its own on the site."
	LeftOutPicture     = "Add a picture on the site."
	LeftOutOwnPicture  = "Add a JPEG or PNG picture with an address of its own on the site."
)

// LeftOutUntilCheck tells what has to happen after a remedy: the feed is resumed where it is paused, and either the
// owner or Postern publishes the post.
func LeftOutUntilCheck(remedy string, isPaused, isInitial bool) string {
	if isPaused {
		remedy += " Then resume the feed."
	}
	if isInitial {
		return remedy + " It was there when the feed was added, so publish it yourself after the next check."
	}
	return remedy + " Postern takes the post as a new one at its next check of the feed."
}

// Why the value of a setting cannot be used. They follow its name.

// SettingUnknown lists the settings that there are.
func SettingUnknown(name string, names []string) string {
	return fmt.Sprintf("there is no setting %q; there are %s", name, strings.Join(names, ", "))
}

// ValueTooLong counts characters.
func ValueTooLong(has, most int) string {
	return fmt.Sprintf("it has %d characters and Instagram takes %d: shorten it", has, most)
}

// ValueNoPlaceholder lists the placeholders that there are.
func ValueNoPlaceholder(value string, names []string) string {
	return fmt.Sprintf("there is no placeholder %.60q; there are {{%s}}", value, strings.Join(names, "}}, {{"))
}

// ValueBraces tells how a placeholder is written.
const ValueBraces = "a placeholder has two braces on both sides, such as {{title}}"

// ValueNoBool tells that a value is neither yes nor no.
func ValueNoBool(value string) string { return fmt.Sprintf("%q is neither yes nor no", value) }

// ValueNoNumber tells the most that a number may be.
func ValueNoNumber(value string, most int) string {
	return fmt.Sprintf("%q is not a number from 0 to %d", value, most)
}

// ValueNoChoice lists the values that there are.
func ValueNoChoice(value string, choices []string) string {
	return fmt.Sprintf("%q is neither %s", value, strings.Join(choices, " nor "))
}

// ValueNoColour tells that a value is not a colour.
func ValueNoColour(value string) string {
	return fmt.Sprintf("%q is not a colour such as #ffffff", value)
}

// ValueNoPage tells that a value is not the number of a Facebook Page.
func ValueNoPage(value string) string {
	return fmt.Sprintf("%q is not the number of a Facebook Page such as 7640348500", value)
}

// ValueNoUser tells that a value is not a user name.
func ValueNoUser(value string) string {
	return fmt.Sprintf("%q is not a user name of Instagram: letters, digits, dots and underscores", value)
}

// ValueRepeated tells that a list has a value twice.
func ValueRepeated(value string) string { return fmt.Sprintf("%q appears twice", value) }

// ValueTooMany counts names.
func ValueTooMany(has, most int) string {
	return fmt.Sprintf("it has %d names and Instagram takes %d", has, most)
}

// ValueNoDate tells that a value is not the format of a date.
func ValueNoDate(value string) string {
	return fmt.Sprintf("%q is not a date format such as %%d.%%m.%%Y", value)
}

// ValueNoMention tells that a value is not a name with a handle.
func ValueNoMention(value string) string {
	return fmt.Sprintf("%q is not a name on your site and a handle on Instagram, such as bob@other.example=bob", value)
}

// ValueNoHours tells that a value is not a part of the day.
func ValueNoHours(value string) string {
	return fmt.Sprintf("%q is not a part of the day such as 22:00-07:00", value)
}

// ValueNoSlot tells what a weekly slot looks like.
func ValueNoSlot(value string) string {
	return fmt.Sprintf("%q is not a weekly slot such as mon-fri 18:00", value)
}

// ValueNoSlotTime tells which times a slot can have.
func ValueNoSlotTime(value string) string {
	return fmt.Sprintf("%q is not a time of the day: slots go from 00:00 to 23:59", value)
}

// ValueNoTime tells which times there are.
func ValueNoTime(value string) string {
	return fmt.Sprintf("%q is not possible: times go from 00:00 to 24:00", value)
}

// ValueNoLength tells that a part of the day has no length.
func ValueNoLength(value string) string {
	return fmt.Sprintf("%q begins and ends at the same time", value)
}

// ValueWholeDay tells that nothing would ever be published.
func ValueWholeDay(value string) string {
	return fmt.Sprintf("%q leaves no time of the day. To publish nothing, pause the account", value)
}

// ValueNoZone tells that a value is not a time zone.
func ValueNoZone(value string) string {
	return fmt.Sprintf("%q is not the name of a time zone such as Europe/Berlin", value)
}

// SeeFullPost holds the words of a caption before the address of the post, by language (ISO 639-1). They are in the
// language of the blog, whatever the language of the program.
var SeeFullPost = map[string]string{
	"en": "See the full post at:",
	"cs": "Celý příspěvek:",
	"da": "Læs hele indlægget:",
	"de": "Der ganze Beitrag:",
	"es": "La entrada completa:",
	"fi": "Koko kirjoitus:",
	"fr": "L’article complet :",
	"it": "Il post completo:",
	"ja": "全文はこちら：",
	"nb": "Les hele innlegget:",
	"nl": "Het hele bericht:",
	"pl": "Cały wpis:",
	"pt": "O post completo:",
	"ru": "Запись целиком:",
	"sv": "Läs hela inlägget:",
}
