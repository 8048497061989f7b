package words

import (
	"fmt"
	"strings"
)

// What the commands about accounts answer.
const (
	NoAccountsYet      = "There are no accounts yet. Add one with `postern account add`, or on the pages."
	DailyNeedsStart    = "--daily and --hold need --start. Say which posts go out, such as --start all"
	OneSecretFromInput = "only one of the two secrets can come from standard input. Write the other one to a file"
	SecretInputEmpty   = "standard input is empty. Pass the secret there, or name a file that contains it"
)

// AccessTokenNone tells where an access token can come from. variable is the one of the environment.
func AccessTokenNone(variable string) string {
	return fmt.Sprintf("there is no access token. Name its file with --access-token-file, where - is standard input, or "+
		"set %s", variable)
}

// SecretFileUnreadable tells why a file with a secret cannot be read. It does not name the file, because what was given
// as its name may be the secret.
func SecretFileUnreadable(why string) string {
	return fmt.Sprintf("the file with the secret cannot be read (%s). Give the name of a file that contains it, or - for "+
		"standard input", why)
}

// SecretFileEmpty tells that a file with a secret is empty.
func SecretFileEmpty(file string) string { return file + " is empty. Write the secret to it" }

// AccountConnected names an account that was connected. notes is what else is to be known about it.
func AccountConnected(id int64, name, user string, notes []string) string {
	return strings.Join(append([]string{fmt.Sprintf("Account %d is connected: %s (@%s)", id, name, user)}, notes...),
		"; ") + "."
}

// RemedyOnPages adds to a remedy the page that shows the steps.
func RemedyOnPages(remedy, page string) string {
	return fmt.Sprintf("%s (steps: %s on Postern's pages, or docs/instagram-setup.md)", remedy, page)
}

// SandboxOnPages tells that a daemon runs, on whose pages a simulated account is added.
func SandboxOnPages(holder string) string {
	return holder + " is running. Add the simulated account on its pages, under Accounts, or stop it first"
}

// SandboxAdded names an account of the simulated Instagram that was added.
func SandboxAdded(id int64, name, profile string) string {
	return fmt.Sprintf("Account %d of the simulated Instagram was added: %s. While `postern serve` runs, its profile is "+
		"at %s", id, name, profile)
}

// AccountStateWaits tells until when an account waits, such as "in 5 min".
func AccountStateWaits(until string) string { return "waits, continues " + until }

// PublishingPausedTo tells that an account was paused.
func PublishingPausedTo(account string) string {
	return account + " is paused. Postern publishes nothing there, but still follows a post that it has already asked " +
		"Instagram to publish."
}

// PublishingResumedTo tells that an account was resumed.
func PublishingResumedTo(account string) string {
	return fmt.Sprintf("Postern publishes to %s again.", account)
}

// AccountForgotten tells that an account was removed.
func AccountForgotten(account string) string {
	return account + " was removed with its secrets. Published posts stay on Instagram."
}
