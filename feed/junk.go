package feed

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/words"
)

// services are parts of URLs of services that do not serve pictures of posts. This table may name services; but no
// rule in Postern names a particular blog or publication.
var services = []struct{ part, why string }{
	{"gravatar.com/", "an avatar"},
	{"/avatars/", "an avatar"},
	{"/avatar/", "an avatar"},
	{"/user_avatar/", "an avatar"},
	{"//s.w.org/images/core/emoji", "an emoji"},
	{"twemoji", "an emoji"},
	{"/images/emoji/", "an emoji"},
	{"/emoji/", "an emoji"},
	{"/smilies/", "an emoji"},
	{"latex.php", "a formula"},
	{"latex.codecogs.com", "a formula"},
	{"feeds.feedburner.com/", words.LeftFeedService},
	{"feedburner.google.com/", words.LeftFeedService},
	{"feeds.wordpress.com/", words.LeftFeedService},
	{"stats.wordpress.com/", "a counter"},
	{"pixel.wp.com/", "a counter"},
	{"feedsportal.com/", words.LeftFeedService},
	{"medium.com/_/stat", "a counter"},
	{"doubleclick.net/", "advertising"},
	{"googlesyndication.com/", "advertising"},
	{"feedads.", "advertising"},
	{"pheedo.com/", "advertising"},
	{"a8.net/", "advertising"},
	{"impactradius", "advertising"},
	{"linksynergy.com/", "advertising"},
	{"shareasale.com/", "advertising"},
	{"assoc-amazon.", "advertising"},
	{"amazon-adsystem.com/", "advertising"},
	{"tradedoubler.com/", "advertising"},
	{"flattr.com/", "a button"},
	{"addtoany.com/", "a button"},
	{"addthis.com/", "a button"},
	{"sharethis.com/", "a button"},
	{"buymeacoffee.com/buttons", "a button"},
	{"paypal.com/", "a button"},
	{"paypalobjects.com/", "a button"},
	{"img.shields.io/", "a badge"},
	{"badge.fury.io/", "a badge"},
	{"travis-ci.org/", "a badge"},
	{"licensebuttons.net/", "a badge"},
	{"creativecommons.org/", "a badge"},
	{"vgwort.de/", "a counter"},
	{"google-analytics.com/", "a counter"},
	{"statcounter.com/", "a counter"},
	{"/piwik.php", "a counter"},
	{"/matomo.php", "a counter"},
	{"cpx.php", "a counter"},
	{"p.php?idsite", "a counter"},
	{"//pixel.", "a counter"},
	{"/pixel.gif", "a counter"},
	{"/pixel.png", "a counter"},
	{"/count.gif", "a counter"},
	{"ytimg.com/", words.LeftVideoCover},
	{"img.youtube.com/", words.LeftVideoCover},
	{"vimeocdn.com/", words.LeftVideoCover},
	{"/favicon", "an icon"},
	{"apple-touch-icon", "an icon"},
	{"/icons/", "an icon"},
	{"/mimetypes/", "an icon"},
	{"/spacer.", "a spacer"},
	{"/blank.gif", "a spacer"},
	{"/clear.gif", "a spacer"},
	{"/transparent.gif", "a spacer"},
	{"/1x1.", "a spacer"},
	{"/loading.gif", "a placeholder"},
	{"/spinner.gif", "a placeholder"},
	{"lazy_placeholder", "a placeholder"},
}

// junkBlock returns why the content of an element does not belong to the post; "" if it may.
func junkBlock(n *html.Node) string {
	if n.DataAtom == atom.Img {
		return ""
	}
	if n.DataAtom == atom.Aside && hasClass(n, quoteClass) {
		return words.LeftQuote
	}
	if class := findClass(n, blockClass|pictureClass); class != "" {
		return words.LeftBlock(class)
	}
	return ""
}

// isGlyph reports whether a picture stands for a character or a formula.
func isGlyph(n *html.Node) bool {
	class := " " + strings.ToLower(val(n, "class")) + " "
	for _, c := range []string{" emoji ", " wp-smiley ", " latex ", " emojione ", " smiley ", " tex ", " math "} {
		if strings.Contains(class, c) {
			return true
		}
	}
	src := "/" + strings.ToLower(firstOf(val(n, "src"), val(n, "data-src")))
	for _, s := range services {
		if (s.why == "an emoji" || s.why == "a formula") && strings.Contains(src, s.part) {
			return true
		}
	}
	return false
}

func junkAddress(address string) string {
	if extension(address) == "svg" || strings.Contains(address, "/svg+xml") {
		return words.LeftSVG
	}
	lower := strings.ToLower(address)
	there := pairsOf(lower)
	for i, s := range services {
		if servicePairs[i]&^there == 0 && strings.Contains(lower, s.part) {
			return s.why
		}
	}
	return ""
}

// servicePairs are the byte pairs of the services' parts. Most addresses lack some of them, so the search for the
// part can be skipped.
var servicePairs = func() (all []uint64) {
	for _, s := range services {
		all = append(all, pairsOf(s.part))
	}
	return all
}()

// pairsOf returns a 64-bit set of the pairs of adjacent bytes in a text, hashed. A text that contains another one
// has all of its pairs.
func pairsOf(text string) (pairs uint64) {
	for i := 1; i < len(text); i++ {
		pairs |= 1 << ((text[i-1]*29 ^ text[i]*5) & 63)
	}
	return pairs
}

// declared returns the width or height of an <img> according to its attributes or style; -1 if there is none.
func declared(n *html.Node, side string) int {
	if v, ok := attr(n, side); ok {
		v = strings.TrimSpace(v)
		if strings.HasSuffix(v, "%") || strings.HasSuffix(v, "em") || v == "" || v == "auto" {
			return -1
		}
		if i, err := strconv.ParseFloat(strings.TrimSuffix(v, "px"), 64); err == nil && i >= 0 && i < 1e6 {
			return int(i)
		}
	}
	for _, m := range styleSize.FindAllStringSubmatch(val(n, "style"), -1) {
		if strings.EqualFold(m[1], side) {
			if i, err := strconv.ParseFloat(m[2], 64); err == nil && i < 1e6 {
				return int(i)
			}
		}
	}
	return -1
}

var styleSize = regexp.MustCompile(`(?i)(?:^|[;\s])(width|height)\s*:\s*(\d+(?:\.\d+)?)px`)

func dimension(n int) string {
	if n < 0 {
		return "?"
	}
	return strconv.Itoa(n)
}

// isPlaceholder reports whether an address was meant to be replaced by a script or a template.
func isPlaceholder(ref string) bool {
	l := strings.ToLower(strings.TrimSpace(ref))
	if l == "" || strings.HasPrefix(l, "data:") || strings.HasPrefix(l, "about:") || strings.HasPrefix(l, "blob:") {
		return true
	}
	for _, mark := range []string{"{{", "{%", "<%", "${", "%7b%7b", "[object"} {
		if strings.Contains(l, mark) {
			return true
		}
	}
	name := l[strings.LastIndexByte(l, '/')+1:]
	return name == "null" || name == "undefined" || name == "nan"
}
