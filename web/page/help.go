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

// guideView is a page of the documentation, as HTML made of our own Markdown.
type guideView struct {
	frame
	HTML string
}

// guidePage shows docs/instagram-setup.md. The frame has the title, the text its heading.
func (s *Server) guidePage(w http.ResponseWriter, r *http.Request) error {
	v := guideView{frame: s.frame(r, "Connecting Instagram", "accounts"), HTML: s.guide}
	v.Sheet = s.assets.address["guide.css"]
	return s.render(w, r, http.StatusOK, guideTempl(v))
}

// guidePicture serves one of the guide's drawings.
func (s *Server) guidePicture(w http.ResponseWriter, r *http.Request) error {
	b, err := docs.Pictures.ReadFile("instagram/" + path.Base(r.PathValue("name")))
	if err != nil {
		http.NotFound(w, r)
		return nil
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "private, max-age=3600")
	// Looked at by itself a drawing is a page, whose colours are in a style element: nothing else may be.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	return nil
}

// renderGuide turns the guide into HTML, once. Its headings get the anchors that they have where the repository
// is read, and its pictures the addresses they have here. HTML within the Markdown is left out.
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
