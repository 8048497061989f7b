package instagram

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
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
	Reason  string        // a sentence for the owner
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
	text    string
}

// subcodes are asked first: they mean the same under several codes.
//
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
var subcodes = map[int]rule{
	2207001: {action: Retry, text: "Instagram had an internal error"},
	2207003: {action: Retry, text: "Instagram took too long to download the file"},
	2207004: {action: Reject, text: "the picture is larger than 8 MB"},
	2207005: {action: Reject, text: "the picture's format is not supported; Instagram takes JPEG"},
	2207006: {action: Retry, text: "Instagram does not find the container with this token"},
	2207008: {action: Retry, text: "Instagram does not find the container, or it has expired"},
	2207009: {action: Reject, text: "the picture's shape is outside 4:5 to 1.91:1"},
	2207010: {action: Reject, text: "the caption is longer than 2200 characters"},
	2207020: {action: Retry, text: "the uploaded file has expired at Instagram"},
	2207023: {action: Reject, text: "Instagram does not know this media type"},
	2207026: {action: Reject, text: "the video's format is not supported"},
	2207027: {action: Retry, after: notReadyAfter, account: true, text: "Instagram is still preparing the media"},
	2207028: {action: Reject, text: "a carousel takes 2 to 10 items"},
	2207032: {action: Retry, text: "Instagram could not create the media"},
	2207035: {action: Reject, text: "a product tag has a wrong position"},
	2207036: {action: Reject, text: "a product tag has no position"},
	2207037: {action: Reject, text: "a product tag names an unknown product"},
	2207040: {action: Reject, text: "the caption mentions more than 20 accounts"},
	2207042: {action: Wait, after: quotaIsSpent, account: true, text: "the account has used up what Instagram lets it publish in 24 hours"},
	2207050: {action: Wait, after: blocked, account: true, owner: true, text: "Instagram has restricted the account: open the Instagram app and follow what it asks"},
	// The message can read "Application request limit reached"; it is about suspected spam.
	2207051: {action: Wait, after: blocked, account: true, owner: true, text: "Instagram has blocked this action as suspected spam: open the Instagram app and look for a notice"},
	2207052: {action: Retry, text: "Instagram could not download the file from its address"},
	2207053: {action: Retry, text: "Instagram had an unknown error with the upload"},
	2207057: {action: Reject, text: "the cover frame lies outside the video"},
	2207073: {action: Reject, text: "Instagram does not support this for the media type"},
	2207076: {action: Reject, text: "Instagram could not process the video"},
	2207077: {action: Retry, text: "Instagram could not download the video"},
	2207081: {action: Reject, text: "the account cannot use trial reels"},
	2207082: {action: Retry, text: "Instagram could not process the upload; the short side may be under 640 pixels"},
	2207085: {action: Reject, text: "Instagram gave up on the media for good"},
}

// codes decide where the subcode is missing or unknown.
//
// https://developers.facebook.com/docs/graph-api/guides/error-handling
func byCode(code int) (rule, bool) {
	switch {
	case code == 1, code == 2:
		return rule{action: Retry, text: "Instagram had a temporary error"}, true
	case code == 4, code == 17, code == 32, code == 341, code == 613:
		return rule{action: Retry, account: true, text: "Instagram asks for fewer calls"}, true
	case code >= 80000 && code <= 80014: // 80002 is Instagram's own
		return rule{action: Wait, after: throttled, account: true, text: "Instagram takes no calls for this account for a while"}, true
	case code == 102, code == 190:
		return rule{action: Reconnect, account: true, text: "Instagram no longer accepts the access token: connect the account again"}, true
	case code == 3, code == 10, code >= 200 && code <= 299:
		return rule{action: Reconnect, account: true, text: "a permission is missing or was withdrawn: add it to the app (step 4 of the guide), then connect the account again"}, true
	case code == 25:
		return subcodes[2207050], true
	case code == 368:
		return rule{action: Wait, after: blocked, account: true, owner: true, text: "Instagram has blocked the account for a while because of its policies: open the Instagram app and look for a notice"}, true
	case code == 9004:
		return subcodes[2207052], true
	case code == 100, code == 110: // 110 is about the users of tags
		return rule{action: Reject, text: "Instagram does not accept what was sent"}, true
	case code == 352:
		return subcodes[2207026], true
	case code >= 36000 && code <= 36009:
		return rule{action: Reject, text: "Instagram does not accept the picture or the caption"}, true
	}
	return rule{action: Retry, text: "Instagram answered with an error"}, false
}

// Why token errors (190) happened, by subcode.
var tokenSubcodes = map[int]string{
	458: "the app was removed from the account's settings",
	459: "Instagram wants the owner to log in first",
	460: "the password was changed",
	463: "the access token has expired",
	464: "the account is not confirmed",
	467: "the access token is not valid",
	492: "the session is not valid",
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
		if answer.Op == "publish" && !IsNotReady(err) && !IsQuotaSpent(err) {
			v.Action, v.IfNotLive = Ambiguous, v.Action
		}
		return v
	}
	v := Verdict{Action: Retry, Account: true, Reason: "Instagram could not be reached"}
	t, ok := errors.AsType[*TransportError](err)
	switch {
	case errors.Is(err, context.Canceled):
		v.Reason = "Postern was stopped while it talked to Instagram"
	case ok && t.Sent:
		v.Reason = "Instagram's answer did not arrive"
	case !ok:
		v.Account, v.Reason = errors.Is(err, context.DeadlineExceeded), "the call to Instagram failed"
	}
	if ok {
		v.Reason += " (" + t.Err.Error() + ")"
		if t.Op == "publish" && t.Sent {
			v.Action, v.IfNotLive = Ambiguous, Retry
		}
	}
	v.Reason = sentence(v.Reason)
	return v
}

// param finds the optional parameter that a refusal is about. Meta gives these no subcode: the location's has a name,
// the others are told from the words for developers, which are not translated.
func (e *Error) param(v Verdict) string {
	if e.Op != "create" || v.Action != Reject || e.Subcode != 0 && subcodes[e.Subcode].text != "" {
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
		r = rule{action: Retry, text: "Instagram does not show this object to this token"}
	case e.strangerToApp():
		r = rule{action: Reconnect, account: true, text: "the account has no accepted role in the app"}
	case e.Op == "exchange" && e.HTTPStatus < 500:
		r = rule{action: Reconnect, account: true, text: "Instagram did not accept the log-in: connect the account again"}
	case e.HTTPStatus == 429 && !known:
		r = rule{action: Retry, account: true, text: "Instagram asks for fewer calls"}
	case e.HTTPStatus >= 500 && !known:
		r = rule{action: Retry, text: "Instagram had a temporary error"}
	}
	v := Verdict{Action: r.action, After: r.after, Account: r.account, Owner: r.owner, Reason: e.reason(r.text)}
	if r.action == Reconnect {
		v.Cause = CauseOf(e)
	}
	if r.action == Wait && e.RegainAfter > 0 {
		v.After = e.RegainAfter
	}
	return v
}

// reason adds Meta's own words, which name the file or the count, to ours.
func (e *Error) reason(text string) string {
	if why := tokenSubcodes[e.Subcode]; why != "" && e.Code == 190 {
		text += " (" + why + ")"
	}
	said := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(e.UserTitle), ".") + ". " + strings.TrimSpace(e.UserMessage))
	switch {
	case e.UserTitle == "" && e.UserMessage == "":
		said = strings.TrimSpace(e.Message)
	case e.UserTitle == "":
		said = strings.TrimSpace(e.UserMessage)
	case e.UserMessage == "":
		said = strings.TrimSpace(e.UserTitle)
	}
	text = sentence(text)
	if said != "" {
		text += " Instagram says: " + sentence(said)
	}
	code := fmt.Sprintf(" (code %d/%d)", e.Code, e.Subcode)
	if e.Code == 0 {
		code = fmt.Sprintf(" (HTTP %d)", e.HTTPStatus)
	} else if e.Subcode == 0 {
		code = fmt.Sprintf(" (code %d)", e.Code)
	}
	return text + code
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

// IsNotReady: the container was published too early (9007/2207027). Nothing
// went live; the same container will be taken in a while.
func IsNotReady(err error) bool { return isCode(err, 9007, 2207027) }

// IsQuotaSpent: no more posts in the rolling 24 hours (9/2207042). Nothing
// went live; the same container will be taken when a place is free.
func IsQuotaSpent(err error) bool { return isCode(err, 9, 2207042) }

// IsTokenDead: the token must be replaced by the owner (190, 102).
func IsTokenDead(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Code == 190 || e.Code == 102)
}

// IsUnreadable: the read was refused (100/33, 24/2207006, 24/2207008). It says
// nothing about the container: publishing has worked while reads failed so.
func IsUnreadable(err error) bool {
	return isCode(err, 100, 33) || isCode(err, 24, 2207006) || isCode(err, 24, 2207008)
}

func isCode(err error, code, subcode int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code && e.Subcode == subcode
}

// Explain puts a code in plain words, as a sentence; "" when neither is known.
// The subcode decides; code may be 0, as with the subcode of a Status.
func Explain(code, subcode int) string {
	if r, ok := subcodes[subcode]; ok {
		return sentence(r.text)
	}
	if why := tokenSubcodes[subcode]; why != "" && code == 190 {
		return sentence(why)
	}
	if r, ok := byCode(code); ok && subcode == 0 {
		return sentence(r.text)
	}
	return ""
}
