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

// ContentType is the type of a file of the library, by its name.
func ContentType(name string) string { return contentTypes[path.Ext(name)] }

// CacheControl is how long a file of the library may be kept by others: its name is its content.
const CacheControl = "public, max-age=31536000, immutable"

// Handler serves the files under /media/{name}, for Instagram's fetcher, which
// may ask for ranges of a video. Whatever else is asked for is 404; nothing is
// listed, nothing redirects, no cookie is set.
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
	// The file may be there in a moment; a cache in front must not say otherwise.
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "not found", http.StatusNotFound)
}
