package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/egress"
	"postern/feed"
	"postern/media"
	"postern/redact"
)

// Config is what an owner can choose for the whole program. keys lists every field with its name.
type Config struct {
	DataDir string // relative to the working directory
	risks   []string
	hide    *redact.Redactor // the secrets of this run, for everything that is written
	notify  []string         // notify.urls and what is in notify.urls_file
	keyText string           // the key of the stored secrets, when the environment has it
	keyFile string           // … or its file, when that is not secret.key

	Web struct {
		Listen, BaseURL string
		TrustedProxies  []netip.Prefix
	}
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
	c.Web.TrustedProxies = egress.Loopback()
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

// loadConfig reads defaults, then the file, then the environment. path "" is a default file, which need not be
// there. The warnings are about what was given; what is risky about what it says is in c.risks. The error names
// every mistake at once.
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
		return c, nil,
			fmt.Errorf(
				"the configuration cannot be read: %w: run this as its user, such as `sudo -u postern postern …`, "+
					"or choose another file with --config (/dev/null is none)", err)
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
				mistakes = append(mistakes,
					fmt.Sprintf("%s: there is no key %s%s", name, v.name,
						didYouMean(v.name, slices.Collect(maps.Keys(byName)))))
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
				c.Media.S3.AccessKey = redact.Secret(strings.TrimSpace(value))
			case envS3SecretKey:
				c.Media.S3.SecretKey = redact.Secret(strings.TrimSpace(value))
			}
			if !slices.Contains(otherVariables, variable) {
				warnings = append(warnings,
					fmt.Sprintf("the environment variable %s means nothing to postern", variable))
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
