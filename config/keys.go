package config

import (
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/words"
)

// key is one setting of the file: its name there, how its value is read, and its value as the file would have it.
type key struct {
	name  string
	read  func(v any) error // the error is a sentence with the name
	value func() any
}

// env is the variable that sets the key.
func (k key) env() string {
	return "POSTERN_" + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// Named returns the name of a key with its variable, as messages show it to those who may have set either.
func Named(name string) string { return name + " (" + key{name: name}.env() + ")" }

// keys is the one list of what can be configured: file, environment, example and messages all come from it.
func (c *Config) keys() []key {
	return []key{
		textKey("data_dir", &c.DataDir),
		textKey("web.listen", &c.Web.Listen),
		textKey("web.base_url", &c.Web.BaseURL),
		rangesKey("web.trusted_proxies", &c.Web.TrustedProxies),
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

// Variables of the environment that commands read secrets from.
const (
	EnvAccessToken = "POSTERN_ACCESS_TOKEN"
	EnvAppSecret   = "POSTERN_APP_SECRET"
	EnvWebhook     = "POSTERN_WEBHOOK" // a webhook's URL
)

// otherVariables are read from the environment without being keys of the file.
var otherVariables = []string{"POSTERN_CONFIG", EnvAccessToken, EnvAppSecret, envSecretKey, envSecretKeyFile,
	envS3AccessKey, envS3SecretKey, EnvWebhook}

func textKey(name string, into *string) key {
	return key{name, func(v any) error {
		s, ok := v.(string)
		if !ok {
			return errors.New(words.ConfigNoText(name))
		}
		*into = strings.TrimSpace(s)
		return nil
	}, func() any { return *into }}
}

func durationKey(name string, into *time.Duration) key {
	return key{name, func(v any) error {
		s, _ := v.(string)
		d, err := words.ParseSpan(s)
		if err != nil {
			return errors.New(words.ConfigNoDuration(name))
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
			return errors.New(words.ConfigNoBool(name))
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
			return errors.New(words.ConfigNoNumber(name))
		}
		*into = n
		return nil
	}, func() any { return *into }}
}

func levelKey(name string, into *slog.Level) key {
	return key{name, func(v any) error {
		s, _ := v.(string)
		if !slices.Contains([]string{"debug", "info", "warn", "error"}, strings.TrimSpace(s)) {
			return errors.New(words.ConfigNoLevel(name))
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
					return errors.New(words.ConfigNoList(name))
				}
				out = append(out, s)
			}
		default:
			return errors.New(words.ConfigNoList(name))
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
					return errors.New(words.ConfigNoRanges(name))
				}
				texts = append(texts, s)
			}
		default:
			return errors.New(words.ConfigNoRanges(name))
		}
		out := []netip.Prefix{} // an empty list is not the default
		for _, s := range texts {
			p, ok := parseRange(strings.TrimSpace(s))
			if !ok {
				return errors.New(words.ConfigNoRange(name, strings.TrimSpace(s)))
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

// parseRange reads an address or a range of addresses.
func parseRange(s string) (p netip.Prefix, ok bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p, err == nil
}
