package mediaurl

import (
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
)

// An imageService is a service or program that serves one picture under several addresses. Its grammar is public:
// source names the page that describes it. This table and the one in junk.go are the only places that name
// services, and no rule names a blog or a publication.
type imageService struct {
	name, source string

	// hosts are the ends of the host names, without a leading dot; none for a program that runs on any host.
	hosts []string
	// mark is a part of every path of the service, "" for none.
	mark string

	// unwrap returns the address of the original that the path or query holds, "" for none.
	unwrap func(u *url.URL) string
	// reduce returns the path without what chooses a rendition, and the width that the address asks for. An equal
	// path is an equal picture. ok is false for a path that is not of this grammar.
	reduce func(path string) (reduced string, width int, ok bool)
	// anyQuery says that nothing in the query chooses another picture.
	anyQuery bool
	// anyFormat says that one picture is served in several formats.
	anyFormat bool
	// anyHost says that one path is the same picture on all hosts of the service.
	anyHost bool
}

// imageServices are asked in this order; the first that knows an address decides.
var imageServices = []imageService{
	{name: "Photon", source: "https://developer.wordpress.com/docs/photon/api/",
		hosts: []string{"i0.wp.com", "i1.wp.com", "i2.wp.com", "i3.wp.com"}, unwrap: func(u *url.URL) string {
			if rest := strings.TrimPrefix(u.Path, "/"); strings.Contains(rest, "/") {
				return "https://" + rest
			}
			return ""
		}},
	{name: "weserv", source: "https://images.weserv.nl/docs/", hosts: []string{"images.weserv.nl", "wsrv.nl"},
		unwrap: func(u *url.URL) string {
			if inner := u.Query().Get("url"); inner != "" && !isWeb(inner) {
				return "https://" + strings.TrimPrefix(strings.TrimPrefix(inner, "ssl:"), "//")
			}
			return u.Query().Get("url")
		}},
	{name: "Next.js", source: "https://nextjs.org/docs/app/api-reference/components/image", mark: "/_next/image",
		unwrap: valueOf("url")},
	{name: "Vercel", source: "https://vercel.com/docs/image-optimization", mark: "/_vercel/image",
		unwrap: valueOf("url")},
	{name: "Netlify", source: "https://docs.netlify.com/image-cdn/overview/", mark: "/.netlify/images",
		unwrap: valueOf("url")},
	{name: "Astro", source: "https://docs.astro.build/en/guides/images/", mark: "/_image", unwrap: valueOf("href")},
	{name: "Cloudflare", source: "https://developers.cloudflare.com/images/transform-images/transform-via-url/",
		mark: "/cdn-cgi/image/", unwrap: func(u *url.URL) string {
			before, rest, _ := strings.Cut(u.EscapedPath(), "/cdn-cgi/image/")
			_, inner, ok := strings.Cut(rest, "/")
			if !ok {
				return ""
			}
			if inner, err := url.PathUnescape(inner); err == nil && isWeb(inner) {
				return inner
			}
			return sibling(u, before+"/"+inner)
		}},
	{name: "Camo", source: "https://github.com/atmos/camo", hosts: []string{"camo.githubusercontent.com"},
		unwrap: func(u *url.URL) string {
			address, err := hex.DecodeString(u.Path[strings.LastIndexByte(u.Path, '/')+1:])
			if err != nil {
				return ""
			}
			return string(address)
		}},
	{name: "imgproxy", source: "https://docs.imgproxy.net/usage/processing", mark: "/plain/",
		unwrap: func(u *url.URL) string {
			_, inner, _ := strings.Cut(u.Path, "/plain/")
			if strings.Contains(inner, "://") {
				return inner
			}
			return ""
		}},
	{name: "Wix",
		source: "https://dev.wix.com/docs/develop-websites/articles/workspace-tools/developer-tools/site-monitoring/about-media", hosts: []string{"wixstatic.com", "wixmp.com"}, mark: "/v1/", reduce: func(path string) (string, int, bool) {
			original, options, ok := strings.Cut(path, "/v1/")
			return original, widthOption(options), ok
		}},
	{name: "Cloudinary", source: "https://cloudinary.com/documentation/transformation_reference", mark: "/upload/",
		reduce: cloudinary},
	{name: "Sanity", source: "https://www.sanity.io/docs/image-urls", hosts: []string{"cdn.sanity.io"}, anyQuery: true},
	{name: "Contentful", source: "https://www.contentful.com/developers/docs/references/images-api/",
		hosts: []string{"ctfassets.net"}, anyQuery: true},
	{name: "imgix", source: "https://docs.imgix.com/apis/rendering",
		hosts: []string{"imgix.net", "images.unsplash.com", "images.prismic.io", "datocms-assets.com"}, anyQuery: true},
	{name: "Storyblok", source: "https://www.storyblok.com/docs/api/image-service", hosts: []string{"storyblok.com"},
		reduce: func(path string) (string, int, bool) {
			original, _, ok := strings.Cut(path, "/m/")
			return original, converted, ok
		}},
	{name: "ImageKit", source: "https://imagekit.io/docs/transformations", mark: "/tr:",
		reduce: func(path string) (string, int, bool) {
			m := imageKitOptions.FindStringSubmatchIndex(path)
			if m == nil {
				return path, Unsized, false
			}
			return path[:m[0]] + path[m[1]:], widthOption(strings.ReplaceAll(path[m[0]:m[1]], "-", "_")), true
		}},
	{name: "Squarespace", source: "https://developers.squarespace.com/image-loader",
		hosts: []string{"squarespace-cdn.com", "static1.squarespace.com", "static.squarespace.com"}, anyQuery: true},
	{name: "Shopify", source: "https://shopify.dev/docs/api/liquid/filters/image_url",
		hosts: []string{"cdn.shopify.com"}, anyQuery: true, reduce: inName(shopifySize)},
	{name: "Shopify", source: "https://shopify.dev/docs/api/liquid/filters/image_url", mark: "/cdn/shop/",
		anyQuery: true, reduce: inName(shopifySize)},
	{name: "Blogger", source: "https://developers.google.com/photos/library/guides/access-media-items",
		hosts: []string{"bp.blogspot.com", "googleusercontent.com", "ggpht.com"}, reduce: blogger},
	{name: "Flickr", source: "https://www.flickr.com/services/api/misc.urls.html", anyHost: true,
		hosts: []string{"staticflickr.com", "static.flickr.com"}, anyFormat: true, reduce: flickr},
	{name: "Tumblr", source: "https://www.tumblr.com/docs/npf", anyHost: true, hosts: []string{"media.tumblr.com"},
		anyFormat: true, reduce: tumblr},
	{name: "Medium", source: "https://help.medium.com/hc/en-us/articles/215679797", anyHost: true,
		hosts: []string{"miro.medium.com", "cdn-images-1.medium.com", "cdn-images-2.medium.com"}, anyFormat: true,
		reduce: func(path string) (string, int, bool) {
			width := converted
			if m := mediumSize.FindStringSubmatch(path); m != nil {
				width = Pixels(m[1])
			}
			return path[strings.LastIndexByte(path, '/'):], width, true
		}},
	{name: "thumbor", source: "https://thumbor.readthedocs.io/en/latest/usage.html", reduce: thumbor},
	{name: "Ghost", source: "https://ghost.org/docs/themes/assets/#image-sizes", mark: "/content/images/size/",
		reduce: func(path string) (string, int, bool) {
			m := ghostSize.FindStringSubmatchIndex(path)
			if m == nil {
				return path, Unsized, false
			}
			return path[:m[0]] + "/content/images/" + path[m[1]:], Pixels(path[m[2]:m[3]]), true
		}},
	{name: "WordPress", source: "https://developer.wordpress.org/reference/functions/add_image_size/",
		mark: "/wp-content/uploads/", reduce: wordPress},
	{name: "WordPress", source: "https://developer.wordpress.org/reference/functions/add_image_size/",
		hosts: []string{"files.wordpress.com"}, reduce: wordPress},
	{name: "WordPress", source: "https://developer.wordpress.org/reference/functions/wp_upload_dir/", mark: "/uploads/",
		reduce: func(path string) (string, int, bool) {
			if !uploadFolder.MatchString(path) {
				return path, Unsized, false
			}
			return wordPress(path)
		}},
	{name: "Drupal", source: "https://www.drupal.org/docs/8/core/modules/image/working-with-images", mark: "/styles/",
		reduce: func(path string) (string, int, bool) {
			m := drupalStyle.FindStringIndex(path)
			if m == nil {
				return path, Unsized, false
			}
			return doubleExtension.ReplaceAllString(path[:m[0]]+"/"+path[m[1]:], "$1"), converted, true
		}},
	{name: "TypePad", source: "https://www.typepad.com/services/apidocs/objecttypes/ImageLink", mark: "/.a/",
		reduce: typePad},
	{name: "Discourse", source: "https://meta.discourse.org/t/uploads/13410", mark: "/optimized/",
		reduce: func(path string) (string, int, bool) {
			m := discourseSize.FindStringSubmatch(path)
			if m == nil {
				return path, Unsized, false
			}
			return strings.Replace(strings.Replace(path, m[0], "", 1), "/optimized/", "/original/", 1),
				Pixels(m[1]), true
		}},
	{name: "MediaWiki", source: "https://www.mediawiki.org/wiki/Manual:Thumb.php", mark: "/thumb/",
		reduce: func(path string) (string, int, bool) {
			m := wikiThumb.FindStringSubmatchIndex(path)
			if m == nil {
				return path, Unsized, false
			}
			return strings.Replace(path[:m[0]], "/thumb/", "/", 1), Pixels(path[m[2]:m[3]]), true
		}},
	{name: "Mastodon", source: "https://docs.joinmastodon.org/entities/MediaAttachment/",
		mark: "/media_attachments/files/", reduce: func(path string) (string, int, bool) {
			if small := strings.Replace(path, "/small/", "/original/", 1); small != path {
				return small, 640, true
			}
			return path, Unsized, false
		}},
	{name: "Gatsby", source: "https://www.gatsbyjs.com/docs/how-to/images-and-media/", mark: "/static/",
		reduce: func(path string) (string, int, bool) {
			m := gatsbyFolder.FindStringSubmatchIndex(path)
			if m == nil {
				return path, Unsized, false
			}
			return path[:m[3]] + path[m[1]-1:], converted, true
		}, anyFormat: true},
	{name: "Kirby", source: "https://getkirby.com/docs/reference/objects/cms/file/thumb", mark: "/media/",
		reduce: func(path string) (string, int, bool) {
			if !kirbyFolder.MatchString(path) {
				return path, Unsized, false
			}
			return inName(kirbySize)(path)
		}},
	{name: "Craft", source: "https://craftcms.com/docs/5.x/development/image-transforms.html", mark: "/_",
		reduce: func(path string) (string, int, bool) {
			m := craftFolder.FindStringSubmatchIndex(path)
			if m == nil {
				return path, Unsized, false
			}
			return path[:m[0]] + path[m[1]-1:], max(Pixels(path[m[2]:m[3]]), 1), true
		}},
	{name: "SPIP", source: "https://programmer.spip.net/Traitement-d-images", mark: "/local/cache-vignettes/",
		anyQuery: true, reduce: spip},
	{name: "Astro", source: "https://docs.astro.build/en/guides/images/", mark: "/_astro/", anyFormat: true,
		reduce: func(path string) (string, int, bool) {
			dir, name, ext := splitPath(path)
			m := astroCopy.FindStringSubmatch(name)
			if m == nil {
				return path, Unsized, false
			}
			width := Unsized
			if m[2] != "" {
				width = converted
			}
			return dir + m[1] + ext, width, true
		}},
	{name: "Hugo", source: "https://gohugo.io/content-management/image-processing/", mark: "_hu",
		reduce: inName(hugoSize)},
	{name: "Eleventy", source: "https://www.11ty.dev/docs/plugins/image/", anyFormat: true, reduce: eleventy},
}

var (
	imageKitOptions = regexp.MustCompile(`/tr:[a-z]{1,3}-[^/]+`)
	shopifySize     = regexp.MustCompile(
		`(?i)_(?:(\d{2,4})x\d{0,4}|x\d{2,4}|pico|icon|thumb|small|compact|medium|large|grande|original|master)(?:_crop_[a-z]+)?(?:@\dx)?(?:\.progressive)?$`)
	googleSize = regexp.MustCompile(
		`^(?:s\d{1,4}(?:-[a-z0-9-]+)?|w\d{1,4}(?:-h\d{1,4})?(?:-[a-z0-9-]+)?|h\d{1,4}(?:-[a-z0-9-]+)?)$`)
	googleWidth   = regexp.MustCompile(`^[sw](\d{1,4})`)
	flickrName    = regexp.MustCompile(`^(\d{3,})_[0-9a-f]{6,}(?:_([a-z0-9]{1,2}))?(?:_d)?$`)
	tumblrName    = regexp.MustCompile(`^(tumblr_[A-Za-z0-9_]+?)_(\d{2,4})(?:sq)?$`)
	tumblrFolder  = regexp.MustCompile(`/s(\d{2,4})x\d{2,4}(?:_c\d)?/[^/]+$`)
	mediumSize    = regexp.MustCompile(`/(?:max|resize:(?:fit|fill)|fit/[a-z])[/:](\d{2,5})`)
	thumborOption = regexp.MustCompile(
		`^(?:unsafe|thumbor|smart|fit-in|adaptive-fit-in|full-fit-in|trim|meta|filters:.*|-?\d{0,4}x-?\d{0,4}|top|bottom|left|right|center|middle|[A-Za-z0-9_-]{27}=)$`)
	thumborSize     = regexp.MustCompile(`^-?(\d{0,4})x-?\d{0,4}$`)
	ghostSize       = regexp.MustCompile(`/content/images/size/w(\d+)(?:h\d+)?/(?:format/[a-z]+/)?`)
	wordPressCopy   = regexp.MustCompile(`(?:-scaled|-rotated|-e\d{10,}|@\dx)+$`)
	uploadFolder    = regexp.MustCompile(`/uploads/(?:sites/\d+/)?(?:19|20)\d\d/\d\d/`)
	drupalStyle     = regexp.MustCompile(`/styles/[^/]+/(?:public|private|s3)/`)
	doubleExtension = regexp.MustCompile(`(?i)(\.(?:jpe?g|png|gif))\.(?:webp|avif|jpe?g|png)$`)
	typePadName     = regexp.MustCompile(`^(/\.a/[0-9a-f]{20,})(?:-(?:(\d{2,4})(?:wi|hi|si|pi)|pi))?$`)
	discourseSize   = regexp.MustCompile(`_\d_(\d{2,4})x\d{2,4}`)
	wikiThumb       = regexp.MustCompile(`/(\d{2,4})px-[^/]+$`)
	gatsbyFolder    = regexp.MustCompile(`/static/([0-9a-f]{32})/[0-9a-f]{5,8}/`)
	kirbyFolder     = regexp.MustCompile(`/media/(?:pages|site|users|plugins)/(?:.*/)?[0-9a-f]{8,10}-\d{9,10}/[^/]+$`)
	kirbySize       = regexp.MustCompile(
		`(?:-(\d{2,4})x\d{0,4}|-x\d{2,4})(?:-crop(?:-[a-z-]+)?)?(?:-blur\d*)?(?:-bw)?(?:-q\d+)?(?:-sharpen\d*)?$|(?:-crop(?:-[a-z-]+)?)?-q\d+$`)
	craftFolder = regexp.MustCompile(`/_(\d+|AUTO)x(?:\d+|AUTO)_(?:crop|fit|stretch|letterbox)_[^/]+/`)
	spipCopy    = regexp.MustCompile(
		`^(.*)/local/cache-vignettes/L(\d+)xH\d+/([^/]+)-[0-9a-f]{5}\.(jpg|png|gif|webp)$`)
	astroCopy      = regexp.MustCompile(`^(.+\.[A-Za-z0-9-][A-Za-z0-9_-]{7})(_[A-Za-z0-9]{4,7})?$`)
	hugoSize       = regexp.MustCompile(`_hu_?[0-9a-f]{8,}(?:_\d+_(\d{1,5})x\d{1,5}_[a-z0-9_]+)?$`)
	eleventyName   = regexp.MustCompile(`^([A-Za-z0-9_-]{10})-(\d{2,5})$`)
	transformation = regexp.MustCompile(`^(?:[a-z]{1,3}_[^/]*|v\d+)$`)
	widthSetting   = regexp.MustCompile(`(?:^|[,/:])w[_:](\d{2,5})`)
)

// flickrWidths are the widths that the letters at the end of a Flickr name stand for.
var flickrWidths = map[string]int{"s": 75, "q": 150, "t": 100, "m": 240, "n": 320, "w": 400, "": 500, "z": 640,
	"c": 800, "b": 1024, "h": 1600,
	"k": 2048, "3k": 3072, "4k": 4096, "f": 4096, "5k": 5120, "6k": 6144, "o": Unsized}

func valueOf(name string) func(*url.URL) string {
	return func(u *url.URL) string {
		inner := u.Query().Get(name)
		if inner == "" || isWeb(inner) {
			return inner
		}
		return sibling(u, inner)
	}
}

// sibling returns the address of ref on the host of u.
func sibling(u *url.URL, ref string) string {
	r, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	return u.ResolveReference(r).String()
}

func widthOption(options string) int {
	if m := widthSetting.FindStringSubmatch(options); m != nil {
		return Pixels(m[1])
	}
	return converted
}

// inName removes what re matches from the file name before its extension. Its first group is a width.
func inName(re *regexp.Regexp) func(string) (string, int, bool) {
	return func(path string) (string, int, bool) {
		dir, name, ext := splitPath(path)
		m := re.FindStringSubmatchIndex(name)
		if m == nil || m[0] == 0 {
			return path, Unsized, false
		}
		width := converted
		if m[2] >= 0 && Pixels(name[m[2]:m[3]]) > 0 {
			width = Pixels(name[m[2]:m[3]])
		}
		return dir + name[:m[0]] + ext, width, true
	}
}

// splitPath returns the folder with its slash, the file name without extension, and the extension of a picture
// with its dot.
func splitPath(path string) (dir, name, ext string) {
	i := strings.LastIndexByte(path, '/') + 1
	dir, name = path[:i], path[i:]
	if j := strings.LastIndexByte(name, '.'); j >= 0 {
		switch end := strings.ToLower(name[j:]); end {
		case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic", ".jpe", ".tif", ".tiff":
			name, ext = name[:j], end
		}
	}
	return dir, name, ext
}

func cloudinary(path string) (string, int, bool) {
	before, after, _ := strings.Cut(path, "/upload/")
	if !strings.HasSuffix(before, "/image") && !strings.HasSuffix(before, "/video") {
		return path, Unsized, false
	}
	width := Unsized
	for {
		option, rest, ok := strings.Cut(after, "/")
		if !ok || !transformation.MatchString(option) {
			return before + "/upload/" + after, width, true
		}
		if option[0] != 'v' {
			width = widthOption(option)
		}
		after = rest
	}
}

func blogger(path string) (string, int, bool) {
	if i := strings.LastIndexByte(path, '='); i >= 0 && googleSize.MatchString(path[i+1:]) {
		return path[:i], googlePixels(path[i+1:]), true
	}
	dir, name, ext := splitPath(path)
	parent, folder := dir[:max(len(dir)-1, 0)], ""
	if i := strings.LastIndexByte(parent, '/'); i >= 0 {
		parent, folder = parent[:i+1], parent[i+1:]
	}
	if !googleSize.MatchString(folder) {
		return path, Unsized, false
	}
	return parent + name + ext, googlePixels(folder), true
}

// googlePixels reads "s1600" and "w400-h300"; s0 is the original.
func googlePixels(size string) int {
	if m := googleWidth.FindStringSubmatch(size); m != nil {
		return Pixels(m[1])
	}
	return converted
}

func flickr(path string) (string, int, bool) {
	_, name, _ := splitPath(path)
	m := flickrName.FindStringSubmatch(name)
	if m == nil {
		return path, Unsized, false
	}
	return "/" + m[1], flickrWidths[m[2]], true
}

func tumblr(path string) (string, int, bool) {
	if m := tumblrFolder.FindStringSubmatchIndex(path); m != nil {
		return path[:m[0]], Pixels(path[m[2]:m[3]]), true
	}
	_, name, _ := splitPath(path)
	if m := tumblrName.FindStringSubmatch(name); m != nil {
		return "/" + m[1], Pixels(m[2]), true
	}
	return path, Unsized, false
}

// thumbor reads /unsafe/300x200/smart/filters:…/PATH and its signed form, where PATH may begin with a host.
func thumbor(path string) (string, int, bool) {
	if !strings.Contains(path, "unsafe/") && !strings.Contains(path, "=/") {
		return path, Unsized, false
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part != "unsafe" && !(len(part) >= 4 && part[len(part)-1] == '=') {
			continue
		}
		width := converted
		sized := false
		j := i + 1
		for ; j < len(parts)-1 && thumborOption.MatchString(parts[j]); j++ {
			sized = true
			if m := thumborSize.FindStringSubmatch(parts[j]); m != nil && Pixels(m[1]) > 0 {
				width = Pixels(m[1])
			}
		}
		if !sized {
			return path, Unsized, false
		}
		return "/" + strings.Join(parts[j:], "/"), width, true
	}
	return path, Unsized, false
}

// wordPress removes -300x200, -scaled and the like. WordPress makes no copy of at most 99 pixels on both sides, but
// people name prints and screens so.
func wordPress(path string) (string, int, bool) {
	dir, name, ext := splitPath(path)
	width := Unsized
	short := name
	if size, ok := sizeAtEnd(short); ok && size.large() && short[size.at] == '-' &&
		!strings.ContainsAny(short[size.at:], "XC") {
		short, width = short[:size.at], Pixels(size.width)
	}
	if mayBeCopy(short) {
		short = wordPressCopy.ReplaceAllString(short, "")
	}
	if short == "" || short == name {
		return path, Unsized, false
	}
	return dir + short + ext, width, true
}

// mayBeCopy spares most names the look of wordPressCopy.
func mayBeCopy(name string) bool {
	if name == "" {
		return false
	}
	switch last := name[len(name)-1]; {
	case last == 'd':
		return strings.HasSuffix(name, "-scaled") || strings.HasSuffix(name, "-rotated")
	case last == 'x':
		return strings.Contains(name, "@")
	default:
		return last >= '0' && last <= '9' && strings.Contains(name, "-e")
	}
}

// typePad reads the names that TypePad gives on any host: the digits of the asset, and -500wi, -120hi or -75si
// for a copy. Without them, or with -pi, it is the original; -popup is a page.
func typePad(path string) (string, int, bool) {
	m := typePadName.FindStringSubmatch(path)
	if m == nil {
		return path, Unsized, false
	}
	return m[1], Pixels(m[2]), true
}

// spip returns the place of the original of a picture in its folder of copies.
func spip(path string) (string, int, bool) {
	m := spipCopy.FindStringSubmatch(path)
	if m == nil {
		return path, Unsized, false
	}
	return m[1] + "/IMG/" + m[4] + "/" + m[3] + "." + m[4], Pixels(m[2]), true
}

// eleventy knows the names that its image plugin makes: ten random characters, a width, and any format.
func eleventy(path string) (string, int, bool) {
	dir, name, ext := splitPath(path)
	if len(name) < 13 || name[10] != '-' {
		return path, Unsized, false // which most are, and which is found out faster
	}
	m := eleventyName.FindStringSubmatch(name)
	if ext == "" || m == nil || !strings.ContainsAny(m[1], "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ||
		m[1] == strings.ToUpper(m[1]) || m[1] == strings.ToLower(m[1]) {
		return path, Unsized, false
	}
	return dir + m[1], Pixels(m[2]), true
}
