package page

import "postern/words"

// activity.templ
const (
	sayActivity                  = "Activity"
	sayWords                     = "Words"
	sayTitleStateOrWhatWas       = "Title, state or what was said"
	sayShow                      = "Show"
	sayFeed                      = "Feed"
	sayAccount                   = "Account"
	sayNoEventsMatch             = "No events match."
	sayShowEverything            = "Show everything"
	sayNothingHasHappenedYet     = "Nothing has happened yet."
	sayEverythingPosternAndYouDo = "Everything Postern and you do is kept here."
)

// checks.templ
const (
	sayChecksBeforeItGoesOut  = "Checks before it goes out"
	sayChecksBeforePublishing = "Checks made before publishing"
)

// home.templ
const (
	sayHome                     = "Home"
	sayTwoThingsMakePosternWork = "Two things make Postern work: a feed to read, and an account to post to."
	sayAllIsQuietNewPosts       = "All is quiet. New posts appear here as soon as a feed shows them."
	sayNeedsYou                 = "Needs you"
	sayInWork                   = "In work"
	sayAllOfThem                = "All of them"
	saySkippedLately            = "Skipped lately"
	sayAllSkippedPosts          = "All skipped posts"
	sayNextCheckOfTheFeeds      = "Next check of the feeds:"
)

// posts.templ
const (
	sayTitleOrText           = "Title or text"
	sayState                 = "State"
	sayNoPostsMatch          = "No posts match."
	saySkippedForAllAccounts = "Skipped for all accounts"
	sayTheyStandApart        = "These posts went to no account. They have a list of their own, newest first."
	sayTheyStandBelow        = "Posts that were skipped for all accounts have a list of their own below."
	sayMoreSkippedPosts      = "More skipped posts"
	sayOpenASkippedPost      = "Open a skipped post to read why it does not go out. You can publish it there, or its page says what has to change first."
	sayChoose                = "Choose"
	sayPutChosenBack         = "Put chosen back"
	sayEachGoesOutInItsTurn  = "Each goes out in its turn, keeping quiet hours and pace."
	sayLeaveThemSkipped      = "Leave them skipped"
	sayNoPostsYet            = "No posts yet."
	sayTheyAppearHereWhenA   = "They appear here when a feed shows some that an account takes."
)

// progress.templ
const (
	sayLookAgain = "Look again"
	sayProgress  = "Progress"
)

// publication.templ
const (
	sayWritten                 = "written"
	sayDated                   = "dated"
	sayThePostOnItsSite        = "the post on its site"
	sayWhatHappensNext         = "What happens next"
	sayWasPublished            = "Published"
	sayNextAt                  = "Next:"
	sayLookAtTheProfile        = "Look at the profile"
	sayAsItWasSent             = "As it was sent"
	sayAsItWillBeSent          = "As it will be sent"
	sayAsItWouldBeSent         = "As it would be sent"
	sayWhatTheSiteShows        = "What the site shows"
	saySettingsThatAreNotThe   = "Settings that are not the default"
	sayHistory                 = "History"
	sayWhatIsShownInIts        = "What is shown, in its order"
	sayTheVideoAsItIs          = "The video as it is sent"
	sayMore                    = "… more"
	sayPublishNow              = "Publish now"
	sayApprove                 = "Approve"
	sayPutBackInTheQueue       = "Put back in the queue"
	sayWhereTheFeedStarts      = "Start of the feed"
	saySettingsOfTheFeed       = "Settings of the feed"
	sayOthersGoFirst           = "Other posts of the account go out before it."
	sayYourCaptionNotSaved     = "Your caption, not saved"
	sayCheckAgain              = "Check again"
	sayRetry                   = "Retry"
	sayHold                    = "Hold"
	saySkip                    = "Skip"
	sayItIsLiveItsAddress      = "It is live. Its address, if you know it:"
	sayConfirmItIsLive         = "Confirm: it is live"
	sayIHaveLookedAtThe        = "I have looked at the profile: it is not live"
	sayRetryItIsNotLive        = "Retry: it is not live"
	saySendIt                  = "Send it"
	sayPlace                   = "Place"
	sayAltText                 = "Alt text"
	sayKeepThesePictures       = "Save pictures"
	sayBackToTheSitesPictures  = "Back to the site's pictures"
	sayAltTextIs               = "Alt text:"
	sayNoAltText               = "No alt text."
	sayByteForByteAsOn         = "byte for byte as on the site"
	sayWhatInstagramWillShowIt = "This caption goes out with the post. You can change it until Postern sends it. Every button above saves it too."
	sayKeepThisCaption         = "Save caption"
	sayBackToTheSitesWords     = "Back to the site's words"
)

// twin.templ
const (
	sayIsThisTheSamePost = "Is this the same post?"
	sayTwinSame          = "“Skip, it is the same” skips the new entry for all accounts and leaves the earlier post as it is."
	sayTwinFollows       = "Later changes on your site then reach the earlier post."
	sayTwinApprove       = "“Approve, it is new” lets the new entry go out in its turn, keeping quiet hours and pace."
	sayTwinNew           = "“Publish now, it is new” publishes it at once. " + words.NothingElseHoldsIt
	sayTwinUnpublished   = "The earlier post is not published. “Skip, it is the same” does not publish it either."
	sayNewEntry          = "New entry"
	sayEarlierPost       = "Earlier post"
	sayItIsTheSame       = "Skip, it is the same"
	sayApproveItIsNew    = "Approve, it is new"
	sayPublishItIsNew    = "Publish now, it is new"
)

// post.templ
const (
	sayWhyItWasNotPublished = "Why it was not published"
	sayNextCheckOfTheFeed   = "Next check of the feed:"
	sayText                 = "Text"
)
