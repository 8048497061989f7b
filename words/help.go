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

// HelpDetails holds what --help of a command prints below its flags: examples and more. The names are those of Help.
// Texts that depend on values are HelpAccountSet and HelpNotifyAdd.
var HelpDetails = map[string]string{

	"help_demo": `Examples:
  postern demo
  postern demo --feed https://example.org/feed.xml

Nothing is published anywhere but on the simulated profile, and all of it is gone when you stop it with Ctrl-C.`,

	"help_serve": `Example:
  postern serve --config /etc/postern/postern.toml

The pages listen on web.listen, by default on this machine only. To reach those of a server from yours:
  ssh -L 8484:127.0.0.1:8484 user@server`,

	"help_sync": `Example, in a crontab or at the end of a site's build:
  postern sync --wait 15m --json

It waits for what is due within --wait, says meanwhile for what, and ends as soon as nothing is due within that
time. Beside a running daemon it asks that one to poll now, waits for it, and prints what happened.`,

	"help_preview": `Examples:
  postern preview https://example.org/feed.xml
  postern preview public/feed.xml --base-url https://example.org/ --out /tmp/preview
  hugo && postern preview - --base-url https://example.org/ < public/index.xml

--out replaces files of the same names. Others in the directory stay; what an earlier preview left there is named at
the end.

What is looked for before a post goes out is in docs/rules.md, by the names in brackets. With web.base_url in the
configuration it is looked at as with that address. Nothing is published, and no database is read or written.`,

	"help_feed": `Examples:
  postern feed add https://example.org/
  postern feed list`,
	"help_feed_add":    "Example:\n  postern feed add https://example.org/feed.xml --label Photos --start last:3",
	"help_feed_list":   "Example:\n  postern feed list --json",
	"help_feed_check":  "Example:\n  postern feed check 1",
	"help_feed_pause":  "Example:\n  postern feed pause 1",
	"help_feed_resume": "Example:\n  postern feed resume 1",

	"help_feed_route": `Examples:
  postern feed route 1 2 channel=story
  postern feed route 1 2 quiet_hours=, hashtags=10
  postern feed route 1 2 include_categories=photos,travel exclude_keywords=draft min_pictures=2
  postern feed route 1 2 --off
  postern feed route 1 2

Without KEY=VALUE it shows each setting of the feed on the account with its value and where that comes from. Where
the account
does not take the feed, it does from now on.`,
	"help_feed_remove": "Example:\n  postern feed remove 1",

	"help_account": `Examples:
  postern account add --label Photos --access-token-file token.txt
  postern account list`,

	"help_account_add": `Example:
  postern account add --label Photos --access-token-file token.txt
  pass show instagram | postern account add --label Photos --access-token-file -

For an account that is there already the access token is replaced.`,
	"help_account_list":   "Example:\n  postern account list --json",
	"help_account_check":  "Example:\n  postern account check 1",
	"help_account_pause":  "Example:\n  postern account pause 1",
	"help_account_resume": "Example:\n  postern account resume 1",
	"help_account_remove": "Example:\n  postern account remove 1",

	"help_publications": `Examples:
  postern publications
  postern publications lighthouse
  postern publications --state queued,held --json

DETAIL says why a post was not published and what to do, or where it is. approve, publish, hold, skip and retry take
what
stands under ID.
A publication's number also shows what the checks found: postern publications 12
With --json it has them in "checks", each with id, severity, text and remedy.`,

	"help_publish": `Examples:
  postern publish 12
  postern publish 12 13 14`,

	"help_approve": `Examples:
  postern approve 12
  postern approve 12 13 14
  postern approve 12 --caption 'Low tide'

Quiet hours, posts per day and waiting times are kept. To publish at once, use publish.`,

	"help_hold": `Examples:
  postern hold 12
  postern hold 12 13 14`,

	"help_skip": `Examples:
  postern skip 12
  postern skip 12 13 14`,

	"help_retry": `Examples:
  postern retry 12
  postern retry 12 13 14
  postern retry 12 --not-live`,
	"help_confirm": "Example:\n  postern confirm 12 --permalink https://www.instagram.com/p/ABC/",

	"help_doctor": `Examples:
  postern doctor
  postern doctor --json

It checks the configuration, the disk, the database, the key, the public address, every feed and every account, and
says what to do. It changes nothing and publishes nothing. You can run it while the daemon runs. The exit status is
1
when a check fails.`,

	"help_hook": `Examples:
  postern hook
  curl -X POST https://posse.example.org/hooks/poll/TOKEN

The address is shown once, when it is made. Whoever knows it can make Postern poll its feeds, and nothing else.`,

	"help_backup": `Example:
  postern backup /backups/postern-$(date +%F).db

The copy is consistent though the daemon runs. secret.key is not in it: keep that file elsewhere, because without it
the accounts' secrets in the copy cannot be read. Prepared media are not in it either; they are made again.`,

	"help_restore": `Examples:
  postern restore /backups/postern-2026-01-31.db
  postern restore --in-place

What was on its way is held, and every post is compared with the profile before it goes out: the program that used
the
lost database may have published it. The database that was there is kept beside the new one.`,

	"help_notify": `Examples:
  echo ntfy://ntfy.sh/TOPIC | postern notify add
  postern notify test`,
	"help_notify_test":   "Example:\n  postern notify test",
	"help_notify_list":   "Example:\n  postern notify list",
	"help_notify_remove": "Example:\n  postern notify remove 1",

	"help_webhook": `Examples:
  postern webhook list
  postern webhook set --help`,

	"help_webhook_set": `Examples:
  echo https://build.example.org/hooks/postern | postern webhook set 1 --address-file -
  postern webhook set 1 --feed 2 --address-file address.txt
  postern webhook set 1 --feed 3 --off

The address is stored sealed, because it may hold a key. docs/give-back.md shows what is sent and how to check it.`,
	"help_webhook_list": "Example:\n  postern webhook list",
	"help_webhook_test": "Example:\n  postern webhook test 1",

	"help_webhook_secret": `Examples:
  postern webhook secret 1 > /etc/site/webhook-secret
  postern webhook secret 1 --new`,
	"help_webhook_resend": "Example:\n  postern webhook resend 12",
	"help_webhook_remove": "Example:\n  postern webhook remove 1",
	"help_notices":        "Example:\n  postern notices --json",

	"help_token": `Examples:
  postern token add --label "site build"
  postern token list`,

	"help_token_add": `Examples:
  postern token add --label "site build" > /etc/site/postern-token
  curl -H "Authorization: Bearer $(cat /etc/site/postern-token)" https://posse.example.org/api/crossposts

The token is printed this once, alone on standard output; Postern keeps only a hash of it.`,
	"help_token_list":   "Example:\n  postern token list",
	"help_token_remove": "Example:\n  postern token remove 1",
	"help_key":          "Example:\n  postern key rotate",

	"help_key_rotate": `Examples:
  postern key rotate
  openssl rand -hex 32 > new.key && postern key rotate --new-key-file new.key

Stop the daemon first. Whatever interrupts this, afterwards everything opens with the old key or everything with the
new
one, and the next start puts the files in order. Backups made before need the key they were made with.`,

	"help_password": `Examples:
  postern password
  postern password < password.txt

On a terminal it is asked for twice, else the first line of standard input is taken. Everybody is logged out.`,

	"help_login": `Example:
  postern login

It prints a link that logs one browser in, once, within 15 minutes. The link passes when too many wrong passwords
closed
the log-in for a while, and needs no password. A new link ends the one before.`,
	"help_version": "Example:\n  postern version --json",
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

// HelpAccountSet is what --help of account set prints below its flags. settings are the names of all.
func HelpAccountSet(settings []string) string {
	return `Examples:
  postern account set 1 cool_down=2h approve=true
  postern account set 1 'format_string={{title}}\n\n{{url}}'
  postern account set 1 quiet_hours=22:00-07:00 time_zone=Europe/Berlin posts_per_day=2
  postern account set 1 cool_down= hashtags=5
  postern account set 1

Settings: ` + strings.Join(settings, ", ") + `.
Without KEY=VALUE it shows each with its value and where that comes from.`
}

// HelpNotifyAdd is what --help of notify add prints below its flags. services are the names of all.
func HelpNotifyAdd(services []string) string {
	return `Examples:
  echo ntfy://ntfy.sh/TOPIC | postern notify add
  echo 'smtp://USER:PASSWORD@HOST:587/?from=A&to=B' | postern notify add
  postern notify add ~/notify-address

Addresses hold secrets, so they are read from a file or standard input and stored sealed. They are written as the library
shoutrrr wants them: ` + strings.Join(services, ", ")
}
