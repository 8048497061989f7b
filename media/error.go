package media

import (
	"errors"
	"net/url"
	"strings"
	"syscall"

	"postern/reason"
)

// Error is why a source cannot be used. Rule is stable and may be compared. The rules are:
//
//	media.url.invalid          neither an http nor an https URL, or one that cannot exist
//	media.url.unreachable      DNS, TLS, connection, timeout, 5xx, 429 (temporary)
//	media.url.redirects        too many redirects
//	media.url.blocked          a private address outside network.allow
//	media.url.not-found        404, 410
//	media.url.forbidden        401, 402, 403, 451
//	media.url.refused          any other status than 200
//	media.type.unsupported     a web page, or an unsupported format
//	media.image.broken         truncated or damaged
//	media.image.too-large      more bytes than MaxSource, or impossible to bring under Rules.MaxBytes
//	media.image.too-small      an empty picture
//	media.image.too-many-pixels more pixels than MaxPixels
//	media.video.broken         truncated or damaged
//	media.video.too-large      more bytes than MaxVideo, or than the rules allow
//	media.video.no-ffmpeg      needs ffmpeg, which is not installed
//	media.video.conversion     ffmpeg could not convert it, or not within its limits
//	media.video.interrupted    the conversion was interrupted (temporary)
//	media.video.…              the problems that Judge returns
//	media.library.full         MaxTotal is reached; Prune frees space (temporary)
//	media.library              a failure of this machine's disk; the source may be fine (temporary)
type Error struct {
	Rule      string        // one of the rules above
	Why       reason.Reason // what is wrong and what to do, without the query and user parts of a URL
	Temporary bool          // a later try may succeed without anyone's help
	Machine   bool          // this machine is at fault, for instance without ffmpeg; its operator can fix it
	Err       error         // the cause, if any; its text may contain secrets
	Seen      Version       // version of a damaged file, to recognise a replacement at the same URL
}

// Version identifies the content that a URL returned.
type Version struct {
	SHA256             string // of the bytes, lower-case hex
	ETag, LastModified string // as the site sent them; "" if it did not
}

// Error returns Why without the cause, whose text may contain the query of a URL.
func (e *Error) Error() string { return e.Why.String() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func fault(rule string, cause error, why reason.Reason) *Error {
	return &Error{Rule: rule, Why: why, Err: cause}
}

func machineFault(rule string, cause error, why reason.Reason) *Error {
	return &Error{Rule: rule, Why: why, Err: cause, Machine: true}
}

// diskFault returns the fault for an error of the library's disk.
func diskFault(cause error, doing string) *Error {
	return &Error{Rule: "media.library", Temporary: true, Err: cause, Why: reason.New(reason.MediaFolder, doing)}
}

// processFault returns a fault of a separate process that decodes or converts. It is temporary, because a retry may
// succeed. The tries are limited, so a post that needs the process fails in the end.
func processFault(rule string, cause error, why reason.Reason) *Error {
	return &Error{Rule: rule, Temporary: true, Err: cause, Why: why}
}

// diskFull reports whether the disk is full or our quota on it is used up.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// displayURL returns host and path of a URL, without the parts that may contain secrets. It truncates long paths.
func displayURL(u *url.URL) string {
	const longest = 160
	s := u.Host + u.EscapedPath()
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
