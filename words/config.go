package words

import (
	"fmt"
	"strings"
	"time"
)

// ConfigUnreadable tells why the configuration file cannot be read.
func ConfigUnreadable(file, why string) string {
	return fmt.Sprintf("the configuration cannot be read: %s: %s. Name an existing file with --config, or leave --config "+
		"out", file, why)
}

// ConfigForbidden tells that this user may not read the configuration file.
func ConfigForbidden(file, why string) string {
	return fmt.Sprintf("the configuration cannot be read: %s: %s. Run the command as the user that may read it, such as "+
		"`sudo -u postern postern …`, or name another file with --config (/dev/null for none)", file, why)
}

// ConfigKeyUnknown tells that a file has a key that there is not. meant is the key that was probably meant, "" for
// none.
func ConfigKeyUnknown(file, key, meant string) string {
	if meant != "" {
		return fmt.Sprintf("%s: there is no key %s; did you mean %s?", file, key, meant)
	}
	return fmt.Sprintf("%s: there is no key %s; remove it, or take one of those in config.example.toml", file, key)
}

// ConfigVariableUnknown tells that a variable of the environment begins like Postern's and is none of them.
func ConfigVariableUnknown(variable string) string {
	return fmt.Sprintf("Postern does not know the environment variable %s", variable)
}

// ConfigMistakes lists what is wrong with a configuration, two or more sentences.
func ConfigMistakes(mistakes []string) string {
	return fmt.Sprintf("the configuration has %d mistakes:\n  %s", len(mistakes), strings.Join(mistakes, "\n  "))
}

// The mistakes. key is the name of the setting.

// ConfigNoText tells that a value is not a text.
func ConfigNoText(key string) string { return key + " must be a text in quotes" }

// ConfigNoDuration tells that a value is not a length of time.
func ConfigNoDuration(key string) string {
	return key + ` must be a length of time in quotes, such as "90s", "3m" or "2d"`
}

// ConfigNoBool tells that a value is neither true nor false.
func ConfigNoBool(key string) string { return key + " must be true or false" }

// ConfigNoNumber tells that a value is not a whole number.
func ConfigNoNumber(key string) string { return key + " must be a whole number" }

// ConfigNoLevel tells that a value is not the level of a log.
func ConfigNoLevel(key string) string { return key + " must be debug, info, warn or error" }

// ConfigNoList tells that a value is not a list of texts.
func ConfigNoList(key string) string { return key + " must be a list of texts in quotes" }

// ConfigNoRanges tells that a value is not a list of address ranges.
func ConfigNoRanges(key string) string {
	return key + ` must be a list of address ranges, such as ["127.0.0.0/8"]`
}

// ConfigNoRange tells that one value of a list is not an address range.
func ConfigNoRange(key, value string) string {
	return fmt.Sprintf(`%s contains %q, which is not an address range such as "127.0.0.0/8"`, key, value)
}

// ConfigNoDirectory tells that no directory is named.
func ConfigNoDirectory(key string) string { return key + " must name a directory" }

// ConfigNoSchedule tells why a schedule cannot be used.
func ConfigNoSchedule(key, why string) string { return fmt.Sprintf("%s cannot be used: %s", key, why) }

// ConfigTooSmall tells the least value of a number.
func ConfigTooSmall(key string, least, value int64) string {
	return fmt.Sprintf("%s must be at least %d, not %d", key, least, value)
}

// ConfigOutOfRange tells the least and the most value of a number.
func ConfigOutOfRange(key string, least, most, value int64) string {
	return fmt.Sprintf("%s must be from %d to %d, not %d", key, least, most, value)
}

// ConfigTooShort tells that a length of time is below a second.
func ConfigTooShort(key string, value time.Duration) string {
	return fmt.Sprintf("%s must be at least 1s, not %s", key, value)
}

// ConfigNoFormat tells that a value is not the format of a log.
func ConfigNoFormat(key, value string) string {
	return fmt.Sprintf("%s must be text or json, not %q", key, value)
}

// ConfigNoVersion tells that a value is not a version of Instagram's API.
func ConfigNoVersion(key, value string) string {
	return fmt.Sprintf("%s must look like v24.0, not %q", key, value)
}

// ConfigNoProgram tells that ffmpeg is not at a path.
func ConfigNoProgram(key, path string) string {
	return fmt.Sprintf(`%s is %q, which cannot be run. Give its path or "off", or leave it empty so that Postern looks `+
		`for it`, key, path)
}

// ConfigNoListen tells that a value is not an address to listen on.
func ConfigNoListen(key, value string) string {
	return fmt.Sprintf(`%s must be an address and a port, such as "127.0.0.1:8484", not %q`, key, value)
}

// ConfigNoURL tells that a value is not a web address.
func ConfigNoURL(key string) string { return key + ` must be an address such as "https://example.org"` }

// ConfigURLWithMore tells that a web address has parts that it cannot have.
func ConfigURLWithMore(key string) string {
	return key + " must be an address without a user, a question mark or a #"
}

// ConfigPlainHTTPRefused tells that an address needs https.
func ConfigPlainHTTPRefused(key string) string {
	return key + " is plain http. Use https, or add the range of its address to network.allow"
}

// ConfigNoBucket tells that no bucket is named.
func ConfigNoBucket(key string) string { return key + " must name the bucket" }

// ConfigNoPrefix tells that a prefix has characters that need escaping.
func ConfigNoPrefix(key, value string) string {
	return fmt.Sprintf("%s may contain letters, digits, - _ . and /, but is %q", key, value)
}

// ConfigNoKeyFile tells that a key is neither in a file nor in a variable of the environment.
func ConfigNoKeyFile(key, variable string) string {
	return fmt.Sprintf("%s must name the file that holds the key, unless %s holds it", key, variable)
}

// ConfigFileUnreadable tells why a file that a setting names cannot be read.
func ConfigFileUnreadable(key, why string) string {
	return fmt.Sprintf("%s cannot be read: %s", key, why)
}

// ConfigTargetInvalid tells why a notification target cannot be used. number counts from 1.
func ConfigTargetInvalid(keys string, number int, why string) string {
	return fmt.Sprintf("notification target %d of %s cannot be used: %s", number, keys, why)
}

// ConfigTargetKeys names both settings that hold notification targets.
const ConfigTargetKeys = "notify.urls and notify.urls_file"

// Risks of a configuration that is allowed.
const (
	RiskMetricsOpen = "metrics.listen is open to other machines. Everyone who reaches it can read the metrics " +
		"without a token"
	RiskProxiesWide = "web.trusted_proxies contains nearly every address, so strangers can pretend to be someone " +
		"else. Name your proxy's own address or range"
	RiskAllowWide = "network.allow contains nearly every address, so a feed can make Postern read your own network. " +
		"Name the ranges that your feeds need"
)

// RiskSettleShort tells what a short settle time risks.
func RiskSettleShort(settle time.Duration) string {
	return fmt.Sprintf("publish.settle is %s. Postern may publish a post twice that Instagram shows later than that. "+
		"The default is 3m", settle)
}

// RiskSettleLong tells what a long settle time costs.
func RiskSettleLong(settle time.Duration) string {
	return fmt.Sprintf("publish.settle is %s. If Instagram does not answer, Postern waits that long before it tries a "+
		"post again. The default is 3m", settle)
}

// RiskPlainHTTP tells that an address is reached without encryption.
func RiskPlainHTTP(key string) string {
	return key + " is plain http, so others on the way can read everything that is sent there"
}
