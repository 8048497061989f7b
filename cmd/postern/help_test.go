package main

import (
	"io"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// TestHelpIsOfTheCatalogue holds the tags and the catalogue together, in both directions.
func TestHelpIsOfTheCatalogue(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	collectHelp(reflect.TypeFor[grammar](), used)
	texts, details := helpTexts()
	require.Subset(t, slices.Collect(maps.Keys(used)), slices.Collect(maps.Keys(details)))
	require.Equal(t, slices.Sorted(maps.Keys(texts)), slices.Sorted(maps.Keys(used)),
		"each name has a text, each text a tag that names it, and no tag holds a sentence of its own")
	require.NotPanics(t, func() { newParser(&grammar{}, io.Discard, io.Discard) })
}

// collectHelp notes the help tags of a type and of those that its fields have.
func collectHelp(of reflect.Type, tags map[string]bool) {
	if of.Kind() != reflect.Struct {
		return
	}
	for i := range of.NumField() {
		f := of.Field(i)
		if help, ok := f.Tag.Lookup("help"); ok {
			tags[help] = true
		}
		collectHelp(f.Type, tags)
	}
}

func TestTakeHelpRefuses(t *testing.T) {
	t.Parallel()
	take := kong.PostBuild(func(k *kong.Kong) error {
		return takeHelp(k, map[string]string{"help_serve": "Run the daemon."}, map[string]string{"help_serve": "Example"})
	})
	var good struct {
		Serve struct{} `cmd:"" help:"help_serve"`
	}
	parser, err := kong.New(&good, take)
	require.NoError(t, err)
	require.Equal(t, "Run the daemon.", parser.Model.Leaves(true)[0].Help)
	require.Equal(t, "Example", parser.Model.Leaves(true)[0].Detail)
	for name, grammar := range map[string]any{
		"a sentence of its own": &struct {
			Serve struct{} `cmd:"" help:"Run the daemon."`
		}{},
		"no help": &struct {
			Serve struct {
				Port int
			} `cmd:"" help:"help_serve"`
		}{},
	} {
		_, err := kong.New(grammar, take)
		require.ErrorContains(t, err, "has no text", name)
	}
}
