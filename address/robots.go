package address

import (
	"strings"
)

// allowedBy reports whether a robots.txt allows agent to fetch path, by RFC 9309: the groups that name the agent count,
// or those for "*" if none does. The longest matching rule decides; of two equally long rules, the one that allows.
func allowedBy(text, agent, path string) bool {
	type line struct {
		allow bool
		path  string
	}
	var own, all []line
	named, general, open, known := false, false, false, false
	for l := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		l, _, _ = strings.Cut(l, "#")
		field, value, ok := strings.Cut(l, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(field)) {
		case "user-agent":
			if !open { // a new group
				named, general = false, false
			}
			open = true
			named = named || strings.EqualFold(value, agent)
			general = general || value == "*"
			known = known || named
		case "allow", "disallow":
			open = false
			rule := line{strings.EqualFold(strings.TrimSpace(field), "allow"), value}
			if value == "" { // an empty rule forbids nothing
				continue
			}
			if named {
				own = append(own, rule)
			}
			if general {
				all = append(all, rule)
			}
		}
	}
	if !known {
		own = all
	}
	best, allowed := -1, true
	for _, r := range own {
		if fits(r.path, path) && (len(r.path) > best || len(r.path) == best && r.allow) {
			best, allowed = len(r.path), r.allow
		}
	}
	return allowed
}

// fits reports whether path matches a rule. A rule is a prefix in which * matches any text and a final $ the end.
func fits(rule, path string) bool {
	rule, whole := strings.CutSuffix(rule, "$")
	parts := strings.Split(rule, "*")
	if !strings.HasPrefix(path, parts[0]) {
		return false
	}
	path = path[len(parts[0]):]
	for i, part := range parts[1:] {
		if whole && i == len(parts)-2 {
			return strings.HasSuffix(path, part)
		}
		at := strings.Index(path, part)
		if at < 0 {
			return false
		}
		path = path[at+len(part):]
	}
	return !whole || path == ""
}
