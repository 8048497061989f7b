package reason

// The codes of what Instagram answered, and of calls without an answer. Each but the last three takes Instagram's
// own words and the numbers that it gave.
const (
	InstagramInternal            Code = "instagram_internal_error"
	InstagramDownloadSlow        Code = "instagram_download_slow"
	InstagramPictureTooLarge     Code = "instagram_picture_too_large"
	InstagramPictureFormat       Code = "instagram_picture_format"
	InstagramContainerHidden     Code = "instagram_container_hidden"
	InstagramContainerLost       Code = "instagram_container_lost"
	InstagramPictureShape        Code = "instagram_picture_shape"
	InstagramCaptionTooLong      Code = "instagram_caption_too_long"
	InstagramUploadExpired       Code = "instagram_upload_expired"
	InstagramMediaType           Code = "instagram_media_type"
	InstagramVideoFormat         Code = "instagram_video_format"
	InstagramNotReady            Code = "instagram_not_ready"
	InstagramCarouselSize        Code = "instagram_carousel_size"
	InstagramNotCreated          Code = "instagram_not_created"
	InstagramTagMisplaced        Code = "instagram_tag_misplaced"
	InstagramTagUnplaced         Code = "instagram_tag_unplaced"
	InstagramTagUnknown          Code = "instagram_tag_unknown"
	InstagramMentions            Code = "instagram_mentions"
	InstagramQuotaSpent          Code = "instagram_quota_spent"
	InstagramRestricted          Code = "instagram_restricted"
	InstagramSpam                Code = "instagram_spam"
	InstagramDownloadFailed      Code = "instagram_download_failed"
	InstagramUploadError         Code = "instagram_upload_error"
	InstagramCoverOutside        Code = "instagram_cover_outside"
	InstagramUnsupported         Code = "instagram_unsupported"
	InstagramVideoUnusable       Code = "instagram_video_unusable"
	InstagramVideoDownloadFailed Code = "instagram_video_download_failed"
	InstagramTrialReels          Code = "instagram_trial_reels"
	InstagramUploadUnusable      Code = "instagram_upload_unusable"
	InstagramGaveUp              Code = "instagram_gave_up"
	InstagramTemporary           Code = "instagram_temporary_error"
	InstagramFewerCalls          Code = "instagram_fewer_calls"
	InstagramNoCalls             Code = "instagram_no_calls"
	InstagramToken               Code = "instagram_token_refused"
	InstagramTokenAppRemoved     Code = "instagram_token_app_removed"
	InstagramTokenLogIn          Code = "instagram_token_log_in"
	InstagramTokenPassword       Code = "instagram_token_password_changed"
	InstagramTokenExpired        Code = "instagram_token_expired"
	InstagramTokenUnconfirmed    Code = "instagram_token_unconfirmed"
	InstagramTokenInvalid        Code = "instagram_token_invalid"
	InstagramTokenSession        Code = "instagram_token_session"
	InstagramPermission          Code = "instagram_permission_missing"
	InstagramPolicies            Code = "instagram_blocked"
	InstagramRejected            Code = "instagram_rejected"
	InstagramRejectedMedia       Code = "instagram_media_rejected"
	InstagramObjectHidden        Code = "instagram_object_hidden"
	InstagramNoRole              Code = "instagram_no_role"
	InstagramLogIn               Code = "instagram_log_in_refused"
	InstagramError               Code = "instagram_error"
	CallStopped                  Code = "call_stopped"
	AnswerLost                   Code = "answer_lost"
	CallFailed                   Code = "call_failed"
)

// inItsWords ends what an answer means: what Instagram says in its own words, and its numbers, such as "code 190/460"
// or "HTTP 502".
const inItsWords = ".[ Instagram says: {words}][ ({answered})]"

const answered = "Instagram answered so."

// ofInstagram are the reasons that Instagram gave.
var ofInstagram = []Definition{
	{InstagramInternal, "Instagram had an internal error" + inItsWords, answered},
	{InstagramDownloadSlow, "Instagram took too long to download the file" + inItsWords, answered},
	{InstagramPictureTooLarge, "The picture is larger than 8 MB" + inItsWords, answered},
	{InstagramPictureFormat, "The picture's format is not supported; Instagram takes JPEG" + inItsWords, answered},
	{InstagramContainerHidden, "Instagram does not find the container with this token" + inItsWords, answered},
	{InstagramContainerLost, "Instagram does not find the container, or it has expired" + inItsWords, answered},
	{InstagramPictureShape, "The picture's shape is outside 4:5 to 1.91:1" + inItsWords, answered},
	{InstagramCaptionTooLong, "The caption is longer than 2200 characters" + inItsWords, answered},
	{InstagramUploadExpired, "The uploaded file has expired at Instagram" + inItsWords, answered},
	{InstagramMediaType, "Instagram does not know this media type" + inItsWords, answered},
	{InstagramVideoFormat, "The video's format is not supported" + inItsWords, answered},
	{InstagramNotReady, "Instagram is still preparing the media" + inItsWords, answered},
	{InstagramCarouselSize, "A carousel takes 2 to 10 items" + inItsWords, answered},
	{InstagramNotCreated, "Instagram could not create the media" + inItsWords, answered},
	{InstagramTagMisplaced, "A product tag has a wrong position" + inItsWords, answered},
	{InstagramTagUnplaced, "A product tag has no position" + inItsWords, answered},
	{InstagramTagUnknown, "A product tag names an unknown product" + inItsWords, answered},
	{InstagramMentions, "The caption mentions more than 20 accounts" + inItsWords, answered},
	{InstagramQuotaSpent, "The account has used up what Instagram lets it publish in 24 hours" + inItsWords, answered},
	{InstagramRestricted, "Instagram has restricted the account: open the Instagram app and follow what it asks" + inItsWords,
		answered},
	{InstagramSpam,
		"Instagram has blocked this action as suspected spam: open the Instagram app and look for a notice" + inItsWords,
		answered},
	{InstagramDownloadFailed, "Instagram could not download the file from its address" + inItsWords, answered},
	{InstagramUploadError, "Instagram had an unknown error with the upload" + inItsWords, answered},
	{InstagramCoverOutside, "The cover frame lies outside the video" + inItsWords, answered},
	{InstagramUnsupported, "Instagram does not support this for the media type" + inItsWords, answered},
	{InstagramVideoUnusable, "Instagram could not process the video" + inItsWords, answered},
	{InstagramVideoDownloadFailed, "Instagram could not download the video" + inItsWords, answered},
	{InstagramTrialReels, "The account cannot use trial reels" + inItsWords, answered},
	{InstagramUploadUnusable, "Instagram could not process the upload; the short side may be under 640 pixels" + inItsWords,
		answered},
	{InstagramGaveUp, "Instagram gave up on the media for good" + inItsWords, answered},
	{InstagramTemporary, "Instagram had a temporary error" + inItsWords, answered},
	{InstagramFewerCalls, "Instagram asks for fewer calls" + inItsWords, answered},
	{InstagramNoCalls, "Instagram takes no calls for this account for a while" + inItsWords, answered},
	{InstagramToken, "Instagram no longer accepts the access token: connect the account again" + inItsWords, answered},
	{InstagramTokenAppRemoved,
		"Instagram no longer accepts the access token: connect the account again (the app was removed from the " +
			"account's settings)" + inItsWords, answered},
	{InstagramTokenLogIn,
		"Instagram no longer accepts the access token: connect the account again (Instagram wants the owner to " +
			"log in first)" + inItsWords, answered},
	{InstagramTokenPassword,
		"Instagram no longer accepts the access token: connect the account again (the password was changed)" + inItsWords,
		answered},
	{InstagramTokenExpired,
		"Instagram no longer accepts the access token: connect the account again (the access token has expired)" + inItsWords,
		answered},
	{InstagramTokenUnconfirmed,
		"Instagram no longer accepts the access token: connect the account again (the account is not confirmed)" + inItsWords,
		answered},
	{InstagramTokenInvalid,
		"Instagram no longer accepts the access token: connect the account again (the access token is not valid)" +
			inItsWords, answered},
	{InstagramTokenSession,
		"Instagram no longer accepts the access token: connect the account again (the session is not valid)" + inItsWords,
		answered},
	{InstagramPermission,
		"A permission is missing or was withdrawn: add it to the app (step 4 of the guide), then connect the " +
			"account again" + inItsWords, answered},
	{InstagramPolicies,
		"Instagram has blocked the account for a while because of its policies: open the Instagram app and look " +
			"for a notice" + inItsWords, answered},
	{InstagramRejected, "Instagram does not accept what was sent" + inItsWords, answered},
	{InstagramRejectedMedia, "Instagram does not accept the picture or the caption" + inItsWords, answered},
	{InstagramObjectHidden, "Instagram does not show this object to this token" + inItsWords, answered},
	{InstagramNoRole, "The account has no accepted role in the app" + inItsWords, answered},
	{InstagramLogIn, "Instagram did not accept the log-in: connect the account again" + inItsWords, answered},
	{InstagramError, "Instagram answered with an error" + inItsWords, answered},
	{CallStopped, "Postern was stopped while it talked to Instagram[ ({error})]", "Postern was stopped."},
	{AnswerLost, "Instagram's answer did not arrive[ ({error})]", "The connection failed after the request was sent."},
	{CallFailed, "the call to Instagram failed", "The call could not be made."},
}
