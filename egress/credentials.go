package egress

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

type addressKey struct{}

// Masked stands in the query of an address for the value of the parameter of that name; see [WithAddress].
const Masked = "…"

// WithAddress lets requests of the context use what lets somebody in at an address: its user part becomes their
// log-in, and the values of its query parameters take the place of [Masked]. Only requests to the same scheme,
// host and port are changed, after a redirect, too.
func WithAddress(ctx context.Context, address string) context.Context {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User == nil && u.RawQuery == "" {
		return ctx
	}
	return context.WithValue(ctx, addressKey{}, u)
}

// letIn changes a request as WithAddress says.
func letIn(r *http.Request) {
	from, ok := r.Context().Value(addressKey{}).(*url.URL)
	if !ok || !SameSite(from, r.URL) {
		return
	}
	if from.User != nil && r.URL.User == nil && r.Header.Get("Authorization") == "" {
		password, _ := from.User.Password()
		r.SetBasicAuth(from.User.Username(), password)
	}
	if !strings.Contains(r.URL.RawQuery, Masked) && !strings.Contains(r.URL.RawQuery, escapedMask) {
		return
	}
	values := map[string]string{}
	for pair := range strings.FieldsFuncSeq(from.RawQuery, isAnd) {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	pairs := strings.FieldsFunc(r.URL.RawQuery, isAnd)
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if known := values[name]; known != "" && (value == Masked || strings.EqualFold(value, escapedMask)) {
			pairs[i] = name + "=" + known
		}
	}
	u := *r.URL
	u.RawQuery = strings.Join(pairs, "&")
	r.URL = &u
}

var escapedMask = url.QueryEscape(Masked)

func isAnd(r rune) bool { return r == '&' || r == ';' }

// SameSite reports whether two addresses have the same scheme, host and port.
func SameSite(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
}
