package words

import (
	"fmt"
	"strings"
)

// HelpProgram is the help of the program itself.
const HelpProgram = "Publish the pictures and videos of your blog on Instagram, each post exactly once.\n\n" +
	"Start with: postern demo"

// HelpHelp is the help of --help.
const HelpHelp = "Show this help."

// Help holds the help of commands, arguments and flags. A tag of cmd/postern names the entry, as in
// `help:"help_feed_add"`. A name is help_ and the path of the command, then the flag; what several commands share is
// named for what it is. Texts that depend on values are HelpConfig and HelpPublicationsState.
var Help = map[string]string{
	// For every command; see also HelpConfig
	"help_json": "Print one JSON document.",

	// demo
	"help_demo":      "Try Postern with a simulated Instagram. You need no account.",
	"help_demo_feed": "Use this feed instead of the sample blog, with its newest five posts.",
	"help_demo_seed": "Number from which the simulated Instagram draws its faults. The same number repeats them.",

	// serve
	"help_serve": "Run the daemon: it serves the pages, polls the feeds and publishes.",

	// sync
	"help_sync":      "Make one pass: poll every feed, publish what is due, print what happened.",
	"help_sync_wait": "The longest time to wait for what is due to be published, such as 90s, 10m or 1d.",

	// preview
	"help_preview":          "Show what Postern would publish from a feed.",
	"help_preview_source":   "Address of a feed or a site, name of a feed file, or - for standard input.",
	"help_preview_base_url": "Address of the feed, to complete relative addresses in a file.",
	"help_preview_out":      "Prepare the media too, and write the exact files and captions to this directory.",

	// feed
	"help_feed":           "Manage the feeds, and choose which accounts take them.",
	"help_feed_add":       "Add a feed and poll it once.",
	"help_feed_add_url":   "Address of the feed or site.",
	"help_feed_add_label": "Your name for the feed.",
	"help_feed_add_start": "" +
		"Which posts to publish of those that the feed has now: now (none but those dated more than 14 hours " +
		"ahead), all, a date such as 2026-01-31, or last:N.",
	"help_feed_add_daily":      "Publish these posts one a day, the oldest first.",
	"help_feed_add_hold":       "Hold these posts for your approval.",
	"help_feed_list":           "List the feeds.",
	"help_feed_check":          "Check everything that a feed needs.",
	"help_feed_pause":          "Stop polling a feed.",
	"help_feed_resume":         "Poll a paused feed again.",
	"help_feed_route":          "Let an account take a feed, with settings of its own, or show these settings.",
	"help_feed_route_settings": "Settings of this feed on this account. Leave the value empty to use the account's.",
	"help_feed_route_off":      "Let the account take no more posts of the feed.",
	"help_feed_remove":         "Remove a feed. Published posts stay on Instagram.",
	"help_feed_id":             "Number of the feed.",

	// account
	"help_account":           "Manage the Instagram accounts.",
	"help_account_add":       "Connect an Instagram account, or give a connected one a new access token.",
	"help_account_add_label": "Your name for the account. Default: the user name.",
	"help_account_add_access_token_file": "" +
		"File with the access token, or - for standard input. Default: the environment variable " +
		"POSTERN_ACCESS_TOKEN.",
	"help_account_add_user_id": "The account's User ID. Postern checks that the access token belongs to it.",
	"help_account_add_app_id":  "App ID of the Meta app that issued the token.",
	"help_account_add_app_secret_file": "" +
		"File with the App Secret, or - for standard input. Default: the environment variable POSTERN_APP_SECRET.",
	"help_account_add_start": "" +
		"Which posts to publish of those that the feeds have now: now (none), all, a date such as 2026-01-31, or " +
		"last:N. Default: the rule of each feed for the first account, now for every other one.",
	"help_account_add_daily": "Publish these posts one a day, the oldest first. Needs --start.",
	"help_account_add_hold":  "Hold these posts for your approval. Needs --start.",
	"help_account_add_sandbox": "" +
		"Add an account of the simulated Instagram, to try Postern. Not possible while a daemon runs.",
	"help_account_list":         "List the accounts.",
	"help_account_check":        "Check everything that an account needs.",
	"help_account_set":          "Change the settings of an account.",
	"help_account_set_settings": "Settings to change. Leave the value empty to use the default.",
	"help_account_pause":        "Pause publishing to an account.",
	"help_account_resume":       "Publish to a paused account again.",
	"help_account_remove":       "Remove an account with its secrets. Published posts stay on Instagram.",
	"help_account_id":           "Number of the account.",

	// publications; see also HelpPublicationsState
	"help_publications": "List posts, why each was not published, and what to do.",
	"help_publications_post": "" +
		"Words from the title or address of a post, the number of a publication (12) or of a post (post:12). " +
		"Without it, all posts are listed.",

	// publish, approve, hold, skip, retry, confirm
	"help_publish":             "Publish posts now, without waiting times and approval.",
	"help_approve":             "Approve posts. They go out in their turn, within quiet hours and pace.",
	"help_hold":                "Hold posts until you approve or publish them.",
	"help_skip":                "Skip posts, so that Postern does not publish them.",
	"help_retry":               "Retry failed posts.",
	"help_retry_not_live":      "Say that you checked the profile and that the unconfirmed post is not there.",
	"help_confirm":             "Confirm that an unconfirmed post is live.",
	"help_confirm_id":          "Number of the publication, or post:N for the post with that number.",
	"help_confirm_permalink":   "Address of the post on Instagram, if you have it.",
	"help_publication_ids":     "Numbers of publications, or post:N for the post with that number.",
	"help_publication_caption": "Caption to use instead, or - for standard input. For one publication only.",

	// doctor
	"help_doctor": "Check everything that Postern needs, and say what to do.",

	// hook
	"help_hook":     "Print the address at which a build pipeline makes Postern poll now.",
	"help_hook_new": "Make a new address. The old one stops working.",

	// backup
	"help_backup":      "Write a consistent copy of the database, while Postern runs.",
	"help_backup_file": "File to write. It must not exist yet.",

	// restore
	"help_restore":      "Replace the database with a backup, without publishing anything twice.",
	"help_restore_file": "File that `postern backup` wrote.",
	"help_restore_in_place": "" +
		"Hold what may have been published since, after you put the data directory itself back, such as from a " +
		"snapshot of the disk.",

	// notify
	"help_notify":                  "Choose where Postern sends notifications: mail, ntfy, Telegram and others.",
	"help_notify_test":             "Send a test to every notification target, or to one.",
	"help_notify_test_id":          "Number of the notification target. Without it, all are tested.",
	"help_notify_add":              "Add a notification target.",
	"help_notify_add_address_file": "File with the notification target, or - for standard input.",
	"help_notify_list":             "List the notification targets.",
	"help_notify_remove":           "Remove a notification target.",
	"help_notify_remove_id":        "Number of the notification target.",

	// webhook
	"help_webhook":     "Notify your site's build when a post goes live.",
	"help_webhook_set": "Set the address that Postern notifies when a post goes live.",
	"help_webhook_set_address_file": "" +
		"File with the address, or - for standard input. Default: the environment variable POSTERN_WEBHOOK.",
	"help_webhook_set_off":    "Send no webhook. With --feed, none for this feed, even if the account has one.",
	"help_webhook_list":       "List the webhooks.",
	"help_webhook_test":       "Send a test, and print the answer.",
	"help_webhook_secret":     "Print the secret that signs the messages.",
	"help_webhook_secret_new": "Create a new secret. The old one stops working.",
	"help_webhook_resend":     "Send the webhook of a publication again.",
	"help_webhook_resend_id":  "Number of the publication.",
	"help_webhook_remove":     "Remove a webhook with its secret.",
	"help_webhook_of_feed":    "Number of a feed, for the webhook of its posts instead of the account's.",

	// notices
	"help_notices": "Show the problems, and what to do.",

	// token
	"help_token":           "Manage the tokens of programs that read the API, the syndication map or the metrics.",
	"help_token_add":       "Make a token, and print it once.",
	"help_token_add_label": "Your name for the program that uses the token.",
	"help_token_add_write": "" +
		"Let the program also publish, hold, poll, pause, add and remove. Without this it may only read.",
	"help_token_list":      "List the tokens.",
	"help_token_remove":    "Revoke a token.",
	"help_token_remove_id": "Number of the token.",

	// key
	"help_key":        "Manage the key that seals the stored secrets.",
	"help_key_rotate": "Seal the stored secrets with a new key.",
	"help_key_rotate_new_key_file": "" +
		"File with the new key, or - for standard input. Needed where the key comes from the environment or from " +
		"systemd.",

	// password, login, version
	"help_password": "Set the password of the pages.",
	"help_login":    "Print a link that logs one browser in, once, without the password.",
	"help_version":  "Print the version.",

	// what the program runs itself
	"help_tell":           "Send one message for the program itself.",
	"help_convert":        "Decode one AVIF or HEIC picture for the program itself.",
	"help_complete":       "List for a shell what may come next.",
	"help_complete_words": "The words after the program's name. The last one is not complete.",
}

// HelpDetails holds what --help of a command prints below its help: examples and more. The names are those of Help.
// Texts that depend on values are HelpAccountSet and HelpNotifyAdd.
var HelpDetails = map[string]string{

	"help_demo": `Examples:
  postern demo
  postern demo --feed https://example.org/feed.xml

Postern publishes only on the simulated profile. It deletes everything when you stop it with Ctrl-C.`,

	"help_serve": `Example:
  postern serve --config /etc/postern/postern.toml

The pages listen on web.listen, by default on this machine only. To reach those of a server from yours:
  ssh -L 8484:127.0.0.1:8484 user@server`,

	"help_sync": `Example, in a crontab or at the end of a site's build:
  postern sync --wait 15m --json

It polls every feed, however long that takes, and ends as soon as no post is due within --wait. While it waits, it
shows what it waits for. If a daemon runs, the command asks the daemon to poll now, waits for it, and prints what
happened.`,

	"help_preview": `Examples:
  postern preview https://example.org/feed.xml
  postern preview public/feed.xml --base-url https://example.org/ --out /tmp/preview
  hugo && postern preview - --base-url https://example.org/ < public/index.xml

--out replaces files of the same names and keeps others in the directory. At the end, the preview names the files of
an earlier one.

docs/rules.md explains each check under the name in brackets. The checks use web.base_url if the configuration has
it. A preview publishes nothing, and neither reads nor writes a database.`,

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

Without --off the account takes the feed from now on, if it does not take it already. If it does, the command without
KEY=VALUE changes nothing: it shows each setting of the feed on the account, its value and where the value comes from.

` + "`postern account set --help`" + ` lists the settings.`,
	"help_feed_remove": "Example:\n  postern feed remove 1",

	"help_account": `Examples:
  postern account add --label Photos --access-token-file token.txt
  postern account list`,

	"help_account_add": `Examples:
  postern account add --label Photos --access-token-file token.txt
  pass show instagram | postern account add --label Photos --access-token-file -

If the account is connected already, Postern replaces its access token.`,
	"help_account_list":   "Example:\n  postern account list --json",
	"help_account_check":  "Example:\n  postern account check 1",
	"help_account_pause":  "Example:\n  postern account pause 1",
	"help_account_resume": "Example:\n  postern account resume 1",
	"help_account_remove": "Example:\n  postern account remove 1",

	"help_publications": `Examples:
  postern publications
  postern publications lighthouse
  postern publications --state queued,held --json
  postern publications 12

ID is the number that approve, publish, hold, skip and retry take. DETAIL says why a post was not published and what
to do, or where it is published.

With the number of one publication it also shows what the checks found. With --json they are in "checks", each with
id, severity, text and remedy.`,

	"help_publish": `Examples:
  postern publish 12
  postern publish 12 13 14`,

	"help_approve": `Examples:
  postern approve 12
  postern approve 12 13 14
  postern approve 12 --caption 'Low tide'

Quiet hours, posts per day and waiting times still apply. To publish at once, use publish.`,

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
says what to do. It changes nothing and publishes nothing. You can run it while the daemon runs. The exit status is 1
when a check fails.`,

	"help_hook": `Examples:
  postern hook
  curl -X POST https://posse.example.org/hooks/poll/TOKEN

Postern shows the address once, when it makes it. Anyone who knows the address can make Postern poll its feeds, and
can do nothing else with it.`,

	"help_backup": `Example:
  postern backup /backups/postern-$(date +%F).db

You can run it while the daemon runs. The copy does not contain secret.key: keep that file elsewhere, because without
it nobody can read the accounts' secrets in the copy. It does not contain prepared media either, which Postern makes
again.`,

	"help_restore": `Examples:
  postern restore /backups/postern-2026-01-31.db
  postern restore --in-place

Postern holds every post that was on its way, and compares each post with the profile before it publishes it, because
the lost database may have published it already. Postern keeps the replaced database beside the new one.`,

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

Postern seals the address, because it may hold a key. docs/give-back.md shows what Postern sends and how to check it.`,
	"help_webhook_list": "Example:\n  postern webhook list",
	"help_webhook_test": "Example:\n  postern webhook test 1",

	"help_webhook_secret": `Examples:
  postern webhook secret 1 > /etc/site/webhook-secret
  postern webhook secret 1 --new`,
	"help_webhook_resend": "Example:\n  postern webhook resend 12",
	"help_webhook_remove": "Example:\n  postern webhook remove 1",

	"help_notices": "Example:\n  postern notices --json",

	"help_token": `Examples:
  postern token add --label "site build"
  postern token list`,

	"help_token_add": `Examples:
  postern token add --label "site build" > /etc/site/postern-token
  curl -H "Authorization: Bearer $(cat /etc/site/postern-token)" https://posse.example.org/api/crossposts

Postern prints the token once, alone on standard output, and keeps only a hash of it.`,
	"help_token_list":   "Example:\n  postern token list",
	"help_token_remove": "Example:\n  postern token remove 1",

	"help_key": "Example:\n  postern key rotate",

	"help_key_rotate": `Examples:
  postern key rotate
  openssl rand -hex 32 > new.key && postern key rotate --new-key-file new.key

Stop the daemon first. If the command is interrupted, all secrets open with either the old key or the new one, and
the next start puts the files in order. Backups made before need the key they were made with.`,

	"help_password": `Examples:
  postern password
  postern password < password.txt

On a terminal it asks for the password twice. Otherwise it takes the first line of standard input. Postern logs out
every browser.`,

	"help_login": `Example:
  postern login

The link works once, within 15 minutes, and needs no password. It works even when too many wrong passwords closed the
log-in for a while. A new link revokes the one before.`,

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
	return fmt.Sprintf("List only posts in these states: %s.", strings.Join(states, ", "))
}

// HelpAccountSet is what --help of account set prints below its help. settings are the names of all.
func HelpAccountSet(settings []string) string {
	return fmt.Sprintf(`Examples:
  postern account set 1 cool_down=2h approve=true
  postern account set 1 'format_string={{title}}\n\n{{url}}'
  postern account set 1 quiet_hours=22:00-07:00 time_zone=Europe/Berlin posts_per_day=2
  postern account set 1 cool_down= hashtags=5
  postern account set 1

Settings: %s.

Without KEY=VALUE it shows each setting, its value and where the value comes from.`, strings.Join(settings, ", "))
}

// HelpNotifyAdd is what --help of notify add prints below its help. services are the names of all.
func HelpNotifyAdd(services []string) string {
	return fmt.Sprintf(`Examples:
  echo ntfy://ntfy.sh/TOPIC | postern notify add
  echo 'smtp://USER:PASSWORD@HOST:587/?from=A&to=B' | postern notify add
  postern notify add ~/notify-target

A notification target holds secrets. That is why Postern reads it from a file or standard input, and seals it. Write
it as the library shoutrrr does (https://shoutrrr.nickfedor.com/), for one of: %s.`, strings.Join(services, ", "))
}
