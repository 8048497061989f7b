package words

import "fmt"

// The pages around all others: log-in, errors, Settings.
const (
	PageNothingHere     = "Page not found"
	PageNothingHereWhy  = "The address is wrong, or the page was removed."
	PageTooMuch         = "The form is too large"
	PageTooMuchWhy      = "Postern does not accept a form of this size."
	PageFault           = "Something went wrong"
	PageFaultWhy        = "Postern could not answer. Nothing was lost; its log says more."
	PageFaultDatabase   = "Postern cannot read its database; its log says more."
	PageFaultSessions   = "Postern cannot read its sessions; its log says more."
	PageCrashed         = "Something went wrong in Postern; its log says more."
	PageFormCut         = "Nothing was done, because the form did not arrive as a whole. Send it again."
	PageThisMachineOnly = "These pages have no log-in and answer on this machine only, at http://127.0.0.1"
	PageOtherSite       = "Nothing was done, because this form was sent from another site. If it was yours, open Postern " +
		"by the address in web.base_url."
	PageLoggedOut    = "You are logged out"
	PageLoggedOutWhy = "Nothing was done. Log in and try again."
	DatabaseSilent   = "the database does not answer"

	PasswordWrong  = "This is not the password."
	PasswordsDiff  = "The two passwords differ."
	LogInByCommand = "Or run `postern login` on the server and open the link that it prints."
	LogInLinkSpent = "This link was already used or has expired. Run `postern login` to create another."
	SetupCodeWrong = "This is not the code that Postern printed when it started. Look for “First visit” on the " +
		"console or in the service's journal. A restart prints a new one."

	PasswordChanged   = "The password is changed. Every other browser is logged out."
	PasswordStaysBad  = "The password is not changed, because the current password was wrong."
	PasswordStaysDiff = "The password is not changed, because the two new ones differ."

	BrowserLoggedOut        = "That browser is logged out."
	BrowserLoggedOutAlready = "That browser was logged out already."
	ThePublicURL            = "the public URL"

	TokenReadsWrites = "reads and writes"
	TokenNeeded      = "a token is needed: make one with `postern token add` or in Settings, and send it as " +
		"`Authorization: Bearer TOKEN`"
	TokenReadsOnly = "this token may only read: use one made with `postern token add --write`, or with “read and " +
		"write” in Settings"
	TokenForeign = "this token is not known here, or was removed: make another with `postern token add` or in Settings"
	TokenFault   = "Postern cannot read its database; its log says more"
)

// PasswordTooShort tells how long a password is at least.
func PasswordTooShort(least int) string {
	return fmt.Sprintf("a password needs at least %d characters", least)
}

// PasswordStays tells why the password is not changed. why is a sentence.
func PasswordStays(why string) string { return fmt.Sprintf("The password is not changed. %s", why) }

// TooManyAttempts tells how long to wait.
func TooManyAttempts(seconds int) string {
	return fmt.Sprintf("Too many attempts. Wait %s, then try again.", count(seconds, "second", "seconds"))
}

// LogInNeedsHTTPS tells which address to open.
func LogInNeedsHTTPS(address string) string {
	return fmt.Sprintf("The password was right, but your browser did not keep the log-in: the cookie is for https only, "+
		"because `web.base_url` is https. Open %s instead.", address)
}

// LogInNeedsCookies names the host whose cookies the browser refuses.
func LogInNeedsCookies(host string) string {
	return fmt.Sprintf("The password was right, but your browser did not keep the log-in. Allow cookies for %s. If "+
		"Postern has an https address at this name, open that one.", host)
}

// ProxySet tells what to set for a proxy that is not trusted.
func ProxySet(proxy, dockerRanges string) string {
	return fmt.Sprintf("Set web.trusted_proxies = [%q], or its range, and restart Postern. Docker's ranges are %s.", proxy, dockerRanges)
}

// ProxyUntrusted tells what follows from a proxy that is not trusted.
func ProxyUntrusted(proxy string) string {
	return fmt.Sprintf("You came through a proxy at %s, which Postern does not trust. So all its visitors count as one, "+
		"and strangers can use up the log-in attempts.", proxy)
}

// TokenNotMade tells why no token was made. why is a sentence.
func TokenNotMade(why string) string { return fmt.Sprintf("No token was made. %s", why) }

// TokenRevoked names the token.
func TokenRevoked(label string) string { return fmt.Sprintf("The token “%s” is revoked.", label) }
