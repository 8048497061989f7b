package draft

import (
	"time"

	"postern/store"
)

// SettingGroups are the headings under which settings stand.
var SettingGroups = []string{"When", "Which posts", "Words", "Sent along", "Pictures and videos"}

// defaults is the layer under all others. It says every setting.
var defaults = store.Settings{
	FormatString: new(""), Truncate: new(true), AppendURL: new(true), AppendURLIfTruncate: new(false), AppendURLSpacer: new("\n\nSee the full post at:\n"),
	Channel: new("feed"), Syndicate: new(true), AltText: new(true), CoolDown: new(store.Duration(0)), MinAge: new(store.Duration(0)), Approve: new(false),
	QuotaReserve: new(5), QuietHours: new(""), PostsPerDay: new(0), TimeZone: new(time.UTC.String()), Hashtags: new(0), Split: new(false),
	IncludeCategories: new([]string(nil)), ExcludeCategories: new([]string(nil)), IncludeKeywords: new([]string(nil)), ExcludeKeywords: new([]string(nil)),
	IncludeAuthors: new([]string(nil)), ExcludeAuthors: new([]string(nil)), MinPictures: new(0), Sensitive: new("hold"),
	Fit: new("edge"), Background: new("#ffffff"), Trim: new(false),
	FirstComment: new(""), LocationID: new(""), Collaborators: new([]string(nil)), UserTags: new([]string(nil)), Mentions: new([]string(nil)), ShareToFeed: new(true),
}

// settings is the one list of them: the command line, the pages and docs/settings.md follow it.
var settings = []Setting{
	// When.
	setting(Setting{Name: "approve", Group: "When", Title: "Approve by hand",
		Help: "Each post waits until you approve it."}, boolText,
		func(s *store.Settings) **bool { return &s.Approve }, func(r *Resolved) *Value[bool] { return &r.Approve }),
	setting(Setting{Name: "min_age", Group: "When", Title: "Minimum age", Unsaid: "none",
		Help: "How old a post must be, so that you can still correct it on the site: 90m, 24h."}, durationText,
		func(s *store.Settings) **store.Duration { return &s.MinAge }, func(r *Resolved) *Value[store.Duration] { return &r.MinAge }),
	setting(Setting{Name: "cool_down", Group: "When", Title: "Cool-down", Unsaid: "none",
		Help: "How long the account rests between two posts: 2h, 90m."}, durationText,
		func(s *store.Settings) **store.Duration { return &s.CoolDown }, func(r *Resolved) *Value[store.Duration] { return &r.CoolDown }),
	setting(Setting{Name: "posts_per_day", Group: "When", Title: "Posts per day", Unsaid: "no limit",
		Help: "At most so many of the account from midnight to midnight in the time zone; 0 is no limit."}, number(100),
		func(s *store.Settings) **int { return &s.PostsPerDay }, func(r *Resolved) *Value[int] { return &r.PostsPerDay }),
	setting(Setting{Name: "quiet_hours", Group: "When", Title: "Quiet hours",
		Help: "Times of the day at which nothing is published, by the clock of the time zone: 22:00-07:00, 12:00-13:00."}, quietText,
		func(s *store.Settings) **string { return &s.QuietHours }, func(r *Resolved) *Value[string] { return &r.QuietHours }),
	setting(Setting{Name: "time_zone", Group: "When", Title: "Time zone",
		Help: "For quiet hours and posts per day, by its IANA name: Europe/Berlin, America/New_York. Summer time is followed."}, zoneText,
		func(s *store.Settings) **string { return &s.TimeZone }, func(r *Resolved) *Value[string] { return &r.TimeZone }),
	setting(Setting{Name: "quota_reserve", Group: "When", Title: "Quota kept back",
		Help: "Posts per 24 hours to keep free for posting by hand."}, number(100),
		func(s *store.Settings) **int { return &s.QuotaReserve }, func(r *Resolved) *Value[int] { return &r.QuotaReserve }),

	// Which posts.
	setting(Setting{Name: "syndicate", Group: "Which posts", Title: "Publish",
		Help: "With no, posts are held instead of published."}, boolText,
		func(s *store.Settings) **bool { return &s.Syndicate }, func(r *Resolved) *Value[bool] { return &r.Syndicate }),
	setting(Setting{Name: "channel", Group: "Which posts", Title: "Published as",
		Help: "A post in the feed, or a story, which shows one picture or video and has no caption."}, oneOf("feed", "story"),
		func(s *store.Settings) **string { return &s.Channel }, func(r *Resolved) *Value[string] { return &r.Channel }),
	setting(Setting{Name: "include_categories", Group: "Which posts", Title: "Only these categories",
		Help: "A post that has none of them is skipped. Separated by commas."}, listKind,
		func(s *store.Settings) **[]string { return &s.IncludeCategories }, func(r *Resolved) *Value[[]string] { return &r.IncludeCategories }),
	setting(Setting{Name: "exclude_categories", Group: "Which posts", Title: "Not these categories",
		Help: "A post that has one of them is skipped."}, listKind,
		func(s *store.Settings) **[]string { return &s.ExcludeCategories }, func(r *Resolved) *Value[[]string] { return &r.ExcludeCategories }),
	setting(Setting{Name: "include_keywords", Group: "Which posts", Title: "Only with these words",
		Help: "A post whose title and text have none of them is skipped. Whole words count."}, listKind,
		func(s *store.Settings) **[]string { return &s.IncludeKeywords }, func(r *Resolved) *Value[[]string] { return &r.IncludeKeywords }),
	setting(Setting{Name: "exclude_keywords", Group: "Which posts", Title: "Not with these words",
		Help: "A post whose title or text has one of them is skipped."}, listKind,
		func(s *store.Settings) **[]string { return &s.ExcludeKeywords }, func(r *Resolved) *Value[[]string] { return &r.ExcludeKeywords }),
	setting(Setting{Name: "include_authors", Group: "Which posts", Title: "Only by these authors",
		Help: "A post by somebody else is skipped. Names or mail addresses."}, listKind,
		func(s *store.Settings) **[]string { return &s.IncludeAuthors }, func(r *Resolved) *Value[[]string] { return &r.IncludeAuthors }),
	setting(Setting{Name: "exclude_authors", Group: "Which posts", Title: "Not by these authors",
		Help: "A post by one of them is skipped."}, listKind,
		func(s *store.Settings) **[]string { return &s.ExcludeAuthors }, func(r *Resolved) *Value[[]string] { return &r.ExcludeAuthors }),
	setting(Setting{Name: "min_pictures", Group: "Which posts", Title: "At least so many pictures", Unsaid: "any",
		Help: "A post that has fewer is skipped."}, number(100),
		func(s *store.Settings) **int { return &s.MinPictures }, func(r *Resolved) *Value[int] { return &r.MinPictures }),
	setting(Setting{Name: "sensitive", Group: "Which posts", Title: "Sensitive posts",
		Help: "Posts that your site marks as adult, sensitive or with a content warning wait for you (hold), are published (publish), or are skipped (skip)."}, oneOf("hold", "publish", "skip"),
		func(s *store.Settings) **string { return &s.Sensitive }, func(r *Resolved) *Value[string] { return &r.Sensitive }),

	// Words.
	setting(Setting{Name: "format_string", Group: "Words", Title: "Form of the caption", Unsaid: "title and text",
		Help: "Words and placeholders: {{title}}, {{content}}, {{url}}, {{summary}}, {{author_name}}, {{hashtags}}, {{date}} or {{date:%d.%m.%Y}}. A placeholder that the post does not fill is empty."}, form(0),
		func(s *store.Settings) **string { return &s.FormatString }, func(r *Resolved) *Value[string] { return &r.FormatString }),
	setting(Setting{Name: "hashtags", Group: "Words", Title: "Hashtags from categories", Unsaid: "none",
		Help: "At most so many, made of the post's categories, below the text."}, number(maxHashtags),
		func(s *store.Settings) **int { return &s.Hashtags }, func(r *Resolved) *Value[int] { return &r.Hashtags }),
	setting(Setting{Name: "append_url", Group: "Words", Title: "Address of the post at the end",
		Help: "Instagram shows it, but links it for nobody."}, boolText,
		func(s *store.Settings) **bool { return &s.AppendURL }, func(r *Resolved) *Value[bool] { return &r.AppendURL }),
	setting(Setting{Name: "append_url_if_truncated", Group: "Words", Title: "Address when the text was cut",
		Help: "Also where the address does not stand at the end otherwise."}, boolText,
		func(s *store.Settings) **bool { return &s.AppendURLIfTruncate }, func(r *Resolved) *Value[bool] { return &r.AppendURLIfTruncate }),
	setting(Setting{Name: "append_url_spacer", Group: "Words", Title: "Words before the address",
		Help: `By default in the language of your blog. \n is a new line.`}, lineText,
		func(s *store.Settings) **string { return &s.AppendURLSpacer }, func(r *Resolved) *Value[string] { return &r.AppendURLSpacer }),
	setting(Setting{Name: "truncate", Group: "Words", Title: "Cut a long caption",
		Help: "Instagram takes 2200 characters. With no, a longer post waits for you."}, boolText,
		func(s *store.Settings) **bool { return &s.Truncate }, func(r *Resolved) *Value[bool] { return &r.Truncate }),

	setting(Setting{Name: "mentions", Group: "Words", Title: "Names on Instagram",
		Help: "People your site names and their handles on Instagram: bob@other.example=bob_ig, @carol=carol. People of other networks who are not listed are not tagged."}, kind[[]string]{text: listText, parse: nameTable},
		func(s *store.Settings) **[]string { return &s.Mentions }, func(r *Resolved) *Value[[]string] { return &r.Mentions }),

	// Sent along.
	setting(Setting{Name: "first_comment", Group: "Sent along", Title: "First comment",
		Help: "Words and placeholders as in the caption, written below the post when it is live. The access token needs instagram_business_manage_comments."}, form(maxComment),
		func(s *store.Settings) **string { return &s.FirstComment }, func(r *Resolved) *Value[string] { return &r.FirstComment }),
	setting(Setting{Name: "location_id", Group: "Sent along", Title: "Location",
		Help: "Number of a Facebook Page that has a place. Not for stories."}, pageText,
		func(s *store.Settings) **string { return &s.LocationID }, func(r *Resolved) *Value[string] { return &r.LocationID }),
	setting(Setting{Name: "collaborators", Group: "Sent along", Title: "Collaborators",
		Help: "At most three user names, separated by commas; each is invited to every post. Not for stories."}, userNames(maxCollaborators),
		func(s *store.Settings) **[]string { return &s.Collaborators }, func(r *Resolved) *Value[[]string] { return &r.Collaborators }),
	setting(Setting{Name: "user_tags", Group: "Sent along", Title: "Tagged people",
		Help: "User names of public accounts, separated by commas, tagged along the lower edge of the first picture."}, userNames(maxMentions),
		func(s *store.Settings) **[]string { return &s.UserTags }, func(r *Resolved) *Value[[]string] { return &r.UserTags }),
	setting(Setting{Name: "share_to_feed", Group: "Sent along", Title: "Reels in the feed too", Unsaid: "as Instagram decides",
		Help: "With no, a reel stands among the reels only."}, boolText,
		func(s *store.Settings) **bool { return &s.ShareToFeed }, func(r *Resolved) *Value[bool] { return &r.ShareToFeed }),

	// Pictures and videos.
	setting(Setting{Name: "alt_text", Group: "Pictures and videos", Title: "Alt text",
		Help: "Sent with pictures, for people who do not see them."}, boolText,
		func(s *store.Settings) **bool { return &s.AltText }, func(r *Resolved) *Value[bool] { return &r.AltText }),
	setting(Setting{Name: "split", Group: "Pictures and videos", Title: "Several carousels",
		Help: "A new post of more than ten pictures becomes several carousels, (1/2) and (2/2)."}, boolText,
		func(s *store.Settings) **bool { return &s.Split }, func(r *Resolved) *Value[bool] { return &r.Split }),
	setting(Setting{Name: "fit", Group: "Pictures and videos", Title: "Pictures of another ratio",
		Help: "Bars in the colour of the edge (edge) or of background, bars that continue the picture blurred (blur), or cut off on both sides (crop)."}, fitText,
		func(s *store.Settings) **string { return &s.Fit }, func(r *Resolved) *Value[string] { return &r.Fit }),
	setting(Setting{Name: "background", Group: "Pictures and videos", Title: "Background",
		Help: "The colour behind transparent parts, and of the bars with fit=background."}, colourText,
		func(s *store.Settings) **string { return &s.Background }, func(r *Resolved) *Value[string] { return &r.Background }),
	setting(Setting{Name: "trim", Group: "Pictures and videos", Title: "Trim long videos",
		Help: "A video that is too long may be cut at its end, with ffmpeg on the machine."}, boolText,
		func(s *store.Settings) **bool { return &s.Trim }, func(r *Resolved) *Value[bool] { return &r.Trim }),
}
