package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, name, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
	return path
}

// call runs the program in this process.
func call(t *testing.T, stdin io.Reader, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(args, &invocation{ctx: t.Context(), stdin: stdin, stdout: &out, stderr: &errs})
	return status, out.String(), errs.String()
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	config := write(t, "postern.toml", `data_dir = "`+filepath.ToSlash(t.TempDir())+`"`)
	begun, _, stderr := call(t, strings.NewReader(""), "token", "add", "--label", "first", "--config", config)
	require.Equal(t, exitWell, begun, stderr)
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"version"}, exitWell, ""},
		{[]string{"--help"}, exitWell, ""},
		{[]string{"frobnicate"}, exitUsage, "there is no command frobnicate. See `postern --help`\n"},
		{[]string{"publications", "--frobnicate"}, exitUsage,
			"`postern publications` does not take \"--frobnicate\". See `postern publications --help`"},
		{[]string{"publish", "seven"}, exitUsage,
			`"seven" is neither the number of a publication nor post:N; ` +
				"`postern publications` shows both. See `postern publish --help`"},
		{[]string{"publish"}, exitUsage, "<id> is missing. See `postern publish --help`"},
		{[]string{"feed"}, exitUsage, "after `postern feed` comes add, list, check, pause, resume, route or remove. See `postern feed --help`\n"},
		{[]string{"acount"}, exitUsage, "there is no command acount. Did you mean `postern account`?\n"},
		{[]string{"feed", "chekc"}, exitUsage, "`postern feed` does not take \"chekc\". Did you mean \"check\"? See"},
		{[]string{"feed", "route"}, exitUsage, "<feed> and <account> are missing. See `postern feed route --help`\n"},
		{[]string{"restore"}, exitUsage, "name the file that `postern backup` wrote"},
		{[]string{"key"}, exitUsage, "after `postern key` comes rotate. See `postern key --help`"},
		{[]string{"feed", "frobnicate"}, exitUsage, "`postern feed` does not take \"frobnicate\". See `postern feed --help`"},
		{[]string{"feed", "add"}, exitUsage, "<url> is missing. See `postern feed add --help`"},
		{[]string{"token", "add"}, exitUsage, "--label=L is missing"},
		{[]string{"demo", "--feed"}, exitUsage, "--feed needs a value"},
		{[]string{"publications", "--state"}, exitUsage, "--state needs a value"},
		{[]string{"sync", "--wait", "soon"}, exitUsage,
			`--wait: "soon" is not a length of time such as 90m, 24h or 2d. See ` + "`postern sync --help`\n"},
		{[]string{"sync", "--wait=-5m"}, exitUsage, `--wait: "-5m" is not a length of time`},
		{[]string{"sync", "--wait", "1d", "--config", config + ".none"}, exitFailed,
			"no such file or directory. Name an existing file with --config, or leave --config out\n"},
		{[]string{"sync", "--wait", "-5m"}, exitUsage, `--wait needs a value, and "-5m" looks like another flag`},
		{[]string{"token", "add", "--label", "L", "--write=maybe"}, exitUsage, "--write takes no value"},
		{[]string{"preview", "-", "--base-url", "ftp://example.org/"}, exitUsage,
			"--base-url must be an address such as https://example.org/"},
		{[]string{"demo", "--seed", "x"}, exitUsage, `--seed must be a number, not "x"`},
		{[]string{"publish", "7", "--config", config}, exitFailed,
			"publication 7: not found: see `postern publications`\n"},
		{[]string{"publications", "--config", config}, exitWell, ""},
		{[]string{"publications", "--state", "gone", "--config", config}, exitUsage, `no state "gone"`},
		{[]string{"feed", "add", "https://example.org/", "--start", "yesterday", "--config", config}, exitUsage,
			"use now, all, last:N or a date"},
		{[]string{"feed", "list", "--config", config + ".none"}, exitFailed,
			"no such file or directory. Name an existing file with --config, or leave --config out\n"},
		{[]string{"account", "add", "--config", config}, exitUsage, "--access-token-file"},
		{[]string{"account", "add", "--config", config, "--access-token-file", "/nowhere"}, exitFailed, "no such file"},
		{[]string{"account", "set", "1", "coldown=1h", "--config", config}, exitUsage,
			"did you mean cool_down? Run `postern account set --help`"},
		{[]string{"account", "set", "1", "cool_down=1h", "--config", config}, exitFailed,
			"account 1: not found: see `postern account list`\n"},
		{[]string{"feed", "pause", "1", "--config", config}, exitFailed,
			"feed 1: not found: see `postern feed list`\n"},
		{[]string{"feed", "route", "1", "1", "--config", config}, exitFailed,
			"feed 1: not found: see `postern feed list` and `postern account list`\n"},
		{[]string{"notify", "remove", "1", "--config", config}, exitFailed,
			"address 1: not found: see `postern notify list`\n"},
		{[]string{"notify", "test", "--config", config}, exitFailed, "there is no notification target yet"},
		{[]string{"notify", "add", "--config", config}, exitFailed, "standard input is empty"},
		{[]string{"confirm", "1", "--permalink", "here", "--config", config}, exitUsage, "--permalink"},
	} {
		status, _, stderr := call(t, strings.NewReader(""), c.args...)
		require.Equal(t, c.status, status, "%v: %s", c.args, stderr)
		require.Contains(t, stderr, c.says, "%v", c.args)
		if status == exitWell {
			require.Empty(t, stderr, "%v", c.args)
		} else {
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
		}
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	parser := newParser(&grammar{}, io.Discard, io.Discard)
	seen := 0
	require.NoError(t, kong.Visit(parser.Model, func(n kong.Visitable, next kong.Next) error {
		if c, ok := n.(*kong.Node); ok && c.Type == kong.CommandNode && !c.Hidden {
			seen++
			status, stdout, _ := call(t, nil, append(strings.Fields(c.FullPath())[1:], "--help")...)
			require.Equal(t, exitWell, status, c.FullPath())
			require.Contains(t, stdout, "Example", c.FullPath())
			require.Contains(t, stdout[strings.Index(stdout, "Example"):], c.FullPath(), "an example of its own")
		}
		return next(nil)
	}))
	require.Greater(t, seen, 40)
}

func TestPassword(t *testing.T) {
	t.Parallel()
	config := write(t, "postern.toml", `data_dir = "`+filepath.ToSlash(t.TempDir())+`"`)
	status, _, stderr := call(t, strings.NewReader("short\n"), "password", "--config", config)
	require.Equal(t, exitFailed, status)
	require.Contains(t, stderr, "at least")
	status, stdout, _ := call(t, strings.NewReader("long enough to be one\n"), "password", "--config", config)
	require.Equal(t, exitWell, status)
	require.Contains(t, stdout, "the password is set")
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	require.Equal(t, "red [31m, two lines, 👩‍👩‍👧 ❤️", printable("red \x1b[31m, two\nlines, 👩‍👩‍👧 ❤️"))
}

// Not parallel: what the linker sets belongs to the whole program.
func TestConfigOfTheMachine(t *testing.T) {
	t.Chdir(t.TempDir())
	systemConfig = write(t, "machine.toml", "data_dir = 1")
	t.Cleanup(func() { systemConfig = "" })
	status, _, stderr := call(t, nil, "feed", "list")
	require.Equal(t, exitFailed, status)
	require.Contains(t, stderr, systemConfig+": data_dir must be a text")
	_, help, _ := call(t, nil, "serve", "--help")
	require.Contains(t, strings.Join(strings.Fields(help), " "), "in the working directory, else "+systemConfig)
}

// The pass may use what the daemon may.
func TestUnitsAgree(t *testing.T) {
	t.Parallel()
	service := func(name string) (lines []string) {
		b, err := os.ReadFile("../../packaging/" + name)
		require.NoError(t, err)
		_, body, _ := strings.Cut(string(b), "[Service]\n")
		body, _, _ = strings.Cut(body, "[Install]\n")
		for line := range strings.Lines(body) {
			key, _, isSetting := strings.Cut(strings.TrimSpace(line), "=")
			switch {
			case !isSetting || strings.HasPrefix(key, "# "):
			case key == "Type", key == "ExecStart", key == "TimeoutStartSec", strings.HasPrefix(key, "Restart"):
			default:
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		return lines
	}
	require.Greater(t, len(service("postern.service")), 30)
	require.Equal(t, service("postern.service"), service("postern-sync.service"))
}
