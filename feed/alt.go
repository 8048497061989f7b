package feed

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"postern/mediaurl"
)

// altText returns the alternative text of a picture: the alt text that its author wrote, else the caption of its
// figure. It ignores text that a program generated, such as a file name, the name of a camera, a placeholder of a
// template, or one text repeated on all pictures.
func altText(c candidate, repeated map[string]bool) string {
	for i, s := range []string{c.Alt, c.caption} {
		s = oneLine(stripInvisible(s))
		if s == "" || i == 0 && repeated[strings.ToLower(s)] {
			continue
		}
		if s = withoutFileName(s, c.URL); s != "" {
			return s
		}
	}
	return ""
}

// repeatedAlt returns the alternative texts, in lower case, that describe no single picture: one text on all of
// three or more pictures, the title on all of several pictures, or a sequence of texts that occurs twice, as in
// copies of a template.
func repeatedAlt(list []candidate, title string) map[string]bool {
	last := map[string]int{}
	anew, without := true, 0
	for i, c := range list {
		s := strings.ToLower(oneLine(stripInvisible(c.Alt)))
		if s == "" || templateAlt.MatchString(s) {
			without++
			continue
		}
		if at, ok := last[s]; ok && at == i-1 {
			anew = false
		}
		last[s] = i
	}
	repeated := map[string]bool{}
	switch all := len(list) - without; {
	case len(last) == 1 && without == 0 && (all > 2 || all == 2 && last[strings.ToLower(title)] > 0),
		anew && len(last) > 1 && all == 2*len(last):
		for s := range last {
			repeated[s] = true
		}
	}
	return repeated
}

func cleanAlt(s string) string { return oneLine(html.UnescapeString(s)) }

var (
	fileName = regexp.MustCompile(`(?i)^(?:[^\s/\\]+\.(?:jpe?g|png|gif|webp|avif|heic|tiff?|bmp|svg|mp4|mov)|(?:img|dsc|dscn|dscf|dsc_|dji|pxl|gopr|p\d{3,}|image|photo|picture|untitled|wp)[-_ ]?\d[\d\-_ .]*|[0-9a-f]{16,}(?:-[0-9a-f]+)*|[-_.x]*\d[-_\d.x]*)$`)
	// timeStamp matches file names that cameras, phones and messengers generate: a date and a time, with at most the
	// kind of file before them.
	timeStamp = regexp.MustCompile(`(?i)^(?:(?:whatsapp|signal|telegram)[-_ ` +
		`])?(?:(?:img|image|photo|foto|pic|picture|vid|video|bild|imagen)[-_ ])?(?:(?:19|20)\d\d[-_. ]?[01]\d[-_. ` +
		`]?[0-3]\d|[0-3]\d[-_. ][01]\d[-_. ](?:19|20)?\d\d)(?:t|[-_., ]+(?:(?:at|um|à|a las|om|alle)[ ` +
		`])?)[0-2]?\d[-_.:h ]?[0-5]\d(?:[-_.:m ]?[0-5]\d)?(?:[-_.,: ]?\d{1,6})?$`)
	nameLike  = regexp.MustCompile(`^[\p{L}\d]+(?:_[\p{L}\d]+){2,}$`)
	imageName = regexp.MustCompile(`(?i)\.(?:jpe?g|png|gif|webp|avif|heic|tiff?|bmp)$`)
	cameraAlt = regexp.MustCompile(`(?i)^(?:olympus digital camera|sony dsc|minolta digital camera|kodak digital ` +
		`still camera|digital camera|samsung|exif_jpeg_(?:picture|420)|dcim[\\/].*|hdr|processed with .{1,40} ` +
		`preset|created with .{1,20}|(?:screen ?shot|screen ?capture|bildschirmfoto|capture d.écran|captura de ` +
		`pantalla|schermafbeelding|schermata|skärmavbild|zrzut ekranu|snímek obrazovky|снимок ` +
		`экрана)[\s_-]*(?:from\s|van\s|vom\s|du\s|de\s)?\d.*)$`)
	// templateAlt matches placeholders that templates contain and that nobody replaced.
	templateAlt = regexp.MustCompile(`(?i)^(?:(?:a |an |the )?(?:image|img|photo|picture|thumbnail|featured ` +
		`image|feature image|post image|article image|cover image|blog image|hero image|alt|alt ` +
		`text|alttext|caption|untitled|placeholder|no description(?: ` +
		`available)?|description|default)|(?:(?:image|photo|picture|alt(?: text)?) ` +
		`description|(?:image|picture|photo) alt(?: text)?|description of (?:the |this |an ` +
		`)?(?:image|photo|picture)|(?:insert|add|enter|your) (?:an? )?(?:image |alt(?:ernative)? ` +
		`)?(?:description|text)(?: here)?|alt(?:ernative)? text here|image here|image for post|post image|click to ` +
		`(?:enlarge|view).*|image may contain:.*|no alt text provided.*|this image has an empty alt ` +
		`attribute.*|图片点击可在新窗口打开(?:查看)?|点击(?:图片)?(?:查看|放大).{0,20}))[.:]?$`)
)

// isFileName reports whether a text is a file name, the name of a camera, or a placeholder of a template.
func isFileName(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && (fileName.MatchString(s) || timeStamp.MatchString(s) || cameraAlt.MatchString(s) ||
		templateAlt.MatchString(s))
}

// withoutFileName returns the text without an image extension, and "" if the text is only the name of the file at
// address.
func withoutFileName(s, address string) string {
	if isFileName(s) || !strings.Contains(s, " ") && nameLike.MatchString(s) {
		return ""
	}
	words := imageName.ReplaceAllString(s, "")
	stem := fileStem(address)
	if (words != s || isDigits(words)) && sameWords(words, stem) {
		return "" // a file name that contains spaces
	}
	if !hasRealWords(words) && (words == stem || words == mediaStem(address) || isNumbered(words) &&
		sameWords(words, stem)) {
		return ""
	}
	return words
}

// isDigits reports whether a text consists only of digits, or of a long hexadecimal number, possibly in groups.
func isDigits(s string) bool {
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F':
			letters++
		case wordRune(r):
			return false
		}
	}
	return digits > 0 && (letters == 0 || digits+letters >= 16)
}

// isNumbered reports whether a text looks like a serial file name: one word with more digits than letters, such as
// P1070343E.
func isNumbered(s string) bool {
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case wordRune(r):
			letters++
		case r != '-' && r != '_':
			return false
		}
	}
	return digits > 3 && digits > letters
}

// hasRealWords reports whether a text that equals the file name consists of real words.
func hasRealWords(s string) bool {
	return len(strings.Fields(s)) > 2 || joinedWords.MatchString(s)
}

var joinedWords = regexp.MustCompile(`^\p{L}{3,}(?:['’]\p{L}+)?-(?:[\p{L}\d'’]+-)*[\p{L}\d'’]*\p{L}{2,}[\p{L}\d'’]*$`)

// fileStem returns the name of the file at address without its extension.
func fileStem(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	name := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	for i := 0; i < 2; i++ {
		name = imageName.ReplaceAllString(name, "")
	}
	return name
}

// mediaStem returns the name of the file without its extension and without the size that a program added.
func mediaStem(address string) string {
	loose := mediaurl.Read(address).Loose
	return loose[strings.LastIndexByte(loose, '/')+1:]
}

// sameWords reports whether the letters and digits of a text are the beginning of those of a file name, which may
// continue with a size.
func sameWords(text, name string) bool {
	fold := func(s string) string {
		return strings.Map(func(r rune) rune {
			if wordRune(r) {
				return r
			}
			return -1
		}, strings.ToLower(s))
	}
	t := fold(text)
	return t != "" && strings.HasPrefix(fold(name), t)
}
