package config

import (
	"os"
	"strings"

	"postern/notices"
	"postern/redact"
	"postern/words"
)

// readNotify joins notify.urls and the lines of notify.urls_file, and complains about targets that cannot be used.
func (c *Config) readNotify(complain complaint) {
	name := "notify.urls"
	all := c.Notify.URLs
	if c.Notify.URLsFile != "" {
		b, err := os.ReadFile(c.Notify.URLsFile)
		if err != nil {
			complain("notify.urls_file", words.ConfigFileUnreadable("notify.urls_file", err.Error()))
		}
		for _, line := range strings.Split(string(b), "\n") {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				all = append(all, line)
				c.Redactor.Add(line)
			}
		}
		name = words.ConfigTargetKeys
	}
	c.Notify.Targets = make([]redact.Secret, len(all))
	for i, u := range all {
		c.Notify.Targets[i] = redact.Secret(u)
		if _, err := notices.Label(redact.Secret(u)); err != nil {
			complain(name, words.ConfigTargetInvalid(name, i+1, err.Error()))
		}
	}
}
