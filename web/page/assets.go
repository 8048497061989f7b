package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed assets
var files embed.FS

// scripts are concatenated into one file in this order. In separate files htmx could process a page before its
// extension is loaded, and that page would never receive events.
var scripts = []string{"htmx.min.js", "hx-sse.min.js", "events.js", "local.js", "edit.js"}

// The stylesheet is served without comments and without whitespace around punctuation.
var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s*([{};])\s*`)
)

// assets serves the embedded files under names that contain their hash, so that browsers may cache them indefinitely.
type assets struct {
	byName  map[string][]byte
	address map[string]string // "style.css" → "/assets/style.0123456789ab.css"
}

func loadAssets() (assets, error) {
	a := assets{byName: map[string][]byte{}, address: map[string]string{}}
	list, err := files.ReadDir("assets")
	if err != nil {
		return a, fmt.Errorf("reading the embedded files: %w", err)
	}
	for _, f := range list {
		b, err := files.ReadFile("assets/" + f.Name())
		if err != nil {
			return a, fmt.Errorf("reading the embedded files: %w", err)
		}
		if path.Ext(f.Name()) == ".css" {
			b = cssSpace.ReplaceAll(cssComment.ReplaceAll(b, nil), []byte("$1"))
		}
		if !slices.Contains(scripts, f.Name()) {
			a.add(f.Name(), b)
		}
	}
	var all []byte
	for _, name := range scripts {
		b, err := files.ReadFile("assets/" + name)
		if err != nil {
			return a, fmt.Errorf("reading the embedded files: %w", err)
		}
		all = append(append(all, b...), ";\n"...)
	}
	a.add("page.js", all)
	return a, nil
}

func (a assets) add(name string, b []byte) {
	sum := sha256.Sum256(b)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.byName[hashed], a.address[name] = b, "/assets/"+hashed
}

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	b, ok := a.byName[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // The name changes with the content.
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
}
