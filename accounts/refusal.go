package accounts

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"postern/instagram"
	"postern/words"
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

// finding returns what a finding tells.
func (r *Refusal) finding() (detail, remedy, guide string) {
	return r.Reason, r.Remedy, GuidePath(r.Step)
}

// refusals are the words for each cause. A remedy says what to do; the guide's step says where to click.
var refusals = map[instagram.Cause]Refusal{
	instagram.CauseUnreachable: {
		Reason: words.InstagramUnreachable,
		Remedy: words.CheckConnection, Step: StepNetwork,
	},
	instagram.CauseTokenUnknown: {
		Reason: words.TokenUnknown,
		Remedy: words.CopyToken, Step: StepToken,
	},
	instagram.CauseTokenExpired: {
		Reason: words.TokenExpired,
		Remedy: words.MakeRefreshedToken, Step: StepExpired,
	},
	instagram.CausePasswordChanged: {
		Reason: words.TokenOfOldPassword,
		Remedy: words.MakeToken, Step: StepToken,
	},
	instagram.CauseAppRemoved: {
		Reason: words.AppRemoved,
		Remedy: words.AcceptInviteAgain, Step: StepInvite,
	},
	instagram.CauseAppDeactivated: {
		Reason: words.AppDeactivated,
		Remedy: words.RestoreApp, Step: StepDeactivated,
	},
	instagram.CauseAppUnknown: {
		Reason: words.AppUnknown,
		Remedy: words.CopyAppValues,
		Step:   StepAppValues,
	},
	instagram.CauseNotTester: {
		Reason: words.NotTester,
		Remedy: words.AcceptInvite, Step: StepInvite,
	},
	instagram.CauseNotProfessional: {
		Reason: words.NotProfessional,
		Remedy: words.SwitchToProfessional, Step: StepProfessional,
	},
	instagram.CausePermission: {
		Remedy: words.AddPermission, Step: StepPermission, // the reason names the permission
	},
	instagram.CauseCheckpoint: {
		Reason: words.OwnerMustLogIn,
		Remedy: words.FollowInstagram, Step: StepCheckpoint,
	},
	instagram.CauseCodeSpent: {
		Reason: words.LogInSpent,
		Remedy: words.LogInAgain, Step: StepLogIn,
	},
	instagram.CauseRedirect: {
		Reason: words.RedirectUnknown,
		Remedy: words.RegisterRedirect, Step: StepRedirect,
	},
	instagram.CauseOther: {Remedy: words.TryLater},
}

// refuse puts an error of a call about an account in plain words, with what Instagram said.
func refuse(err error) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	cause := instagram.CauseOf(err)
	r := refusals[cause]
	r.err = err
	answer, answered := errors.AsType[*instagram.Error](err)
	silence, unanswered := errors.AsType[*instagram.TransportError](err)
	switch {
	case answered && cause == instagram.CausePermission:
		permission := instagram.PermissionBasic
		if answer.Op == "quota" {
			permission = instagram.PermissionPublish
		}
		r.Reason = words.RefusalWithAnswer(words.PermissionMissing(permission), saying(answer))
	case answered && r.Reason == "": // what Classify says holds the words, too
		r.Reason = strings.TrimSuffix(Explain(err).String(), ".")
	case answered:
		r.Reason = words.RefusalWithAnswer(r.Reason, saying(answer))
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
	r.Reason = words.NotProfessionalKind(at(p.Username, userID(p)), p.AccountType)
	return &r
}
