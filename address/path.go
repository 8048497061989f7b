package address

import (
	"net/url"
	"strings"

	"postern/words"
)

// PathAdvice returns advice about a public URL that has a path, "" if it has none or cannot be parsed.
func PathAdvice(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return ""
	}
	return words.BaseURLWithPath(u.Path, u.Hostname())
}
