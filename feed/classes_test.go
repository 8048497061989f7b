package feed

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func TestKindsOfClasses(t *testing.T) {
	t.Parallel()
	for class, want := range map[string]classKinds{
		"":                            0,
		"wp-smiley":                   pictureClass,
		"big WP-Smiley":               pictureClass,
		"a\tsr-only\nb":               hiddenClass,
		"not-sr-only":                 0,
		"twitter-tweet":               pictureClass | embedClass,
		"reddit-embed-bq":             embedClass,
		"sd-sharing-enabled":          blockClass,
		"a2a_kit":                     blockClass,
		"related":                     blockClass,
		"site__related-posts":         blockClass,
		"post_related_entries":        blockClass,
		"relatedlinks":                blockClass,
		"related-related":             blockClass,
		"unrelated":                   0,
		"interrelated-posts":          0,
		"related-":                    0,
		"related--posts":              0,
		"related-works":               0,
		"similar-posts":               blockClass,
		"box_recommended-articles":    blockClass,
		"popular_stories":             blockClass,
		"similar":                     0,
		"similar-":                    0,
		"similar-links":               0,
		"recommended-products":        0,
		"dissimilar-posts":            0,
		"quote footnote-ref anchor":   quoteClass | noteClass | anchorClass,
		"share-buttons\u00A0of-mine":  0, // a no-break space does not separate classes in HTML
		"social-share-link emojified": blockClass,
	} {
		n := &html.Node{Type: html.ElementNode, DataAtom: atom.Div, Data: "div",
			Attr: []html.Attribute{{Key: "class", Val: class}}}
		require.Equal(t, want, kindsOfClasses(n), class)
		require.Equal(t, want&blockClass != 0, hasClass(n, blockClass), class)
	}
}

func TestLongClassIsCut(t *testing.T) {
	t.Parallel()
	const last = "last-that-fits"
	fits := strings.Repeat("x ", (maxClasses-len(last)-1)/2) + last
	for class, want := range map[string]string{
		fits:                              fits,
		fits + " sr-only":                 fits + " ",
		strings.Repeat("x", 2*maxClasses): "",
	} {
		doc := parseHTML(`<p id="`+strings.Repeat("x ", maxClasses)+`" class="`+class+`">Fog</p>`, false)
		p := firstElement(doc, atom.P)
		got, _ := attr(p, "class")
		require.Equal(t, want, got)
		id, _ := attr(p, "id")
		require.Len(t, id, 2*maxClasses, "only the class attribute is cut")
		require.Equal(t, "Fog", renderText(doc, textOptions{}))
	}
}
