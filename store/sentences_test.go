package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/reason"
)

// Sentences stored by earlier versions become codes with arguments, and read as before or better.
func TestStoredSentencesBecomeCodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reason.Reason{
		"waiting for your approval": reason.New(
			reason.Approval),
		"looks like publication 12 of 3 May 2026": reason.New(
			reason.LooksLikePublication, 12, "3 May 2026", "", ""),
		"held by you; removed from the site since": reason.New(
			reason.HeldByOwner).AlsoGone(),
		"some words; removed from the site since": reason.Text(
			"some words").AlsoGone(),
		"waiting for the public address: closed; open it": reason.New(
			reason.PublicAddress, "closed; open it"),
		"younger than 2h until 02:00 UTC; then quiet hours until 07:00 UTC": reason.New(
			reason.MinAge, "2h", "02:00 UTC").Then(reason.New(reason.QuietHours, "07:00 UTC")),
		"Instagram could not use the media: The video's format is not supported. Instagram says: Error": reason.New(
			reason.MediaUnusable, reason.New(reason.InstagramVideoFormat, "Error", ""), ""),
		"image 2 of 3: it is too wide; crop it (media.image.shape) (tried " +
			"8 times)": reason.New(reason.Media, "it is too wide; crop it").ByRule("media.image.shape").About("image",
			2, 3).Tried(8),
		"there is no picture at blog.example/a.jpg (the server answered 404); check the address in the post " +
			"(media.url.not-found); Postern asks for it again until 10:00 UTC, then the publication fails": reason.New(reason.MediaNotFound, "picture",
			"blog.example/a.jpg", 404).ByRule("media.url.not-found").AskedUntil("10:00 UTC"),
		"blog.example/a.mp4 has its index at the end; export it \"for the web\" (\"fast start\"), or install " +
			"ffmpeg on this machine (apt-get install ffmpeg) and start Postern again, and it is converted by " +
			"itself (media.video.moov-last)": reason.New(reason.VideoIndexLast, "blog.example/a.mp4").Also(
			reason.New(reason.InstallFFmpeg)).ByRule("media.video.moov-last"),
		"video 1 of 2: blog.example/a b.mp4 is 60 min long, and at most 15 min are taken; make it shorter, or " +
			"allow it to be cut (media.video.too-long)": reason.New(reason.VideoTooLong, "blog.example/a b.mp4",
			"60 min", "15 min").ByRule("media.video.too-long").About("video", 1, 2),
		"Instagram had a temporary error. " +
			"(code 2)": reason.New(reason.InstagramTemporary, "", "code 2"),
		"Instagram had a fault. Instagram says: No. " +
			"(code 7)": reason.New(reason.Answer, "Instagram had a fault. Instagram says: No. (code 7)"),
		"image 2 of 3: The picture is larger than 8 MB. Instagram says: Too (big). (code " +
			"36000/2207004)": reason.New(reason.InstagramPictureTooLarge, "Too (big).", "code 36000/2207004").About(
			"image", 2, 3),
		"the account needs reconnecting: Instagram no longer accepts the access token: connect the account again " +
			"(the password was changed). (code 190/460)": reason.New(reason.AccountReconnect,
			reason.New(reason.InstagramTokenPassword, "", "code 190/460")),
		"it may be live, and cannot be looked for: " +
			"somebody's words": reason.New(reason.CannotLook, "somebody's words"),
		"the caption has 2201 characters and Instagram takes 2200; shorten it, or switch `truncate` on: it is off, " +
			"from the entry": reason.New(reason.CaptionTooLong, 2201, 2200, "entry"),
		"another Postern publishes from a copy of this database (/srv/b (old)): stop one " +
			"of the two": reason.New(reason.Yields, "/srv/b (old)"),
		"Instagram cannot fetch from the site: image 2 of 3: it " +
			"answers 403": reason.New(reason.SourceRefuses, "image 2 of 3: it answers 403"),
		"the container expired, and it is not live; trying again " +
			"(round 2 of 3)": reason.New(reason.ExpiredNotLive).NextRound(2, 3),
		"words of nobody": reason.Text("words of nobody"),
	} {
		got := readSentence(text)
		require.Equal(t, want, got, text)
		require.Equal(t, text, got.String())
	}
	require.Equal(t,
		reason.New(reason.PostsPerDay, 2, 2, "00:00 UTC").Then(reason.New(reason.CoolDown, "24h", "3 March 17:36 UTC")),
		readSentence(
			"2 of 2 posts today; next at 00:00 UTC; then the account rests 24h between two posts; next at 3 March "+
				"17:36 UTC"))
	for text, want := range map[string]reason.Reason{
		"Instagram could not be reached (dial tcp: " +
			"refused).": reason.New(reason.Unreachable, "dial tcp: refused"),
		"no picture or video: left out a drawing (SVG) " +
			"https://a.example/d.svg": reason.New(reason.NoMedia, "a drawing (SVG) https://a.example/d.svg"),
		"3 of 2 posts today; the next day begins at " +
			"00:00 UTC": reason.New(reason.PostsPerDay, 3, 2, "00:00 UTC"),
		"The call to Instagram failed.":                        reason.New(reason.CallFailed),
		"no picture or video; asked for again until 10:00 UTC": reason.New(reason.NoMedia, "").AskedUntil("10:00 UTC"),
		"the caption has 2201 characters and Instagram takes 2200; shorten it, or switch truncate " +
			"on": reason.New(reason.CaptionTooLong, 2201, 2200, ""),
		"the caption has 2201 characters and Instagram takes 2200; shorten it or switch `truncate` on, then " +
			"approve it": reason.New(reason.CaptionTooLong, 2201, 2200, ""),
		"removed from the site":                        reason.New(reason.Gone),
		"already on its way from The blog/mill":        reason.New(reason.AlreadyFromFeed, "The blog/mill", int64(0), ""),
		"published, or on its way, from The blog/mill": reason.New(reason.AlreadyFromFeed, "The blog/mill", int64(0), ""),
		"was there before the account was added":       reason.New(reason.BeforeAccount),
		"dated 1 February 23:00 UTC, goes out then":    reason.New(reason.DatedAhead, "1 February 23:00 UTC"),
		"Instagram does not take location_id=4 (account): correct it or leave it empty, then publish. No such " +
			"place. (code 100)": reason.New(reason.SettingRefused, "location_id", "4", "account",
			reason.New(reason.Answer, "No such place. (code 100)")),
		"has 1 of at least 2 pictures (min_pictures, " +
			"account)": reason.New(reason.FilterPictures, 1, 2, "account"),
		"rated adult (sensitive, route)": reason.New(reason.FilterSensitive, "rated adult", "route"),
		"has the word \"fog\" (exclude_keywords, " +
			"account)": reason.New(reason.FilterExcluded, "word", "fog", "keywords", "account"),
		"has none of the authors asked for (include_authors, " +
			"account)": reason.New(reason.FilterNotIncluded, "authors", "authors", "account"),
		"rated adult: publish it if it suits " +
			"Instagram": reason.New(reason.Sensitive, "rated adult"),
		"syndicate is off (route); switch syndicate on where " +
			"it is off": reason.New(reason.SyndicateOff, "route"),
		"Instagram cannot fetch this: set web.base_url " +
			"(media.url.none)": reason.New(reason.NoPublicURL).ByRule("media.url.none"),
		"the server refused the connection at " +
			"192.0.2.1:443": reason.New(reason.NetRefused, "192.0.2.1:443"),
		"the server refused the connection": reason.New(reason.NetRefused, ""),
		"seems to be live already (x): skip it, or say publish if it is not " +
			"the same": reason.New(reason.LiveAlready, "x"),
	} {
		require.Equal(t, want, readSentence(text))
	}
	require.Equal(t, reason.New(reason.LooksLikePublication, 12, "", "", ""),
		readSentence("has the address and the media of publication 12, under another id"))
	require.Equal(t, reason.New(reason.LiveAlready, "https://x.example/p"),
		readSentence(
			"seems to be live already, since before the database was restored (https://x.example/p): skip it, or "+
				"say publish if it is not the same"))
}

// Problems of feeds and accounts read as before.
func TestStoredProblemsBecomeCodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reason.Reason{
		"there is nothing at this address (404 Not Found); " +
			"check the address": reason.New(reason.FeedNotFound),
		"the server answered with an error of its own (502 Bad Gateway); Postern asks it again": reason.New(reason.FeedServerFault, "502 Bad Gateway"),
		"this is a web page, not a feed": reason.New(reason.NotFeedPage),
		"this is not a feed: its root element is <svg>, not <rss>, <rdf:RDF> " +
			"or <feed>": reason.New(reason.NotFeedRoot, "svg"),
		"the feed is not well-formed XML (an end tag is wrong or missing); 3 entries could " +
			"not be read": reason.New(reason.FeedMalformed, "an end tag is wrong or missing", "3 entries"),
		`entry "A \"b\"": bad markup`: reason.New(reason.FeedMarkup, `A "b"`, "bad markup"),
		"the feed has moved for good to https://new.example/feed: the address is that of feed 3, which was " +
			"removed; remove one of the two": reason.New(reason.FeedMoved, "https://new.example/feed", 3,
			"which was removed"),
		"Postern crashed three times while it read this feed, so the feed is paused; resume it to " +
			"try again": reason.New(reason.FeedCrashed),
		"read udp 10.0.0.1: strange": reason.Text("read udp 10.0.0.1: strange"),
		"Instagram has restricted the account: open the Instagram app and follow what it asks. (code " +
			"25/2207050)": reason.New(reason.InstagramRestricted, "", "code 25/2207050"),
		"More than 95 % of the calls that Instagram allows are used up; Postern waits before they are " +
			"refused.": reason.New(reason.CallsUsedUp, 95),
		"the access token could not be refreshed, it is tried again: Instagram had a temporary error. " +
			"(HTTP 502)": reason.New(reason.RefreshFailed, reason.New(reason.InstagramTemporary, "", "HTTP 502")),
		"the refreshed access token is not usable, the one before it is used again: it belongs to @b, " +
			"not to @a": reason.New(reason.RefreshUnusable, reason.New(reason.TokenOfOther, "@b", "@a")),
	} {
		got := readSentence(text)
		require.Equal(t, want, got, text)
		require.Equal(t, text, got.String())
	}
	require.Equal(t, reason.New(reason.FeedNotFound),
		readSentence("there is nothing at this address (404 Not Found); check it"))
}
