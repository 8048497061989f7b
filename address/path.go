package address

import (
	"net/url"
	"strings"
)

// PathAdvice returns what an owner has to know about a public URL with a path; "" when it has none.
func PathAdvice(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return ""
	}
	return "web.base_url has the path " + u.Path +
		": Instagram can fetch media below it, but Postern's pages work only at the root of a host. Give the " +
		"pages a name of their own, such as https://postern." + u.Hostname() + "."
}
