package feed

import (
	"iter"
	"strings"

	"golang.org/x/net/html"
)

// classKinds is a set of purposes for which publishing programs use a class.
type classKinds uint16

const (
	blockClass   classKinds = 1 << iota // content around or after a post: buttons, related posts, cards of other pages
	pictureClass                        // a picture that does not belong to the post, although text next to it may
	quoteClass                          // a quotation of another post in a forum reply
	hiddenClass                         // text for screen readers only
	noteClass                           // a link to a footnote or back from it
	anchorClass                         // the link that a program adds to a heading
	embedClass                          // an embedded post of another network; its text is used, but not its author's name
	passwordForm                        // the form that WordPress shows instead of a protected post
	subscribeBox                        // the box that Ghost shows instead of a post for subscribers
	cipherBox                           // an encrypted text
)

// knownClasses maps class names to their purposes.
var knownClasses = func() map[string]classKinds {
	known := map[string]classKinds{}
	for kind, names := range map[classKinds][]string{
		blockClass: strings.Fields(`feedflare sharedaddy jp-relatedposts crp_related mf-viral share-button share-buttons share-link share-links
			social-share-button social-share-buttons social-share-link social-share-links social-icon social-icons social-link social-links social-share
			post-tags embedded-post digest-post-embed button-wrapper kg-button-card kg-audio-card kg-signup-card kg-file-card kg-bookmark-card
			kg-bookmark-container kg-video-overlay kg-video-player-container relsyn syndication-links rt-reading-time bsf-rt-reading-time
			pvc_stats post-views post-ratings kk-star-ratings slick-cloned swiper-slide-duplicate
			toc table-of-contents tableofcontents ez-toc-title ez-toc-title-container wp-block-file__button`),
		pictureClass: strings.Fields(`wp-smiley emoji emojione emojify smiley smilies avatar gravatar author-avatar latex tex mathjax
			kg-bookmark-icon kg-bookmark-thumbnail h-card p-author h-cite twitter-tweet twitter-video
			instagram-media tiktok-embed bluesky-embed mastodon-embed fb-post gmail_quote u-in-reply-to u-quotation-of onebox onebox-avatar
			site-icon favicon wp-block-embed__icon tracking pixel`),
		quoteClass: strings.Fields(`quote`),
		hiddenClass: strings.Fields(`sr-only screen-reader-text screen-reader-only visuallyhidden visually-hidden assistive-text u-hidden-visually show-for-sr
			offscreen skip-link lnt lineno linenos linenodiv hljs-ln-numbers line-numbers-rows mw-editsection filename informations`),
		noteClass: strings.Fields(`footnoteref footnote-ref footnoteback footnote-back footnotebackref footnote-backref footnotebacklink footnote-backlink
			footnote-return footnote-anchor footnote-number reversefootnote fnref fn-ref sidenote-number data-footnote-backref`),
		anchorClass: strings.Fields(`headerlink headeranchor header-anchor headinganchor heading-anchor headinglink heading-link hashlink hash-link
			anchor anchorjs-link anchorlink anchor-link permalink direct-link td-heading-self-link zola-anchor`),
		embedClass: strings.Fields(`twitter-tweet twitter-video bluesky-embed mastodon-embed tiktok-embed instagram-media
			text-post-media fb-post`),
		passwordForm: {"post-password-form"}, subscribeBox: {"gh-post-upgrade-cta"},
		cipherBox: {"hugo-encryptor-container"},
	} {
		for _, name := range names {
			known[name] |= kind
		}
	}
	return known
}()

// classBeginnings are prefixes of class names to which programs add a number or a suffix.
var classBeginnings = []struct {
	begin string
	kind  classKinds
}{
	{"shariff", blockClass}, {"heateor", blockClass}, {"ssba", blockClass}, {"essb_", blockClass},
	{"mashsb", blockClass}, {"addthis", blockClass},
	{"sharethis", blockClass}, {"shared-counts", blockClass}, {"social-share", blockClass},
	{"wp-block-jetpack-subscriptions", blockClass}, {"ez-toc-v", blockClass}, {"lwptoc", blockClass},
	{"sd-sharing", blockClass}, {"yarpp", blockClass}, {"addtoany", blockClass}, {"a2a_", blockClass},
	{"subscription-widget", blockClass}, {"reddit-embed", embedClass},
}

// kindsOf returns the purposes of one class.
func kindsOf(class string) classKinds {
	class = strings.ToLower(class)
	kinds := knownClasses[class]
	for _, b := range classBeginnings {
		if strings.HasPrefix(class, b.begin) {
			kinds |= b.kind
		}
	}
	if isRelated(class) {
		kinds |= blockClass
	}
	return kinds
}

// relatedEnds are the words that may follow "related" in the class of a list of related posts. postEnds are the
// words that may follow a less specific word such as "recent".
var (
	relatedEnds = wordSet(strings.Fields("post posts article articles content link links stories entries"))
	postEnds    = wordSet(strings.Fields("posts articles stories entries"))
)

// isRelated reports whether a class is "related", "related-posts", "similar-posts" or the like, possibly after
// another word.
func isRelated(class string) bool {
	if after, ok := wordInClass(class, "related"); ok {
		return after == "" || relatedEnds[after]
	}
	if !strings.HasSuffix(class, "s") {
		return false
	}
	for _, word := range []string{"similar", "recommended", "recent", "popular"} {
		if after, ok := wordInClass(class, word); ok {
			return postEnds[after]
		}
	}
	return false
}

// wordInClass returns what follows a word in a class, without the separator. The word must be at the beginning of
// the class or after a hyphen or underscore; otherwise ok is false.
func wordInClass(class, word string) (after string, ok bool) {
	i := strings.LastIndex(class, word)
	if i < 0 {
		return "", false
	}
	before, after := class[:i], class[i+len(word):]
	if before != "" && !strings.HasSuffix(before, "-") && !strings.HasSuffix(before, "_") {
		return "", false
	}
	if after != "" && (after[0] == '-' || after[0] == '_') {
		if after = after[1:]; after == "" {
			return "-", true
		}
	}
	return after, true
}

// classes iterates over the classes of an element.
func classes(n *html.Node) iter.Seq[string] {
	return func(yield func(string) bool) {
		rest, _ := attr(n, "class")
		for {
			from := 0
			for from < len(rest) && isHTMLSpace(rest[from]) {
				from++
			}
			end := from
			for end < len(rest) && !isHTMLSpace(rest[end]) {
				end++
			}
			if end == from || !yield(rest[from:end]) {
				return
			}
			rest = rest[end:]
		}
	}
}

// kindsOfClasses returns the purposes of all classes of an element.
func kindsOfClasses(n *html.Node) (kinds classKinds) {
	for class := range classes(n) {
		kinds |= kindsOf(class)
	}
	return kinds
}

// hasClass reports whether an element has a class with one of these purposes.
func hasClass(n *html.Node, kinds classKinds) bool { return findClass(n, kinds) != "" }

// findClass returns the first class of an element with one of these purposes; "" if there is none.
func findClass(n *html.Node, kinds classKinds) string {
	for class := range classes(n) {
		if kindsOf(class)&kinds != 0 {
			return class
		}
	}
	return ""
}
