package reason

// The codes of pictures and videos that cannot be prepared, and of what keeps files from being offered.
const (
	MediaScheme              Code = "media_scheme"
	MediaAddressImpossible   Code = "media_address_impossible"
	MediaAddressUnusable     Code = "media_address_unusable"
	MediaEmpty               Code = "media_empty"
	MediaTooLarge            Code = "media_too_large"
	MediaUnfetched           Code = "media_unfetched"
	MediaNotFound            Code = "media_not_found"
	MediaForbidden           Code = "media_forbidden"
	MediaUnavailable         Code = "media_unavailable"
	MediaRefused             Code = "media_refused"
	MediaPage                Code = "media_page"
	MediaUnknown             Code = "media_unknown"
	MediaIsVideo             Code = "media_is_video"
	MediaIsPicture           Code = "media_is_picture"
	MediaNoDecoder           Code = "media_no_decoder"
	MediaFormat              Code = "media_format"
	MediaRareJPEG            Code = "media_rare_jpeg"
	MediaRareTIFF            Code = "media_rare_tiff"
	MediaRareBMP             Code = "media_rare_bmp"
	MediaMemoryProgressive   Code = "media_memory_progressive"
	MediaMemory              Code = "media_memory"
	MediaSlow                Code = "media_slow"
	MediaCutOff              Code = "media_cut_off"
	MediaDamaged             Code = "media_damaged"
	MediaNoPixels            Code = "media_no_pixels"
	MediaTooManyPixels       Code = "media_too_many_pixels"
	MediaUnencodable         Code = "media_unencodable"
	MediaTooHeavy            Code = "media_too_heavy"
	MediaCoverNoFFmpeg       Code = "media_cover_no_ffmpeg"
	MediaCoverFFmpegOff      Code = "media_cover_ffmpeg_off"
	MediaConversionSlow      Code = "media_conversion_slow"
	MediaConversionLarge     Code = "media_conversion_large"
	MediaConversionNoEncoder Code = "media_conversion_no_encoder"
	MediaConversionFailed    Code = "media_conversion_failed"
	MediaVideoBroken         Code = "media_video_broken"
	MediaVideoHuge           Code = "media_video_huge"
	MediaGIFTooLarge         Code = "media_gif_too_large"
	MediaGIFTooLong          Code = "media_gif_too_long"
	MediaFolder              Code = "media_folder"
	MediaFolderSmall         Code = "media_folder_small"
	MediaFolderFull          Code = "media_folder_full"
	MediaDecoderUnstarted    Code = "media_decoder_unstarted"
	MediaDecoderUnbounded    Code = "media_decoder_unbounded"
	MediaDecoderKilled       Code = "media_decoder_killed"
	FFmpegUnstarted          Code = "ffmpeg_unstarted"
	FFmpegUnbounded          Code = "ffmpeg_unbounded"
	FFmpegKilled             Code = "ffmpeg_killed"
	MediaConversionStopped   Code = "media_conversion_stopped"
	MediaAddressUnreadable   Code = "media_address_unreadable"
	FileGone                 Code = "file_gone"
	FolderUnreadable         Code = "folder_unreadable"
	BucketUnreachable        Code = "bucket_unreachable"
	BucketMissing            Code = "bucket_missing"
	BucketKeyUnknown         Code = "bucket_key_unknown"
	BucketSecretWrong        Code = "bucket_secret_wrong"
	BucketDenied             Code = "bucket_denied"
	BucketClock              Code = "bucket_clock"
	BucketRegion             Code = "bucket_region"
	BucketRefused            Code = "bucket_refused"
	VideoNoPicture           Code = "video_no_picture"
	VideoTooLong             Code = "video_too_long"
	VideoTooShort            Code = "video_too_short"
	VideoRatio               Code = "video_ratio"
	VideoFit                 Code = "video_fit"
	VideoTooLarge            Code = "video_too_large"
	VideoWidth               Code = "video_width"
	VideoSmall               Code = "video_small"
	VideoFrameRate           Code = "video_frame_rate"
	VideoBitrate             Code = "video_bitrate"
	VideoIndexLast           Code = "video_index_last"
	VideoEditList            Code = "video_edit_list"
	VideoCodec               Code = "video_codec"
	VideoChroma              Code = "video_chroma"
	VideoInterlaced          Code = "video_interlaced"
	VideoOpenGOP             Code = "video_open_gop"
	VideoHDR                 Code = "video_hdr"
	VideoDepth               Code = "video_depth"
	VideoSoundCodec          Code = "video_sound_codec"
	VideoSoundRate           Code = "video_sound_rate"
	VideoSoundChannels       Code = "video_sound_channels"
	VideoPieces              Code = "video_pieces"
	VideoContainer           Code = "video_container"
	InstallFFmpeg            Code = "install_ffmpeg"
	SwitchFFmpegOn           Code = "switch_ffmpeg_on"
	NotConverted             Code = "not_converted"
)

// ofMedia are the reasons of pictures and videos. Each stands beside the rule that docs/rules.md lists.
var ofMedia = []Definition{
	{MediaScheme, "the address of the {noun} must start with https:// or http://", "It is another kind of address."},
	{MediaAddressImpossible, "{file}: {error}; correct it in the post", "No server can have such an address."},
	{MediaAddressUnusable, "{file} is not a usable address", "The address cannot be asked."},
	{MediaEmpty, "{file} is an empty file; upload it again", "The answer has no bytes."},
	{MediaTooLarge, "{file} is larger than {most}, the most that is downloaded for a {noun}; make it smaller",
		"It is not downloaded."},
	{MediaUnfetched, "{file} could not be fetched: {problem}",
		"The server was not found, or did not answer as it should."},
	{MediaNotFound, "there is no {noun} at {file} (the server answered {status:d}); check the address in the post",
		"The server answers 404 or 410."},
	{MediaForbidden, "the server refuses to hand out {file} (it answered {status:d}); the {noun} must be public",
		"The server answers 401, 402, 403 or 451."},
	{MediaUnavailable, "the server cannot hand out {file} now (it answered {status:d})",
		"The server answers 408, 425, 429 or 5xx."},
	{MediaRefused, "the server answered {status:d} instead of the {noun} at {file}; check the address in the post",
		"The server answers with another status."},
	{MediaPage, "{file} answers with a web page where a {noun} should be; give the address of the file itself",
		"The address is that of a page."},
	{MediaUnknown, "{file} is not a {noun} in a known format; use {formats}", "The bytes are of no known kind."},
	{MediaIsVideo, "{file} is a video ({format}) where a picture should be", "The feed says that it is a picture."},
	{MediaIsPicture, "{file} is a picture ({format}) where a video should be", "The feed says that it is a video."},
	{MediaNoDecoder,
		"{file} is {format}, and this build of Postern has no decoder of AVIF and HEIC: use a released build, or " +
			"go build -tags nodynamic, or save the picture as JPEG", "Postern was built without it."},
	{MediaFormat, "{file} is {format}, which cannot be used; use {formats}", "Postern cannot use the format."},
	{MediaRareJPEG, "{file} is a rare kind of JPEG ({error}); save it as an ordinary one",
		"The decoder does not know it."},
	{MediaRareTIFF, "{file} is a rare kind of TIFF ({error}); save it as a JPEG", "The decoder does not know it."},
	{MediaRareBMP, "{file} is a rare kind of BMP; save it as a JPEG", "The decoder does not know it."},
	{MediaMemoryProgressive,
		"{file} needs more memory to decode than is allowed; make it smaller, or save it as a JPEG that is not " +
			"progressive", "Decoding is bounded."},
	{MediaMemory, "{file} needs more memory to decode than is allowed; make it smaller, or save it as a JPEG",
		"Decoding is bounded."},
	{MediaSlow, "{file} takes too long to decode; make it smaller, or save it as a JPEG", "Decoding is bounded."},
	{MediaCutOff, "{file} is cut off or damaged ({format}); upload it again", "The file ends too early."},
	{MediaDamaged, "{file} is damaged ({format}); upload it again", "The decoder fails."},
	{MediaNoPixels, "{file} has no pixels", "The picture is empty."},
	{MediaTooManyPixels,
		"{file} has {width:d}×{height:d} pixels, more than the {most:d} million that are decoded; make it smaller",
		"Decoding is bounded."},
	{MediaUnencodable, "{file} could not be encoded", "The encoder fails."},
	{MediaTooHeavy, "{file} cannot be brought under {most} at {width:d} pixels of width; make it smaller",
		"Instagram takes no more bytes."},
	{MediaCoverNoFFmpeg,
		"a cover can be taken from a video by ffmpeg only; install ffmpeg on this machine (apt-get install " +
			"ffmpeg), or give a poster", "ffmpeg is not installed."},
	{MediaCoverFFmpegOff,
		"a cover can be taken from a video by ffmpeg only, and `media.ffmpeg` switches it off; switch `media.ffmpeg` on " +
			"in the configuration and restart Postern, or give a poster", "The configuration switches ffmpeg off."},
	{MediaConversionSlow, "{file} takes too long to convert; make it smaller or shorter", "Conversions are bounded."},
	{MediaConversionLarge, "{file} becomes too large when converted; make it smaller or shorter",
		"Instagram takes no more bytes."},
	{MediaConversionNoEncoder,
		"{file} must be converted, but this machine's ffmpeg was built without libx264 or AAC; install Debian's " +
			"and restart Postern",
		"ffmpeg lacks an encoder."},
	{MediaConversionFailed,
		"{file} could not be converted by ffmpeg; it may be damaged: export it anew as MP4 with H.264 and AAC",
		"ffmpeg fails."},
	{MediaVideoBroken, "{file} is a video that is cut off or damaged; upload it again", "The file cannot be read."},
	{MediaVideoHuge, "{file} is {width:d}×{height:d}, larger than any film; make it smaller", "Decoding is bounded."},
	{MediaGIFTooLarge,
		"{file} is an animated GIF of {size:d} MB, and Postern takes {most:d} MB; make it smaller, or a video",
		"It is read as a whole."},
	{MediaGIFTooLong,
		"{file} is an animated GIF of {length} with {pictures:d} pictures of {width:d}×{height:d}, which takes " +
			"too long to convert; make it smaller or shorter, or a video", "Conversions are bounded."},
	{MediaFolder, "the media folder could not be used ({doing}); check free space and permissions of data_dir",
		"This machine's disk."},
	{MediaFolderSmall,
		"the media folder is full: it may have {most} in all, too little for a file of {size}; set " +
			"media.max_bytes to more, and restart Postern", "`media.max_bytes` is too small."},
	{MediaFolderFull,
		"the media folder is full: {used} of {most} are used by what is not published yet or was a short time " +
			"ago; it goes on when some of that is published or skipped, or when you raise media.max_bytes and restart Postern",
		"`media.max_bytes` is reached."},
	{MediaDecoderUnstarted, "the process that decodes rare pictures could not be started; see that it may be run",
		"The process beside Postern failed."},
	{MediaDecoderUnbounded,
		"the process that decodes rare pictures could not be held to its memory; see that the system allows that",
		"The process beside Postern failed."},
	{MediaDecoderKilled,
		"the process that decodes rare pictures was ended by the system; see that it has memory enough",
		"The process beside Postern failed."},
	{FFmpegUnstarted, "ffmpeg could not be started; see that it may be run", "The process beside Postern failed."},
	{FFmpegUnbounded, "ffmpeg could not be held to its memory; see that the system allows that",
		"The process beside Postern failed."},
	{FFmpegKilled, "the system ended ffmpeg in the middle of a conversion; see that it has memory enough",
		"The process beside Postern failed."},
	{MediaConversionStopped, "{file}: the conversion was interrupted", "Postern was stopped."},
	{MediaAddressUnreadable, "its address cannot be read", "The address is none."},
	{FileGone, "a prepared file is not in the media folder any more; it is prepared again", "The file was removed."},
	{FolderUnreadable, "the media folder could not be read; check permissions of data_dir", "This machine's disk."},
	{BucketUnreachable, "the bucket cannot be reached: {problem}; check media.s3.endpoint",
		"The storage does not answer."},
	{BucketMissing, "there is no bucket {bucket:q} at media.s3.endpoint; make it, or correct media.s3.bucket and restart Postern",
		"The storage answers NoSuchBucket."},
	{BucketKeyUnknown, "the bucket does not know the access key; correct media.s3.access_key_file and restart Postern",
		"The storage answers InvalidAccessKeyId."},
	{BucketSecretWrong,
		"the bucket does not take the secret key; correct media.s3.secret_key_file (and media.s3.region), and " +
			"restart Postern",
		"The storage answers SignatureDoesNotMatch."},
	{BucketDenied,
		"the bucket does not let us write; give the access key the rights to read, write, list and delete under " +
			"the prefix", "The storage answers AccessDenied."},
	{BucketClock, "the bucket says that this machine's clock is wrong; set it",
		"The storage answers RequestTimeTooSkewed."},
	{BucketRegion, "the bucket is in another region; correct media.s3.region and restart Postern", "The storage names another region."},
	{BucketRefused, "the bucket refused ({error}, status {status:d}); see its provider's console",
		"The storage answers with another error."},
	{VideoNoPicture, "{file} has no picture, only sound; use a video",
		"Instagram does not take it, and it cannot be converted."},
	{VideoTooLong, "{file} is {length} long, and at most {most} are taken; make it shorter, or allow it to be cut",
		"Instagram does not take it, and it cannot be converted."},
	{VideoTooShort, "{file} is {length} s long, and at least {least} are needed; make it longer",
		"Instagram does not take it, and it cannot be converted."},
	{VideoRatio, "{file} is {width:d}×{height:d}, which is too far from a square; crop it",
		"Instagram does not take it, and it cannot be converted."},
	{VideoFit,
		"{file} is {width:d}×{height:d} and is shown in {ratio}, where Instagram cuts off what is beyond; export " +
			"it in that ratio", "Instagram does not take it, and it cannot be converted."},
	{VideoTooLarge, "{file} has {size}, and at most {most} are taken; make it smaller",
		"Instagram does not take it, and it cannot be converted."},
	{VideoWidth, "{file} is {width:d} pixels wide, and at most {most:d} are taken; make it smaller",
		"Instagram does not take it, and it cannot be converted."},
	{VideoSmall,
		"{file} is {width:d}×{height:d}, and with less than {least:d} on the short side some were refused; export " +
			"it larger", "Instagram does not take it, and it cannot be converted."},
	{VideoFrameRate,
		"{file} has {rate} frames a second, and {least} to {most} are taken; export it with 30 frames a second",
		"Instagram does not take it, and it cannot be converted."},
	{VideoBitrate, "{file} has {rate} Mbit a second, and at most {most} are taken; export it with a lower bit rate",
		"Instagram does not take it, and it cannot be converted."},
	{VideoIndexLast, "{file} has its index at the end; export it \"for the web\" (\"fast start\")",
		"Instagram does not take it, and it cannot be converted."},
	{VideoEditList, "{file} has an edit list, as trimming without exporting leaves it; export it anew",
		"Instagram does not take it, and it cannot be converted."},
	{VideoCodec, "{file} is coded as {codec}, and only H.264 and HEVC are taken; export it as H.264",
		"Instagram does not take it, and it cannot be converted."},
	{VideoChroma, "{file} has colours sampled {chroma}, and only 4:2:0 is taken; export it as H.264, 4:2:0",
		"Instagram does not take it, and it cannot be converted."},
	{VideoInterlaced, "{file} is interlaced, and only progressive video is taken; export it as progressive",
		"Instagram does not take it, and it cannot be converted."},
	{VideoOpenGOP, "{file} has open groups of pictures; export it with closed ones (closed GOP)",
		"Instagram does not take it, and it cannot be converted."},
	{VideoHDR, "{file} is HDR ({transfer}), whose colours look pale where that is not understood; export it as SDR",
		"Instagram does not take it, and it cannot be converted."},
	{VideoDepth, "{file} has {bits:d} bits a sample, which not everything plays; export it with 8",
		"Instagram does not take it, and it cannot be converted."},
	{VideoSoundCodec, "{file} has sound coded as {codec}, and only AAC is taken; export it with AAC",
		"Instagram does not take it, and it cannot be converted."},
	{VideoSoundRate, "{file} has sound of {rate} kHz, and at most {most} are taken; export it with 48 kHz",
		"Instagram does not take it, and it cannot be converted."},
	{VideoSoundChannels,
		"{file} has sound of {channels:d} channels, and at most {most:d} are taken; export it in stereo",
		"Instagram does not take it, and it cannot be converted."},
	{VideoPieces,
		"{file} has its index in pieces (a fragmented MP4), which Instagram does not accept; export it as an " +
			"ordinary MP4", "Instagram does not take it, and it cannot be converted."},
	{VideoContainer, "{file} is {format}, which Instagram does not accept; export it as an ordinary MP4",
		"Instagram does not take it, and it cannot be converted."},
	{InstallFFmpeg,
		", or install ffmpeg on this machine (apt-get install ffmpeg) and start Postern again, and it is " +
			"converted by itself", "Follows what is wrong with a video."},
	{SwitchFFmpegOn,
		", or switch `media.ffmpeg` on in the configuration and restart Postern, and it is converted by itself",
		"Follows what is wrong with a video where the configuration switches ffmpeg off."},
	{NotConverted, "; a conversion did not change that", "Follows what is wrong with a video."},
}
