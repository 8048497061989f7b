package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write packaging/postern.1 anew")

// packaging/postern.1 says what the commands say of themselves: go test ./cmd/postern -run TestManual -update
func TestManual(t *testing.T) {
	t.Parallel()
	const file = "../../packaging/postern.1"
	page := manual(newParser(&grammar{}, io.Discard, io.Discard).Model)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
	}
	is, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, page, string(is), "a command has changed: make manual")
	for _, want := range []string{".SS feed add", `\-\-access\-token\-file`, "postern preview https://"} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "convert", "it is not for people")
}

// manual is the page in roff, with the macros of man(7).
func manual(app *kong.Application) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	flags := func(n *kong.Node) {
		for _, f := range n.Flags {
			if !f.Hidden && f.Name != "help" {
				put(".TP\n.B %s\n%s", roff(f.String()), roff(f.Help))
			}
		}
	}
	put(
		".\\\" Made of the commands' own help by TestManual: make manual\n.TH POSTERN 1\n.SH NAME\npostern \\- a " +
			"blog's pictures and videos on Instagram, each exactly once")
	put(".SH SYNOPSIS\n.B postern\n[\\-\\-config FILE] [\\-\\-json] COMMAND ...")
	put(
		".SH DESCRIPTION\nPostern polls the feeds of a site, picks the posts with pictures or video, makes of " +
			"them what Instagram accepts, and publishes\neach exactly once. Start with\n.BR \"postern demo\" " +
			",\nwhich needs no account.")
	put(".SH OPTIONS")
	flags(app.Node)
	put(".SH COMMANDS")
	for _, n := range app.Leaves(true) {
		put(".SS %s\n.B postern %s\n.PP\n%s", roff(n.Path()), roff(strings.TrimPrefix(n.Summary(), "postern ")),
			roff(n.Help))
		for _, p := range n.Positional {
			put(".TP\n.I %s\n%s", roff(p.Summary()), roff(p.Help))
		}
		flags(n)
		detail(put, n.Detail)
	}
	put(
		".SH EXIT STATUS\n0 when all went well, 1 when something failed, 2 when the command was wrong. The reason " +
			"is one line on standard error.")
	put(
		".SH FILES\n.TP\n.I postern.toml\nThe configuration, in the working directory; where it is installed for " +
			"the whole machine,\n.I /etc/postern/postern.toml\nis read when there is none.")
	put(
		".TP\n.I /var/lib/postern\nWhere the packages keep everything: the database, the key of its secrets, " +
			"prepared media. Commands beside the service\nwork there as its user: sudo \\-u postern postern " +
			"publications")
	return b.String()
}

// detail puts a command's longer help: its examples stand as they are, indented.
func detail(put func(string, ...any), text string) {
	verbatim := false
	if text != "" {
		put(".PP")
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if example := strings.HasPrefix(line, "  "); example != verbatim && line != "" {
			verbatim = example
			put("%s", map[bool]string{true: ".RS 4\n.nf", false: ".fi\n.RE"}[verbatim])
		}
		switch {
		case line != "":
			put("%s", roff(strings.TrimPrefix(line, "  ")))
		case !verbatim:
			put(".PP")
		}
	}
	if verbatim {
		put(".fi\n.RE")
	}
}

// roff writes text so that nothing in it is taken for a request.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
