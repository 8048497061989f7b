package words

import "fmt"

// The web password and the link that logs in.
const (
	PasswordNew     = "New password: "
	PasswordAgain   = "Once more: "
	PasswordSet     = "the password is set, and everyone is logged out"
	PasswordsDiffer = "the two passwords differ, so Postern changed nothing. Try again"
	PasswordMissing = "there is no password on standard input. Write it into the first line"
	LoginLink       = "Open this link within 15 minutes. It logs you in once:"
	LoginLinkLocal  = "On this machine, or through ssh -L, open this one instead:"
)

// LoginNoPassword tells that there is no password yet, so that no link can log in. pages is the address of the pages,
// "" where that is not known.
func LoginNoPassword(pages string) string {
	if pages == "" {
		return "no password is set yet, so no link can log in. Open the pages and enter the one-time code that " +
			"`postern serve` prints, or set a password with `postern password`"
	}
	return fmt.Sprintf("no password is set yet, so no link can log in. Open %s and enter the one-time code that "+
		"`postern serve` prints, or set a password with `postern password`", pages)
}

// APITokensNone tells how to make the first API token.
const APITokensNone = "there are no API tokens yet. Make one with `postern token add --label L`"

// APITokenNone tells that there is no API token of a number.
func APITokenNone(id int64) string {
	return fmt.Sprintf("there is no API token %d. List them with `postern token list`", id)
}

// APITokenRevoked names the API token that was revoked.
func APITokenRevoked(label string) string {
	return fmt.Sprintf("the API token “%s” is revoked", label)
}

// HookExists tells that the poll hook's address exists already.
const HookExists = "the address exists already, and Postern shows it only once. Run `postern hook --new` to replace " +
	"it. The old address then stops working"

// HookShown tells what the poll hook's address is for. isLocal is whether it works on this machine only.
func HookShown(isLocal bool) string {
	if isLocal {
		return "POST to this address to poll all feeds now. Postern shows it only this once. Set web.base_url and " +
			"restart Postern to reach it from other machines."
	}
	return "POST to this address to poll all feeds now. Postern shows it only this once."
}
