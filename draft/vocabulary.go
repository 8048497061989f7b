package draft

import "postern/words"

// Rule is a kind of check that is made before a post is published.
type Rule struct {
	ID      string // never changes
	Meaning string // what is wrong in general; a check describes it for one post
	Remedy  string // what a person can do; "" if nothing
}

// Rules are all rules. docs/rules.md lists them too, and says what is repaired or tried again.
var Rules = []Rule{
	{"media.none", words.RuleMediaNone, words.FixMediaNone},
	{"media.repeated", words.RuleMediaRepeated, words.FixMediaRepeated},
	{"media.double", words.RuleMediaDouble, words.FixMediaDouble},
	{TinyRule, words.RuleMediaTiny, words.FixMediaTiny},
	{"media.instead", words.RuleMediaInstead, words.FixMediaInstead},
	{"media.too-many", words.RuleMediaTooMany, words.FixMediaTooMany},
	{"post.syndicate", words.RulePostSyndicate, words.FixPostSyndicate},
	{"caption.too-long", words.RuleCaptionTooLong, words.FixCaptionTooLong},
	{"caption.hashtags", words.RuleCaptionHashtags, words.FixCaptionHashtags},
	{"caption.mentions", words.RuleCaptionMentions, words.FixCaptionMentions},
	{"caption.repeated", words.RuleCaptionRepeated, words.FixCaptionRepeated},
	{"caption.story", words.RuleCaptionStory, words.FixCaptionStory},
	{"alt.too-long", words.RuleAltTooLong, words.FixAltTooLong},
	{"alt.missing", words.RuleAltMissing, words.FixAltMissing},
	{"alt.not-taken", words.RuleAltNotTaken, ""},
	{"media.url.invalid", words.RuleMediaURLInvalid, words.FixMediaURLInvalid},
	{"media.url.unreachable", words.RuleMediaURLUnreachable, words.FixMediaURLUnreachable},
	{"media.url.redirects", words.RuleMediaURLRedirects, words.FixMediaURLRedirects},
	{"media.url.ascii", words.RuleMediaURLASCII, ""},
	{"media.url.none", words.RuleMediaURLNone, words.FixMediaURLNone},
	{"media.url.sandbox", words.RuleMediaURLSandbox, words.FixMediaURLSandbox},
	{"media.url.blocked", words.RuleMediaURLBlocked, words.FixMediaURLBlocked},
	{"media.url.not-found", words.RuleMediaURLNotFound, words.FixMediaURLNotFound},
	{"media.url.forbidden", words.RuleMediaURLForbidden, words.FixMediaURLForbidden},
	{"media.url.refused", words.RuleMediaURLRefused, words.FixMediaURLRefused},
	{"media.type.unsupported", words.RuleMediaTypeUnsupported, words.FixMediaTypeUnsupported},
	{"media.image.broken", words.RuleMediaImageBroken, words.FixMediaImageBroken},
	{"media.image.too-large", words.RuleMediaImageTooLarge, words.FixMediaImageTooLarge},
	{"media.image.too-small", words.RuleMediaImageTooSmall, words.FixMediaImageTooSmall},
	{"media.image.too-many-pixels", words.RuleMediaImageTooManyPixels, words.FixMediaImageTooManyPixels},
	{"media.image.format", words.RuleMediaImageFormat, ""},
	{"media.image.end", words.RuleMediaImageEnd, ""},
	{"media.image.animation", words.RuleMediaImageAnimation, words.FixMediaImageAnimation},
	{"media.image.ratio", words.RuleMediaImageRatio, words.FixMediaImageRatio},
	{"media.image.width", words.RuleMediaImageWidth, ""},
	{"media.image.small", words.RuleMediaImageSmall, words.FixMediaImageSmall},
	{"media.image.bytes", words.RuleMediaImageBytes, ""},
	{"media.image.orientation", words.RuleMediaImageOrientation, ""},
	{"media.image.transparency", words.RuleMediaImageTransparency, words.FixMediaImageTransparency},
	{"media.image.colours", words.RuleMediaImageColours, ""},
	{"media.image.location", words.RuleMediaImageLocation, ""},
	{"media.image.metadata", words.RuleMediaImageMetadata, ""},
	{"media.cover", words.RuleMediaCover, words.FixMediaCover},
	{"media.video.broken", words.RuleMediaVideoBroken, words.FixMediaVideoBroken},
	{"media.video.no-picture", words.RuleMediaVideoNoPicture, words.FixMediaVideoNoPicture},
	{"media.video.too-long", words.RuleMediaVideoTooLong, words.FixMediaVideoTooLong},
	{"media.video.too-short", words.RuleMediaVideoTooShort, words.FixMediaVideoTooShort},
	{"media.video.ratio", words.RuleMediaVideoRatio, words.FixMediaVideoRatio},
	{"media.video.too-large", words.RuleMediaVideoTooLarge, words.FixMediaVideoTooLarge},
	{"media.video.container", words.RuleMediaVideoContainer, words.FixMediaVideoContainer},
	{"media.video.moov-last", words.RuleMediaVideoMoovLast, words.FixMediaVideoMoovLast},
	{"media.video.edit-list", words.RuleMediaVideoEditList, words.FixMediaVideoEditList},
	{"media.video.codec", words.RuleMediaVideoCodec, words.FixMediaVideoCodec},
	{"media.video.chroma", words.RuleMediaVideoChroma, words.FixMediaVideoChroma},
	{"media.video.interlaced", words.RuleMediaVideoInterlaced, words.FixMediaVideoInterlaced},
	{"media.video.open-gop", words.RuleMediaVideoOpenGOP, words.FixMediaVideoOpenGOP},
	{"media.video.hdr", words.RuleMediaVideoHDR, words.FixMediaVideoHDR},
	{"media.video.depth", words.RuleMediaVideoDepth, words.FixMediaVideoDepth},
	{"media.video.width", words.RuleMediaVideoWidth, words.FixMediaVideoWidth},
	{"media.video.fit", words.RuleMediaVideoFit, words.FixMediaVideoFit},
	{"media.video.small", words.RuleMediaVideoSmall, words.FixMediaVideoSmall},
	{"media.video.frame-rate", words.RuleMediaVideoFrameRate, words.FixMediaVideoFrameRate},
	{"media.video.bitrate", words.RuleMediaVideoBitrate, words.FixMediaVideoBitrate},
	{"media.video.audio-codec", words.RuleMediaVideoAudioCodec, words.FixMediaVideoAudioCodec},
	{"media.video.audio-rate", words.RuleMediaVideoAudioRate, words.FixMediaVideoAudioRate},
	{"media.video.audio-channels", words.RuleMediaVideoAudioChannels, words.FixMediaVideoAudioChannels},
	{"media.video.audio-bitrate", words.RuleMediaVideoAudioBitrate, ""},
	{"media.video.conversion", words.RuleMediaVideoConversion, words.FixMediaVideoConversion},
	{"media.video.location", words.RuleMediaVideoLocation, ""},
	{"media.video.cover", words.RuleMediaVideoCover, words.FixMediaVideoCover},
	{"media.video.cropped", words.RuleMediaVideoCropped, words.FixMediaVideoCropped},
	{"media.video.interrupted", words.RuleMediaVideoInterrupted, ""},
	{"media.video.no-ffmpeg", words.RuleMediaVideoNoFFmpeg, words.FixMediaVideoNoFFmpeg},
	{"media.library.full", words.RuleMediaLibraryFull, words.FixMediaLibraryFull},
	{"media.library", words.RuleMediaLibrary, words.FixMediaLibrary},
}

// RuleByID returns the rule with an id; an unknown id has no remedy.
func RuleByID(id string) Rule {
	for _, r := range Rules {
		if r.ID == id {
			return r
		}
	}
	return Rule{ID: id}
}
