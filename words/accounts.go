package words

import (
	"fmt"
	"time"
)

// Why an account was not connected, and what its owner can do.
const (
	InstagramUnreachable = "Instagram could not be reached"
	CheckConnection      = "check this machine's connection and instagram.api_url, and try again"
	TokenUnknown         = "Instagram does not know this access token"
	CopyToken            = "copy the whole token, or make a new access token"
	TokenExpired         = "the access token has expired"
	MakeRefreshedToken   = "make a new access token; Postern refreshes it daily from then on"
	TokenOfOldPassword   = "the access token ended when the account's password was changed"
	MakeToken            = "make a new access token"
	AppRemoved           = "the app was removed in the account's settings at Instagram"
	AcceptInviteAgain    = "accept the tester invite again and make a new access token"
	AppDeactivated       = "Meta has deactivated the app, as it does with apps that were not used for a while"
	RestoreApp           = "restore its access in the app dashboard, then make a new access token"
	AppUnknown           = "App ID or App Secret is wrong"
	CopyAppValues        = "copy both from “API setup with Instagram login”; the Facebook app has others"
	NotTester            = "the account has no role in the app, or has not accepted its tester invite yet"
	AcceptInvite         = "accept the invite in Instagram's settings, then make a new access token"
	NotProfessional      = "this is a personal account, and Postern can publish only to professional accounts"
	SwitchToProfessional = "switch to a professional account (creator or business) in the Instagram app, then make a " +
		"new access token"
	AddPermission      = "add it to the app until it says “Ready for testing”, then generate a new access token"
	OwnerMustLogIn     = "Instagram wants the account's owner to log in first"
	FollowInstagram    = "open the Instagram app, follow what it asks, and try again"
	LogInSpent         = "Instagram says that this log-in was used already or is too old"
	LogInAgain         = "press Connect with Instagram again"
	RedirectUnknown    = "the address to come back to is not the one that the app names"
	RegisterRedirect   = "register exactly the address that the Accounts page shows"
	TryLater           = "try again later; nothing is lost meanwhile"
	UserIDNotNumber    = "a User ID is a number"
	CopyUserID         = "copy it from “API setup with Instagram login”, or leave it empty"
	AppIDNotNumber     = "an App ID is a number"
	CopyAppID          = "copy it from “API setup with Instagram login”"
	AppSecretMissing   = "the App Secret is missing"
	CopyAppSecret      = "copy it from “API setup with Instagram login”, beside the App ID"
	AppMissing         = "there is no app to log in with. Save its App ID and App Secret first"
	TokenMissing       = "there is no access token"
	GiveToken          = "paste or name the one that you generated for the account"
	TokenMalformed     = "this is not an access token: it has spaces, line breaks or other characters that no token has"
	CopyTokenByButton  = "copy it with the button beside it"
	ReconnectWithToken = "connect the account again with a new access token"
)

// ApprovalRequired answers that an account publishes nothing without approval.
func ApprovalRequired(account string) string {
	return account + " publishes only what you approve."
}

// ApprovalNotRequired answers that an account publishes without approval.
func ApprovalNotRequired(account string) string {
	return account + " publishes by itself."
}

// NotProfessionalKind tells what kind of account a user has, as Instagram calls it.
func NotProfessionalKind(user, kind string) string {
	return fmt.Sprintf("%s (%s is %s)", NotProfessional, user, kind)
}

// PermissionMissing names a permission that the access token lacks.
func PermissionMissing(permission string) string {
	return fmt.Sprintf("the permission %s is missing", permission)
}

// RefusalWithAnswer adds Instagram's own words, with their code, to the reason of a refusal.
func RefusalWithAnswer(why, answer string) string {
	return fmt.Sprintf("%s (Instagram says: %s)", why, answer)
}

// TokenOfOtherID tells that a token belongs to another user than the one whose id was given.
func TokenOfOtherID(user, userID, wanted string) string {
	return fmt.Sprintf("this token belongs to %s (user id %s), not to user id %s", user, userID, wanted)
}

// TokenForOtherID tells how to connect either user.
func TokenForOtherID(user string) string {
	return "generate the token for the other account, or leave User ID empty to connect " + user
}

// TokenOfOther tells that a token belongs to another user than the account's.
func TokenOfOther(user, wanted string) string {
	return fmt.Sprintf("this token belongs to %s, not to %s", user, wanted)
}

// TokenForOther tells how to connect either user.
func TokenForOther(wanted string) string {
	return fmt.Sprintf("make one for %s, or add the other account", wanted)
}

// What a person learns about an account that was connected.
const (
	KeptSettings      = "it has the settings it had before"
	KeptPause         = "it is still paused"
	KeptSettingsPause = "it has the settings it had before, and is still paused"
)

// UserIDCorrected tells that an id was given that only the app knows the user by.
func UserIDCorrected(given, user, userID string) string {
	return fmt.Sprintf("%s is the id that only the app knows %s by; Postern uses the User ID, %s", given, user, userID)
}

// The history of an account.
const (
	AccountReconnected = "the account was connected again with a new access token"
	AccountWell        = "the account can publish again"
)

// AccountWaits tells why an account waits.
func AccountWaits(why string) string { return "the account waits: " + why }

// AccountLost tells why an account has to be connected again.
func AccountLost(why string) string { return "the account has to be connected again: " + why }

// TokenRefreshed tells when a refreshed access token expires.
func TokenRefreshed(expires time.Time) string {
	return "access token refreshed, valid until " + expires.Format("2 January 2006")
}

// The checks of an account, and what its owner can do.
const (
	SeeAccounts       = "look at the list of accounts"
	CheckDatabase     = "check the database"
	AddAccountAgain   = "add it again"
	StartSimulator    = "start the simulated Instagram, or remove the account"
	PutKeyBack        = "put the secret.key back that belongs to this database, or connect the account again"
	SecretsOpen       = "the stored secrets can be opened"
	AccountTypeUnsaid = "Instagram does not say; it answers for professional accounts only"
	MakeTokenInApp    = "make a new access token in the app dashboard and connect the account again"
	KeepServeRunning  = "keep `postern serve` running, which refreshes the token daily. If it was running, make " +
		"a new access token in the app dashboard and connect the account again"
	PublishingOK         = "publishing is OK"
	PublishingPaused     = "the account is paused"
	WaitOrMakeTokenInApp = "Postern tries again. If this stays, make a new access token in the app dashboard and " +
		"connect the account again"
)

// AccountRemoved names an account that was removed.
func AccountRemoved(account string) string { return account + " was removed" }

// InstagramAnswersAs names the user whom Instagram answers as.
func InstagramAnswersAs(user string) string { return "Instagram answers as " + user }

// TokenBelongsTo names the user of a token.
func TokenBelongsTo(user string) string { return "the token belongs to " + user }

// TokenBelongsToOther names the user of a token, who is not the account's.
func TokenBelongsToOther(user, wanted string) string {
	return fmt.Sprintf("the token belongs to %s, not to %s", user, wanted)
}

// MakeTokenFor names the user to make a token for.
func MakeTokenFor(user string) string {
	return fmt.Sprintf("make an access token for %s and connect the account again", user)
}

// QuotaUsed counts the posts of the last 24 hours.
func QuotaUsed(used, total int) string {
	if used >= total {
		return fmt.Sprintf("%d of %d posts used in the last 24 hours. Each place becomes free 24 hours after its "+
			"post, and Postern then continues", used, total)
	}
	return fmt.Sprintf("%d of %d posts used in the last 24 hours", used, total)
}

// TokenNeverRefreshed tells that a token expired because nothing refreshed it.
func TokenNeverRefreshed(age time.Duration) string {
	return fmt.Sprintf("stored %s and never refreshed, so it has expired", ago(age))
}

// TokenExpiredOn tells the day on which a token expired.
func TokenExpiredOn(day time.Time) string { return "it expired on " + day.Format("2 January 2006") }

// TokenNotRefreshed tells that a token was not refreshed for weeks, and when it expires.
func TokenNotRefreshed(expires time.Time, days int) string {
	return fmt.Sprintf("it could not be refreshed lately and expires on %s, in %s", expires.Format("2 January 2006"),
		countDays(days))
}

// TokenExpiryUnknown tells the age of a token whose expiry date is not known yet.
func TokenExpiryUnknown(age time.Duration) string {
	return fmt.Sprintf("stored or refreshed %s; the expiry date appears after the next refresh", ago(age))
}

// TokenOK tells the age of a token and when it expires.
func TokenOK(age time.Duration, expires time.Time, days int) string {
	return fmt.Sprintf("stored or refreshed %s, expires on %s, in %s", ago(age), expires.Format("2 January 2006"),
		countDays(days))
}

// AccountContinues tells when an account that waits goes on, as clock tells it.
func AccountContinues(clock string) string {
	return fmt.Sprintf("Postern continues at %s. Check the Instagram app for a message", clock)
}

// The state of an access token, behind its label.
const (
	TokenStateExpired = "has expired"
	TokenStateLost    = "no longer works"
	TokenStateNone    = "none yet"
	TokenStateNew     = "valid; the expiry date appears tomorrow"
)

// TokenStateWell tells how long a token is valid.
func TokenStateWell(days int) string {
	return fmt.Sprintf("valid for %s; Postern refreshes it daily", countDays(days))
}

// TokenStateStale tells how long a token is valid that could not be refreshed.
func TokenStateStale(days int) string {
	return fmt.Sprintf("valid for %s; The last refresh failed", countDays(days))
}

// TokenStateStaleUnknown tells how long a token is valid at most that could not be refreshed.
func TokenStateStaleUnknown(days int) string {
	return fmt.Sprintf("valid for at most %s; The last refresh failed", countDays(days))
}
