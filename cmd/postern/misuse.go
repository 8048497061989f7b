package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// negative is kong's message about a negative number, which it takes for a flag.
var negative = regexp.MustCompile(`^unknown flag (-[0-9]+)`)

// misuse says in plain words what kong, which speaks to programmers, found wrong with the command line, and where
// to read more. What it says in words of its own that are not known here is passed on.
func misuse(err error) string {
	if m := negative.FindStringSubmatch(err.Error()); m != nil {
		return "the numbers of publications, feeds and accounts begin at 1, so there is no " + m[1] +
			": `postern publications`, `postern feed list` and `postern account list` show them"
	}
	command := "postern"
	var pe *kong.ParseError
	if errors.As(err, &pe) && pe.Context != nil {
		if n := pe.Context.Selected(); n != nil {
			command = n.FullPath()
		} else {
			for _, p := range pe.Context.Path {
				if p.Command != nil {
					command = p.Command.FullPath()
				}
			}
		}
	}
	text := err.Error()
	for _, k := range kongWords {
		if k.is.MatchString(text) {
			text = k.is.ReplaceAllString(text, k.say)
			break
		}
	}
	if list, ok := strings.CutPrefix(text, oneOf); ok {
		text = "after `" + command + "` comes " + strings.ReplaceAll(list, `"`, "")
	}
	if m := unknown.FindStringSubmatch(text); m != nil && command == "postern" && meant[m[1]] != "" {
		return fmt.Sprintf("there is no command %s; did you mean `postern %s`?", m[1], meant[m[1]])
	}
	if strings.HasPrefix(text, "<") && strings.Contains(text, mustBeNumber) { // an argument, not a flag
		return text + ": " + whatThereIs(strings.TrimPrefix(command, "postern "))
	}
	return text + ": see `" + command + " --help`"
}

// unknown is kong's message about a command that does not exist.
var unknown = regexp.MustCompile(`^unexpected argument ([a-z]+)`)

// meant are commands that do not exist, with the one that does what they seem to ask for.
var meant = map[string]string{
	"list": "publications", "ls": "publications", "status": "publications", "queue": "publications",
	"posts": "publications", "show": "publications", "publication": "publications", "history": "publications",
	"feeds": "feed list", "accounts": "account list", "add": "feed add", "poll": "sync", "run": "serve",
	"start": "serve", "check": "doctor", "health": "doctor", "config": "doctor", "problems": "notices",
	"errors": "notices", "unhold": "approve", "release": "approve", "delete": "skip", "cancel": "skip",
}

const mustBeNumber = " must be a number, not "

const oneOf = "expected one of "

// kongWords are kong's messages, first one that fits first.
var kongWords = []struct {
	is  *regexp.Regexp
	say string
}{
	{regexp.MustCompile(`^expected "([^<]*)"$`), "expected one of $1"},
	{regexp.MustCompile(`^expected "(.+?)(?: \.\.\.)?"$`), "$1 is missing"},
	{regexp.MustCompile(`^missing flags: (.+)$`), "$1 is missing"},
	{regexp.MustCompile(`^(\S+): (?:expected .*got "EOL".*|missing value.*)$`), "$1 needs a value"},
	{regexp.MustCompile(`^(\S+): expected \S+ value but got "(.*)" \(\w+ flag\).*$`),
		`$1 needs a value, and "$2" looks like another flag`},
	{regexp.MustCompile(`^(\S+): expected a valid \d+ bit u?int but got (".*").*$`), "$1" + mustBeNumber + "$2"},
	{regexp.MustCompile(`^(\S+): expected duration but got (".*"): .*$`),
		"$1 must be a length of time such as 90s or 10m, not $2"},
	{regexp.MustCompile(`^(\S+): bool value must be .*$`), "$1 takes no value"},
}
