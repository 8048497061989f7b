package words

// The settings of accounts, feeds and posts: the title and help of each, and the default in words where it needs some.
const (
	// The groups of settings.
	GroupWhen       = "When"
	GroupWhichPosts = "Which posts"
	GroupWords      = "Caption"
	GroupSentAlong  = "Sent with the post"
	GroupMedia      = "Pictures and videos"

	SettingApprove     = "Approve by hand"
	SettingApproveHelp = "Each post waits until you approve it."
	SettingMinAge      = "Minimum age"
	SettingMinAgeHelp  = "How old a post must be before Postern publishes it, so that you can still " +
		"correct it on the site: 90m, 24h, 2d."
	SettingMinAgeDefault = "none"
	SettingCoolDown      = "Cool-down"
	SettingCoolDownHelp  = "How long the account waits between two posts: 90m, 2h, 2d. " +
		"A value for a feed counts the posts of this feed only."
	SettingCoolDownDefault = "none"
	SettingPostsPerDay     = "Posts per day"
	SettingPostsPerDayHelp = "How many posts go out at most from midnight to midnight in the time zone. 0 " +
		"means no limit."
	SettingPostsPerDayDefault = "no limit"
	SettingQuietHours         = "Quiet hours"
	SettingQuietHoursHelp     = "Times of the day at which Postern publishes nothing, in the time zone: " +
		"22:00-07:00, 12:00-13:00. Days of the week may stand in front: mon-fri 22:00-07:00, sat-sun 20:00-10:00."
	SettingSlots     = "Weekly slots"
	SettingSlotsHelp = "Times of the week at which one post each goes out, in the time zone: mon-fri 18:00, sat-sun " +
		"10:00 19:30. Other posts wait for the next free slot."
	SettingSlotsDefault = "none: posts go out as soon as they can"
	SettingTimeZone     = "Time zone"
	SettingTimeZoneHelp = "The time zone of quiet hours and posts per day, by its IANA name: Europe/Berlin," +
		" America/New_York. Postern follows daylight saving time."
	SettingQuotaReserve          = "Reserved quota"
	SettingQuotaReserveHelp      = "Posts per 24 hours to keep free for posting by hand."
	SettingSyndicate             = "Publish"
	SettingSyndicateHelp         = "With no, posts are held instead of published."
	SettingChannel               = "Published as"
	SettingChannelHelp           = "A post in the feed, or a story. A story shows one picture or video and has no caption."
	SettingIncludeCategories     = "Only these categories"
	SettingIncludeCategoriesHelp = "Postern skips a post that has none of them. Separate them with commas."
	SettingExcludeCategories     = "Not these categories"
	SettingExcludeCategoriesHelp = "Postern skips a post that has one of them."
	SettingIncludeKeywords       = "Only with these words"
	SettingIncludeKeywordsHelp   = "Postern skips a post whose title and text have none of them. Whole words count."
	SettingExcludeKeywords       = "Not with these words"
	SettingExcludeKeywordsHelp   = "Postern skips a post whose title or text has one of them."
	SettingIncludeAuthors        = "Only by these authors"
	SettingIncludeAuthorsHelp    = "Postern skips posts by anyone else. Enter names or mail addresses."
	SettingExcludeAuthors        = "Not by these authors"
	SettingExcludeAuthorsHelp    = "Postern skips posts by these authors."
	SettingMinPictures           = "Minimum number of pictures"
	SettingMinPicturesHelp       = "Postern skips a post that has fewer."
	SettingMinPicturesDefault    = "any"
	SettingSensitive             = "Sensitive posts"
	SettingSensitiveHelp         = "What Postern does with posts that your site marks as adult, sensitive or with a " +
		"content warning: they wait for you (hold), are published (publish) or are " +
		"skipped (skip)."
	SettingFormatString     = "Caption template"
	SettingFormatStringHelp = "Text and placeholders: {{title}}, {{content}}, {{url}}, {{summary}}, " +
		"{{author_name}}, {{hashtags}}, {{date}} or {{date:%d.%m.%Y}}. A placeholder is " +
		"empty if the post has no value for it."
	SettingFormatStringDefault      = "title and text"
	SettingHashtags                 = "Hashtags from categories"
	SettingHashtagsHelp             = "How many of the post's categories become hashtags at most. They go below the text."
	SettingHashtagsDefault          = "none"
	SettingAppendURL                = "Address of the post at the end"
	SettingAppendURLHelp            = "Instagram shows the address, but not as a link."
	SettingAppendURLIfTruncated     = "Address when the text was cut"
	SettingAppendURLIfTruncatedHelp = "Adds the address to a caption that was cut, even if other captions have none."
	SettingAppendURLSpacer          = "Text before the address"
	SettingAppendURLSpacerHelp      = `The default is in the language of your blog. \n is a new line.`
	SettingTruncate                 = "Shorten long captions"
	SettingTruncateHelp             = "Instagram allows 2200 characters. With no, a post with a longer caption is held."
	SettingTextLength               = "Maximum text length"
	SettingTextLengthHelp           = "How many characters of the text a caption has at most. Postern cuts longer text and " +
		"adds hashtags and the address after it. 0 means no limit of your own."
	SettingTextLengthDefault = "no limit"
	SettingMentions          = "Names on Instagram"
	SettingMentionsHelp      = "People your site names and their handles on Instagram: bob@other.example=bob_ig," +
		" @carol=carol. Postern does not tag people of other networks who are not listed."
	SettingFirstComment     = "First comment"
	SettingFirstCommentHelp = "Text and placeholders, as in the caption. Postern writes the comment when the " +
		"post is live. The access token needs instagram_business_manage_comments."
	SettingLocationID        = "Location"
	SettingLocationIDHelp    = "The ID of a Facebook Page that has a location. Not for stories."
	SettingCollaborators     = "Collaborators"
	SettingCollaboratorsHelp = "At most three user names, separated by commas. Postern invites each of them to " +
		"every post. Not for stories."
	SettingUserTags     = "Tagged people"
	SettingUserTagsHelp = "User names of public accounts, separated by commas. Postern tags them along the " +
		"lower edge of the first picture."
	SettingShareToFeed        = "Reels in the feed too"
	SettingShareToFeedHelp    = "With no, a reel appears only among the reels."
	SettingShareToFeedDefault = "as Instagram decides"
	SettingAltText            = "Alt text"
	SettingAltTextHelp        = "Postern sends the alt texts of pictures, for people who cannot see them."
	SettingSplit              = "Several carousels"
	SettingSplitHelp          = "A new post with more than ten pictures becomes several carousels, (1/2) and (2/2)."
	SettingFit                = "Pictures of another shape"
	SettingFitHelp            = "What Postern does with a picture too tall or too wide for Instagram: add bars in the colour " +
		"of its edge (edge), in the background colour (background) or blurred (blur), or crop it (crop)."
	SettingBackground     = "Background"
	SettingBackgroundHelp = "The colour behind transparent parts, and of the bars with fit=background."
	SettingTrim           = "Trim long videos"
	SettingTrimHelp       = "Postern cuts the end of a video that is too long. This needs ffmpeg on the machine."
)
