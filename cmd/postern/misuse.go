package main

import (
	"cmp"
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"postern/words"
)

// negative is kong's message about a negative number, which it takes for a flag.
var negative = regexp.MustCompile(`^unknown flag (-[0-9]+)`)

// misuse says in plain words what kong, which speaks to programmers, found wrong with the command line, and where
// to read more. What it says in words of its own that are not known here is passed on.
func misuse(err error) string {
	if m := negative.FindStringSubmatch(err.Error()); m != nil {
		return words.UsageNumberNegative(m[1])
	}
	command, follow := "postern", []string{}
	var pe *kong.ParseError
	if errors.As(err, &pe) && pe.Context != nil {
		if n := pe.Context.Selected(); n != nil {
			command, follow = n.FullPath(), subcommands(n)
		} else {
			follow = subcommands(pe.Context.Model.Node)
			for _, p := range pe.Context.Path {
				if p.Command != nil {
					command, follow = p.Command.FullPath(), subcommands(p.Command)
				}
			}
		}
	}
	text := err.Error()
	if m := unknown.FindStringSubmatch(text); m != nil {
		word, like := m[1], m[2]
		if command == "postern" && !strings.HasPrefix(word, "-") {
			return words.UsageCommandUnknown(word, cmp.Or(meant[word], like))
		}
		return words.UsageUnknown(command, word, like)
	}
	if needsCommand.MatchString(text) && len(follow) > 0 {
		return words.UsageNeedsOneOf(command, follow)
	}
	for _, k := range kongWords {
		if m := k.is.FindStringSubmatch(text); m != nil {
			return k.say(m, command)
		}
	}
	return words.UsageOther(text, command)
}

// unknown is kong's message about a command, an argument or a flag that does not exist, and what it takes it for.
var unknown = regexp.MustCompile(`^(?:unexpected argument|unknown flag) (\S+?)(?:, did you mean (?:one of )?"?([^" ,]+)"?.*)?$`)

// needsCommand is kong's message about a command that is missing. It names only the first few that there are.
var needsCommand = regexp.MustCompile(`^expected (?:one of .+|"[^<]*")$`)

// subcommands returns the names of the commands that may follow a command, without hidden ones.
func subcommands(n *kong.Node) (names []string) {
	for _, c := range n.Children {
		if c.Type == kong.CommandNode && !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return names
}

// meant are commands that do not exist, with the one that does what they seem to ask for.
var meant = map[string]string{
	"list": "publications", "ls": "publications", "status": "publications", "queue": "publications",
	"posts": "publications", "show": "publications", "publication": "publications", "history": "publications",
	"feeds": "feed list", "accounts": "account list", "add": "feed add", "poll": "sync", "run": "serve",
	"start": "serve", "check": "doctor", "health": "doctor", "config": "doctor", "problems": "notices",
	"errors": "notices", "unhold": "approve", "release": "approve", "delete": "skip", "cancel": "skip",
}

// kongWords are kong's messages, first one that fits first, and what is said instead. m are the parts that match.
var kongWords = []struct {
	is  *regexp.Regexp
	say func(m []string, command string) string
}{
	{regexp.MustCompile(`^expected "(.+?)(?: \.\.\.)?"$`), isMissing},
	{regexp.MustCompile(`^missing flags: (.+)$`), isMissing},
	{regexp.MustCompile(`^(\S+): (?:expected .*got "EOL".*|missing value.*)$`),
		func(m []string, command string) string { return words.UsageNoValue(m[1], command) }},
	{regexp.MustCompile(`^(\S+): expected \S+ value but got "(.*)" \(\w+ flag\).*$`),
		func(m []string, command string) string { return words.UsageFlagAsValue(m[1], m[2], command) }},
	{regexp.MustCompile(`^(<\S+): expected a valid \d+ bit u?int but got (".*").*$`),
		func(m []string, command string) string {
			return words.UsageNotNumber(m[1], m[2], listOf(strings.TrimPrefix(command, "postern ")))
		}},
	{regexp.MustCompile(`^(\S+): expected a valid \d+ bit u?int but got (".*").*$`),
		func(m []string, command string) string { return words.UsageFlagNotNumber(m[1], m[2], command) }},
	{regexp.MustCompile(`^(\S+): bool value must be .*$`),
		func(m []string, command string) string { return words.UsageValue(m[1], command) }},
}

func isMissing(m []string, command string) string {
	var what []string
	for _, w := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ' ' || r == ',' }) {
		if w != "..." {
			what = append(what, w)
		}
	}
	return words.UsageMissing(what, command)
}
