package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"postern/address"
	"postern/config"
	"postern/daemon"
	"postern/media"
	"postern/redact"
	"postern/store"
	"postern/web/access"
	"postern/words"
)

// bucket returns what address needs to know; nil without a bucket. The environment wins over the files.
func bucket(c config.S3) (*address.Bucket, error) {
	if !c.Used() {
		return nil, nil
	}
	access, err := bucketKey(c.AccessKey, "media.s3.access_key_file", c.AccessKeyFile)
	if err != nil {
		return nil, err
	}
	secret, err := bucketKey(c.SecretKey, "media.s3.secret_key_file", c.SecretKeyFile)
	if err != nil {
		return nil, err
	}
	return &address.Bucket{
		Endpoint: c.Endpoint, Region: c.Region, Name: c.Bucket, Prefix: c.Prefix, PublicURL: c.PublicURL,
		AccessKey: access.Reveal(), SecretKey: secret,
	}, nil
}

// bucketKey returns the key that the environment gave, else that of the file. name is the setting, for errors.
func bucketKey(given redact.Secret, name, file string) (redact.Secret, error) {
	if given != "" {
		return given, nil
	}
	s, err := secretFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// publicAddress is where Instagram fetches what is in the library.
func (a *App) publicAddress(l *media.Library) (*address.Public, error) {
	b, err := bucket(a.cfg.Media.S3)
	if err != nil {
		return nil, err
	}
	if b != nil {
		a.cfg.Redactor.Add(b.AccessKey, b.SecretKey.Reveal())
	}
	return address.New(address.Options{
		BaseURL: a.cfg.Web.BaseURL, Bucket: b, Library: l, Store: a.store, Client: a.fetch, Allow: a.cfg.Network.Allow,
		Logger: a.log,
	})
}

// serveMedia hands out the prepared files on web.listen, for a command that runs without the daemon.
func (a *App) serveMedia(ctx context.Context, l *media.Library) (stop func(), err error) {
	at, err := daemon.Listen(ctx, "web.listen", a.cfg.Web.Listen)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/media/", l.Handler())
	return daemon.Serve(at, mux, a.log, func(error) {}).Stop, nil
}

// checkAddress asks for a file of ours as Instagram would. Without a daemon the files are served meanwhile.
func (a *App) checkAddress(ctx context.Context) []store.Finding {
	return a.askAddress(ctx, (*address.Public).Check)
}

// checkAddressReadOnly does what checkAddress does and writes nothing to the database.
func (a *App) checkAddressReadOnly(ctx context.Context) []store.Finding {
	return append(a.askAddress(ctx, (*address.Public).CheckReadOnly), a.checkProxy(ctx)...)
}

// checkProxy returns a finding about a proxy in front of the pages that is not trusted.
func (a *App) checkProxy(ctx context.Context) []store.Finding {
	proxy, err := access.UntrustedProxy(ctx, a.store, a.cfg.Web.TrustedProxies, time.Now())
	if err != nil {
		return []store.Finding{ill("proxy", words.CheckDatabase, words.DoctorProxiesUnreadable(oneLine(err.Error())))}
	}
	if !proxy.IsValid() {
		return nil
	}
	return []store.Finding{remark("proxy", access.ProxyAdvice(proxy), words.DoctorProxyUntrusted(proxy.String()))}
}

func (a *App) askAddress(ctx context.Context,
	ask func(*address.Public, context.Context) []store.Finding) []store.Finding {
	trouble := func(err error) []store.Finding {
		return []store.Finding{{Check: "media.url",
			Detail: words.PublicUnchecked(oneLine(err.Error())), Remedy: words.FixBucketUpload}}
	}
	if a.cfg.MediaURL() == "" {
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
	if !a.cfg.Media.S3.Used() {
		holder, err := daemon.LockHolder(a.cfg.DataDir)
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
