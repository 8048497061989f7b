package mediaurl

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	// signatures are parts of a query that only prove that the address may be read, whatever the path is.
	signatures = regexp.MustCompile(
		`^(?:x-(?:amz|goog|oss|cos|ms)-.+|jwt|awsaccesskeyid|googleaccessid|ossaccesskeyid|key-pair-id|hdnea|hdnts|__token__)$`)
	// fileSignatures do so behind the name of a file. Elsewhere they may choose it.
	fileSignatures = regexp.MustCompile(
		`^(?:signature|sig|token|access_token|auth_key|hmac|expires|expiry|exp|policy)$`)
	// mediaFile is the end of a path that names its picture or video by itself.
	mediaFile = regexp.MustCompile(`(?i)\.(?:jpe?g|png|gif|webp|avif|heic|heif|tiff?|bmp|mp4|m4v|mov|webm)$`)
	instant   = regexp.MustCompile(`^\d{10}(?:\d{3})?$`)
)

// signedTogether are short names that belong to a signature only where all of the first ones stand together.
var signedTogether = []struct{ marks, parts []string }{
	{[]string{"sig", "sv"}, []string{"sig", "sv", "st", "se", "sr", "sp", "spr", "sip", "skoid", "sktid", "skt", "ske",
		"sks", "skv"}},
	{[]string{"signature", "expires"}, []string{"signature", "expires", "policy"}},
	{[]string{"ex", "is", "hm"}, []string{"ex", "is", "hm"}},
	{[]string{"oh", "oe"}, []string{"oh", "oe"}},
}

// Unsigned returns an address without what its site signs anew at every reading: signature, token, and time of
// expiry. An address that has none of these comes back as it is, to the byte. The result serves comparing only.
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
