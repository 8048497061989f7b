package mediaurl

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	// signatures matches names in a query that only prove the right to read the address, whatever its path.
	signatures = regexp.MustCompile(
		`^(?:x-(?:amz|goog|oss|cos|ms)-.+|jwt|awsaccesskeyid|googleaccessid|ossaccesskeyid|key-pair-id|hdnea|hdnts|__token__)$`)
	// fileSignatures matches names that do so after the name of a file. After other paths they may choose the file.
	fileSignatures = regexp.MustCompile(
		`^(?:signature|sig|token|access_token|auth_key|hmac|expires|expiry|exp|policy)$`)
	// mediaFile matches the end of a path that names a picture or video.
	mediaFile = regexp.MustCompile(`(?i)\.(?:jpe?g|png|gif|webp|avif|heic|heif|tiff?|bmp|mp4|m4v|mov|webm)$`)
	instant   = regexp.MustCompile(`^\d{10}(?:\d{3})?$`)
)

// signedTogether lists short names that belong to a signature only if all marks are in the query.
var signedTogether = []struct{ marks, parts []string }{
	{[]string{"sig", "sv"}, []string{"sig", "sv", "st", "se", "sr", "sp", "spr", "sip", "skoid", "sktid", "skt", "ske",
		"sks", "skv"}},
	{[]string{"signature", "expires"}, []string{"signature", "expires", "policy"}},
	{[]string{"ex", "is", "hm"}, []string{"ex", "is", "hm"}},
	{[]string{"oh", "oe"}, []string{"oh", "oe"}},
}

// Unsigned returns an address without the parts that its site signs again for every visit: signature, token and time of
// expiry. It returns an address without such parts unchanged. Use the result to compare addresses only.
func Unsigned(raw string) string {
	before, after, ok := strings.Cut(raw, "?")
	if !ok {
		return raw
	}
	query, fragment, hasFragment := strings.Cut(after, "#")
	parts := strings.Split(query, "&")
	names := make([]string, len(parts))
	for i, p := range parts {
		name, _, _ := strings.Cut(p, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		names[i] = strings.ToLower(name)
	}
	var together []string
	for _, s := range signedTogether {
		if !slices.ContainsFunc(s.marks, func(m string) bool { return !slices.Contains(names, m) }) {
			together = append(together, s.parts...)
		}
	}
	file := mediaFile.MatchString(path.Base(before))
	var kept []string
	for i, p := range parts {
		_, value, _ := strings.Cut(p, "=")
		signed := signatures.MatchString(names[i]) || slices.Contains(together, names[i]) ||
			file && (fileSignatures.MatchString(names[i]) || names[i] == "t" && instant.MatchString(value))
		if !signed {
			kept = append(kept, p)
		}
	}
	if len(kept) == len(parts) {
		return raw
	}
	if len(kept) > 0 {
		before += "?" + strings.Join(kept, "&")
	}
	if hasFragment {
		before += "#" + fragment
	}
	return before
}
