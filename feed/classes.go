package feed

import (
	"iter"
	"strings"

	"golang.org/x/net/html"
)

// classKinds says what publishing programs use a class for.
type classKinds uint16

const (
	blockClass   classKinds = 1 << iota // around or after a post: buttons, related posts, boxes about other pages
	pictureClass                        // a picture that is not the post's, though words beside it may be
	quoteClass                          // the quotation of another post in a forum's reply
	hiddenClass                         // text that is only read out
	noteClass                           // a link to a footnote and the way back from it
	anchorClass                         // the link that a program adds to a heading
	embedClass                          // a post of another network, whose words are shown but not its author's
	passwordForm                        // the form that WordPress shows in place of a protected post
	subscribeBox                        // the box that Ghost shows in place of one
	cipherBox                           // an encrypted text
)

// knownClasses are the classes by their names.
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

// classBeginnings are the beginnings of names that programs number or lengthen.
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

// kindsOf returns what one class is used for.
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

// relatedEnds are what may follow in the class of a list of related posts, postEnds what follows where the word before
// it speaks of other things, too.
var (
	relatedEnds = wordSet(strings.Fields("post posts article articles content link links stories entries"))
	postEnds    = wordSet(strings.Fields("posts articles stories entries"))
)

// isRelated reports whether a class is "related" or "related-posts", "similar-posts" and the like, also behind another
// word.
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

// wordInClass returns what follows a word at the beginning of a class or behind a hyphen or underscore in it, without
// the mark between them.
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

// classes returns the classes of an element.
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

// kindsOfClasses returns what all classes of an element are used for.
func kindsOfClasses(n *html.Node) (kinds classKinds) {
	for class := range classes(n) {
		kinds |= kindsOf(class)
	}
	return kinds
}

// hasClass reports whether an element has a class of one of these kinds.
func hasClass(n *html.Node, kinds classKinds) bool { return findClass(n, kinds) != "" }

// findClass returns the first class of an element that is of one of these kinds; "" for none.
func findClass(n *html.Node, kinds classKinds) string {
	for class := range classes(n) {
		if kindsOf(class)&kinds != 0 {
			return class
		}
	}
	return ""
}
