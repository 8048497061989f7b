package words

// The labels, headings, buttons and states of the pages, by template.

// How an account stands.
const (
	PageNotConnectedLabel = "not connected"
	PageNoToken           = "no token"
	PagePaused            = "paused"
	PageWaiting           = "waiting"
	PageNeedsAttention    = "needs attention"
	PageIsOK              = "OK"
)

// components.templ
const (
	PageWell      = "OK:"
	PageNotWell   = "needs attention:"
	PageVideo     = "video"
	PagePicture   = "picture"
	PageInTheWay  = "in the way"
	PageNext      = "next:"
	PageMorePages = "More pages"
	PageNewer     = "Newer"
	PageOlder     = "Older"
)

// installation.templ
const (
	PageNetwork                 = "Network"
	PageThesePages              = "These pages"
	PagePreparedFiles           = "Prepared files"
	PageLastAddressCheck        = "Last check"
	PageInstagramCanFetchThem   = "Instagram can fetch them."
	PageAddressNotCheckedYet    = "Postern checks it before the first post goes out."
	PageCheckTheAddress         = "Check the address"
	PageStorage                 = "Storage"
	PagePreparedMedia           = "Prepared media"
	PageRoomUsedByPreparedMedia = "Room used by prepared media"
	PageDatabase                = "Database"
	PageNotifications           = "Notifications"
	PageNoticesAndTargets       = "Notices and targets"
	PageAboutThisPostern        = "About"
	PageVersion                 = "Version"
	PageAPITokens               = "API tokens"
	PageCreated                 = "created"
	PageLastUsed                = "last used"
	PageNeverUsed               = "never used"
	PageTokenLabelHint          = "Who will use it, such as “site build”."
	PageReadOnly                = "read only"
	PageReadAndWrite            = "read and write: publish, hold, poll, pause, add and remove"
	PageCreateToken             = "Create a token"
	PageWhereYouAreLoggedIn     = "Where you are logged in"
	PageThisBrowser             = "This browser"
	PageAnotherBrowser          = "Another browser"
	PageUntil                   = "until"
	PageLogOutBrowser           = "Log out"
	PagePassword                = "Password"
	PageCurrentPassword         = "Current password"
	PageNewPassword             = "New password"
	PageTheNewOneAgain          = "New password again"
	PageChangeThePassword       = "Change the password"
)

// layout.templ
const (
	PagePostern              = "Postern"
	PageSkipToTheContent     = "Skip to the content"
	PagePages                = "Pages"
	PagePosts                = "Posts"
	PageProfile              = "Profile"
	PageNotices              = "Notices"
	PageDemoFooter           = "a demonstration on this machine, with a simulated Instagram"
	PageTheGuideToConnecting = "The guide to connecting"
	PageSystem               = "System"
	PageLight                = "Light"
	PageDark                 = "Dark"
	PageLogOut               = "Log out"
	PageColours              = "Colours:"
	PageLogIn                = "Log in"
	PageToTheFirstPage       = "To the first page"
)

// login.templ
const (
	PageWelcome     = "Welcome"
	PageWelcomeLead = "Postern publishes your blog's photographs on Instagram. First choose " +
		"a password for these pages."
	PageOneTimeCode         = "One-time code"
	PageOneTimeCodeHint     = "Postern printed it on the console when it started."
	PageAtLeast10Characters = "At least 10 characters."
	PageTheSameAgain        = "Password again"
	PageSetThePassword      = "Set the password"
)

// notices.templ
const (
	PageNowHeading     = "Now"
	PageNothingIsWrong = "No notices."
	PageNoticesLead    = "Problems stay here until they're resolved. Postern sends each once to the " +
		"targets below. A feed gets a notice after several failures in a row; Home shows it after the first."
	PageSendTo       = "Send to"
	PageNoTargetsYet = "Notices are shown on this page only. Add a notification target: Postern " +
		"sends one message when something breaks and one when it is fixed."
	PageAddATarget             = "Add a target"
	PageAddress                = "URL of the target"
	PageSecretHint             = "Stored encrypted and never shown again."
	PageNtfy                   = "ntfy"
	PageMail                   = "Mail"
	PageTelegram               = "Telegram"
	PageWebhook                = "Webhook"
	PageAdd                    = "Add"
	PageOver                   = "Over"
	PageSince                  = "Since"
	PageLastMessage            = "Last message"
	PageNothingWasSentThereYet = "Postern has sent nothing there yet."
	PageFromTheConfiguration   = "from the configuration"
	PageSendATest              = "Send a test"
	PageRemoveAddress          = "Remove"
	PageRevoke                 = "Revoke"
)

// accounts.templ
const (
	PageAccounts         = "Accounts"
	PageFirstAccountLead = "Where should your photographs go? Connect Instagram in one of two " +
		"ways, or try a simulated account first."
	PageByLoggingIn               = "By logging in"
	PageByPasting                 = "By pasting four values"
	PageWithoutInstagram          = "Without Instagram"
	PageAtTheSimulatedInstagram   = "at the simulated Instagram"
	PageSimulated                 = "simulated"
	PageAccountWaitsUntil         = "The account waits until"
	PageAccessToken               = "Access token"
	PageTimeLeftOfTheAccess       = "Time left of the access token"
	PageStored                    = "Stored"
	PagePostsIn24Hours            = "Posts in 24 hours"
	PageQuotaMeter                = "Posts used of the limit in 24 hours"
	PageQuotaIncludesLater        = "Posts published since then are included."
	PageLastPost                  = "Last post"
	PageNothingYet                = "Nothing yet."
	PagePublishes                 = "Publishes"
	PageOnlyApproved              = "Only approved posts"
	PageAutomatically             = "Automatically"
	PagePausedNothingGoesOut      = "Paused: nothing goes out."
	PageLatelyPublished           = "Recently published"
	PageCheck                     = "Check"
	PagePublishByItself           = "Publish automatically"
	PageApproveByHand             = "Approve by hand"
	PageSettings                  = "Settings"
	PageItsPosts                  = "Its posts"
	PageRemove                    = "Remove…"
	PageConnectAgainWithToken     = "Connect again with a new access token"
	PageConnectAgainWithInstagram = "Connect again with Instagram"
	PageAccessTokenField          = "Access Token"
	PageNewTokenHint              = "Of the same Instagram account. It replaces the stored one, which is " +
		"never shown."
	PageHowToGenerateIt = "How to generate it"
	PagePublishThem     = "Publish them"
	PageApproveOneByOne = "Approve one by one"
	PageSkipThem        = "Skip them"
	PageConnectAgain    = "Connect again"
	PageUserId          = "User ID"
	PageAppId           = "App ID"
	PageFourValuesHint  = "They are in Meta's app dashboard under “API setup with Instagram " +
		"login”. Postern tests them with Instagram before it saves them."
	PageWhichValueGoesWhere = "Which value goes where"
	PageNotSecret           = "Not secret."
	PageWhereItIs           = "Where to find it"
	PageAppSecret           = "App Secret"
	PageAppSecretHint       = "Next to the App ID. Stored encrypted and never shown again."
	PageUserIDHint          = "Starts with 1784. Leave empty to look it up."
	PageTokenHint           = "Stored encrypted and never shown again. Postern refreshes it automatically."
	PageLabel               = "Label"
	PageAccountLabelHint    = "Your own name for it. Leave empty to use the user name."
	PageConnect             = "Connect"
	PageStepByStep          = "How that is done, step by step"
	PageWhatItIs            = "What it is"
	PageLogInLead           = "You log in at Instagram and allow Postern to publish. You copy no " +
		"tokens. Register this redirect URL in the app:"
	PageWhereToRegisterIt = "Where to register it"
	PageAskToComment      = "Also ask for permission to comment"
	PageAskToCommentHint  = "First comments need it. The app must have the permission " +
		"instagram_business_manage_comments."
	PageConnectWithInstagram        = "Connect with Instagram"
	PageSaveAndConnectWithInstagram = "Save and connect with Instagram"
	PageForgetThisApp               = "Forget this app"
	PageAppIDHint                   = "From the Instagram app. Enter it once for all accounts."
	PageSandboxLead                 = "A simulated account publishes to a simulated Instagram inside " +
		"Postern, which has its own profile page. Nothing leaves this server."
	PageSandboxLabelHint = "Your own name for it, in letters a to z. Postern makes the simulated " +
		"user name from it."
	PageCreateSandbox = "Create a simulated account"
)

// accountsettings.templ
const (
	PageFeedsOfTheAccount = "Feeds of the account"
	PageKeepTheseHours    = "Keep these hours"
	PageCheckQuietHours   = "Nothing was saved. Check the quiet hours below."
	PageFiltersHint       = "Filters apply to waiting and new posts. A change does not bring skipped " +
		"posts back."
	PageSave                = "Save"
	PagePreview             = "Preview"
	PageNow                 = "now"
	PagePreviewUnsavedTitle = "How the last posts would look, not saved yet"
	PagePreviewTitle        = "How the last posts would look"
	PageNothingToPreview    = "There is no post with pictures or video yet."
	PageFirstComment        = "First comment:"
	PageSentAlong           = "Sent with the post:"
)

// feeds.templ
const (
	PageFeeds                   = "Feeds"
	PageNameOrAddress           = "Name or address"
	PageNoFeedIsCalledThat      = "No feeds match."
	PageShowAll                 = "Show all"
	PageMoreFeeds               = "More feeds"
	PageFirstFeedLead           = "Where do you publish? The address of your site is enough."
	PageLastRead                = "Last check"
	PageLastTried               = "Last try, failed"
	PageNextRead                = "Next check"
	PagePublishOlderPosts       = "Publish older posts"
	PagePublishedOn             = "Published on"
	PageFeedPublishedNowhere    = "no account, so Postern publishes no new posts"
	PageSwitchedOffFor          = "Switched off for:"
	PageCheckNow                = "Check now"
	PageWhatIsWrong             = "What is wrong?"
	PageFeedAddress             = "Address of the feed or site"
	PageFeedAddressHint         = "RSS, Atom or JSON Feed. If you enter a site, Postern finds its feed."
	PageFeedLabelHint           = "Your own name for it. Leave empty to use the feed's title."
	PageSeeWhatWouldBePublished = "See what would be published"
	PageAddTheFeedAtOnce        = "Add the feed now"
	PageExistingPosts           = "Existing posts to publish"
	PageStartNow                = "none, only new posts"
	PageStartNewest             = "the newest"
	PageHowManyOfTheNewest      = "How many of the newest posts"
	PageStartFrom               = "those from"
	PageFromWhichDate           = "From which date"
	PageStartAll                = "all of them, as fast as Instagram allows"
	PageStartDaily              = "all of them, one a day"
	PageStartDailyHint          = "The oldest first. New posts of this feed wait their turn, a day apart."
	PageTheSiteNamesOtherFeeds  = "The site names other feeds too"
	PageNewestPosts             = "Its newest posts"
	PageFeedPreviewLead         = "Each post is shown as Postern would publish it. You choose below which of them " +
		"go out. " +
		"Postern has not checked the pictures and videos yet: it does so after you add the feed, and shows a crossed-out " +
		"picture here where the site has none."
	PageCaption              = "Caption"
	PageFeedIsEmpty          = "It shows no posts at the moment."
	PageWhereToStart         = "Where to start"
	PageAddThisFeed          = "Add this feed"
	PageDoNotAddIt           = "Do not add it"
	PageRemoveKeepsPosts     = "Published posts stay, on the profile and in the history here."
	PageRemoveDeletesSecrets = "Its secrets are deleted. Paste them again to use it again."
	PageRemoveAddAgain       = "If you add it again, Postern reads it from the start and publishes nothing twice."
	PageRemoveIt             = "Remove it"
	PageKeepIt               = "Keep it"
)

// activity.templ
const (
	PageActivity              = "Activity"
	PageWords                 = "Words"
	PageActivitySearchHint    = "Title, state or message"
	PageShow                  = "Show"
	PageFeed                  = "Feed"
	PageAccount               = "Account"
	PageNoEventsMatch         = "No events match."
	PageShowEverything        = "Show everything"
	PageNothingHasHappenedYet = "Nothing has happened yet."
	PageActivityLead          = "Everything that you and Postern do is listed here."
)

// checks.templ
const (
	PageChecksBeforeItGoesOut  = "Checks before it goes out"
	PageChecksBeforePublishing = "Checks made before publishing"
)

// home.templ
const (
	PageHome                = "Home"
	PageFirstStepsLead      = "Postern needs two things: a feed to read and an account to post to."
	PageNothingWaiting      = "Nothing is waiting. New posts appear here once Postern finds them in a feed."
	PageNeedsYou            = "Needs you"
	PageInProgress          = "In progress"
	PageSeeAll              = "See all"
	PageSkippedLately       = "Recently skipped"
	PageAllSkippedPosts     = "All skipped posts"
	PageNextCheckOfTheFeeds = "Next check of the feeds:"
)

// posts.templ
const (
	PageTitleOrText           = "Title or text"
	PageState                 = "State"
	PageNoPostsMatch          = "No posts match."
	PageSkippedForAllAccounts = "Skipped for all accounts"
	PageSkippedForAllLead     = "These posts went to no account. The newest comes first."
	PageSkippedForAllBelow    = "Posts that were skipped for all accounts are listed separately below."
	PageMoreSkippedPosts      = "More skipped posts"
	PageSkippedPostsHint      = "Open a skipped post to read why it does not go out. You can publish it there, or " +
		"its page says what has to change first."
	PageChoose               = "Choose"
	PagePutChosenBack        = "Put chosen back"
	PageEachGoesOutInItsTurn = "Each goes out in its turn, keeping quiet hours and pace."
	PageLeaveThemSkipped     = "Leave them skipped"
	PageNoPostsYet           = "No posts yet."
	PageNoPostsYetHint       = "Posts appear here once Postern finds them in a feed."
)

// progress.templ
const (
	PageRefresh  = "Refresh"
	PageProgress = "Progress"
)

// publication.templ
const (
	PageWritten             = "written"
	PageDated               = "dated"
	PageThePostOnItsSite    = "the post on its site"
	PageWasPublished        = "Published"
	PageNextAt              = "Next:"
	PageLookAtTheProfile    = "Look at the profile"
	PageAsItWasSent         = "As it was sent"
	PageAsItWillBeSent      = "As it will be sent"
	PageAsItWouldBeSent     = "As it would be sent"
	PageWhatTheSiteShows    = "On your site"
	PageChangedSettings     = "Settings that differ from the default"
	PageHistory             = "History"
	PageMediaInOrder        = "Pictures and videos, in order"
	PageVideoAsSent         = "The video as it is sent"
	PageMore                = "… more"
	PagePublishNow          = "Publish now"
	PageApprove             = "Approve"
	PagePutBackInTheQueue   = "Put back in the queue"
	PageWhereTheFeedStarts  = "Start of the feed"
	PageSettingsOfTheFeed   = "Settings of the feed"
	PageOthersGoFirst       = "Other posts of the account go out before it."
	PageYourCaptionNotSaved = "Your caption, not saved"
	PageCheckAgain          = "Check again"
	PageRetry               = "Retry"
	PageHold                = "Hold"
	PageSkip                = "Skip"
	PageConfirmAddress      = "It is live. Its address, if you know it:"
	PageConfirmItIsLive     = "Confirm: it is live"
	PageConfirmLooked       = "I have looked at the profile: it is not live"
	PageRetryItIsNotLive    = "Retry: it is not live"
	PageSendIt              = "Send it"
	PagePlace               = "Place"
	PageAltText             = "Alt text"
	PageSavePictures        = "Save pictures"
	PageRestorePictures     = "Restore the site's pictures"
	PageAltTextIs           = "Alt text:"
	PageNoAltText           = "No alt text."
	PageIdenticalToSite     = "identical to the file on the site"
	PageCaptionHint         = "This caption goes out with the post. You can change it until Postern sends it. " +
		"Every button above saves it too."
	PageSaveCaption    = "Save caption"
	PageRestoreCaption = "Restore the site's caption"
)

// twin.templ
const (
	PageIsThisTheSamePost = "Is this the same post?"
	PageTwinSame          = "“Skip, it is the same” skips the new entry for all accounts and leaves the earlier " +
		"post as it is."
	PageTwinFollows     = "Later changes on your site then reach the earlier post."
	PageTwinApprove     = "“Approve, it is new” lets the new entry go out in its turn, keeping quiet hours and pace."
	PageTwinNew         = "“Publish now, it is new” publishes it at once. " + nothingElseHoldsIt
	PageTwinUnpublished = "The earlier post is not published. “Skip, it is the same” does not publish it either."
	PageNewEntry        = "New entry"
	PageEarlierPost     = "Earlier post"
	PageItIsTheSame     = "Skip, it is the same"
	PageApproveItIsNew  = "Approve, it is new"
	PagePublishItIsNew  = "Publish now, it is new"
)

// post.templ
const (
	PageWhyItWasNotPublished = "Why it was not published"
	PageNextCheckOfTheFeed   = "Next check of the feed:"
	PageText                 = "Text"
)

// webhook.templ
const (
	PageNotifySite  = "Notify your site"
	PageWebhookLead = "When a post is live and its Instagram URL is known, Postern sends a signed " +
		"message to your site, so that its build can link to the copy."
	PageWhichFeeds         = "The feeds of the account"
	PageShowTheSecret      = "Show the secret"
	PageCreateSecret       = "Create a new secret"
	PageSetAnAddress       = "Set a URL"
	PageAnotherAddress     = "Another URL"
	PageWebhookAddress     = "Address"
	PageWebhookAddressHint = "https, such as https://build.example.org/hooks/postern?key=… It may hold a key: " +
		"it is sealed and never shown."
	PageSaveWebhook       = "Save URL"
	PageSilenceFeed       = "Send no notifications for this feed"
	PageUseAccountWebhook = "Use the webhook of the account"
)
