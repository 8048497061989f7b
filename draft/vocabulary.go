package draft

// Rule is something that is looked for before a post goes out.
type Rule struct {
	ID     string // stable
	What   string // what is wrong, in general; a check says it of its post
	Remedy string // what a person can do; "" for nothing
}

// Rules are all of them. docs/rules.md says the same, and what is repaired or asked again.
var Rules = []Rule{
	{"media.none", "There is no picture or video in it.", "Add one."},
	{"media.repeated", "Another post of the account went out with the same pictures.",
		"Skip it if it is the same post."},
	{"media.double",
		"The post shows one picture twice: the better one is sent, with its own alt text. Of two parts of a split " +
			"post one sends it.", "Choose both in the post's pictures to send both."},
	{TinyRule, "A picture is smaller than 32 pixels, as icons are: it is left out.",
		"Choose it in the post's pictures to send it all the same."},
	{"media.instead",
		"The best address of a picture is that of a page or of a file that cannot be used: the one that the post " +
			"shows is sent.", "Link the picture to its file."},
	{"media.too-many", "A carousel takes ten pictures and videos, a story one: the first are sent.",
		"Switch split on, and new posts become several carousels."},
	{"post.syndicate", "Its author or a setting does not want it syndicated.", "Switch syndicate on where it is off."},
	{"caption.too-long", "The caption has more than 2200 characters.", "Shorten it, or switch truncate on."},
	{"caption.hashtags", "It has more than 30 hashtags: the others become plain words.", "Use fewer."},
	{"caption.mentions", "It mentions more than 20 accounts: the others become plain words.", "Mention fewer."},
	{"caption.repeated", "Another post of the account went out with the same words.",
		"Change them, and the two can be told apart."},
	{"caption.story", "A story takes no words.", "Put them into the picture."},
	{"alt.too-long", "An alt text has more than 1000 characters.", "Shorten it."},
	{"alt.missing", "A picture has no alt text.", "Describe it in the post, for those who cannot see it."},
	{"alt.not-taken", "Instagram takes no alt text for videos and stories.", ""},
	{"media.url.invalid", "The address is not an http or https address, or cannot exist.", "Correct it in the post."},
	{"media.url.unreachable", "The server was not found, did not answer, or is in trouble.",
		"Look whether the site is up."},
	{"media.url.redirects", "The address leads from one to the next too often.", "Give the last one."},
	{"media.url.ascii", "The address is not in ASCII.", ""},
	{"media.url.none",
		"It needs a repair, and Instagram could not fetch the result: Postern has no public address. It waits.",
		"Set web.base_url so that Instagram can fetch the result."},
	{"media.url.sandbox",
		"A simulated account gets what was made of it inside the program. A real one would need a public address " +
			"for that.", "Set web.base_url (or a bucket, [media.s3]) before you connect a real account."},
	{"media.url.blocked", "The address is in a private network.", "Name its range in network.allow if it is yours."},
	{"media.url.not-found", "There is nothing at the address.", "Correct it in the post."},
	{"media.url.forbidden", "The server does not hand it out.", "Make it public."},
	{"media.url.refused", "The server gives another answer than the file.", "Open the address in a private window."},
	{"media.type.unsupported", "It is a web page, or in a format that Postern cannot use.",
		"Give the address of the picture or video itself; save pictures as JPEG, videos as MP4."},
	{"media.image.broken", "It is cut off or damaged.", "Upload it again."},
	{"media.image.too-large", "It has too many bytes, or needs too much memory or time to decode.", "Make it smaller."},
	{"media.image.too-small", "It has no pixels.", "Use another one."},
	{"media.image.too-many-pixels", "It has more pixels than are decoded.", "Make it smaller."},
	{"media.image.format", "It is no JPEG, or a form of it that few programs write.", ""},
	{"media.image.end", "Its end mark is missing, but nothing of the picture.", ""},
	{"media.image.animation", "It is animated: the first frame is taken.", "Make a video of it."},
	{"media.image.ratio", "It is taller than 4:5 or wider than 1.91:1, or its carousel or story has another ratio.",
		"Crop it on your site, or change fit."},
	{"media.image.width", "It is wider than Instagram shows.", ""},
	{"media.image.small", "It is narrower than Instagram shows: it is enlarged and looks less sharp.",
		"Upload a larger one."},
	{"media.image.bytes", "It has more than 8 MiB.", ""},
	{"media.image.orientation", "It lies on its side.", ""},
	{"media.image.transparency", "Parts of it are transparent.", "Choose the colour behind them with background."},
	{"media.image.colours", "Its colours are not sRGB.", ""},
	{"media.image.location", "Contains GPS location.", ""},
	{"media.image.metadata", "It says with what it was taken, or more.", ""},
	{"media.cover",
		"The cover that the feed gives for a reel cannot be used: a picture of the reel becomes its cover, or " +
			"without ffmpeg it goes without.", "Give another poster."},
	{"media.video.broken", "It is cut off or damaged.", "Upload it again."},
	{"media.video.no-picture", "It has sound only.", "Use a video."},
	{"media.video.too-long", "It is longer than 15 min as a reel, or a minute as a story or in a carousel.",
		"Make it shorter."},
	{"media.video.too-short", "It is shorter than 3 s.", "Make it longer."},
	{"media.video.ratio", "It is far too wide or too tall.", "Crop it."},
	{"media.video.too-large", "It has more than 300 MiB, as a story 100 MiB.", "Make it smaller."},
	{"media.video.container", "It is no ordinary MP4 or MOV.", "Export it as MP4."},
	{"media.video.moov-last", "Its index stands at the end.", `Export it "for the web" ("fast start").`},
	{"media.video.edit-list", "It was trimmed without being exported.", "Export it anew."},
	{"media.video.codec", "It is coded neither as H.264 nor as HEVC.", "Export it as H.264."},
	{"media.video.chroma", "Its colours are not sampled 4:2:0.", "Export it as H.264, 4:2:0."},
	{"media.video.interlaced", "Its pictures are made of two fields.", "Export it as progressive."},
	{"media.video.open-gop", "Its groups of pictures are open.", "Export it with closed ones."},
	{"media.video.hdr", "It is HDR (PQ or HLG).", "Export it as SDR."},
	{"media.video.depth", "It has more than 8 bits a sample.", "Export it with 8."},
	{"media.video.width", "It is more than 1920 pixels wide.", "Make it smaller."},
	{"media.video.fit", "As a story it is not 9:16, which Instagram fills by cutting off its sides.",
		"Export it in 9:16."},
	{"media.video.small", "Its short side has fewer than 640 pixels: Instagram was reported to refuse some such films.",
		"Export it larger."},
	{"media.video.frame-rate", "It has fewer than 23 or more than 60 frames a second.", "Export it with 30."},
	{"media.video.bitrate", "It has more than 25 Mbit a second.", "Export it with a lower bit rate."},
	{"media.video.audio-codec", "Its sound is not AAC.", "Export it with AAC."},
	{"media.video.audio-rate", "Its sound has more than 48 kHz.", "Export it with 48 kHz."},
	{"media.video.audio-channels", "Its sound has more than two channels.", "Export it in stereo."},
	{"media.video.audio-bitrate",
		"Its sound has more than 128 kbit a second, and it is converted for another reason.", ""},
	{"media.video.conversion", "ffmpeg could not convert it, or not in time.", "Export it as MP4 with H.264 and AAC."},
	{"media.video.location", "Contains GPS location, or a track of data or text, in which cameras write it.", ""},
	{"media.video.cover", "A picture of it becomes its cover.", "Give a poster."},
	{"media.video.cropped", "Its ratio is not that of the carousel's first picture or video: Instagram crops it.",
		"Put it first, or into a post of its own."},
	{"media.video.interrupted", "Its conversion was interrupted.", ""},
	{"media.video.no-ffmpeg", "Only ffmpeg can do this, and it is not installed.", "apt-get install ffmpeg."},
	{"media.library.full", "The media folder is full of what is not published yet, or was shortly before.",
		"Publish or skip some of it, lower media.keep_days, or raise media.max_bytes."},
	{"media.library", "The media folder cannot be used.", "Look for free space, and at the permissions of data_dir."},
}

// RuleByID finds a rule; an unknown one has no remedy.
func RuleByID(id string) Rule {
	for _, r := range Rules {
		if r.ID == id {
			return r
		}
	}
	return Rule{ID: id}
}
