package address

import (
	"net/url"
	"strings"

	"postern/words"
)

// PathAdvice returns what an owner has to know about a public URL with a path; "" when it has none.
func PathAdvice(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return ""
	}
	return words.BaseURLWithPath(u.Path, u.Hostname())
}
