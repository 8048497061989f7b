package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, name, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
	return path
}

// load loads what a file and the environment say.
func load(file string, environ []string) (Config, error) {
	return Load(Source{File: file, Environ: environ})
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
	c, err := load(file, []string{
		"POSTERN_WEB_LISTEN=127.0.0.1:7000", "POSTERN_NETWORK_ALLOW=10.0.0.0/8, 127.0.0.1",
		"POSTERN_WEB_BASE_URL=http://10.1.2.3:7000/",
		"POSTERN_ACCESS_TOKEN=x", "HOME=/root",
	})
	require.NoError(t, err)
	require.Equal(t, []string{"web.base_url is plain http, so others on the way can read everything that is sent there"}, c.Risks)
	require.Empty(t, c.Warnings)
	require.Equal(t, "/srv/postern", c.DataDir)
	require.Equal(t, "127.0.0.1:7000", c.Web.Listen, "the environment wins")
	require.Equal(t, "http://10.1.2.3:7000", c.Web.BaseURL, "without a slash at the end")
	require.Equal(t, 10*time.Second, c.Publish.Settle)
	require.Len(t, c.Network.Allow, 2)
	require.Equal(t, "127.0.0.1/32", c.Network.Allow[1].String())
	require.Equal(t, "@every 5m", c.Feeds.Schedule, "the default stays")
}

// Lengths of time take days, as settings do, in the file and in the environment.
func TestConfigDays(t *testing.T) {
	t.Parallel()
	file := write(t, "postern.toml", "[feeds]\nschedule = \"@every 2d\"\ntimeout = \"1d12h\"\n[publish]\nsettle = \" 2d \"\n")
	c, err := load(file, []string{"POSTERN_MEDIA_TIMEOUT=3d"})
	require.NoError(t, err)
	require.Equal(t, 36*time.Hour, c.Feeds.Timeout)
	require.Equal(t, 48*time.Hour, c.Publish.Settle)
	require.Equal(t, 72*time.Hour, c.Media.Timeout)
	_, err = load("", []string{"POSTERN_MEDIA_TIMEOUT=2w", "POSTERN_FEEDS_SCHEDULE=@every 2w"})
	require.ErrorContains(t, err, `media.timeout must be a length of time in quotes, such as "90s", "3m" or "2d"`)
	require.ErrorContains(t, err, `schedule "@every 2w" needs a length of time after @every, such as 90s, 5m, 12h or 2d`)
}

// Instagram's API takes addresses in ASCII only, and our files' begin with this one.
func TestPublicAddressInASCII(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://bücher.example":              "https://xn--bcher-kva.example",
		"https://Bücher.example:8443/ü x/%20": "https://xn--bcher-kva.example:8443/%C3%BC%20x/%20",
		"https://posse.example.org/a%2Fb/":    "https://posse.example.org/a%2Fb",
	} {
		c, err := load("", []string{"POSTERN_WEB_BASE_URL=" + given})
		require.NoError(t, err, given)
		require.Equal(t, want, c.Web.BaseURL)
	}
	_, err := load("", []string{"POSTERN_WEB_BASE_URL=https://ü_x.example"})
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
	_, err := load(file, []string{"POSTERN_LOG_FORMAT=xml", "POSTERN_FEEDS_MAX_BYTES=many"})
	require.Error(t, err)
	for _, want := range []string{
		"there is no key data_dri; did you mean data_dir?",
		"there is no key evry; remove it, or take one of those in config.example.toml\n",
		"there is no key nothing",
		"web.listen must be a text in quotes",
		"web.base_url is plain http. Use https, or add the range of its address to network.allow",
		"feeds.schedule cannot be used: schedule \"sometimes\"",
		"feeds.timeout must be a length of time in quotes",
		"publish.settle must be at least 1s, not 10ms",
		"instagram.api_url is plain http",
		"instagram.api_version must look like v24.0",
		`network.allow contains "home", which is not an address range`,
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
	_, err := load(filepath.Join(t.TempDir(), "none.toml"), nil)
	require.ErrorContains(t, err, "none.toml", "a file that was named must be there")

	_, err = load(write(t, "broken.toml", "[web]\nlisten = \n"), nil)
	require.ErrorContains(t, err, "broken.toml line 2:")
	require.NotContains(t, err.Error(), "\n")

	c, err := load(write(t, "empty.toml", "[web]\n"), []string{"POSTERN_WEB_BASEURL=x"})
	require.NoError(t, err)
	require.Equal(t, []string{"Postern does not know the environment variable POSTERN_WEB_BASEURL"}, c.Warnings)
}

// The example shows every key with its default, and one reason at least.
func TestConfigExample(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../config.example.toml")
	require.NoError(t, err)
	values, err := decodeTOML("config.example.toml", body)
	require.NoError(t, err)
	shown := map[string]any{}
	for _, v := range values {
		shown[v.name] = v.value
	}
	c := Default()
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

func TestConfigOfTheMachine(t *testing.T) {
	t.Chdir(t.TempDir())
	from := Source{Machine: write(t, "machine.toml", `data_dir = "/var/lib/postern"`)}
	c, err := Load(from)
	require.NoError(t, err)
	require.Equal(t, "/var/lib/postern", c.DataDir)

	require.NoError(t, os.WriteFile(DefaultFile, []byte(`data_dir = "here"`), 0o600))
	c, err = Load(from)
	require.NoError(t, err)
	require.Equal(t, "here", c.DataDir, "the nearer one counts, alone")
	require.NoError(t, os.Remove(DefaultFile))

	from.Machine += ".none"
	c, err = Load(from)
	require.NoError(t, err)
	require.Equal(t, "data", c.DataDir)
}

// The packages' own configuration can be read, and keeps everything where the units let it.
func TestConfigOfThePackages(t *testing.T) {
	t.Parallel()
	c, err := load("../packaging/postern.toml", nil)
	require.NoError(t, err)
	require.Empty(t, c.Warnings)
	want := Default()
	want.DataDir = "/var/lib/postern"
	for i, k := range c.keys() {
		require.Equal(t, want.keys()[i].value(), k.value(), k.name)
	}
}

func TestRiskOfMetricsForOthers(t *testing.T) {
	t.Parallel()
	_, err := load("", []string{"POSTERN_METRICS_LISTEN=127.0.0.1"})
	require.ErrorContains(t, err, "metrics.listen")
	for address, risky := range map[string]bool{"0.0.0.0:9464": true, ":9464": true, "127.0.0.1:9464": false,
		"localhost:9464": false, "[::1]:9464": false} {
		c, err := load("", []string{"POSTERN_METRICS_LISTEN=" + address})
		require.NoError(t, err)
		require.Equal(t, risky, strings.Contains(strings.Join(c.Risks, "\n"), "metrics.listen"), address)
	}
}
