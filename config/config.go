package config

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

// Config holds what an owner can choose for the whole program. keys lists every field with its name.
type Config struct {
	DataDir  string           // relative to the working directory
	Warnings []string         // variables of the environment that Postern does not know
	Risks    []string         // values that are allowed and risky
	Redactor *redact.Redactor // the secrets of this run, for everything that is written; nil knows none
	keyText  string           // the key of the stored secrets, when the environment has it
	keyFile  string           // … or its file, when that is not secret.key

	Web struct {
		Listen, BaseURL string
		TrustedProxies  []netip.Prefix
	}
	Feeds     Feeds
	Publish   struct{ Settle time.Duration }
	Instagram struct {
		APIURL, APIVersion     string
		AuthorizeURL, TokenURL string // "" goes by APIURL
		Timeout                time.Duration
	}
	Media   Media
	Metrics struct{ Listen string }
	Network struct{ Allow []netip.Prefix }
	Notify  struct {
		URLs     []string
		URLsFile string
		Targets  []redact.Secret // those of URLs, then those in URLsFile
	}
	Log struct {
		Level  slog.Level
		Format string
	}
}

// DatabasePath returns the file of the database.
func (c Config) DatabasePath() string { return filepath.Join(c.DataDir, "postern.db") }

// Media holds how pictures and videos are prepared.
type Media struct {
	KeepDays int64
	MaxBytes int64         // of all prepared files together
	Timeout  time.Duration // of fetching a picture, ten times as long for a video
	FFmpeg   string        // "" looks for it, media.NoFFmpeg does not
	S3       S3
}

// Feeds holds how feeds are fetched.
type Feeds struct {
	Schedule string
	Timeout  time.Duration
	MaxBytes int64
	OGImage  bool // the picture that an entry's page names, for want of another
}

// Default returns the configuration of somebody who chose nothing.
func Default() Config {
	c := Config{DataDir: "data"}
	c.Web.Listen = "127.0.0.1:8484"
	c.Web.TrustedProxies = egress.Loopback()
	c.Feeds = Feeds{Schedule: "@every 5m", Timeout: 30 * time.Second, MaxBytes: feed.DefaultMaxBytes}
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

// Source names what a configuration is read from.
type Source struct {
	File    string   // it must exist; "" reads DefaultFile or else Machine, if there is one
	Machine string   // the file for a whole machine; "" for none
	Environ []string // as os.Environ returns it
}

// Load reads the defaults, then the file, then the environment. The error is *MistakesError for values that are wrong and
// names all of them. The Warnings and the Redactor of the Config count even then.
func Load(from Source) (Config, error) {
	path, environ := from.File, from.Environ
	c := Default()
	byName := map[string]key{}
	for _, k := range c.keys() {
		byName[k.name] = k
	}
	var mistakes []string
	origin := map[string]string{} // where a key's value comes from, for messages
	complain := func(name, format string, args ...any) {
		where := name
		if f := origin[name]; f != "" {
			where = f + ": " + name
		}
		mistakes = append(mistakes, where+" "+fmt.Sprintf(format, args...))
	}

	name := path
	if name == "" {
		name = DefaultFile
	}
	body, err := os.ReadFile(name)
	// Whoever became another user may stand in a directory that this one must not look into.
	if path == "" && from.Machine != "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		machine, machineErr := os.ReadFile(from.Machine)
		if machineErr == nil || errors.Is(err, fs.ErrNotExist) {
			name, body, err = from.Machine, machine, machineErr
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && path == "":
	case errors.Is(err, fs.ErrPermission) && path == "":
		return c, fmt.Errorf("the configuration cannot be read: %w: run this as its user, such as `sudo -u postern postern …`, or choose another file with --config (/dev/null is none)", err)
	case err != nil:
		return c, fmt.Errorf("the configuration cannot be read: %w", err)
	default:
		values, err := decodeTOML(name, body)
		if err != nil {
			return c, err
		}
		for _, v := range values {
			k, ok := byName[v.name]
			if !ok {
				mistakes = append(mistakes, fmt.Sprintf("%s: there is no key %s%s", name, v.name, Suggestion(v.name, slices.Collect(maps.Keys(byName)))))
				continue
			}
			origin[k.name] = name
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
				c.Warnings = append(c.Warnings, fmt.Sprintf("the environment variable %s means nothing to postern", variable))
			}
			continue
		}
		origin[k.name] = variable
		if err := k.read(value); err != nil {
			complain(k.name, "%s", err)
		}
	}

	c.Redactor = redact.New()
	for _, u := range c.Notify.URLs {
		c.Redactor.Add(u)
	}
	c.readNotify(complain)
	c.keyText, c.keyFile = outsideKey(environ, c.Redactor)
	c.Risks = c.check(complain)
	if len(mistakes) > 0 {
		return c, &MistakesError{mistakes}
	}
	return c, nil
}

// MistakesError holds everything that is wrong with a configuration, one line each.
type MistakesError struct{ Mistakes []string }

// Error returns the only mistake, or all of them below their number.
func (e *MistakesError) Error() string {
	if len(e.Mistakes) == 1 {
		return e.Mistakes[0]
	}
	return fmt.Sprintf("the configuration has %d mistakes:\n  %s", len(e.Mistakes), strings.Join(e.Mistakes, "\n  "))
}
