package words

import (
	"fmt"
	"strings"
)

// HelpProgram is the help of the program itself.
const HelpProgram = "Carries the posts of your blog to Instagram, each exactly once.\n\nStart with: postern demo"

// HelpHelp is the help of --help.
const HelpHelp = "Show context-sensitive help."

// Help holds the help of commands, arguments and flags. A tag of cmd/postern names the entry, as in
// `help:"help_feed_add"`. A name is help_ and the path of the command, then the flag; what several commands share is
// named for what it is. Texts that depend on values are HelpConfig and HelpPublicationsState.
var Help = map[string]string{
	// For every command; see also HelpConfig
	"help_json": "Print one JSON document.",

	// demo
	"help_demo":      "Show the whole product with a simulated Instagram; needs no account.",
	"help_demo_feed": "Take this feed instead of the sample blog; its newest five posts are shown.",
	"help_demo_seed": "Repeats the simulated Instagram's unkindness.",

	// serve
	"help_serve": "Run the daemon: pages, poller and publisher.",

	// sync
	"help_sync":      "Make one pass: poll every feed, publish what is due, print what happened.",
	"help_sync_wait": "How long to wait at most for what is due to be published.",

	// preview
	"help_preview":          "Show what would be published from a feed, byte for byte if asked.",
	"help_preview_source":   "Address of a feed or site, a feed file, or - for standard input.",
	"help_preview_base_url": "Address the feed would be at, for relative addresses in a file.",
	"help_preview_out":      "Prepare the media too, and write them and the captions into this directory.",

	// feed
	"help_feed":           "Feeds, and which accounts take them.",
	"help_feed_add":       "Add a feed; polls it once.",
	"help_feed_add_url":   "Address of the feed, or of the site.",
	"help_feed_add_label": "Your name for it.",
	"help_feed_add_start": "" +
		"Which of the entries that are there now are published: now (none but those dated more than 14 hours " +
		"ahead), all, a date such as 2026-01-31, or last:N.",
	"help_feed_add_daily": "Publish them one a day, the oldest first.",
	"help_feed_add_hold":  "Hold all of them for your approval.",
	"help_feed_list":      "List the feeds.",
	"help_feed_check":     "Look at everything a feed needs.",
	"help_feed_pause":     "Stop polling a feed.",
	"help_feed_resume":    "Poll a feed again.",
	"help_feed_route":     "Let an account take a feed, with settings of its own.",
	"help_feed_route_settings": "" +
		"Settings of this feed on this account. An empty value returns to the account's. See account set --help.",
	"help_feed_route_off": "The account no longer takes the feed.",
	"help_feed_remove":    "Forget a feed. What was published stays.",
	"help_feed_id":        "Number of the feed.",

	// account
	"help_account":           "Instagram accounts.",
	"help_account_add":       "Connect an Instagram account, or give it a new access token.",
	"help_account_add_label": "Your name for it. Default: the user name.",
	"help_account_add_access_token_file": "" +
		"File with the access token; - is standard input. Default: the environment variable POSTERN_ACCESS_TOKEN.",
	"help_account_add_user_id": "The account's user id, to be compared with what Instagram says.",
	"help_account_add_app_id":  "App ID of the Meta app that made the token.",
	"help_account_add_app_secret_file": "" +
		"File with the app secret; - is standard input. Default: the environment variable POSTERN_APP_SECRET.",
	"help_account_add_start": "" +
		"Which of the posts that are on the sites now go out: now (none), all, a date, or last:N. Default: the " +
		"rule of each feed for the first account, now for every other.",
	"help_account_add_daily": "Publish them one a day, the oldest first. Needs --start.",
	"help_account_add_hold":  "Hold all of them for your approval. Needs --start.",
	"help_account_add_sandbox": "" +
		"Make an account of the built-in simulated Instagram instead, to try things out. Not beside a running " +
		"daemon.",
	"help_account_list":  "List the accounts.",
	"help_account_check": "Look at everything an account needs.",
	"help_account_set":   "Change an account's settings.",
	"help_account_set_settings": "" +
		"Settings to change. An empty value returns to the default. Without any, all are shown.",
	"help_account_pause":  "Publish nothing to an account for now.",
	"help_account_resume": "Publish to an account again.",
	"help_account_remove": "Forget an account and its secrets. What was published stays.",
	"help_account_id":     "Number of the account.",

	// publications
	"help_publications": "List posts with the reason why each was not published, and what to do.",
	"help_publications_post": "" +
		"Only those of posts with these words in the title or address; or the one with this number, 12, or of the " +
		"post with this number, post:12.",

	// publish, approve, hold, skip, retry, confirm
	"help_publish":             "Publish posts now, past waiting times and approval.",
	"help_approve":             "Let posts go out in their turn, within quiet hours and pace.",
	"help_hold":                "Keep posts back until you approve or publish them.",
	"help_skip":                "Do not publish posts.",
	"help_retry":               "Try failed posts again.",
	"help_retry_not_live":      "You looked at the profile, and an unconfirmed one is not there.",
	"help_confirm":             "Say that an unconfirmed one is live.",
	"help_confirm_id":          "Number of the publication, or post:N for the post with that number.",
	"help_confirm_permalink":   "Its address on Instagram, if you have it.",
	"help_publication_ids":     "Numbers of publications, or post:N for the post with that number.",
	"help_publication_caption": "Use this caption instead; - reads it from standard input. For one publication.",

	// doctor
	"help_doctor": "Look at everything Postern needs, and say what to do.",

	// hook
	"help_hook":     "Make the address that a build pipeline posts to, to poll now.",
	"help_hook_new": "Make a new address; the old one stops working.",

	// backup
	"help_backup":      "Write a consistent copy of the database, while everything runs.",
	"help_backup_file": "Where the copy goes; must not be there yet.",

	// restore
	"help_restore":      "Put a backup in the place of the database, and publish nothing twice because of it.",
	"help_restore_file": "A file that postern backup wrote.",
	"help_restore_in_place": "" +
		"The data directory itself was put back, for example from a snapshot of the disk: only mark what may have " +
		"been published since.",

	// notify
	"help_notify":                  "Where Postern tells what is wrong: mail, ntfy, Telegram and others.",
	"help_notify_test":             "Send a test to every address, or to one.",
	"help_notify_test_id":          "Number of the address; all without it.",
	"help_notify_add":              "Send notices to one more address.",
	"help_notify_add_address_file": "File with the address; - is standard input.",
	"help_notify_list":             "List where notices are sent.",
	"help_notify_remove":           "Send no more notices to an address.",
	"help_notify_remove_id":        "Number of the address.",

	// webhook
	"help_webhook":     "Notify your site's build when a post goes live.",
	"help_webhook_set": "Tell an address when a post is live.",
	"help_webhook_set_address_file": "" +
		"File with the address; - is standard input. Default: the environment variable POSTERN_WEBHOOK.",
	"help_webhook_set_off":    "Tell nobody; of a feed, although the account's posts are told.",
	"help_webhook_list":       "List who is told.",
	"help_webhook_test":       "Send a test, and print how it was answered.",
	"help_webhook_secret":     "Print the secret that messages are signed with.",
	"help_webhook_secret_new": "Make a new one; the old one counts no more.",
	"help_webhook_resend":     "Tell about a publication once more.",
	"help_webhook_resend_id":  "Number of the publication.",
	"help_webhook_remove":     "Forget an address and its secret.",
	"help_webhook_of_feed":    "Only for the posts of this feed, instead of the account's.",

	// notices
	"help_notices": "Show what is wrong, and what to do.",

	// token
	"help_token":           "What programs show to use the API, the syndication map and the metrics.",
	"help_token_add":       "Make a token, and print it once.",
	"help_token_add_label": "Your name for the program that will use it.",
	"help_token_add_write": "It may also publish, hold, poll, pause, add and remove; without this it may only read.",
	"help_token_list":      "List the tokens.",
	"help_token_remove":    "End a token.",
	"help_token_remove_id": "Number of the token.",

	// key
	"help_key":        "The key of the stored secrets.",
	"help_key_rotate": "Seal the stored secrets with a new key.",
	"help_key_rotate_new_key_file": "" +
		"File with the new key, when the key comes from the environment or from systemd; - is standard input.",

	// password, login, version
	"help_password": "Set the password of the pages.",
	"help_login":    "Print a link that logs one browser in, once, without the password.",
	"help_version":  "Print the version.",

	// what the program runs itself
	"help_tell":           "Send one message for the program itself.",
	"help_convert":        "Decode one AVIF or HEIC picture for the program itself.",
	"help_complete":       "Say for a shell what may come next.",
	"help_complete_words": "What was typed after the program's name; the last one is being typed.",
}

// HelpConfig is the help of --config. file is the one that Postern reads in the working directory, machine the one that
// it reads when that is missing, "" for none.
func HelpConfig(file, machine string) string {
	if machine == "" {
		return fmt.Sprintf("Configuration file. Default: %s in the working directory, if there is one.", file)
	}
	return fmt.Sprintf("Configuration file. Default: %s in the working directory, else %s, if there is one.", file,
		machine)
}

// HelpPublicationsState is the help of --state of the publications. states are all there are.
func HelpPublicationsState(states []string) string {
	return "Only those in these states: " + strings.Join(states, ", ") + "."
}
