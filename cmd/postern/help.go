package main

import (
	"fmt"
	"maps"

	"github.com/alecthomas/kong"

	"postern/config"
	"postern/draft"
	"postern/notices"
	"postern/words"
)

// helpTexts returns the text of each name that stands in a help tag of the grammar, and what --help of a command prints
// below its flags.
func helpTexts() (texts, details map[string]string) {
	texts, details = maps.Clone(words.Help), maps.Clone(words.HelpDetails)
	texts["help_config"] = words.HelpConfig(config.DefaultFile, systemConfig)
	texts["help_publications_state"] = words.HelpPublicationsState(stateNames())
	details["help_account_set"] = words.HelpAccountSet(draft.SettingNames())
	details["help_notify_add"] = words.HelpNotifyAdd(notices.Services())
	return texts, details
}

// takeHelp replaces the name in each help tag with its text. It fails where a command, an argument or a flag has no
// tag, or one that holds anything but a name of texts.
func takeHelp(k *kong.Kong, texts, details map[string]string) error {
	k.Model.Help = words.HelpProgram
	k.Model.HelpFlag.Help = words.HelpHelp
	return kong.Visit(k.Model, func(v kong.Visitable, next kong.Next) error {
		var help *string
		switch v := v.(type) {
		case *kong.Node:
			help, v.Detail = &v.Help, details[v.Help]
		case *kong.Value:
			help = &v.Help
		}
		if help == nil || help == &k.Model.HelpFlag.Help {
			return next(nil)
		}
		text, ok := texts[*help]
		if !ok {
			return fmt.Errorf("main: help %q has no text", *help)
		}
		*help = text
		return next(nil)
	})
}
