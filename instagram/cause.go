package instagram

import (
	"errors"
	"strings"
)

// Cause is why an account cannot be used, as far as an error tells: the same error that Classify turns into what to do
// turned into what its owner has to mend.
type Cause string

// The causes that have a remedy of their own; CauseOther is every other answer.
const (
	CauseOther           Cause = ""
	CauseUnreachable     Cause = "unreachable"      // no usable answer came
	CauseTokenUnknown    Cause = "token-unknown"    // no token, cut short, or of something else
	CauseTokenExpired    Cause = "token-expired"    // after 60 days without a refresh
	CausePasswordChanged Cause = "password-changed" // which ends all tokens
	CauseAppRemoved      Cause = "app-removed"      // in the account's settings, by its owner
	CauseAppDeactivated  Cause = "app-deactivated"  // by Meta, for want of use
	CauseAppUnknown      Cause = "app-unknown"      // App ID or App Secret is wrong
	// the app is in development and the account has no accepted role in it
	CauseNotTester       Cause = "not-tester"
	CauseNotProfessional Cause = "not-professional" // a personal account
	CausePermission      Cause = "permission"       // not granted or withdrawn
	CauseCheckpoint      Cause = "checkpoint"       // Instagram wants its owner to log in and answer something
	CauseCodeSpent       Cause = "code-spent"       // the code of a log-in is used, too old or unknown
	CauseRedirect        Cause = "redirect"         // the address to come back to is not the one the app names
)

// Why a token is refused, by subcode of 190; any other one means that Instagram does not know it.
var tokenCauses = map[int]Cause{
	458: CauseAppRemoved, 459: CauseCheckpoint, 460: CausePasswordChanged, 463: CauseTokenExpired, 464: CauseCheckpoint,
}

// causeByWords returns the cause of an answer whose codes do not tell it apart, CauseOther for any other one. said is
// Meta's message for developers in lower case, which Meta does not translate.
func causeByWords(said string) Cause {
	switch {
	case strings.Contains(said, "developer role"):
		return CauseNotTester
	case strings.Contains(said, "api access deactivated"), strings.Contains(said, "application has been deleted"):
		return CauseAppDeactivated
	case strings.Contains(said, "not an instagram business"):
		return CauseNotProfessional
	case strings.Contains(said, "matching code was not found"), strings.Contains(said, "authorization code"):
		return CauseCodeSpent
	case strings.Contains(said, "redirect_uri"), strings.Contains(said, "redirect uri"):
		return CauseRedirect
	case strings.Contains(said, "client secret"), strings.Contains(said, "client_secret"),
		strings.Contains(said, "client_id"), strings.Contains(said, "platform app"):
		return CauseAppUnknown
	}
	return CauseOther
}

// CauseOf says why an account cannot be used. It is for calls that ask about an account (Me, Quota, ExchangeCode,
// RefreshToken); errors about a post are CauseOther.
func CauseOf(err error) Cause {
	answer, ok := errors.AsType[*Error](err)
	if !ok {
		if _, ok := errors.AsType[*TransportError](err); ok {
			return CauseUnreachable
		}
		return CauseOther
	}
	if cause := causeByWords(strings.ToLower(answer.Message)); cause != CauseOther {
		return cause
	}
	switch code := answer.Code; {
	case answer.strangerToApp():
		return CauseNotTester
	case code == 190 && tokenCauses[answer.Subcode] != "":
		return tokenCauses[answer.Subcode]
	case code == 190, code == 102:
		return CauseTokenUnknown
	case code == 3, code == 10, code >= 200 && code <= 299:
		return CausePermission
	case code == 25, code == 368, answer.Subcode == 2207050, answer.Subcode == 2207051:
		return CauseCheckpoint
	}
	return CauseOther
}

// strangerToApp: an app that is only for its own people answers every question of a stranger's token with this,
// whatever was asked and however. The token itself was given out without a word.
func (e *Error) strangerToApp() bool {
	return e.Code == 100 && e.Type == "IGApiException" && (e.Op == OpMe || e.Op == OpExchange || e.Op == OpQuota) &&
		strings.HasPrefix(e.Message, "Unsupported request")
}
