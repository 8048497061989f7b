package main

// The groups of commands that share a first word. Each has a word of help of its own.

// feedCmds are the commands about feeds.
type feedCmds struct {
	Add    feedAddCmd    `cmd:"" help:"Add a feed; polls it once."`
	List   feedListCmd   `cmd:"" help:"List the feeds."`
	Check  feedCheckCmd  `cmd:"" help:"Look at everything a feed needs."`
	Pause  feedPauseCmd  `cmd:"" help:"Stop polling a feed."`
	Resume feedResumeCmd `cmd:"" help:"Poll a feed again."`
	Route  feedRouteCmd  `cmd:"" help:"Let an account take a feed, with settings of its own."`
	Remove feedRemoveCmd `cmd:"" help:"Forget a feed. What was published stays."`
}

// Help is shown by --help.
func (feedCmds) Help() string {
	return "Examples:\n  postern feed add https://example.org/\n  postern feed list"
}

// accountCmds are those about accounts.
type accountCmds struct {
	Add    accountAddCmd    `cmd:"" help:"Connect an Instagram account, or give it a new access token."`
	List   accountListCmd   `cmd:"" help:"List the accounts."`
	Check  accountCheckCmd  `cmd:"" help:"Look at everything an account needs."`
	Set    accountSetCmd    `cmd:"" help:"Change an account's settings."`
	Pause  accountPauseCmd  `cmd:"" help:"Publish nothing to an account for now."`
	Resume accountResumeCmd `cmd:"" help:"Publish to an account again."`
	Remove accountRemoveCmd `cmd:"" help:"Forget an account and its secrets. What was published stays."`
}

// Help is shown by --help.
func (accountCmds) Help() string {
	return "Examples:\n  postern account add --label Photos --access-token-file token.txt\n  postern account list"
}

// notifyCmds are those about where notices go.
type notifyCmds struct {
	Test   notifyTestCmd   `cmd:"" help:"Send a test to every address, or to one."`
	Add    notifyAddCmd    `cmd:"" help:"Send notices to one more address."`
	List   notifyListCmd   `cmd:"" help:"List where notices are sent."`
	Remove notifyRemoveCmd `cmd:"" help:"Send no more notices to an address."`
}

// Help is shown by --help.
func (notifyCmds) Help() string {
	return "Examples:\n  echo ntfy://ntfy.sh/TOPIC | postern notify add\n  postern notify test"
}

// webhookCmds are those about telling a site's build.
type webhookCmds struct {
	Set    webhookSetCmd    `cmd:"" help:"Tell an address when a post is live."`
	List   webhookListCmd   `cmd:"" help:"List who is told."`
	Test   webhookTestCmd   `cmd:"" help:"Send a test, and print how it was answered."`
	Secret webhookSecretCmd `cmd:"" help:"Print the secret that messages are signed with."`
	Resend webhookResendCmd `cmd:"" help:"Tell about a publication once more."`
	Remove webhookRemoveCmd `cmd:"" help:"Forget an address and its secret."`
}

// Help is shown by --help.
func (webhookCmds) Help() string {
	return "Examples:\n  postern webhook list\n  postern webhook set --help"
}

// tokenCmds are those about programs' tokens.
type tokenCmds struct {
	Add    tokenAddCmd    `cmd:"" help:"Make a token, and print it once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens."`
	Remove tokenRemoveCmd `cmd:"" help:"End a token."`
}

// Help is shown by --help.
func (tokenCmds) Help() string {
	return "Examples:\n  postern token add --label \"site build\"\n  postern token list"
}

// keyCmds are those about the key.
type keyCmds struct {
	Rotate keyRotateCmd `cmd:"" help:"Seal the stored secrets with a new key."`
}

// Help is shown by --help.
func (keyCmds) Help() string {
	return "Example:\n  postern key rotate"
}
