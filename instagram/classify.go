package instagram

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/reason"
)

// Action is what to do about an error.
type Action string

const (
	Retry     Action = "retry"     // again after a back-off
	Wait      Action = "wait"      // not before Verdict.After has passed
	Reconnect Action = "reconnect" // only the owner can help: token, permission
	Reject    Action = "reject"    // this post will never be taken as it is
	Ambiguous Action = "ambiguous" // of Publish only: it may be live. Look, do not call again
)

// Verdict is what an error means for a publication.
type Verdict struct {
	Action  Action
	After   time.Duration // with Wait; and what to wait for afterwards when Ambiguous
	Account bool          // the cause is the account or the network: must not cost the post a try
	Owner   bool          // the owner has to act in the Instagram app
	Reason  reason.Reason // for the owner
	Cause   Cause         // why only the owner can help; CauseOther with other actions
	// IfNotLive is what the same error would have meant if it proved that
	// nothing went live. Set with Ambiguous only.
	IfNotLive Action
	// Param is the optional parameter of a container that Instagram does not take:
	// location_id, collaborators or user_tags. The post itself may be fine.
	Param string
}

const (
	blocked       = time.Hour       // restrictions last hours to days; asking more often prolongs them
	throttled     = 5 * time.Minute // when Meta does not say
	quotaIsSpent  = time.Hour       // a place is free 24 hours after each post; the quota call knows more
	notReadyAfter = 3 * time.Second // the container that was refused was taken 3 s later
)

// rule is one row of the table: what a code means for a call that is not Publish.
type rule struct {
	action  Action
	after   time.Duration
	account bool
	owner   bool
	why     reason.Code
}

// subcodes are asked first: they mean the same under several codes.
//
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
var subcodes = map[int]rule{
	2207001: {action: Retry, why: reason.InstagramInternal},
	2207003: {action: Retry, why: reason.InstagramDownloadSlow},
	2207004: {action: Reject, why: reason.InstagramPictureTooLarge},
	2207005: {action: Reject, why: reason.InstagramPictureFormat},
	2207006: {action: Retry, why: reason.InstagramContainerHidden},
	2207008: {action: Retry, why: reason.InstagramContainerLost},
	2207009: {action: Reject, why: reason.InstagramPictureShape},
	2207010: {action: Reject, why: reason.InstagramCaptionTooLong},
	2207020: {action: Retry, why: reason.InstagramUploadExpired},
	2207023: {action: Reject, why: reason.InstagramMediaType},
	2207026: {action: Reject, why: reason.InstagramVideoFormat},
	2207027: {action: Retry, after: notReadyAfter, account: true, why: reason.InstagramNotReady},
	2207028: {action: Reject, why: reason.InstagramCarouselSize},
	2207032: {action: Retry, why: reason.InstagramNotCreated},
	2207035: {action: Reject, why: reason.InstagramTagMisplaced},
	2207036: {action: Reject, why: reason.InstagramTagUnplaced},
	2207037: {action: Reject, why: reason.InstagramTagUnknown},
	2207040: {action: Reject, why: reason.InstagramMentions},
	2207042: {action: Wait, after: quotaIsSpent, account: true, why: reason.InstagramQuotaSpent},
	2207050: {action: Wait, after: blocked, account: true, owner: true, why: reason.InstagramRestricted},
	// The message can read "Application request limit reached"; it is about suspected spam.
	2207051: {action: Wait, after: blocked, account: true, owner: true, why: reason.InstagramSpam},
	2207052: {action: Retry, why: reason.InstagramDownloadFailed},
	2207053: {action: Retry, why: reason.InstagramUploadError},
	2207057: {action: Reject, why: reason.InstagramCoverOutside},
	2207073: {action: Reject, why: reason.InstagramUnsupported},
	2207076: {action: Reject, why: reason.InstagramVideoUnusable},
	2207077: {action: Retry, why: reason.InstagramVideoDownloadFailed},
	2207081: {action: Reject, why: reason.InstagramTrialReels},
	2207082: {action: Retry, why: reason.InstagramUploadUnusable},
	2207085: {action: Reject, why: reason.InstagramGaveUp},
}

// codes decide where the subcode is missing or unknown.
//
// https://developers.facebook.com/docs/graph-api/guides/error-handling
func byCode(code int) (rule, bool) {
	switch {
	case code == 1, code == 2:
		return rule{action: Retry, why: reason.InstagramTemporary}, true
	case code == 4, code == 17, code == 32, code == 341, code == 613:
		return rule{action: Retry, account: true, why: reason.InstagramFewerCalls}, true
	case code >= 80000 && code <= 80014: // 80002 is Instagram's own
		return rule{action: Wait, after: throttled, account: true, why: reason.InstagramNoCalls}, true
	case code == 102, code == 190:
		return rule{action: Reconnect, account: true, why: reason.InstagramToken}, true
	case code == 3, code == 10, code >= 200 && code <= 299:
		return rule{action: Reconnect, account: true, why: reason.InstagramPermission}, true
	case code == 25:
		return subcodes[2207050], true
	case code == 368:
		return rule{action: Wait, after: blocked, account: true, owner: true, why: reason.InstagramPolicies}, true
	case code == 9004:
		return subcodes[2207052], true
	case code == 100, code == 110: // 110 is about the users of tags
		return rule{action: Reject, why: reason.InstagramRejected}, true
	case code == 352:
		return subcodes[2207026], true
	case code >= 36000 && code <= 36009:
		return rule{action: Reject, why: reason.InstagramRejectedMedia}, true
	}
	return rule{action: Retry, why: reason.InstagramError}, false
}

// tokenSubcodes say why the token is refused (190).
var tokenSubcodes = map[int]reason.Code{
	458: reason.InstagramTokenAppRemoved,
	459: reason.InstagramTokenLogIn,
	460: reason.InstagramTokenPassword,
	463: reason.InstagramTokenExpired,
	464: reason.InstagramTokenUnconfirmed,
	467: reason.InstagramTokenInvalid,
	492: reason.InstagramTokenSession,
}

// Classify says what an error of this package means. It is one table, from
// Meta's error codes and from what they turned out to mean. nil gives the zero Verdict.
//
// Of Publish only two refusals (9007/2207027 and 9/2207042) and an error before
// anything was written prove that nothing went live. Everything else is
// Ambiguous, 4xx answers too: posts have been seen live after 4/2207051.
func Classify(err error) Verdict {
	if err == nil {
		return Verdict{}
	}
	if answer, ok := errors.AsType[*Error](err); ok {
		v := answer.verdict()
		v.Param = answer.param(v)
		if answer.Op == OpPublish && !IsNotReady(err) && !IsQuotaSpent(err) {
			v.Action, v.IfNotLive = Ambiguous, v.Action
		}
		return v
	}
	t, ok := errors.AsType[*TransportError](err)
	v := Verdict{Action: Retry, Account: true}
	text := ""
	if ok {
		text = t.Err.Error()
	}
	switch {
	case errors.Is(err, context.Canceled):
		v.Reason = reason.New(reason.CallStopped, text)
	case ok && t.Sent:
		v.Reason = reason.New(reason.AnswerLost, text)
	case !ok:
		v.Account, v.Reason = errors.Is(err, context.DeadlineExceeded), reason.New(reason.CallFailed)
	default:
		v.Reason = reason.New(reason.Unreachable, text)
	}
	if ok && t.Op == OpPublish && t.Sent {
		v.Action, v.IfNotLive = Ambiguous, Retry
	}
	return v
}

// param finds the optional parameter that a refusal is about. Meta gives these no subcode: the location's has a name,
// the others are told from the words for developers, which are not translated.
func (e *Error) param(v Verdict) string {
	if e.Op != OpCreate || v.Action != Reject || e.Subcode != 0 && subcodes[e.Subcode].why != "" {
		return ""
	}
	said := strings.ToLower(e.Message)
	switch {
	case strings.Contains(said, "location"):
		return "location_id"
	case strings.Contains(said, "collaborator"):
		return "collaborators"
	case strings.Contains(said, "user_tag"), e.Code == 110:
		return "user_tags"
	}
	return ""
}

func (e *Error) verdict() Verdict {
	r, known := subcodes[e.Subcode]
	if !known {
		r, known = byCode(e.Code)
	}
	switch {
	case e.Code == 100 && e.Subcode == 33:
		// "Object does not exist" is also what a read says while Meta's permissions
		// are in disorder (May 2026, for weeks): no reason to give a post up.
		r = rule{action: Retry, why: reason.InstagramObjectHidden}
	case e.strangerToApp():
		r = rule{action: Reconnect, account: true, why: reason.InstagramNoRole}
	case e.Op == OpExchange && e.HTTPStatus < 500:
		r = rule{action: Reconnect, account: true, why: reason.InstagramLogIn}
	case e.HTTPStatus == 429 && !known:
		r = rule{action: Retry, account: true, why: reason.InstagramFewerCalls}
	case e.HTTPStatus >= 500 && !known:
		r = rule{action: Retry, why: reason.InstagramTemporary}
	}
	v := Verdict{Action: r.action, After: r.after, Account: r.account, Owner: r.owner, Reason: e.reason(r.why)}
	if r.action == Reconnect {
		v.Cause = CauseOf(e)
	}
	if r.action == Wait && e.RegainAfter > 0 {
		v.After = e.RegainAfter
	}
	return v
}

// reason adds Meta's own words, which name the file or the count, and its numbers.
func (e *Error) reason(why reason.Code) reason.Reason {
	if token := tokenSubcodes[e.Subcode]; token != "" && e.Code == 190 {
		why = token
	}
	said := strings.TrimSpace(
		strings.TrimSuffix(strings.TrimSpace(e.UserTitle), ".") + ". " + strings.TrimSpace(e.UserMessage))
	switch {
	case e.UserTitle == "" && e.UserMessage == "":
		said = strings.TrimSpace(e.Message)
	case e.UserTitle == "":
		said = strings.TrimSpace(e.UserMessage)
	case e.UserMessage == "":
		said = strings.TrimSpace(e.UserTitle)
	}
	code := fmt.Sprintf("code %d/%d", e.Code, e.Subcode)
	if e.Code == 0 {
		code = fmt.Sprintf("HTTP %d", e.HTTPStatus)
	} else if e.Subcode == 0 {
		code = fmt.Sprintf("code %d", e.Code)
	}
	return reason.New(why, sentence(said), code)
}

// sentence gives a text a capital and a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

// IsNotReady reports whether the container was published too early (9007/2207027). Nothing
// went live; the same container will be taken in a while.
func IsNotReady(err error) bool { return isCode(err, 9007, 2207027) }

// IsQuotaSpent reports whether the account may publish no more posts in the rolling 24 hours (9/2207042). Nothing
// went live; the same container will be taken when a place is free.
func IsQuotaSpent(err error) bool { return isCode(err, 9, 2207042) }

// IsTokenDead reports whether the token must be replaced by the owner (190, 102).
func IsTokenDead(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Code == 190 || e.Code == 102)
}

// IsUnreadable reports whether the read was refused (100/33, 24/2207006, 24/2207008). It says
// nothing about the container: publishing has worked while reads failed so.
func IsUnreadable(err error) bool {
	return isCode(err, 100, 33) || isCode(err, 24, 2207006) || isCode(err, 24, 2207008)
}

func isCode(err error, code, subcode int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code && e.Subcode == subcode
}

// Meaning returns what a code means, with Instagram's own words, "" for none; the zero Reason when neither is known.
// The subcode decides; code may be 0, as with the subcode of a Status.
func Meaning(code, subcode int, words string) reason.Reason {
	if r, ok := subcodes[subcode]; ok {
		return reason.New(r.why, words, "")
	}
	if why := tokenSubcodes[subcode]; why != "" && code == 190 {
		return reason.New(why, words, "")
	}
	if r, ok := byCode(code); ok && subcode == 0 {
		return reason.New(r.why, words, "")
	}
	return reason.Reason{}
}
