package accounts

import (
	"time"

	"postern/instagram"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// The days before a token's end on which its owner is told, when it cannot be refreshed.
const (
	firstWarning  = 14
	secondWarning = 7
	lastWarning   = 2
)

// Stage is how badly it stands with a token. A higher one is worse.
type Stage int

// The stages, in the order in which a token that is never refreshed goes through them.
const (
	TokenWell     Stage = iota
	RefreshFailed       // it works, and could not be renewed
	Ends14Days          // … and 14 days are left
	Ends7Days
	Ends2Days
	TokenLost // it has ended, or Instagram does not take it: only the owner can help
)

// TokenHealth is how long an account's token lasts and how its renewal goes.
type TokenHealth struct {
	Stage   Stage
	Ends    time.Time       // when it ends; zero when there is no token
	Known   bool            // Instagram has told; otherwise Ends is the latest it can be
	Expired bool            // Ends is known and past
	Days    int             // whole days left until Ends
	Problem reason.Reason   // why it is not well; zero when it is
	Cause   instagram.Cause // why only the owner can help; CauseOther where that is not known
}

// Health tells how it stands with an account's token at a time. Pure.
func Health(acc store.Account, now time.Time) TokenHealth {
	h := TokenHealth{Known: !acc.TokenExpiresAt.IsZero(), Ends: acc.TokenExpiresAt, Problem: acc.Refresh.Problem}
	if !h.Known && len(acc.Secrets.Token) > 0 {
		h.Ends = acc.TokenAt.Add(tokenLife)
	}
	left := h.Ends.Sub(now)
	h.Days = max(int(left/(24*time.Hour)), 0)
	h.Expired = h.Known && left <= 0
	days := func(n int) bool { return left <= time.Duration(n)*24*time.Hour }
	switch {
	case acc.Trouble == store.Reconnect:
		h.Stage, h.Problem, h.Cause = TokenLost, acc.Problem, instagram.Cause(acc.Cause)
	case acc.Refresh.Failures == 0: // it is renewed daily, however long it lasts
		h.Problem = reason.Reason{}
	case days(0):
		h.Stage = TokenLost
	case days(lastWarning):
		h.Stage = Ends2Days
	case days(secondWarning):
		h.Stage = Ends7Days
	case days(firstWarning):
		h.Stage = Ends14Days
	default:
		h.Stage = RefreshFailed
	}
	return h
}

// Step is the step of the guide that mends what is not well, "" when all is.
func (h TokenHealth) Step() Step {
	switch {
	case h.Stage == TokenWell:
		return ""
	case h.Stage == RefreshFailed: // it works, so Instagram was not reached or had trouble of its own
		return StepNetwork
	case refusals[h.Cause].Step != "":
		return refusals[h.Cause].Step
	case h.Expired:
		return StepExpired
	}
	return StepToken
}

// Words says in one line how long the token lasts.
func (h TokenHealth) Words() string {
	switch {
	case h.Expired:
		return words.TokenStateExpired
	case h.Stage == TokenLost:
		return words.TokenStateLost
	case h.Ends.IsZero():
		return words.TokenStateNone
	case h.Stage == TokenWell && !h.Known:
		return words.TokenStateNew
	case h.Stage == TokenWell:
		return words.TokenStateWell(h.Days)
	case !h.Known:
		return words.TokenStateStaleUnknown(h.Days)
	}
	return words.TokenStateStale(h.Days)
}

// A refresh that failed is tried again after an hour, then two, four, and so on, at most every six: it costs one
// call, and a token that is renewed on its last day is as good as any.
const (
	refreshSoon  = time.Hour
	refreshLater = 6 * time.Hour
)

func refreshAgain(failures int) time.Duration {
	d := refreshSoon
	for range min(failures-1, 3) {
		d *= 2
	}
	return min(d, refreshLater)
}
