package store

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"postern/reason"
)

// Before version 4 of the schema reasons were stored as sentences instead of codes. This file parses these
// sentences. It is only used by migrations.

// shapes are patterns for the arguments in the sentences, by argument name. Without them one sentence could be
// mistaken for another.
var shapes = map[string]string{
	"answered": `code \d+(?:/\d+)?|HTTP \d+`,
	"answer":   `.+ \((?:code \d+(?:/\d+)?|HTTP \d+)\)\.?`,
	"warning":  `[^(]+`,
	"list":     `categories|keywords|authors`,
	"setting":  `[a-z_]+`,
	"what":     `category|word|author`,
	"age":      `[0-9dhms ]+`,
	"rest":     `[0-9dhms ]+`,
	"until":    `[^;]+`,
}

// was contains the sentences of earlier versions whose wording has changed since.
var was = []reason.Definition{
	{Code: reason.NoPublicURL, Text: "Instagram cannot fetch this: set web.base_url"},
	{Code: reason.MediaFolderSmall,
		Text: "the media folder is full: it may have {most} in all, too little for a file of {size}; set " +
			"media.max_bytes to more"},
	{Code: reason.MediaFolderFull,
		Text: "the media folder is full: {used} of {most} are used by what is not published yet or was a short time " +
			"ago; it goes on when some of that is published or skipped, or when media.max_bytes allows more"},
	{Code: reason.BucketMissing,
		Text: "there is no bucket {bucket:q} at media.s3.endpoint; make it, or correct media.s3.bucket"},
	{Code: reason.BucketKeyUnknown,
		Text: "the bucket does not know the access key; correct media.s3.access_key_file"},
	{Code: reason.BucketSecretWrong,
		Text: "the bucket does not take the secret key; correct media.s3.secret_key_file (and media.s3.region)"},
	{Code: reason.BucketRegion, Text: "the bucket is in another region; correct media.s3.region"},
	{Code: reason.NetScheme, Text: "only http and https addresses can be fetched"},
	{Code: reason.NetNoDNS, Text: "the DNS server gave no answer for {host}"},
	{Code: reason.NetSlow, Text: "the server took too long to answer"},
	{Code: reason.NetRefused, Text: "the server refused the connection[ at {address}]"},
	{Code: reason.NetCut, Text: "the server cut the connection"},
	{Code: reason.NetEnded, Text: "the connection ended before the answer was complete"},
	{Code: reason.NetNoWay, Text: "there is no way to the server's network[ at {address}]"},
	{Code: reason.NetCertificateUnknown, Text: "the server's certificate is signed by an authority this machine does not know"},
	{Code: reason.NetCertificateName, Text: "the server's certificate is for another name than {host}"},
	{Code: reason.NetCertificateInvalid, Text: "the server's certificate is not valid"},
	{Code: reason.NetTLSRefused, Text: "the server refused an encrypted connection ({error})"},
	{Code: reason.NetPrivate,
		Text: "{address} is a private address; add its range to network.allow (POSTERN_NETWORK_ALLOW), such as {range:q}"},
	{Code: reason.NetNotPublic,
		Text: "{address} is not a public address; add its range to network.allow (POSTERN_NETWORK_ALLOW) if it is yours"},
	{Code: reason.LiveAlready,
		Text: "seems to be live already, since before the database was restored ({where}): skip it, or say " +
			"publish if it is not the same"},
	{Code: reason.LiveAlready,
		Text: "seems to be live already ({where}): skip it, or say publish if it is not the same"},
	{Code: reason.CopyUnseen,
		Text: "another copy of the database may have published it, and Instagram does not show the profile: skip " +
			"it, or say publish if it is not the same"},
	{Code: reason.CopyStory,
		Text: "another copy of the database may have published it as a story, and Instagram no longer lists the " +
			"stories of that time: skip it, or say publish if it is not the same"},
	{Code: reason.FilterPictures, Text: "has {pictures:d} of at least {wanted:d} pictures (min_pictures, {origin})"},
	{Code: reason.FilterSensitive, Text: "{warning} (sensitive, {origin})"},
	{Code: reason.FilterExcluded, Text: "has the {what} {value:q} (exclude_{list}, {origin})"},
	{Code: reason.FilterNotIncluded, Text: "has none of the {list} asked for (include_{setting}, {origin})"},
	{Code: reason.Sensitive, Text: "{warning}: publish it if it suits Instagram"},
	{Code: reason.SyndicateOff, Text: "syndicate is off ({origin}); switch syndicate on where it is off"},
	{Code: reason.SettingRefused,
		Text: "Instagram does not take {setting}={value} ({origin}): correct it or leave it empty, then publish. " +
			"{answer}"},
	{Code: reason.SettingRefused,
		Text: "Instagram does not take {setting}={value} from the {origin}: correct it or leave it empty, then publish. " +
			"{answer}"},
	{Code: reason.LooksLikePublication,
		Text: "has the address and the media of publication {publication:d}, under another id"},
	{Code: reason.QuotaFull,
		Text: "Instagram takes {total:d} posts in 24 hours and {used:d} are used[ ({reserve:d} are kept in " +
			"reserve)]; the next place is free at {until}"},
	{Code: reason.QuotaAsked,
		Text: "Instagram takes {total:d} posts in 24 hours and {used:d} are used[ ({reserve:d} are kept in " +
			"reserve)]; asked again at {until}"},
	{Code: reason.FeedNotFound, Text: "there is nothing at this address (404 Not Found); check it"},
	{Code: reason.AlreadyFromFeed, Text: "already on its way from {feed}"},
	{Code: reason.AlreadyFromFeed, Text: "published, or on its way, from {feed}"},
	{Code: reason.BeforeAccount, Text: "was there before the account was added"},
	{Code: reason.DatedAhead, Text: "dated {date}, goes out then"},
	{Code: reason.CoolDown, Text: "the account rests {rest} between two posts; next at {until}"},
	{Code: reason.PostsPerDay, Text: "{posted:d} of {most:d} posts today; next at {until}"},
	{Code: reason.PostsPerDay, Text: "{posted:d} of {most:d} posts today; the next day begins at {until}"},
	{Code: reason.NoMedia, Text: "no picture or video[: left out {left_out}]"},
	{Code: reason.MediaRemoved, Text: "the site removed its pictures and videos"},
	{Code: reason.NothingToShow, Text: "no picture or video; add one"},
	{Code: reason.SyndicateOff, Text: "`syndicate` is off, from the {origin}; switch `syndicate` on where it is off"},
	{Code: reason.PartEmpty, Text: "nothing is left for part {part:d} of {parts:d}: the post shows {media:d} pictures and videos now"},
	{Code: reason.ChosenGone, Text: "none of the pictures you chose is in the post any more"},
	{Code: reason.CaptionTooLong, Text: "the caption has {length:d} characters and Instagram takes {most:d}; shorten it or switch `truncate` on, then approve it"},
	{Code: reason.EditTooLong, Text: "the edited caption has {length:d} characters and Instagram takes {most:d}; shorten it, then approve it"},
	{Code: reason.CaptionTooLong, Text: "the caption has {length:d} characters and Instagram takes {most:d}; shorten it, or switch truncate on"},
	{Code: reason.Gone, Text: "removed from the site"},
	{Code: reason.FeedServerFault, Text: "the server has a problem of its own ({status}); it will be asked again"},
	{Code: reason.DatedBefore, Text: "appeared now but is dated {date}"},
	{Code: reason.QuotaSpent, Text: "Instagram takes no more posts within 24 hours"},
	{Code: reason.ProfileSeveral, Text: "more than one post on the profile could be it; look, then say which"},
	{Code: reason.StoryTooOld, Text: "asked for more than 23 hours ago, and Instagram no longer lists stories of that age"},
	{Code: reason.AccountRemovedUnknown, Text: "the account was removed and its access token no longer works; look at the profile"},
	{Code: reason.QuotaAsked, Text: "Instagram takes {total:d} posts in 24 hours, and {used:d} went out[ ({reserve:d} are kept in reserve)]; " +
		"asked again at {until}"},
	{Code: reason.Unreachable, Text: "Instagram could not be reached ({error})."},
	{Code: reason.CallStopped, Text: "Postern was stopped while it talked to Instagram ({error})."},
	{Code: reason.AnswerLost, Text: "Instagram's answer did not arrive ({error})."},
	{Code: reason.CallFailed, Text: "The call to Instagram failed."},
}

// sentence is the pattern of one stored sentence.
type sentence struct {
	definition reason.Definition
	pattern    *regexp.Regexp
	piece      string // longest fixed text in it; tested first, because that rules out most patterns
	old        bool   // from the list was: the current wording differs
}

// sentences returns the patterns, those with the most fixed letters first. Codes whose sentence consists only of an
// argument are left out.
var sentences = sync.OnceValue(func() (list []sentence) {
	for i, d := range slices.Concat(reason.Catalogue, was) {
		if d.Code == reason.Sentence || isFree(d) {
			continue
		}
		shape := func(p reason.Param) string { return shapes[p.Name] }
		if d.Code != reason.Answer {
			shape = func(p reason.Param) string { return ifElse(isNested(p.Name), ".+", shapes[p.Name]) }
		}
		list = append(list, sentence{d, regexp.MustCompile(d.Pattern(shape)), longest(argument.Split(d.Text, -1)),
			i >= len(reason.Catalogue)})
	}
	letters := func(d reason.Definition) int { return len(argument.ReplaceAllString(d.Text, "")) }
	slices.SortStableFunc(list, func(a, b sentence) int { return letters(b.definition) - letters(a.definition) })
	return list
})

// isNested reports whether an argument may itself be a reason.
func isNested(param string) bool { return param == "answer" || param == "problem" }

// isFree reports whether a sentence consists only of arguments.
func isFree(d reason.Definition) bool {
	fixed := argument.ReplaceAllString(d.Text, "")
	return fixed == "" && d.Code != reason.Answer
}

var (
	argument   = regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]`)
	oneOf      = regexp.MustCompile(`^(image|video) (\d+) of (\d+): (?s:(.+))$`)
	failedRule = regexp.MustCompile(`^(?s:(.+)) \((media\.[a-z0-9.-]+)\)$`)
)

// ends are the endings that any sentence may have, the last one first.
var ends = []struct {
	pattern *regexp.Regexp
	add     func(reason.Reason, []string) reason.Reason
}{
	{regexp.MustCompile(`^(?s:(.+)) \(tried (\d+) times\)$`),
		func(r reason.Reason, m []string) reason.Reason { return r.Tried(number(m[2])) }},
	{regexp.MustCompile(`^(?s:(.+)); trying again \(round (\d+) of (\d+)\)$`),
		func(r reason.Reason, m []string) reason.Reason {
			return r.NextRound(number(m[2]), number(m[3]))
		}},
	{regexp.MustCompile(`^(?s:(.+)); (?:asked for again until (.+)|Postern asks for it again until (.+), then the publication fails)$`),
		func(r reason.Reason, m []string) reason.Reason { return r.AskedUntil(m[2] + m[3]) }},
}

// readSentence returns the reason for a stored sentence. If the sentence is unknown, the reason has the code
// reason.Sentence.
func readSentence(text string) reason.Reason {
	if base, gone := strings.CutSuffix(text, "; removed from the site since"); gone {
		return readSentence(base).AlsoGone()
	}
	if why, ok := knownSentence(text); ok {
		return why
	}
	return reason.Text(text)
}

// knownSentence returns the reason for a sentence: it strips the known endings and then matches the rest. ok is
// false if the sentence is unknown.
func knownSentence(text string) (reason.Reason, bool) {
	if m := oneOf.FindStringSubmatch(text); m != nil {
		why, ok := knownSentence(m[4])
		return why.About(m[1], number(m[2]), number(m[3])), ok
	}
	for _, end := range ends {
		if m := end.pattern.FindStringSubmatch(text); m != nil {
			if why, ok := knownSentence(m[1]); ok {
				return end.add(why, m), true
			}
		}
	}
	if m := failedRule.FindStringSubmatch(text); m != nil { // no other sentence ends like this
		why, ok := knownSentence(m[1])
		if !ok {
			why = reason.New(reason.Media, m[1])
		}
		return why.ByRule(m[2]), true
	}
	for _, s := range sentences() {
		if why, ok := s.read(text); ok && (s.old || why.String() == text) {
			return why, true
		}
	}
	if base, ok := strings.CutSuffix(text, reason.New(reason.InstallFFmpeg).String()); ok {
		why, known := knownSentence(base)
		return why.Also(reason.New(reason.InstallFFmpeg)), known
	}
	if first, rest, ok := strings.Cut(text, "; then "); ok {
		why, known := knownSentence(first)
		next, also := knownSentence(rest)
		return why.Then(next), known && also
	}
	return reason.Reason{}, false
}

func longest(words []string) string {
	return slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// read returns the reason if the text matches this sentence.
func (s sentence) read(text string) (reason.Reason, bool) {
	if !strings.Contains(text, s.piece) {
		return reason.Reason{}, false
	}
	m := s.pattern.FindStringSubmatch(text)
	if m == nil {
		return reason.Reason{}, false
	}
	var args []any
	now, _ := reason.Lookup(s.definition.Code) // the current definition may have more arguments
	for _, p := range now.Params() {
		value := ""
		if i := s.pattern.SubexpIndex(p.Name); i >= 0 {
			value = m[i]
		}
		switch p.Kind {
		case "d":
			n, err := strconv.ParseInt(ifElse(value == "", "0", value), 10, 64)
			if err != nil {
				return reason.Reason{}, false
			}
			args = append(args, n)
		case "q":
			unquoted, err := strconv.Unquote(ifElse(value == "", `""`, value))
			if err != nil {
				return reason.Reason{}, false
			}
			args = append(args, unquoted)
		default:
			args = append(args, value)
			if isNested(p.Name) && value != text {
				if inner, known := knownSentence(value); known {
					args[len(args)-1] = inner
				}
			}
		}
	}
	return reason.New(s.definition.Code, args...), true
}

// addReasons replaces the reason sentences of posts and publications by codes with arguments.
func addReasons(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range []string{
		// a code of package reason: why the post is skipped, or a remark about it
		`ALTER TABLE posts ADD COLUMN reason_code TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE posts ADD COLUMN reason_args TEXT NOT NULL DEFAULT ''`, // a JSON object; '' for none
		// a code: why the publication is in its state
		`ALTER TABLE publications ADD COLUMN reason_code TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE publications ADD COLUMN reason_args TEXT NOT NULL DEFAULT ''`, // a JSON object; '' for none
		// code of the reason that message states; '' if it states none
		`ALTER TABLE events ADD COLUMN reason_code TEXT NOT NULL DEFAULT ''`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	for _, t := range []struct{ read, write string }{
		{`SELECT id, reason FROM posts WHERE id > $1 AND reason <> '' ORDER BY id LIMIT 500`,
			`UPDATE posts SET reason_code = $2, reason_args = $3 WHERE id = $1`},
		{`SELECT id, reason FROM publications WHERE id > $1 AND reason <> '' ORDER BY id LIMIT 500`,
			`UPDATE publications SET reason_code = $2, reason_args = $3 WHERE id = $1`},
		{`SELECT id, message FROM events WHERE id > $1 AND to_state = 'held' AND message <> '' ORDER BY id LIMIT 500`,
			`UPDATE events SET reason_code = CASE WHEN $2 = 'text' THEN '' ELSE $2 END WHERE id = $1 AND $3 = $3`},
	} {
		if err := readSentences(ctx, tx, t.read, t.write); err != nil {
			return err
		}
	}
	for _, table := range []string{"posts", "publications"} {
		if _, err := tx.ExecContext(ctx, `ALTER TABLE `+table+` DROP COLUMN reason`); err != nil {
			return fmt.Errorf("dropping the sentences of %s: %w", table, err)
		}
	}
	return nil
}

// addProblems replaces the problem sentences of feeds and accounts by codes with arguments.
func addProblems(ctx context.Context, tx *sql.Tx) error {
	for _, p := range []struct{ table, column string }{{"feeds", "problem"}, {"accounts", "problem"},
		{"accounts", "refresh_problem"}} {
		code, args := p.column+"_code", p.column+"_args"
		for _, column := range []string{code, args} { // a code of package reason, and a JSON object or ''
			if _, err := tx.ExecContext(ctx,
				`ALTER TABLE `+p.table+` ADD COLUMN `+column+` TEXT NOT NULL DEFAULT ''`); err != nil {
				return fmt.Errorf("adding %s.%s: %w", p.table, column, err)
			}
		}
		err := readSentences(ctx, tx,
			`SELECT id, `+p.column+` FROM `+p.table+` WHERE id > $1 AND `+p.column+` <> '' ORDER BY id LIMIT 500`,
			`UPDATE `+p.table+` SET `+code+` = $2, `+args+` = $3 WHERE id = $1`)
		if err != nil {
			return err
		}
	}
	for _, statement := range []string{
		`DROP INDEX feeds_problem`,
		`CREATE INDEX feeds_problem ON feeds (id) WHERE problem_code <> ''`,
		`ALTER TABLE feeds DROP COLUMN problem`,
		`ALTER TABLE accounts DROP COLUMN problem`,
		`ALTER TABLE accounts DROP COLUMN refresh_problem`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// readSentences parses the sentence in each row that the query read returns, and stores its id, code and arguments
// with the statement write.
func readSentences(ctx context.Context, tx *sql.Tx, read, write string) error {
	type row struct {
		id   int64
		text string
	}
	for last := int64(0); ; {
		rows, err := tx.QueryContext(ctx, read, last)
		list, err := collect(rows, err, func(s scanner) (r row, err error) { return r, s.Scan(&r.id, &r.text) })
		if err != nil {
			return fmt.Errorf("reading the reasons: %w", err)
		}
		if len(list) == 0 {
			return nil
		}
		for _, r := range list {
			last = r.id
			why := readSentence(r.text)
			if _, err := tx.ExecContext(ctx, write, r.id, why.Code, why.Args); err != nil {
				return fmt.Errorf("writing the reasons: %w", err)
			}
		}
	}
}
