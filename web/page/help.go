package page

import (
	"bytes"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmtext "github.com/yuin/goldmark/text"

	"postern/docs"
)

// guideView is a page of the documentation, rendered from our own Markdown to HTML.
type guideView struct {
	frame
	HTML string
}

// guidePage shows docs/instagram-setup.md. The frame contains the title and the text contains the heading.
func (s *Server) guidePage(w http.ResponseWriter, r *http.Request) error {
	v := guideView{frame: s.frame(r, "Connecting Instagram", "accounts"), HTML: s.guide}
	v.Sheet = s.assets.address["guide.css"]
	return s.render(w, r, http.StatusOK, guideTempl(v))
}

// guidePicture serves one of the drawings in the guide.
func (s *Server) guidePicture(w http.ResponseWriter, r *http.Request) error {
	b, err := docs.Pictures.ReadFile("instagram/" + path.Base(r.PathValue("name")))
	if err != nil {
		http.NotFound(w, r)
		return nil
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "private, max-age=3600")
	// Opened on its own, a drawing has its colours in a style element, so the policy allows inline styles and nothing
	// else.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	return nil
}

// renderGuide converts the guide to HTML. Headings get the same anchors as on the repository's site, and pictures get
// their URLs on this server. Raw HTML in the Markdown is dropped.
func renderGuide(source []byte) (string, error) {
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	tree := md.Parser().Parse(gmtext.NewReader(source))
	err := ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if img, ok := n.(*ast.Image); ok && entering {
			name, ours := strings.CutPrefix(string(img.Destination), "instagram/")
			if _, err := docs.Pictures.ReadFile("instagram/" + name); !ours || err != nil {
				return ast.WalkStop, fmt.Errorf("page: the guide has no picture %s", img.Destination)
			}
			img.Destination = []byte("/help/pictures/" + name)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = md.Renderer().Render(&b, source, tree)
	return b.String(), err
}
