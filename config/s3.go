package config

import (
	"regexp"
	"strings"

	"postern/redact"
	"postern/words"
)

// Keys of the bucket that may come from the environment instead of a file.
const (
	envS3AccessKey = "POSTERN_MEDIA_S3_ACCESS_KEY"
	envS3SecretKey = "POSTERN_MEDIA_S3_SECRET_KEY"
)

// S3 holds [media.s3]: the bucket that Instagram fetches from.
type S3 struct {
	Endpoint, Region, Bucket, Prefix, PublicURL string
	AccessKeyFile, SecretKeyFile                string

	AccessKey, SecretKey redact.Secret // from the environment; "" when they are in the files
}

// prefixWords need no escaping in an address.
var prefixWords = regexp.MustCompile(`^[A-Za-z0-9._/-]*$`)

// Used reports whether files go to a bucket.
func (c S3) Used() bool {
	return c.Endpoint != "" || c.Bucket != "" || c.PublicURL != "" || c.AccessKeyFile != "" || c.SecretKeyFile != ""
}

// checkS3 complains about a bucket that is only half described.
func (c *Config) checkS3(complain complaint) (risks []string) {
	s := &c.Media.S3
	if !s.Used() {
		return nil
	}
	if s.Bucket == "" {
		complain("media.s3.bucket", words.ConfigNoBucket("media.s3.bucket"))
	}
	if !prefixWords.MatchString(s.Prefix) || strings.Contains(s.Prefix, "..") {
		complain("media.s3.prefix", words.ConfigNoPrefix("media.s3.prefix", s.Prefix))
	}
	risks = append(risks, c.checkURL(complain, "media.s3.endpoint", &s.Endpoint)...)
	risks = append(risks, c.checkURL(complain, "media.s3.public_url", &s.PublicURL)...)
	for _, k := range []struct {
		name, file, variable string
		value                redact.Secret
	}{
		{"media.s3.access_key_file", s.AccessKeyFile, envS3AccessKey, s.AccessKey},
		{"media.s3.secret_key_file", s.SecretKeyFile, envS3SecretKey, s.SecretKey},
	} {
		if k.file == "" && k.value == "" {
			complain(k.name, words.ConfigNoKeyFile(k.name, k.variable))
		}
	}
	return risks
}

// MediaURL returns the public URL below which Instagram fetches our files, without a slash at the end; "" for none.
func (c Config) MediaURL() string {
	switch s := c.Media.S3; {
	case s.Used():
		return strings.TrimRight(s.PublicURL+"/"+strings.Trim(s.Prefix, "/"), "/")
	case c.Web.BaseURL != "":
		return c.Web.BaseURL + "/media"
	}
	return ""
}
