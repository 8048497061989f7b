package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"postern/egress"
	"postern/feed"
	"postern/instagram"
	"postern/media"
	"postern/redact"
)

// defaultConfigFile is read when it is there and no other one is named.
const defaultConfigFile = "postern.toml"

// systemConfig is read when no file is named and the working directory has none, if it is there. The linker sets it in
// programs that are installed for a whole machine: -ldflags "-X main.systemConfig=/etc/postern/postern.toml". Without it a
// command beside the daemon would work on a data directory of its own, where nobody knows what was published.
var systemConfig string

// configDefault says in the help which files are read by themselves.
func configDefault() string {
	if systemConfig == "" {
		return defaultConfigFile + " in the working directory, if there is one"
	}
	return defaultConfigFile + " in the working directory, else " + systemConfig + ", if there is one"
}

// Config is what an owner can choose for the whole program. keys lists every field with its name.
type Config struct {
	DataDir string // relative to the working directory
	risks   []string
	hide    *redact.Redactor // the secrets of this run, for everything that is written
	notify  []string         // notify.urls and what is in notify.urls_file
	keyText string           // the key of the stored secrets, when the environment has it
	keyFile string           // … or its file, when that is not secret.key

	Web       struct{ Listen, BaseURL string }
	Feeds     FeedsConfig
	Publish   struct{ Settle time.Duration }
	Instagram struct {
		APIURL, APIVersion     string
		AuthorizeURL, TokenURL string // "" goes by APIURL
		Timeout                time.Duration
	}
	Media   MediaConfig
	Metrics struct{ Listen string }
	Network struct{ Allow []netip.Prefix }
	Notify  struct {
		URLs     []string
		URLsFile string
	}
	Log struct {
		Level  slog.Level
		Format string
	}
}

func (c Config) databasePath() string { return filepath.Join(c.DataDir, "postern.db") }

// MediaConfig is how pictures and videos are prepared.
type MediaConfig struct {
	KeepDays int64
	MaxBytes int64         // of all prepared files together
	Timeout  time.Duration // of fetching a picture, ten times as long for a video
	FFmpeg   string        // "" looks for it, media.NoFFmpeg does not
	S3       S3Config
}

// FeedsConfig is how feeds are fetched.
type FeedsConfig struct {
	Schedule string
	Timeout  time.Duration
	MaxBytes int64
	OGImage  bool // the picture that an entry's page names, for want of another
}

func defaultConfig() Config {
	c := Config{DataDir: "data"}
	c.Web.Listen = "127.0.0.1:8484"
	c.Feeds = FeedsConfig{Schedule: "@every 5m", Timeout: 30 * time.Second, MaxBytes: feed.DefaultMaxBytes}
	c.Publish.Settle = 3 * time.Minute
	c.Instagram.APIURL = "https://graph.instagram.com"
	c.Instagram.APIVersion = "v24.0"
	c.Instagram.Timeout = time.Minute
	c.Media.KeepDays = 7
	c.Media.MaxBytes = media.DefaultMaxTotal
	c.Media.Timeout = time.Minute
	c.Media.S3.Region, c.Media.S3.Prefix = "us-east-1", "postern"
	c.Log.Format = "text"
	return c
}

// key is one setting of the file: its name there, how its value is read, and its value as the file would have it.
type key struct {
	name  string
	read  func(v any) error
	value func() any
}

// env is the variable that sets the key.
func (k key) env() string {
	return "POSTERN_" + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// keys is the one list of what can be configured: file, environment, example and messages all come from it.
func (c *Config) keys() []key {
	return []key{
		textKey("data_dir", &c.DataDir),
		textKey("web.listen", &c.Web.Listen),
		textKey("web.base_url", &c.Web.BaseURL),
		textKey("feeds.schedule", &c.Feeds.Schedule),
		durationKey("feeds.timeout", &c.Feeds.Timeout),
		numberKey("feeds.max_bytes", &c.Feeds.MaxBytes),
		boolKey("feeds.og_image", &c.Feeds.OGImage),
		durationKey("publish.settle", &c.Publish.Settle),
		textKey("instagram.api_url", &c.Instagram.APIURL),
		textKey("instagram.api_version", &c.Instagram.APIVersion),
		textKey("instagram.authorize_url", &c.Instagram.AuthorizeURL),
		textKey("instagram.token_url", &c.Instagram.TokenURL),
		durationKey("instagram.timeout", &c.Instagram.Timeout),
		numberKey("media.keep_days", &c.Media.KeepDays),
		numberKey("media.max_bytes", &c.Media.MaxBytes),
		durationKey("media.timeout", &c.Media.Timeout),
		textKey("media.ffmpeg", &c.Media.FFmpeg),
		textKey("media.s3.endpoint", &c.Media.S3.Endpoint),
		textKey("media.s3.region", &c.Media.S3.Region),
		textKey("media.s3.bucket", &c.Media.S3.Bucket),
		textKey("media.s3.prefix", &c.Media.S3.Prefix),
		textKey("media.s3.public_url", &c.Media.S3.PublicURL),
		textKey("media.s3.access_key_file", &c.Media.S3.AccessKeyFile),
		textKey("media.s3.secret_key_file", &c.Media.S3.SecretKeyFile),
		textKey("metrics.listen", &c.Metrics.Listen),
		rangesKey("network.allow", &c.Network.Allow),
		listKey("notify.urls", &c.Notify.URLs),
		textKey("notify.urls_file", &c.Notify.URLsFile),
		levelKey("log.level", &c.Log.Level),
		textKey("log.format", &c.Log.Format),
	}
}

// otherVariables are read from the environment without being keys of the file.
var otherVariables = []string{"POSTERN_CONFIG", envAccessToken, envAppSecret, envSecretKey, envSecretKeyFile, envS3AccessKey, envS3SecretKey, envWebhook}

func textKey(name string, into *string) key {
	return key{name, func(v any) error {
		s, ok := v.(string)
		if !ok {
			return errors.New("must be a text in quotes")
		}
		*into = strings.TrimSpace(s)
		return nil
	}, func() any { return *into }}
}

func durationKey(name string, into *time.Duration) key {
	return key{name, func(v any) error {
		s, _ := v.(string)
		d, err := time.ParseDuration(strings.TrimSpace(s))
		if err != nil {
			return errors.New(`must be a length of time in quotes, such as "90s" or "3m"`)
		}
		*into = d
		return nil
	}, func() any { return *into }}
}

func boolKey(name string, into *bool) key {
	return key{name, func(v any) error {
		b, ok := v.(bool)
		if s, text := v.(string); text {
			var err error
			b, err = strconv.ParseBool(strings.TrimSpace(s))
			ok = err == nil
		}
		if !ok {
			return errors.New("must be true or false")
		}
		*into = b
		return nil
	}, func() any { return *into }}
}

func numberKey(name string, into *int64) key {
	return key{name, func(v any) error {
		n, ok := v.(int64)
		if s, text := v.(string); text {
			var err error
			n, err = strconv.ParseInt(strings.TrimSpace(s), 10, 64)
			ok = err == nil
		}
		if !ok {
			return errors.New("must be a whole number")
		}
		*into = n
		return nil
	}, func() any { return *into }}
}

func levelKey(name string, into *slog.Level) key {
	return key{name, func(v any) error {
		s, _ := v.(string)
		if !slices.Contains([]string{"debug", "info", "warn", "error"}, strings.TrimSpace(s)) {
			return errors.New("must be debug, info, warn or error")
		}
		return into.UnmarshalText([]byte(strings.TrimSpace(s)))
	}, func() any { return strings.ToLower(into.String()) }}
}

func listKey(name string, into *[]string) key {
	return key{name, func(v any) error {
		var out []string
		switch v := v.(type) {
		case string:
			out = strings.Split(v, ",")
		case []any:
			for _, e := range v {
				s, ok := e.(string)
				if !ok {
					return errors.New(`must be a list of texts in quotes`)
				}
				out = append(out, s)
			}
		default:
			return errors.New(`must be a list of texts in quotes`)
		}
		*into = nil
		for _, s := range out {
			if s = strings.TrimSpace(s); s != "" {
				*into = append(*into, s)
			}
		}
		return nil
	}, func() any { return append([]string{}, *into...) }}
}

func rangesKey(name string, into *[]netip.Prefix) key {
	return key{name, func(v any) error {
		var texts []string
		switch v := v.(type) {
		case string:
			if strings.TrimSpace(v) != "" {
				texts = strings.Split(v, ",")
			}
		case []any:
			for _, e := range v {
				s, ok := e.(string)
				if !ok {
					return errors.New(`must be a list of address ranges, such as ["127.0.0.0/8"]`)
				}
				texts = append(texts, s)
			}
		default:
			return errors.New(`must be a list of address ranges, such as ["127.0.0.0/8"]`)
		}
		var out []netip.Prefix
		for _, s := range texts {
			p, err := parseRange(strings.TrimSpace(s))
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		*into = out
		return nil
	}, func() any {
		out := []string{}
		for _, p := range *into {
			out = append(out, p.String())
		}
		return out
	}}
}

func parseRange(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf(`%q is no address range such as "127.0.0.0/8"`, s)
	}
	return p, nil
}

// loadConfig reads defaults, then the file, then the environment. path "" is a default file, which need not be there.
// The warnings are about what was given; what is risky about what it says is in c.risks. The error names every mistake at
// once.
func loadConfig(path string, environ []string) (c Config, warnings []string, err error) {
	c = defaultConfig()
	byName := map[string]key{}
	for _, k := range c.keys() {
		byName[k.name] = k
	}
	var mistakes []string
	from := map[string]string{} // where a key's value comes from, for messages
	complain := func(name, format string, args ...any) {
		where := name
		if f := from[name]; f != "" {
			where = f + ": " + name
		}
		mistakes = append(mistakes, where+" "+fmt.Sprintf(format, args...))
	}

	name := path
	if name == "" {
		name = defaultConfigFile
	}
	body, err := os.ReadFile(name)
	// Whoever became another user may stand in a directory that this one must not look into.
	if path == "" && systemConfig != "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		machine, machineErr := os.ReadFile(systemConfig)
		if machineErr == nil || errors.Is(err, fs.ErrNotExist) {
			name, body, err = systemConfig, machine, machineErr
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && path == "":
	case errors.Is(err, fs.ErrPermission) && path == "":
		return c, nil, fmt.Errorf("the configuration cannot be read: %w: run this as its user, such as `sudo -u postern postern …`, or choose another file with --config (/dev/null is none)", err)
	case err != nil:
		return c, nil, fmt.Errorf("the configuration cannot be read: %w", err)
	default:
		values, err := decodeTOML(name, body)
		if err != nil {
			return c, nil, err
		}
		for _, v := range values {
			k, ok := byName[v.name]
			if !ok {
				mistakes = append(mistakes, fmt.Sprintf("%s: there is no key %s%s", name, v.name, didYouMean(v.name, byName)))
				continue
			}
			from[k.name] = name
			if err := k.read(v.value); err != nil {
				complain(k.name, "%s", err)
			}
		}
	}

	byEnv := map[string]key{}
	for _, k := range byName {
		byEnv[k.env()] = k
	}
	for _, e := range slices.Sorted(slices.Values(environ)) {
		variable, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(variable, "POSTERN_") {
			continue
		}
		k, ok := byEnv[variable]
		if !ok {
			switch variable {
			case envS3AccessKey:
				c.Media.S3.AccessKey = instagram.Secret(strings.TrimSpace(value))
			case envS3SecretKey:
				c.Media.S3.SecretKey = instagram.Secret(strings.TrimSpace(value))
			}
			if !slices.Contains(otherVariables, variable) {
				warnings = append(warnings, fmt.Sprintf("the environment variable %s means nothing to postern", variable))
			}
			continue
		}
		from[k.name] = variable
		if err := k.read(value); err != nil {
			complain(k.name, "%s", err)
		}
	}

	c.hide = redact.New()
	for _, u := range c.Notify.URLs {
		c.hide.Add(u)
	}
	c.readNotify(complain)
	c.keyText, c.keyFile = outsideKey(environ, c.hide)
	c.risks = c.check(complain)
	if len(mistakes) > 0 {
		return c, warnings, &mistakesError{mistakes}
	}
	return c, warnings, nil
}

// mistakesError is everything that is wrong with a configuration, one line each.
type mistakesError struct{ mistakes []string }

func (e *mistakesError) Error() string {
	if len(e.mistakes) == 1 {
		return e.mistakes[0]
	}
	return fmt.Sprintf("the configuration has %d mistakes:\n  %s", len(e.mistakes), strings.Join(e.mistakes, "\n  "))
}

type tomlValue struct {
	name  string
	value any
}

// decodeTOML flattens a file into dotted names. Nothing is decoded into types here, because a decoder stops at the first
// value that does not fit.
func decodeTOML(name string, body []byte) ([]tomlValue, error) {
	var tree map[string]any
	if _, err := toml.Decode(string(body), &tree); err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("%s line %d: %s", name, pe.Position.Line, oneLine(pe.Message))
		}
		return nil, fmt.Errorf("%s: %s", name, oneLine(err.Error()))
	}
	var out []tomlValue
	var walk func(prefix string, m map[string]any)
	walk = func(prefix string, m map[string]any) {
		for k, v := range m {
			if t, ok := v.(map[string]any); ok && len(t) > 0 {
				walk(prefix+k+".", t)
				continue
			} else if ok && knownTable(prefix+k) {
				continue
			}
			out = append(out, tomlValue{prefix + k, v})
		}
	}
	walk("", tree)
	sort.Slice(out, func(a, b int) bool { return out[a].name < out[b].name })
	return out, nil
}

// knownTable: an empty table such as [web] is no mistake.
func knownTable(name string) bool {
	c := defaultConfig()
	return slices.ContainsFunc(c.keys(), func(k key) bool { return strings.HasPrefix(k.name, name+".") })
}

// didYouMean finds the key that was probably meant: the same last part elsewhere, or few letters apart.
func didYouMean(name string, known map[string]key) string {
	last := func(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
	best, least := "", 4
	for k := range known {
		d := min(distance(name, k), distance(last(name), last(k))+1)
		if d < least || d == least && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance counts the letters to add, drop or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

var apiVersion = regexp.MustCompile(`^v[0-9]+\.[0-9]+$`)

// check complains about values that cannot work together or alone, and returns what is allowed but worth saying.
func (c *Config) check(complain func(name, format string, args ...any)) (warnings []string) {
	if c.DataDir == "" {
		complain("data_dir", "must name a directory")
	}
	checkListen(complain, "web.listen", c.Web.Listen)
	if c.Metrics.Listen != "" {
		checkListen(complain, "metrics.listen", c.Metrics.Listen)
		if host, _, err := net.SplitHostPort(c.Metrics.Listen); err == nil && host != "localhost" && !net.ParseIP(host).IsLoopback() {
			warnings = append(warnings, "metrics.listen is not on this machine alone: whoever reaches it reads the metrics without a token")
		}
	}
	if c.Web.BaseURL != "" {
		warnings = append(warnings, c.checkURL(complain, "web.base_url", &c.Web.BaseURL)...)
	}
	warnings = append(warnings, c.checkURL(complain, "instagram.api_url", &c.Instagram.APIURL)...)
	if c.Instagram.AuthorizeURL != "" {
		warnings = append(warnings, c.checkURL(complain, "instagram.authorize_url", &c.Instagram.AuthorizeURL)...)
	}
	if c.Instagram.TokenURL != "" {
		warnings = append(warnings, c.checkURL(complain, "instagram.token_url", &c.Instagram.TokenURL)...)
	}
	if !apiVersion.MatchString(c.Instagram.APIVersion) {
		complain("instagram.api_version", "must look like v24.0, not %q", c.Instagram.APIVersion)
	}
	if err := feed.ParseSchedule(c.Feeds.Schedule); err != nil {
		complain("feeds.schedule", "cannot be used: %s", oneLine(err.Error()))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"publish.settle", c.Publish.Settle}, {"instagram.timeout", c.Instagram.Timeout}, {"feeds.timeout", c.Feeds.Timeout}, {"media.timeout", c.Media.Timeout}} {
		if d.value < time.Second {
			complain(d.name, "must be at least 1s, not %s", d.value)
		}
	}
	if c.Feeds.MaxBytes < 1<<10 {
		complain("feeds.max_bytes", "must be at least 1024, not %d", c.Feeds.MaxBytes)
	}
	if c.Media.KeepDays < 1 || c.Media.KeepDays > 3650 {
		complain("media.keep_days", "must be from 1 to 3650, not %d", c.Media.KeepDays)
	}
	if c.Media.MaxBytes < 1<<20 {
		complain("media.max_bytes", "must be at least 1048576, not %d", c.Media.MaxBytes)
	}
	if f := c.Media.FFmpeg; f != "" && f != media.NoFFmpeg {
		if _, err := exec.LookPath(f); err != nil {
			complain("media.ffmpeg", `%q cannot be run; give its path, "off", or nothing to have it looked for`, f)
		}
	}
	warnings = append(warnings, c.checkS3(complain)...)
	if c.Log.Format != "text" && c.Log.Format != "json" {
		complain("log.format", "must be text or json, not %q", c.Log.Format)
	}
	return warnings
}

func checkListen(complain func(name, format string, args ...any), name, address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		complain(name, `must be an address and a port, such as "127.0.0.1:8484", not %q`, address)
	}
}

// checkURL demands https, except towards addresses that network.allow names: those are the owner's own.
func (c *Config) checkURL(complain func(name, format string, args ...any), name string, address *string) (warnings []string) {
	*address = strings.TrimRight(*address, "/")
	u, err := url.Parse(*address)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		complain(name, `must be an address such as "https://example.org"`)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		complain(name, "must be an address without a user, a question mark or a #")
	case u.Scheme == "http" && !egress.Allowed(u.Hostname(), c.Network.Allow):
		complain(name, "is plain http: use https, or name the range of its address in network.allow")
	case u.Scheme == "http":
		return []string{name + " is plain http: everything sent there can be read on the way"}
	}
	return nil
}
