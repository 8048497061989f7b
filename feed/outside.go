package feed

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"postern/mediaurl"
	"postern/store"
	"postern/words"
)

// outside adds the media that are named outside the text: the entry's main picture, enclosures and Media RSS. A
// medium that is also in the text keeps its place there. A single picture that is not in the text is taken for the
// main picture and comes first.
func (c *collection) outside(e *entry) {
	extra := c.fromFiles(slices.Concat(c.few(e.enclosures), chooseRenditions(c.few(e.media))))
	featured := c.fromFiles(c.few(e.featured[:min(len(e.featured), maxFeatured)]))
	inText, usable := c.inText()
	shown := func(k *candidate) bool {
		why, ok := inText[string(k.Type)+k.key]
		if ok {
			k.junk = firstOf(k.junk, why)
		}
		return ok
	}
	for _, list := range [][]candidate{extra, featured} {
		for i := range list {
			if key := c.sameInText(&list[i]); key != "" {
				list[i].keys = append(list[i].keys, list[i].key)
				list[i].key = key
			}
			if !shown(&list[i]) && e.isLogo(list[i]) {
				list[i].junk = firstOf(list[i].junk, words.LeftLogo)
			}
		}
	}
	images := map[string]bool{}
	for _, k := range extra {
		if k.Type == store.Image && k.junk == "" && !shown(&k) && !c.posters[k.key] {
			images[k.key] = true
		}
	}
	featured = append(featured, c.covers(e)...)
	if len(images) == 1 && len(featured) == 0 {
		featured, extra = extra, nil
	}
	var first []candidate
	for _, k := range featured {
		if c.sameFile(k) {
			continue
		}
		if shown(&k) {
			extra = append(extra, k) // the larger rendition is kept at its place in the text
		} else {
			first = append(first, k)
		}
	}
	c.found = append(append(first, c.found...), extra...)

	if inText := len(c.found); usable == 0 && len(first) == 0 && !anyUsable(c.found) && !c.fromSummary() {
		c.lastResort(e, inText > 0)
	}
}

// fromFiles returns the candidates for files that are named outside the text.
func (c *collection) fromFiles(files []file) (list []candidate) {
	for _, f := range files {
		list = append(list, c.fromFile(f)...)
	}
	return list
}

// inText returns for each picture of the text, by kind and key, why it is left out, or "" if it is not. usable is
// the number of pictures that are not left out.
func (c *collection) inText() (whys map[string]string, usable int) {
	whys = map[string]string{}
	for _, k := range c.found {
		for _, key := range append(k.keys, k.key) {
			if why, ok := whys[string(k.Type)+key]; !ok || why != "" {
				whys[string(k.Type)+key] = k.junk
			}
		}
		if k.junk == "" {
			usable++
		}
	}
	return whys, usable
}

// covers returns the pictures that a player of the entry would show. If the entry has audio, these are its cover and
// are left out.
func (c *collection) covers(e *entry) []candidate {
	if !c.audio {
		return c.fromFiles(e.covers)
	}
	for _, f := range e.covers {
		c.leaveOut(words.LeftAudioCover, absolute(c.base, f.url))
	}
	return nil
}

// largestLogo is the maximum width in pixels of a picture outside the text that is taken for the feed's logo, which
// some programs use if an entry has no picture. The limit exists because a photo blog may use its newest photo in
// full size as the picture of the feed.
const largestLogo = 512

// isLogo reports whether a picture outside the text is a small rendition of the picture that represents the feed.
func (e *entry) isLogo(k candidate) bool {
	return k.Type == store.Image && k.size > 0 && k.size <= largestLogo && e.logos[k.key]
}

// few returns as many of the files as the limit of the document allows.
func (c *collection) few(files []file) []file {
	if c.room == nil || len(files) <= *c.room {
		if c.room != nil {
			*c.room -= len(files)
		}
		return files
	}
	kept := files[:max(*c.room, 0)]
	c.leaveOut(words.LeftTooMany, absolute(c.base, files[len(kept)].url))
	*c.room = 0
	return kept
}

// sameInText returns the key of the picture in the text that k, which is named outside the text, most likely is: one
// with the same path on another host or in another size. It returns "" if there is none. Two pictures within the
// text are not merged for such weak reasons; that k is named outside the text is an additional sign.
func (c *collection) sameInText(k *candidate) string {
	if k.Type != store.Image {
		return ""
	}
	if c.loose == nil {
		c.loose = map[string][]int{}
		for i, other := range c.found {
			if other.Type == store.Image {
				path := other.readAddress().Loose
				c.loose[path] = append(c.loose[path], i)
			}
		}
	}
	path := k.readAddress().Loose
	if !isDistinctive(path) {
		return ""
	}
	for _, i := range c.loose[path] {
		other := c.found[i]
		if other.key != k.key && (extension(k.URL) == extension(other.URL) ||
			convertedFormat(k.URL) != convertedFormat(other.URL)) {
			return other.key
		}
	}
	return ""
}

// convertedFormat reports whether the URL has a format to which programs convert pictures.
func convertedFormat(address string) bool {
	e := extension(address)
	return e == "webp" || e == "avif"
}

// isDistinctive reports whether a path identifies a picture on any host: its file name is distinctive, or it is in several
// folders.
func isDistinctive(path string) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return strings.Count(path, "/") > 2 && len(name) > 2 || len(name) >= 5 && !isFileName(name) &&
		!genericName.MatchString(name)
}

// sameFile reports whether the text contains a file with the same distinctive name on the same host: the main
// picture of an entry is often a second upload of a picture in the text.
func (c *collection) sameFile(k candidate) bool {
	name := distinctiveName(k.URL)
	if name == "" || k.Type != store.Image {
		return false
	}
	for _, other := range c.found {
		if other.junk == "" && other.Type == store.Image && other.key != k.key && distinctiveName(other.URL) == name {
			return true
		}
	}
	return false
}

// distinctiveName returns the host and the file name without size; "" if the name is not distinctive.
func distinctiveName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	a := mediaurl.Read(address)
	name := a.Loose[strings.LastIndexByte(a.Loose, '/')+1:]
	if len(name) < 5 || isFileName(name) || genericName.MatchString(name) {
		return ""
	}
	return strings.ToLower(u.Host) + "/" + name + "?" + u.Query().Get("id")
}

var genericName = regexp.MustCompile(`(?i)^(?:cover|header|hero|main|index|default|featured|feature|thumb|thumbnail|banner|untitled|download|unnamed)[-_ \d]*$|[?]`)

func anyUsable(list []candidate) bool {
	for _, k := range list {
		if k.junk == "" {
			return true
		}
	}
	return false
}

// fromSummary adds the pictures of the summary, where some programs put the main picture of an entry, and reports
// whether it found one.
func (c *collection) fromSummary() bool {
	if c.summary == nil || c.audio {
		return false
	}
	before := len(c.found)
	c.text = 0
	c.walk(c.summary)
	c.markJunk()
	for i := before; i < len(c.found); i++ {
		k := &c.found[i]
		width := k.size
		if k.place.node != nil && declared(k.place.node, "width") > 0 {
			width = declared(k.place.node, "width")
		}
		if k.junk == "" && k.Type == store.Image && width > 0 && width < smallestThumbnail {
			k.junk = tooSmall
		}
	}
	return anyUsable(c.found)
}

const (
	smallestThumbnail = 320
	tooSmall          = words.LeftThumbnail
)

// lastResort adds the largest thumbnail if the entry has no other media. shown says that there were pictures, which
// were left out.
func (c *collection) lastResort(e *entry, shown bool) {
	if c.audio && len(e.thumbnails) > 0 {
		c.mightBe(words.LeftAudioCover, absolute(c.base, e.thumbnails[0].url))
	}
	if c.audio || shown {
		return // they were left out for a reason, and the thumbnail is a small copy of one of them
	}
	best := -1
	for i, f := range e.thumbnails {
		if best < 0 || f.width > e.thumbnails[best].width {
			best = i
		}
	}
	if best < 0 {
		return
	}
	f := e.thumbnails[best]
	if f.width > 0 && f.width < smallestThumbnail {
		c.leaveOut(tooSmall, f.url)
		return
	}
	c.found = append(c.found, c.fromFile(f)...)
}

// fromFile returns the candidate for an enclosure or media:content; none for audio, torrents, players and pages.
func (c *collection) fromFile(f file) []candidate {
	u := c.address(f.url)
	if u == "" {
		return nil
	}
	if isPlaceholder(f.url) {
		c.leaveOut(words.LeftUnfilled, u)
		return nil
	}
	kind := fileKind(f, u)
	if kind == "video" && c.isPlayer(u) {
		c.leaveOut(words.LeftPlayer, u)
		return nil
	}
	switch kind {
	case "audio":
		c.audio = true
		c.leaveOut(leftAudio, u)
		return nil
	case "":
		if c.untyped.URL == "" && namesNoType(f, u) {
			c.untyped = store.Media{URL: u, Alt: describedAs(f.alt)}
		}
		c.leaveOut(words.LeftOther, u)
		return nil
	}
	address := mediaurl.Read(u)
	cand := candidate{Media: store.Media{Type: store.MediaType(kind), URL: u, Alt: describedAs(f.alt)},
		key: address.KeyOf(f.width, f.height), size: f.width, beside: true}
	if address.Key != cand.key {
		cand.keys = append(cand.keys, address.Key)
	}
	for _, other := range f.others {
		cand.lesser = append(cand.lesser, mediaurl.Key(absolute(c.base, other), 0, 0))
	}
	if cand.size == 0 {
		cand.size = address.Width
	}
	if kind == "image" {
		cand.junk = junkAddress(u)
		if cand.junk == "" && (f.width == 1 || f.height == 1) {
			cand.junk = dimension(f.width) + "×" + dimension(f.height) + " pixel"
		}
	} else if poster := absolute(c.base, f.poster); poster != "" {
		cand.PosterURL = poster
		c.addPoster(poster)
	}
	return []candidate{cand}
}

// describedAs returns a Media RSS description, which may be HTML, as plain text.
func describedAs(s string) string {
	if looksHTML.MatchString(s) {
		return oneLine(htmlText(s, textOptions{}))
	}
	return cleanAlt(s)
}

// fileKind returns "image", "video" or "audio", or "" for anything else. The type attribute takes precedence over
// medium, because some programs declare every medium as an image. The file extension takes precedence over a type
// that names a page.
func fileKind(f file, address string) string {
	mime := strings.ToLower(strings.TrimSpace(f.mime))
	for _, kind := range []string{"image", "video", "audio"} {
		if strings.HasPrefix(mime, kind+"/") {
			if kind == "video" && (strings.Contains(mime, "flash") || strings.Contains(mime, "flv") ||
				strings.Contains(mime, "mpegurl")) {
				return ""
			}
			if kind == "image" && isVideoFile(address) {
				return "video"
			}
			return kind
		}
	}
	if strings.Contains(mime, "torrent") || strings.Contains(mime, "flash") || strings.Contains(mime, "mpegurl") {
		return ""
	}
	switch extension(address) {
	case "jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "jpe", "svg":
		return "image"
	case "mp4", "m4v", "mov", "webm":
		return "video"
	case "mp3", "m4a", "ogg", "oga", "wav", "opus", "aac", "flac":
		return "audio"
	case "torrent", "pdf", "zip", "swf", "html", "htm", "php":
		return ""
	}
	switch medium := strings.ToLower(strings.TrimSpace(f.medium)); medium {
	case "image", "video", "audio":
		return medium
	}
	if mime == "" && f.medium == "" && (f.width > 0 && f.height > 0 || f.group > 0 || servesPicture(address)) {
		return "image" // an untyped media:content with a size is a picture in all feeds we have seen
	}
	return ""
}

// namesNoType reports whether neither the feed nor the URL says what type a file has.
func namesNoType(f file, address string) bool {
	if f.mime != "" || f.medium != "" || junkAddress(address) != "" {
		return false
	}
	switch extension(address) {
	case "torrent", "pdf", "zip", "swf", "html", "htm", "php", "asp", "aspx", "jsp", "txt", "xml", "json", "js", "epub":
		return false
	}
	return !isHome(address)
}

// servesPicture reports whether a URL without an extension belongs to an image service.
func servesPicture(address string) bool {
	switch mediaurl.Read(address).Service {
	case "", "WordPress", "Drupal", "Cloudinary":
		return false // these services host videos too
	}
	return true
}

// chooseRenditions keeps one file of each group of files that are renditions of one picture or video. Files with
// descriptions of their own are different pictures.
func chooseRenditions(files []file) []file {
	groups := map[int][]file{}
	var order []int
	for _, f := range files {
		if _, ok := groups[f.group]; !ok {
			order = append(order, f.group)
		}
		groups[f.group] = append(groups[f.group], f)
	}
	var out []file
	for _, g := range order {
		out = append(out, chooseFrom(groups[g], g > 0)...)
	}
	return out
}

func chooseFrom(files []file, group bool) []file {
	if len(files) < 2 {
		return files
	}
	var videos, images []file
	for _, f := range files {
		switch fileKind(f, f.url) {
		case "video":
			videos = append(videos, f)
		case "image":
			images = append(images, f)
		}
	}
	oneVideo := len(videos) > 1 && (group || sameNames(videos))
	oneImage := len(images) > 1 && (group && (manySizes(images) || crops(images) || namedCrops(images)) &&
		!described(images) || sameNames(images))
	var out []file
	for _, f := range files {
		switch kind := fileKind(f, f.url); {
		case kind == "video" && oneVideo:
			if f.url == videos[0].url {
				out = append(out, largestFile(videos, true))
			}
		case kind == "image" && oneImage:
			if f.url == images[0].url {
				out = append(out, largestFile(images, false))
			}
		default:
			out = append(out, f)
		}
	}
	return out
}

// manySizes reports whether the files have the same aspect ratio and mostly different widths. This is typical of
// renditions; the photos of a gallery share a few widths.
func manySizes(files []file) bool {
	widths := map[int]bool{}
	ratio := 0.0
	for _, f := range files {
		if f.width == 0 || f.height == 0 {
			return false
		}
		r := float64(f.width) / float64(f.height)
		if ratio == 0 {
			ratio = r
		}
		if r < ratio*0.95 || r > ratio*1.05 {
			return false
		}
		widths[f.width] = true
	}
	return 2*len(widths) > len(files)
}

// crops reports whether the URLs differ only in the query parameters that crop or scale the picture.
func crops(files []file) bool {
	first := ""
	for _, f := range files {
		u, err := url.Parse(f.url)
		if err != nil || u.RawQuery == "" {
			return false
		}
		q := u.Query()
		cut := false
		for k := range q {
			if cropKey.MatchString(k) {
				delete(q, k)
				cut = true
			}
		}
		u.RawQuery = q.Encode()
		if !cut || first != "" && u.String() != first {
			return false
		}
		first = u.String()
	}
	return true
}

var cropKey = regexp.MustCompile(`(?i)^(?:w|h|[xy](?:pos)?|.*(?:crop|width|height|resize|offset|size|focal|fit).*)$`)

// namedCrops reports whether the files of a group are crops of one picture. All of these signs must agree: the files
// are in one folder, their names have a common prefix and end with words, each has a different size, and the
// smallest is less than half as wide as the largest.
func namedCrops(files []file) bool {
	sizes := map[[2]int]string{}
	first, begin := files[0].url, fileStem(files[0].url)
	narrow, wide := files[0].width, files[0].width
	for _, f := range files {
		size := [2]int{f.width, f.height}
		if other, ok := sizes[size]; f.width == 0 || f.height == 0 || ok && other != f.url ||
			f.url[:strings.LastIndexByte(f.url, '/')+1] != first[:strings.LastIndexByte(first, '/')+1] {
			return false
		}
		sizes[size] = f.url
		narrow, wide = min(narrow, f.width), max(wide, f.width)
		stem := fileStem(f.url)
		for !strings.HasPrefix(stem, begin) {
			begin = begin[:len(begin)-1]
		}
	}
	begin = begin[:strings.LastIndexAny(begin, "-_.")+1]
	for _, f := range files {
		if !lettersIn.MatchString(fileStem(f.url)[len(begin):]) {
			return false // numbers distinguish different pictures
		}
	}
	return len(sizes) > 3 && len(begin) > 11 && 2*narrow < wide
}

var lettersIn = regexp.MustCompile(`^[A-Za-z]`)

func described(files []file) bool {
	for _, f := range files {
		if f.own != "" {
			return true
		}
	}
	return false
}

// sameNames reports whether the URLs differ only in a size.
func sameNames(files []file) bool {
	first := mediaurl.Key(files[0].url, files[0].width, files[0].height)
	for _, f := range files[1:] {
		if mediaurl.Key(f.url, f.width, f.height) != first {
			return false
		}
	}
	return true
}

// largestFile returns the best of several renditions, with the others in its field others. It prefers MP4 among
// videos, and among pictures the aspect ratios that Instagram accepts, between 4:5 and 1.91:1:
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
func largestFile(files []file, video bool) file {
	rank := func(f file) (int, int) {
		fits := 0
		if video && isMP4(f) || !video && f.height > 0 && 5*f.width >= 4*f.height && 100*f.width <= 191*f.height {
			fits = 1
		}
		return fits, max(f.width, 1) * max(f.height, 1)
	}
	best := files[0]
	for _, f := range files[1:] {
		fits, area := rank(f)
		bestFits, bestArea := rank(best)
		if fits > bestFits || fits == bestFits && area > bestArea {
			best = f
		}
	}
	for _, f := range files {
		if f.url != best.url {
			best.others = append(best.others, f.url)
		}
	}
	return best
}

func isMP4(f file) bool {
	return strings.Contains(strings.ToLower(f.mime), "mp4") || extension(f.url) == "mp4"
}

// maxFeatured is the maximum number of main pictures of one entry.
const maxFeatured = 50
