package config

import (
	"log/slog"
	"net/netip"
	"path/filepath"
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
