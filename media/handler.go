package media

import (
	"net/http"
	"os"
	"path"
	"strings"

	"postern/words"
)

var contentTypes = map[string]string{
	".jpg": "image/jpeg",
	".mp4": "video/mp4",
	".mov": "video/quicktime",
}

// ContentType returns the media type for the name of a file of the library, "" for other names.
func ContentType(name string) string { return contentTypes[path.Ext(name)] }

// CacheControl allows caches to keep a file of the library for a year, because its name is the hash of its content.
const CacheControl = "public, max-age=31536000, immutable"

// Handler serves the files under /media/{name} to Instagram's fetcher, which may request ranges of a video. It
// answers 404 to every other path. It lists nothing, never redirects and sets no cookies.
func (l *Library) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, words.MethodNotAllowed, http.StatusMethodNotAllowed)
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, "/media/")
		if !ok {
			notFound(w)
			return
		}
		p, err := l.Path(name)
		if err != nil {
			notFound(w)
			return
		}
		f, err := os.Open(p)
		if err != nil {
			notFound(w)
			return
		}
		defer f.Close()
		fi, err := f.Stat()
		if err != nil {
			notFound(w)
			return
		}
		h := w.Header()
		h.Set("Content-Type", ContentType(name))
		h.Set("ETag", `"`+strings.TrimSuffix(name, path.Ext(name))+`"`)
		h.Set("Cache-Control", CacheControl)
		h.Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, "", fi.ModTime(), f)
	})
}

func notFound(w http.ResponseWriter) {
	// The file may appear in a moment, so a cache must not store this answer.
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "not found", http.StatusNotFound)
}
