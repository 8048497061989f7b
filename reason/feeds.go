package reason

// The codes of what is wrong with a feed.
const (
	AddressUnusable     Code = "address_unusable"
	AddressUnlike       Code = "address_unlike"
	AddressEmpty        Code = "address_empty"
	FeedRedirects       Code = "feed_redirects"
	FeedUnreachable     Code = "feed_unreachable"
	FeedTooLarge        Code = "feed_too_large"
	FeedElsewhere       Code = "feed_elsewhere"
	FeedMoved           Code = "feed_moved"
	FeedNotFound        Code = "feed_not_found"
	FeedGone            Code = "feed_gone"
	FeedRefused         Code = "feed_refused"
	FeedBusy            Code = "feed_busy"
	FeedServerFault     Code = "feed_server_fault"
	FeedAnswer          Code = "feed_answer"
	FeedFault           Code = "feed_fault"
	FeedCrashed         Code = "feed_crashed"
	NotFeedEmpty        Code = "not_feed_empty"
	NotFeed             Code = "not_feed"
	NotFeedKind         Code = "not_feed_kind"
	NotFeedNoElement    Code = "not_feed_no_element"
	NotFeedRoot         Code = "not_feed_root"
	NotFeedDepth        Code = "not_feed_depth"
	NotFeedBrokenJSON   Code = "not_feed_broken_json"
	NotFeedOtherJSON    Code = "not_feed_other_json"
	NotFeedBroken       Code = "not_feed_broken"
	NotFeedPage         Code = "not_feed_page"
	NotFeedUnmarked     Code = "not_feed_unmarked"
	NotFeedUnnamed      Code = "not_feed_unnamed"
	FeedNotUTF          Code = "feed_not_utf"
	FeedEncodingUnknown Code = "feed_encoding_unknown"
	FeedEncodingGuessed Code = "feed_encoding_guessed"
	FeedNotUTFWide      Code = "feed_not_utf_wide"
	FeedHeavyElements   Code = "feed_heavy_elements"
	FeedHeavyValues     Code = "feed_heavy_values"
	FeedTooMany         Code = "feed_too_many"
	FeedEntriesLost     Code = "feed_entries_lost"
	FeedCutJSON         Code = "feed_cut_json"
	FeedCutXML          Code = "feed_cut_xml"
	FeedMalformed       Code = "feed_malformed"
	FeedSameID          Code = "feed_same_id"
	FeedIDsRepeat       Code = "feed_ids_repeat"
	FeedMarkup          Code = "feed_markup"
)

// ofFeeds are the problems of feeds, and what is worth knowing about one that was read.
var ofFeeds = []Definition{
	{AddressUnusable, "{address:q} is not a web address", "The feed's address cannot be asked."},
	{AddressUnlike, "{address:q} is not a web address; it should look like https://example.org/feed.xml",
		"What was typed is no address."},
	{AddressEmpty, "the address is empty; give one such as https://example.org/feed.xml", "Nothing was typed."},
	{FeedRedirects, "the server redirects to something that is no address", "The server's fault."},
	{FeedUnreachable, "{problem}", "The database or the feed's address cannot be used."},
	{FeedTooLarge, "the answer is larger than {size}, which is too much for a feed", "The body was not read."},
	{FeedElsewhere,
		"the feed has moved to {address}, another site, to which Postern does not send the name and password; " +
			"remove the feed and add it by that address with them", "The other site refuses to show it."},
	{FeedMoved,
		"the feed has moved for good to {address}: the address is that of feed {feed:d}[, {removed}]; remove one " +
			"of the two", "Two feeds would have one address."},
	{FeedNotFound, "there is nothing at this address (404 Not Found); check the address", "The server answers 404."},
	{FeedGone,
		"the site says that this feed is gone for good (410 Gone); remove it and add its new address, or resume " +
			"it if that is a mistake", "The server answers 410; the feed is paused."},
	{FeedRefused, "the server refuses to show the feed ({status}); it must be readable without a log-in",
		"The server answers 401 or 403."},
	{FeedBusy, "the server asks to wait ({status})", "The server answers 429 or 503."},
	{FeedServerFault, "the server answered with an error of its own ({status}); Postern asks it again",
		"The server answers 5xx."},
	{FeedAnswer, "the server answered {status} instead of a feed", "The server answers with another status."},
	{FeedFault, "reading the feed failed inside Postern; its log says more", "A poll failed inside Postern."},
	{FeedCrashed, "Postern crashed three times while it read this feed, so the feed is paused; resume it to try again",
		"The feed is paused."},
	{NotFeedEmpty, "the answer is empty, not a feed", "The body has no bytes."},
	{NotFeed, "this is not a feed", "The body is no feed."},
	{NotFeedKind, "this is not a feed: it is neither XML nor JSON", "The body is no feed."},
	{NotFeedNoElement, "this is not a feed: it holds no XML element", "The body is no feed."},
	{NotFeedRoot, "this is not a feed: its root element is <{element}>, not <rss>, <rdf:RDF> or <feed>",
		"The body is other XML."},
	{NotFeedDepth, "this is not a feed: its elements are nested too deeply", "The body is no feed."},
	{NotFeedBrokenJSON, "this is not a feed: the JSON is broken ({error})", "The body cannot be read as JSON."},
	{NotFeedOtherJSON, "this is JSON, but not a JSON Feed: it has no list of items", "The body is other JSON."},
	{NotFeedBroken, "the feed is broken and no entry of it can be read: {problem}", "The body cannot be read as XML."},
	{NotFeedPage, "this is a web page, not a feed", "The address is that of a page."},
	{NotFeedUnmarked, "this is a web page without a feed, and it marks no entries (h-entry)",
		"The address is that of a page."},
	{NotFeedUnnamed,
		"this is a web page and it names no feed; look for a link called RSS, Atom or Feed and use its address",
		"The address is that of a page."},
	{FeedNotUTF, "some characters are not valid UTF-8 and were replaced", "The entries were read."},
	{FeedEncodingUnknown, "the character encoding could not be found out", "The entries were read."},
	{FeedEncodingGuessed, "the feed is not UTF-8 and does not say what it is; it was read as windows-1252",
		"The entries were read."},
	{FeedNotUTFWide, "the text is not valid UTF-16", "The entries were read."},
	{FeedHeavyElements, "left out: all but the first {most:d} elements of {entries}", "Entries are too large."},
	{FeedHeavyValues, "left out: {entries} of more than {most:d} values", "Entries are too large."},
	{FeedTooMany, "the feed has {entries:d} entries; Postern reads the first {most:d}", "The rest is not read."},
	{FeedEntriesLost, "{entries:d} entries of the feed could not be read", "Entries are damaged."},
	{FeedCutJSON, "the feed is cut off or broken; the entries before that place were read ({error})",
		"The body is damaged."},
	{FeedCutXML,
		"the feed is cut off in the middle; the entries before that place were read[; {lost} could not be read]",
		"The body is damaged."},
	{FeedMalformed, "the feed is not well-formed XML ({problem})[; {lost} could not be read]", "The body is damaged."},
	{FeedSameID, "{entries:d} entries have the same id: Postern tells them apart by their links and dates",
		"The entries were read."},
	{FeedIDsRepeat, "{entries} the id of an earlier one", "Entries are skipped."},
	{FeedMarkup, "entry {entry:q}: {problem}", "The author's markup in an entry is wrong."},
}
