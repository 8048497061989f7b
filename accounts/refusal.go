package accounts

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"postern/instagram"
)

// Step is a heading of the setup guide, as the anchor of its page.
type Step string

// The steps of docs/instagram-setup.md; a test compares.
const (
	StepProfessional Step = "professional-account"
	StepDeveloper    Step = "meta-developer-account"
	StepApp          Step = "create-the-app"
	StepPermission   Step = "add-the-permissions"
	StepTester       Step = "add-the-tester"
	StepInvite       Step = "accept-the-invite"
	StepToken        Step = "generate-the-access-token"
	StepAppValues    Step = "copy-app-id-and-app-secret"
	StepPaste        Step = "paste-into-postern"
	StepLogIn        Step = "connect-with-instagram"
	StepRedirect     Step = "register-the-redirect-address"
	StepExpired      Step = "the-token-has-expired"
	StepDeactivated  Step = "the-app-was-deactivated"
	StepCheckpoint   Step = "instagram-wants-you-to-log-in"
	StepNetwork      Step = "instagram-cannot-be-reached"
)

// Steps are all of them.
func Steps() []Step {
	return []Step{
		StepProfessional, StepDeveloper, StepApp, StepPermission, StepTester, StepInvite, StepToken, StepAppValues,
		StepPaste, StepLogIn, StepRedirect,
		StepExpired, StepDeactivated, StepCheckpoint, StepNetwork,
	}
}

// GuidePath is where the pages show a step; "" for none.
func GuidePath(s Step) string {
	if s == "" {
		return ""
	}
	return "/help/instagram#" + string(s)
}

// Refusal is why an account was not connected, for its owner.
type Refusal struct {
	Reason string // what is wrong, without a full stop
	Remedy string // what to do about it
	Step   Step   // of the guide that shows how; "" for none
	err    error
}

func (r *Refusal) Error() string {
	if r.Remedy == "" {
		return r.Reason
	}
	return r.Reason + ": " + r.Remedy
}

// Unwrap returns what Instagram said, if it was that.
func (r *Refusal) Unwrap() error { return r.err }

// words are the three that a finding takes.
func (r *Refusal) words() (detail, remedy, guide string) {
	return r.Reason, r.Remedy, GuidePath(r.Step)
}

// refusals are the words for each cause. A remedy says what to do; the guide's step says where to click.
var refusals = map[instagram.Cause]Refusal{
	instagram.CauseUnreachable: {
		Reason: "Instagram could not be reached",
		Remedy: "check this machine's connection and instagram.api_url, and try again", Step: StepNetwork,
	},
	instagram.CauseTokenUnknown: {
		Reason: "Instagram does not know this access token",
		Remedy: "copy the whole token, or make a new access token", Step: StepToken,
	},
	instagram.CauseTokenExpired: {
		Reason: "the access token has expired",
		Remedy: "make a new access token; Postern refreshes it daily from then on", Step: StepExpired,
	},
	instagram.CausePasswordChanged: {
		Reason: "the access token ended when the account's password was changed",
		Remedy: "make a new access token", Step: StepToken,
	},
	instagram.CauseAppRemoved: {
		Reason: "the app was removed in the account's settings at Instagram",
		Remedy: "accept the tester invite again and make a new access token", Step: StepInvite,
	},
	instagram.CauseAppDeactivated: {
		Reason: "Meta has deactivated the app, as it does with apps that were not used for a while",
		Remedy: "restore its access in the app dashboard, then make a new access token", Step: StepDeactivated,
	},
	instagram.CauseAppUnknown: {
		Reason: "App ID or App Secret is wrong",
		Remedy: "copy both from “API setup with Instagram login”; those of the Facebook app are others",
		Step:   StepAppValues,
	},
	instagram.CauseNotTester: {
		Reason: "the account has no role in the app, or has not accepted its tester invite yet",
		Remedy: "accept the invite in Instagram's settings, then make a new access token", Step: StepInvite,
	},
	instagram.CauseNotProfessional: {
		Reason: "this is a personal account, and only professional accounts can be published to",
		Remedy: "switch to a professional account (creator or business) in the Instagram app, then make a new " +
			"access token", Step: StepProfessional,
	},
	instagram.CausePermission: {
		Reason: "the permission %s is missing",
		Remedy: "add it to the app until it says “Ready for testing”, then generate a new access token",
		Step:   StepPermission,
	},
	instagram.CauseCheckpoint: {
		Reason: "Instagram wants the account's owner to look after something first",
		Remedy: "open the Instagram app, follow what it asks, and try again", Step: StepCheckpoint,
	},
	instagram.CauseCodeSpent: {
		Reason: "Instagram says that this log-in was used already or is too old",
		Remedy: "press Connect with Instagram again", Step: StepLogIn,
	},
	instagram.CauseRedirect: {
		Reason: "the address to come back to is not the one that the app names",
		Remedy: "register exactly the address that the Accounts page shows", Step: StepRedirect,
	},
	instagram.CauseOther: {Remedy: remedyLater},
}

// refuse puts an error of a call about an account in plain words, with what Instagram said.
func refuse(err error) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	r := refusals[instagram.CauseOf(err)]
	r.err = err
	answer, answered := errors.AsType[*instagram.Error](err)
	silence, unanswered := errors.AsType[*instagram.TransportError](err)
	switch {
	case answered && r.Reason == "": // what Classify says holds the words, too
		r.Reason = strings.TrimSuffix(Explain(err).String(), ".")
	case answered && strings.Contains(r.Reason, "%s"):
		permission := instagram.PermissionBasic
		if answer.Op == "quota" {
			permission = instagram.PermissionPublish
		}
		r.Reason = fmt.Sprintf(r.Reason, permission)
		fallthrough
	case answered:
		r.Reason += " (Instagram says: " + saying(answer) + ")"
	case unanswered:
		r.Reason += " (" + silence.Err.Error() + ")"
	default: // ours: the key, the database, a kind of account
		return &Refusal{Reason: err.Error(), err: err}
	}
	return &r
}

// saying is Instagram's own words with its code, which its support asks for.
func saying(e *instagram.Error) string {
	said := strings.TrimSpace(cmp.Or(e.UserMessage, e.Message, "nothing"))
	switch {
	case e.Subcode != 0:
		return fmt.Sprintf("%s; code %d/%d", said, e.Code, e.Subcode)
	case e.Code != 0:
		return fmt.Sprintf("%s; code %d", said, e.Code)
	}
	return fmt.Sprintf("%s; HTTP %d", said, e.HTTPStatus)
}

// professional refuses a personal account. Instagram does not always say what an account is.
func professional(p instagram.Profile) error {
	switch strings.ToLower(strings.ReplaceAll(p.AccountType, "_", "")) {
	case "", "business", "mediacreator", "creator":
		return nil
	}
	r := refusals[instagram.CauseNotProfessional]
	r.Reason = fmt.Sprintf("%s (%s is %s)", r.Reason, at(p.Username, userID(p)), p.AccountType)
	return &r
}
