package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, name, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
	return path
}

func TestConfigPrecedence(t *testing.T) {
	t.Parallel()
	file := write(t, "postern.toml", `
data_dir = "/srv/postern"
[web]
listen = ":9000"
[publish]
settle = "10s"
[network]
allow = ["127.0.0.0/8", "::1"]
`)
	c, warnings, err := loadConfig(file, []string{
		"POSTERN_WEB_LISTEN=127.0.0.1:7000", "POSTERN_NETWORK_ALLOW=10.0.0.0/8, 127.0.0.1",
		"POSTERN_WEB_BASE_URL=http://10.1.2.3:7000/",
		"POSTERN_ACCESS_TOKEN=x", "HOME=/root",
	})
	require.NoError(t, err)
	require.Equal(t, []string{"web.base_url is plain http: everything sent there can be read on the way"}, c.risks)
	require.Empty(t, warnings)
	require.Equal(t, "/srv/postern", c.DataDir)
	require.Equal(t, "127.0.0.1:7000", c.Web.Listen, "the environment wins")
	require.Equal(t, "http://10.1.2.3:7000", c.Web.BaseURL, "without a slash at the end")
	require.Equal(t, 10*time.Second, c.Publish.Settle)
	require.Len(t, c.Network.Allow, 2)
	require.Equal(t, "127.0.0.1/32", c.Network.Allow[1].String())
	require.Equal(t, "@every 5m", c.Feeds.Schedule, "the default stays")
}

// Instagram's API takes addresses in ASCII only, and our files' begin with this one.
func TestPublicAddressInASCII(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://bücher.example":              "https://xn--bcher-kva.example",
		"https://Bücher.example:8443/ü x/%20": "https://xn--bcher-kva.example:8443/%C3%BC%20x/%20",
		"https://posse.example.org/a%2Fb/":    "https://posse.example.org/a%2Fb",
	} {
		c, _, err := loadConfig("", []string{"POSTERN_WEB_BASE_URL=" + given})
		require.NoError(t, err, given)
		require.Equal(t, want, c.Web.BaseURL)
	}
	_, _, err := loadConfig("", []string{"POSTERN_WEB_BASE_URL=https://ü_x.example"})
	require.ErrorContains(t, err, "web.base_url must be an address")
}

func TestConfigTellsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	file := write(t, "postern.toml", `
data_dri = "data"
evry = 1
[web]
listen = 8484
base_url = "http://posse.example.org"
[feeds]
schedule = "sometimes"
timeout = 30
[publish]
settle = "10ms"
[instagram]
api_url = "http://127.0.0.1:1"
api_version = "24"
[network]
allow = ["home"]
[nothing]
[log]
level = "loud"
`)
	_, _, err := loadConfig(file, []string{"POSTERN_LOG_FORMAT=xml", "POSTERN_FEEDS_MAX_BYTES=many"})
	require.Error(t, err)
	for _, want := range []string{
		"there is no key data_dri; did you mean data_dir?",
		"there is no key evry\n",
		"there is no key nothing",
		"web.listen must be a text in quotes",
		"web.base_url is plain http: use https, or name the range of its address in network.allow",
		"feeds.schedule cannot be used: schedule \"sometimes\"",
		"feeds.timeout must be a length of time in quotes",
		"publish.settle must be at least 1s, not 10ms",
		"instagram.api_url is plain http",
		"instagram.api_version must look like v24.0",
		`network.allow "home" is no address range`,
		"log.level must be debug, info, warn or error",
		"POSTERN_LOG_FORMAT: log.format must be text or json",
		"POSTERN_FEEDS_MAX_BYTES: feeds.max_bytes must be a whole number",
		"the configuration has 14 mistakes:",
	} {
		require.ErrorContains(t, err, want)
	}
	require.Len(t, strings.Split(err.Error(), "\n"), 15, "one line each")
}

func TestConfigFile(t *testing.T) {
	t.Parallel()
	_, _, err := loadConfig(filepath.Join(t.TempDir(), "none.toml"), nil)
	require.ErrorContains(t, err, "none.toml", "a file that was named must be there")

	_, _, err = loadConfig(write(t, "broken.toml", "[web]\nlisten = \n"), nil)
	require.ErrorContains(t, err, "broken.toml line 2:")
	require.NotContains(t, err.Error(), "\n")

	_, warnings, err := loadConfig(write(t, "empty.toml", "[web]\n"), []string{"POSTERN_WEB_BASEURL=x"})
	require.NoError(t, err)
	require.Equal(t, []string{"the environment variable POSTERN_WEB_BASEURL means nothing to postern"}, warnings)
}

// The example shows every key with its default, and one reason at least.
func TestConfigExample(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../../config.example.toml")
	require.NoError(t, err)
	values, err := decodeTOML("config.example.toml", body)
	require.NoError(t, err)
	shown := map[string]any{}
	for _, v := range values {
		shown[v.name] = v.value
	}
	c := defaultConfig()
	for _, k := range c.keys() {
		require.Contains(t, shown, k.name)
		example := Config{}
		for _, e := range example.keys() {
			if e.name == k.name {
				require.NoError(t, e.read(shown[k.name]), k.name)
				require.Equal(t, k.value(), e.value(), k.name)
			}
		}
		delete(shown, k.name)
	}
	require.Empty(t, shown, "keys that there are not")

	before := ""
	for line := range strings.Lines(string(body)) {
		if name, _, ok := strings.Cut(line, " = "); ok && !strings.HasPrefix(line, "#") {
			require.True(t, strings.HasPrefix(before, "# "), "%s has no comment", name)
		}
		before = line
	}
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
		{[]string{"frobnicate"}, exitUsage, "unexpected argument frobnicate"},
		{[]string{"publications", "--frobnicate"}, exitUsage,
			"unknown flag --frobnicate: see `postern publications --help`"},
		{[]string{"publish", "seven"}, exitUsage,
			`"seven" is neither the number of a publication nor post:N; ` +
				"`postern publications` shows both: see `postern publish --help`"},
		{[]string{"publish"}, exitUsage, "<id> is missing: see `postern publish --help`"},
		{[]string{"feed"}, exitUsage, "after `postern feed` comes add, list, check"},
		{[]string{"key"}, exitUsage, "after `postern key` comes rotate: see `postern key --help`"},
		{[]string{"feed", "frobnicate"}, exitUsage, "unexpected argument frobnicate: see `postern feed --help`"},
		{[]string{"feed", "add"}, exitUsage, "<url> is missing: see `postern feed add --help`"},
		{[]string{"token", "add"}, exitUsage, "--label=L is missing"},
		{[]string{"demo", "--feed"}, exitUsage, "--feed needs a value"},
		{[]string{"publications", "--state"}, exitUsage, "--state needs a value"},
		{[]string{"sync", "--wait", "soon"}, exitUsage,
			`--wait must be a length of time such as 90s or 10m, not "soon"`},
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
		{[]string{"feed", "list", "--config", config + ".none"}, exitFailed, "the configuration cannot be read"},
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
		{[]string{"notify", "test", "--config", config}, exitFailed, "there is no address yet"},
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
	parser, err := kong.New(&grammar{}, kong.Name("postern"),
		kong.Vars{"config_default": "", "states": "", "demo_seed": "0"})
	require.NoError(t, err)
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
	systemConfig = write(t, "machine.toml", `data_dir = "/var/lib/postern"`)
	t.Cleanup(func() { systemConfig = "" })
	c, _, err := loadConfig("", nil)
	require.NoError(t, err)
	require.Equal(t, "/var/lib/postern", c.DataDir)
	_, help, _ := call(t, nil, "serve", "--help")
	require.Contains(t, strings.Join(strings.Fields(help), " "), "in the working directory, else "+systemConfig)

	require.NoError(t, os.WriteFile(defaultConfigFile, []byte(`data_dir = "here"`), 0o600))
	c, _, err = loadConfig("", nil)
	require.NoError(t, err)
	require.Equal(t, "here", c.DataDir, "the nearer one counts, alone")
	require.NoError(t, os.Remove(defaultConfigFile))

	systemConfig += ".none"
	c, _, err = loadConfig("", nil)
	require.NoError(t, err)
	require.Equal(t, "data", c.DataDir)
}

// The packages' own configuration can be read, and keeps everything where the units let it.
func TestConfigOfThePackages(t *testing.T) {
	t.Parallel()
	c, warnings, err := loadConfig("../../packaging/postern.toml", nil)
	require.NoError(t, err)
	require.Empty(t, warnings)
	want := defaultConfig()
	want.DataDir = "/var/lib/postern"
	for i, k := range c.keys() {
		require.Equal(t, want.keys()[i].value(), k.value(), k.name)
	}
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
