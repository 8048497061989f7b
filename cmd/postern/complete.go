package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// completeCmd is for the scripts in packaging/completions: the shells ask the program itself, so that what they
// offer is what there is.
type completeCmd struct {
	Words []string `arg:"" optional:"" help:"help_complete_words"`
}

// Run prints what the last word may become, one a line with its meaning after a tab. Nothing: anything, such as a file.
func (c *completeCmd) Run(in *invocation, command *kong.Context) error {
	for _, v := range candidates(command.Model.Node, c.Words) {
		if err := in.print(v, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s\t%s\n", v.Word, v.Meaning)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

type candidate struct {
	Word    string `json:"word"`
	Meaning string `json:"meaning"`
}

// candidates are the words that may come at the place of the last one.
func candidates(at *kong.Node, words []string) (found []candidate) {
	if len(words) == 0 {
		return nil
	}
	last, before := words[len(words)-1], words[:len(words)-1]
	flags := knownFlags(at)
	var open *kong.Flag // its value is what comes next
	for _, w := range before {
		if open != nil {
			open = nil
			continue
		}
		if name, ok := strings.CutPrefix(w, "--"); ok {
			if f := flags[name]; f != nil && !f.IsBool() {
				open = f
			}
			continue
		}
		for _, child := range at.Children {
			if child.Name == w && !child.Hidden {
				at, flags = child, knownFlags(child)
				break
			}
		}
	}
	offer := func(word, meaning string) {
		if strings.HasPrefix(word, last) {
			found = append(found, candidate{word, meaning})
		}
	}
	if open != nil {
		return nil
	}
	for _, child := range at.Children {
		if !child.Hidden {
			offer(child.Name, child.Help)
		}
	}
	if strings.HasPrefix(last, "-") {
		for _, group := range at.AllFlags(true) {
			for _, f := range group {
				offer("--"+f.Name, f.Help)
			}
		}
	}
	return found
}

func knownFlags(n *kong.Node) map[string]*kong.Flag {
	known := map[string]*kong.Flag{}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			known[f.Name] = f
		}
	}
	return known
}
