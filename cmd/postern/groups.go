package main

// The groups of commands that share a first word. Each has a help of its own.

// feedCmds are the commands about feeds.
type feedCmds struct {
	Add    feedAddCmd    `cmd:"" help:"help_feed_add"`
	List   feedListCmd   `cmd:"" help:"help_feed_list"`
	Check  feedCheckCmd  `cmd:"" help:"help_feed_check"`
	Pause  feedPauseCmd  `cmd:"" help:"help_feed_pause"`
	Resume feedResumeCmd `cmd:"" help:"help_feed_resume"`
	Route  feedRouteCmd  `cmd:"" help:"help_feed_route"`
	Remove feedRemoveCmd `cmd:"" help:"help_feed_remove"`
}

// accountCmds are those about accounts.
type accountCmds struct {
	Add    accountAddCmd    `cmd:"" help:"help_account_add"`
	List   accountListCmd   `cmd:"" help:"help_account_list"`
	Check  accountCheckCmd  `cmd:"" help:"help_account_check"`
	Set    accountSetCmd    `cmd:"" help:"help_account_set"`
	Pause  accountPauseCmd  `cmd:"" help:"help_account_pause"`
	Resume accountResumeCmd `cmd:"" help:"help_account_resume"`
	Remove accountRemoveCmd `cmd:"" help:"help_account_remove"`
}

// notifyCmds are those about where notices go.
type notifyCmds struct {
	Test   notifyTestCmd   `cmd:"" help:"help_notify_test"`
	Add    notifyAddCmd    `cmd:"" help:"help_notify_add"`
	List   notifyListCmd   `cmd:"" help:"help_notify_list"`
	Remove notifyRemoveCmd `cmd:"" help:"help_notify_remove"`
}

// webhookCmds are those about telling a site's build.
type webhookCmds struct {
	Set    webhookSetCmd    `cmd:"" help:"help_webhook_set"`
	List   webhookListCmd   `cmd:"" help:"help_webhook_list"`
	Test   webhookTestCmd   `cmd:"" help:"help_webhook_test"`
	Secret webhookSecretCmd `cmd:"" help:"help_webhook_secret"`
	Resend webhookResendCmd `cmd:"" help:"help_webhook_resend"`
	Remove webhookRemoveCmd `cmd:"" help:"help_webhook_remove"`
}

// tokenCmds are those about programs' tokens.
type tokenCmds struct {
	Add    tokenAddCmd    `cmd:"" help:"help_token_add"`
	List   tokenListCmd   `cmd:"" help:"help_token_list"`
	Remove tokenRemoveCmd `cmd:"" help:"help_token_remove"`
}

// keyCmds are those about the key.
type keyCmds struct {
	Rotate keyRotateCmd `cmd:"" help:"help_key_rotate"`
}
