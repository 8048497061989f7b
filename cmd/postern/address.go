package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"postern/address"
	"postern/media"
	"postern/redact"
	"postern/store"
	"postern/web"
)

// Keys of the bucket that may come from the environment instead of a file.
const (
	envS3AccessKey = "POSTERN_MEDIA_S3_ACCESS_KEY"
	envS3SecretKey = "POSTERN_MEDIA_S3_SECRET_KEY"
)

// S3Config is the bucket of [media.s3].
type S3Config struct {
	Endpoint, Region, Bucket, Prefix, PublicURL string
	AccessKeyFile, SecretKeyFile                string

	AccessKey, SecretKey redact.Secret // from the environment
}

// prefixWords need no escaping in an address.
var prefixWords = regexp.MustCompile(`^[A-Za-z0-9._/-]*$`)

// used says that there is to be a bucket.
func (c S3Config) used() bool {
	return c.Endpoint != "" || c.Bucket != "" || c.PublicURL != "" || c.AccessKeyFile != "" || c.SecretKeyFile != ""
}

// check complains about a bucket that is only half described.
func (c *Config) checkS3(complain func(name, format string, args ...any)) (warnings []string) {
	s := &c.Media.S3
	if !s.used() {
		return nil
	}
	if s.Bucket == "" {
		complain("media.s3.bucket", "must name the bucket")
	}
	if !prefixWords.MatchString(s.Prefix) || strings.Contains(s.Prefix, "..") {
		complain("media.s3.prefix", "must be made of letters, digits, - _ . and /, not %q", s.Prefix)
	}
	warnings = append(warnings, c.checkURL(complain, "media.s3.endpoint", &s.Endpoint)...)
	warnings = append(warnings, c.checkURL(complain, "media.s3.public_url", &s.PublicURL)...)
	for _, k := range []struct {
		name, file, variable string
		value                redact.Secret
	}{
		{"media.s3.access_key_file", s.AccessKeyFile, envS3AccessKey, s.AccessKey},
		{"media.s3.secret_key_file", s.SecretKeyFile, envS3SecretKey, s.SecretKey},
	} {
		if k.file == "" && k.value == "" {
			complain(k.name, "must name the file that holds the key, or set %s", k.variable)
		}
	}
	return warnings
}

// bucket is what address needs to know; nil without one. The environment wins over the files.
func (c S3Config) bucket() (*address.Bucket, error) {
	if !c.used() {
		return nil, nil
	}
	access, err := c.key(c.AccessKey, "media.s3.access_key_file", c.AccessKeyFile)
	if err != nil {
		return nil, err
	}
	secret, err := c.key(c.SecretKey, "media.s3.secret_key_file", c.SecretKeyFile)
	if err != nil {
		return nil, err
	}
	return &address.Bucket{
		Endpoint: c.Endpoint, Region: c.Region, Name: c.Bucket, Prefix: c.Prefix, PublicURL: c.PublicURL,
		AccessKey: access.Reveal(), SecretKey: secret,
	}, nil
}

func (S3Config) key(given redact.Secret, name, file string) (redact.Secret, error) {
	if given != "" {
		return given, nil
	}
	s, err := secretFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// mediaFolder is where Instagram fetches our files, without a slash at the end; "" for nowhere.
func (c Config) mediaFolder() string {
	switch s := c.Media.S3; {
	case s.used():
		return strings.TrimRight(s.PublicURL+"/"+strings.Trim(s.Prefix, "/"), "/")
	case c.Web.BaseURL != "":
		return c.Web.BaseURL + "/media"
	}
	return ""
}

// publicAddress is where Instagram fetches what is in the library.
func (a *App) publicAddress(l *media.Library) (*address.Public, error) {
	b, err := a.cfg.Media.S3.bucket()
	if err != nil {
		return nil, err
	}
	if b != nil {
		a.cfg.hide.Add(b.AccessKey, b.SecretKey.Reveal())
	}
	return address.New(address.Options{
		BaseURL: a.cfg.Web.BaseURL, Bucket: b, Library: l, Store: a.store, Client: a.fetch, Allow: a.cfg.Network.Allow,
		Logger: a.log,
	})
}

// serveMedia hands out the prepared files on web.listen, for a command that runs without the daemon.
func (a *App) serveMedia(ctx context.Context, l *media.Library) (stop func(), err error) {
	at, err := listen(ctx, "web.listen", a.cfg.Web.Listen)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/media/", l.Handler())
	return a.serveHTTP(at, mux, func(error) {}).stop, nil
}

// checkAddress asks for a file of ours as Instagram would. Without a daemon the files are served meanwhile.
func (a *App) checkAddress(ctx context.Context) []store.Finding {
	return a.askAddress(ctx, (*address.Public).Check)
}

// lookAtAddress is checkAddress for whoever may change nothing in the database.
func (a *App) lookAtAddress(ctx context.Context) []store.Finding {
	return append(a.askAddress(ctx, (*address.Public).Look), a.lookAtProxy(ctx)...)
}

// lookAtProxy names the proxy in front of the pages that is not trusted.
func (a *App) lookAtProxy(ctx context.Context) []store.Finding {
	proxy, err := web.UntrustedProxy(ctx, a.store, a.cfg.Web.TrustedProxies, time.Now())
	if err != nil {
		return []store.Finding{ill("proxy", "see what is said of the database",
			"which proxies there are could not be read: %s", oneLine(err.Error()))}
	}
	if !proxy.IsValid() {
		return nil
	}
	return []store.Finding{remark("proxy", web.ProxyAdvice(proxy),
		"the pages were opened through a proxy at %s, which is not trusted: all its visitors count as one, and "+
			"strangers can use up the log-in attempts", proxy)}
}

func (a *App) askAddress(ctx context.Context,
	ask func(*address.Public, context.Context) []store.Finding) []store.Finding {
	trouble := func(err error) []store.Finding {
		return []store.Finding{{Check: "media.url",
			Detail: "the public address could not be checked: " + oneLine(err.Error()),
			Remedy: "mend that, and check again"}}
	}
	if a.cfg.mediaFolder() == "" {
		return ask(nil, ctx)
	}
	l, err := media.Beside(filepath.Join(a.cfg.DataDir, "media"))
	if err != nil {
		return trouble(err)
	}
	p, err := a.publicAddress(l)
	if err != nil {
		return trouble(err)
	}
	if !a.cfg.Media.S3.used() {
		holder, err := lockHolder(a.cfg.DataDir)
		if err != nil {
			return trouble(err)
		}
		if holder == "" { // the directory stays free: the daemon may be started at any moment
			if stop, err := a.serveMedia(ctx, l); err == nil {
				defer stop()
			}
		}
	}
	return ask(p, ctx)
}
