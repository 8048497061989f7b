package media

import (
	"errors"
	"net/url"
	"strings"
	"syscall"

	"postern/reason"
)

// Error says why a source cannot be used. Rule is stable and may be matched.
// Rules in use:
//
//	media.url.invalid          not an http or https address, or one that cannot exist
//	media.url.unreachable      DNS, TLS, connection, time-out, 5xx, 429 (temporary)
//	media.url.redirects        too many redirects
//	media.url.blocked          a private address outside network.allow
//	media.url.not-found        404, 410
//	media.url.forbidden        401, 402, 403, 451
//	media.url.refused          any other answer that is not 200
//	media.type.unsupported     a web page, or a format that is not taken
//	media.image.broken         cut off or damaged
//	media.image.too-large      more bytes than MaxSource, or not to be brought under Rules.MaxBytes
//	media.image.too-small      an empty picture
//	media.image.too-many-pixels more pixels than MaxPixels
//	media.video.broken         cut off or damaged
//	media.video.too-large      more bytes than MaxVideo, or than the rules take
//	media.video.no-ffmpeg      only ffmpeg could do it, and it is not installed
//	media.video.conversion     ffmpeg could not convert it, or not within its limits
//	media.video.interrupted    the conversion was (temporary)
//	media.video.…              what the rules ask for, see Judge
//	media.library.full         MaxTotal is reached; Prune makes room (temporary)
//	media.library              this machine's disk; the source may be fine (temporary)
type Error struct {
	Rule      string        // see above
	Why       reason.Reason // what is wrong and what to do; no query or user part of a URL
	Temporary bool          // trying again later may help without anyone doing anything
	Machine   bool          // the fault is this machine's, such as a missing ffmpeg: its operator ends it
	Err       error         // the cause, if there is one; its text may hold secrets
	Seen      Version       // of a damaged picture: by which another one under the same address is told apart
}

// Version tells what an address hands out from what it handed out earlier.
type Version struct {
	SHA256             string // of the bytes, lower-case hex
	ETag, LastModified string // as the site said; "" where it did not
}

// Error is Why alone: the text of the cause may hold the query of a URL.
func (e *Error) Error() string { return e.Why.String() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func fault(rule string, cause error, why reason.Reason) *Error {
	return &Error{Rule: rule, Why: why, Err: cause}
}

func machineFault(rule string, cause error, why reason.Reason) *Error {
	return &Error{Rule: rule, Why: why, Err: cause, Machine: true}
}

func diskFault(cause error, doing string) *Error {
	return &Error{Rule: "media.library", Temporary: true, Err: cause, Why: reason.New(reason.MediaFolder, doing)}
}

// processFault is about a process beside this one that decodes or converts: whether it comes right is found out
// by trying again, and a post that cannot do without it does not wait for ever.
func processFault(rule string, cause error, why reason.Reason) *Error {
	return &Error{Rule: rule, Temporary: true, Err: cause, Why: why}
}

// diskFull says that the disk, or what of it is ours, has no room.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// place names an address without the parts that may hold secrets.
func place(u *url.URL) string {
	const longest = 160
	s := u.Host + u.EscapedPath()
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
