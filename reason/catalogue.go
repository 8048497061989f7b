package reason

import "slices"

// The codes of posts that are not taken, and of what is worth knowing about one.
const (
	NoMedia           Code = "no_media"
	SyndicateFalse    Code = "syndicate_false"
	PasswordProtected Code = "password_protected"
	EntryUnreadable   Code = "entry_unreadable"
	EntryRepeatsID    Code = "entry_repeats_id"
	NoAccount         Code = "no_account"
	MarkupProblem     Code = "markup_problem"
	PictureTwice      Code = "picture_twice"
	PictureTiny       Code = "picture_tiny"
	AllTiny           Code = "all_tiny"
	PictureInPart     Code = "picture_in_part"
)

// The codes of publications that are skipped.
const (
	FeedRemoved       Code = "feed_removed"
	AccountRemoved    Code = "account_removed"
	AlreadyFromFeed   Code = "already_from_feed"
	FromFeedSkipped   Code = "from_feed_skipped"
	BeforeFeed        Code = "before_feed"
	BeforeFeedNewest  Code = "before_feed_not_newest"
	BeforeFeedUndated Code = "before_feed_undated"
	BeforeStart       Code = "before_start"
	BeforeAccount     Code = "before_account"
	SameAsPublication Code = "same_as_publication"
	SameAsPost        Code = "same_as_post"
	SkippedByOwner    Code = "skipped_by_owner"
	FilterPictures    Code = "filter_pictures"
	FilterSensitive   Code = "filter_sensitive"
	FilterExcluded    Code = "filter_excluded"
	FilterNotIncluded Code = "filter_not_included"
	FilterOver        Code = "filter_over"
)

// The codes of publications that are held.
const (
	Approval             Code = "approval"
	ApprovalOff          Code = "approval_off"
	HeldByOwner          Code = "held_by_owner"
	StartHold            Code = "start_hold"
	StartAsk             Code = "start_ask"
	LooksLikePublication Code = "looks_like_publication"
	LooksLikePost        Code = "looks_like_post"
	SamePictures         Code = "same_pictures"
	DatedBefore          Code = "dated_before"
	EntriesAlike         Code = "entries_alike"
	EntriesMany          Code = "entries_many"
	Restored             Code = "restored"
	CopyUnseen           Code = "copy_unseen"
	CopyStory            Code = "copy_story"
	LiveAlready          Code = "live_already"
	Gone                 Code = "gone"
	MediaRemoved         Code = "media_removed"
	ChangedApproved      Code = "changed_after_approval"
	ChangedPart          Code = "changed_after_part"
	Sensitive            Code = "sensitive"
	SensitiveOff         Code = "sensitive_off"
	Unplannable          Code = "unplannable"
	NothingToShow        Code = "nothing_to_show"
	SyndicateOff         Code = "syndicate_off"
	HoldFixed            Code = "hold_fixed"
	PartEmpty            Code = "part_empty"
	PartShown            Code = "part_shown"
	ChosenGone           Code = "chosen_gone"
	CaptionTooLong       Code = "caption_too_long"
	EditTooLong          Code = "edited_caption_too_long"
	SettingRefused       Code = "setting_refused"
)

// The codes of publications that wait.
const (
	AccountPaused      Code = "account_paused"
	AccountReconnect   Code = "account_reconnect"
	AccountWaits       Code = "account_waits"
	AccountUnusable    Code = "account_unusable"
	DatedAhead         Code = "dated_ahead"
	DatedFar           Code = "dated_far_ahead"
	MinAge             Code = "min_age"
	CoolDown           Code = "cool_down"
	FeedCoolDown       Code = "feed_cool_down"
	PostsPerDay        Code = "posts_per_day"
	Slots              Code = "slots"
	QuietHours         Code = "quiet_hours"
	QuotaFull          Code = "quota_full"
	QuotaAsked         Code = "quota_asked"
	ProfileUnseen      Code = "profile_unseen"
	Yields             Code = "yields"
	PlaceUnknown       Code = "place_unknown"
	CannotWrite        Code = "cannot_write"
	QuotaSpent         Code = "quota_spent"
	PublicAddress      Code = "public_address"
	AddressInterrupted Code = "address_interrupted"
	SourceInterrupted  Code = "source_interrupted"
	SourceRefuses      Code = "source_refuses"
	SourceBusy         Code = "source_busy"
	AddressFailed      Code = "address_failed"
	NoPublicURL        Code = "no_public_url"
	MediaInterrupted   Code = "media_interrupted"
	OfferFailed        Code = "offer_failed"
	Media              Code = "media"
	Answer             Code = "answer"
)

// The codes of publications that Instagram is preparing, and of containers of no use.
const (
	Working          Code = "working"
	NotReady         Code = "not_ready"
	NotReadyLong     Code = "not_ready_long"
	Unreachable      Code = "unreachable"
	ContainerHidden  Code = "container_hidden"
	ContainerExpired Code = "container_expired"
	ContainerUnknown Code = "container_unknown"
	WorkedLong       Code = "worked_long"
	MediaUnusable    Code = "media_unusable"
	MediaUnexplained Code = "media_unexplained"
	StoppedOften     Code = "stopped_often"
	OwnFault         Code = "own_fault"
)

// The codes of publications that are live, or may be.
const (
	Asked                 Code = "asked"
	InterruptedBefore     Code = "interrupted_before_call"
	NoClearAnswer         Code = "no_clear_answer"
	FoundOnProfile        Code = "found_on_profile"
	FoundByContainer      Code = "found_by_container"
	SeenOnProfile         Code = "seen_on_profile"
	PublishedAlready      Code = "published_already"
	PublishedIDLost       Code = "published_id_lost"
	ConfirmedByOwner      Code = "confirmed_by_owner"
	CannotLook            Code = "cannot_look"
	CannotLookNow         Code = "cannot_look_now"
	ContainerHiddenLook   Code = "container_hidden_looking"
	ProfileUnsettled      Code = "profile_unsettled"
	ProfileSeveral        Code = "profile_several"
	ProfileResembles      Code = "profile_resembles"
	ProfileHidden         Code = "profile_hidden"
	ContainerHiddenLong   Code = "container_hidden_long"
	StoryTooOld           Code = "story_too_old"
	AskedOften            Code = "asked_often"
	AccountRemovedUnknown Code = "account_removed_unknown"
	NotLive               Code = "not_live"
	ExpiredNotLive        Code = "expired_not_live"
	UnusableNotLive       Code = "unusable_not_live"
	Refused               Code = "refused"
	RefusedOften          Code = "refused_often"
	SpamNotLive           Code = "spam_not_live"
)

// Sentence is the code of a reason that was stored before reasons had codes, and that no pattern of those
// versions fits.
const Sentence Code = "text"

// answerOrWords is what Instagram's answer means, with its own words, or its words alone where that is not known.
const answerOrWords = "[: {answer}][. Instagram says: {words}]"

// after has the sentences that stand behind another reason on a page, where those of the catalogue do not read well.
var after = map[Code]string{
	Approval:    "it waits for your approval",
	DatedAhead:  "it waits for its date, {date}",
	MinAge:      "it is younger than {age} until {until}",
	PostsPerDay: "the limit of {most:d} a day holds it until {until}",
	QuietHours:  "the quiet hours last until {until}",
	Slots:       "the next free slot is {until}",
}

// Catalogue lists what each code means, in the order of docs/reasons.md.
var Catalogue = slices.Concat(ofPosts, ofMedia, ofInstagram, ofAccounts, ofFeeds, ofNetwork, []Definition{
	{Answer, "{answer}", "Written by earlier versions: Instagram answered with an error."},
	{Sentence, "{text}", "Stored by an earlier version, in words that are not known any more."},
})

// ofPosts are the reasons of posts and publications.
var ofPosts = []Definition{
	{NoMedia, "no picture or video[. Left out: {left_out}]", "The entry shows nothing that Instagram takes."},
	{SyndicateFalse, "the entry says syndicate: false", "The author does not want the entry to go out."},
	{PasswordProtected, "the post is protected by a password on the site",
		"Only readers with the password may see the post."},
	{EntryUnreadable, "the entry could not be read ({problem})", "Postern ran into a fault while it read the entry."},
	{EntryRepeatsID, "repeats the id of an earlier entry of the feed", "Two entries of one document have the same id."},
	{NoAccount, "no account takes this feed", "The feed is read, and no account publishes what it shows."},
	{MarkupProblem, "{problem}",
		"The author's markup in the entry is wrong; the post goes out as if it were not there."},
	{PictureTwice, "{picture} is left out, because it shows the same picture as {same_as}",
		"A note, not a state: the post shows one picture twice, and the better one goes out."},
	{PictureTiny, "{picture} is left out, because it is {width:d}×{height:d} pixels; icons are smaller than {smallest:d}",
		"A note, not a state: a picture of the post has the size of an icon."},
	{PictureInPart, "{picture} is left out, because publication {publication:d} shows the same picture: {same_as}",
		"A note, not a state: another part of a split post shows the picture."},

	{FeedRemoved, "the feed was removed", "The owner removed the feed."},
	{AccountRemoved, "the account was removed", "The owner removed the account."},
	{AlreadyFromFeed, "the feed {feed} brought the same post[: publication {publication:d}, {fate}]",
		"Another feed of the account has the same post: one with its address or its id. The fate of that publication is " +
			"as it is now."},
	{FromFeedSkipped, "the feed {feed} brought the same post[ as publication {publication:d}], which was skipped since",
		"Another feed of the account had the same post, and that one was skipped since. It stays skipped until the " +
			"owner decides."},
	{BeforeFeed, "was there when the feed was added", "The post is older than the feed."},
	{BeforeFeedNewest, "older than the newest posts that you chose to publish ({newest:d})",
		"The post is older than the newest ones that the owner wants."},
	{BeforeFeedUndated, "was there when the feed was added, and has no date to compare with {date}",
		"The owner wants posts since a date, and the post has none."},
	{BeforeStart, "is dated before {date}", "The owner wants posts since a later date."},
	{BeforeAccount, "was there before the account took this feed",
		"The post was there when the account began to take the feed."},
	{SameAsPublication, "the same as publication {publication:d}, as you said",
		"The owner said that the post is an earlier one."},
	{SameAsPost, "the same as an earlier post, as you said",
		"The owner said that the post is an earlier one, of which there is no publication."},
	{SkippedByOwner, "skipped by you", "The owner skipped it."},
	{FilterPictures, "found {pictures:d} of at least {wanted:d} pictures (`min_pictures` from the {origin})",
		"The post had fewer pictures than `min_pictures` when it was checked."},
	{FilterSensitive, "{warning} (`sensitive` from the {origin})",
		"The post is marked as sensitive, and `sensitive` is `skip`."},
	{FilterExcluded, "found the {what} {value:q} (`exclude_{list}` from the {origin})",
		"The post had a word, a category or an author that is excluded."},
	{FilterNotIncluded, "found none of the {list} asked for (`include_{setting}` from the {origin})",
		"The post had none of the words, categories or authors that are included."},
	{FilterOver, "your settings no longer skip it. Postern skipped it earlier for this reason: {was}",
		"A filter skipped the post, and the settings or the post have changed since. It stays skipped until the owner " +
			"decides."},

	{Approval, "waiting for your approval", "Each post waits for approval."},
	{ApprovalOff, "put on hold when each post needed your approval, which is off now; approve it to let it go out",
		"The owner switched approval off. What is on hold stays on hold."},
	{HeldByOwner, "held by you", "The owner held it."},
	{StartHold, "the post is older than its account or feed; approve it to let it go out",
		"The start rule holds older posts for approval."},
	{StartAsk, "older than its account: say on Accounts whether it goes out",
		"The owner is asked once about all posts that are older than the account."},
	{LooksLikePublication, "looks like publication {publication:d}[ of {date}][, {title:q}][, {fate}]",
		"The post seems to be one that the account has already. The date is that of the earlier post; its " +
			"publication's fate is as it is now."},
	{LooksLikePost, "looks like the post of {date}[, {title:q}][, {fate}]",
		"The post seems to be one that is known already."},
	{SamePictures, "has the pictures of publication {publication:d}, which came from {feed}",
		"The same pictures went out lately from another feed."},
	{DatedBefore, "appeared now but is dated {date}, before Postern began to take the feed; approve it to let it go out",
		"The post is new in the feed but older than its account or feed."},
	{EntriesAlike, "{alike:d} of {new:d} new entries look like earlier posts",
		"Half of the new entries of one poll look like earlier posts."},
	{EntriesMany, "{new:d} new entries at once", "One poll brought unusually many new entries."},
	{Restored, "restored from a backup of {date}, may have been published since: look at the profile",
		"The database is an older copy."},
	{CopyUnseen,
		"another copy of the database may have published it, and Instagram does not show the profile: skip it, or " +
			"publish it if it is not the same", "The profile cannot be compared."},
	{CopyStory,
		"another copy of the database may have published it as a story, and Instagram no longer lists the stories " +
			"of that time: skip it, or publish it if it is not the same", "Stories of that time cannot be compared."},
	{LiveAlready, "seems to be live already ({where}): skip it, or publish it if it is not the same",
		"The profile shows a post that may be this one."},
	{Gone,
		"removed from the site; it continues when the post is back on the site",
		"The post left the feed. It comes back when the post does."},
	{MediaRemoved, "the site removed its pictures and videos; add one there, then approve it",
		"The post changed and shows nothing any more."},
	{ChangedApproved, "changed on the site since you decided about it",
		"The post changed after the owner had decided about it."},
	{ChangedPart, "changed on the site after another part of it was sent",
		"The post changed, and another part of it is live."},
	{Sensitive, "{warning}: approve it if Instagram's Community Guidelines allow it",
		"The post is marked as sensitive, and `sensitive` is `hold`."},
	{SensitiveOff, "{warning}, and your settings no longer put such posts on hold; approve it to let it go out",
		"`sensitive` was `hold` and is `publish` now. What is on hold stays on hold."},
	{NothingToShow, "no picture or video; add one on the site, then approve it",
		"The post shows nothing that Instagram takes."},
	{SyndicateOff, "`syndicate` is off, from the {origin}; switch it on there, then approve it",
		"The author or a setting does not want the post to go out."},
	{PartEmpty, "nothing is left for part {part:d} of {parts:d}: the post now shows fewer pictures and videos " +
		"({media:d}); skip this part, or add pictures on the site and approve it",
		"The site removed pictures of a post that was cut into parts."},
	{AllTiny, "each picture is smaller than {smallest:d} pixels, as icons are",
		"All pictures of the post have the size of an icon."},
	{PartShown, "publication {publication:d} shows the pictures of this part",
		"All pictures of a part of a split post are in other parts of it."},
	{ChosenGone, "none of the pictures you chose is in the post any more; choose others, then " +
		"approve it",
		"The site removed the pictures that the owner chose."},
	{CaptionTooLong,
		"the caption has {length:d} characters and Instagram takes {most:d}; shorten it" +
			"[, or switch `truncate` on: it is off, from the {origin}]",
		"`truncate` is off."},
	{EditTooLong, "the edited caption has {length:d} characters and Instagram takes {most:d}; " +
		"shorten it",
		"The owner's caption is too long."},
	{HoldFixed, "the problem that put it on hold is fixed; approve it to let it go out",
		"A setting or an edit kept it on hold and no longer does. Only the owner lets it go out."},
	{Unplannable, "{problem}", "The post and its settings make no publication, for another reason."},
	{SettingRefused,
		"Instagram does not take `{setting}` with the value {value}, from the {origin}: correct it or leave it empty, then " +
			"publish. {answer}", "Instagram refuses a setting of the owner's."},

	{AccountPaused, "the account is paused", "The owner paused the account."},
	{AccountReconnect, "the account needs reconnecting[: {problem}]", "Only the owner can connect the account again."},
	{AccountWaits, "{problem}", "Instagram wants no calls for the account for a while."},
	{AccountUnusable, "{problem}", "The account's access token cannot be used."},
	{DatedAhead, "the post waits for its date, {date}", "The post is dated in the future and waits for its date."},
	{DatedFar, "dated {date}: check the date on your site", "The post is dated further ahead than anybody means."},
	{MinAge, "younger than {age} until {until}", "`min_age` keeps new posts waiting."},
	{CoolDown, "the account waits {rest} between two posts, until {until}", "`cool_down` keeps posts apart."},
	{FeedCoolDown, "posts of this feed go out {rest} apart, the next from {until}",
		"The `cool_down` of the feed keeps its posts apart. Posts of other feeds don't count."},
	{PostsPerDay, "{posted:d} went out today and the limit is {most:d} a day; the next day begins at {until}",
		"`posts_per_day` is reached."},
	{Slots, "the next free slot is {until}", "`slots` lets one post out at each of its times."},
	{QuietHours, "quiet hours until {until}", "Nothing goes out in the quiet hours."},
	{QuotaFull,
		"Instagram takes {total:d} posts in 24 hours, and {used:d} went out[ ({reserve:d} are kept in reserve)]; " +
			"the next place is free at {until}", "Instagram's limit is reached."},
	{QuotaAsked,
		"Instagram takes {total:d} posts in 24 hours, and {used:d} went out[ ({reserve:d} are kept in reserve)]; " +
			"Postern asks again at {until}", "Instagram's limit is reached, and it is not known until when."},
	{ProfileUnseen, "waiting for Instagram to show the profile: {answer}",
		"Another copy of the database may have published it, so the profile is compared first."},
	{Yields, "another Postern publishes from a copy of this database ({place}): stop one of the two",
		"Another process works with the database that this one is a copy of."},
	{PlaceUnknown, "the place of the database cannot be compared; Postern's log says more",
		"The other process has ended, and whether it published is not known."},
	{CannotWrite, "the data directory cannot be written",
		"What is about to be published cannot be noted beside the database."},
	{QuotaSpent, "Instagram takes no more posts within 24 hours; Postern tries again by itself",
		"Instagram's limit was reached while publishing."},
	{PublicAddress, "waiting for the public address: {problem}", "Instagram cannot fetch Postern's files."},
	{AddressInterrupted, "interrupted while checking the public address", "Postern was stopped."},
	{AddressFailed, "{problem}", "This machine keeps the public address from being checked."},
	{SourceInterrupted, "interrupted while asking for the media", "Postern was stopped."},
	{SourceRefuses, "Instagram cannot fetch from the site: {problem}",
		"The site refuses Instagram, and there is no public address to fetch from instead."},
	{SourceBusy, "{problem}", "The site does not answer as it should at the moment."},
	{NoPublicURL, "Instagram cannot fetch this: set web.base_url and restart Postern",
		"The file needs an address of Postern's own, and there is none."},
	{MediaInterrupted, "interrupted while preparing the media", "Postern was stopped, or the media took too long."},
	{OfferFailed, "{problem}", "The files could not be put where Instagram fetches them."},
	{Media, "{problem}", "A picture or video cannot be prepared, for a reason without a code."},

	{Working, "Instagram is working on the media", "Instagram prepares the container."},
	{NotReady, "Instagram was not ready yet", "Instagram asks for the same container a little later."},
	{NotReadyLong, "Instagram said for an hour that it was not ready" + answerOrWords, "The container is given up."},
	{Unreachable, "Instagram could not be reached[ ({error})]", "The connection failed before anything was sent."},
	{ContainerHidden, "Instagram does not show the container at the moment", "Reading the container is refused."},
	{ContainerExpired, "the container expired before it was published" + answerOrWords, "The container is given up."},
	{ContainerUnknown, "Instagram does not know the container any more" + answerOrWords, "The container is given up."},
	{WorkedLong, "Instagram worked on the media for more than an hour" + answerOrWords, "The container is given up."},
	{MediaUnusable, "Instagram could not use the media" + answerOrWords, "The container is given up."},
	{MediaUnexplained,
		"Instagram could not use the media (tried {times:d} times), and does not say why; it answers: {words}",
		"No container could be made, for no reason that is known."},
	{StoppedOften, "Postern stopped five times while working on this", "Working on it seems to stop the program."},
	{OwnFault, "Postern ran into a fault of its own here; its log says more", "A step of Postern's failed."},

	{Asked, "asked Instagram to publish", "The request was about to be sent. It may be live."},
	{InterruptedBefore, "interrupted before the call; looking whether it is live",
		"Written by earlier versions: the machine slept between the decision and the request."},
	{NoClearAnswer, "no clear answer from Instagram; looking whether it is live",
		"The profile is read until it shows the post, or shows that it is not there."},
	{FoundOnProfile, "Instagram didn't confirm, so Postern checked your profile: the post is live",
		"The profile shows the post."},
	{FoundByContainer, "Instagram didn't confirm, so Postern checked the container: the post is live",
		"The container says that it is published."},
	{SeenOnProfile, "seen on the profile", "The owner had the profile checked again."},
	{PublishedAlready, "Instagram says that it is published already", "The container says that it is published."},
	{PublishedIDLost, "published; Instagram's id for it could not be kept",
		"The post is live under an id that another publication has."},
	{ConfirmedByOwner, "confirmed by you", "The owner said that it is live."},
	{CannotLook, "it may be live, and cannot be looked for: {answer}",
		"The account cannot be used, so the profile cannot be read."},
	{CannotLookNow, "it may be live, and cannot be looked for at the moment: {answer}", "The profile cannot be read."},
	{ContainerHiddenLook, "Instagram does not show the container at the moment; looking whether it is live",
		"Reading the container is refused."},
	{ProfileUnsettled, "what is on the profile may be another post that is not settled yet; looking again",
		"Two publications may have made the same post."},
	{ProfileSeveral, "more than one post on the profile could be it; look at the profile, then say " +
		"whether it is live", "The owner decides."},
	{ProfileResembles,
		"a post on the profile resembles it, but is not exactly what was sent ({where}): say whether it is this one",
		"The owner decides."},
	{ProfileHidden, "Instagram has refused to show the profile for 24 hours; look at it, then say whether it is live",
		"The owner decides."},
	{ContainerHiddenLong,
		"Instagram has not shown the container for 24 hours; look at the profile, then say whether it is live",
		"The owner decides."},
	{StoryTooOld, "asked for more than 23 hours ago, and Instagram no longer lists stories of " +
		"that age; say whether you saw it live",
		"The owner decides."},
	{AskedOften,
		"Instagram was asked {times:d} times and never said whether it is live; the profile does not show it. " +
			"Look at the profile, then say whether it is live", "The owner decides."},
	{AccountRemovedUnknown, "the account was removed and its access token no longer works; look at the " +
		"profile, then say whether it is live",
		"The owner decides."},
	{NotLive, "it did not go live; asking again for the same container", "The profile shows that nothing went live."},
	{ExpiredNotLive, "the container expired, and it is not live", "The profile shows that nothing went live."},
	{UnusableNotLive, "Instagram could not use the media, and it is not live",
		"The profile shows that nothing went live."},
	{Refused, "Instagram refused it" + answerOrWords, "Instagram refused to publish, and nothing went live."},
	{RefusedOften, "Instagram refused it {times:d} times" + answerOrWords,
		"Instagram refused to publish again and again, and nothing went live."},
	{SpamNotLive, "Instagram blocked it as suspected spam, and it is not live. {answer}",
		"Repeating it would make it worse, so the owner decides."},
}
