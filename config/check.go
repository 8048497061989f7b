package config

import (
	"math"
	"net"
	"net/netip"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"postern/address"
	"postern/egress"
	"postern/feed"
	"postern/media"
	"postern/words"
)

var apiVersion = regexp.MustCompile(`^v[0-9]+\.[0-9]+$`)

// complaint records a sentence that tells why the value of the named key cannot be used.
type complaint func(name, sentence string)

// check complains about values that cannot work together or alone, and returns the risks of those that are allowed.
func (c *Config) check(complain complaint) (risks []string) {
	if c.DataDir == "" {
		complain("data_dir", words.ConfigNoDirectory("data_dir"))
	}
	risks = append(risks, c.checkWeb(complain)...)
	risks = append(risks, c.checkInstagram(complain)...)
	if err := feed.ParseSchedule(c.Feeds.Schedule); err != nil {
		complain("feeds.schedule", words.ConfigNoSchedule("feeds.schedule", singleLine(err.Error())))
	}
	risks = append(risks, c.checkTimes(complain)...)
	if c.Feeds.MaxBytes < 1<<10 {
		complain("feeds.max_bytes", words.ConfigTooSmall("feeds.max_bytes", 1<<10, c.Feeds.MaxBytes))
	}
	c.checkMedia(complain)
	risks = append(risks, c.checkS3(complain)...)
	if c.Log.Format != "text" && c.Log.Format != "json" {
		complain("log.format", words.ConfigNoFormat("log.format", c.Log.Format))
	}
	return risks
}

// checkWeb checks who reaches Postern, and whom Postern believes.
func (c *Config) checkWeb(complain complaint) (risks []string) {
	checkListen(complain, "web.listen", c.Web.Listen)
	if c.Metrics.Listen != "" {
		checkListen(complain, "metrics.listen", c.Metrics.Listen)
		if host, _, err := net.SplitHostPort(c.Metrics.Listen); err == nil && host != "localhost" &&
			!net.ParseIP(host).IsLoopback() {
			risks = append(risks, words.RiskMetricsOpen)
		}
	}
	if c.Web.BaseURL != "" {
		risks = append(risks, c.checkURL(complain, "web.base_url", &c.Web.BaseURL)...)
		if advice := address.PathAdvice(c.Web.BaseURL); advice != "" {
			risks = append(risks, advice)
		}
	}
	if coversEverything(c.Web.TrustedProxies) {
		risks = append(risks, words.RiskProxiesWide)
	}
	if coversEverything(c.Network.Allow) {
		risks = append(risks, words.RiskAllowWide)
	}
	return risks
}

// checkInstagram checks where the API is.
func (c *Config) checkInstagram(complain complaint) (risks []string) {
	risks = c.checkURL(complain, "instagram.api_url", &c.Instagram.APIURL)
	if c.Instagram.AuthorizeURL != "" {
		risks = append(risks, c.checkURL(complain, "instagram.authorize_url", &c.Instagram.AuthorizeURL)...)
	}
	if c.Instagram.TokenURL != "" {
		risks = append(risks, c.checkURL(complain, "instagram.token_url", &c.Instagram.TokenURL)...)
	}
	if !apiVersion.MatchString(c.Instagram.APIVersion) {
		complain("instagram.api_version", words.ConfigNoVersion("instagram.api_version", c.Instagram.APIVersion))
	}
	return risks
}

// checkTimes checks the timeouts and the settle time.
func (c *Config) checkTimes(complain complaint) (risks []string) {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"publish.settle", c.Publish.Settle}, {"instagram.timeout", c.Instagram.Timeout},
		{"feeds.timeout", c.Feeds.Timeout}, {"media.timeout", c.Media.Timeout},
	} {
		if d.value < time.Second {
			complain(d.name, words.ConfigTooShort(d.name, d.value))
		}
	}
	switch settle := c.Publish.Settle; {
	case settle < leastSettle && settle >= time.Second:
		return []string{words.RiskSettleShort(settle)}
	case settle > mostSettle:
		return []string{words.RiskSettleLong(settle)}
	}
	return nil
}

// checkMedia checks how pictures and videos are prepared.
func (c *Config) checkMedia(complain complaint) {
	if c.Media.KeepDays < 1 || c.Media.KeepDays > 3650 {
		complain("media.keep_days", words.ConfigOutOfRange("media.keep_days", 1, 3650, c.Media.KeepDays))
	}
	if c.Media.MaxBytes < 1<<20 {
		complain("media.max_bytes", words.ConfigTooSmall("media.max_bytes", 1<<20, c.Media.MaxBytes))
	}
	if f := c.Media.FFmpeg; f != "" && f != media.NoFFmpeg {
		if _, err := exec.LookPath(f); err != nil {
			complain("media.ffmpeg", words.ConfigNoProgram("media.ffmpeg", f))
		}
	}
}

// A settle time outside of these is allowed, with a warning.
const (
	leastSettle = 10 * time.Second
	mostSettle  = time.Hour
)

// coversEverything reports whether the ranges name so much of IPv4 or IPv6 that they leave out next to nothing.
func coversEverything(ranges []netip.Prefix) bool {
	var four, six float64
	for _, p := range ranges {
		share := math.Pow(2, -float64(p.Bits()))
		if p.Addr().Is4() {
			four += share
		} else {
			six += share
		}
	}
	const most = 1.0 / 16 // 10.0.0.0/8 and all other private ranges together are less
	return four > most || six > most
}

// checkListen complains unless the value is an address and a port.
func checkListen(complain complaint, name, address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		complain(name, words.ConfigNoListen(name, address))
	}
}

// checkURL demands https, except towards addresses that network.allow names: those are the owner's own.
func (c *Config) checkURL(complain complaint, name string, address *string) (risks []string) {
	*address = strings.TrimRight(*address, "/")
	u, err := url.Parse(*address)
	if err == nil { // in ASCII, as Instagram's API and browsers want it
		if host := u.Hostname(); strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
			var ascii string
			if ascii, err = idna.Lookup.ToASCII(host); err == nil {
				u.Host = strings.Replace(u.Host, host, ascii, 1)
			}
		}
		*address = u.String()
	}
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		complain(name, words.ConfigNoURL(name))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		complain(name, words.ConfigURLWithMore(name))
	case u.Scheme == "http" && !egress.Allowed(u.Hostname(), c.Network.Allow):
		complain(name, words.ConfigPlainHTTPRefused(name))
	case u.Scheme == "http":
		return []string{words.RiskPlainHTTP(name)}
	}
	return nil
}
