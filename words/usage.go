package words

import (
	"fmt"
)

// How a command was called wrongly. command is the whole command, such as "postern feed add".

// UsageNumberNegative tells that there is no publication, feed or account of a negative number.
func UsageNumberNegative(number string) string {
	return fmt.Sprintf("the numbers of publications, feeds and accounts begin at 1, so there is no %s. List them with "+
		"`postern publications`, `postern feed list` and `postern account list`", number)
}

// UsageNeedsOneOf lists what may follow a command.
func UsageNeedsOneOf(command string, list []string) string {
	return fmt.Sprintf("after `%s` comes %s. See `%[1]s --help`", command, orList(list))
}

// UsageUnknown tells that a command does not take a word or a flag. meant is the one that was probably meant, "" for
// none.
func UsageUnknown(command, word, meant string) string {
	if meant == "" {
		return fmt.Sprintf("`%s` does not take %q. See `%[1]s --help`", command, word)
	}
	return fmt.Sprintf("`%s` does not take %q. Did you mean %q? See `%[1]s --help`", command, word, meant)
}

// UsageCommandUnknown names the command that was probably meant, "" for none.
func UsageCommandUnknown(name, meant string) string {
	if meant == "" {
		return fmt.Sprintf("there is no command %s. See `postern --help`", name)
	}
	return fmt.Sprintf("there is no command %s. Did you mean `postern %s`?", name, meant)
}

// UsageMissing tells that arguments or flags are missing.
func UsageMissing(what []string, command string) string {
	verb := "is"
	if len(what) > 1 {
		verb = "are"
	}
	return fmt.Sprintf("%s %s missing. See `%s --help`", andList(what), verb, command)
}

// UsageNoValue tells that a flag needs a value.
func UsageNoValue(flag, command string) string {
	return fmt.Sprintf("%s needs a value. See `%s --help`", flag, command)
}

// UsageFlagAsValue tells that a flag needs a value and that the one it has looks like a flag.
func UsageFlagAsValue(flag, value, command string) string {
	return fmt.Sprintf("%s needs a value, and %q looks like another flag. See `%s --help`", flag, value, command)
}

// UsageFlagNotNumber tells that the value of a flag is not a number.
func UsageFlagNotNumber(flag, value, command string) string {
	return fmt.Sprintf("%s must be a number, not %s. See `%s --help`", flag, value, command)
}

// UsageNotNumber tells that an argument is not a number. remedy names where the numbers are.
func UsageNotNumber(argument, value, remedy string) string {
	return fmt.Sprintf("%s must be a number, not %s: %s", argument, value, remedy)
}

// UsageValue tells that a flag takes no value.
func UsageValue(flag, command string) string {
	return fmt.Sprintf("%s takes no value. See `%s --help`", flag, command)
}

// UsageOther passes on what the parser of the command line says.
func UsageOther(text, command string) string {
	return fmt.Sprintf("%s. See `%s --help`", text, command)
}

// CommitChanged names the commit of a program that was built with changes since.
func CommitChanged(commit string) string { return commit + " with changes" }

// VersionLine tells the version of the program, its commit and Go's version.
func VersionLine(version, commit, goVersion string) string {
	return fmt.Sprintf("postern %s, commit %s, %s", version, commit, goVersion)
}

// DatabaseNone tells that a directory has no database.
func DatabaseNone(dir string) string {
	return fmt.Sprintf("there is no database in %s. Name the right configuration with --config or its folder with "+
		"POSTERN_DATA_DIR, or create a database with `postern serve`", dir)
}
